"""What each thread of the process does now."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from types import FrameType

_PACKAGE = __name__.partition(".")[0] + "."


def current_frames() -> Mapping[int, FrameType]:
    """Return the innermost frame of each thread that runs Python code, by the thread's number."""
    # CPython hangs when it collects garbage in the middle of this and another thread wants its lock (gh-106883).
    collecting = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()  # noqa: SLF001 - the only list that has the threads which Python did not start
    finally:
        if collecting:
            gc.enable()


def modules_from(frame: FrameType | None) -> Iterator[str]:
    """Yield the name of the module of *frame*, and of each that has called it, the innermost first."""
    while frame is not None:
        yield str(frame.f_globals.get("__name__", ""))
        frame = frame.f_back


def is_ours(module: str) -> bool:
    """Return True for the name of a module of this package."""
    return module.startswith(_PACKAGE)
