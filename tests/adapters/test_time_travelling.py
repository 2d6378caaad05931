"""time-machine and the mock's clock are one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import time_machine

from lambda_states_mock.adapters.present import present
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.adapters.time_travelling import TimeMachineCompanion
from lambda_states_mock.errors import ClockError

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def clock() -> Iterator[SharedClock]:
    made = SharedClock(BEGIN)
    made.link(TimeMachineCompanion(made))
    yield made
    made.close()


def test_the_clock_starts_where_time_machine_stands() -> None:
    with time_machine.travel("2020-02-29T12:00:00Z", tick=False):
        assert present() == datetime(2020, 2, 29, 12, tzinfo=timezone.utc)


def test_a_shift_is_noticed_when_the_clock_is_read(clock: SharedClock) -> None:
    with time_machine.travel(BEGIN, tick=False) as traveller:
        traveller.shift(60)
        assert clock.now == BEGIN + timedelta(minutes=1)


def test_moving_the_clock_moves_time_machine(clock: SharedClock) -> None:
    with time_machine.travel(BEGIN, tick=False):
        clock.advance(60)
        assert time.time() == (BEGIN + timedelta(minutes=1)).timestamp()


def test_timers_see_time_machine_at_their_own_instant(clock: SharedClock) -> None:
    seen: list[datetime] = []
    with time_machine.travel(BEGIN, tick=False) as traveller:
        clock.call_later(20, lambda: seen.append(datetime.now(timezone.utc)), label="create orders")
        traveller.shift(60)
        clock.catch_up()
        assert seen == [BEGIN + timedelta(seconds=20)]
        assert datetime.now(timezone.utc) == BEGIN + timedelta(minutes=1)


def test_travelling_before_the_first_call_sets_the_clock(clock: SharedClock) -> None:
    with time_machine.travel("2020-06-01T00:00:00Z", tick=False):
        assert clock.now == datetime(2020, 6, 1, tzinfo=timezone.utc)


def test_travelling_back_is_refused(clock: SharedClock) -> None:
    with time_machine.travel(BEGIN, tick=False) as traveller:
        clock.advance(60)
        traveller.move_to(BEGIN)
        with pytest.raises(
            ClockError, match="time-machine travelled to 2026-01-01T00:00:00Z; the mock's clock stands at"
        ):
            clock.catch_up()


def test_time_that_goes_on_takes_the_clock_along(clock: SharedClock) -> None:
    with time_machine.travel(BEGIN):
        clock.advance(60)
        first = clock.now
        assert timedelta(minutes=1) <= first - BEGIN < timedelta(minutes=2)
        assert clock.now >= first
