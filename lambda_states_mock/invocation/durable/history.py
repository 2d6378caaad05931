"""What the history of a durable execution says of its operations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from lambda_states_mock.resources.durable_execution import DurableOperation
from lambda_states_mock.states.durable_operation import CLOSED_STATUSES, OperationStatus

Details = dict[str, Any]

_ENDINGS = {
    OperationStatus.SUCCEEDED: "Succeeded",
    OperationStatus.FAILED: "Failed",
    OperationStatus.CANCELLED: "Cancelled",
    OperationStatus.TIMED_OUT: "TimedOut",
    OperationStatus.STOPPED: "Stopped",
}
_UNTOLD = {("CHAINED_INVOKE", OperationStatus.CANCELLED): "Stopped"}  # the model has no event of its own for it


def operation_event(one: DurableOperation, state: OperationStatus) -> tuple[str, Details] | None:
    """Return type and details of the event for an operation that has come to *state*; None: there is none for that."""
    if state is OperationStatus.READY:
        return None
    ending = _UNTOLD.get((one.type, state)) or _ENDINGS.get(state) or "Started"
    details: Details = {}
    if state is OperationStatus.PENDING:
        ending = "Failed" if one.error is not None else "Succeeded"
    if ending == "Succeeded" and one.type != "WAIT":
        details["Result"] = data_of(one.result)
    elif ending in ("Failed", "TimedOut", "Stopped", "Cancelled"):
        details["Error"] = data_of(dict(one.error) if one.error is not None else None)
    kind = one.type.title().replace("_", "")  # CHAINED_INVOKE: ChainedInvoke
    return kind + ending, {**details, **_DETAILS[one.type](one, state)}


def data_of(payload: Any) -> Details:
    """Return an input, a result or an error as the history has it; None: there is none."""
    return {"Truncated": False} if payload is None else {"Payload": payload, "Truncated": False}


def _of_step(one: DurableOperation, state: OperationStatus) -> Details:
    if state is OperationStatus.PENDING:
        return {"RetryDetails": {"CurrentAttempt": one.attempt, "NextAttemptDelaySeconds": one.retry_delay}}
    return {"RetryDetails": {"CurrentAttempt": one.attempt}} if state in CLOSED_STATUSES else {}


def _of_wait(one: DurableOperation, state: OperationStatus) -> Details:
    if state is OperationStatus.CANCELLED:
        return {}
    assert one.ends is not None
    details: Details = {"Duration": int((one.ends - one.started).total_seconds())}
    if state is OperationStatus.WAITING:
        details["ScheduledEndTimestamp"] = one.ends
    return details


def _of_callback(one: DurableOperation, state: OperationStatus) -> Details:
    if state in CLOSED_STATUSES:
        return {}
    details: Details = {"CallbackId": one.callback_id}
    if one.heartbeat is not None:
        details["HeartbeatTimeout"] = int(one.heartbeat.total_seconds())
    if one.deadline is not None:
        details["Timeout"] = int((one.deadline - one.started).total_seconds())
    return details


def _of_chained(one: DurableOperation, state: OperationStatus) -> Details:
    target = one.chained
    if target is None or state in CLOSED_STATUSES:
        return {}
    given = {
        "Input": None
        if target.version is None
        else data_of(target.payload),  # of one that is refused, nothing is stored
        "TenantId": target.tenant,
        "ExecutedVersion": target.version,
        "DurableExecutionArn": target.child,
    }
    return {"FunctionName": target.function, **{member: value for member, value in given.items() if value is not None}}


_DETAILS: Mapping[str, Callable[[DurableOperation, OperationStatus], Details]] = MappingProxyType(
    {
        "STEP": _of_step,
        "CONTEXT": lambda _one, _state: {},
        "WAIT": _of_wait,
        "CALLBACK": _of_callback,
        "CHAINED_INVOKE": _of_chained,
    }
)
