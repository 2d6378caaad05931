"""Sleeping moves the clock of the mock in whose threads it happens, and returns at once.

`time.sleep` is replaced while a mock wants it so, also where a module or a default argument holds it. The substitute
decides at each call, so one that somebody kept sleeps for real once no mock is active.
"""

from __future__ import annotations

import math
import operator
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.sleep_sites import SleepSites
from lambda_states_mock.adapters.waits import waiting

# These wait for processes and sockets of the real world, which no virtual clock hurries.
FOR_REAL = frozenset(
    {
        "subprocess",
        "multiprocessing.connection",
        "multiprocessing.managers",
        "multiprocessing.pool",
        "multiprocessing.popen_fork",
        "multiprocessing.popen_spawn_win32",
        "multiprocessing.util",
        "execnet.gateway_base",
    }
)
BEYOND_ALL_TIME = 10_000 * 366 * 86_400.0
"""Seconds after which no date is left."""
BOTOCORE = frozenset({"botocore", "aiobotocore"})

REAL_SLEEP: Callable[[float], None] = time.sleep


class VirtualSleep:
    """Stands in for `time.sleep`: moves the clock of the caller's mock, or sleeps for real if there is none.

    This is an object: a function in a class would be bound to its instances, which `time.sleep` is not.
    """

    __name__ = "sleep"

    def __call__(self, seconds: float, /) -> None:
        mock = mock_for(sys._getframe(1).f_globals)  # noqa: SLF001 - the caller's module is what is asked for
        if mock is None:
            with waiting():
                REAL_SLEEP(seconds)
            return
        mock.sleep(_checked(seconds))
        if threading.active_count() > 1:
            REAL_SLEEP(0)  # other threads get their turn, as they would. It takes as long as all else that happens here


sleep = VirtualSleep()


def mock_for(caller: dict[str, Any]) -> active_mocks.ActiveMock | None:
    """Return the mock whose clock a sleep of *caller*, the globals of a module, moves; None where it is real."""
    mock = active_mocks.where_this_thread_sleeps()
    if mock is None or mock.sleep_mode == "real":
        return None
    module = str(caller.get("__name__", ""))
    if module in FOR_REAL or (mock.sleep_mode == "botocore" and module.partition(".")[0] not in BOTOCORE):
        return None
    return mock


def _checked(seconds: Any) -> float:
    """Return *seconds* as a float; refuse what `time.sleep` refuses, in its words."""
    length = float(seconds if isinstance(seconds, float) else operator.index(seconds))
    if math.isnan(length):
        raise ValueError("Invalid value NaN (not a number)")
    if length < 0:
        raise ValueError("sleep length must be non-negative")
    return length


# Kept for good, since finding the places takes a while.
_sites = SleepSites(((REAL_SLEEP, sleep),), (time, sys.modules[__name__]))


def install(patches: Patches) -> None:
    """Replace `time.sleep`, wherever it is held, until *patches* are restored."""
    patches.set(time, "sleep", sleep)
    patches.also(_sites.substitute, _sites.restore)
