"""Sleeping inside a handler: never past the moment at which the function times out.

Each thread knows which invocations run on it, outermost first. Whoever sleeps for a user (the sleeping adapter, a
declared duration) does it through `sleep`, and then a handler that sleeps too long is ended at the very instant of
its deadline, by an exception that ``except Exception`` does not catch. With nested invocations the earliest deadline
counts: when the outer function is out of time, what it waits for is cut off with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from lambda_states_mock.clock import VirtualClock


class Running:
    """One phase of an invocation that runs on this thread, and when it must have ended.

    Parameters:
        clock: the clock of the world that it belongs to; a nested mock has another one.
        deadline: an aware datetime on that clock.
    """

    __slots__ = ("clock", "deadline", "overrun")

    def __init__(self, clock: VirtualClock, deadline: datetime) -> None:
        self.clock = clock
        self.deadline = deadline
        self.overrun = False  # also remembered here, since a handler may swallow the exception

    def is_over(self) -> bool:
        """Return True when the time was not enough: it slept past its deadline, or the clock was moved past it."""
        return self.overrun or self.clock.now > self.deadline


class TimedOut(BaseException):
    """The time of *running* is over. Raised inside of its handler."""

    def __init__(self, running: Running) -> None:
        super().__init__("the function is out of time")
        self.running = running


class _Stack(threading.local):
    def __init__(self) -> None:
        self.entries: list[Running] = []


_stack = _Stack()


@contextmanager
def running(clock: VirtualClock, *, deadline: datetime) -> Iterator[Running]:
    """Let what runs in the ``with`` block sleep no longer than until *deadline*."""
    entry = Running(clock, deadline)
    _stack.entries.append(entry)
    try:
        yield entry
    finally:
        _stack.entries.remove(entry)


def nearest(clock: VirtualClock) -> Running | None:
    """Return what is the first to run out of time on this thread, by *clock*; None when no handler runs."""
    entries = [entry for entry in _stack.entries if entry.clock is clock]
    return min(entries, key=lambda entry: entry.deadline) if entries else None


def sleep(clock: VirtualClock, seconds: float | timedelta) -> None:
    """Sleep in virtual time; inside a handler no longer than until its deadline.

    Parameters: *seconds*, a number or a timedelta, not negative. Raises TimedOut, standing at the deadline, when that
    is too long.
    """
    entry = nearest(clock)
    if entry is None:
        clock.sleep(seconds)
        return
    length = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
    left = entry.deadline - clock.now
    if length <= left:
        clock.sleep(length)
    else:
        clock.sleep(max(left, timedelta()))
        entry.overrun = True
        raise TimedOut(entry)
