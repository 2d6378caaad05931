"""How the Telemetry API collects what it sends: up to so many items or bytes, for up to so long.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import timedelta
from typing import NamedTuple, cast

from lambda_states_mock.clock import Timer, VirtualClock
from lambda_states_mock.errors import nearest
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.logs import Record
from lambda_states_mock.quick_dataclasses import dataclass


class Range(NamedTuple):
    """A setting: what it is by default, and from where to where it may be set."""

    default: int
    least: int
    most: int


BUFFERING = {
    #                       default    least      most
    "maxItems":  Range(      10_000,   1_000,    10_000),
    "maxBytes":  Range(     262_144, 262_144, 1_048_576),
    "timeoutMs": Range(       1_000,      25,    30_000),
}  # fmt: skip


class Buffering(NamedTuple):
    """The settings of one subscription."""

    items: int
    bytes: int
    timeout: timedelta

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Buffering:
        """Return the settings *given* as the Telemetry API has them, each by its default where it is not.

        Raises ValueError for what the API refuses with a ValidationError: out of range, or no such setting.
        """
        __tracebackhide__ = True
        for name, value in given.items():
            if name not in BUFFERING:
                raise ValueError(
                    f'ValidationError: buffering has no "{name}";{nearest(name, BUFFERING)} {", ".join(BUFFERING)}.'
                )
            _, least, most = BUFFERING[name]
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ValueError(f"ValidationError: buffering has {name} from {least} to {most}, not {value!r}")
        items, size, timeout = (cast("int", given.get(name, row.default)) for name, row in BUFFERING.items())
        return cls(items, size, timedelta(milliseconds=timeout))


@dataclass(slots=True, eq=False, repr=False)
class TelemetryBuffer:
    """What has come together for one extension in one environment.

    Parameters: *label*, of timers; *deliver*, what is called with each batch.
    """

    _label: str
    _buffering: Buffering
    _clock: VirtualClock
    _deliver: Callable[[list[Record]], object]
    _full: list[list[Record]] = field(default_factory=list, init=False)
    _events: list[Record] = field(default_factory=list, init=False)
    _size: int = field(default=0, init=False)
    _timers: dict[bool, Timer] = field(default_factory=dict, init=False)  # for what is full, and for what is not

    def add(self, event: Record) -> None:
        """Send *event* with the next batch: the clock brings it, at once when that is full, or when its time is up."""
        size = len(json.dumps(event))
        with self._clock.lock:
            if self._size + size > self._buffering.bytes:
                self._close()
            if not self._events:
                self._at(self._buffering.timeout, full=False)
            self._events.append(event)
            self._size += size
            if len(self._events) >= self._buffering.items or self._size >= self._buffering.bytes:
                self._close()

    def flush(self) -> None:
        """Deliver all that there is."""
        for batch in self.forget():
            self._deliver(batch)

    def forget(self) -> list[list[Record]]:
        """Deliver nothing any more, and return what has been left."""
        with self._clock.lock:
            self._cancel(full=False)
            rest, self._events, self._size = self._events, [], 0
            return [*self._taken(), rest] if rest else self._taken()

    def _close(self) -> None:
        """Let what has come together be a batch, for the clock to deliver at once."""
        if self._events:
            self._full.append(self._events)
            self._events, self._size = [], 0
            self._cancel(full=False)
            self._at(timedelta(), full=True)

    def _send_full(self) -> None:
        for batch in self._taken():
            self._deliver(batch)

    def _taken(self) -> list[list[Record]]:
        with self._clock.lock:
            self._cancel(full=True)
            full, self._full = self._full, []
            return full

    def _at(self, length: timedelta, *, full: bool) -> None:
        if full not in self._timers:
            action = self._send_full if full else self.flush
            at = sleeping.now(self._clock) + length
            self._timers[full] = self._clock.call_at(at, action, label=self._label)

    def _cancel(self, *, full: bool) -> None:
        timer = self._timers.pop(full, None)
        if timer is not None:
            timer.cancel()
