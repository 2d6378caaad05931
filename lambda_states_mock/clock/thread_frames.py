"""What each thread of the process does now."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from types import FrameType


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
