"""A lock that one thread may take several times, as a whole: given back however often it was taken, and taken again.

`threading.Condition` does so, too, but lets nothing else happen between the two than its own wait.
"""

from __future__ import annotations

import threading
from typing import Any


def give_back(lock: Any) -> int:
    """Give *lock*, a `threading.RLock`, back for good, and return how often the running thread had taken it.

    That is 0 where nobody has it, or another thread.
    """
    times = 0
    try:
        while True:
            lock.release()
            times += 1
    except RuntimeError:  # as documented: it is not this thread's, or no longer
        return times


def take_again(lock: Any, times: int) -> None:
    """Take *lock* as often as `give_back` has said."""
    for _ in range(times):
        lock.acquire()


def is_mine(lock: Any) -> bool:
    """Return whether the running thread has taken *lock*, a `threading.RLock`."""
    try:
        threading.Condition(lock).notify()  # wakes nobody, but as documented it wants the lock to be taken
    except RuntimeError:
        return False
    return True
