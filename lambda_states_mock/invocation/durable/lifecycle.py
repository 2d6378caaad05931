"""How a durable execution begins, ends and is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable.dead_letters import bury
from lambda_states_mock.invocation.durable.draining import drained
from lambda_states_mock.invocation.durable.execution import Durable, DurableRuns, ExecutionMachine
from lambda_states_mock.invocation.durable.history import data_of
from lambda_states_mock.invocation.durable.operations import end_operation
from lambda_states_mock.resources.durable_execution import DurableExecution, OperationKey
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import DURABLE_OPERATION, OperationEvent
from lambda_states_mock.store import Story

_TYPES = {
    ExecutionState.SUCCEEDED: "ExecutionSucceeded",
    ExecutionState.FAILED: "ExecutionFailed",
    ExecutionState.TIMED_OUT: "ExecutionTimedOut",
    ExecutionState.STOPPED: "ExecutionStopped",
}
_LETTERS = (ExecutionState.FAILED, ExecutionState.TIMED_OUT)
_TO_PARENT = {
    ExecutionState.SUCCEEDED: OperationEvent.INVOKE_SUCCEEDED,
    ExecutionState.FAILED: OperationEvent.INVOKE_FAILED,
    ExecutionState.TIMED_OUT: OperationEvent.INVOKE_TIMED_OUT,
    ExecutionState.STOPPED: OperationEvent.INVOKE_STOPPED,
}

STOPPED: Mapping[str, Any] = MappingProxyType({"ErrorMessage": "Execution stopped by user request"})
UNTOLD: Mapping[str, Any] = MappingProxyType({"ErrorMessage": "Chained invoke failed."})
"""The error of a chained invocation that says nothing of its own (the text of AWS's SDK for tests)."""


def begin(
    runs: DurableRuns, received: Received, name: str, *, is_awaited: bool = False, parent: OperationKey | None = None
) -> Durable:
    """Begin an execution called *name* of the durable function that is asked for; it is not invoked yet.

    Parameters: *is_awaited*, whether a caller waits for it; *parent*, the chained invocation that it answers.
    """
    target, version = received.target, received.version
    partition, now, config = target.partition, runs.clock.standing, version.configuration.durable or {}
    function_arn = target.place.function_arn(target.name, version.number)
    execution = DurableExecution(
        arn=f"{function_arn}/durable-execution/{name}/{runs.chance.uuid()}",
        name=name,
        sequence=next(runs.sequence),
        function=target.name,
        version=version.number,
        function_arn=target.arn,
        payload=received.payload.decode() or None,
        config=config,
        started=now,
        deadline=now + timedelta(seconds=config["ExecutionTimeout"]),
        token="",
        request_id=received.request_id,
        tenant=received.tenant,
        trace=received.trace,
        is_awaited=is_awaited,
        parent=parent,
        woken=True,
    )
    partition.durable_executions.put(execution.key, execution)
    partition.durable_stories[execution.key] = Story()
    partition.durable_names.put((target.name, name), execution.sequence)
    durable = Durable(runs, partition, execution.key)
    durable.tell("ExecutionStarted", {"Input": data_of(execution.payload), "ExecutionTimeout": execution.timeout})
    timings = Timings(parent=runs.timings.of(target.place, target.name))
    timings["execution"] = execution.timeout
    timings["retention"] = execution.retention

    def moved(machine: ExecutionMachine, _before: ExecutionState) -> None:
        if machine.state in _TYPES:
            _closed(durable, machine.state)
        elif machine.state is ExecutionState.ABSENT:
            forget(durable)

    runs.registry.begin(
        DURABLE_EXECUTION,
        target.place,
        execution.arn,
        label=f"{target.name} execution {name}",
        kind="durable",
        timings=timings,
        scope={"function": target.name, "version": version.number},
        moved=moved,
    )
    durable.fire(ExecutionEvent.START_ASKED)
    return durable


def _closed(durable: Durable, state: ExecutionState) -> None:
    """Note how it has ended, let nothing of its operations happen any more, and tell who has invoked it."""
    execution = durable.record
    error = _error_of(execution, state)
    if state is ExecutionState.SUCCEEDED:
        details = {"Result": data_of(execution.result)}
    else:
        details = {"Error": data_of(dict(error) if error is not None else None)}
    durable.change(ended=durable.now, error=error, token="")
    durable.story.unheard.clear()
    durable.tell(_TYPES[state], details)
    for operation in durable.operations:
        machine = durable.machine_of(operation.id)
        if machine is not None:
            durable.runs.driver.drop(machine)
    if execution.parent is not None:
        parent = Durable(durable.runs, durable.partition, execution.parent[:2])
        if state is ExecutionState.TIMED_OUT:
            error = chained_timeout(execution.timeout)
        elif state is ExecutionState.FAILED:
            error = error or UNTOLD
        if parent.get() is not None:
            result = execution.result
            end_operation(parent, execution.parent[2], _TO_PARENT[state], result=result, error=error)
    elif not execution.is_awaited and state in _LETTERS:
        bury(durable, error or {})
    ended = durable.runs.awaited.pop(execution.arn, None)
    if ended is not None:
        ended()
    drained(durable)


def _error_of(execution: DurableExecution, state: ExecutionState) -> Mapping[str, Any] | None:
    """Return the error of an execution that has ended; where nobody has told one, that of AWS's SDK for tests."""
    if state is ExecutionState.TIMED_OUT:
        return {"ErrorMessage": f"Execution timed out after {execution.timeout} seconds."}
    if state is ExecutionState.STOPPED:
        return execution.error or STOPPED
    return execution.error


def chained_timeout(seconds: int) -> Mapping[str, Any]:
    """Return the error of a chained invocation that has taken too long (the texts of AWS's SDK for tests)."""
    message = f"CHAINED_INVOKE timed out after {seconds} seconds."
    return {"ErrorType": "ChainedInvoke.Timeout", "ErrorMessage": message}


def forget(durable: Durable) -> None:
    """Forget it and its operations."""
    execution = durable.get()
    if execution is None:
        return
    registry = durable.runs.registry
    for operation in durable.operations:
        registry.end(DURABLE_OPERATION, f"{execution.arn}/{operation.id}")
    registry.end(DURABLE_EXECUTION, execution.arn)
    durable.partition.delete_execution(execution)
