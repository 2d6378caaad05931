"""Ctrl-C, put off while a mock is entered or left, so that it never comes in the middle of that."""

from __future__ import annotations

import inspect
import signal
import threading
from typing import Any

# Not on Windows. What is around the function makes an enumeration of the answer, which takes longer than all the rest.
_mask: Any = inspect.unwrap(signal.pthread_sigmask) if hasattr(signal, "pthread_sigmask") else None
_INTERRUPT = frozenset({signal.SIGINT})


class Undisturbed:
    """Put Ctrl-C off until the end of the ``with`` block."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before: Any = None
        if _mask is not None and threading.current_thread() is threading.main_thread():
            self._before = _mask(signal.SIG_BLOCK, _INTERRUPT)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _mask(signal.SIG_SETMASK, self._before)
