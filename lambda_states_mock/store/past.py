"""What was there before, for as long as readers may still see it: AWS's control plane is eventually consistent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Any)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Delay:
    """How late readers see a change. Parameters: *now*, the clock; *length*, zero for at once."""

    now: Callable[[], datetime]
    length: timedelta

    @property
    def seen(self) -> datetime:
        """The moment as of which readers see the world."""
        return self.now() - self.length


class Past(Generic[K, R]):
    """The changes of one table that readers do not see yet. Parameters: the *delay* after which they do."""

    def __init__(self, delay: Delay) -> None:
        self._delay = delay
        self._changes: deque[tuple[datetime, K, R | None]] = deque()

    def note(self, key: K, before: R | None) -> None:
        """Remember what was at *key* until now; None: nothing was."""
        self._changes.append((self._delay.now(), key, before))

    def before_changes(self) -> dict[K, R | None]:
        """Return what readers still see at the keys that were changed of late."""
        seen = self._delay.seen
        while self._changes and self._changes[0][0] <= seen:
            self._changes.popleft()
        return {key: before for _, key, before in reversed(self._changes)}
