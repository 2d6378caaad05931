"""Parts of a mock that few tests need: they are made, and what they stand on is imported, when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

T = TypeVar("T")


class MadeLater(Generic[T]):
    """A part that is made once, when it is first called for.

    Parameters: *lock*, of the world; *make*, which makes it.
    """

    __slots__ = ("_lock", "_make", "made")

    def __init__(self, lock: AbstractContextManager[object], make: Callable[[], T]) -> None:
        self._lock = lock
        self._make = make
        self.made: T | None = None  # what was made; None while nobody has asked for it

    def __call__(self) -> T:
        """Return it."""
        if self.made is None:
            with self._lock:
                if self.made is None:  # no other thread was quicker
                    self.made = self._make()
        return self.made
