"""From durable executions, operations and histories to the shapes of AWS's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.resources.durable_execution import DurableExecution, DurableOperation, HistoryEvent
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, OPEN_STATES, ExecutionState
from lambda_states_mock.states.durable_operation import DURABLE_OPERATION

View = dict[str, Any]
_DATA = ("Input", "Result", "Error", "Reason")

_DETAILS = {
    "CONTEXT": "ContextDetails",
    "STEP": "StepDetails",
    "WAIT": "WaitDetails",
    "CALLBACK": "CallbackDetails",
    "CHAINED_INVOKE": "ChainedInvokeDetails",
}


def operation_arn(execution: DurableExecution, operation_id: str) -> str:
    """Return by what name the state machine of an operation is kept; AWS has no ARN for it."""
    return f"{execution.arn}/{operation_id}"


def summary_view(registry: LifecycleRegistry, execution: DurableExecution) -> View:
    """Return an execution as lists give it."""
    view: View = {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": execution.function_arn,
        "Status": registry.of(DURABLE_EXECUTION, execution.arn).shown,
        "StartTimestamp": execution.started,
    }
    if execution.ended is not None:
        view["EndTimestamp"] = execution.ended
    if execution.config.get("KMSKeyArn"):
        view["KMSKeyArn"] = execution.config["KMSKeyArn"]
    return view


def execution_view(registry: LifecycleRegistry, execution: DurableExecution, *, data: bool) -> View:
    """Return an execution as GetDurableExecution answers it; *data*: with payload, result and error."""
    view = summary_view(registry, execution)
    view.pop("KMSKeyArn", None)
    view["Version"] = execution.version
    view["DurableConfig"] = dict(execution.config)
    view["ExecutionDataIncluded"] = data
    state = registry.of(DURABLE_EXECUTION, execution.arn).state
    if state in OPEN_STATES:
        view["ExpectedExecutionTimeoutTimestamp"] = execution.times_out
    pause = execution.pause
    if pause is not None and state in (ExecutionState.PAUSING, ExecutionState.PAUSED):
        view["PauseDetails"] = {
            "PauseRequestTimestamp": pause.requested,
            "ExecutionTimeoutPaused": pause.timeout_paused,
            **({"Reason": pause.reason} if data and pause.reason is not None else {}),
        }
    if data:
        view["InputPayload"] = execution.payload
        view.update(_ending(execution.result, execution.error))
    return view


def event_view(number: int, event: HistoryEvent, *, data: bool) -> View:
    """Return entry *number* of a history; without *data*, inputs, results and errors are left out."""
    details = dict(event.details)
    if not data:
        details = {member: ({"Truncated": False} if member in _DATA else value) for member, value in details.items()}
    view: View = {
        "EventId": number,
        "EventType": event.type,
        "EventTimestamp": event.at,
        f"{event.type}Details": details,
    }
    if event.operation is not None:
        view.update(_naming(event.operation))
    return view


def operations_of(registry: LifecycleRegistry, execution: DurableExecution) -> list[View]:
    """Return all operations of an execution, itself first."""
    first: View = {
        "Id": execution.arn.rsplit("/", 1)[-1],
        "Type": "EXECUTION",
        "StartTimestamp": execution.started,
        "Status": "STARTED",
        "ExecutionDetails": {"InputPayload": execution.payload},
    }
    return [first, *(operation_view(registry, execution, one) for one in execution.operations.values())]


def operation_view(registry: LifecycleRegistry, execution: DurableExecution, operation: DurableOperation) -> View:
    """Return one operation with the details of its type."""
    machine = registry.of(DURABLE_OPERATION, operation_arn(execution, operation.id))
    view: View = {
        **_naming(operation),
        "Type": operation.type,
        "StartTimestamp": operation.started,
        "Status": machine.shown,
    }
    if operation.ended is not None:
        view["EndTimestamp"] = operation.ended
    details = _details(operation)
    if details:
        view[_DETAILS[operation.type]] = details
    return view


def _naming(operation: DurableOperation) -> View:
    view: View = {"Id": operation.id}
    for member, value in (("ParentId", operation.parent_id), ("Name", operation.name), ("SubType", operation.sub_type)):
        if value is not None:
            view[member] = value
    return view


def _details(operation: DurableOperation) -> View:
    details: View = _ending(operation.result, operation.error)
    if operation.type == "STEP":
        details["Attempt"] = operation.attempt
        if operation.next_attempt is not None:
            details["NextAttemptTimestamp"] = operation.next_attempt
    elif operation.type == "WAIT":
        return {"ScheduledEndTimestamp": operation.ends}
    elif operation.type == "CALLBACK":
        details["CallbackId"] = operation.callback_id
    elif operation.type == "CONTEXT" and operation.replay_children:
        details["ReplayChildren"] = True
    return details


def _ending(result: str | None, error: Mapping[str, Any] | None) -> View:
    view: View = {}
    if result is not None:
        view["Result"] = result
    if error is not None:
        view["Error"] = dict(error)
    return view
