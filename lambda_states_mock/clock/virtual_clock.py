"""A clock that the test controls. It stands still until something moves it, and runs the timers that become due.

Rules:

1. Time only grows. An action may move the clock itself, for example a handler that sleeps. The move that ran it may
   then end later than asked, never earlier.
2. The clock moves from timer to timer, never in one jump. Each action sees exactly the instant it was scheduled for.
3. Moving *to* an instant includes that instant. Timers due at the same instant run in the order of their scheduling.
4. Timers that never end (pollers, idleness) are *background* timers. They run like others, but nothing waits for them.
5. Real work in another thread *holds* the clock by name. Threads that sleep take turns; see `turns`.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.clock.moves import Moves
from lambda_states_mock.clock.timer import Timer
from lambda_states_mock.clock.turns import ALONE, HANG_AFTER, Company, Hold, Interrupted, Mover, Turns
from lambda_states_mock.errors import ClockError, NamesWhatItHas
from lambda_states_mock.instants import LAST, as_datetime, in_words, instant_of, iso, microseconds

if TYPE_CHECKING:
    from lambda_states_mock.clock.companion import Companion

ONE_YEAR = timedelta(days=365)
LISTED_TIMERS = 10  # how many timers a message names before it counts the rest
RENEWALS_LIMIT = 10_000  # of one timer while the clock is to become idle: surely one that never ends
SAME_INSTANT_LIMIT = 1_000_000  # timers in one move that run at one instant: surely a mistake
_MICROSECOND = timedelta(microseconds=1)
COMPACT_ABOVE = 64  # cancelled timers that may always stay in the heap


class VirtualClock(NamesWhatItHas):
    """A virtual clock that follows the rules at the top of the module. Safe to use from several threads.

    Parameters:
        start: where the clock starts: an aware datetime, or an ISO string with a time zone.
        lock: the re-entrant lock that guards the clock and its timer actions; shared with the backend.
        company: the threads that live by the clock; without it, the clock knows of none.
        hang_after: how many seconds of *real* time a move waits for other threads; None for ever.

    Raises ClockError if *start* is no time, or has no time zone.
    """

    def __init__(
        self,
        start: datetime | str,
        *,
        lock: threading.RLock | None = None,
        company: Company = ALONE,
        hang_after: float | None = HANG_AFTER,
    ) -> None:
        self.lock = lock if lock is not None else threading.RLock()
        self.turns = Turns(self.lock, company, hang_after)
        self._now = instant_of(start)
        self.standing = as_datetime(self._now)
        self._heap: list[tuple[int, int, Timer]] = []
        self.scheduled = 0  # how many timers there have been; breaks ties: first come, first served
        self._running: Timer | None = None
        self._cancelled = 0  # cancelled timers that are still in the heap
        self._foreground = 0  # live timers that are not background ones
        self._companions: list[Companion] = []
        self.moves = Moves()

    @property
    def now(self) -> datetime:
        """Where the clock stands: an aware UTC datetime."""
        return self.standing

    @property
    def pending(self) -> tuple[Timer, ...]:
        """The timers that will run, in that order."""
        with self.lock:
            return tuple(timer for _, _, timer in sorted(self._heap) if not timer.cancelled)

    def __repr__(self) -> str:
        with self.lock:
            notes = [iso(self._now)]
            upcoming = self._next()
            if upcoming is None:
                notes.append("nothing pending")
            else:
                notes.append(f"{len(self._heap) - self._cancelled} pending, next: {self._in_words(upcoming)}")
            if self.turns.holds:
                notes.append("held by " + ", ".join(f'"{hold.name}"' for hold in self.turns.holds))
            return f"<VirtualClock {', '.join(notes)}>"

    # -- scheduling

    def call_later(
        self, delay: float | timedelta, action: Callable[[], object], *, label: str, background: bool = False
    ) -> Timer:
        """Run *action* after *delay*, and return its timer.

        Parameters:
            delay: seconds or a timedelta, not negative.
            action: called without arguments, under the clock's lock. It may schedule, cancel, and move the clock.
            label: the timer's name in `pending`, in a repr and in errors.
            background: True for a timer that never ends; `run_until_idle` does not wait for it.

        Raises ClockError for a negative delay, or one that is no length of time.
        """
        with self.lock:
            wait = microseconds(delay)
            if wait < 0:
                raise self._backwards(f'the timer "{label}" was given a delay of {delay}', "Give a delay of 0 or more.")
            return self._schedule(self._now + wait, action, label, background)

    def schedule(
        self, length: timedelta, action: Callable[[], object], *, label: str, background: bool = False
    ) -> Timer:
        """As `call_later`, for a length that was checked before."""
        with self.lock:
            return self._schedule(self._now + length // _MICROSECOND, action, label, background)

    def call_at(
        self, when: datetime | str, action: Callable[[], object], *, label: str, background: bool = False
    ) -> Timer:
        """Run *action* at *when*, and return its timer.

        Parameters: *when*, an aware datetime or ISO string, not in the past; the others as in `call_later`.

        Raises ClockError for what is no time, has no time zone, or is in the past.
        """
        due = instant_of(when)
        with self.lock:
            if due < self._now:
                raise self._backwards(f'the timer "{label}" was set for {iso(due)}', "Give a time to come.")
            return self._schedule(due, action, label, background)

    def _schedule(self, due: int, action: Callable[[], object], label: str, background: bool) -> Timer:
        if due > LAST:
            raise ClockError(f'the timer "{label}" would go past the year 9999\n  Give a shorter time.')
        timer = Timer(due, action, label, background, self)
        running = self._running
        if running is not None and running.label == label:
            timer.renewals = running.renewals + 1
        self.scheduled += 1
        self._foreground += not background
        heapq.heappush(self._heap, (due, self.scheduled, timer))
        return timer

    def cancel(self, timer: Timer) -> None:
        """Cancel *timer*, so that it never runs. Without effect after it has run."""
        with self.lock:
            if timer.action is None:
                return
            timer.cancelled = True
            self._retire(timer)
            self._cancelled += 1
            # Deleted lazily, but never more dead than alive: each invoke cancels an idle timer two weeks ahead.
            if self._cancelled > COMPACT_ABOVE and self._cancelled * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if not entry[2].cancelled]
                heapq.heapify(self._heap)
                self._cancelled = 0

    def _retire(self, timer: Timer) -> None:
        timer.action = None  # lets go of all that the action refers to
        if not timer.background:
            self._foreground -= 1

    def _next(self) -> Timer | None:
        """Return the next timer, and leave it in the heap."""
        heap = self._heap
        while self._cancelled and heap and heap[0][2].cancelled:
            heapq.heappop(heap)
            self._cancelled -= 1
        return heap[0][2] if heap else None

    # -- moving

    def advance(self, by: float | timedelta) -> None:
        """Move forward *by* seconds or a timedelta. Run everything that is due, in order, including at the very end.

        Raises ClockError for a negative length or what is no length of time. An error that an action raises is raised
        here, with the clock standing at the instant of that timer.
        """
        __tracebackhide__ = True
        with self.lock:
            self.catch_up()
            self._run(self._after(by))

    def settle(self, since: int) -> None:
        """Run all that is due at the instant where the clock stands: what a call has begun may end with it.

        Parameters: *since*, what `scheduled` was before the call. A call that has begun nothing runs nothing.
        """
        if self.scheduled != since and self._heap and self._heap[0][0] <= self._now:
            with self.lock:
                self._run(self._now)

    def advance_to(self, target: datetime | str) -> None:
        """Move forward to *target*, an aware datetime or ISO string; otherwise like `advance`.

        Raises ClockError if *target* is in the past, is no time, or has no time zone.
        """
        __tracebackhide__ = True
        to = instant_of(target)
        with self.lock:
            self.catch_up()
            if to < self._now:
                raise self._backwards(f"asked to go to {iso(to)}", "Start the mock earlier:  mock_lambda(start=...).")
            self._run(to)

    def advance_until(self, predicate: Callable[[], object], *, within: float | timedelta) -> None:
        """Move from timer to timer until *predicate* is true, and stop at that instant.

        Parameters:
            predicate: called before the first timer, after each, and at the end; any true result stops the clock.
            within: the longest time to move, in seconds or as a timedelta.

        Raises ClockError if *predicate* does not become true in that time. The clock then stands at the end of it.
        """
        __tracebackhide__ = True
        with self.lock:
            self.catch_up()
            began, deadline = self._now, self._after(within)
            if predicate() or self._run(deadline, until=predicate) or predicate():
                return
            raise ClockError(
                f"the condition did not come true within {in_words(deadline - began)}\n"
                f"  the clock went from {iso(began)} to {iso(self._now)}\n"
                f"{self._pending_lines()}\n"
                "  Give more time with  within=...,  or look at the timers above for what is missing."
            )

    def run_until_idle(self, *, within: float | timedelta = ONE_YEAR) -> None:
        """Move forward until only background timers are pending. Everything due at that instant has run by then.

        This waits for other threads that hold the clock, since they may schedule more.

        Parameters: *within*, the longest time to move, in seconds or as a timedelta; a year by default.

        Raises ClockError if other timers are still pending after that time, or if one sets itself again for ever.
        """
        with self.lock:
            self.catch_up()
            began, deadline = self._now, self._after(within)

            def is_idle() -> bool:
                self._await_turn(deadline)
                upcoming = self._next()
                if upcoming is not None and upcoming.renewals > RENEWALS_LIMIT and not upcoming.background:
                    raise ClockError(
                        f'the clock is never idle: "{upcoming.label}" has set itself again {upcoming.renewals} times\n'
                        f"{self._pending_lines()}\n"
                        "  Schedule what never ends with  background=True."
                    )
                return not self._foreground and (upcoming is None or upcoming.instant > self._now)

            if is_idle() or self._run(deadline, until=is_idle) or is_idle():
                return
            raise ClockError(
                f"still not idle after {in_words(deadline - began)}\n{self._pending_lines()}\n"
                "  Schedule what never ends with  background=True,  or give more time with  within=...."
            )

    def step(self) -> Timer | None:
        """Move to the next timer and run it alone. Return it, or None if nothing is pending."""
        with self.lock:
            self.catch_up()
            if (timer := self._pop_due(LAST)) is None:
                return None
            self._fire(timer)
            return timer

    def sleep(self, seconds: float | timedelta, *, unless: Callable[[], object] | None = None) -> bool:
        """Sleep like `time.sleep`, in virtual time: move to now + *seconds*, computed on entry, and return.

        Threads that sleep at the same time wake in the order in which their sleeps end; see `turns`.

        Parameters: *seconds*, a number or a timedelta; *unless*, which ends the sleep once it is true, wherever the
        clock stands.

        Return True unless that was so. Raises ClockError for a negative length, or what is no length of time.
        """
        with self.lock:
            if self.turns.is_closed:
                return False
            self.catch_up()
            goal = self._after(seconds)
            mover = self.turns.join(goal, is_patient=True, unless=unless)
            try:
                self._await_turn(goal, mover)
                return not self._run(goal, until=unless)
            except Interrupted:
                return False
            finally:
                self.turns.leave(mover)

    def _run(self, target: int, *, until: Callable[[], object] | None = None) -> bool:
        """Run the timers due up to *target*, then stand there. Stop early and return True once *until* is true."""
        standing_at, at_this_instant = self._now, 0
        while (timer := self._pop_due(target)) is not None:
            self._fire(timer)
            if until is not None and until():
                return True
            if self._now != standing_at:
                standing_at, at_this_instant = self._now, 1
                continue
            at_this_instant += 1
            if at_this_instant > SAME_INSTANT_LIMIT:
                raise ClockError(
                    f"{SAME_INSTANT_LIMIT} timers ran at {iso(self._now)} and time did not get on\n"
                    f'  the last one was "{timer.label}"\n{self._pending_lines()}\n'
                    "  An action that schedules itself again needs a delay above 0."
                )
        self._set(target)
        return False

    def _pop_due(self, target: int) -> Timer | None:
        """Remove the next timer that is due up to *target* and stand at its instant. Return it, or None without one."""
        turns = self.turns
        if turns.movers or turns.works or turns.holds:
            self._await_turn(target, turns.movers.get(threading.get_ident()))
        if self._cancelled:
            self._next()
        if not self._heap or (due := self._heap[0][0]) > target:
            return None
        if due > self._now:
            self._set(due)
        return heapq.heappop(self._heap)[2]

    def _fire(self, timer: Timer) -> None:
        action, timer.action = timer.action, None  # as `_retire`
        if not timer.background:
            self._foreground -= 1
        if action is not None:
            outer, self._running = self._running, timer
            try:
                action()
            finally:
                self._running = outer

    def _set(self, instant: int) -> None:
        if instant <= self._now:
            return
        self._now = instant
        self.standing = now = as_datetime(instant)
        if self._companions:
            for companion in tuple(self._companions):
                companion.moved(now)

    def _after(self, length: float | timedelta) -> int:
        """Return the instant that is *length* from now. Raises ClockError for one that the clock cannot reach."""
        __tracebackhide__ = True
        wait = microseconds(length)
        if wait < 0:
            raise self._backwards(f"asked to move on by {length}", "Give a time of 0 or more.")
        if self._now + wait > LAST:
            raise ClockError("the clock would go past the year 9999\n  Give a shorter time.")
        return self._now + wait

    # -- holds: real work in flight

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Keep other threads from moving the clock in a ``with`` block, while real work is in flight.

        They wait, and get a ClockError if no hold is released within ``hang_after`` seconds of real time. The thread
        that holds the clock can move it. If it waits for other holds to do so, it counts as asleep: the thread with the
        nearest goal moves first.

        Parameters: *name*, what the ClockError calls the work.
        """
        hold = Hold(name, threading.get_ident(), threading.current_thread().name)
        with self.lock:
            self.turns.holds.append(hold)
        try:
            yield
        finally:
            with self.lock:
                self.turns.holds.remove(hold)
            self.turns.stir()

    @property
    def holds(self) -> tuple[str, ...]:
        """The names of the current holds, oldest first."""
        with self.lock:
            return tuple(hold.name for hold in self.turns.holds)

    def _await_turn(self, target: int, mover: Mover | None = None) -> None:
        """Wait until this thread may take its next step towards *target*. Others can take the lock meanwhile."""

        def step() -> int | None:
            upcoming = self._next()
            goal = target if upcoming is None else min(target, upcoming.instant)
            return goal if goal > self._now else None

        self.turns.await_turn(mover, step, describe=self._pending_lines)

    # -- companions: other clocks

    def link(self, companion: Companion) -> None:
        """Let *companion* follow this clock, and let `catch_up` follow *companion*. Linking twice has no effect."""
        with self.lock:
            for linked in self._companions:
                if linked is companion:
                    return
            self._companions.append(companion)

    def unlink(self, companion: Companion) -> None:
        """Unlink *companion*. Without effect if it is not linked."""
        with self.lock:
            if companion in self._companions:
                left = self._companions.copy()  # somebody may be going through the old one
                left.remove(companion)
                self._companions = left

    def catch_up(self) -> None:
        """If a companion is ahead of this clock, move to the furthest one, timer by timer.

        Every move begins with this, and the backend calls it before each API call.
        """
        with self.lock:
            if not self._companions:
                return
            others = [there for companion in self._companions if (there := companion.now()) is not None]
            if others and (furthest := max(map(instant_of, others))) > self._now:
                self._run(furthest)

    # -- words

    def _in_words(self, timer: Timer) -> str:
        ahead = timer.instant - self._now
        return f"{timer.label} in {in_words(ahead)}" if ahead > 0 else f"{timer.label} now"

    def _pending_lines(self) -> str:
        live = [entry for entry in self._heap if not entry[2].cancelled]
        if not live:
            return "  pending: nothing"
        lines = [
            f"    {iso(timer.instant)}  {self._in_words(timer)}{' (background)' if timer.background else ''}"
            for _, _, timer in heapq.nsmallest(LISTED_TIMERS, live)
        ]
        if len(live) > LISTED_TIMERS:
            lines.append(f"    ... and {len(live) - LISTED_TIMERS} more")
        return "\n".join(["  pending:", *lines])

    def _backwards(self, asked: str, remedy: str) -> ClockError:
        where = f"{asked}; the clock stands at {iso(self._now)}"
        return ClockError(f"time cannot go backwards\n  {where}\n{self._pending_lines()}\n  {remedy}")
