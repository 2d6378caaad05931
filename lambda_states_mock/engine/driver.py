"""Where the tables meet time: events are fired here, recorded, and what a state waits for is scheduled.

The only reader of both the tables and the clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.engine.timeline import Changes, Transition
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import ErrorTemplate, ServiceError
from lambda_states_mock.states.lifecycle import Later, Lifecycle, Move, Reason, Refuse

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)


KEPT_PAST = 1_000
"""So many earlier states of a machine are kept at least, for readers who are late."""


@dataclass(frozen=True, slots=True)
class PhaseOutcome:
    """How a phase will go: *length* until it ends (None: it hangs), *failed*: the reason, or None where it goes well.

    *cause* is what the timeline says of it, None for the ordinary text.
    """

    length: timedelta | None
    failed: Reason | None = None
    cause: str | None = None


class Recorder(Protocol):
    """Keeps the moves of a machine."""

    def record(self, transition: Transition, /) -> None: ...


@dataclass(slots=True, eq=False)
class StateMachine(Generic[S, E]):
    """One thing in one lifecycle: a function's State, its LastUpdateStatus, a version's State ..."""

    lifecycle: Lifecycle[S, E]  # its table
    label: str  # how the timeline calls the thing, e.g. ``orders:3``
    arn: str  # as in AWS's messages
    kind: str  # ``zip``, ``vpc``, ``image`` ...; chooses rows
    timings: Timings  # how long its phases take
    scope: Mapping[str, str] = field(default_factory=dict)  # for faults that mean only some: ``function``, ``version``
    moved: Callable[[StateMachine[S, E], S], object] | None = None  # called after each change of state
    failure: Callable[[str], E] | None = None  # reason code -> what a failure for it is; None: the row's own event
    # Asked as a phase begins: the kind by which it is timed; by default the machine's own.
    pace: Callable[[StateMachine[S, E], str], str] | None = None
    # Asked when a phase would end well, with its name: why it fails all the same, or None.
    precondition: Callable[[str], Reason | None] | None = None
    # What is answered in place of a row's refusal.
    answered: Callable[[StateMachine[S, E], ErrorTemplate], ErrorTemplate] = lambda _machine, answer: answer
    recorder: Recorder | None = None  # of its moves; None: the timeline of the mock
    state: S = field(init=False)
    shown: str | None = field(init=False)  # the state as AWS shows it
    reason: Reason | None = None
    since: datetime | None = None
    timer: Timer | None = None
    waits_for: Later[E] | None = None
    fault: PhaseOutcome | None = None  # what a test wants of the phase that runs now, if that is not timed
    past: list[tuple[datetime, str | None, Reason | None]] = field(default_factory=list)  # shown before, until when

    def __post_init__(self) -> None:
        self.state = self.lifecycle.initial
        self.shown = self.lifecycle.shown[self.state]

    def become(self, kind: str) -> None:
        """Be of another *kind* from now on: what it is of was changed."""
        self.kind = kind

    def shown_at(self, moment: datetime) -> tuple[str | None, Reason | None]:
        """Return the state as AWS showed it at *moment*, and its reason."""
        for until, shown, reason in self.past:
            if moment < until:
                return shown, reason
        return self.shown, self.reason


class PhaseOutcomes(Protocol):
    """Says how a phase goes: the faults that a test has scripted, or nothing special."""

    def outcome(
        self, machine: StateMachine[Any, Any], phase: str, length: timedelta, driver: Driver
    ) -> PhaseOutcome: ...


UNTIMED = timedelta(0)
UNHURT = PhaseOutcome(UNTIMED)
"""How a phase without a length goes where no fault is scripted for it."""


class Causes(threading.local):
    """What brings about what happens now, by thread: the call, the phase that ended, the test."""

    innermost = "the test"

    @contextmanager
    def by(self, cause: str) -> Iterator[None]:
        """Let *cause* bring about what happens in the ``with`` block."""
        before, self.innermost = self.innermost, cause
        try:
            yield
        finally:
            self.innermost = before


class Driver:
    """Fires events at state machines. *outcomes* decides how phases go."""

    def __init__(self, clock: VirtualClock, changes: Changes, outcomes: PhaseOutcomes) -> None:
        self.clock = clock
        self._changes = changes
        self._outcomes = outcomes
        self.causes = Causes()

    def check(self, machine: StateMachine[S, E], event: E) -> None:
        """Raise what AWS would answer to *event* now; change nothing."""
        cell = machine.lifecycle.step(machine.state, event, machine.kind)
        answer = cell.answer if isinstance(cell, (Refuse, Move)) else None
        if answer is not None:
            raise self._refusal(machine, answer)

    def fire(
        self,
        machine: StateMachine[S, E],
        event: E,
        *,
        reason: Reason | None = None,
        cause: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Let *event* happen to *machine*.

        Parameters: *reason*, wins over the row's; *cause*, for the timeline (by default the call being answered); *at*,
        when it happens: by default now, later where code runs ahead of the clock.
        Raises ServiceError where the row refuses, or moves and answers with an error all the same.
        """
        cell = machine.lifecycle.table.get((machine.state, event))
        if type(cell) is not Move:  # most cells are moves; all others take a closer look
            cell = machine.lifecycle.step(machine.state, event, machine.kind)
            if isinstance(cell, Refuse):
                raise self._refusal(machine, cell.answer)
            if not isinstance(cell, Move):
                return
        refusal = self._refusal(machine, cell.answer) if cell.answer is not None else None
        kept = machine.reason if cell.keeps_reason else None
        self._move(
            machine, cell, reason or cell.reason or kept, cause or self.causes.innermost, at or self.clock.standing
        )
        if refusal is not None:
            raise refusal

    def end_phase(self, machine: StateMachine[S, E], *, failed: Reason | None = None, cause: str | None = None) -> None:
        """End what *machine* waits for now, well or with *failed*; nothing if it waits for nothing."""
        waits_for = machine.waits_for
        if waits_for is None:
            return
        if failed is None and waits_for.failed is not None and machine.precondition is not None:
            failed = machine.precondition(waits_for.phase)
        if failed is None:
            self.fire(machine, waits_for.done, cause=cause or f"{waits_for.phase} ended")
            return
        event = machine.failure(failed.code) if machine.failure is not None else waits_for.failed
        if event is not None:
            self.fire(machine, event, reason=failed, cause=cause or f"{waits_for.phase} failed")

    def attempt(self, machine: StateMachine[S, E], phase: str) -> Reason | None:
        """Return why *phase* of *machine* fails if it is tried now, by a fault or a precondition; None: it does not."""
        failed = self._outcomes.outcome(machine, phase, UNTIMED, self).failed
        if failed is None and machine.precondition is not None:
            failed = machine.precondition(phase)
        return failed

    def drop(self, machine: StateMachine[S, E]) -> None:
        """Forget *machine*: nothing of it is to happen any more."""
        if machine.timer is not None:
            self.clock.cancel(machine.timer)
        machine.timer = machine.waits_for = None

    def _refusal(self, machine: StateMachine[S, E], answer: ErrorTemplate) -> ServiceError:
        reason_code = machine.reason.code if machine.reason else ""
        answer = machine.answered(machine, answer)
        return answer.error(arn=machine.arn, state=machine.shown, reason_code=reason_code)

    def _move(
        self, machine: StateMachine[S, E], move: Move[S, E], reason: Reason | None, cause: str, now: datetime
    ) -> None:
        before, shown = machine.state, machine.shown
        again = before is move.to
        if machine.timer is not None:
            self.clock.cancel(machine.timer)
        # What hung there has no timer, and is left as well.
        machine.timer = machine.waits_for = machine.fault = None
        if not again:
            after = machine.lifecycle.shown[move.to]
            if after != shown or reason != machine.reason:
                code, text = (reason.code, reason.text) if reason else (None, None)
                name = machine.lifecycle.name
                recorder = machine.recorder or self._changes
                recorder.record(Transition(now, machine.label, name, shown, after, cause, code, text))
            if machine.recorder is None:
                machine.past.append((now, shown, machine.reason))
                if len(machine.past) > 2 * KEPT_PAST:
                    del machine.past[1:-KEPT_PAST]  # the first says since when there is anything
            machine.state, machine.shown, machine.reason, machine.since = move.to, after, reason, now
        if move.then is not None:
            self._wait(machine, move.then)
        if not again and machine.moved is not None:
            outer, self.causes.innermost = self.causes.innermost, cause
            try:
                machine.moved(machine, before)
            finally:
                self.causes.innermost = outer

    def _wait(self, machine: StateMachine[S, E], later: Later[E]) -> None:
        if not later.is_timed:
            machine.waits_for = later
            outcome = self._outcomes.outcome(machine, later.phase, UNTIMED, self)
            if outcome is not UNHURT and (outcome.length != UNTIMED or outcome.failed is not None):
                machine.fault = outcome
            return
        kind = machine.pace(machine, later.phase) if machine.pace is not None else machine.kind
        length = machine.timings.of(later.phase, kind)
        machine.waits_for = later
        outcome = self._outcomes.outcome(machine, later.phase, length, self)
        if outcome.length is not None:
            machine.timer = self.clock.schedule(
                outcome.length,
                partial(self.end_phase, machine, failed=outcome.failed, cause=outcome.cause),
                label=f"{machine.label} {later.phase}",
                background=later.background,
            )
