"""The guard against loops that sleep for ever because their deadline is on another clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.errors import RunawaySleepError
from lambda_states_mock.instants import iso

if TYPE_CHECKING:
    from lambda_states_mock.clock import VirtualClock

PAUSE = 1.0
"""Real seconds of one pause between two sleeps that count at most: a debugger may have stopped there."""
# In a list, where libraries that freeze time do not look.
_REAL_TIME = [time.monotonic]


class RunawayGuard:
    """Adds up the virtual time that is slept away while nothing else happens.

    Something happens when *seen* gives another number than before, and when the clock is moved by other means than
    sleeping.

    Parameters: *limit*, how much may be slept away; None for no limit. *hang_after*, for how many real seconds it may
    go on; None for no limit. *seen*, a count that grows with each transition and with each call that changes something.
    """

    def __init__(
        self, clock: VirtualClock, limit: timedelta | None, hang_after: float | None, *, seen: Callable[[], int]
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._hang_after = hang_after
        self._seen = seen
        self._looked = self._real = 0.0
        self._slept = timedelta()
        self._sleeps = 0
        self._since: datetime | None = None
        self._count = -1
        self._left_at: datetime | None = None

    def watch(self, seconds: float, sleep: Callable[[], bool]) -> bool:
        """Count the sleep of *seconds* that *sleep* does, unless it returns False: it was ended before.

        Raises RunawaySleepError beforehand if it is one too many.
        """
        length = timedelta(seconds=seconds)
        self._count_in(length)
        done = sleep()
        with self._clock.lock:
            self._left_at = self._clock.now
            if not done:
                self._slept, self._sleeps = max(self._slept - length, timedelta()), max(self._sleeps - 1, 0)
        return done

    def _count_in(self, length: timedelta) -> None:
        limit = self._limit
        with self._clock.lock:
            now, count, looked = self._clock.now, self._seen(), _REAL_TIME[0]()
            if count != self._count or now != self._left_at:
                self._count, self._real, self._looked = count, 0.0, looked
                self._slept, self._sleeps, self._since = timedelta(), 0, None
            self._real += min(looked - self._looked, PAUSE)
            self._looked = looked
            if limit is not None and length > limit:
                return  # one long sleep is meant; a loop is made of short ones
            self._since = self._since or now
            self._sleeps += 1
            self._slept += length
            if limit is not None and self._slept > limit:
                raise RunawaySleepError(self._message(now, length, f"max_sleep={limit}"))
            if self._hang_after is not None and self._real > self._hang_after:
                self._real = 0.0
                raise RunawaySleepError(self._message(now, length, f"hang_after={self._hang_after:g} real seconds"))

    def _message(self, now: datetime, length: timedelta, limit: str) -> str:
        upcoming = self._clock.pending
        assert self._since is not None
        stuck = (
            ""
            if any(not timer.background for timer in upcoming)
            else "  If the loop waits for a state: nothing that is pending brings one. "
            "A phase that hangs ends with its fault's release().\n"
        )
        return (
            f"a loop sleeps and sleeps, and nothing else happens: {self._sleeps} sleeps, "
            f"{self._slept - length} of virtual time ({limit})\n"
            f"  the mock's clock went from {iso(self._since)} to {iso(now)}, and the loop wants another "
            f"{length.total_seconds():g} s\n"
            f"  pending: {', '.join(timer.label for timer in upcoming[:5]) or 'nothing'}\n"
            f"{stuck}"
            "  Sleeping moves the mock's clock, while time.time() and datetime.now() go on with the machine's:\n"
            "  a deadline that is read from them is never reached. Put both on one clock with\n"
            "  mock_lambda(freeze=True),  or allow the loop more with  max_sleep=timedelta(...),  None for no limit."
        )
