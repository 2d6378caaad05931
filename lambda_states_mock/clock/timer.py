"""One timer of the virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from lambda_states_mock.instants import as_datetime, iso
from lambda_states_mock.quick_dataclasses import dataclass


class CancelsTimers(Protocol):
    """What has made a timer."""

    def cancel(self, timer: Timer, /) -> None: ...


@dataclass(slots=True, eq=False, repr=False)
class Timer:
    """An action that runs at one instant unless it is cancelled. Created by `VirtualClock.call_later` and `call_at`.

    Attributes: *instant*, in microseconds since 1970; *order*, among those of one instant; *action*, None once it has
    run or was cancelled; *label*, its name in messages; *background*, whether `VirtualClock.run_until_idle` ignores it;
    *cancelled*; *renewals*, how often in a row an action has set a timer of its own name again.
    """

    instant: int
    order: int
    action: Callable[[], object] | None
    label: str
    background: bool
    _clock: CancelsTimers
    cancelled: bool = False
    renewals: int = 0

    @property
    def due(self) -> datetime:
        """When it runs: an aware UTC datetime."""
        return as_datetime(self.instant)

    def cancel(self) -> None:
        """Cancel the timer, so that it never runs. Without effect after it has run."""
        self._clock.cancel(self)

    def __repr__(self) -> str:
        notes = [f"due {iso(self.instant)}"]
        if self.background:
            notes.append("background")
        if self.action is None:
            notes.append("cancelled" if self.cancelled else "done")
        return f'<Timer "{self.label}" {", ".join(notes)}>'
