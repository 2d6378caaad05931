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


class _Frozen:
    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:
        pass


class _Passing:
    """Parameters: *factor*, how many seconds pass there in one here; *stopwatch*, which tells how many pass here."""

    def __init__(self, mock: LambdaMock, factor: float, stopwatch: Callable[[], float]) -> None:
        self._mock, self._factor, self._stopwatch = mock, factor, stopwatch
        self._lock = threading.Lock()
        self._seen = stopwatch()

    def before(self, client: str, read: str, subject: Callable[[], Subject | None]) -> None:  # noqa: ARG002
        with self._lock:
            now = self._stopwatch()
            passed, self._seen = now - self._seen, now
        self._mock.clock.advance(max(0.0, round(passed * self._factor, 3)))


class _Settling:
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


class _Jumping:
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
