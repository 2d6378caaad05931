"""SIGTERM in the Shutdown phase: the platform sends it to a runtime beside which extensions run, and to no other.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.endings import is_for_the_test

OnSignal = Callable[[int, Any], object]


def terminate(handler: OnSignal, clock: VirtualClock, limit: timedelta) -> timedelta:
    """Call a function's *handler* of SIGTERM, for no longer than *limit*, and return how long it took.

    No signal is sent. To be called inside of the process; mistakes of the test come out as they are.
    """
    with sleeping.detached(clock), sleeping.Running(clock, limit=limit) as running:
        try:
            handler(signal.SIGTERM, None)
        except BaseException as error:
            if is_for_the_test(error, running):
                raise
            if isinstance(error, Exception):
                traceback.print_exception(error)
        return running.elapsed
