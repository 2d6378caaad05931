"""What a function has logged, as a test reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from lambda_states_mock.invocation.record import Invocation
from lambda_states_mock.resources.arn import Place


class LogLine(NamedTuple):
    """One event: in which *stream* it is, *at* which instant it was written, the *text*, and during which request."""

    stream: str
    at: datetime
    text: str
    request_id: str


class Logs(Sequence[LogLine]):
    """The events that a function has logged, in the order in which its invocations ended.

    A record of `logging` is one event, with all lines of its traceback; what is printed has one for each line.
    """

    def __init__(self, lines: Iterable[LogLine]) -> None:
        self._lines = tuple(lines)

    @classmethod
    def of(cls, invocations: Iterable[Invocation], place: Place, name: str, number: str | None) -> Logs:
        """Return the logs of function *name*, of all versions or of *number*."""
        return cls(
            LogLine(invocation.environment, at, text, invocation.request_id)
            for invocation in tuple(invocations)
            if invocation.function == name and invocation.place == place and number in (None, invocation.version)
            for at, text in invocation.log_events
        )

    def __getitem__(self, index: int) -> LogLine:  # type: ignore[override]  # slices are for lists
        return self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[LogLine]:
        return iter(self._lines)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Logs {len(self.streams)} streams, {len(self)} lines>"

    @property
    def lines(self) -> list[str]:
        """The texts of the events."""
        return [line.text for line in self._lines]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    @property
    def streams(self) -> list[str]:
        """The names of the log streams, one for each execution environment."""
        return list(dict.fromkeys(line.stream for line in self._lines))

    def stream(self, name: str) -> Logs:
        """Return what is in the log stream *name*."""
        return Logs(line for line in self._lines if line.stream == name)

    def request(self, request_id: str) -> Logs:
        """Return what was logged during one request; the attempts of an event share one."""
        return Logs(line for line in self._lines if line.request_id == request_id)
