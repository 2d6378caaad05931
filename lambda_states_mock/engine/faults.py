"""Faults: phases that fail, hang or take longer, and API calls that fail, are delayed or break off.

A fault object counts how often it fired (``called``), and can be taken back (``remove()``). A required fault that never
fired is an error when the mock ends, since a test that scripts a fault and does not meet it tests nothing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.call_faults import UNMODELLED, CallFault, CallPlace, Condition, RandomPlace
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import UNHURT, Driver, PhaseOutcome, StateMachine
from lambda_states_mock.engine.fault import Fault, FaultPlace, Firing, check_count
from lambda_states_mock.engine.operation_faults import OperationFault, OperationPlace
from lambda_states_mock.engine.phase_faults import PhaseFault, PhasePlace
from lambda_states_mock.engine.poll_faults import PollFault, PollPlace, PollTrouble
from lambda_states_mock.engine.timings import RUN, check_kind, check_phase
from lambda_states_mock.errors import UnfiredFaultError, UnknownNameError, nearest
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.execution_environment import FAILURES
from lambda_states_mock.states.provisioned_concurrency import INIT_FAILED

KEPT_FIRINGS = 10_000
"""Older ones are forgotten, so that hours of traffic fit into memory; faults still count them."""


class Faults(EndsWithMock):
    """The faults of a mock: ``m.faults``.

    Parameters: *state_codes* and *update_codes* return AWS's reason codes, for State and for LastUpdateStatus;
    *errors_of* returns the codes of an operation's modelled errors, and raises UnknownNameError for an unknown one;
    *params_of* returns the names of its parameters;
    *members_of* returns the names of what a modelled error carries beside its type and its message;
    *is_service_fault* tells whether a modelled error is AWS's own, as its member ``Type`` says.
    """

    def __init__(
        self,
        chance: Chance,
        clock: VirtualClock,
        *,
        state_codes: Callable[[], Collection[str]],
        update_codes: Callable[[], Collection[str]],
        errors_of: Callable[[str], Collection[str]],
        params_of: Callable[[str], Collection[str]],
        members_of: Callable[[str], Collection[str]],
        is_service_fault: Callable[[str], bool],
    ) -> None:
        self._chance = chance
        self._clock = clock
        self._state_codes = state_codes
        self._update_codes = update_codes
        self.errors_of = errors_of
        self._params_of = params_of
        self._members_of = members_of
        self._is_service_fault = is_service_fault
        self._phases: list[PhaseFault] = []
        self._calls: list[CallFault] = []
        self._polls: list[PollFault] = []
        self._pollers: list[Callable[[], object]] = []
        self._operations: list[OperationFault] = []
        self._all: list[Fault] = []
        self._places: list[FaultPlace] = []
        self.fired: deque[Firing] = deque(maxlen=KEPT_FIRINGS)

    def __repr__(self) -> str:
        return f"<Faults {self._all!r}>"

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._all))

    def close(self) -> None:
        """Take no more faults, and let go of what hangs."""
        self.leave()
        self._pollers.clear()
        for fault in self._phases:
            fault.close()

    def on_phase(
        self, phase: str, *, function: str | None = None, version: str | int | None = None, kind: str | None = None
    ) -> PhasePlace:
        """Choose a phase: ``create``, ``update``, ``restore`` ... Then call a method of what this returns.

        Parameters:
            phase: the name of the phase, as in `Timings`.
            function: only of this function, by name; of all by default.
            version: only of this version, by its number, or for ``provision`` by an alias as well; of all by default.
            kind: only of this kind of function or event source, as in `Timings`; of all by default. ``vpc`` includes
                ``vpc-shared``, and ``snapstart`` includes ``snapstart-kept``: those two choose timings only.

        Raises UnknownNameError for an unknown phase or kind, or for what is no version, NotActiveError after the mock
        has ended.
        """
        __tracebackhide__ = True
        self.check_active("faults.on_phase()")
        if phase == "poll":
            raise UnknownNameError("polls of sources are no phase: they are chosen with  m.faults.on_poll(...).")
        check_phase(phase)
        if version is not None and (isinstance(version, bool) or not isinstance(version, (str, int))):
            raise TypeError(f'version={version!r}: give the number of a version, "$LATEST", or the name of an alias')
        if (
            version is not None
            and phase != "provision"
            and not re.fullmatch(r"\d+|\$LATEST(\.PUBLISHED)?", str(version), re.ASCII)
        ):
            raise UnknownNameError(
                f'version={version!r}: {phase} is a phase of versions; give the number of one, or "$LATEST". '
                'Only "provision" knows aliases.'
            )
        if kind is not None:
            check_kind(kind)
        place = PhasePlace(self, phase, function, None if version is None else str(version), kind)
        self._places.append(place)
        return place

    def on_call(
        self, operation: str, *, function: str | None = None, nth: int | None = None, when: Condition | None = None
    ) -> CallPlace:
        """Choose API calls. Then call a method of what this returns.

        Parameters:
            operation: AWS's name of the operation, or ``"*"`` for all.
            function: only calls for this function, by name.
            nth: only the n-th of the calls that match, counted from 1.
            when: only calls with these parameters: a mapping, or a function of the parameters that returns a bool.

        Raises UnknownNameError for an unknown operation or parameter, TypeError or ValueError for a wrong *when* or
        *nth*, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.check_active("faults.on_call()")
        self.errors_of(operation)
        if when is not None and not callable(when) and not isinstance(when, Mapping):
            raise TypeError(
                f"when={when!r}: give a mapping of parameters, or a function of them that answers yes or no"
            )
        for name in when if isinstance(when, Mapping) else ():
            known = self._params_of(operation)
            if name not in known:
                raise UnknownNameError(
                    f"{operation} has no parameter {name!r}:{nearest(name, known)} It has: {', '.join(sorted(known))}."
                )
        check_count("nth", nth, "calls are counted from 1")
        place = CallPlace(self, operation, function, nth, when)
        self._places.append(place)
        return place

    def on_poll(self, source: str | None = None, *, function: str | None = None, shard: str | None = None) -> PollPlace:
        """Choose polls of event sources. Then call a method of what this returns.

        Parameters: *source*, the ARN or the name of the queue or stream, all by default; *function*, only for this
        function, by name; *shard*, only of this shard or partition.

        Raises NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.check_active("faults.on_poll()")
        place = PollPlace(self, source, function, shard)
        self._places.append(place)
        return place

    def poll(self, source: str, name: str, function: str, shard: str | None = None) -> PollTrouble | None:
        """Return what happens to a poll of *source*, which is called *name*, for *function*; None if nothing does."""
        for fault in self._polls:
            trouble = fault.meet(source, name, function, shard)
            if trouble is not None:
                return trouble
        return None

    def observe_polls(self, go_on: Callable[[], object]) -> None:
        """Call *go_on* when polls that hang may go on."""
        self._pollers.append(go_on)

    def polls_go_on(self) -> None:
        """Let polls that hang go on."""
        if not self._left:
            for go_on in self._pollers:
                go_on()

    def on_operation(self, name: str, *, function: str | None = None) -> OperationPlace:
        """Choose an operation of durable executions. Then call a method of what this returns.

        Parameters: *name*, of the operation, or its id; *function*, only in executions of this function, by name.

        Raises TypeError for a *name* that is no text, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.check_active("faults.on_operation()")
        given: object = name
        if not isinstance(given, str):
            raise TypeError(f"on_operation() needs the name of an operation, not {given!r}")
        place = OperationPlace(self, name, function)
        self._places.append(place)
        return place

    def random(self, *, rate: float, errors: Sequence[str], operations: Collection[str] = ("*",)) -> CallFault:
        """Let calls fail at random. The mock's seed makes it reproducible; such a fault need not fire.

        Parameters:
            rate: the share of calls that fail, 0 to 1.
            errors: the error codes; each failure gets one of them.
            operations: the operations whose calls can fail; all by default.

        Raises ValueError for a wrong *rate* or an empty list, UnknownNameError for an unknown operation or a code that
        it cannot answer, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.check_active("faults.random()")
        if type(rate) not in (int, float) or not 0 <= rate <= 1:
            raise ValueError(f"rate={rate!r}: give a share between 0 and 1")
        if isinstance(errors, str) or not errors:
            raise ValueError(f'errors={errors!r}: give a list of error codes, such as ["InternalFailure"]')
        if isinstance(operations, str) or not operations:
            raise ValueError(f'operations={operations!r}: give a list of operations, such as ["Invoke"]')
        for operation in operations:
            for code in errors:
                self.check_code(operation, code)
        place = RandomPlace(self, operations, rate, self._chance)

        def fail() -> None:
            code = errors[int(self._chance.random() * len(errors))]
            raise self.error(code, f"{code} (drawn at random, seed {self._chance.seed})")

        what = f"one of {', '.join(errors)}, seed {self._chance.seed}"
        fault = CallFault(place, what, fail, times=None, required=False)
        self.add(fault)
        return fault

    def check_code(self, operation: str, code: str) -> None:
        """Raise UnknownNameError unless *operation* can answer the error *code*."""
        __tracebackhide__ = True
        known = {*self.errors_of(operation), *UNMODELLED}
        if code not in known:
            raise UnknownNameError(
                f'{operation} cannot answer "{code}":{nearest(code, known)} It can: {", ".join(sorted(known))}.'
            )

    def error(
        self, code: str, text: str, *, status: int | None = None, members: Mapping[str, Any] | None = None
    ) -> ServiceError:
        """Return the error *code* in the shape that AWS gives it. Parameters: *status*, where it is not the code's."""
        kind = None
        if code not in UNMODELLED:
            of_aws = self._is_service_fault(code) if status is None else status >= 500
            kind = "Service" if of_aws else "User"
        return ServiceError(code, text, type=kind, status=status or UNMODELLED.get(code), members=members)

    def check_members(self, code: str, members: Collection[str]) -> None:
        """Raise UnknownNameError unless the error *code* can carry all of *members*."""
        __tracebackhide__ = True
        known = self._members_of(code)
        for member in members:
            if member not in known:
                there = ", ".join(sorted(known)) or "none"
                raise UnknownNameError(f'{code} has no member "{member}":{nearest(member, known)} It has: {there}.')

    def reason_codes(self, phase: str) -> Collection[str]:
        """Return the reason codes that a failure of *phase* can have."""
        if phase in RUN:
            return FAILURES
        if phase == "provision":
            return {*self._state_codes(), INIT_FAILED.code}
        return self._update_codes() if phase == "update" else self._state_codes()

    def add(self, fault: Fault, *, first: bool = False) -> None:
        """Add *fault*. For phases the fault added last applies first; for calls all apply, in order, or *first*."""
        self._all.append(fault)
        if isinstance(fault, PhaseFault):
            self._phases.insert(0, fault)
        elif isinstance(fault, CallFault):
            self._calls.insert(0 if first else len(self._calls), fault)
        elif isinstance(fault, PollFault):
            self._polls.insert(0, fault)
        elif isinstance(fault, OperationFault):
            self._operations.append(fault)

    def note_fired(self, subject: str, what: str) -> None:
        """Note that *subject* has met the fault *what*."""
        self.fired.append(Firing(self._clock.standing, subject, what))

    def forget(self, fault: Fault) -> None:
        """Take *fault* back."""
        self._all = [one for one in self._all if one is not fault]
        self._phases = [one for one in self._phases if one is not fault]
        self._calls = [one for one in self._calls if one is not fault]
        self._polls = [one for one in self._polls if one is not fault]
        self._operations = [one for one in self._operations if one is not fault]

    def clear(self) -> None:
        """Take all faults back."""
        self._all, self._phases, self._calls, self._polls, self._places = [], [], [], [], []
        self._operations = []
        self.polls_go_on()

    def meet(self, operation: str, params: Mapping[str, Any]) -> None:
        """Apply all faults to a call. Raises ServiceError or BrokenConnection if a fault does."""
        for fault in tuple(self._calls):
            fault.meet(operation, params)

    def meet_operation(
        self, function: str, names: tuple[str | None, ...], kind: str, action: str
    ) -> OperationFault | None:
        """Return the fault that an update of a checkpoint meets, and count it. Parameters: as `OperationFault`."""
        for fault in self._operations:
            if fault.meet(function, names, kind, action):
                return fault
        return None

    def outcome(self, machine: StateMachine[Any, Any], phase: str, length: timedelta, driver: Driver) -> PhaseOutcome:
        """Return the outcome of *phase* of *machine*. Without a fault it takes *length* and ends well.

        Parameters: *driver*, which ends a phase that hangs, once the test releases it.
        """
        for fault in self._phases:
            if fault.matches(machine, phase):
                return fault.outcome(machine, length, driver)
        return PhaseOutcome(length) if length else UNHURT

    def let_pass(self, seconds: float | timedelta) -> None:
        """Move the clock by *seconds* within a call."""
        if not self._left:
            self._clock.advance(seconds)

    def check_met(self) -> None:
        """Raise UnfiredFaultError if a required fault never fired, or if a chosen phase or call has no fault."""
        for place in self._places:
            if not place.spoken_of:
                raise UnfiredFaultError(
                    f"a place for a fault was chosen, but nothing said of what happens there:\n  {place}\n"
                    f"  Say it with one of its methods: {place.methods}."
                )
        unmet = [fault for fault in self._all if fault.required and not fault.called]
        if unmet:
            raise UnfiredFaultError(
                "scripted, but never met:\n"
                + "\n".join(f"  {fault!r}" for fault in unmet)
                + "\n  Is the name right, and was the call made? If it need not be met, say required=False."
            )
