"""Reserved concurrency."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.lifecycles.provisioned_concurrency import requested_for
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import RESERVED_UNDER_PROVISIONED, UNRESERVED_TOO_SMALL


@operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, params: Params) -> View:
    wanted = call.named(params)
    function, reserved = wanted.function_alone(), params["ReservedConcurrentExecutions"]
    limits = call.service.limits
    left = call.service.provisioned.unreserved(wanted.partition, but=wanted.name)
    if left - reserved < limits.unreserved_minimum and reserved > 0:
        raise UNRESERVED_TOO_SMALL.error(minimum=limits.unreserved_minimum)
    provisioned = requested_for(wanted.partition, wanted.name)
    if reserved < provisioned:
        raise RESERVED_UNDER_PROVISIONED.error(reserved=reserved, provisioned=provisioned)
    wanted.partition.functions.put(wanted.name, replace(function, reserved_concurrency=reserved))
    return {"ReservedConcurrentExecutions": reserved}


@operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, params: Params) -> View:
    reserved = call.named(params).function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.partition.functions.put(wanted.name, replace(wanted.function_alone(), reserved_concurrency=None))
    return {}
