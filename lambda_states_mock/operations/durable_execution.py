"""Durable executions: what can be asked of them, and stopping one. How they go on is in `invocation.durable`."""

from __future__ import annotations

from types import MappingProxyType

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_owner
from lambda_states_mock.invocation.durable import pausing
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.invocation.durable.rules import check_error
from lambda_states_mock.invocation.durable.views import (
    event_view,
    execution_view,
    fitting,
    summary_view,
    visible_operations,
)
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.durable_execution import SAME_REQUEST, DurableExecution, Pause
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.shapes.data_keys import check_data_key
from lambda_states_mock.shapes.paging import page_of_list
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, ExecutionEvent


@operation("GetDurableExecution")
def get_durable_execution(call: Call, params: Params) -> View:
    return execution_view(durable_of(call, params), data=params.get("IncludeExecutionData", True))


@operation("GetDurableExecutionHistory")
def get_durable_execution_history(call: Call, params: Params) -> View:
    durable = durable_of(call, params)
    execution, history = durable.record, durable.history
    if params.get("ReverseOrder"):
        history.reverse()
    data = params.get("IncludeExecutionData", True)
    return page_of_list(
        call,
        history,
        params,
        "Events",
        lambda one: event_view(execution, one, data=data),
        place=lambda one: one.number,
        newest_first=params.get("ReverseOrder", False),
    )


@operation("GetDurableExecutionState")
def get_durable_execution_state(call: Call, params: Params) -> View:
    durable = durable_of(call, params, texts.EXECUTION_NOT_FOUND_FOR_CHECKPOINT)
    if params["CheckpointToken"] != durable.record.token:
        raise texts.INVALID_CHECKPOINT_TOKEN.error()
    limit_bytes = call.service.limits.durable_state_bytes
    return page_of_list(
        call,
        visible_operations(durable),
        params,
        "Operations",
        lambda one: dict(one[1]),
        place=lambda one: one[0],
        fitting=lambda views: fitting(views, limit_bytes),
    )


@operation("ListDurableExecutionsByFunction")
def list_durable_executions_by_function(call: Call, params: Params) -> View:
    wanted = call.named(params)
    if wanted.qualifier is None:
        wanted.function()
    else:
        wanted.version()
    executions = [
        one for one in wanted.partition.durable_executions.under((wanted.name,)) if _chosen(call, params, one)
    ]
    if wanted.qualifier is not None:
        version = wanted.version().number
        executions = [
            one for one in executions if wanted.arn == one.function_arn or one.version == wanted.qualifier == version
        ]
    newest_first = not params.get("ReverseOrder")  # as the model says
    if newest_first:
        executions.reverse()
    return page_of_list(
        call,
        executions,
        params,
        "DurableExecutions",
        lambda one: summary_view(Durable(call.service.durable, wanted.partition, one.key)),
        place=lambda one: one.sequence,
        newest_first=newest_first,
    )


def _chosen(call: Call, params: Params, execution: DurableExecution) -> bool:
    name, statuses = params.get("DurableExecutionName"), params.get("Statuses")
    after, before = params.get("StartedAfter"), params.get("StartedBefore")
    if name and execution.name != name:
        return False
    if statuses and call.service.registry.of(DURABLE_EXECUTION, execution.arn).shown not in statuses:
        return False
    return (after is None or execution.started > after) and (before is None or execution.started < before)


@operation("StopDurableExecution")
def stop_durable_execution(call: Call, params: Params) -> View:
    check_error(params.get("Error"), call.service.limits)
    durable = durable_of(call, params)
    durable.end(ExecutionEvent.STOP_ASKED, error=params.get("Error"))
    return {"StopTimestamp": durable.record.ended}


@operation("PauseDurableExecution")
def pause_durable_execution(call: Call, params: Params) -> View:
    durable = durable_of(call, params)
    if not _asked_before(call, durable, params):
        call.service.registry.check(DURABLE_EXECUTION, durable.record.arn, ExecutionEvent.PAUSE_ASKED)
        _note(call, durable, params)
        pausing.pause(durable, Pause(call.now, params.get("ExecutionTimeoutPaused", True), params.get("Reason")))
    return {}


@operation("ResumeDurableExecution")
def resume_durable_execution(call: Call, params: Params) -> View:
    durable = durable_of(call, params)
    if not _asked_before(call, durable, params):
        call.service.registry.check(DURABLE_EXECUTION, durable.record.arn, ExecutionEvent.RESUME_ASKED)
        _note(call, durable, params)
        pausing.resume(durable, params.get("Reason"))
    return {}


def _asked_before(call: Call, durable: Durable, params: Params) -> bool:
    """Tell whether the same ClientToken has come within fifteen minutes."""
    at = durable.record.asked.get((call.operation, params.get("ClientToken", "")))
    return at is not None and call.now - at <= SAME_REQUEST


def _note(call: Call, durable: Durable, params: Params) -> None:
    """Note the ClientToken of a request that was accepted."""
    token = params.get("ClientToken")
    if token is not None:
        durable.change(asked=MappingProxyType({**durable.record.asked, (call.operation, token): call.now}))


@operation("DeleteDurableExecution")
def delete_durable_execution(call: Call, params: Params) -> View:
    durable = durable_of(call, params)
    execution = durable.record
    call.service.registry.check(DURABLE_EXECUTION, execution.arn, ExecutionEvent.DELETE_ASKED)
    execution = durable.change(deletion=execution.deletion or call.now)
    durable.fire(ExecutionEvent.DELETE_ASKED)
    return {"DeletionRequestTimestamp": execution.deletion}


def durable_of(call: Call, params: Params, missing: ErrorTemplate = texts.EXECUTION_NOT_FOUND) -> Durable:
    """Return the execution that DurableExecutionArn names.

    Raises *missing* if there is none, and a KMS exception where its data are asked for and its key cannot be used.
    """
    arn = params["DurableExecutionArn"]
    check_owner(call.service.world, call.operation, arn, call.caller)
    partition, function, name = call.partition, arn.split(":")[6], arn.split("/")[-2]
    sequence = partition.durable_names.get((function, name))
    if sequence is None or partition.durable_executions[function, sequence].arn != arn:
        raise missing.error(arn=arn)
    if params.get("IncludeExecutionData", True) and call.operation != "DeleteDurableExecution":
        check_data_key(call, partition.durable_executions[function, sequence])
    return Durable(call.service.durable, partition, (function, sequence))
