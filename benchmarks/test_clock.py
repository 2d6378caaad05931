"""How fast virtual time passes: many timers, beside simpy's kernel, and the idle timers that invocations set anew."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
import simpy
from pytest_benchmark.fixture import BenchmarkFixture

from lambda_states_mock.clock import VirtualClock

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
TIMERS = 100_000
ROUNDS = 7
LEAST_RATIO = 0.95  # of simpy's event rate; the goal is 1, and 1.15 to 1.3 is measured
MOST_GROWTH = 1.5  # of the time of a timer, from 10,000 to 100,000, beside simpy's: both grow out of the caches

_dice = random.Random(2026)
DELAYS = [_dice.uniform(0, 1000) for _ in range(TIMERS)]


def with_our_clock(count: int = TIMERS) -> int:
    """Schedule and run *count* timers; return how many ran."""
    clock = VirtualClock(START)
    ran: list[None] = []
    for delay in DELAYS[:count]:
        clock.call_later(delay, lambda: ran.append(None), label="timer")
    clock.advance(1000)
    return len(ran)


def with_simpy(count: int = TIMERS) -> int:
    """The same with simpy's timeouts and callbacks."""
    environment = simpy.Environment()
    ran: list[None] = []
    for delay in DELAYS[:count]:
        environment.timeout(delay).callbacks.append(lambda _: ran.append(None))
    environment.run()
    return len(ran)


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


@pytest.mark.parametrize("work", [with_our_clock, with_simpy])
@pytest.mark.benchmark(group="100,000 timers")
def test_timers_are_scheduled_and_run(benchmark: BenchmarkFixture, work: Callable[[], int]) -> None:
    assert benchmark.pedantic(work, rounds=5, warmup_rounds=1) == TIMERS  # type: ignore[no-untyped-call]


def test_timers_run_at_the_rate_of_simpy() -> None:
    # Round by round in turn, so that a busy machine slows both; the best round is the one least disturbed.
    rounds = [(seconds(with_our_clock), seconds(with_simpy)) for _ in range(ROUNDS)]
    ours, simpys = (min(times) for times in zip(*rounds, strict=True))
    print(f"ours {TIMERS / ours:,.0f}/s, simpy {TIMERS / simpys:,.0f}/s, ratio {simpys / ours:.2f}")
    assert simpys / ours >= LEAST_RATIO


def test_time_grows_with_the_number_of_timers_as_simpys_does() -> None:
    works = [partial(work, count) for work in (with_our_clock, with_simpy) for count in (TIMERS, TIMERS // 10)]
    rounds = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    ours_many, ours_few, simpys_many, simpys_few = (min(times) for times in zip(*rounds, strict=True))
    growth = (ours_many / ours_few) / (simpys_many / simpys_few)
    print(f"ten times as many take {ours_many / ours_few:.1f} times as long, {growth:.2f} of simpy's growth")
    assert growth <= MOST_GROWTH


@pytest.mark.benchmark(group="a million cancelled idle timers")
def test_idle_timers_are_cancelled_and_set_anew(benchmark: BenchmarkFixture) -> None:
    clock = VirtualClock(START)
    two_weeks = timedelta(days=14)

    def invoke_often() -> None:
        idle = clock.call_later(two_weeks, int, label="orders idle", background=True)
        for _ in range(1_000_000):
            idle.cancel()
            idle = clock.call_later(two_weeks, int, label="orders idle", background=True)

    benchmark.pedantic(invoke_often, rounds=1)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group="a year of polling each minute")
def test_a_poller_runs_for_a_year(benchmark: BenchmarkFixture) -> None:
    clock = VirtualClock(START)

    def poll() -> None:
        clock.call_later(60, poll, label="poller", background=True)

    poll()
    benchmark.pedantic(lambda: clock.advance(timedelta(days=365)), rounds=1)  # type: ignore[no-untyped-call]
