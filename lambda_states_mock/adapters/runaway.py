"""The guard against loops that sleep for ever because their deadline is on another clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.errors import RunawaySleepError
from lambda_states_mock.instants import iso

if TYPE_CHECKING:
    from lambda_states_mock.clock import VirtualClock


class RunawayGuard:
    """Adds up the virtual time that is slept away while nothing else happens.

    Something happens when *seen* gives another number than before, and when the clock is moved by other means than
    sleeping.

    Parameters: *limit*, how much may be slept away; None for no limit. *seen*, a count that grows with
    each transition and with each call that changes something.
    """

    def __init__(self, clock: VirtualClock, limit: timedelta | None, *, seen: Callable[[], int]) -> None:
        self._clock = clock
        self._limit = limit
        self._seen = seen
        self._slept = timedelta()
        self._sleeps = 0
        self._since: datetime | None = None
        self._count = -1
        self._left_at: datetime | None = None

    @contextmanager
    def watching(self, seconds: float) -> Iterator[None]:
        """Count the sleep of *seconds* inside the block. Raises RunawaySleepError beforehand if it is one too many."""
        if self._limit is None:
            yield
            return
        self._count_in(timedelta(seconds=seconds))
        yield
        with self._clock.lock:
            self._left_at = self._clock.now

    def _count_in(self, length: timedelta) -> None:
        limit = self._limit
        assert limit is not None
        with self._clock.lock:
            now, count = self._clock.now, self._seen()
            if count != self._count or now != self._left_at:
                self._count = count
                self._slept, self._sleeps, self._since = timedelta(), 0, None
            if length > limit:
                return  # one long sleep is meant; a loop is made of short ones
            self._since = self._since or now
            self._sleeps += 1
            self._slept += length
            if self._slept > limit:
                raise RunawaySleepError(self._message(now, length, limit))

    def _message(self, now: datetime, length: timedelta, limit: timedelta) -> str:
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
            f"{self._slept - length} of virtual time (max_sleep={limit})\n"
            f"  the mock's clock went from {iso(self._since)} to {iso(now)}, and the loop wants another "
            f"{length.total_seconds():g} s\n"
            f"  pending: {', '.join(timer.label for timer in upcoming[:5]) or 'nothing'}\n"
            f"{stuck}"
            "  Sleeping moves the mock's clock, while time.time() and datetime.now() go on with the machine's:\n"
            "  a deadline that is read from them is never reached. Put both on one clock with\n"
            "  mock_lambda(freeze=True),  or allow the loop more with  max_sleep=timedelta(...),  None for no limit."
        )
