"""What the history of a durable execution says of its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from lambda_states_mock.resources.durable_execution import DurableOperation, HistoryEvent
from lambda_states_mock.states.durable_operation import OperationStatus

Details = dict[str, Any]

_ENDINGS = {
    OperationStatus.STARTED: "Started",
    OperationStatus.WAITING: "Started",
    OperationStatus.OPEN: "Started",
    OperationStatus.TIMED: "Started",
    OperationStatus.PENDING: "Failed",
    OperationStatus.SUCCEEDED: "Succeeded",
    OperationStatus.FAILED: "Failed",
    OperationStatus.CANCELLED: "Cancelled",
    OperationStatus.TIMED_OUT: "TimedOut",
}
_FAILED = (OperationStatus.FAILED, OperationStatus.PENDING, OperationStatus.TIMED_OUT)
_ATTEMPTED = (OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.PENDING)


def history_event(one: DurableOperation, state: OperationStatus, at: datetime) -> HistoryEvent | None:
    """Return the entry for an operation that has come to *state*; None: the history has none for that."""
    ending = _ENDINGS.get(state)
    if ending is None:
        return None
    kind = one.type.title().replace("_", "")  # CHAINED_INVOKE: ChainedInvoke
    details = {**_outcome(one, state), **_DETAILS[one.type](one, state)}
    return HistoryEvent(type=kind + ending, at=at, details=details, operation=one)


def _outcome(one: DurableOperation, state: OperationStatus) -> Details:
    if state is OperationStatus.SUCCEEDED and one.type != "WAIT":
        return {"Result": {"Payload": one.result or "", "Truncated": False}}
    if state in _FAILED:
        return {"Error": {"Payload": dict(one.error or {}), "Truncated": False}}
    return {}


def _of_step(one: DurableOperation, state: OperationStatus) -> Details:
    if state not in _ATTEMPTED:
        return {}
    if state is not OperationStatus.PENDING or one.retry_delay is None:
        return {"RetryDetails": {"CurrentAttempt": one.attempt}}
    return {"RetryDetails": {"CurrentAttempt": one.attempt - 1, "NextAttemptDelaySeconds": one.retry_delay}}


def _of_wait(one: DurableOperation, state: OperationStatus) -> Details:
    if one.ends is None or state not in (OperationStatus.WAITING, OperationStatus.SUCCEEDED):
        return {}
    details: Details = {"Duration": int((one.ends - one.started).total_seconds())}
    if state is OperationStatus.WAITING:
        details["ScheduledEndTimestamp"] = one.ends
    return details


def _of_callback(one: DurableOperation, state: OperationStatus) -> Details:
    if state not in (OperationStatus.OPEN, OperationStatus.TIMED):
        return {}
    details: Details = {"CallbackId": one.callback_id}
    if one.heartbeat is not None:
        details["HeartbeatTimeout"] = int(one.heartbeat.total_seconds())
    if one.deadline is not None:
        details["Timeout"] = int((one.deadline - one.started).total_seconds())
    return details


def _of_chained(one: DurableOperation, state: OperationStatus) -> Details:
    if state is not OperationStatus.STARTED:
        return {}
    return {"FunctionName": one.chained_function, "Input": {"Payload": one.chained_input, "Truncated": False}}


_DETAILS: Mapping[str, Callable[[DurableOperation, OperationStatus], Details]] = MappingProxyType(
    {
        "STEP": _of_step,
        "CONTEXT": lambda _one, _state: {},
        "WAIT": _of_wait,
        "CALLBACK": _of_callback,
        "CHAINED_INVOKE": _of_chained,
    }
)
