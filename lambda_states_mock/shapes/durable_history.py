"""What the history of a durable execution says of its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from lambda_states_mock.resources.durable_execution import DurableOperation, HistoryEvent
from lambda_states_mock.states.durable_operation import Status

Details = dict[str, Any]

_NAMES = {
    "STEP": "Step",
    "CONTEXT": "Context",
    "WAIT": "Wait",
    "CALLBACK": "Callback",
    "CHAINED_INVOKE": "ChainedInvoke",
}
_ENDINGS = {
    Status.STARTED: "Started",
    Status.WAITING: "Started",
    Status.OPEN: "Started",
    Status.TIMED: "Started",
    Status.PENDING: "Failed",
    Status.SUCCEEDED: "Succeeded",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.TIMED_OUT: "TimedOut",
}
_FAILED = (Status.FAILED, Status.PENDING, Status.TIMED_OUT)
_ATTEMPTED = (Status.SUCCEEDED, Status.FAILED, Status.PENDING)


def history_event(one: DurableOperation, state: Status, at: datetime) -> HistoryEvent | None:
    """Return the entry for an operation that has come to *state*; None: the history has none for that."""
    ending = _ENDINGS.get(state)
    if ending is None:
        return None
    details = {**_outcome(one, state), **_DETAILS[one.type](one, state)}
    return HistoryEvent(type=_NAMES[one.type] + ending, at=at, details=details, operation=one)


def _outcome(one: DurableOperation, state: Status) -> Details:
    if state is Status.SUCCEEDED and one.type != "WAIT":
        return {"Result": {"Payload": one.result or "", "Truncated": False}}
    if state in _FAILED:
        return {"Error": {"Payload": dict(one.error or {}), "Truncated": False}}
    return {}


def _of_step(one: DurableOperation, state: Status) -> Details:
    if state not in _ATTEMPTED:
        return {}
    if state is not Status.PENDING or one.retry_delay is None:
        return {"RetryDetails": {"CurrentAttempt": one.attempt}}
    return {"RetryDetails": {"CurrentAttempt": one.attempt - 1, "NextAttemptDelaySeconds": one.retry_delay}}


def _of_wait(one: DurableOperation, state: Status) -> Details:
    if one.ends is None or state not in (Status.WAITING, Status.SUCCEEDED):
        return {}
    details: Details = {"Duration": int((one.ends - one.started).total_seconds())}
    if state is Status.WAITING:
        details["ScheduledEndTimestamp"] = one.ends
    return details


def _of_callback(one: DurableOperation, state: Status) -> Details:
    if state not in (Status.OPEN, Status.TIMED):
        return {}
    details: Details = {"CallbackId": one.callback_id}
    if one.heartbeat is not None:
        details["HeartbeatTimeout"] = int(one.heartbeat.total_seconds())
    if one.deadline is not None:
        details["Timeout"] = int((one.deadline - one.started).total_seconds())
    return details


def _of_chained(one: DurableOperation, state: Status) -> Details:
    if state is not Status.STARTED:
        return {}
    return {"FunctionName": one.chained_function, "Input": {"Payload": one.chained_input, "Truncated": False}}


def _of_context(_one: DurableOperation, _state: Status) -> Details:
    return {}


_DETAILS: Mapping[str, Callable[[DurableOperation, Status], Details]] = MappingProxyType(
    {
        "STEP": _of_step,
        "CONTEXT": _of_context,
        "WAIT": _of_wait,
        "CALLBACK": _of_callback,
        "CHAINED_INVOKE": _of_chained,
    }
)
