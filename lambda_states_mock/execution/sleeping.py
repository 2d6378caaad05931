"""Sleeping inside a handler: never past the moment at which the function times out.

Each thread knows which invocations run on it, outermost first. Whoever sleeps for a user (the sleeping adapter, a
declared duration) does it through `sleep`, and then a handler that sleeps too long is ended at the very instant of
its deadline, by an exception that ``except Exception`` does not catch. With nested invocations the earliest deadline
counts: when the outer function is out of time, what it waits for is cut off with it.

Nobody waits for an asynchronous invocation, so it runs `detached`: all of its code runs at the instant where it
begins, while the clock stands. What it sleeps becomes the *lead* of its thread over the clock, and its environment is
busy until the clock has come that far. When it looks at the world after it has slept, `rejoin` lets the clock come
there first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.clock.whole_locks import give_back, take_again
from lambda_states_mock.quick_dataclasses import dataclass


class Running:
    """One phase of an invocation that runs on this thread, in a ``with`` block, and how long it may take.

    What falls due while a handler sleeps (an asynchronous invocation of another function, say) may take its own time on
    the same clock. In Lambda that happens elsewhere: it is no time of this phase.

    Parameters: *clock*, of the world that it belongs to: a nested mock has another one; *limit*, the length after which
    it is cut off.
    """

    __slots__ = ("_detached", "_elsewhere", "_limit", "began", "clock", "overrun")

    def __init__(self, clock: VirtualClock, limit: timedelta) -> None:
        self.clock = clock
        self.overrun = False  # also remembered here, since a handler may swallow the exception
        self._detached = detached = _detached_run(clock) if _stack.detached else None
        self.began = clock.now if detached is None else clock.now + detached.lead
        self._limit = limit
        self._elsewhere = timedelta()

    @property
    def now(self) -> datetime:
        """What time it is for this invocation: that of the clock, unless it runs detached."""
        return self.clock.now if self._detached is None else self.clock.now + self._detached.lead

    @property
    def deadline(self) -> datetime:
        """When it is cut off."""
        return self.began + self._limit + self._elsewhere

    @property
    def elapsed(self) -> timedelta:
        """How long it has taken, never more than its limit."""
        return self.elapsed_at(self.now)

    def elapsed_at(self, now: datetime) -> timedelta:
        """How long it has taken at *now*, which whoever asks has looked up already."""
        return min(now - self.began - self._elsewhere, self._limit)

    def is_over(self) -> bool:
        """Return True when the time was not enough: it slept past its deadline, or the clock was moved past it."""
        return self.overrun or self.now - self.began > self._limit + self._elsewhere

    def leave_out(self, length: timedelta) -> None:
        """Do not count *length*: it went by elsewhere."""
        self._elsewhere += length

    def __enter__(self) -> Running:
        _stack.entries.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _stack.entries.remove(self)
        if _stack.afterwards and not _stack.entries and not _stack.detached:
            _stack.flush()


class TimedOut(BaseException):
    """The time of *running* is over. Raised inside of its handler."""

    def __init__(self, running: Running) -> None:
        super().__init__("the function is out of time")
        self.running = running


class EnvironmentEnded(SystemExit):
    """The mock was left while code of a function ran: its environment ends, and the code with it."""


@dataclass(slots=True, eq=False)
class DetachedRun:
    """An asynchronous run: its thread is ahead of *clock* by *lead*."""

    clock: VirtualClock
    lead: timedelta = timedelta()


class _Stack(threading.local):
    def __init__(self) -> None:
        self.entries: list[Running] = []
        self.detached: tuple[DetachedRun, ...] = ()  # one for each clock at most
        self.afterwards: list[Callable[[], object]] = []

    def flush(self) -> None:
        while self.afterwards:
            self.afterwards.pop(0)()


_stack = _Stack()


def _detached_run(clock: VirtualClock) -> DetachedRun | None:
    for one in _stack.detached:
        if one.clock is clock:
            return one
    return None


def afterwards(clock: VirtualClock, action: Callable[[], object]) -> None:
    """Do *action* when nothing of *clock*'s runs on this thread: now, or when the handler there sleeps or ends."""
    if runs_here(clock):
        _stack.afterwards.append(action)
    else:
        action()


def now(clock: VirtualClock) -> datetime:
    """Return what time it is for the code on this thread: *clock*'s, or later in a detached run that has slept."""
    detached = _detached_run(clock) if _stack.detached else None
    return clock.now if detached is None else clock.now + detached.lead


def standing(clock: VirtualClock) -> datetime:
    """Return what `now` does, without a look at clocks that a test may have moved: where none of its code has run."""
    detached = _detached_run(clock) if _stack.detached else None
    return clock.standing if detached is None else clock.standing + detached.lead


def runs_here(clock: VirtualClock) -> bool:
    """Return True on a thread on which a function of *clock*'s world runs."""
    return bool(_stack.entries) and any(entry.clock is clock for entry in _stack.entries)


def when_over(clock: VirtualClock, ended: datetime, action: Callable[[], object], *, label: str) -> None:
    """Run *action* once a run that was detached is over, at *ended*: at once where the clock has come to that."""
    if ended <= clock.standing:
        action()
    else:
        clock.call_at(ended, action, label=label)


class detached:  # noqa: N801 - as `unlocked`
    """Let *clock* stand while the code in the ``with`` block sleeps; whatever else runs on this thread waits for it."""

    __slots__ = ("_clock", "_outer")

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def __enter__(self) -> None:
        clock, others = self._clock, _stack.detached
        self._outer = _stack.entries, others
        if others:
            others = tuple([one for one in others if one.clock is not clock])
        _stack.entries, _stack.detached = [], (*others, DetachedRun(clock))

    def __exit__(self, *_: object) -> None:
        _stack.entries, _stack.detached = entries, _ = self._outer
        if not entries and _stack.afterwards:
            _stack.flush()


def rejoin(clock: VirtualClock) -> None:
    """Let *clock* come to where the run on this thread is, if it is ahead: it looks at the world now."""
    detached = _detached_run(clock) if _stack.detached else None
    if detached is not None and detached.lead:
        lead, detached.lead = detached.lead, timedelta()
        _sleep_alone(clock, lead, [entry for entry in _stack.entries if entry.clock is clock])


def sleep(clock: VirtualClock, seconds: float | timedelta, *, unless: Callable[[], object] | None = None) -> bool:
    """Sleep in virtual time; inside a handler no longer than until its deadline.

    Parameters: *seconds*, a number or a timedelta, not negative; *unless*, which ends the sleep once it is true.

    Return True unless that was so. Raises TimedOut, standing at the deadline, when that is too long.
    """
    entries = [entry for entry in _stack.entries if entry.clock is clock]
    if clock.turns.is_closed:
        if entries:
            raise EnvironmentEnded
        return False
    if not entries:
        return clock.sleep(seconds, unless=unless)
    detached = _detached_run(clock)
    length = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
    first = min(entries, key=lambda entry: entry.deadline)
    left = max(first.deadline - first.now, timedelta())
    if detached is not None:
        detached.lead += min(length, left)
    elif not _sleep_alone(clock, min(length, left), entries, unless):
        if clock.turns.is_closed:
            raise EnvironmentEnded
        return False
    if length > left:
        first.overrun = True
        raise TimedOut(first)
    return True


def _sleep_alone(
    clock: VirtualClock, length: timedelta, entries: list[Running], unless: Callable[[], object] | None = None
) -> bool:
    """Sleep while nothing runs on this thread: what falls due meanwhile is not called by the handler that sleeps."""
    asleep = _stack.entries, _stack.detached
    _stack.entries, _stack.detached = [], ()
    _stack.flush()
    woken = clock.now + length
    try:
        return clock.sleep(length, unless=unless)
    finally:
        _stack.entries, _stack.detached = asleep
        late = clock.now - woken
        if late > timedelta():
            for entry in entries:
                entry.leave_out(late)


class unlocked:  # noqa: N801 - a function in all but speed
    """Run code of a function in the ``with`` block: nobody else moves *clock* meanwhile, and its lock is given back.

    However often this thread has taken it: a handler may start threads that call the API, and wait for them.
    """

    __slots__ = ("_lock", "_thread", "_times", "_turns")

    def __init__(self, clock: VirtualClock) -> None:
        self._lock: Any = clock.lock
        self._turns = clock.turns

    def __enter__(self) -> None:
        self._thread, works = threading.get_ident(), self._turns.works
        works[self._thread] = works.get(self._thread, 0) + 1
        self._times = give_back(self._lock)

    def __exit__(self, *_: object) -> None:
        take_again(self._lock, self._times)
        turns, thread = self._turns, self._thread
        if turns.works[thread] == 1:
            del turns.works[thread]
        else:
            turns.works[thread] -= 1
        if turns.movers:
            turns.stir()
