"""How a test gets each event of a durable execution's history, and each status of its operations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .ways import Way

GIVEN = "a durable function that sends updates"


def _seen(told: str, place: int) -> Way:
    """Return the way to the event at *place* of the history."""
    return Way(GIVEN, told, f'events(arn)[{place}]["EventType"]')


def _status(told: str, operation: str) -> Way:
    """Return the way to the status that the function has heard of *operation* last."""
    return Way(GIVEN, told, f'heard["{operation}"]')


def _begin(*names: str) -> str:
    return f"arn = begin({', '.join(names)})"


_ASKED, _CALLED, _WAITED = _begin("callback"), _begin("invoke"), _begin("wait")
_CHILD = 'child = events(arn)[1]["ChainedInvokeStartedDetails"]["DurableExecutionArn"]'
_PAUSE = "client.pause_durable_execution(DurableExecutionArn=arn)\nm.clock.advance(1)"
_RESUME = "client.resume_durable_execution(DurableExecutionArn=arn)\nm.clock.advance(1)"
_ANSWER = "client.send_durable_execution_callback_{how}(CallbackId=callbacks[0])\nm.clock.advance(0)"
_STOP_CHILD = f"{_CALLED}\n{_CHILD}\nclient.stop_durable_execution(DurableExecutionArn=child)\nm.clock.advance(0)"

EVENT_TYPES: Mapping[str, Way] = MappingProxyType(
    {
        "ExecutionStarted": _seen(_begin(), 0),
        "ExecutionSucceeded": _seen(_begin(), -1),
        "ExecutionFailed": _seen('arn = begin(answer={"Status": "FAILED", "Error": {}})', -1),
        "ExecutionTimedOut": _seen(f"{_begin('open_callback')}\nm.clock.advance(600)", -1),
        "ExecutionStopped": _seen(f"{_ASKED}\nclient.stop_durable_execution(DurableExecutionArn=arn)", -1),
        "ExecutionPaused": _seen(f"{_ASKED}\n{_PAUSE}", -1),
        "ExecutionResumed": _seen(f"{_ASKED}\n{_PAUSE}\n{_RESUME}", -1),
        "ContextStarted": _seen(_begin("enter"), 1),
        "ContextSucceeded": _seen(_begin("enter", "leave"), 2),
        "ContextFailed": _seen(_begin("enter", "leave_failed"), 2),
        "WaitStarted": _seen(_WAITED, 1),
        "WaitSucceeded": _seen(f"{_WAITED}\nm.clock.advance(9)", 3),
        "WaitCancelled": _seen(_begin("wait", "cancel"), 2),
        "StepStarted": _seen(_begin("step"), 1),
        "StepSucceeded": _seen(_begin("step", "succeed"), 2),
        "StepFailed": _seen(_begin("step", "fail"), 2),
        "ChainedInvokeStarted": _seen(_CALLED, 1),
        "ChainedInvokeSucceeded": _seen(
            f'm.handler("refunds", returns={{"Status": "SUCCEEDED"}})\n{_CALLED}\nm.clock.advance(1)', 3
        ),
        "ChainedInvokeFailed": _seen(
            f'm.handler("refunds", returns={{"Status": "FAILED", "Error": {{}}}})\n{_CALLED}\nm.clock.advance(1)', 3
        ),
        "ChainedInvokeTimedOut": _seen(f"{_CALLED}\nm.clock.advance(60)", 3),
        "ChainedInvokeStopped": _seen(_STOP_CHILD, 3),
        "CallbackStarted": _seen(_ASKED, 1),
        "CallbackSucceeded": _seen(f"{_ASKED}\n{_ANSWER.format(how='success')}", 3),
        "CallbackFailed": _seen(f"{_ASKED}\n{_ANSWER.format(how='failure')}", 3),
        "CallbackTimedOut": _seen(f"{_ASKED}\nm.clock.advance(60)", 3),
        "InvocationCompleted": _seen(_begin(), 1),
    }
)
"""Every EventType."""

_EXECUTION = 'client.get_durable_execution(DurableExecutionArn=arn)["Status"]'
EXECUTION_STATUSES: Mapping[str, Way] = MappingProxyType(
    {
        "RUNNING": Way(GIVEN, _ASKED, _EXECUTION),
        "SUCCEEDED": Way(GIVEN, _begin(), _EXECUTION),
        "FAILED": Way(GIVEN, 'arn = begin(answer={"Status": "FAILED", "Error": {}})', _EXECUTION),
        "TIMED_OUT": Way(GIVEN, f"{_begin('open_callback')}\nm.clock.advance(600)", _EXECUTION),
        "STOPPED": Way(GIVEN, f"{_ASKED}\nclient.stop_durable_execution(DurableExecutionArn=arn)", _EXECUTION),
        "PAUSING": Way(GIVEN, "arn = begin(pause)", "statuses[-1]"),
        "PAUSED": Way(GIVEN, f"{_ASKED}\n{_PAUSE}", _EXECUTION),
        "DELETING": Way(GIVEN, f"{_begin()}\nclient.delete_durable_execution(DurableExecutionArn=arn)", _EXECUTION),
    }
)
"""Every ExecutionStatus."""

OPERATION_STATUSES: Mapping[str, Way] = MappingProxyType(
    {
        "STARTED": _status(_begin("step"), "s"),
        "PENDING": _status(_begin("step", "retry"), "s"),
        "READY": _status(f"{_begin('step', 'retry')}\nm.clock.advance(9)", "s"),
        "SUCCEEDED": _status(_begin("step", "succeed"), "s"),
        "FAILED": _status(_begin("step", "fail"), "s"),
        "CANCELLED": _status(_begin("wait", "cancel"), "w"),
        "TIMED_OUT": _status(f"{_ASKED}\nm.clock.advance(60)", "c"),
        "STOPPED": _status(_STOP_CHILD, "i"),
    }
)
"""Every OperationStatus."""
