"""freezegun and time-machine beside the mock: in any order, in any form, the clocks are one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

from lambda_states_mock import ClockError, LambdaMock, current, mock_lambda
from tests.test_mock import create

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
TICKS = pytest.mark.needs("freezegun>=1.5")  # before, one that ticks has no tick() and no move_to()


def now() -> datetime:
    return datetime.now(timezone.utc)


class Freezegun:
    """freezegun, as these tests use either library."""

    def stop_at(self, moment: datetime) -> AbstractContextManager[Any]:
        return freeze_time(moment)

    def forward(self, handle: Any, length: timedelta) -> None:
        handle.tick(length)

    def go_to(self, handle: Any, moment: datetime) -> None:
        handle.move_to(moment)

    def decorator(self, moment: datetime) -> Callable[[Any], Any]:
        return freeze_time(moment)


class TimeMachine:
    """time-machine, as these tests use either library."""

    def stop_at(self, moment: datetime) -> AbstractContextManager[Any]:
        return time_machine.travel(moment, tick=False)

    def forward(self, handle: Any, length: timedelta) -> None:
        handle.shift(length)

    def go_to(self, handle: Any, moment: datetime) -> None:
        handle.move_to(moment, tick=False)

    def decorator(self, moment: datetime) -> Callable[[Any], Any]:
        return time_machine.travel(moment, tick=False)


@pytest.fixture(params=[Freezegun(), TimeMachine()], ids=["freezegun", "time-machine"])
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=["around", "inside", "before"])
def both(request: pytest.FixtureRequest, library: Any) -> Any:
    """Enter both: the library around the mock, inside it, or before it and left before it too."""

    def enter(stack: ExitStack, **options: Any) -> tuple[Any, LambdaMock]:
        if request.param == "inside":
            mock = stack.enter_context(mock_lambda(start=BEGIN - timedelta(days=1), **options))
            return stack.enter_context(library.stop_at(BEGIN)), mock
        if request.param == "around":
            handle = stack.enter_context(library.stop_at(BEGIN))
            return handle, stack.enter_context(mock_lambda(**options))
        stopped = library.stop_at(BEGIN)
        handle = stopped.__enter__()
        mock = stack.enter_context(mock_lambda(**options))
        stack.callback(stopped.__exit__, None, None, None)
        return handle, mock

    return enter


# -- in each order


def test_the_two_stand_at_the_same_time(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack)
        assert m.clock.now == now() == BEGIN


def test_what_a_step_of_the_library_makes_due_has_happened(both: Any, library: Any) -> None:
    with ExitStack() as stack:
        handle, m = both(stack, timings={"create": 30})
        create()
        library.forward(handle, timedelta(seconds=29))
        assert m.function("orders").state == "Pending"
        library.forward(handle, timedelta(seconds=1))
        assert m.function("orders").state == "Active"
        assert m.timeline.of("orders")[-1].at == BEGIN + timedelta(seconds=30)


def test_a_jump_of_the_library_is_noticed_by_the_next_call(both: Any, library: Any) -> None:
    with ExitStack() as stack:
        handle, _ = both(stack, timings={"create": 30})
        client = create()
        library.go_to(handle, BEGIN + HOUR)
        assert client.get_function_configuration(FunctionName="orders")["State"] == "Active"


def test_moving_the_clock_takes_the_library_along(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack)
        m.clock.advance(HOUR)
        assert now() == BEGIN + HOUR
        assert time.time() == (BEGIN + HOUR).timestamp()


def test_a_timer_sees_the_library_at_its_own_instant(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack)
        seen: list[datetime] = []
        for seconds in (10, 20):
            m.clock.call_later(seconds, lambda: seen.append(now()), label="look")
        m.clock.advance(HOUR)
        assert seen == [BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=20)]


def test_a_waiter_takes_the_library_along(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack, timings={"create": 30})
        client = create()
        client.get_waiter("function_active_v2").wait(FunctionName="orders")
        assert now() == m.clock.now
        assert timedelta(seconds=30) <= now() - BEGIN < timedelta(seconds=32)


def test_a_deadline_of_the_library_is_reached_by_sleeping(both: Any) -> None:
    with ExitStack() as stack:
        both(stack)
        deadline = time.time() + 3600
        while time.time() < deadline:
            time.sleep(60)
        assert now() == BEGIN + HOUR


def test_a_thread_that_sleeps_takes_the_library_along(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack)
        thread = threading.Thread(target=lambda: time.sleep(60))
        thread.start()
        thread.join()
        assert now() == m.clock.now == BEGIN + timedelta(minutes=1)


def test_going_back_is_refused(both: Any, library: Any) -> None:
    with ExitStack() as stack:
        handle, m = both(stack)
        m.clock.advance(HOUR)
        library.go_to(handle, BEGIN)
        with pytest.raises(ClockError, match="time cannot go backwards"):
            create()
        library.go_to(handle, BEGIN + 2 * HOUR)


def test_after_both_time_is_the_machines(both: Any) -> None:
    with ExitStack() as stack:
        both(stack)
    assert abs((datetime.now(timezone.utc) - BEGIN).days) > 7


# -- decorators


@pytest.mark.parametrize("ours_first", [True, False])
def test_functions_can_be_decorated_in_either_order(library: Any, ours_first: bool) -> None:
    def body() -> None:
        assert current().clock.now == now() == BEGIN
        current().clock.advance(HOUR)
        assert now() == BEGIN + HOUR

    decorators = [mock_lambda(start=None if not ours_first else BEGIN), library.decorator(BEGIN)]
    inner, outer = decorators if ours_first else decorators[::-1]
    outer(inner(body))()


@pytest.mark.parametrize("ours_first", [True, False])
def test_coroutines_can_be_decorated_in_either_order(library: Any, ours_first: bool) -> None:
    async def body() -> datetime:
        await asyncio.sleep(3600)
        assert current().clock.now == now()
        return now()

    decorators = [mock_lambda(start=BEGIN), library.decorator(BEGIN)]
    inner, outer = decorators if ours_first else decorators[::-1]
    assert asyncio.run(outer(inner(body))()) == BEGIN + HOUR


@mock_lambda(start=BEGIN)
@freeze_time(BEGIN)
class TestOursOutsideAClass:
    def test_each_method_has_both(self) -> None:
        current().clock.advance(HOUR)
        assert now() == BEGIN + HOUR


@freeze_time(BEGIN)
@mock_lambda
class TestFreezegunOutsideAClass:
    def test_each_method_has_both(self) -> None:
        current().clock.advance(HOUR)
        assert now() == BEGIN + HOUR


# -- clocks that go on by themselves, and fixtures


def test_an_auto_tick_is_followed() -> None:
    with freeze_time(BEGIN, auto_tick_seconds=15), mock_lambda() as m:
        create()
        before = m.clock.now
        now()
        now()
        assert m.clock.now - before == timedelta(seconds=30)


@TICKS
def test_a_ticking_freeze_is_followed() -> None:
    with freeze_time(BEGIN, tick=True) as frozen, mock_lambda(timings={"create": 30}) as m:
        create()
        frozen.tick(60)
        assert m.function("orders").state == "Active"
        assert timedelta(minutes=1) <= m.clock.now - BEGIN < timedelta(minutes=2)


def test_a_traveller_that_goes_on_is_followed() -> None:
    with time_machine.travel(BEGIN) as traveller, mock_lambda(timings={"create": 30}) as m:
        create()
        traveller.shift(60)
        assert m.function("orders").state == "Active"


@pytest.mark.freeze_time("2026-01-01")
def test_the_fixture_of_pytest_freezer_is_followed(freezer: Any) -> None:
    with mock_lambda(timings={"create": 30}) as m:
        assert m.clock.now == BEGIN
        create()
        freezer.tick(60)
        assert m.function("orders").state == "Active"
        freezer.move_to("2026-01-02")
        assert m.clock.now == BEGIN + timedelta(days=1)


def test_the_fixture_of_pytest_freezer_may_come_after_ours(lambda_mock: LambdaMock, freezer: Any) -> None:
    before = lambda_mock.clock.now
    freezer.tick(60)
    assert timedelta(seconds=59) < lambda_mock.clock.now - before <= timedelta(seconds=61)


def test_freezes_can_be_nested_inside_the_mock(library: Any) -> None:
    with mock_lambda(start=BEGIN - HOUR) as m:
        with library.stop_at(BEGIN):
            assert m.clock.now == BEGIN
        with library.stop_at(BEGIN + HOUR):
            assert m.clock.now == BEGIN + HOUR


def test_our_own_freeze_stands_back_for_the_users(library: Any) -> None:
    with library.stop_at(BEGIN), mock_lambda(freeze=True) as m:
        m.clock.advance(HOUR)
        assert now() == m.clock.now == BEGIN + HOUR


def test_a_handler_sees_the_librarys_time(both: Any) -> None:
    with ExitStack() as stack:
        _, m = both(stack, timings="instant")
        client = create()
        m.handler("orders", call=lambda event, context: now().isoformat())
        m.clock.advance(HOUR)
        assert client.invoke(FunctionName="orders")["Payload"].read() == b'"2026-01-01T01:00:00+00:00"'


# -- freezegun within time-machine (the other way round, time-machine refuses)


@pytest.fixture(params=["before both", "between them", "after both"])
def within(request: pytest.FixtureRequest) -> Any:
    """Enter time-machine, freezegun within it, and the mock before both, between them or after both."""

    def enter(stack: ExitStack, travels: Any, freezes: Any) -> tuple[Any, Any, LambdaMock]:
        mocks: list[LambdaMock] = []
        if request.param == "before both":
            mocks.append(stack.enter_context(mock_lambda(start=BEGIN - HOUR)))
        traveller = stack.enter_context(travels)
        if request.param == "between them":
            mocks.append(stack.enter_context(mock_lambda()))
        frozen = stack.enter_context(freezes)
        if not mocks:
            mocks.append(stack.enter_context(mock_lambda()))
        return traveller, frozen, mocks[0]

    return enter


def moves(m: LambdaMock, move: Callable[[], object]) -> list[int]:
    """Return by how many hours *move* moves the clock, and what everybody else sees; ticks are far less."""
    before = m.clock.now
    move()
    return [round((there - before) / HOUR) for there in (m.clock.now, now())]


@pytest.mark.parametrize("travel_ticks", [False, True])
@pytest.mark.parametrize("freeze_ticks", [False, pytest.param(True, marks=TICKS)])
@pytest.mark.parametrize(("travels_to", "freezes_at"), [(0, 0), (9, 0), (0, 9)])
def test_time_is_counted_once_where_freezegun_is_within_time_machine(
    within: Any, travel_ticks: bool, freeze_ticks: bool, travels_to: int, freezes_at: int
) -> None:
    with ExitStack() as stack:
        travels = time_machine.travel(BEGIN + timedelta(days=travels_to), tick=travel_ticks)
        freezes = freeze_time(BEGIN + timedelta(days=freezes_at), tick=freeze_ticks)
        traveller, frozen, m = within(stack, travels, freezes)
        assert moves(m, lambda: m.clock.advance(HOUR)) == [1, 1]
        assert moves(m, lambda: time.sleep(3600)) == [1, 1]
        assert moves(m, lambda: frozen.tick(HOUR)) == [1, 1]
        assert moves(m, lambda: traveller.shift(3600)) == [1, 1]
        assert moves(m, lambda: m.clock.advance(HOUR)) == [1, 1]
