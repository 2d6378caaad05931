"""What a test wants to go wrong: phases that fail, hang or take longer, and calls that fail, wait or break off.

A fault is an object to hold: it counts how often it was met (``called``), can be taken back (``remove()``), and one that
was never met is reported when the mock ends, because a test that scripts a fault and does not meet it tests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver, Outcome, Subject
from lambda_states_mock.engine.timings import KINDS, PHASES
from lambda_states_mock.errors import LambdaMockError, UnfiredFaultError, UnknownNameError, nearest
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.reasons import reason as reason_of

Break = Literal["connection closed", "read timed out"]
Condition = Mapping[str, Any] | Callable[[Mapping[str, Any]], bool]

UNMODELLED = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InternalFailure",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestEntityTooLargeException",
        "RequestExpired",
        "ServiceUnavailable",
        "ThrottlingException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)
"""Errors that AWS answers to any call and that no operation's model names (AWS's page of common errors)."""

_STATUS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "InvalidSignatureException": 403,
    "RequestEntityTooLargeException": 413,
    "ServiceUnavailable": 503,
    "ThrottlingException": 429,
    "UnrecognizedClientException": 403,
}


class BrokenConnection(LambdaMockError):  # noqa: N818 - it says what happens, and the adapters make it their client's error
    """The connection is to break: each adapter raises its own client's exception for it."""

    def __init__(self, how: Break) -> None:
        super().__init__(how)
        self.how = how


class Fault:
    """Something that shall go wrong.

    Attributes: *called*, how often it was met; *required*, whether the end of the mock asks for it to have been met.
    """

    def __init__(self, faults: Faults, what: str, *, times: int | None, required: bool) -> None:
        if times is not None and times < 1:
            raise ValueError(f"times={times!r}: give a number of at least 1, or leave it out for every time")
        self._faults = faults
        self._what = what
        self.times = times
        self.required = required
        self.called = 0

    def __repr__(self) -> str:
        often = "" if self.times is None else f", {self.times} times"
        return f"<Fault {self._what}{often}; called {self.called}>"

    @property
    def spent(self) -> bool:
        """Whether it has been met as often as it may."""
        return self.times is not None and self.called >= self.times

    def remove(self) -> None:
        """Take it back. What it has done stays done."""
        self._faults.forget(self)

    def optional(self) -> Fault:
        """Let the test pass though it may never be met; returns itself."""
        self.required = False
        return self


class PhaseFault(Fault):
    """A fault in a phase of a lifecycle; made by `PhasePlace`."""

    def __init__(
        self, place: PhasePlace, what: str, outcome: Callable[[timedelta], Outcome], *, times: int | None, required: bool
    ) -> None:
        super().__init__(place.faults, f"{place}: {what}", times=times, required=required)
        self._place = place
        self._outcome = outcome
        self._hung: list[tuple[Subject[Any, Any], Any]] = []

    def matches(self, subject: Subject[Any, Any], phase: str) -> bool:
        """Tell whether *phase* of *subject* is the one meant."""
        return not self.spent and self._place.matches(subject, phase)

    def outcome(self, subject: Subject[Any, Any], length: timedelta) -> Outcome:
        """Return how the phase goes, and count it."""
        self.called += 1
        outcome = self._outcome(length)
        if outcome.length is None:
            self._hung.append((subject, subject.waits_for))
        return outcome

    def release(self) -> None:
        """Let what hangs go on: the phase ends now, well."""
        self.remove()
        hung, self._hung = self._hung, []
        for subject, waits_for in hung:
            if subject.waits_for is waits_for:
                self._faults.end_phase(subject)


class PhasePlace:
    """Which phase is meant: of which function, version, kind. Say what happens there with one of its methods."""

    def __init__(
        self, faults: Faults, phase: str, function: str | None, version: str | None, kind: str | None
    ) -> None:
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

    def matches(self, subject: Subject[Any, Any], phase: str) -> bool:
        """Tell whether *phase* of *subject* is meant."""
        found = {**subject.scope, "kind": subject.kind}
        return phase == self.phase and all(found.get(name) == value for name, value in self._scope().items())

    def fail(
        self, code: str, reason: str | None = None, *, times: int | None = None, required: bool = True
    ) -> PhaseFault:
        """Let the phase end in failure, after its usual time.

        Parameters: *code*, a StateReasonCode, or for ``update`` a LastUpdateStatusReasonCode, of the installed
        botocore; *reason*, a text of your own; *times*, how often (None: each time); *required*, whether it must be met.
        Raises UnknownNameError for a code that AWS does not have.
        """
        known = self.faults.reason_codes(self.phase)
        if code not in known:
            raise UnknownNameError(
                f'AWS has no reason code "{code}" for {self.phase}:{nearest(code, known)} '
                f"It has: {', '.join(sorted(known))}."
            )
        failed = reason_of(code, reason)
        return self._add(f"fails with {code}", lambda length: Outcome(length, failed), times, required)

    def take(self, seconds: float | timedelta, *, times: int | None = None, required: bool = True) -> PhaseFault:
        """Let the phase take *seconds* (or a timedelta), and end well."""
        length = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        return self._add(f"takes {length.total_seconds():g} s", lambda _usual: Outcome(length), times, required)

    def hang(self, *, times: int | None = None, required: bool = True) -> PhaseFault:
        """Let the phase not end until `PhaseFault.release` is called."""
        return self._add("hangs", lambda _usual: Outcome(None), times, required)

    def _add(
        self, what: str, outcome: Callable[[timedelta], Outcome], times: int | None, required: bool
    ) -> PhaseFault:
        fault = PhaseFault(self, what, outcome, times=times, required=required)
        self.faults.add(fault)
        return fault


class CallFault(Fault):
    """A fault of an API call; made by `CallPlace`."""

    def __init__(
        self, place: CallPlace, what: str, effect: Callable[[], None], *, times: int | None, required: bool
    ) -> None:
        super().__init__(place.faults, f"{place}: {what}", times=times, required=required)
        self._place = place
        self._effect = effect
        self._seen = 0

    def meet(self, operation: str, params: Mapping[str, Any]) -> None:
        """Do what the fault does if the call is one that is meant."""
        if self.spent or not self._place.matches(operation, params):
            return
        self._seen += 1
        if self._place.nth is not None and self._seen != self._place.nth:
            return
        self.called += 1
        self._effect()


class CallPlace:
    """Which calls are meant. Say what happens to them with one of its methods."""

    def __init__(
        self, faults: Faults, operation: str, function: str | None, nth: int | None, when: Condition | None
    ) -> None:
        self.faults = faults
        self.operation = operation
        self.function = function
        self.nth = nth
        self.when = when

    def __str__(self) -> str:
        scope = {"function": self.function, "nth": self.nth, "when": self.when}
        said = [f"{name}={value!r}" for name, value in scope.items() if value is not None]
        return self.operation + (f" with {', '.join(said)}" if said else "")

    def matches(self, operation: str, params: Mapping[str, Any]) -> bool:
        """Tell whether a call of *operation* with *params* is meant; ``nth`` is counted elsewhere."""
        if self.operation not in (operation, "*"):
            return False
        if self.function is not None and not _names(params.get("FunctionName"), self.function):
            return False
        if callable(self.when):
            return bool(self.when(params))
        return all(params.get(member) == value for member, value in (self.when or {}).items())

    def error(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        reason: str | None = None,
        retry_after: int | None = None,
        times: int | None = None,
        required: bool = True,
    ) -> CallFault:
        """Let the call fail with an error that AWS can answer to it.

        Parameters: *code*, modelled for the operation or one that AWS answers to any call; *message*, the text;
        *status*, the HTTP status where it is not the code's own; *reason* and *retry_after* (seconds), of a throttle;
        *times*, how often (None: each time); *required*, whether it must be met.
        Raises UnknownNameError for a code that the operation cannot answer.
        """
        known = {*self.faults.errors_of(self.operation), *UNMODELLED}
        if code not in known:
            raise UnknownNameError(
                f'{self.operation} cannot answer "{code}":{nearest(code, known)} '
                f"It can: {', '.join(sorted(known))}."
            )
        members: dict[str, Any] = {}
        if reason is not None:
            members["Reason"] = reason
        if retry_after is not None:
            members["retryAfterSeconds"] = str(retry_after)
        text = message if message is not None else f"{code} (a fault scripted by the test)"
        answer_status = status or _STATUS.get(code)
        kind = "Service" if (answer_status or 400) >= 500 else "User"

        def fail() -> None:
            raise ServiceError(
                code, text, type=None if code in UNMODELLED else kind, status=answer_status, members=members
            )

        return self._add(f"answers {code}", fail, times, required)

    def delay(self, seconds: float | timedelta, *, times: int | None = None, required: bool = True) -> CallFault:
        """Let the answer take *seconds* of virtual time (or a timedelta); the call itself goes on as usual."""
        return self._add(f"takes {seconds} s", lambda: self.faults.let_pass(seconds), times, required)

    def disconnect(self, *, times: int | None = None, required: bool = True) -> CallFault:
        """Let the connection close without an answer: botocore's ConnectionClosedError, so that its retries run."""
        return self._break("connection closed", times, required)

    def time_out(self, *, times: int | None = None, required: bool = True) -> CallFault:
        """Let no answer come in time: botocore's ReadTimeoutError, so that its retries run."""
        return self._break("read timed out", times, required)

    def _break(self, how: Break, times: int | None, required: bool) -> CallFault:
        def break_off() -> None:
            raise BrokenConnection(how)

        return self._add(how, break_off, times, required)

    def _add(self, what: str, effect: Callable[[], None], times: int | None, required: bool) -> CallFault:
        fault = CallFault(self, what, effect, times=times, required=required)
        self.faults.add(fault)
        return fault


class Faults:
    """The faults of a mock: ``m.faults``.

    Parameters:
        chance: the seeded dice, for `random`.
        state_codes, update_codes: the reason codes that AWS has, for State and for LastUpdateStatus.
        errors_of: operation -> the codes of its modelled errors; raises UnknownNameError for what is no operation.
    """

    def __init__(
        self,
        chance: Chance,
        *,
        state_codes: Callable[[], Collection[str]],
        update_codes: Callable[[], Collection[str]],
        errors_of: Callable[[str], Collection[str]],
    ) -> None:
        self._chance = chance
        self._state_codes = state_codes
        self._update_codes = update_codes
        self.errors_of = errors_of
        self._phases: list[PhaseFault] = []
        self._calls: list[CallFault] = []
        self._all: list[Fault] = []
        self._driver: Driver | None = None

    def __repr__(self) -> str:
        return f"<Faults {self._all!r}>"

    def __iter__(self) -> Iterable[Fault]:
        return iter(tuple(self._all))

    def bind(self, driver: Driver) -> None:
        """Let *driver* ask here how phases go."""
        self._driver = driver
        driver.outcomes = self

    def on_phase(
        self,
        phase: str,
        *,
        function: str | None = None,
        version: str | int | None = None,
        kind: str | None = None,
    ) -> PhasePlace:
        """Choose a phase: ``create``, ``update``, ``restore`` ...; of one *function*, *version* or *kind*, or of all."""
        if phase not in PHASES:
            raise UnknownNameError(f'no phase "{phase}":{nearest(phase, PHASES)} Phases: {", ".join(sorted(PHASES))}.')
        if kind is not None and kind not in KINDS:
            raise UnknownNameError(f'no kind "{kind}":{nearest(kind, KINDS)} Kinds: {", ".join(KINDS)}.')
        return PhasePlace(self, phase, function, None if version is None else str(version), kind)

    def on_call(
        self,
        operation: str,
        *,
        function: str | None = None,
        nth: int | None = None,
        when: Condition | None = None,
    ) -> CallPlace:
        """Choose calls.

        Parameters: *operation*, AWS's name, or ``"*"`` for all; *function*, its name; *nth*, only the n-th of the calls
        that match, counted from 1; *when*, parameters that the call must have, or a function of its parameters.
        """
        self.errors_of(operation)
        if nth is not None and nth < 1:
            raise ValueError(f"nth={nth!r}: calls are counted from 1")
        return CallPlace(self, operation, function, nth, when)

    def random(self, *, rate: float, errors: Sequence[str], operations: Collection[str] = ("*",)) -> CallFault:
        """Let a share *rate* (0 to 1) of calls fail with one of *errors*, drawn from the seeded dice.

        Parameters: *operations*, whose calls; all by default. Reproducible from the mock's seed.
        """
        if not 0 <= rate <= 1:
            raise ValueError(f"rate={rate!r}: give a share between 0 and 1")
        if not errors:
            raise ValueError("errors=[]: name at least one error code")
        for operation in operations:
            for code in errors:
                known = {*self.errors_of(operation), *UNMODELLED}
                if code not in known:
                    raise UnknownNameError(f'{operation} cannot answer "{code}":{nearest(code, known)}')
        place = _RandomPlace(self, operations, rate, self._chance)

        def fail() -> None:
            code = errors[int(self._chance.random() * len(errors))]
            raise ServiceError(code, f"{code} (drawn at random, seed {self._chance.seed})", status=_STATUS.get(code))

        fault = CallFault(
            place, f"one of {', '.join(errors)}, seed {self._chance.seed}", fail, times=None, required=False
        )
        self.add(fault)
        return fault

    def reason_codes(self, phase: str) -> Collection[str]:
        """Return the reason codes that a failure of *phase* may have."""
        return self._update_codes() if phase == "update" else self._state_codes()

    def add(self, fault: Fault) -> None:
        """Keep *fault*; what is scripted last is asked first."""
        self._all.append(fault)
        if isinstance(fault, PhaseFault):
            self._phases.insert(0, fault)
        elif isinstance(fault, CallFault):
            self._calls.append(fault)

    def forget(self, fault: Fault) -> None:
        """Take *fault* back."""
        self._all = [one for one in self._all if one is not fault]
        self._phases = [one for one in self._phases if one is not fault]
        self._calls = [one for one in self._calls if one is not fault]

    def clear(self) -> None:
        """Take all faults back."""
        self._all, self._phases, self._calls = [], [], []

    def meet(self, operation: str, params: Mapping[str, Any]) -> None:
        """Let a call meet its faults. Raises ServiceError or BrokenConnection where one says so."""
        for fault in tuple(self._calls):
            fault.meet(operation, params)

    def outcome(self, subject: Subject[Any, Any], phase: str, length: timedelta) -> Outcome:
        """Return how *phase* of *subject* goes, which would take *length*."""
        for fault in self._phases:
            if fault.matches(subject, phase):
                return fault.outcome(subject, length)
        return Outcome(length)

    def end_phase(self, subject: Subject[Any, Any]) -> None:
        """End what *subject* waits for."""
        if self._driver is not None:
            with self._driver.clock.lock:
                self._driver.end_phase(subject, cause="released by the test")

    def let_pass(self, seconds: float | timedelta) -> None:
        """Let virtual time pass within a call."""
        if self._driver is not None:
            self._driver.clock.advance(seconds)

    def check_met(self) -> None:
        """Raise UnfiredFaultError if a required fault was never met."""
        unmet = [fault for fault in self._all if fault.required and not fault.called]
        if unmet:
            raise UnfiredFaultError(
                "scripted, but never met:\n"
                + "\n".join(f"  {fault!r}" for fault in unmet)
                + "\n  Is the name right, and was the call made? If it need not be met, say required=False."
            )


class _RandomPlace(CallPlace):
    """Calls drawn by the dice."""

    def __init__(self, faults: Faults, operations: Collection[str], rate: float, chance: Chance) -> None:
        super().__init__(faults, "*", None, None, None)
        self._operations = operations
        self._rate = rate
        self._chance = chance

    def __str__(self) -> str:
        return f"{self._rate:.0%} of calls of {', '.join(self._operations)}"

    def matches(self, operation: str, params: Mapping[str, Any]) -> bool:  # noqa: ARG002
        named = "*" in self._operations or operation in self._operations
        return named and self._chance.random() < self._rate


def _names(given: Any, function: str) -> bool:
    """Tell whether *given*, a FunctionName in any form, is *function*."""
    if not isinstance(given, str):
        return False
    return function in (given, *given.split(":")) if ":" in given else given == function
