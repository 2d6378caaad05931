"""What a mock does, line by line, while it does it: for whoever waits for a long run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambda_states_mock.engine.timeline import length_text
from lambda_states_mock.instants import iso_seconds

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock

MOST_LINES = 20
"""So many changes are told at a time; of further ones, how many there are."""
MOST_TIMERS = 3
MOST_AT_ONCE = 5_000
"""So many of what is new are looked at: fewer than a mock keeps."""


class Progress:
    """What has happened in a mock since it was looked at last.

    Parameters: *name*, before each line; *from_the_beginning*, whether what has happened before counts.
    """

    def __init__(self, mock: LambdaMock, name: str = "", *, from_the_beginning: bool = False) -> None:
        self._mock = mock
        self._name = f"[{name}] " if name else ""
        self._changes, self._calls = (0, 0) if from_the_beginning else (len(mock.timeline), len(mock.calls))

    def lines(self) -> Iterator[str]:
        """Yield a line for the calls and one for each change of a state since the last look; none without any."""
        calls, changes = self._mock.calls, self._mock.timeline
        first = max(self._calls, len(calls) - MOST_AT_ONCE)
        new = calls[first:]
        self._calls = first + len(new)
        if new:
            counted = Counter(call.operation for call in new)
            told = ", ".join(f"{name} {count}" if count > 1 else name for name, count in sorted(counted.items()))
            refused = sum(call.error is not None for call in new)
            yield f"{self._name}{iso_seconds(self._mock.clock.now)}  {told}{f' ({refused} refused)' if refused else ''}"
        first = max(self._changes, len(changes) - MOST_AT_ONCE)
        more = changes[first:]
        self._changes = first + len(more)
        for change in more[:MOST_LINES]:
            yield f"{self._name}{change}"
        if len(more) > MOST_LINES:
            yield f"{self._name}... and {len(more) - MOST_LINES} more changes"

    def standing(self) -> str:
        """Return where the clock stands, and what falls due next."""
        clock = self._mock.clock
        now, timers = clock.now, [timer for timer in clock.pending if not timer.background]
        told = [f"{timer.label} in {length_text(timer.due - now)[1:]}" for timer in timers[:MOST_TIMERS]]
        if len(timers) > MOST_TIMERS:
            told.append(f"{len(timers) - MOST_TIMERS} more")
        return (
            f"{self._name}the clock is at {iso_seconds(now)}; {'due: ' + ', '.join(told) if told else 'nothing is due'}"
        )
