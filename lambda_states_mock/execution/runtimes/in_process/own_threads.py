"""Which threads are a function's: the one on which it runs, and those that are started from there.

The streams and the logging of a process are there for all threads. What other threads of the test print while a
function runs is not that function's.
"""

from __future__ import annotations

import threading
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.isolation import Belonging

_OWNERS = "_lambda_states_mock_owners"
_real_start = threading.Thread.start


def owners() -> tuple[Any, ...]:
    """Return whose the running thread is, outermost first: handlers invoke handlers."""
    found: tuple[Any, ...] = getattr(threading.current_thread(), _OWNERS, ())
    return found


class OwnedBy:
    """Lets the running thread, and what it starts, be *owner*'s in the ``with`` block; `THREADS` must be borrowed."""

    __slots__ = ("_outer", "_owner", "_thread")

    def __init__(self, owner: object) -> None:
        self._owner = owner

    def __enter__(self) -> None:
        global _real_start  # noqa: PLW0603 - other libraries, too, may have replaced it
        if threading.Thread.start is not _start:
            _real_start = threading.Thread.start
            _set_start(_start)
        self._thread = threading.current_thread()
        self._outer = owners()
        setattr(self._thread, _OWNERS, (*self._outer, self._owner))

    def __exit__(self, *_: object) -> None:
        setattr(self._thread, _OWNERS, self._outer)


def _start(thread: threading.Thread) -> None:
    setattr(thread, _OWNERS, owners())
    _real_start(thread)


def _set_start(start: Any) -> None:
    threading.Thread.start = start  # type: ignore[method-assign]


THREADS: Belonging[Any] = Belonging("threads", lambda: threading.Thread.start, _set_start)
