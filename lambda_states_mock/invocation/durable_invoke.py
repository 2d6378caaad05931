"""An Invoke of a durable function: it begins an execution, or attaches to the one of the same name."""

from __future__ import annotations

import json
from typing import Any

from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable_run import Durable, DurableRuns, begin
from lambda_states_mock.resources.durable_execution import DurableExecution
from lambda_states_mock.service_errors import EXECUTION_STARTED_OTHERWISE, QUALIFIER_WANTED, TOO_LONG_TO_WAIT
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, ExecutionState

LONGEST_WAIT = 900
"""Seconds for which a caller waits for a synchronous invocation (durable-invoking.html)."""


def invoke_durable(runs: DurableRuns, received: Received, *, name: str | None, waits: bool) -> dict[str, Any]:
    """Return the members of Invoke's answer for an execution of a durable function.

    Parameters: *name*, of the execution, made up by default; *waits*, whether the caller waits for its end.

    Raises InvalidParameterValueException without a qualifier, or where it may take too long to be waited for;
    DurableExecutionAlreadyStartedException for another event under the same name; what `Admission` answers.
    """
    if received.target.qualifier is None:
        raise QUALIFIER_WANTED.error()
    if waits and (received.version.configuration.durable or {})["ExecutionTimeout"] > LONGEST_WAIT:
        raise TOO_LONG_TO_WAIT.error()
    name = name or runs.chance.uuid()
    durable = _named(runs, received, name)
    if durable is None:
        runs.admission.enter(received)
        durable = begin(runs, received, name)
        durable.invoke(received.request_id) if waits else durable.schedule()
    arn = durable.change().arn
    if not waits:
        return {"StatusCode": 202, "DurableExecutionArn": arn}
    if durable.is_running():
        runs.driver.clock.advance_until(lambda: not durable.is_running(), within=LONGEST_WAIT)
    execution = durable.change()
    answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": execution.version, "DurableExecutionArn": arn}
    return {**answer, **_result(runs, execution)}


def _named(runs: DurableRuns, received: Received, name: str) -> Durable | None:
    """Return the execution called *name*, if there is one. Raises DurableExecutionAlreadyStartedException."""
    target = received.target
    for execution in target.partition.durable_executions.under((target.name,)):
        if execution.name == name:
            if json.loads(execution.payload) != json.loads(received.payload or b"{}"):
                raise EXECUTION_STARTED_OTHERWISE.error(name=name)
            return Durable(runs, target.partition, execution.key)
    return None


def _result(runs: DurableRuns, execution: DurableExecution) -> dict[str, Any]:
    if runs.registry.of(DURABLE_EXECUTION, execution.arn).state is ExecutionState.SUCCEEDED:
        return {"Payload": (execution.result or "null").encode()}
    error = execution.error or {}
    keys = (("errorMessage", "ErrorMessage"), ("errorType", "ErrorType"), ("stackTrace", "StackTrace"))
    payload: dict[str, Any] = {key: error[member] for key, member in keys if member in error}
    return {"FunctionError": "Unhandled", "Payload": json.dumps(payload).encode()}
