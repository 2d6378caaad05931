"""One durable execution: its record, its operations, its history and its status. Everything that changes it is here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, StateMachine
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.invocation.admission import Admission
from lambda_states_mock.invocation.destinations import Destinations
from lambda_states_mock.invocation.durable.rules import Before
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.durable_execution import (
    DurableExecution,
    DurableOperation,
    ExecutionKey,
    HistoryEvent,
)
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, OPEN_STATES, ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import AWAITED, DURABLE_OPERATION, OperationEvent, OperationStatus
from lambda_states_mock.store import Partition, Story

_TOKEN_LENGTH = 64

ExecutionMachine = StateMachine[ExecutionState, ExecutionEvent]
OperationMachine = StateMachine[OperationStatus, OperationEvent]


@dataclass(frozen=True, slots=True)
class Interruption:
    """A fault has ended an invocation, whatever its code still answers. *error*, as it is told; *hangs*, whether that
    is by its time-out only.
    """

    error: Mapping[str, Any]
    hangs: bool


@dataclass(eq=False, slots=True)
class DurableRuns:
    """What durable executions go on with: who steps their tables, and who runs their functions."""

    driver: Driver
    registry: LifecycleRegistry
    timings: FunctionTimings
    limits: Limits
    chance: Chance
    admission: Admission
    runner: Runner
    faults: Faults
    destinations: Destinations
    sequence: Iterator[int] = field(default_factory=lambda: count(1))
    held: dict[str, list[Callable[[], object]]] = field(default_factory=dict)
    """What starts when the invocation under way has ended, by the ARNs of executions."""
    interrupted: dict[str, Interruption] = field(default_factory=dict)
    """What has ended the invocations under way, by the ARNs of their executions."""
    awaited: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What is told of the ends of executions, by their ARNs: who waits for them while the clock stands."""

    @property
    def clock(self) -> VirtualClock:
        return self.driver.clock

    def new_token(self) -> str:
        """Return a checkpoint token."""
        return self.chance.token(_TOKEN_LENGTH)


@dataclass(frozen=True, slots=True)
class Durable:
    """A durable execution: *key* in *partition*."""

    runs: DurableRuns
    partition: Partition
    key: ExecutionKey

    @property
    def now(self) -> datetime:
        return self.runs.driver.clock.standing

    def get(self) -> DurableExecution | None:
        """Return the execution as it is now; None: it is no longer kept."""
        return self.partition.durable_executions.get(self.key)

    @property
    def record(self) -> DurableExecution:
        """The execution as it is now. Raises KeyError when it is no longer kept."""
        return self.partition.durable_executions[self.key]

    @property
    def story(self) -> Story:
        """What has happened in it. Raises KeyError when it is no longer kept."""
        return self.partition.durable_stories[self.key]

    def change(self, **fields: Any) -> DurableExecution:
        """Replace *fields* of the execution and return it."""
        execution = replace(self.record, **fields)
        self.partition.durable_executions.put(self.key, execution)
        return execution

    # -- its status

    @property
    def machine(self) -> ExecutionMachine:
        """What steps its status. Raises KeyError when it is no longer kept."""
        return self.runs.registry.of(DURABLE_EXECUTION, self.record.arn)

    @property
    def state(self) -> ExecutionState:
        """Its state; ABSENT when it is no longer kept."""
        execution = self.get()
        return self.runs.registry.of(DURABLE_EXECUTION, execution.arn).state if execution else ExecutionState.ABSENT

    def is_open(self) -> bool:
        """Tell whether it is not over yet; it may be paused."""
        return self.state in OPEN_STATES

    def fire(self, event: ExecutionEvent) -> None:
        """Let *event* happen to the execution."""
        self.runs.driver.fire(self.machine, event)

    def stay_open(self, event: ExecutionEvent, deadline: datetime) -> None:
        """Let *event* happen, after which it is open still, and times out at *deadline*."""
        self.machine.timings["execution"] = max(deadline - self.now, timedelta(0))
        self.fire(event)

    def end(self, event: ExecutionEvent, *, result: str | None = None, error: Mapping[str, Any] | None = None) -> None:
        """End it with *event*, unless it has ended already."""
        if self.is_open():
            self.change(result=result, error=error)
            self.fire(event)

    def halt(self) -> None:
        """Let it be paused from now on: nothing of its function runs that would go on."""
        pause = self.record.pause
        assert pause is not None
        execution = self.change(pause=replace(pause, at=self.now))
        self.stay_open(ExecutionEvent.HALTED, execution.times_out)
        details = {"PauseRequestTimestamp": pause.requested, "ExecutionTimeoutPaused": pause.timeout_paused}
        self.tell_reason("ExecutionPaused", details, pause.reason)

    def later(self, phase: str, action: Callable[[], object]) -> None:
        """Do *action* once *phase* has taken its time."""
        machine = self.machine
        length = machine.timings.of(phase, machine.kind)
        self.runs.clock.schedule(length, action, label=f"{machine.label} {phase}")

    def after_invocation(self, action: Callable[[], object], *, within: timedelta, label: str) -> None:
        """Do *action* once the invocation that is under way has ended, at the latest *within* some time."""
        arn, is_done = self.record.arn, False

        def once() -> None:
            nonlocal is_done
            if not is_done:
                is_done = True
                action()

        self.runs.held.setdefault(arn, []).append(once)
        self.runs.clock.call_later(within, once, label=label)

    def release(self) -> None:
        """Do what was to be done after the invocation."""
        for action in self.runs.held.pop(self.record.arn, ()):
            action()

    # -- its history

    def tell(self, kind: str, details: Mapping[str, Any], operation: DurableOperation | None = None) -> None:
        """Add an event to the history."""
        events = self.story.events
        events.append(
            HistoryEvent(number=len(events) + 1, type=kind, at=self.now, details=details, operation=operation)
        )

    def tell_reason(self, kind: str, details: dict[str, Any], reason: str | None) -> None:
        """Add an event to the history, with the reason that the caller has given."""
        self.tell(kind, details if reason is None else {**details, "Reason": {"Payload": reason, "Truncated": False}})

    @property
    def history(self) -> list[HistoryEvent]:
        return list(self.story.events)

    # -- its operations

    def operation(self, operation_id: str) -> DurableOperation | None:
        story = self.partition.durable_stories.get(self.key)
        return story.operations.get(operation_id) if story is not None else None

    @property
    def operations(self) -> list[DurableOperation]:
        """All operations, in the order of their starts."""
        return list(self.story.operations.values())

    def put(self, one: DurableOperation) -> None:
        """Let *one* be what is there of that operation; the function will be told."""
        story = self.story
        story.operations[one.id] = one
        story.unheard.add(one.id)

    def machine_of(self, operation_id: str) -> OperationMachine | None:
        """Return what steps an operation."""
        return self.runs.registry.find(DURABLE_OPERATION, f"{self.record.arn}/{operation_id}")

    def status_of(self, one: DurableOperation) -> OperationStatus:
        machine = self.machine_of(one.id)
        return machine.state if machine is not None else OperationStatus.ABSENT

    def before(self, operation_id: str) -> Before | None:
        """Return what the rules of checkpoints need to know of an operation; the execution itself is one."""
        execution = self.record
        if operation_id == execution.id:
            told = {"Type": "EXECUTION", "SubType": None, "Name": execution.name, "ParentId": None}
            return Before(OperationStatus.STARTED, told)
        one = self.operation(operation_id)
        if one is None:
            return None
        members = {"Type": one.type, "SubType": one.sub_type, "Name": one.name, "ParentId": one.parent_id}
        return Before(self.status_of(one), members)

    def awaits_something(self) -> bool:
        """Tell whether an operation will end, or fall due, without the function."""
        return any(self.status_of(one) in AWAITED for one in self.story.operations.values())

    def awaited(self) -> list[DurableOperation]:
        """Return the operations that end, or fall due, without the function, in the order of their starts."""
        return [one for one in self.operations if self.status_of(one) in AWAITED]
