"""The order of timers: as a sorted list has it, whether they wait in the heap, are sorted, or were cancelled."""

from __future__ import annotations

import gc
from functools import partial
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock.clock import Timer, VirtualClock, agenda
from lambda_states_mock.clock.agenda import Agenda
from tests.garbage import look_at_what_is_new_alone

CLOCK = VirtualClock("2026-01-01T00:00:00Z")
INSTANTS = st.integers(-3, 12)
STEPS = st.one_of(
    st.tuples(st.just("add"), INSTANTS),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("take"), INSTANTS),
    st.tuples(st.just("look"), st.none()),
)


@given(st.lists(STEPS, max_size=60), st.sampled_from([0, 1, 3, 1000]), st.sampled_from([0, 2, 1000]))
def test_timers_come_in_the_order_of_a_list_that_is_sorted_each_time(
    steps: list[tuple[str, int]], most_unsorted: int, most_cancelled: int
) -> None:
    with patch.multiple(agenda, HEAP_SIZE=most_unsorted, CANCELLED_KEPT=most_cancelled):
        timers, expected = Agenda(), list[Timer]()
        for order, (what, number) in enumerate(steps):
            if what == "add":
                expected.append(Timer(number, order, int, "timer", background=number % 2 == 0, _clock=CLOCK))
                timers.add(expected[-1])
                expected.sort(key=lambda one: one.instant)  # stable: of one instant, the first added stays the first
            elif what == "cancel" and number < len(expected):
                timers.cancel(expected.pop(number))
            elif what == "take":
                first = timers.first()
                if first is not None and first.instant <= number:
                    assert timers.take(first)
                    assert expected.pop(0) is first
                    assert not timers.take(first)
            assert timers.first() is (expected[0] if expected else None)
            assert timers.in_order() == expected
            assert timers.live == len(expected)
            assert timers.foreground == sum(not one.background for one in expected)


def taken(timers: Agenda) -> list[tuple[int, int]]:
    """Take all timers, and return the instant and the order of each."""
    found: list[tuple[int, int]] = []
    while (first := timers.first()) is not None and timers.take(first):
        found.append((first.instant, first.order))
    return found


def test_those_that_stay_in_the_heap_come_in_order_when_cancelled_ones_are_taken_out() -> None:
    timers, count = Agenda(), agenda.HEAP_SIZE
    made = [
        Timer(number * 7919 % count, number, int, "timer", background=False, _clock=CLOCK) for number in range(count)
    ]
    for timer in made:
        timers.add(timer)
    timers.first()  # now they are in the heap
    for timer in made:
        if timer.order % 3:
            timers.cancel(timer)
    assert taken(timers) == sorted((timer.instant, timer.order) for timer in made[::3])


def test_those_of_one_instant_come_in_the_order_in_which_they_were_added_from_the_heap_to_the_list() -> None:
    timers = Agenda()
    for order in range(agenda.HEAP_SIZE * 2):
        if order == agenda.HEAP_SIZE:
            timers.first()  # those before are in the heap now, and go to the list together with those that follow
        timers.add(Timer(5, order, int, "timer", background=False, _clock=CLOCK))
    assert taken(timers) == [(5, order) for order in range(agenda.HEAP_SIZE * 2)]


def test_very_many_timers_run_in_order_while_they_set_others() -> None:
    clock, ran = VirtualClock("2026-01-01T00:00:00Z"), list[tuple[float, int]]()

    def run(due: float, number: int, again: float) -> None:
        ran.append((due, number))
        if again:
            clock.call_later(again, partial(run, due + again, number, 0), label="again")

    count = agenda.HEAP_SIZE * 4
    for number in range(count):
        due = number * 7919 % count
        clock.call_later(due, partial(run, due, number, due % 90), label="first")
    clock.run_until_idle()
    assert ran == sorted(ran, key=lambda one: one[0])
    assert len(ran) > count * 1.9
    assert clock.pending == ()


class Job:
    """It owns a timer, and cancels it when nobody needs the job any more."""

    def __init__(self, clock: VirtualClock) -> None:
        self._timer = clock.call_later(5, int, label="owned")

    def run(self) -> None: ...

    def __del__(self) -> None:
        self._timer.cancel()


def test_an_action_that_is_let_go_of_may_cancel_a_timer() -> None:
    clock = VirtualClock("2026-01-01T00:00:00Z")
    for _ in range(agenda.CANCELLED_KEPT * 4):
        clock.call_later(9, Job(clock).run, label="job").cancel()
    assert (clock.pending, clock._agenda.live, clock._agenda.foreground) == ((), 0, 0)
    assert "nothing pending" in repr(clock)


@pytest.mark.parametrize("made_before", [0, 10, 25, 50, 90])
def test_the_garbage_collector_may_cancel_timers_while_others_are_sorted_in(made_before: int) -> None:
    clock, ran = VirtualClock("2026-01-01T00:00:00Z"), list[int]()

    class Garbage:
        def __init__(self, doomed: list[Timer]) -> None:
            self.doomed, self.itself = doomed, self

        def __del__(self) -> None:
            for one in self.doomed:
                one.cancel()

    before, was_enabled = gc.get_threshold(), gc.isenabled()
    look_at_what_is_new_alone()
    gc.disable()
    kept = [(number,) * 3 for number in range(3_000)]  # or new tuples would be old ones, which do not count as made
    try:
        for number in range(30):
            clock.call_later(number, partial(ran.append, number), label="live")
        Garbage([clock.call_later(50, int, label="doomed") for _ in range(agenda.CANCELLED_KEPT * 2)])
        for number in range(30, 60):
            clock.call_later(number, partial(ran.append, number), label="live")
        gc.set_threshold(gc.get_count()[0] + made_before, 1_000, 1_000)
        gc.enable()
        clock.advance(100)
    finally:
        gc.set_threshold(*before)
        (gc.enable if was_enabled else gc.disable)()
        kept.clear()
    assert ran == list(range(60))
    assert (clock._agenda.live, clock._agenda.foreground) == (len(clock.pending), len(clock.pending))


def idle(timers: Agenda, number: int) -> Timer:
    """Add a timer, the *number*-th, and return it."""
    timer = Timer(number, number, int, "idle", background=True, _clock=CLOCK)
    timers.add(timer)
    return timer


def test_cancelled_timers_do_not_pile_up() -> None:
    timers = Agenda()
    for number in range(2_000):
        timers.cancel(idle(timers, number))
        timers.first()
    assert len(timers._heap) + len(timers._new) <= 2 * agenda.CANCELLED_KEPT


def test_cancelled_timers_that_nobody_has_looked_for_do_not_pile_up() -> None:
    timers = Agenda()
    for number in range(2_000):
        timers.cancel(idle(timers, number))
    assert len(timers._heap) + len(timers._new) <= 2 * agenda.CANCELLED_KEPT


def test_cancelled_timers_that_were_sorted_do_not_pile_up() -> None:
    timers = Agenda()
    ones = [idle(timers, number) for number in range(2_000)]
    assert timers.first() is ones[0]
    for one in ones[1:]:
        timers.cancel(one)
    assert len(timers._heap) + len(timers._sorted) <= 2 * agenda.CANCELLED_KEPT
