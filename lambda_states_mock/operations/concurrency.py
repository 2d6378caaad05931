"""Reserved concurrency."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.invocation.names import named
from lambda_states_mock.operations.provisioned_concurrency import provisioned_for, unreserved
from lambda_states_mock.service import Call, Params, View, operation
from lambda_states_mock.service_errors import RESERVED_UNDER_PROVISIONED, UNRESERVED_TOO_SMALL


@operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, params: Params) -> View:
    wanted = named(call, params)
    function, reserved = wanted.function_alone(), params["ReservedConcurrentExecutions"]
    limits = call.service.limits
    left = unreserved(call.service, wanted.partition, apart_from=wanted.name)
    if left - reserved < limits.unreserved_minimum and reserved > 0:
        raise UNRESERVED_TOO_SMALL.error(minimum=limits.unreserved_minimum)
    provisioned = provisioned_for(wanted.partition, wanted.name)
    if reserved < provisioned:
        raise RESERVED_UNDER_PROVISIONED.error(reserved=reserved, provisioned=provisioned)
    wanted.partition.functions.put(wanted.name, replace(function, reserved_concurrency=reserved))
    return {"ReservedConcurrentExecutions": reserved}


@operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, params: Params) -> View:
    reserved = named(call, params).function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call, params: Params) -> View:
    wanted = named(call, params)
    wanted.partition.functions.put(wanted.name, replace(wanted.function_alone(), reserved_concurrency=None))
    return {}
