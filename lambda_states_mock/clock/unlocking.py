"""The world's lock, given back while code that is not ours runs."""

from __future__ import annotations

from typing import Any


class unlocked:  # noqa: N801 - a function in all but speed
    """Give *lock*, an RLock, back in the ``with`` block, however often this thread has taken it.

    A handler may start threads that call the API, and wait for them.
    """

    __slots__ = ("_lock", "_taken")

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        # As threading.Condition does it when it waits.
        self._taken = self._lock._release_save() if self._lock._is_owned() else None  # noqa: SLF001

    def __exit__(self, *_: object) -> None:
        if self._taken is not None:
            self._lock._acquire_restore(self._taken)  # noqa: SLF001
