"""`check_deployer`: runs a deployer in many worlds, and looks for the smallest one that breaks a law."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_states_mock.chaos.drawing import drawn_world
from lambda_states_mock.chaos.entries import Disturbance
from lambda_states_mock.chaos.world import ChaosWorld
from lambda_states_mock.instants import iso_microseconds
from lambda_states_mock.mock import mock_lambda
from lambda_states_mock.testing.deployments import Deployment, Wanted, deployments
from lambda_states_mock.testing.laws import LAWS, Finding, Law
from lambda_states_mock.testing.report import BrokenLawError, NotRepeatableError, Report, outcome_of

WORLDS = 1_000
RUNS = 2
MOST_SHRINKS = 500
START = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Broken:
    """A *law*, what breaks it, and the *runs* up to there."""

    law: Law
    finding: Finding
    runs: Sequence[Deployment]

    @property
    def kind(self) -> tuple[str, str]:
        """What stays the same while the world shrinks."""
        return self.law.text, self.finding.kind


def check_deployer(
    deploy: Callable[[], object],
    *,
    expect: Wanted = None,
    worlds: int | Iterable[ChaosWorld] = WORLDS,
    seed: int = 0,
    rival: Callable[[], object] | None = None,
    without: Collection[type[Disturbance]] = (),
    runs: int = RUNS,
    laws: Sequence[Law] = LAWS,
    **options: Any,
) -> None:
    """Run *deploy* in many disturbed worlds, and raise if it breaks a law in one: with the smallest such world.

    Each world is a mock of its own, in virtual time alone. There *deploy* is run twice while the world is disturbed,
    and once more when that is over.

    Parameters:
        deploy: your own code, called without arguments. It makes its clients itself.
        expect: what it deploys: the name of a function; a mapping of names to members of GetFunctionConfiguration, such
            as ``{"orders": {"MemorySize": 256}}``; or a callable of the mock, which asserts or returns False. By
            default every function that is there has to be ready.
        worlds: how many are drawn, one calm world before them; or the worlds themselves.
        seed: the seed of the first; the next one has the next seed.
        rival: what a second deployer does, who may come between any two calls: by default *deploy* itself. What it
            raises does not count.
        without: kinds of disturbances that drawn worlds leave out, such as `LateReaders`.
        runs: how often *deploy* is run while its world is disturbed.
        laws: the laws that have to hold.
        options: those of `mock_lambda`, such as ``freeze=True`` for code that reads a real clock.

    Raises BrokenLawError, an AssertionError, with ``world``, ``law`` and a test to paste; NotRepeatableError if
    *deploy* does not do the same in the same world; TypeError for what is no world, ValueError for fewer than one.
    """
    __tracebackhide__ = True
    check = _Check(deploy, expect, rival or deploy, runs, laws, options)
    if isinstance(worlds, int):
        if worlds < 1:
            raise ValueError(f"worlds={worlds}: give a number of at least 1, or the worlds themselves")
        drawn = _drawn(worlds, seed, tuple(without))
    else:
        drawn = ((None, one) for one in worlds)
    for tried, (of_seed, world) in enumerate(drawn, 1):
        broken = check.broken_in(world)
        if broken is None:
            continue
        smallest = (world, broken) if of_seed is None and not isinstance(worlds, int) else check.smallest(world, broken)
        check.check_repeatable(*smallest)
        raise BrokenLawError(
            Report(
                deploy=deploy,
                expect=expect,
                world=smallest[0],
                law=smallest[1].law,
                finding=smallest[1].finding,
                runs=smallest[1].runs,
                seed=of_seed,
                tried=tried,
                found=len(world),
                options=options,
                rival=rival,
            )
        )


def _drawn(count: int, seed: int, without: tuple[type[Disturbance], ...]) -> Iterator[tuple[int | None, ChaosWorld]]:
    yield None, ChaosWorld()
    for number in range(seed, seed + count):
        world = drawn_world(number, rival=True)
        yield number, ChaosWorld(*(entry for entry in world if not isinstance(entry, without)))


class _Check:
    def __init__(
        self,
        deploy: Callable[[], object],
        expect: Wanted,
        rival: Callable[[], object],
        runs: int,
        laws: Sequence[Law],
        options: dict[str, Any],
    ) -> None:
        self._deploy = deploy
        self._expect = expect
        self._rival = rival
        self._runs = runs
        self._laws = laws
        self._options = {"start": START, "max_sleep": 7_200, **options}
        self._tried: list[ChaosWorld] = []

    def broken_in(self, world: ChaosWorld) -> Broken | None:
        """Return what breaks a law in *world*, or None."""
        runs: list[Deployment] = []
        self._tried.append(world)
        with mock_lambda(**self._options, chaos=world) as mock:
            chaos = mock.chaos
            assert chaos is not None
            chaos.set_rival(self._rival)
            for run in deployments(mock, chaos, self._deploy, self._expect, self._runs):
                runs.append(run)
                for law in self._laws:
                    if (finding := law.find(runs)) is not None:
                        return Broken(law, finding, runs)
        return None

    def smallest(self, world: ChaosWorld, broken: Broken) -> tuple[ChaosWorld, Broken]:
        """Return the smallest world found that breaks the same law in the same way."""
        candidates = world.simpler()
        for _ in range(MOST_SHRINKS):
            candidate = next((one for one in candidates if one not in self._tried), None)
            if candidate is None:
                break
            found = self.broken_in(candidate)
            if found is not None and found.kind == broken.kind:
                world, broken = candidate, found
                candidates = world.simpler()
        return world, broken

    def check_repeatable(self, world: ChaosWorld, broken: Broken) -> None:
        """Raise NotRepeatableError unless all happens in *world* as it has happened."""
        again = self.broken_in(world)
        before, after = _trace(broken), _trace(again) if again is not None else ["no law is broken"]
        if before != after:
            first = next((pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]), None)
            raise NotRepeatableError(world, first or (f"{len(before)} calls", f"{len(after)} calls"))


def _trace(broken: Broken) -> list[str]:
    """Return what was called when, and the outcome. Parameters may differ: a zip has times in it."""
    return [f"{iso_microseconds(call.at)} {outcome_of(call)}" for run in broken.runs for call in run.calls]
