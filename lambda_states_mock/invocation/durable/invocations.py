"""How a durable execution goes on: its function is invoked, suspended, and invoked again, until it ends.

Nobody waits for such an invocation, so it runs detached: what it answers counts when the clock has come to its end. At
most one invocation of an execution is under way.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.instants import backed_off, epoch_milliseconds
from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable.answers import (
    NOTHING_PENDING,
    DurableAnswer,
    error_payload,
    invalid,
    understood,
    within,
)
from lambda_states_mock.invocation.durable.execution import Durable, Interruption
from lambda_states_mock.invocation.durable.history import data_of
from lambda_states_mock.invocation.durable.views import operations_of
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.durable_execution import DurableExecution
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.durable_execution import ExecutionEvent, ExecutionState
from lambda_states_mock.states.function import FunctionEvent

_FIRST_BACK_OFF, _LONGEST_BACK_OFF = timedelta(seconds=1), timedelta(minutes=5)
_GONE = "ResourceNotFoundException"


def wake(durable: Durable, operation_id: str | None = None) -> None:
    """Let the function be invoked again, now if it is suspended, else when it is: *operation_id* has ended."""
    if not durable.is_open():
        return
    execution = durable.record
    if operation_id is not None and operation_id not in execution.updated:
        execution = durable.change(updated=(*execution.updated, operation_id))
    if execution.invoked or durable.state is ExecutionState.PAUSED:
        durable.change(woken=True)
    elif not execution.woken:
        durable.change(woken=True)
        schedule(durable)


def schedule(durable: Durable, delay: timedelta = timedelta(0), *, refused: int = 0) -> None:
    """Invoke the function after *delay*, as soon as the call has been answered; *refused* times it could not run."""
    label = f"{durable.key[0]} durable execution {durable.record.name}"
    durable.runs.clock.call_later(delay, partial(_try, durable, refused), label=label)


def _try(durable: Durable, refused: int) -> None:
    execution = durable.get()
    if execution is None or execution.invoked or not durable.is_open():
        return
    if durable.state is ExecutionState.PAUSED:
        durable.change(woken=True)
        return
    try:
        invoke(durable, durable.runs.chance.uuid())
    except ServiceError as error:
        if error.code == _GONE:
            durable.end(ExecutionEvent.FAILED, error={"ErrorType": _GONE, "ErrorMessage": error.message or ""})
        else:  # the function is not ready, or throttled
            wait = backed_off(refused, _FIRST_BACK_OFF, _LONGEST_BACK_OFF)
            schedule(durable, wait, refused=refused + 1)


def invoke(durable: Durable, request_id: str) -> None:
    """Invoke the function once; its answer counts when it has ended. Raises ServiceError where it cannot run now."""
    runs, execution = durable.runs, durable.record
    target = ResolvedName(durable.partition, execution.function, execution.function_arn.rsplit(":", 1)[-1])
    version = durable.partition.version(execution.function, execution.version)
    if version is None:
        raise target.not_found()
    before, unheard = execution, frozenset(durable.story.unheard)
    execution = durable.change(token=runs.new_token(), invoked=True, woken=False, told=False, updated=())
    durable.story.unheard.clear()
    event = _event(durable, execution, before.updated)
    received = Received(
        target, version, event, json.loads(event), None, request_id, execution.trace, tenant=execution.tenant
    )
    try:
        with sleeping.detached(runs.clock):
            entered = runs.admission.enter(received, FunctionEvent.EXECUTION_WENT_ON)
            outcome = runs.runner.start(received, entered, kind="Durable")
    except BaseException:
        if durable.get() is not None:
            durable.change(invoked=False, woken=before.woken, updated=before.updated, token=before.token)
            durable.story.unheard.update(unheard)
        raise
    interruption = runs.interrupted.pop(execution.arn, None)
    if interruption is not None:
        outcome = _interrupted(outcome, interruption, timedelta(seconds=version.live_configuration.timeout))
    label = f"{durable.key[0]} durable execution {execution.name} invocation ends"
    sleeping.when_over(runs.clock, outcome.ended, partial(_settle, durable, outcome, request_id), label=label)


def _interrupted(outcome: Outcome, interruption: Interruption, timeout: timedelta) -> Outcome:
    """Return how an invocation has gone that a fault has ended."""
    ended = max(outcome.ended, outcome.started + timeout) if interruption.hangs else outcome.ended
    payload = error_payload(interruption.error)
    return replace(outcome, payload=payload, function_error="Unhandled", ended=ended)


def _event(durable: Durable, execution: DurableExecution, updated: tuple[str, ...]) -> bytes:
    operations, marker = operations_of(durable, limit_bytes=durable.runs.limits.durable_state_bytes)
    event = {
        "DurableExecutionArn": execution.arn,
        "CheckpointToken": execution.token,
        "InitialExecutionState": {"Operations": operations, "NextMarker": marker or ""},
        "UpdatedOperationIds": list(updated),
    }
    return json.dumps(event, default=_milliseconds).encode()


def _milliseconds(value: Any) -> int:
    if isinstance(value, datetime):
        return epoch_milliseconds(value)
    raise TypeError(f"not for JSON: {value!r}")


def _settle(durable: Durable, outcome: Outcome, request_id: str) -> None:
    """Let the answer of an invocation count."""
    if durable.get() is None:
        return
    execution = durable.change(invoked=False, token="")
    answer = understood(outcome.payload, has_failed=outcome.function_error is not None)
    if not durable.is_open():  # it was stopped, or has timed out
        durable.release()
        return
    if execution.final is not None and answer.status in ("SUCCEEDED", "FAILED"):
        answer = DurableAnswer(execution.final["Status"], execution.final.get("Result"), execution.final.get("Error"))
    else:
        answer = within(answer, durable.runs.limits, is_awaited=execution.is_awaited)
    if answer.status == "PENDING" and not _may_wait(durable, execution):
        answer = invalid(NOTHING_PENDING, "durable_idle_answers")
    details: dict[str, Any] = {
        "StartTimestamp": outcome.started,
        "EndTimestamp": outcome.ended,
        "RequestId": request_id,
    }
    if answer.status is None:
        details["Error"] = data_of(answer.error)
    durable.tell("InvocationCompleted", details)
    durable.release()
    _go_on(durable, answer)


def _may_wait(durable: Durable, execution: DurableExecution) -> bool:
    hears = execution.woken or execution.told
    return hears or durable.state is ExecutionState.PAUSED or durable.awaits_something()


def _go_on(durable: Durable, answer: DurableAnswer) -> None:
    if answer.status is None:
        _failed(durable, answer)
        return
    execution = durable.change(failures=0)
    if answer.status == "SUCCEEDED":
        durable.end(ExecutionEvent.SUCCEEDED, result=answer.result)
    elif answer.status == "FAILED":
        durable.end(ExecutionEvent.FAILED, error=answer.error or {})
    elif durable.state is ExecutionState.PAUSING:
        durable.halt()
    elif durable.state is ExecutionState.RUNNING and (execution.woken or not durable.awaits_something()):
        schedule(durable)  # it has not heard of something, or has, and nothing else would wake it


def _failed(durable: Durable, answer: DurableAnswer) -> None:
    """Invoke it again after a while, unless it has failed too often."""
    execution = durable.change(failures=durable.record.failures + 1)
    if execution.failures >= getattr(durable.runs.limits, answer.limit):
        durable.end(ExecutionEvent.FAILED, error=answer.error or {})
        return
    durable.change(woken=True)
    if durable.state is ExecutionState.PAUSING:
        durable.halt()
    elif durable.state is ExecutionState.RUNNING:
        machine = durable.machine
        schedule(durable, machine.timings.of("reinvoke", machine.kind))
