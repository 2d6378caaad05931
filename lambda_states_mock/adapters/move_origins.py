"""Who moves the clock now, read from the frames of the thread that moves it. Nothing is read while the clock stands."""

from __future__ import annotations

import enum
import sys
from functools import lru_cache
from pathlib import PurePath
from types import FrameType

from lambda_states_mock.clock.moves import Origin
from lambda_states_mock.clock.thread_frames import is_ours

_OURS = __name__.partition(".")[0]

_CLOCK = frozenset({f"{_OURS}.adapters.shared_clock", f"{_OURS}.clock.virtual_clock"})

_BY = {
    "catch_up": "a stopped clock (freezegun or time-machine)",
    "advance": "m.clock.advance()",
    "advance_to": "m.clock.advance_to()",
    "advance_until": "m.clock.advance_until()",
    "run_until_idle": "m.clock.run_until_idle()",
    "step": "m.clock.step()",
    "sleep": "a sleep",
}
"""What a method of the clock is for a reader."""

_SLEEPS = {
    f"{_OURS}.adapters.async_sleeping": "asyncio.sleep",
    f"{_OURS}.adapters.sleeping": "time.sleep",
    f"{_OURS}.adapters.trio_sleeping": "trio.sleep",
}
"""What sleeps where its frames lead through a module; another module may say why."""

_REASONS = {
    f"{_OURS}.adapters.moto_puts": "a long poll of a queue",
    f"{_OURS}.adapters.retries": "a client's wait before it tries again",
    f"{_OURS}.adapters.stack_calls": "a stack, which waits for its resources",
    f"{_OURS}.adapters.waits": "a wait for another thread",
    f"{_OURS}.durable_view": "m.durable().run()",
    f"{_OURS}.engine.faults": "a fault, which delays the call",
    f"{_OURS}.execution.extension_host": "the length of an extension's run",
    f"{_OURS}.execution.phases": "the length of a function's run",
    f"{_OURS}.execution.runtimes.in_process.programs": "the length of a function's run",
    f"{_OURS}.invocation.durable.invoke": "a durable execution that the caller waits for",
    "aiobotocore.waiter": "a waiter",
    "botocore.endpoint": "a client's wait before it tries again",
    "botocore.waiter": "a waiter",
}
"""Why the clock moves where its frames lead through a module. The innermost one counts."""

# `sysconfig` tells these, too; to ask it takes longer than a call does.
_OF_PYTHON = "<frozen ", str(PurePath(enum.__file__).parent)
_OF_LIBRARIES = frozenset({"site-packages", "dist-packages"})
_SERVER, _BY_SERVER = f"{_OURS}.server.", "a program that the server answers"


def origin_of(frame: FrameType | None) -> Origin:
    """Return who moves the clock on the thread of *frame*, which is the innermost one to look at.

    The line is the innermost one that is no library's; without one, the line that has called us, unless that is
    of our own server: no line of a test is behind its threads.
    """
    method, sleep, reason, nearest, is_served = None, None, None, None, False
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module in _CLOCK:
            method = method or _BY.get(frame.f_code.co_name)  # a move may begin with catching up
        is_served = is_served or module.startswith(_SERVER)
        reason = reason or _REASONS.get(module) or (_BY_SERVER if is_served else None)
        sleep = _SLEEPS.get(module, sleep)
        if not is_ours(module):
            nearest = nearest or (frame.f_code.co_filename, frame.f_lineno)
            if _is_of_the_user(frame.f_code.co_filename):
                nearest = frame.f_code.co_filename, frame.f_lineno
                break
        frame = frame.f_back
    else:
        nearest = None if is_served else nearest
    return Origin(reason or sleep or method or "the clock", *(nearest or ()))


def origin_here() -> Origin:
    """Return who moves the clock on this thread."""
    return origin_of(sys._getframe(1))  # noqa: SLF001


@lru_cache(maxsize=1024)
def _is_of_the_user(file: str) -> bool:
    return not (file.startswith(_OF_PYTHON) or _OF_LIBRARIES & {*PurePath(file).parts})
