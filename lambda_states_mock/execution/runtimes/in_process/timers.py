"""Timers that send signals (``signal.alarm``, ``signal.setitimer``): those of code in a zip end with the event.

A timer of the test that runs meanwhile, as that of a time-out of pytest, goes on with the time that it has left. As on
Lambda, a signal that nothing handles ends the process of the function, not that of the test. Signals reach the main
thread alone, so a function on another one cannot have a timer.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from lambda_states_mock.execution.crashes import Signalled
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, is_child, owners, substitutes
from lambda_states_mock.genuine import genuine
from lambda_states_mock.restoring import all_of

_SIGNALS = {
    getattr(signal, timer): getattr(signal, number)
    for timer, number in (("ITIMER_REAL", "SIGALRM"), ("ITIMER_VIRTUAL", "SIGVTALRM"), ("ITIMER_PROF", "SIGPROF"))
    if hasattr(signal, timer)
}
_CLOCK = getattr(time, "CLOCK_MONOTONIC", 0)
_real_setitimer: Callable[..., tuple[float, float]] = genuine(signal, "setitimer", lambda *_: (0.0, 0.0))
_SOON = 1e-6

FOUND: dict[tuple[Owner, int], tuple[float, float, float]] = {}
"""What was there in the place of each timer that a running function has set: seconds left, interval, and when."""


def _now() -> float:
    return time.clock_gettime(_CLOCK)  # libraries that freeze time leave it alone


def stop() -> None:
    """Stop what the function on this thread has set, and let the timers that it has found go on."""
    all_of([partial(_put_back, *key) for key in FOUND if key[0] in owners()[-1:]])


def _put_back(owner: Owner, timer: int) -> None:
    left, interval, at = FOUND.pop((owner, timer))
    passed = _now() - at if timer == signal.ITIMER_REAL else 0.0  # the others count the time of the processor
    _real_setitimer(timer, max(left - passed, _SOON) if left else 0.0, interval)


def _set(owner: Owner, timer: int, seconds: float, interval: float) -> tuple[float, float]:
    if threading.current_thread() is not threading.main_thread():
        return 0.0, 0.0
    found = _real_setitimer(timer, seconds, interval)
    if (owner, timer) not in FOUND:
        FOUND[owner, timer] = (*found, _now())
        found = 0.0, 0.0  # the function had none
    number = _SIGNALS[timer]
    if signal.getsignal(number) in (signal.SIG_DFL, None):
        signal.signal(number, _end)
    return found


def _end(number: int, _frame: FrameType | None) -> None:
    raise Signalled(signal.Signals(number))


def _setitimer(
    owner: Owner, real: Callable[..., tuple[float, float]], which: int, seconds: float, interval: float = 0.0, /
) -> tuple[float, float]:
    return (
        real(which, seconds, interval) if is_child() or which not in _SIGNALS else _set(owner, which, seconds, interval)
    )


def _alarm(owner: Owner, real: Callable[[int], int], seconds: int, /) -> int:
    return real(seconds) if is_child() else math.ceil(_set(owner, signal.ITIMER_REAL, seconds, 0.0)[0])


SUBSTITUTES: tuple[Any, ...] = substitutes(signal, {"setitimer": _setitimer, "alarm": _alarm}, spares_the_test=True)
