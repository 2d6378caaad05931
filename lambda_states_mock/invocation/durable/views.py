"""From durable executions, operations and histories to the shapes of AWS's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.instants import epoch_milliseconds
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.resources.durable_execution import DurableExecution, DurableOperation, HistoryEvent
from lambda_states_mock.states.durable_execution import OPEN_STATES, ExecutionState
from lambda_states_mock.states.durable_operation import CLOSED_STATUSES
from lambda_states_mock.store import marker_of

View = dict[str, Any]
_DATA = ("Input", "Result", "Error", "Reason")

_DETAILS = {
    "CONTEXT": "ContextDetails",
    "STEP": "StepDetails",
    "WAIT": "WaitDetails",
    "CALLBACK": "CallbackDetails",
    "CHAINED_INVOKE": "ChainedInvokeDetails",
}


def summary_view(durable: Durable) -> View:
    """Return an execution as lists give it."""
    execution = durable.record
    view: View = {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": execution.version_arn,
        "Status": durable.machine.shown,
        "StartTimestamp": execution.started,
    }
    if execution.ended is not None:
        view["EndTimestamp"] = execution.ended
    if execution.config.get("KMSKeyArn"):
        view["KMSKeyArn"] = execution.config["KMSKeyArn"]
    return view


def execution_view(durable: Durable, *, data: bool) -> View:
    """Return an execution as GetDurableExecution answers it; *data*: with payload, result and error."""
    execution, state = durable.record, durable.state
    view = summary_view(durable)
    view.pop("KMSKeyArn", None)
    view["Version"] = execution.version
    view["DurableConfig"] = dict(execution.config)
    view["ExecutionDataIncluded"] = data
    if state in OPEN_STATES:
        view["ExpectedExecutionTimeoutTimestamp"] = execution.times_out
    if execution.trace is not None:
        view["TraceHeader"] = {"XAmznTraceId": execution.trace}
    pause = execution.pause
    if pause is not None and state in (ExecutionState.PAUSING, ExecutionState.PAUSED):
        view["PauseDetails"] = {
            "PauseRequestTimestamp": pause.requested,
            "ExecutionTimeoutPaused": pause.timeout_paused,
            **({"Reason": pause.reason} if data and pause.reason is not None else {}),
        }
    if data:
        if execution.payload is not None:
            view["InputPayload"] = execution.payload
        view.update(_ending(execution.result, execution.error))
    return view


def event_view(execution: DurableExecution, event: HistoryEvent, *, data: bool) -> View:
    """Return an entry of a history; without *data*, inputs, results and errors are left out."""
    details = dict(event.details)
    if not data:
        details = {member: ({"Truncated": False} if member in _DATA else value) for member, value in details.items()}
    view: View = {
        "EventId": event.number,
        "EventType": event.type,
        "EventTimestamp": event.at,
        f"{event.type}Details": details,
    }
    if event.operation is not None:
        view.update(_naming(event.operation))
    elif event.type.startswith("Execution"):
        view["Id"] = execution.id
    return view


def visible_operations(durable: Durable) -> list[tuple[int, View]]:
    """Return the execution itself and its operations with their places, but for what is inside of a closed context.

    What is inside of one that was closed with ReplayChildren is there.
    """
    execution = durable.record
    details = {} if execution.payload is None else {"InputPayload": execution.payload}
    first: View = {
        "Id": execution.id,
        "Type": "EXECUTION",
        "StartTimestamp": execution.started,
        "Status": "STARTED",
        "ExecutionDetails": details,
    }
    hidden: set[str] = set()
    seen = [(0, first)]
    for one in durable.operations:
        inside = one.parent_id in hidden
        if inside or (one.type == "CONTEXT" and not one.replay_children and durable.status_of(one) in CLOSED_STATUSES):
            hidden.add(one.id)
        if not inside:
            seen.append((one.number, operation_view(durable, one)))
    return seen


def operations_of(durable: Durable, *, limit_bytes: int) -> tuple[list[View], str | None]:
    """Return the operations that fit into *limit_bytes* of JSON, and the marker at which the rest goes on."""
    seen = visible_operations(durable)
    page = fitting([view for _, view in seen], limit_bytes)
    if len(page) == len(seen):
        return page, None
    return page, marker_of([seen[len(page) - 1][0], epoch_milliseconds(durable.now)])


def fitting(views: list[View], limit_bytes: int) -> list[View]:
    """Return the first of *views* that fit into *limit_bytes* of JSON together, one at least."""
    size = 0
    for place, view in enumerate(views):
        size += len(json.dumps(view, default=str))
        if size > limit_bytes and place:
            return views[:place]
    return views


def operation_view(durable: Durable, operation: DurableOperation) -> View:
    """Return one operation with the details of its type."""
    machine = durable.machine_of(operation.id)
    view: View = {
        **_naming(operation),
        "Type": operation.type,
        "StartTimestamp": operation.started,
        "Status": machine.shown if machine is not None else None,
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
