"""When a request moves the clock: its clients sleep in other processes, where no mock sees them sleep.

`frozen`: never. `real`: as real time passes. `factor=60`: sixty times as fast. `settle`: a read sees no phase that ends
by itself, since what it is about is let go on first. `jump`: the second read by a client of something that is under way
moves the clock to the next timer of that; so a waiter ends with its second look, whatever it sleeps in between.
Writes never move the clock by `jump` or `settle`, so that what AWS refuses meanwhile is refused.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from lambda_states_mock.clock import Timer
from lambda_states_mock.errors import nearest
from lambda_states_mock.mock import LambdaMock
from lambda_states_mock.server.subjects import Subject

KEPT_LOOKS = 1_000
"""Of so many reads it is remembered what they waited for."""
SETTLED_AFTER = 1_000
"""Timers of one subject that `settle` runs at most: what sets itself again for ever does not keep a read waiting."""


class ClockPolicy(Protocol):
    """Moves the clock of a mock when somebody asks."""

    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:
        """A request is about to be answered.

        Parameters: *client*, what tells it from others; *read*, what tells this request from others; *subject*, what it
        is about, None unless it is a read.
        """

    def pass_time(self) -> float | None:
        """Let time pass there as it has passed here, though nobody asks.

        Return in how many seconds of real time something falls due; None for never.
        """


class _Standing:
    """Where time does not pass by itself."""

    def pass_time(self) -> float | None:
        return None


class _Frozen(_Standing):
    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:
        pass


class _Passing:
    """Parameters: *factor*, how many seconds pass there in one here; *stopwatch*, which tells how many pass here."""

    def __init__(self, mock: LambdaMock, factor: float, stopwatch: Callable[[], float]) -> None:
        self._mock, self._factor, self._stopwatch = mock, factor, stopwatch
        self._lock = threading.Lock()
        self._seen, self._owed = stopwatch(), 0.0

    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:  # noqa: ARG002
        self._come()

    def pass_time(self) -> float | None:
        clock = self._mock.clock
        due = next((timer.due for timer in clock.pending), None)
        if due is None:
            return None
        left = (due - clock.now).total_seconds() / self._factor - (self._stopwatch() - self._seen)
        if left <= 0:  # only then: what moves the clock is in the timeline
            self._come()
        return max(0.0, left)

    def _come(self) -> None:
        with self._lock:
            now = self._stopwatch()
            self._owed += (now - self._seen) * self._factor
            self._seen = now
            passed = int(round(max(0.0, self._owed) * 1000, 3)) / 1000  # whole milliseconds, and the rest later
            self._owed -= passed
        self._mock.clock.advance(passed)


class _Settling(_Standing):
    def __init__(self, mock: LambdaMock) -> None:
        self._mock = mock

    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:  # noqa: ARG002
        clock = self._mock.clock
        if not clock.is_awaited or (about := subject()) is None:
            return
        for _ in range(SETTLED_AFTER):
            with clock.lock:
                timer = about.next_timer(self._mock)
                if timer is None:
                    return
                clock.advance_to(max(clock.now, timer.due))


class _Jumping(_Standing):
    def __init__(self, mock: LambdaMock) -> None:
        self._mock = mock
        self._lock = threading.Lock()
        self._looks: OrderedDict[tuple[str, str], Timer] = OrderedDict()  # what each saw under way when it looked last

    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:
        clock = self._mock.clock
        if not clock.is_awaited or (about := subject()) is None:
            return
        key = client, read
        with clock.lock:
            timer = about.next_timer(self._mock)
            if timer is not None and self._looks.get(key) is timer:
                clock.advance_to(max(clock.now, timer.due))
                timer = about.next_timer(self._mock)
        with self._lock:
            self._looks.pop(key, None)
            if timer is not None:
                self._looks[key] = timer
            while len(self._looks) > KEPT_LOOKS:
                self._looks.popitem(last=False)


_POLICIES: dict[str, Callable[[LambdaMock], ClockPolicy]] = {
    "frozen": lambda _mock: _Frozen(),
    "jump": _Jumping,
    "settle": _Settling,
}


def passes_by_itself(text: str) -> bool:
    """Tell whether time passes by itself with the clock *text*: someone has to ask its policy for that."""
    return text == "real" or text.startswith("factor=")


def policy_maker(text: str, *, stopwatch: Callable[[], float] = time.monotonic) -> Callable[[LambdaMock], ClockPolicy]:
    """Return what makes the policy called *text* for a mock. Raises ValueError for what is none.

    Parameters: *stopwatch*, which tells how many real seconds pass.
    """
    known = ", ".join([*_POLICIES, "real", "factor=60"])
    if text == "real":
        return lambda mock: _Passing(mock, 1.0, stopwatch)
    if text.startswith("factor="):
        try:
            factor = float(text.removeprefix("factor="))
        except ValueError:
            factor = -1.0
        if 0 < factor < 1e9:
            return lambda mock: _Passing(mock, factor, stopwatch)
        raise ValueError(f"clock: factor is a number above zero, as in factor=60, not {text!r}")
    if text not in _POLICIES:
        hint = nearest(text, (*_POLICIES, "real"))
        raise ValueError(f"there is no clock {text!r}{';' if hint else '.'}{hint} There are: {known}.")
    return _POLICIES[text]
