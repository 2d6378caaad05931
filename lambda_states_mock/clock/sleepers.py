"""Threads that sleep on one clock at the same time: the one that is to wake first moves it first.

A virtual sleep takes no real time, so two threads that are meant to sleep together would come one after the other, and
their sleeps would add up. So a thread in company lets the others come to their own sleep first, for a moment of real
time, and goes on once nobody has come or gone since.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

MOMENT = 0.005
"""Real seconds in which nobody has come or gone: then whoever is to wake first, wakes."""


def alone() -> bool:
    """Note that no other thread sleeps on the clock."""
    return False


@dataclass(slots=True, eq=False, repr=False)
class Sleepers:
    """Those who sleep on one clock.

    Parameters: *changed*, a condition on the clock's lock; *in_company*, which tells whether other threads live by the
    clock: without them, nobody waits.
    """

    _changed: threading.Condition
    _in_company: Callable[[], bool] = alone
    _goals: dict[int, int] = field(default_factory=dict, init=False)  # by thread
    _comings_and_goings: int = field(default=0, init=False)

    def await_turn(self, goal: int, now: Callable[[], int]) -> int:
        """Return *goal* when this thread is the next to wake, at that instant, or when the clock, *now*, is there.

        The lock is held on entry and on return; others can take it meanwhile.
        """
        if goal <= now() or not self._in_company():
            return goal
        me = threading.get_ident()
        self._goals[me] = goal
        self._stir()
        try:
            while now() < goal:
                before = self._comings_and_goings
                # Condition.wait counts real time in C: frozen and patched clocks cannot stretch it.
                self._changed.wait(MOMENT)
                if self._comings_and_goings == before and goal == min(self._goals.values()):
                    break
        finally:
            del self._goals[me]
            self._stir()
        return goal

    def _stir(self) -> None:
        self._comings_and_goings += 1
        self._changed.notify_all()
