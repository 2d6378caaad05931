"""Tumbling windows: what a function has aggregated goes from one invocation to the next.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html ; that windows are aligned to the epoch, and
that the final call has no records, is inferred.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.instants import EPOCH, iso_seconds
from lambda_states_mock.quick_dataclasses import dataclass

STATE_BYTES = 1_048_576


@dataclass(eq=False, slots=True)
class Aggregation:
    """The windows of one lane. Parameters: their *length*; *shard* and *source_arn*, as in the event."""

    length: timedelta
    shard: str
    source_arn: str
    start: datetime | None = None  # of the window that is open
    state: Any = field(default_factory=dict)
    is_too_large: bool = False

    @property
    def end(self) -> datetime | None:
        """When the open window ends."""
        return self.start + self.length if self.start is not None else None

    def window_of(self, arrived: datetime) -> datetime:
        """Return when the window of a record begins."""
        return EPOCH + self.length * ((arrived - EPOCH) // self.length)

    def belonging(self, arrivals: Sequence[datetime]) -> int:
        """Return how many of the first records belong to the open window; where none is open, to that of the first."""
        if self.is_too_large or not arrivals:
            return 0
        start = self.start or self.window_of(arrivals[0])
        for index, arrived in enumerate(arrivals):
            if self.window_of(arrived) != start:
                return index
        return len(arrivals)

    def ends_at(self, now: datetime) -> bool:
        """Return whether the open window is past."""
        return self.end is not None and now >= self.end

    def is_over(self, is_past: bool, *, has_later: bool, is_caught_up: Callable[[], bool]) -> bool:
        """Return whether the final call is due.

        Parameters: *is_past*: its time is over, or the shard is closed; *has_later*: there are records of a later
        window; *is_caught_up* tells whether all that has arrived was read: a window whose time is over may have records
        that were not.
        """
        if self.start is None:
            return False
        return self.is_too_large or has_later or (is_past and is_caught_up())

    def members(self, arrivals: Sequence[datetime], *, is_final: bool) -> str:
        """Return the members of the event beside ``Records``, each with a comma before it."""
        if self.start is None and arrivals:
            self.start = self.window_of(arrivals[0])
        start = self.start or EPOCH
        members = {
            "window": {"start": iso_seconds(start), "end": iso_seconds(start + self.length)},
            "state": self.state,
            "shardId": self.shard,
            "eventSourceARN": self.source_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_final and self.is_too_large,
        }
        return "," + json.dumps(members, separators=(",", ":"))[1:-1]

    def close(self) -> None:
        """Let the window and its state go."""
        self.start, self.state, self.is_too_large = None, {}, False

    def take(self, answer: bytes, *, is_final: bool) -> str:
        """Take the state out of *answer*. Return what is wrong with it; empty where nothing is."""
        if is_final:
            self.close()
            return ""
        try:
            parsed = json.loads(answer or b"null")
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or "state" not in parsed:
            return "the answer has no state"
        self.state = parsed["state"]
        self.is_too_large = len(json.dumps(self.state, separators=(",", ":")).encode()) > STATE_BYTES
        return ""
