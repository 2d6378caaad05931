"""What can disturb a world, each as a plain record: what it is, and which fault it becomes.

A record says one thing, prints as it is written in a test, and knows simpler ones, so that a world can shrink.
*excuses* tells whether code that meets it may give up: nobody can deploy where the creation fails, but everybody can
wait longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from lambda_states_mock.chaos.others import ACTS
from lambda_states_mock.chaos.place import ChaosPlace
from lambda_states_mock.engine.call_faults import BrokenConnection, CallFault
from lambda_states_mock.engine.fault import Fault, check_count
from lambda_states_mock.service_errors import ROLE_NOT_ASSUMABLE

if TYPE_CHECKING:
    from lambda_states_mock.chaos.living import Chaos

LONGEST_WAITER = 300.0
"""Seconds after which the waiters of Lambda's functions give up (botocore's model: 300 attempts, one a second)."""

NAMING_A_ROLE = ("CreateFunction", "UpdateFunctionConfiguration")


@dataclass(frozen=True)
class Disturbance:
    """One thing that goes wrong in a `ChaosWorld`."""

    always_excuses: ClassVar[bool] = True

    @property
    def excuses(self) -> bool:
        """Whether code that has met it may raise an error."""
        return self.always_excuses

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        """Return what it becomes in the mock of *chaos*."""
        raise NotImplementedError

    def simpler(self) -> Iterator[Disturbance]:
        """Yield records that say less of the same, the simplest first."""
        yield from ()


def _smaller(value: float, least: float = 1) -> Iterator[float]:
    """Yield numbers between *least* and *value*, the least first."""
    step = value - least
    while step >= 1:
        yield value - step
        step = step // 2 if isinstance(value, int) else step / 2


@dataclass(frozen=True)
class Takes(Disturbance):
    """A phase takes *seconds*, each time; *phase* and *kind* as in ``m.timings``."""

    phase: str
    seconds: float
    kind: str | None = None

    @property
    def excuses(self) -> bool:
        """Only where AWS's waiters give up, too."""
        return self.seconds >= LONGEST_WAITER

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_phase(self.phase, self.kind).take(self.seconds, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        if self.kind is not None:
            yield replace(self, kind=None)
        yield from (replace(self, seconds=float(round(one))) for one in _smaller(float(self.seconds), 10.0))


@dataclass(frozen=True)
class Fails(Disturbance):
    """A phase fails with the reason *code*, as often as *times* says; *phase* and *kind* as in ``m.timings``."""

    phase: str
    code: str
    times: int = 1
    kind: str | None = None

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_phase(self.phase, self.kind).fail(self.code, times=self.times, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        if self.kind is not None:
            yield replace(self, kind=None)
        yield from (replace(self, times=int(one)) for one in _smaller(self.times))


@dataclass(frozen=True)
class Hangs(Disturbance):
    """A phase hangs, once, for as long as the mock lives."""

    phase: str
    kind: str | None = None

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_phase(self.phase, self.kind).hang(times=1, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        if self.kind is not None:
            yield replace(self, kind=None)
        yield Takes(self.phase, LONGEST_WAITER + 100)


@dataclass(frozen=True)
class Throttled(Disturbance):
    """The first calls of *operation* are throttled: *times* of them. botocore's usual retries get over four."""

    operation: str
    times: int = 1

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_call(self.operation).error("TooManyRequestsException", times=self.times, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, times=int(one)) for one in _smaller(self.times))


@dataclass(frozen=True)
class Refused(Disturbance):
    """Calls of *operation* are refused with the error *code*: *times* of them, or all where that is None."""

    operation: str
    code: str
    times: int | None = None

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_call(self.operation).error(self.code, times=self.times, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        if self.times is not None:
            yield from (replace(self, times=int(one)) for one in _smaller(self.times))


@dataclass(frozen=True)
class Disconnected(Disturbance):
    """The first calls of *operation* get no answer, and do nothing: *times* of them."""

    operation: str
    times: int = 1

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.on_call(self.operation).disconnect(times=self.times, required=False)]

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, times=int(one)) for one in _smaller(self.times))


@dataclass(frozen=True)
class AnswerLost(Disturbance):
    """The *nth* call of *operation* does what it shall, and its answer is lost on the way back."""

    operation: str
    nth: int = 1

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        place = ChaosPlace(chaos.all_faults, self.operation, self.nth, chaos.counts)

        def lose() -> None:
            chaos.answer_as_another(place.operation, place.params)
            raise BrokenConnection("connection closed")

        return [chaos.add(CallFault(place, "done, and the answer is lost", lose, times=1, required=False))]

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, nth=int(one)) for one in _smaller(self.nth))


@dataclass(frozen=True)
class LateReaders(Disturbance):
    """Get and List show the world as it was *seconds* ago."""

    seconds: float
    always_excuses: ClassVar[bool] = False

    def faults(self, chaos: Chaos) -> Sequence[Fault]:  # noqa: ARG002 - the store is made so from the beginning
        return ()

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, seconds=float(round(one))) for one in _smaller(float(self.seconds)))


@dataclass(frozen=True)
class RoleLate(Disturbance):
    """Lambda cannot assume a role until *seconds* after it was first named; None: it never can."""

    seconds: float | None

    @property
    def excuses(self) -> bool:
        """Only where no waiting helps."""
        return self.seconds is None

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        length = None if self.seconds is None else timedelta(seconds=self.seconds)

        def refuse(place: ChaosPlace) -> Callable[[], None]:
            def meet() -> None:
                now = chaos.now
                since = chaos.roles_named.setdefault(str(place.params["Role"]), now)
                if length is None or now - since < length:
                    raise ROLE_NOT_ASSUMABLE.error()

            return meet

        what = "the role cannot be assumed" + ("" if length is None else f" for {length.total_seconds():g} s")
        places = [
            ChaosPlace(chaos.all_faults, operation, None, lambda params: "Role" in params and chaos.counts(params))
            for operation in NAMING_A_ROLE
        ]
        return [chaos.add(CallFault(place, what, refuse(place), times=None, required=False)) for place in places]

    def simpler(self) -> Iterator[Disturbance]:
        if self.seconds is None:
            yield replace(self, seconds=8.0)
        else:
            yield from (replace(self, seconds=float(round(one))) for one in _smaller(float(self.seconds)))


@dataclass(frozen=True)
class LeftAlone(Disturbance):
    """Before the call number *before* of all, nobody does anything for *days*: functions fall idle after fourteen."""

    days: float
    before: int = 1
    always_excuses: ClassVar[bool] = False

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        return [chaos.before_call(self.before, f"{self.days:g} days pass", self._pass(chaos))]

    def _pass(self, chaos: Chaos) -> Callable[[], None]:
        return lambda: chaos.let_pass(timedelta(days=self.days))

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, before=int(one)) for one in _smaller(self.before))


@dataclass(frozen=True)
class AnotherDoes(Disturbance):
    """Before the call number *before* of all, somebody else calls *operation* for each function that there is."""

    operation: str
    before: int = 1

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        act: Callable[[Any], None] = ACTS[self.operation]
        return [chaos.before_call(self.before, f"another calls {self.operation}", lambda: act(chaos))]

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, before=int(one)) for one in _smaller(self.before))


@dataclass(frozen=True)
class AnotherDeploys(Disturbance):
    """Before the call number *before* of all, a second deployer begins, and takes turns with the code under test.

    Who waits gives its turn to the other. *turns* ends turns before that, after so many calls each, again and again:
    of the second deployer first, then of the code under test, and so on. *calls*: after how many calls the second one
    stops, as if it was cancelled; None: it does all that it wants.

    The second deployer is the ``rival`` of `check_deployer`. Without one, nothing happens.
    """

    before: int = 1
    calls: int | None = None
    turns: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", tuple(self.turns))

    def faults(self, chaos: Chaos) -> Sequence[Fault]:
        for count in (self.calls, *self.turns):
            check_count("calls" if count is self.calls else "a turn", count, "give a number of calls, at least 1")
        what = "another deploys" if self.calls is None else f"another deploys, for {self.calls} calls"
        return [chaos.before_call(self.before, what, lambda: chaos.let_rival_deploy(self.calls, self.turns))]

    def simpler(self) -> Iterator[Disturbance]:
        yield from (replace(self, before=int(one)) for one in _smaller(self.before))
        if self.calls is not None:
            yield from (replace(self, calls=int(one)) for one in _smaller(self.calls))
        yield from (replace(self, turns=self.turns[:length]) for length in range(len(self.turns)))
        for index, turn in enumerate(self.turns):
            for one in _smaller(turn):
                yield replace(self, turns=(*self.turns[:index], int(one), *self.turns[index + 1 :]))
