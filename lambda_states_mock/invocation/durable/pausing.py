"""Pausing and resuming a durable execution: each is done as soon as Lambda has processed the request."""

from __future__ import annotations

from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.invocation.durable.invocations import schedule
from lambda_states_mock.resources.durable_execution import LONGEST, Pause
from lambda_states_mock.states.durable_execution import ExecutionEvent, ExecutionState


def pause(durable: Durable, asked: Pause) -> None:
    """Pause it, or let it be PAUSING until the invocation that is under way has come to its next checkpoint."""
    durable.change(pause=asked)

    def process() -> None:
        execution = durable.get()
        if execution is None or execution.pause is not asked or durable.state is not ExecutionState.RUNNING:
            return  # it was resumed, or is over
        if execution.invoked:
            durable.stay_open(ExecutionEvent.PAUSE_BEGUN, execution.deadline)
        else:
            durable.halt()

    durable.later("pause", process)


def resume(durable: Durable, reason: str | None) -> None:
    """Let it go on; it is invoked again if something has ended meanwhile, or an invocation was interrupted."""
    asked = durable.now

    def process() -> None:
        execution = durable.get()
        if execution is None or execution.pause is None or not durable.is_open():
            return
        since, deadline = execution.pause.at, execution.deadline
        if since is not None and execution.pause.timeout_paused:
            deadline = min(deadline + (durable.now - since), execution.started + LONGEST)
        durable.change(pause=None, deadline=deadline)
        durable.stay_open(ExecutionEvent.RESUMED, deadline)
        if since is not None:
            durable.tell_reason("ExecutionResumed", {"ResumeRequestTimestamp": asked}, reason)
            if execution.woken and not execution.invoked:
                schedule(durable)

    durable.later("unpause", process)
