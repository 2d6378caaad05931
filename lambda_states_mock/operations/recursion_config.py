"""Whether a function that invokes itself in a circle is stopped."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View


@operation("GetFunctionRecursionConfig")
def get_function_recursion_config(call: Call, params: Params) -> View:
    return {"RecursiveLoop": call.named(params).function().recursive_loop}


@operation("PutFunctionRecursionConfig")
def put_function_recursion_config(call: Call, params: Params) -> View:
    wanted, loop = call.named(params), params["RecursiveLoop"]
    wanted.partition.functions.put(wanted.name, replace(wanted.function(), recursive_loop=loop))
    return {"RecursiveLoop": loop}
