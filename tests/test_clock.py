"""The clock: what moves it, what runs on the way, what it refuses, and how it behaves between threads."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.clock import virtual_clock as clock_module
from lambda_states_mock.clock.whole_locks import give_back, is_mine, take_again
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import in_words, iso, microseconds, parse_instant

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
PATIENCE = 10  # real seconds after which a thread of a test counts as stuck


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def note(log: list[tuple[str, datetime]], clock: VirtualClock, name: str) -> Callable[[], None]:
    return lambda: log.append((name, clock.now))


class OtherClock:
    """A companion that records how it was led."""

    def __init__(self, at: datetime | None) -> None:
        self.at = at
        self.led: list[datetime] = []

    module = __name__
    stacks: tuple[str, ...] = ("START",)

    def now(self) -> datetime | None:
        return self.at

    def moved(self, to: datetime) -> None:
        self.at = to
        self.led.append(to)


# -- standing and moving


def test_the_clock_stands_still_by_itself(clock: VirtualClock) -> None:
    assert clock.now == clock.now == START


def test_now_is_an_aware_utc_datetime() -> None:
    clock = VirtualClock(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now == START
    assert clock.now.tzinfo is timezone.utc


def test_a_clock_can_start_at_an_iso_string() -> None:
    assert VirtualClock("2026-01-01T00:00:00Z").now == START


@pytest.mark.parametrize("by", [5, 5.0, timedelta(seconds=5)], ids=["int", "float", "timedelta"])
def test_advance_takes_seconds_or_a_timedelta(clock: VirtualClock, by: float | timedelta) -> None:
    clock.advance(by)
    assert clock.now == after(5)


def test_advance_runs_what_is_due_on_the_way_at_its_own_instant(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(2, note(log, clock, "second"), label="second")
    clock.call_later(1, note(log, clock, "first"), label="first")
    clock.advance(3)
    assert log == [("first", after(1)), ("second", after(2))]
    assert clock.now == after(3)


def test_advance_includes_what_is_due_at_its_very_end(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(3, note(log, clock, "edge"), label="edge")
    clock.advance(3)
    assert log == [("edge", after(3))]


def test_advance_leaves_what_is_due_a_microsecond_later(clock: VirtualClock) -> None:
    timer = clock.call_later(timedelta(seconds=3, microseconds=1), int, label="later")
    clock.advance(3)
    assert clock.pending == (timer,)


def test_advance_by_nothing_runs_what_is_due_now(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(0, note(log, clock, "now"), label="now")
    assert log == []
    clock.advance(0)
    assert log == [("now", START)]


def test_ten_tenths_of_a_second_are_exactly_one_second(clock: VirtualClock) -> None:
    for _ in range(10):
        clock.advance(0.1)
    assert clock.now == after(1)


@pytest.mark.parametrize("target", [after(60), "2026-01-01T00:01:00Z"], ids=["datetime", "iso"])
def test_advance_to_takes_a_datetime_or_an_iso_string(clock: VirtualClock, target: datetime | str) -> None:
    clock.advance_to(target)
    assert clock.now == after(60)


def test_advance_to_the_present_is_allowed(clock: VirtualClock) -> None:
    clock.advance_to(START)
    assert clock.now == START


def test_step_runs_the_next_timer_alone(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    first = clock.call_later(1, note(log, clock, "first"), label="first")
    second = clock.call_later(1, note(log, clock, "second"), label="second")
    assert clock.step() is first
    assert (log, clock.pending) == ([("first", after(1))], (second,))


def test_step_returns_none_and_stays_when_nothing_is_pending(clock: VirtualClock) -> None:
    assert clock.step() is None
    assert clock.now == START


def test_sleep_moves_the_clock_on_and_returns(clock: VirtualClock) -> None:
    clock.sleep(300)
    assert clock.now == after(300)


# -- moving until something holds


def test_advance_until_stands_where_the_condition_came_true(clock: VirtualClock) -> None:
    seen: list[int] = []
    for seconds in (1, 2, 3):
        clock.call_later(seconds, lambda seconds=seconds: seen.append(seconds), label=f"at {seconds}")  # type: ignore[misc]
    clock.advance_until(lambda: 2 in seen, within=10)
    assert (seen, clock.now) == ([1, 2], after(2))


def test_advance_until_does_not_move_when_the_condition_holds_already(clock: VirtualClock) -> None:
    clock.call_later(0, int, label="due now")
    clock.advance_until(lambda: True, within=10)
    assert (clock.now, len(clock.pending)) == (START, 1)


def test_advance_until_asks_once_more_at_the_end_of_its_time(clock: VirtualClock) -> None:
    clock.advance_until(lambda: clock.now >= after(10), within=10)
    assert clock.now == after(10)


def test_advance_until_says_what_is_pending_when_the_time_is_up(clock: VirtualClock) -> None:
    clock.call_later(3600, int, label="orders create")
    with pytest.raises(ClockError) as caught:
        clock.advance_until(lambda: False, within=timedelta(minutes=10))
    assert str(caught.value) == (
        "the condition did not come true within 10 min\n"
        "  the clock went from 2026-01-01T00:00:00Z to 2026-01-01T00:10:00Z\n"
        "  pending:\n"
        "    2026-01-01T01:00:00Z  orders create in 50 min\n"
        "  Give more time with  within=...,  or look at the timers above for what is missing."
    )


def test_run_until_idle_runs_timers_that_timers_schedule(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, lambda: clock.call_later(1, note(log, clock, "child"), label="child"), label="parent")
    clock.run_until_idle()
    assert log == [("child", after(2))]
    assert clock.now == after(2)


def test_run_until_idle_leaves_background_timers_pending(clock: VirtualClock) -> None:
    idle = clock.call_later(timedelta(days=14), int, label="orders idle", background=True)
    clock.call_later(5, int, label="orders create")
    clock.run_until_idle()
    assert (clock.now, clock.pending) == (after(5), (idle,))


def test_run_until_idle_runs_background_timers_that_fall_due_on_the_way(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, note(log, clock, "poll"), label="poll", background=True)
    clock.call_later(2, int, label="create")
    clock.run_until_idle()
    assert log == [("poll", after(1))]


def test_run_until_idle_finishes_the_instant_at_which_it_stands(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(2, int, label="create")
    clock.call_later(2, note(log, clock, "poll"), label="poll", background=True)
    clock.run_until_idle()
    assert log == [("poll", after(2))]


def test_run_until_idle_does_not_move_when_only_background_timers_are_pending(clock: VirtualClock) -> None:
    clock.call_later(1, int, label="poll", background=True)
    clock.run_until_idle()
    assert clock.now == START


def test_run_until_idle_gives_up_on_work_that_never_ends(clock: VirtualClock) -> None:
    def poll() -> None:
        clock.call_later(3600, poll, label="poller")

    poll()
    with pytest.raises(ClockError, match=r"(?s)still not idle after 365 d.*poller in 1 h.*background=True"):
        clock.run_until_idle()


def test_a_cancelled_timer_does_not_keep_the_clock_from_being_idle(clock: VirtualClock) -> None:
    clock.call_later(100, int, label="create").cancel()
    clock.run_until_idle()
    assert clock.now == START


# -- timers


def test_equal_times_run_in_the_order_in_which_they_were_scheduled(clock: VirtualClock) -> None:
    ran: list[int] = []
    for number in range(50):
        clock.call_later(1, lambda number=number: ran.append(number), label=str(number))  # type: ignore[misc]
    clock.advance(1)
    assert ran == list(range(50))


def test_call_at_takes_a_datetime_or_an_iso_string(clock: VirtualClock) -> None:
    by_text = clock.call_at("2026-01-01T00:00:01Z", int, label="text")
    by_value = clock.call_at(after(1), int, label="value")
    assert by_text.due == by_value.due == after(1)


def test_a_cancelled_timer_never_runs(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    timer = clock.call_later(1, note(log, clock, "never"), label="never")
    timer.cancel()
    clock.advance(2)
    assert (log, timer.cancelled, clock.pending) == ([], True, ())


def test_cancelling_twice_is_cancelling_once(clock: VirtualClock) -> None:
    timer = clock.call_later(1, int, label="timer")
    timer.cancel()
    timer.cancel()
    assert repr(clock) == "<VirtualClock 2026-01-01T00:00:00Z, nothing pending>"


def test_cancelling_a_timer_that_ran_changes_nothing(clock: VirtualClock) -> None:
    timer = clock.call_later(1, int, label="timer")
    clock.advance(1)
    timer.cancel()
    assert not timer.cancelled


def test_an_action_can_cancel_another_timer_of_the_same_instant(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, lambda: second.cancel(), label="first")
    second = clock.call_later(1, note(log, clock, "second"), label="second")
    clock.advance(1)
    assert log == []


def test_a_cancelled_timer_lets_go_of_its_action(clock: VirtualClock) -> None:
    class Function:
        def went_idle(self) -> None: ...

    function = Function()
    gone = weakref.ref(function)
    timer = clock.call_later(1, function.went_idle, label="idle")
    timer.cancel()
    del function
    assert gone() is None


def test_compaction_keeps_the_order_of_what_is_left(clock: VirtualClock) -> None:
    timers = [clock.call_later(number % 7, int, label=str(number)) for number in range(1000)]
    kept = [timer for number, timer in enumerate(timers) if number % 10 == 0]
    for timer in timers:
        if timer not in kept:
            timer.cancel()
    assert clock.pending == tuple(sorted(kept, key=lambda timer: timer.due))


def test_pending_lists_the_timers_in_the_order_in_which_they_will_run(clock: VirtualClock) -> None:
    late = clock.call_later(9, int, label="late")
    early = clock.call_later(1, int, label="early")
    also_late = clock.call_later(9, int, label="also late")
    assert clock.pending == (early, late, also_late)


def test_an_error_of_an_action_reaches_whoever_moved_the_clock(clock: VirtualClock) -> None:
    def fail() -> None:
        raise LookupError("from the action")

    clock.call_later(2, fail, label="failing")
    with pytest.raises(LookupError, match="from the action"):
        clock.advance(5)
    assert (clock.now, clock.pending) == (after(2), ())


def test_the_clock_goes_on_after_an_error_of_an_action(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, lambda: 1 / 0, label="failing")
    clock.call_later(1, note(log, clock, "next"), label="next")
    with pytest.raises(ZeroDivisionError):
        clock.advance(1)
    clock.run_until_idle()
    assert log == [("next", after(1))]


# -- actions that move the clock


def test_an_action_that_sleeps_moves_the_clock_on_and_it_never_goes_back(clock: VirtualClock) -> None:
    clock.call_later(1, lambda: clock.sleep(10), label="handler")
    clock.advance(2)
    assert clock.now == after(11)


def test_an_outer_move_still_reaches_its_own_end_after_an_action_slept(clock: VirtualClock) -> None:
    clock.call_later(1, lambda: clock.sleep(10), label="handler")
    clock.advance(60)
    assert clock.now == after(60)


def test_timers_that_fall_due_while_an_action_sleeps_run_meanwhile(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []

    def handler() -> None:
        clock.sleep(10)
        log.append(("handler ends", clock.now))

    clock.call_later(1, handler, label="handler")
    clock.call_later(5, note(log, clock, "other"), label="other")
    clock.advance(2)
    assert log == [("other", after(5)), ("handler ends", after(11))]


def test_an_action_that_schedules_at_once_is_run_in_the_same_move(clock: VirtualClock) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, lambda: clock.call_later(0, note(log, clock, "then"), label="then"), label="first")
    clock.advance(1)
    assert log == [("then", after(1))]


def test_timers_that_keep_the_clock_at_one_instant_are_found_out(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_module, "SAME_INSTANT_LIMIT", 100)

    def again() -> None:
        clock.call_later(0, again, label="retry at once")

    again()
    with pytest.raises(ClockError, match=r"(?s)100 timers ran at 2026-01-01T00:00:00Z.*retry at once.*a delay above 0"):
        clock.advance(1)


# -- refusals


@pytest.mark.parametrize(
    "going_back",
    [
        lambda clock: clock.advance(-1),
        lambda clock: clock.advance_to(START - timedelta(microseconds=1)),
        lambda clock: clock.advance_until(lambda: False, within=-1),
        lambda clock: clock.run_until_idle(within=-1),
        lambda clock: clock.sleep(-0.5),
        lambda clock: clock.call_later(-1, int, label="timer"),
        lambda clock: clock.call_at(START - timedelta(days=1), int, label="timer"),
    ],
    ids=["advance", "advance_to", "advance_until", "run_until_idle", "sleep", "call_later", "call_at"],
)
def test_time_cannot_go_backwards(clock: VirtualClock, going_back: Callable[[VirtualClock], object]) -> None:
    with pytest.raises(ClockError, match="time cannot go backwards"):
        going_back(clock)
    assert (clock.now, clock.pending) == (START, ())


def test_the_refusal_to_go_back_says_where_the_clock_stands_and_what_to_do(clock: VirtualClock) -> None:
    clock.call_later(timedelta(days=14), int, label="orders idle", background=True)
    with pytest.raises(ClockError) as caught:
        clock.advance_to("2025-12-31T00:00:00Z")
    assert str(caught.value) == (
        "time cannot go backwards\n"
        "  asked to go to 2025-12-31T00:00:00Z; the clock stands at 2026-01-01T00:00:00Z\n"
        "  pending:\n"
        "    2026-01-15T00:00:00Z  orders idle in 14 d (background)\n"
        "  Start the mock earlier:  mock_lambda(start=...)."
    )


def test_a_refusal_is_a_value_error_too(clock: VirtualClock) -> None:
    with pytest.raises(ValueError, match="time cannot go backwards"):
        clock.sleep(-1)


def test_a_long_list_of_timers_is_cut_short_in_messages(clock: VirtualClock) -> None:
    for number in range(25):
        clock.call_later(number + 1, int, label=f"timer {number}")
    with pytest.raises(ClockError, match=r"timer 9 in 10 s\n    \.\.\. and 15 more\n"):
        clock.advance(-1)


@pytest.mark.parametrize("naive", [datetime(2026, 1, 2), "2026-01-02T00:00:00", "2026-01-02"])
def test_a_time_without_a_zone_is_refused(clock: VirtualClock, naive: datetime | str) -> None:
    with pytest.raises(ClockError, match=r"(?s)without a time zone.*tzinfo=timezone\.utc.*2026-01-02T00:00:00Z"):
        clock.advance_to(naive)


@pytest.mark.parametrize("nonsense", ["tomorrow", "", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+99:00", 7, None])
def test_what_is_no_time_is_refused(clock: VirtualClock, nonsense: Any) -> None:
    with pytest.raises(ClockError, match="not a time"):
        clock.advance_to(nonsense)


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), "5", None, True])
def test_what_is_no_length_of_time_is_refused(clock: VirtualClock, nonsense: Any) -> None:
    with pytest.raises(ClockError, match=r"not a length of time.*\n.*seconds or a timedelta"):
        clock.advance(nonsense)


def test_nothing_can_be_scheduled_beyond_the_calendar(clock: VirtualClock) -> None:
    with pytest.raises(ClockError, match='the timer "far" would go past the year 9999'):
        clock.call_later(1e12, int, label="far")


def test_the_clock_cannot_go_beyond_the_calendar(clock: VirtualClock) -> None:
    with pytest.raises(ClockError, match="the clock would go past the year 9999"):
        clock.advance(timedelta(days=999_999_999))


# -- texts


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05.5Z",
        "2026-01-02T03:04:05.500Z",
        "2026-01-02t03:04:05.500z",
        "2026-01-02 03:04:05.500+00:00",
        "2026-01-02T03:04:05.500+0000",
        "2026-01-02T05:04:05.500000+02:00",
        "2026-01-02T03:04:05,500000000Z",
    ],
)
def test_iso_strings_are_read_alike_on_every_python(text: str) -> None:
    assert parse_instant(text) == datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=timezone.utc)


def test_an_iso_string_may_leave_out_the_seconds() -> None:
    assert parse_instant("2026-01-01T00:00Z") == START


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(microseconds=1), "0.000001 s"),
        (timedelta(seconds=2.5), "2.5 s"),
        (timedelta(seconds=100), "1 min 40 s"),
        (timedelta(hours=1, minutes=30, seconds=5), "1 h 30 min"),
        (timedelta(days=14), "14 d"),
        (timedelta(days=14, seconds=1), "14 d 1 s"),
    ],
)
def test_lengths_are_told_in_their_two_largest_units(length: timedelta, words: str) -> None:
    assert in_words(microseconds(length)) == words


def test_the_repr_of_a_clock_tells_what_comes_next(clock: VirtualClock) -> None:
    clock.advance(3)
    clock.call_later(timedelta(days=14), int, label="orders idle", background=True)
    clock.call_later(timedelta(days=15), int, label="refunds idle", background=True)
    assert repr(clock) == "<VirtualClock 2026-01-01T00:00:03Z, 2 pending, next: orders idle in 14 d>"


def test_the_repr_of_a_clock_tells_that_something_is_due_now(clock: VirtualClock) -> None:
    clock.call_later(0, int, label="orders create")
    assert repr(clock) == "<VirtualClock 2026-01-01T00:00:00Z, 1 pending, next: orders create now>"


def test_the_repr_of_a_clock_names_its_holds(clock: VirtualClock) -> None:
    with clock.hold("orders runs"):
        assert repr(clock) == '<VirtualClock 2026-01-01T00:00:00Z, nothing pending, held by "orders runs">'


def test_the_repr_of_a_timer_tells_its_fate(clock: VirtualClock) -> None:
    ran = clock.call_later(0.5, int, label="create")
    waiting = clock.call_later(60, int, label="idle", background=True)
    cancelled = clock.call_later(60, int, label="update")
    cancelled.cancel()
    clock.advance(1)
    assert [repr(timer) for timer in (ran, waiting, cancelled)] == [
        '<Timer "create" due 2026-01-01T00:00:00.500000Z, done>',
        '<Timer "idle" due 2026-01-01T00:01:00Z, background>',
        '<Timer "update" due 2026-01-01T00:01:00Z, cancelled>',
    ]


def test_messages_give_times_in_utc() -> None:
    assert iso(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-01T00:00:00Z"


# -- companions


def test_a_companion_is_led_from_timer_to_timer(clock: VirtualClock) -> None:
    other = OtherClock(START)
    clock.link(other)
    clock.call_later(1, int, label="one")
    clock.call_later(2, int, label="two")
    clock.advance(3)
    assert other.led == [after(1), after(2), after(3)]


def test_a_companion_stands_at_the_instant_of_a_timer_when_its_action_runs(clock: VirtualClock) -> None:
    other = OtherClock(START)
    clock.link(other)
    seen: list[datetime | None] = []
    clock.call_later(1, lambda: seen.append(other.now()), label="look")
    clock.advance(5)
    assert seen == [after(1)]


def test_a_companion_that_went_ahead_is_caught_up_with_in_order(clock: VirtualClock) -> None:
    other = OtherClock(after(10))
    clock.link(other)
    log: list[tuple[str, datetime]] = []
    clock.call_later(4, note(log, clock, "create"), label="create")
    clock.catch_up()
    assert (log, clock.now, other.led) == ([("create", after(4))], after(10), [after(4), after(10)])


@pytest.mark.parametrize("at", [None, START, START - timedelta(days=1)], ids=["silent", "level", "behind"])
def test_a_companion_that_is_not_ahead_does_not_move_the_clock(clock: VirtualClock, at: datetime | None) -> None:
    clock.link(OtherClock(at))
    clock.catch_up()
    assert clock.now == START


def test_the_furthest_of_several_companions_counts(clock: VirtualClock) -> None:
    near, far = OtherClock(after(1)), OtherClock(after(9))
    clock.link(near)
    clock.link(far)
    clock.catch_up()
    assert clock.now == near.at == after(9)


def test_a_move_begins_where_the_companion_stands(clock: VirtualClock) -> None:
    clock.link(OtherClock(after(5)))
    clock.advance(5)
    assert clock.now == after(10)


def test_a_companion_that_was_unlinked_is_left_alone(clock: VirtualClock) -> None:
    other = OtherClock(after(5))
    clock.link(other)
    clock.unlink(other)
    clock.advance(1)
    assert (clock.now, other.led) == (after(1), [])


def test_a_companion_linked_twice_is_led_once(clock: VirtualClock) -> None:
    other = OtherClock(START)
    clock.link(other)
    clock.link(other)
    clock.advance(1)
    assert other.led == [after(1)]


# -- threads and holds


class Threads:
    """Threads of a test: started by call, joined at its end, their errors raised here."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def start(self, work: Callable[[], object]) -> threading.Thread:
        thread = threading.Thread(target=self._guard, args=(work,), daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _guard(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            self._errors.append(error)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"{thread.name} is stuck"
        if self._errors:
            raise self._errors[0]


@pytest.fixture
def threads() -> Threads:
    return Threads()


def until_waiting(clock: VirtualClock, count: int = 1) -> None:
    """Return once *count* threads wait for holds: yields to them, and looks."""
    for _ in range(PATIENCE * 1000):
        with clock.lock:
            waiting = sum(mover.is_waiting for mover in clock.turns.movers.values())
            if waiting == count:
                return
        threading.Event().wait(0.001)
    raise AssertionError(f"{waiting} threads wait, not {count}")


def test_the_lock_is_shared_with_whoever_gives_one() -> None:
    lock = threading.RLock()
    assert VirtualClock(START, lock=lock).lock is lock


def test_actions_run_under_the_lock(clock: VirtualClock, threads: Threads) -> None:
    got_it: list[bool] = []

    def try_lock() -> None:
        got_it.append(clock.lock.acquire(blocking=False))

    def action() -> None:
        threads.start(try_lock)
        threads.join()

    clock.call_later(1, action, label="action")
    clock.advance(1)
    assert got_it == [False]


def test_a_hold_keeps_another_thread_from_moving_the_clock(clock: VirtualClock, threads: Threads) -> None:
    with clock.hold("orders runs"):
        threads.start(lambda: clock.advance(5))
        until_waiting(clock)
        assert clock.now == START
    threads.join()
    assert clock.now == after(5)


def test_a_hold_does_not_block_the_thread_that_took_it(clock: VirtualClock) -> None:
    with clock.hold("orders runs"):
        clock.sleep(5)
    assert clock.now == after(5)


def test_a_hold_does_not_keep_others_from_looking_and_scheduling(clock: VirtualClock, threads: Threads) -> None:
    timers: list[Timer] = []
    with clock.hold("orders runs"):
        threads.start(lambda: timers.append(clock.call_later(1, int, label="from the thread")))
        threads.join()
    assert clock.pending == tuple(timers)


def test_a_hold_does_not_keep_others_from_running_what_is_due_now(clock: VirtualClock, threads: Threads) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(0, note(log, clock, "now"), label="now")
    with clock.hold("orders runs"):
        threads.start(lambda: clock.advance(0))
        threads.join()
    assert log == [("now", START)]


def test_a_hold_ends_when_its_work_raises(clock: VirtualClock) -> None:
    with pytest.raises(LookupError), clock.hold("orders runs"):
        raise LookupError
    assert clock.holds == ()


def test_holds_are_listed_by_name(clock: VirtualClock) -> None:
    with clock.hold("orders runs"), clock.hold("refunds runs"):
        assert list(clock.holds) == ["orders runs", "refunds runs"]


def test_a_hold_that_lasts_too_long_is_named(threads: Threads) -> None:
    clock = VirtualClock(START, hang_after=0.01)
    clock.call_later(1, int, label="orders create")
    with clock.hold("orders runs"):
        threads.start(lambda: clock.advance(5))
        with pytest.raises(ClockError) as caught:
            threads.join()
    assert str(caught.value) == (
        "the clock was held for more than 0.01 s of real time\n"
        "  held by:\n"
        f'    "orders runs" in thread "{threading.current_thread().name}"\n'
        "  pending:\n"
        "    2026-01-01T00:00:01Z  orders create in 1 s\n"
        "  That work hangs, or waits for this thread. If it only needs longer, set  hang_after=...."
    )
    assert clock.now == START


def test_a_sleep_ends_at_the_deadline_that_was_fixed_on_its_entry(clock: VirtualClock, threads: Threads) -> None:
    with clock.hold("orders runs"):
        threads.start(lambda: clock.sleep(5))
        until_waiting(clock)
        clock.sleep(3)
    threads.join()
    assert clock.now == after(5)


def test_a_sleep_whose_deadline_has_passed_meanwhile_is_over(clock: VirtualClock, threads: Threads) -> None:
    with clock.hold("orders runs"):
        threads.start(lambda: clock.sleep(5))
        until_waiting(clock)
        clock.sleep(30)
    threads.join()
    assert clock.now == after(30)


def test_two_threads_that_sleep_at_once_each_reach_their_own_deadline(clock: VirtualClock, threads: Threads) -> None:
    woke: dict[str, datetime] = {}

    def sleeper(name: str, seconds: float) -> None:
        clock.sleep(seconds)
        with clock.lock:
            woke[name] = clock.now

    with clock.hold("both fall asleep first"):
        threads.start(lambda: sleeper("short", 3))
        threads.start(lambda: sleeper("long", 8))
        until_waiting(clock, 2)
    threads.join()
    assert woke["short"] >= after(3)
    assert woke["long"] == clock.now == after(8)


def test_holders_that_sleep_wake_in_the_order_of_their_deadlines(clock: VirtualClock, threads: Threads) -> None:
    woke: list[tuple[str, datetime]] = []
    everyone_holds = threading.Barrier(3)

    def handler(name: str, seconds: float) -> None:
        with clock.hold(name):
            everyone_holds.wait(PATIENCE)
            clock.sleep(seconds)
            woke.append((name, clock.now))

    for name, seconds in (("long", 8.0), ("short", 3.0), ("middle", 5.0)):
        threads.start(lambda name=name, seconds=seconds: handler(name, seconds))  # type: ignore[misc]
    threads.join()
    assert woke == [("short", after(3)), ("middle", after(5)), ("long", after(8))]


def test_holders_that_sleep_let_a_timer_before_their_deadlines_run(clock: VirtualClock, threads: Threads) -> None:
    log: list[tuple[str, datetime]] = []
    clock.call_later(1, note(log, clock, "timer"), label="timer")
    both_hold = threading.Barrier(2)

    def handler(seconds: float) -> None:
        with clock.hold(f"sleeps {seconds}"):
            both_hold.wait(PATIENCE)
            clock.sleep(seconds)

    threads.start(lambda: handler(2))
    threads.start(lambda: handler(3))
    threads.join()
    assert (log, clock.now) == ([("timer", after(1))], after(3))


def test_run_until_idle_waits_for_held_work_that_schedules_more(clock: VirtualClock, threads: Threads) -> None:
    with clock.hold("the async invocation"):
        threads.start(clock.run_until_idle)
        until_waiting(clock)
        clock.call_later(7, int, label="its retry")
    threads.join()
    assert (clock.now, clock.pending) == (after(7), ())


def test_a_hold_taken_within_the_worlds_lock_can_be_waited_for(clock: VirtualClock, threads: Threads) -> None:
    def call() -> None:
        with clock.lock, clock.lock:
            clock.sleep(1)

    with clock.hold("orders runs"):
        threads.start(call)
        until_waiting(clock)
        with clock.lock:
            assert clock.now == START
    threads.join()
    assert clock.now == after(1)


def test_time_only_grows_for_threads_that_all_move_it(clock: VirtualClock, threads: Threads) -> None:
    seen: list[datetime] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(4):
            threads.start(lambda: [(clock.sleep(0.25), seen.append(clock.now)) for _ in range(200)])  # type: ignore[func-returns-value]
        threads.join()
    finally:
        sys.setswitchinterval(interval)
    assert max(seen) == clock.now == after(4 * 200 * 0.25)


def test_timers_scheduled_from_many_threads_all_run_once(clock: VirtualClock, threads: Threads) -> None:
    ran: list[int] = []

    def schedule(first: int) -> None:
        for number in range(first, first + 500):
            clock.call_later(number % 13, lambda number=number: ran.append(number), label=str(number))  # type: ignore[misc]

    for first in (0, 500, 1000, 1500):
        threads.start(lambda first=first: schedule(first))  # type: ignore[misc]
    threads.join()
    clock.advance(13)
    assert sorted(ran) == list(range(2000))


# -- properties

LENGTHS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))
FEW_LENGTHS = st.integers(0, 5).map(lambda seconds: timedelta(seconds=seconds))  # so that ties happen


@given(st.lists(st.one_of(LENGTHS, FEW_LENGTHS), max_size=30))
def test_the_order_is_that_of_due_times_and_then_of_scheduling(delays: list[timedelta]) -> None:
    clock = VirtualClock(START)
    ran: list[tuple[timedelta, int]] = []
    for number, delay in enumerate(delays):
        clock.call_later(delay, lambda entry=(delay, number): ran.append(entry), label=str(number))  # type: ignore[misc]
    clock.run_until_idle()
    assert ran == sorted((delay, number) for number, delay in enumerate(delays))


@given(st.lists(st.tuples(st.sampled_from(["later", "advance", "step", "sleep in action"]), LENGTHS), max_size=30))
def test_time_only_grows(moves: list[tuple[str, timedelta]]) -> None:
    clock = VirtualClock(START)
    seen = [clock.now]

    def look() -> None:
        seen.append(clock.now)

    def sleep_and_look(length: timedelta) -> None:
        clock.sleep(length)
        look()

    for kind, length in moves:
        if kind == "later":
            clock.call_later(length, look, label="look")
        elif kind == "sleep in action":
            clock.call_later(length, lambda length=length: sleep_and_look(length), label="sleep")  # type: ignore[misc]
        elif kind == "advance":
            clock.advance(length)
        else:
            clock.step()
        look()
    assert seen == sorted(seen)


@given(st.lists(st.tuples(FEW_LENGTHS, st.booleans()), max_size=200))
def test_cancelled_timers_never_run_and_all_others_do(timers: list[tuple[timedelta, bool]]) -> None:
    clock = VirtualClock(START)
    ran: set[int] = set()
    for number, (delay, cancelled) in enumerate(timers):
        timer = clock.call_later(delay, lambda number=number: ran.add(number), label=str(number))  # type: ignore[misc]
        if cancelled:
            timer.cancel()
    clock.advance(5)
    assert ran == {number for number, (_, cancelled) in enumerate(timers) if not cancelled}


@given(st.lists(LENGTHS, min_size=1, max_size=10), st.lists(LENGTHS, max_size=20))
def test_to_advance_in_parts_is_to_advance_in_one(parts: list[timedelta], delays: list[timedelta]) -> None:
    def run(moves: list[timedelta]) -> tuple[list[tuple[str, datetime]], datetime]:
        clock = VirtualClock(START)
        log: list[tuple[str, datetime]] = []
        for number, delay in enumerate(delays):
            clock.call_later(delay, note(log, clock, str(number)), label=str(number))
        for move in moves:
            clock.advance(move)
        return log, clock.now

    assert run(parts) == run([sum(parts, timedelta(0))])


@given(st.lists(LENGTHS, max_size=20))
def test_to_step_through_is_to_run_until_idle(delays: list[timedelta]) -> None:
    stepped, at_once = VirtualClock(START), VirtualClock(START)
    for delay in delays:
        stepped.call_later(delay, int, label="timer")
        at_once.call_later(delay, int, label="timer")
    while stepped.step() is not None:
        pass
    at_once.run_until_idle()
    assert stepped.now == at_once.now


@given(st.floats(min_value=0, max_value=1e9))
def test_seconds_are_rounded_as_timedelta_rounds_them(seconds: float) -> None:
    clock = VirtualClock(START)
    clock.advance(seconds)
    assert clock.now == START + timedelta(seconds=seconds)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_an_instant_survives_being_written_and_read(moment: datetime) -> None:
    assert parse_instant(iso(moment)) == moment


# -- what never ends, and what is beyond the calendar


def test_a_timer_that_sets_itself_again_for_ever_is_named_within_seconds(clock: VirtualClock) -> None:
    def tick() -> None:
        clock.call_later(1, tick, label="tick")

    tick()
    with pytest.raises(ClockError, match='the clock is never idle: "tick" has set itself again'):
        clock.run_until_idle()


def test_many_timers_of_one_name_are_no_mistake(clock: VirtualClock) -> None:
    ran: list[int] = []
    for number in range(20_000):
        clock.call_later(number, partial(ran.append, number), label="invocation ends")

    clock.run_until_idle()

    assert len(ran) == 20_000


def test_what_a_call_has_not_begun_does_not_end_with_it(clock: VirtualClock) -> None:
    ran: list[str] = []
    for name in ("first", "second"):
        clock.call_later(1, partial(ran.append, name), label=name)
    clock.step()

    clock.settle(clock.scheduled)
    assert ran == ["first"]

    begun = clock.scheduled
    clock.call_later(0, partial(ran.append, "third"), label="third")
    clock.settle(begun)
    assert ran == ["first", "second", "third"]


@pytest.mark.parametrize(
    "when",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
    ],
)
def test_a_time_beyond_the_calendar_is_told(clock: VirtualClock, when: datetime | str) -> None:
    with pytest.raises(ClockError, match="outside of the years 1 to 9999"):
        clock.advance_to(when)


def test_an_advance_of_another_thread_waits_for_who_sleeps_before(clock: VirtualClock, threads: Threads) -> None:
    woke: list[datetime] = []
    with clock.hold("until both wait"):
        threads.start(lambda: (clock.sleep(3), woke.append(clock.now)))  # type: ignore[func-returns-value]
        until_waiting(clock)
        threads.start(lambda: clock.advance(10))
        until_waiting(clock, 2)
    threads.join()
    assert (woke, clock.now) == ([after(3)], after(10))


# -- the clock's lock as a whole


@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_lock_is_given_back_and_taken_again_as_often_as_it_was_taken(times: int) -> None:
    lock = threading.RLock()
    for _ in range(times):
        lock.acquire()
    assert (is_mine(lock), give_back(lock), is_mine(lock)) == (times > 0, times, False)
    take_again(lock, times)
    assert give_back(lock) == times


def test_a_lock_of_another_thread_is_not_given_back() -> None:
    lock, taken, done = threading.RLock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            done.wait(PATIENCE)

    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(PATIENCE)
    assert (is_mine(lock), give_back(lock), lock.acquire(blocking=False)) == (False, 0, False)
    done.set()
    holder.join(PATIENCE)


def test_asking_whose_a_lock_is_leaves_it_as_it_is() -> None:
    lock, others = threading.RLock(), list[bool]()
    with lock:
        assert is_mine(lock)
        other = threading.Thread(target=lambda: others.append(lock.acquire(blocking=False)))
        other.start()
        other.join(PATIENCE)
    assert others == [False]


def test_where_the_clock_stands_is_read_anew_after_each_move_from_any_thread(clock: VirtualClock) -> None:
    read: list[datetime] = []

    def look() -> None:
        read.append(clock.now)  # while the clock is locked by the thread that moves it
        thread = threading.Thread(target=lambda: read.append(clock.now))
        thread.start()
        thread.join()

    for second in (1, 2):
        clock.call_later(second, look, label="look")
    assert clock.now == START
    clock.advance(3)
    assert [moment - START for moment in [*read, clock.now]] == [timedelta(seconds=each) for each in (1, 1, 2, 2, 3)]


def test_no_timer_is_lost_where_another_clock_cannot_follow(clock: VirtualClock) -> None:
    class Stuck(OtherClock):
        def moved(self, to: datetime) -> None:
            if to == after(1):
                raise KeyboardInterrupt

    clock.link(Stuck(None))
    timer = clock.call_later(1, int, label="create")
    with pytest.raises(KeyboardInterrupt):
        clock.advance(2)
    assert clock.pending == (timer,)
    clock.run_until_idle()
    timer.cancel()
    assert not timer.cancelled  # it has run
    assert not clock.pending
