"""What another clock has to be for ours to keep step with it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Companion(Protocol):
    """Another clock that shall show the same time as ours, such as freezegun's."""

    module: str
    """The module of its library. The clock looks there whenever it is read, so it looks itself."""

    stacks: tuple[str, ...]
    """The attributes of that module, one of which holds something while the other clock may have something to say."""

    def now(self) -> datetime | None:
        """Return where the other clock stands (aware), or None when it has nothing to say."""

    def moved(self, to: datetime, /) -> None:
        """Follow: our clock stands at *to* now. Called at each step, before the timers of that instant run."""
