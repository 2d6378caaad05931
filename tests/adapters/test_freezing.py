"""freezegun and the mock's clock are one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from freezegun import freeze_time

from lambda_states_mock import mock_lambda
from lambda_states_mock.adapters.freezing import Freeze, FreezegunCompanion
from lambda_states_mock.adapters.present import present
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.errors import ClockError
from tests.deploying import create

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Iterator[SharedClock]:
    made = SharedClock(BEGIN)
    made.link(FreezegunCompanion(made))
    yield made
    made.close()


def unfrozen_offset(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def test_the_clock_starts_at_the_frozen_time() -> None:
    with freeze_time("2020-02-29T12:00:00.123456"):
        assert present() == datetime(2020, 2, 29, 12, 0, 0, 123456, tzinfo=timezone.utc)


def test_the_clock_starts_at_whole_milliseconds_otherwise() -> None:
    assert present().microsecond % 1000 == 0
    assert abs(present() - datetime.now(timezone.utc)) < 60 * SECOND


def test_a_tick_is_noticed_when_the_clock_is_read(clock: SharedClock) -> None:
    with freeze_time(BEGIN) as frozen:
        frozen.tick(5)
        assert clock.now == BEGIN + 5 * SECOND


def test_what_a_tick_makes_due_happens_in_order_each_at_its_time(clock: SharedClock) -> None:
    seen: list[tuple[str, datetime, datetime]] = []
    with freeze_time(BEGIN) as frozen:
        for name, delay in (("second", 3), ("first", 2), ("never", 60)):
            clock.call_later(
                delay,
                lambda name=name: seen.append((name, clock.now, datetime.now(timezone.utc))),  # type: ignore[misc]
                label=name,
            )
        frozen.tick(10)
        clock.catch_up()
        assert [name for name, _, _ in seen] == ["first", "second"]
        assert [at for _, at, _ in seen] == [BEGIN + 2 * SECOND, BEGIN + 3 * SECOND]
        assert [frozen_at for _, _, frozen_at in seen] == [at for _, at, _ in seen]
        assert datetime.now(timezone.utc) == BEGIN + 10 * SECOND


def test_moving_freezegun_to_a_time_moves_the_clock(clock: SharedClock) -> None:
    with freeze_time(BEGIN) as frozen:
        frozen.move_to("2026-03-01T00:00:00Z")
        assert clock.now == datetime(2026, 3, 1, tzinfo=timezone.utc)


def test_moving_the_clock_moves_freezegun(clock: SharedClock) -> None:
    with freeze_time(BEGIN):
        clock.advance(90)
        assert datetime.now(timezone.utc) == BEGIN + 90 * SECOND
        assert time.time() == (BEGIN + 90 * SECOND).timestamp()


def test_moving_freezegun_back_is_refused(clock: SharedClock) -> None:
    with freeze_time(BEGIN) as frozen:
        clock.advance(90)
        frozen.move_to(BEGIN)
        with pytest.raises(
            ClockError, match="freezegun was moved back to 2026-01-01T00:00:00Z; the mock's clock stands"
        ):
            clock.catch_up()


def test_a_freeze_inside_the_mock_moves_the_clock_on(clock: SharedClock) -> None:
    with freeze_time("2026-06-01"):
        assert clock.now == datetime(2026, 6, 1, tzinfo=timezone.utc)


def test_a_freeze_inside_the_mock_sets_an_idle_clock_back(clock: SharedClock) -> None:
    with freeze_time("2020-06-01"):
        assert clock.now == datetime(2020, 6, 1, tzinfo=timezone.utc)


def test_a_freeze_in_the_past_is_refused_when_something_is_pending(clock: SharedClock) -> None:
    clock.call_later(5, list, label="create orders")
    with freeze_time("2020-06-01"), pytest.raises(ClockError, match="with timers pending\n  Enter  freeze_time"):
        clock.catch_up()


def test_a_decorators_freeze_goes_with_a_mock_that_a_fixture_has_started_there() -> None:
    with mock_lambda(timings="instant", start="2020-06-01T00:00:00Z") as m:
        create(boto3.client("lambda"))
        with freeze_time("2020-06-01"):
            assert m.function("orders").state == "Active"


def test_a_freeze_that_was_covered_by_another_is_brought_up_to_the_clock(clock: SharedClock) -> None:
    with freeze_time(BEGIN):
        clock.catch_up()
        with freeze_time("2026-02-01"):
            clock.catch_up()
        assert clock.now == datetime(2026, 2, 1, tzinfo=timezone.utc)
        assert datetime.now(timezone.utc) == clock.now


def test_a_ticking_freeze_takes_the_clock_along(clock: SharedClock) -> None:
    with freeze_time(BEGIN, tick=True):
        clock.advance(60)
        assert timedelta() <= clock.now - (BEGIN + 60 * SECOND) < 30 * SECOND


def test_looking_at_a_stepping_freeze_does_not_step_it(clock: SharedClock) -> None:
    with freeze_time(BEGIN, auto_tick_seconds=15):
        assert clock.now == clock.now == BEGIN


def test_without_freezegun_the_clock_stands_still(clock: SharedClock) -> None:
    assert clock.now == clock.now == BEGIN


def test_our_own_freeze_agrees_with_the_clock() -> None:
    freeze = Freeze(BEGIN)
    try:
        clock = SharedClock(BEGIN)
        clock.link(FreezegunCompanion(clock, own=freeze.factory))
        began: Any = time.monotonic()
        clock.advance(30)
        assert datetime.now(timezone.utc) == BEGIN + 30 * SECOND
        assert time.monotonic() - began == 30
    finally:
        freeze.stop()


def test_our_own_freeze_is_not_noticed_by_the_clock_of_another_mock(clock: SharedClock) -> None:
    freeze = Freeze(BEGIN + timedelta(days=100))
    try:
        assert clock.now == BEGIN
    finally:
        freeze.stop()
