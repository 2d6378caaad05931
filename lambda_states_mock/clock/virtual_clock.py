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

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambda_states_mock.clock.agenda import Agenda
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


class _MadeWhenRead:
    """An attribute of a clock that *make* makes, and may keep in its place."""

    def __init__(self, make: Callable[[Any], datetime]) -> None:
        self._make = make

    def __get__(self, clock: object, _owner: type) -> datetime | _MadeWhenRead:
        return self if clock is None else self._make(clock)


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
        self._was_read = False
        self._agenda = Agenda()
        self.scheduled = 0  # how many timers there have been; breaks ties: first come, first served
        self._companions: list[Companion] = []
        self.moves = Moves()

    @property
    def now(self) -> datetime:
        """Where the clock stands: an aware UTC datetime."""
        return self.standing

    def _make_standing(self) -> datetime:
        """Return where the clock stands, and keep it until the clock moves."""
        now = self._now
        moment = as_datetime(now)
        if self.lock.acquire(blocking=False):  # or it could move before this is kept
            try:
                if self._now == now:
                    self.standing, self._was_read = moment, True
            finally:
                self.lock.release()
        return moment

    standing: datetime
    """As `now`, and never ahead of it: no other clock is asked."""
    if not TYPE_CHECKING:
        standing = _MadeWhenRead(_make_standing)  # most timers do not ask, and it takes as long as to take one

    @property
    def pending(self) -> tuple[Timer, ...]:
        """The timers that will run, in that order."""
        with self.lock:
            return tuple(self._agenda.in_order())

    def __repr__(self) -> str:
        with self.lock:
            notes = [iso(self._now)]
            upcoming = self._agenda.first()
            if upcoming is None:
                notes.append("nothing pending")
            else:
                notes.append(f"{self._agenda.live} pending, next: {self._in_words(upcoming)}")
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
        self.scheduled += 1
        timer = Timer(due, self.scheduled, action, label, background, self)
        self._agenda.add(timer)
        return timer

    def cancel(self, timer: Timer) -> None:
        """Cancel *timer*, so that it never runs. Without effect after it has run."""
        with self.lock:
            self._agenda.cancel(timer)

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
        if self.scheduled != since:
            with self.lock:
                upcoming = self._agenda.first()
                if upcoming is not None and upcoming.instant <= self._now:
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
                upcoming = self._agenda.first()
                if upcoming is not None and upcoming.renewals > RENEWALS_LIMIT and not upcoming.background:
                    raise ClockError(
                        f'the clock is never idle: "{upcoming.label}" has set itself again {upcoming.renewals} times\n'
                        f"{self._pending_lines()}\n"
                        "  Schedule what never ends with  background=True."
                    )
                return not self._agenda.foreground and (upcoming is None or upcoming.instant > self._now)

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
            return self._run_next(LAST)

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
        while (timer := self._run_next(target)) is not None:
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

    def _run_next(self, target: int) -> Timer | None:
        """Stand at the instant of the next timer that is due up to *target*, and run it. Return it, or None without."""
        turns = self.turns
        if turns.movers or turns.works or turns.holds:
            self._await_turn(target, turns.movers.get(threading.get_ident()))
        agenda = self._agenda
        while True:
            timer = agenda.first()
            if timer is None or timer.instant > target:
                return None
            self._set(timer.instant)  # before it is taken away: an error there loses no timer
            if agenda.take(timer):
                break
        action, timer.action = timer.action, None
        if action is not None:
            outer, agenda.running = agenda.running, timer
            try:
                action()
            finally:
                agenda.running = outer
        return timer

    def _set(self, instant: int) -> None:
        if instant <= self._now:
            return
        self._stand_at(instant)
        if self._companions:
            for companion in tuple(self._companions):
                companion.moved(self.standing)

    def _stand_at(self, instant: int) -> None:
        self._now = instant
        if self._was_read:
            self._was_read = False
            del self.standing

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
            upcoming = self._agenda.first()
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
        live = self._agenda.in_order()
        if not live:
            return "  pending: nothing"
        lines = [
            f"    {iso(timer.instant)}  {self._in_words(timer)}{' (background)' if timer.background else ''}"
            for timer in live[:LISTED_TIMERS]
        ]
        if len(live) > LISTED_TIMERS:
            lines.append(f"    ... and {len(live) - LISTED_TIMERS} more")
        return "\n".join(["  pending:", *lines])

    def _backwards(self, asked: str, remedy: str) -> ClockError:
        where = f"{asked}; the clock stands at {iso(self._now)}"
        return ClockError(f"time cannot go backwards\n  {where}\n{self._pending_lines()}\n  {remedy}")
