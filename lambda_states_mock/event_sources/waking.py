"""When a poller looks next: at one instant, and not before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timedelta

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.quick_dataclasses import dataclass

BACK_OFF = timedelta(seconds=1)
BACK_OFF_GROWTH = 1.6
"""Inferred: with it, a record of at most 60 seconds is attempted 8 times, as recorded."""
LONGEST_BACK_OFF = timedelta(minutes=1)


def back_off(failures: int) -> timedelta:
    """Return how long a poller waits after so many failures in a row, the first of which is 1."""
    return min(BACK_OFF * BACK_OFF_GROWTH ** min(failures - 1, 64), LONGEST_BACK_OFF)


@dataclass(eq=False, slots=True)
class Alarm:
    """One background timer, set to the earliest of what was asked for.

    Parameters: *action*, what is done then; *label*, in the clock's list of timers.
    """

    clock: VirtualClock
    label: str
    action: Callable[[], object]
    _timer: Timer | None = field(default=None)

    @property
    def due(self) -> datetime | None:
        """When it rings."""
        return self._timer.due if self._timer is not None else None

    def ring_soon(self, delay: timedelta = timedelta()) -> None:
        """Ring *delay* from now; where a function runs on this thread, once it sleeps or ends."""
        sleeping.afterwards(self.clock, lambda: self.ring_at(self.clock.standing + delay))

    def ring_at(self, when: datetime) -> None:
        """Ring at *when* at the latest."""
        when = max(when, self.clock.standing)
        if self._timer is not None:
            if self._timer.due <= when:
                return
            self._timer.cancel()
        self._timer = self.clock.call_at(when, self._ring, label=self.label, background=True)

    def _ring(self) -> None:
        self._timer = None
        self.action()

    def silence(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
