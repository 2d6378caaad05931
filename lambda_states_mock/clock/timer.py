"""One timer of the virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from lambda_states_mock.instants import as_datetime, iso


class Timer:
    """An action that runs at one instant unless it is cancelled. Created by `VirtualClock.call_later` and `call_at`.

    Attributes: *label*, its name in messages; *background*, whether `VirtualClock.run_until_idle` ignores it;
    *cancelled*.
    """

    __slots__ = ("_discard", "action", "background", "cancelled", "instant", "label")

    def __init__(
        self,
        instant: int,
        action: Callable[[], object],
        label: str,
        background: bool,
        discard: Callable[[Timer], None],
    ) -> None:
        self.instant = instant  # microseconds since 1970
        self.action: Callable[[], object] | None = action  # None: it ran, or was cancelled
        self.label = label
        self.background = background
        self.cancelled = False
        self._discard = discard

    @property
    def due(self) -> datetime:
        """When it runs: an aware UTC datetime."""
        return as_datetime(self.instant)

    def cancel(self) -> None:
        """Cancel the timer, so that it never runs. Without effect after it has run."""
        self._discard(self)

    def __repr__(self) -> str:
        notes = [f"due {iso(self.instant)}"]
        if self.background:
            notes.append("background")
        if self.action is None:
            notes.append("cancelled" if self.cancelled else "done")
        return f'<Timer "{self.label}" {", ".join(notes)}>'
