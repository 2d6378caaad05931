"""Who calls, where a second deployer is at work beside the code under test, and how the two take turns.

The second one has a thread of its own, but only one of them acts at a time. Who has made the calls of its turn sleeps
until the other one wakes, as if its next call took that long: the clock wakes nobody while another thread is at work,
so the other one goes on then. Who sleeps of itself gives way as well. So the same turns give the same order each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from weakref import WeakKeyDictionary

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.instants import as_datetime

LONGEST = timedelta(hours=1)
"""Virtual time after which a deployer has no end."""

MOST_CALLS = 2_000
"""API calls after which a deployer has no end."""

SLOWEST_CALL = timedelta(seconds=60)
"""How long a call may wait for the other one to wake: botocore's clients wait as long for an answer."""


class _IsStoppedError(BaseException):
    """A second deployer has made as many calls as it may. It is no Exception, so that nothing goes on regardless."""


@dataclass(eq=False)
class _Deployer:
    """One of those who call. Attributes: *left*, how many calls more it may make, *until* when."""

    left: int
    until: datetime


class Deployers:
    """The code under test, and the second deployers beside it.

    Parameters: *clock*, by which both live. Attributes: *delayed*, for how long the code under test had to wait for its
    turn.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.delayed = timedelta()
        self._clock = clock
        self._yours = self._at_turn = _Deployer(0, clock.standing)
        self._of_thread: WeakKeyDictionary[threading.Thread, _Deployer] = WeakKeyDictionary()
        self._others: dict[threading.Thread, _Deployer] = {}
        self._lengths: Iterator[int] = iter(())
        self._calls_of_turn: int | None = None

    def is_another(self) -> bool:
        """Return whether the running thread is a second deployer's: a new one belongs to whose turn it is."""
        deployer = self._of_thread.setdefault(threading.current_thread(), self._at_turn)
        return deployer is not self._yours

    def begin(self, deploy: Callable[[], object], *, calls: int | None, turns: Sequence[int]) -> None:
        """Let a second deployer begin with its first turn, and return when that is over.

        Parameters: *calls*, after how many it stops, None for never; *turns*, how many calls a turn has, again and
        again: of the second deployer first, then of the code under test, and so on. Without any, only waits end turns.
        """
        other = _Deployer(MOST_CALLS if calls is None else calls, self._clock.standing + LONGEST)
        thread = threading.Thread(target=self._run, args=(deploy,), name="second deployer", daemon=True)
        self._of_thread[thread] = self._others[thread] = other
        self._lengths = cycle(turns)
        self._begin_turn(other)
        with self._clock.lock:  # it comes no further than to this lock before the running thread sleeps
            thread.start()
            self._clock.turns.company.count_on(thread)
            self._clock.sleep(0)

    def _run(self, deploy: Callable[[], object]) -> None:
        with self._clock.lock:
            pass  # the one whose turn it was waits now
        try:
            with suppress(Exception, _IsStoppedError):  # what it raises is its own
                deploy()
        finally:
            del self._others[threading.current_thread()]

    def await_turn(self) -> None:
        """Return when the running thread may make its next call. Raises a BaseException to stop a second deployer."""
        if not self._others or sleeping.runs_here(self._clock):
            return
        deployer = self._of_thread.setdefault(threading.current_thread(), self._at_turn)
        if deployer is not self._yours:
            if not deployer.left or self._clock.standing > deployer.until:
                raise _IsStoppedError
            deployer.left -= 1
        if deployer is not self._at_turn:  # the other one waits
            self._begin_turn(deployer)
        elif self._calls_of_turn == 0:
            self._give_way(deployer)
            if self._at_turn is deployer:
                next(self._lengths, None)  # the other one waits for longer than that
            self._begin_turn(deployer)
        if self._calls_of_turn is not None:
            self._calls_of_turn -= 1

    def _give_way(self, deployer: _Deployer) -> None:
        """Let the other one go on: now, or as soon as it wakes."""
        with self._clock.lock:
            before, me = self._clock.standing, threading.get_ident()
            goals = [
                mover.goal for mover in self._clock.turns.movers.values() if mover.is_waiting and mover.number != me
            ]
            wait = max(as_datetime(min(goals)) - before, timedelta()) if goals else timedelta()
            self._clock.sleep(wait if wait <= SLOWEST_CALL else 0)
            if deployer is self._yours:
                self.delayed += self._clock.standing - before

    def _begin_turn(self, deployer: _Deployer) -> None:
        self._at_turn = deployer
        self._calls_of_turn = next(self._lengths, None)

    def finish(self) -> None:
        """Let second deployers come to their end."""
        for thread in tuple(self._others):
            thread.join()
        self._at_turn = self._yours

    def stop(self) -> None:
        """End second deployers with their next calls."""
        for other in tuple(self._others.values()):
            other.left = 0
        self.finish()
