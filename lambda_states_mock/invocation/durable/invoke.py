"""An Invoke of a durable function: it begins an execution, or attaches to the one of the same name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable.answers import error_payload
from lambda_states_mock.invocation.durable.asking import check_durable
from lambda_states_mock.invocation.durable.execution import Durable, DurableRuns
from lambda_states_mock.invocation.durable.invocations import invoke, schedule
from lambda_states_mock.invocation.durable.lifecycle import begin, forget
from lambda_states_mock.service_errors import (
    EXECUTION_STARTED_OTHERWISE,
    TOO_LONG_TO_WAIT,
    ServiceError,
)
from lambda_states_mock.states.durable_execution import ExecutionState

LONGEST_WAIT = 900
"""Seconds for which a caller waits for a synchronous invocation (durable-invoking.html)."""


def invoke_durable(runs: DurableRuns, received: Received, *, name: str | None, waits: bool) -> dict[str, Any]:
    """Return the members of Invoke's answer for an execution of a durable function.

    Parameters: *name*, of the execution, made up by default; *waits*, whether the caller waits for its end.

    Raises InvalidParameterValueException without a qualifier, or where it may take too long to be waited for;
    DurableExecutionAlreadyStartedException for another event under the same name; what `Admission` answers.
    """
    _check(received, waits=waits)
    name = name or runs.chance.uuid()
    durable = _named(runs, received, name) or _begun(runs, received, name, waits=waits)
    arn = durable.record.arn
    if not waits:
        return {"StatusCode": 202, "DurableExecutionArn": arn}
    if durable.is_open():
        runs.clock.advance_until(lambda: not durable.is_open(), within=LONGEST_WAIT)
    return _answer(durable)


def await_durable(runs: DurableRuns, received: Received, ended: Callable[[dict[str, Any]], object]) -> None:
    """Begin an execution, and call *ended* with the members of Invoke's answer when the clock has come to its end.

    So a poller waits for it. Raises as `invoke_durable`; *ended* is then not called.
    """
    _check(received, waits=True)
    durable = _begun(runs, received, runs.chance.uuid(), waits=True)
    label = f"{durable.key[0]} durable execution {durable.record.name} is answered"
    later = partial(runs.clock.call_later, timedelta(0), lambda: ended(_answer(durable)), label=label)
    if durable.is_open():
        runs.awaited[durable.record.arn] = later
    else:
        later()


def _check(received: Received, *, waits: bool) -> None:
    check_durable(received)
    if waits and (received.version.configuration.durable or {})["ExecutionTimeout"] > LONGEST_WAIT:
        raise TOO_LONG_TO_WAIT.error()


def _begun(runs: DurableRuns, received: Received, name: str, *, waits: bool) -> Durable:
    runs.admission.enter(received)
    durable = begin(runs, received, name, is_awaited=waits)
    if not waits:
        schedule(durable)
        return durable
    try:
        invoke(durable, received.request_id)
    except ServiceError:
        forget(durable)  # the caller is refused: nothing has begun
        raise
    return durable


def _named(runs: DurableRuns, received: Received, name: str) -> Durable | None:
    """Return the execution called *name*, if there is one. Raises DurableExecutionAlreadyStartedException."""
    target = received.target
    sequence = target.partition.durable_names.get((target.name, name))
    if sequence is None:
        return None
    durable = Durable(runs, target.partition, (target.name, sequence))
    if json.loads(durable.record.payload or "{}") != json.loads(received.payload or b"{}"):
        raise EXECUTION_STARTED_OTHERWISE.error(name=name)
    return durable


def _answer(durable: Durable) -> dict[str, Any]:
    """Return the members of Invoke's answer for an execution that is over."""
    execution = durable.record
    answer: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": execution.version,
        "DurableExecutionArn": execution.arn,
    }
    if durable.state is ExecutionState.SUCCEEDED:
        return {**answer, "Payload": ("null" if execution.result is None else execution.result).encode()}
    return {**answer, "FunctionError": "Unhandled", "Payload": error_payload(execution.error or {})}
