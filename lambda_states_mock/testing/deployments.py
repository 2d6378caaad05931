"""One run of a deployer in a world, and what it left: what the laws judge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.api_calls import ApiCall
from lambda_states_mock.chaos.deployers import LONGEST, MOST_CALLS
from lambda_states_mock.chaos.entries import Disturbance
from lambda_states_mock.chaos.living import Chaos
from lambda_states_mock.chaos.place import ChaosPlace
from lambda_states_mock.engine.call_faults import CallFault
from lambda_states_mock.engine.timeline import Transition
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.testing.inspection import leftovers_in, unmet_in, versions_in

Wanted = str | Mapping[str, Mapping[str, Any]] | Callable[[LambdaMock], object] | None

CALM_BEFORE = timedelta(minutes=10)
"""How long it is calm before the last run: longer than Lambda backs off after a failed restoration."""


class EndlessDeployment(BaseException):
    """A deployer does not come to an end. It is no Exception, so that no ``except Exception`` goes on regardless."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One run of a deployer.

    Attributes:
        number: 1 and 2 in the disturbed world, 3 afterwards, when nothing disturbs any more.
        is_calm: whether that is so.
        start, end: on the virtual clock.
        calls: those of the deployer; others: those of somebody else meanwhile; all_calls: both, in order.
        afterwards: those that a second deployer still makes when this run has ended, before the next one.
        changes: all state changes of the world by then; passed: how long nobody did anything, since the world wants it.
        error: what it raised, or None.
        met: the disturbances that were met by then; readers_late: how late readers are.
        versions: the numbers of the published versions by then, by function.
        unmet: what is not as expected afterwards, in words; leftovers: what is there and of no use.
    """

    number: int
    is_calm: bool
    start: datetime
    end: datetime
    calls: Sequence[ApiCall]
    others: Sequence[ApiCall]
    all_calls: Sequence[ApiCall]
    afterwards: Sequence[ApiCall]
    changes: Sequence[Transition]
    passed: timedelta
    error: BaseException | None
    met: Collection[Disturbance]
    readers_late: timedelta
    versions: Mapping[str, Collection[str]]
    unmet: Sequence[str]
    leftovers: Sequence[str]


def deployments(
    mock: LambdaMock, chaos: Chaos, deploy: Callable[[], object], wanted: Wanted, runs: int
) -> Iterator[Deployment]:
    """Run *deploy* in *mock*, *runs* times while *chaos* disturbs it, and once more when that is over."""
    for number in range(1, runs + 2):
        is_calm = number == runs + 1
        if is_calm:
            chaos.end()
            mock.clock.advance(CALM_BEFORE)
            mock.clock.run_until_idle()
        yield _one(mock, chaos, deploy, wanted, number, is_calm=is_calm)


def _one(
    mock: LambdaMock, chaos: Chaos, deploy: Callable[[], object], wanted: Wanted, number: int, *, is_calm: bool
) -> Deployment:
    start, begun, others, passed = mock.clock.now, len(mock.calls), len(chaos.others), chaos.passed
    error: BaseException | None = None
    try:
        with _bounded(mock, chaos):
            try:
                deploy()
            except (Exception, EndlessDeployment) as raised:
                error = raised
        with mock.clock.hold("looking at what a deployer has left"), chaos.undisturbed():
            end, by_then, all_calls = mock.clock.now, len(chaos.others), mock.calls[begun:]
            met, changes, versions = chaos.met, tuple(mock.timeline), versions_in(mock)
            unmet, leftovers = unmet_in(mock, wanted), leftovers_in(mock)
    except BaseException:
        chaos.deployers.stop()  # it must not outlive the mock that answers it
        raise
    chaos.deployers.finish()
    theirs = {id(call) for call in chaos.others[others:by_then]}
    return Deployment(
        number=number,
        is_calm=is_calm,
        start=start,
        end=end,
        calls=[call for call in all_calls if id(call) not in theirs],
        others=chaos.others[others:by_then],
        all_calls=all_calls,
        afterwards=chaos.others[by_then:],
        changes=changes,
        passed=chaos.passed - passed,
        error=error,
        met=met,
        readers_late=chaos.world.readers_are_late_by,
        versions=versions,
        unmet=unmet,
        leftovers=leftovers,
    )


@contextmanager
def _bounded(mock: LambdaMock, chaos: Chaos) -> Iterator[None]:
    """End a deployer that calls and calls."""
    start, calls, passed = mock.clock.now, len(mock.calls), chaos.passed

    def check() -> None:
        lasted, made = mock.clock.now - start - (chaos.passed - passed), len(mock.calls) - calls
        if lasted > LONGEST or made > MOST_CALLS:
            raise EndlessDeployment(
                f"the deployer does not come to an end: {made} calls in {lasted}, the last ones of "
                f"{', '.join(dict.fromkeys(mock.calls.operations[-5:]))}"
            )

    place = ChaosPlace(mock.faults, "*", None, chaos.counts)
    guard = CallFault(place, "ends what has no end", check, times=None, required=False)
    mock.faults.add(guard, first=True)  # it sees those calls, too, that another fault ends
    try:
        yield
    finally:
        guard.remove()
