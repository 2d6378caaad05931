"""What another clock has to be for ours to keep step with it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Companion(Protocol):
    """Another clock that shall show the same time as ours, such as freezegun's."""

    @property
    def is_active(self) -> bool:
        """Whether it may have something to say: a quick look, taken whenever our clock is read."""

    def now(self) -> datetime | None:
        """Return where the other clock stands (aware), or None when it has nothing to say."""

    def moved(self, to: datetime, /) -> None:
        """Follow: our clock stands at *to* now. Called at each step, before the timers of that instant run."""
