"""Which threads live in a mock: the one that activated it, and those started since."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Mapping
from typing import Any
from weakref import ReferenceType, ref

_ABSENT: Any = object()


class MockThreads:
    """The threads of one mock. Made by the thread that activates it."""

    def __init__(self) -> None:
        self._earlier = _threads_of_now()
        self._home = threading.current_thread()

    def has_company(self) -> bool:
        """Tell whether other threads than the running one live in this mock."""
        if threading.active_count() == 1:
            return False
        me = threading.current_thread()
        if me is not self._home and self._home.is_alive():
            return True
        return any(
            thread is not me and thread is not self._home and self._is_new(thread) for thread in threading.enumerate()
        )

    def _is_new(self, thread: threading.Thread) -> bool:
        earlier = self._earlier.get(thread.ident or 0, _ABSENT)
        return earlier is _ABSENT or (isinstance(earlier, ReferenceType) and earlier() is not thread)

    def has_this_thread(self) -> bool:
        """Tell whether the running thread activated this mock or was started since."""
        earlier = self._earlier
        me = threading.get_ident()
        if me not in earlier:
            return True
        # The system gives a dead thread's number to a new one: only the same Thread object is the same thread.
        known = earlier[me]
        alive = threading.current_thread()
        if known is None:
            return not isinstance(alive, threading._DummyThread)  # noqa: SLF001 - one that Python did not start
        return known() is not alive


def _threads_of_now() -> Mapping[int, ReferenceType[threading.Thread] | None]:
    # CPython hangs when it collects garbage in the middle of this and another thread wants its lock (gh-106883).
    collecting = gc.isenabled()
    gc.disable()
    try:
        threads: dict[int, ReferenceType[threading.Thread] | None] = dict.fromkeys(
            sys._current_frames()  # noqa: SLF001 - the only list that has the threads which Python did not start
        )
    finally:
        if collecting:
            gc.enable()
    threads.update({thread.ident: ref(thread) for thread in threading.enumerate() if thread.ident is not None})
    threads.pop(threading.get_ident(), None)
    return threads
