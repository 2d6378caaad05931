"""How a durable execution goes on: its function is invoked, suspended, woken and invoked again, until it ends.

A durable function is invoked with where it stands: the ARN, a checkpoint token and the operations so far
(durable-invoking.html). It answers ``{"Status": "SUCCEEDED" | "FAILED" | "PENDING", "Result": ..., "Error": ...}``;
any other answer, as a handler of the test may give it, is taken as the result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.timings import FunctionTimings, Timings
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.instants import epoch_milliseconds
from lambda_states_mock.invocation.admission import Admission, Received
from lambda_states_mock.invocation.durable_views import operation_arn, operations_of
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.resources.durable_execution import LONGEST, DurableExecution, HistoryEvent, Pause
from lambda_states_mock.service_errors import RESERVED_IN_USE, ServiceError
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, OPEN_STATES, ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import CLOSED_STATUSES, DURABLE_OPERATION, OperationStatus
from lambda_states_mock.store import Partition

_FIRST_BACK_OFF, _LONGEST_BACK_OFF = timedelta(seconds=1), timedelta(minutes=5)
_TOKEN_LENGTH = 64
_TYPES = {
    ExecutionState.SUCCEEDED: "ExecutionSucceeded",
    ExecutionState.FAILED: "ExecutionFailed",
    ExecutionState.TIMED_OUT: "ExecutionTimedOut",
    ExecutionState.STOPPED: "ExecutionStopped",
}
_WAKING = (OperationStatus.READY, *CLOSED_STATUSES)

TIMED_OUT: Mapping[str, Any] = MappingProxyType(
    {"ErrorType": "ExecutionTimedOut", "ErrorMessage": "The durable execution timed out."}  # (I) the texts
)
NOTHING_PENDING: Mapping[str, Any] = MappingProxyType(
    {  # (I) the texts
        "ErrorType": "InvalidParameterValueException",
        "ErrorMessage": "Cannot return PENDING status with no pending operations.",
    }
)


@dataclass(eq=False, slots=True)
class DurableRuns:
    """What durable executions go on with: who steps their tables, and who runs their functions."""

    driver: Driver
    registry: LifecycleRegistry
    timings: FunctionTimings
    chance: Chance
    admission: Admission
    runner: Runner

    def new_token(self) -> str:
        """Return a checkpoint token."""
        return self.chance.token(_TOKEN_LENGTH)


@dataclass(frozen=True, slots=True)
class Durable:
    """One durable execution: *key* in *partition*. Everything that changes it goes through here."""

    runs: DurableRuns
    partition: Partition
    key: tuple[str, int]

    @property
    def now(self) -> datetime:
        return self.runs.driver.clock.now

    def get(self) -> DurableExecution | None:
        """Return the execution as it is now; None: it is no longer kept."""
        return self.partition.durable_executions.get(self.key)

    def change(self, **fields: Any) -> DurableExecution:
        """Replace *fields* of the execution and return it."""
        execution = replace(self.partition.durable_executions[self.key], **fields)
        self.partition.durable_executions.put(self.key, execution)
        return execution

    def record(self, event: HistoryEvent) -> None:
        """Add *event* to the history."""
        self.change(history=(*self.partition.durable_executions[self.key].history, event))

    def fire(self, event: ExecutionEvent) -> None:
        """Let *event* happen to the execution."""
        self.runs.registry.fire(DURABLE_EXECUTION, self.partition.durable_executions[self.key].arn, event)

    def is_running(self) -> bool:
        """Tell whether it has not ended yet; it may be paused."""
        return self.state in OPEN_STATES

    @property
    def state(self) -> ExecutionState:
        """Its state; ABSENT when it is no longer kept."""
        execution = self.get()
        return self.runs.registry.of(DURABLE_EXECUTION, execution.arn).state if execution else ExecutionState.ABSENT

    def end(self, event: ExecutionEvent, *, result: str | None = None, error: Mapping[str, Any] | None = None) -> None:
        """End it with *event*, unless it has ended already."""
        if self.is_running():
            self.change(result=result, error=error)
            self.fire(event)

    def wake(self) -> None:
        """Let the function be invoked again, now if it is suspended, else when it is."""
        if not self.is_running():
            return
        if self.partition.durable_executions[self.key].invoked or self.state is ExecutionState.PAUSED:
            self.change(woken=True)
        else:
            self.schedule()

    def schedule(self, *, attempts: int = 0) -> None:
        """Invoke the function as soon as the call has been answered; later after *attempts* that were refused."""
        delay = min(_FIRST_BACK_OFF * 2 ** (attempts - 1), _LONGEST_BACK_OFF) if attempts else timedelta(0)
        label = f"{self.key[0]} durable execution"
        self.runs.driver.clock.call_later(delay, partial(self._try, attempts), label=label)

    def _try(self, attempts: int) -> None:
        execution = self.get()
        if execution is None or execution.invoked or not self.is_running():
            return
        if self.state is ExecutionState.PAUSED:
            self.change(woken=True)
            return
        try:
            self.invoke(self.runs.chance.uuid())
        except ServiceError:  # the function is not ready, or throttled
            self.schedule(attempts=attempts + 1)

    def invoke(self, request_id: str) -> None:
        """Invoke the function once and let its answer count. Raises ServiceError where it cannot run now."""
        execution = self.partition.durable_executions[self.key]
        qualifier = execution.function_arn.rsplit(":", 1)[-1]
        target = ResolvedName(self.partition, execution.function, qualifier)
        version = self.partition.version(execution.function, execution.version)
        if version is None:
            raise target.not_found()
        execution = self.change(token=self.runs.new_token(), woken=False, changed=frozenset())
        event = self._event(execution)
        received = Received(target, version, event, json.loads(event), None, request_id, tenant=execution.tenant)
        entered = self.runs.admission.enter(received)
        self.change(invoked=True)
        try:
            outcome = self.runs.runner.start(received, entered)
        finally:
            if self.get() is not None:
                self.change(invoked=False)
        if self.get() is not None:
            self._settle(outcome, request_id)

    def _event(self, execution: DurableExecution) -> bytes:
        state = {"Operations": operations_of(self.runs.registry, execution), "NextMarker": ""}
        event = {
            "DurableExecutionArn": execution.arn,
            "CheckpointToken": execution.token,
            "InitialExecutionState": state,
        }
        return json.dumps(event, default=_milliseconds).encode()

    def _settle(self, outcome: Outcome, request_id: str) -> None:
        details: dict[str, Any] = {
            "StartTimestamp": outcome.started,
            "EndTimestamp": outcome.ended,
            "RequestId": request_id,
        }
        output = _output(outcome)
        if outcome.function_error is not None:
            details["Error"] = {"Payload": output["Error"], "Truncated": False}
        self.record(HistoryEvent(type="InvocationCompleted", at=self.now, details=details))
        if output["Status"] == "PENDING":
            self._suspend()
        elif output["Status"] == "FAILED":
            self.end(ExecutionEvent.FAILED, error=output.get("Error") or {})
        else:
            self.end(ExecutionEvent.SUCCEEDED, result=output.get("Result"))

    def _suspend(self) -> None:
        execution = self.partition.durable_executions[self.key]
        registry = self.runs.registry
        states = [registry.of(DURABLE_OPERATION, operation_arn(execution, one)).state for one in execution.operations]
        if self.state is ExecutionState.PAUSING:
            self.halt()
        elif self.state is ExecutionState.PAUSED:
            pass  # its last checkpoint has paused it
        elif execution.woken:
            self.wake()
        elif all(state in CLOSED_STATUSES for state in states):
            self.end(ExecutionEvent.FAILED, error=NOTHING_PENDING)

    def pause(self, pause: Pause) -> None:
        """Pause it as soon as Lambda has processed the request."""
        self.change(pause=pause)

        def process() -> None:
            execution = self.get()
            if execution is None or execution.pause is not pause:
                return  # it was resumed, or has gone
            if execution.invoked and self.state is ExecutionState.RUNNING:
                self._set_time_left(execution.deadline)
                self.fire(ExecutionEvent.PAUSE_BEGUN)
            elif self.state is ExecutionState.RUNNING:
                self.halt()

        self._process("pause", process)

    def halt(self) -> None:
        """Let it be paused from now on: nothing of its function runs that would go on."""
        pause = self.change().pause
        assert pause is not None
        execution = self.change(pause=replace(pause, at=self.now))
        self._set_time_left(execution.times_out)
        self.fire(ExecutionEvent.HALTED)
        details: dict[str, Any] = {
            "PauseRequestTimestamp": pause.requested,
            "ExecutionTimeoutPaused": pause.timeout_paused,
        }
        self._record_reason("ExecutionPaused", details, pause.reason)

    def resume(self, reason: str | None) -> None:
        """Let it go on as soon as Lambda has processed the request."""
        asked = self.now

        def process() -> None:
            execution = self.get()
            if execution is None or execution.pause is None or not self.is_running():
                return
            since, deadline = execution.pause.at, execution.deadline
            if since is not None and execution.pause.timeout_paused:
                deadline = min(deadline + (self.now - since), execution.started + LONGEST)
            self.change(pause=None, deadline=deadline)
            self._set_time_left(deadline)
            self.fire(ExecutionEvent.RESUMED)
            if since is not None:
                self._record_reason("ExecutionResumed", {"ResumeRequestTimestamp": asked}, reason)
                if execution.woken:
                    self.wake()

        self._process("unpause", process)

    def _process(self, phase: str, action: Callable[[], object]) -> None:
        delay = self._machine().timings.of(phase, "durable")
        self.runs.driver.clock.schedule(delay, action, label=f"{self._machine().label} {phase}")

    def _machine(self) -> StateMachine[ExecutionState, ExecutionEvent]:
        return self.runs.registry.of(DURABLE_EXECUTION, self.partition.durable_executions[self.key].arn)

    def _set_time_left(self, deadline: datetime) -> None:
        self._machine().timings["execution"] = max(deadline - self.now, timedelta(0))

    def _record_reason(self, kind: str, details: dict[str, Any], reason: str | None) -> None:
        if reason is not None:
            details["Reason"] = {"Payload": reason, "Truncated": False}
        self.record(HistoryEvent(type=kind, at=self.now, details=details))

    def closed(self, state: ExecutionState) -> None:
        """Note how it has ended, and let nothing of its operations happen any more."""
        execution = self.partition.durable_executions[self.key]
        error = TIMED_OUT if state is ExecutionState.TIMED_OUT else execution.error
        details: dict[str, Any] = {"Error": {"Truncated": False}}
        if state is ExecutionState.SUCCEEDED:
            details = {"Result": {"Payload": execution.result or "", "Truncated": False}}
        elif error is not None:
            details["Error"]["Payload"] = dict(error)
        self.change(ended=self.now, error=error)
        self.record(HistoryEvent(type=_TYPES[state], at=self.now, details=details))
        for operation in execution.operations:
            machine = self.runs.registry.of(DURABLE_OPERATION, operation_arn(execution, operation))
            self.runs.driver.drop(machine)

    def expired(self) -> None:
        """Forget it and its operations."""
        execution = self.partition.durable_executions.delete(self.key)
        if execution is not None:
            for callback in [one.callback_id for one in execution.operations.values() if one.callback_id]:
                self.partition.durable_callbacks.delete(callback)
            self.runs.registry.end_under(execution.arn)


def begin(runs: DurableRuns, received: Received, name: str) -> Durable:
    """Begin an execution called *name* of the durable function that is asked for; it is not invoked yet."""
    target, version = received.target, received.version
    partition, now = target.partition, runs.driver.clock.standing
    mine = partition.durable_executions.under((target.name,))
    function_arn = target.place.function_arn(target.name, version.number)
    execution = DurableExecution(
        arn=f"{function_arn}/durable-execution/{name}/{runs.chance.uuid()}",
        name=name,
        sequence=mine[-1].sequence + 1 if mine else 1,
        function=target.name,
        version=version.number,
        function_arn=target.arn,
        payload=received.payload.decode() or "{}",
        config=version.configuration.durable or {},
        started=now,
        deadline=now + timedelta(seconds=(version.configuration.durable or {})["ExecutionTimeout"]),
        token=runs.new_token(),
        tenant=received.tenant,
    )
    partition.durable_executions.put(execution.key, execution)
    durable = Durable(runs, partition, execution.key)
    details = {"Input": {"Payload": execution.payload, "Truncated": False}, "ExecutionTimeout": execution.timeout}
    durable.record(HistoryEvent(type="ExecutionStarted", at=now, details=details))
    _begin_lifecycle(durable, execution)
    return durable


def _begin_lifecycle(durable: Durable, execution: DurableExecution) -> None:
    runs, place = durable.runs, durable.partition.place
    timings = Timings(parent=runs.timings.of(place, execution.function))
    timings["execution"] = execution.timeout
    timings["retention"] = execution.retention

    def moved(machine: StateMachine[ExecutionState, ExecutionEvent], _before: ExecutionState) -> None:
        if machine.state in _TYPES:
            durable.closed(machine.state)
        elif machine.state is ExecutionState.ABSENT:
            durable.expired()

    runs.registry.begin(
        DURABLE_EXECUTION,
        place,
        execution.arn,
        label=f"{execution.function} execution {execution.name}",
        kind="durable",
        timings=timings,
        scope={"function": execution.function, "version": execution.version},
        moved=moved,
    )
    durable.fire(ExecutionEvent.START_ASKED)


def chain(durable: Durable, name: str, payload: str) -> tuple[str | None, dict[str, Any] | None]:
    """Invoke function *name* for a chained invocation; return its result, or its error."""
    parsed = function_reference(name)
    if parsed is None:
        return None, {"ErrorType": "ResourceNotFoundException", "ErrorMessage": f"Function not found: {name}"}
    runs, target = durable.runs, ResolvedName(durable.partition, parsed.name, parsed.qualifier)
    try:
        received = runs.admission.again(target, payload.encode(), runs.chance.uuid())
        if target.function().reserved_concurrency == 0:
            raise RESERVED_IN_USE.error()
        entered = runs.admission.enter(received)
    except ServiceError as error:
        return None, {"ErrorType": error.code, "ErrorMessage": error.message or ""}
    outcome = runs.runner.start(received, entered)
    if outcome.function_error is not None:
        return None, error_object(outcome.payload)
    return outcome.payload.decode(), None


def wakes(before: OperationStatus, after: OperationStatus) -> bool:
    """Tell whether an operation that went from *before* to *after* is what a suspended function waits for."""
    return after in _WAKING and before in (
        OperationStatus.WAITING,
        OperationStatus.OPEN,
        OperationStatus.TIMED,
        OperationStatus.PENDING,
        OperationStatus.STARTED,
    )


def error_object(payload: bytes) -> dict[str, Any]:
    """Return a function's error payload as the API's ErrorObject."""
    try:
        error = json.loads(payload)
    except ValueError:
        error = None
    if not isinstance(error, dict):
        return {"ErrorMessage": payload.decode(errors="replace")}
    members = (("ErrorType", "errorType"), ("ErrorMessage", "errorMessage"), ("StackTrace", "stackTrace"))
    return {member: error[key] for member, key in members if error.get(key)}


def _output(outcome: Outcome) -> dict[str, Any]:
    """Return what the function says of its execution."""
    if outcome.function_error is not None:
        return {"Status": "FAILED", "Error": error_object(outcome.payload)}
    output = json.loads(outcome.payload or b"null")
    if isinstance(output, dict) and output.get("Status") in ("SUCCEEDED", "FAILED", "PENDING"):
        return output
    return {"Status": "SUCCEEDED", "Result": outcome.payload.decode()}


def _milliseconds(value: Any) -> int:
    if isinstance(value, datetime):
        return epoch_milliseconds(value)
    raise TypeError(f"not for JSON: {value!r}")
