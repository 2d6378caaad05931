"""Which threads are a function's: the one on which it runs, and those that are started from there.

The streams and the logging of a process are there for all threads. What other threads of the test print while a
function runs is not that function's.
"""

from __future__ import annotations

import threading
from typing import Any

OWNERS = "_lambda_states_mock_owners"
"""The attribute of a thread that says whose it is, outermost first: handlers invoke handlers."""

_real_start = threading.Thread.start


def owners() -> tuple[Any, ...]:
    """Return whose the running thread is."""
    found: tuple[Any, ...] = getattr(threading.current_thread(), OWNERS, ())
    return found


def pass_on() -> None:
    """Let threads belong to the owners of the thread that starts them; the process must be borrowed."""
    global _real_start  # noqa: PLW0603 - other libraries, too, may have replaced it
    if threading.Thread.start is not start:
        _real_start = threading.Thread.start
        setattr(threading.Thread, "start", start)  # noqa: B010 - a type checker would not have it assigned


def start(thread: threading.Thread) -> None:
    """In place of ``Thread.start``: the thread has the owners of the one that starts it."""
    setattr(thread, OWNERS, owners())
    _real_start(thread)
