"""Reserved concurrency."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.operations.names import named
from lambda_states_mock.operations.provisioned_concurrency import provisioned_for
from lambda_states_mock.operations.world import Call, Params, View, operation
from lambda_states_mock.service_errors import RESERVED_UNDER_PROVISIONED, UNRESERVED_TOO_SMALL
from lambda_states_mock.store import Partition


@operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, params: Params) -> View:
    wanted = named(call, params)
    function, reserved = wanted.function_alone(), params["ReservedConcurrentExecutions"]
    limits = call.world.limits
    others = reserved_concurrency(wanted.partition) - (function.reserved_concurrency or 0)
    if limits.concurrent_executions - others - reserved < limits.unreserved_minimum and reserved > 0:
        raise UNRESERVED_TOO_SMALL.error(minimum=limits.unreserved_minimum)
    provisioned = provisioned_for(wanted.partition, wanted.name)
    if reserved < provisioned:
        raise RESERVED_UNDER_PROVISIONED.error(reserved=reserved, provisioned=provisioned)
    wanted.partition.functions.put(wanted.name, replace(function, reserved_concurrency=reserved))
    return {"ReservedConcurrentExecutions": reserved}


def reserved_concurrency(partition: Partition) -> int:
    """Return what all functions of *partition* have reserved together."""
    return sum(function.reserved_concurrency or 0 for function in partition.functions)


@operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, params: Params) -> View:
    reserved = named(call, params).function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call, params: Params) -> View:
    wanted = named(call, params)
    wanted.partition.functions.put(wanted.name, replace(wanted.function_alone(), reserved_concurrency=None))
    return {}
