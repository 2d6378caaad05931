"""Faults in the phases of a lifecycle: they fail, hang or take longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lambda_states_mock.engine.driver import Driver, PhaseOutcome, StateMachine
from lambda_states_mock.engine.fault import Fault, FaultPlace
from lambda_states_mock.errors import UnknownNameError, nearest
from lambda_states_mock.instants import length_of
from lambda_states_mock.states.execution_environment import FAILURES
from lambda_states_mock.states.reasons import reason as reason_of

if TYPE_CHECKING:
    from lambda_states_mock.engine.faults import Faults


class PhaseFault(Fault):
    """A fault in a phase of a lifecycle. Created by the methods of `PhasePlace`."""

    def __init__(
        self,
        place: PhasePlace,
        what: str,
        outcome: Callable[[timedelta], PhaseOutcome],
        *,
        times: int | None,
        required: bool,
    ) -> None:
        __tracebackhide__ = True
        super().__init__(place.faults, f"{place}: {what}", times=times, required=required)
        self._place = place
        self._outcome = outcome
        self._hung: list[tuple[StateMachine[Any, Any], Any, Driver]] = []

    def matches(self, machine: StateMachine[Any, Any], phase: str) -> bool:
        """Return whether *phase* of *machine* matches and the fault can still fire."""
        return not self.spent and self._place.matches(machine, phase)

    def outcome(self, machine: StateMachine[Any, Any], length: timedelta, driver: Driver) -> PhaseOutcome:
        """Return the outcome of a phase that usually takes *length*, and count the fault."""
        self.fire(machine.scope.get("function", machine.label))
        outcome = self._outcome(length)
        waits_for = machine.waits_for
        if outcome.length is None and waits_for is not None and waits_for.phase == self._place.phase:
            self._hung.append((machine, machine.waits_for, driver))
        return outcome

    def release(self) -> None:
        """End all phases that this fault hangs, and take it back. They end well unless the world prevents it."""
        self.remove()
        hung, self._hung = self._hung, []
        for machine, waits_for, driver in hung:
            if machine.waits_for is waits_for:
                with driver.clock.lock:
                    driver.end_phase(machine, cause="released by the test")

    def close(self) -> None:
        """Let go of what hangs: the mock has ended."""
        self._hung.clear()


class PhasePlace(FaultPlace):
    """The phase that `Faults.on_phase` chose. Its methods script what happens in it."""

    methods = "fail(), hang() or take()"
    _taken = f" a phase takes {methods}; a call, on_call(...), takes error(), delay(), disconnect() or time_out()."

    def __init__(self, faults: Faults, phase: str, function: str | None, version: str | None, kind: str | None) -> None:
        self.faults = faults
        self.phase = phase
        self.function = function
        self.version = version
        self.kind = kind

    def __str__(self) -> str:
        scope = [f"{name}={value!r}" for name, value in self._scope().items()]
        return f"{self.phase}" + (f" of {', '.join(scope)}" if scope else "")

    def _scope(self) -> dict[str, str]:
        wanted = {"function": self.function, "version": self.version, "kind": self.kind}
        return {name: value for name, value in wanted.items() if value is not None}

    def matches(self, machine: StateMachine[Any, Any], phase: str) -> bool:
        """Return whether *phase* of *machine* matches."""
        found = {"kind": machine.kind, **machine.scope}
        return phase == self.phase and all(found.get(name) == value for name, value in self._scope().items())

    def fail(
        self, code: str, reason: str | None = None, *, times: int | None = None, required: bool = True
    ) -> PhaseFault:
        """Let the phase fail, after its usual time.

        Parameters:
            code: a StateReasonCode, or for ``update`` a LastUpdateStatusReasonCode of AWS.
            reason: the text of the reason, in place of AWS's.
            times: how often it fires; None for each time.
            required: whether the test fails if it never fires.

        Raises UnknownNameError for an unknown code, ValueError for a wrong *times*.
        """
        __tracebackhide__ = True
        self.spoken_of = True
        known = self.faults.reason_codes(self.phase)
        if code not in known:
            raise UnknownNameError(
                f'AWS has no reason code "{code}" for {self.phase}:{nearest(code, known)} '
                f"It has: {', '.join(sorted(known))}."
            )
        failed = reason_of(code, reason or FAILURES.get(code))
        return self._add(f"fails with {code}", lambda length: PhaseOutcome(length, failed), times, required)

    def take(self, seconds: float | timedelta, *, times: int | None = None, required: bool = True) -> PhaseFault:
        """Let the phase take another time than usual, and end well.

        Parameters: *seconds*, the length, in seconds or as a timedelta; *times* and *required*, as for `fail`.

        Raises TypeError for what is no length of time, ClockError for a negative or infinite one, ValueError for a
        wrong *times*.
        """
        __tracebackhide__ = True
        self.spoken_of = True
        length = length_of("take()", seconds, instead="a length that ends, or use hang()")
        return self._add(f"takes {length.total_seconds():g} s", lambda _usual: PhaseOutcome(length), times, required)

    def hang(self, *, times: int | None = None, required: bool = True) -> PhaseFault:
        """Let the phase hang until you call `PhaseFault.release`.

        Parameters: *times* and *required*, as for `fail`. Raises ValueError for a wrong *times*.
        """
        __tracebackhide__ = True
        return self._add("hangs", lambda _usual: PhaseOutcome(None), times, required)

    def _add(
        self, what: str, outcome: Callable[[timedelta], PhaseOutcome], times: int | None, required: bool
    ) -> PhaseFault:
        __tracebackhide__ = True
        self.spoken_of = True
        fault = PhaseFault(self, what, outcome, times=times, required=required)
        self.faults.add(fault)
        return fault
