"""The world's lock, given back while code that is not ours runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def unlocked(lock: threading.RLock) -> Iterator[None]:  # type: ignore[valid-type, unused-ignore]  # a class since 3.13
    """Give *lock* back in the ``with`` block, however often this thread has taken it.

    A handler may start threads that call the API, and wait for them.
    """
    held: Any = lock  # as threading.Condition does it when it waits
    if not held._is_owned():  # noqa: SLF001
        yield
        return
    taken = held._release_save()  # noqa: SLF001
    try:
        yield
    finally:
        held._acquire_restore(taken)  # noqa: SLF001
