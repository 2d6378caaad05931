"""What has moved a clock: from where to where, by what, and from which line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime

from lambda_states_mock.instants import as_datetime
from lambda_states_mock.quick_dataclasses import dataclass

KEPT_MOVES = 10_000
"""Older ones are forgotten, so that hours of traffic fit into memory."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who moves a clock: *by* what, in words, and the *file* and *line* of the caller; None where nobody knows."""

    by: str
    file: str | None = None
    line: int | None = None


@dataclass(slots=True, eq=False)
class Errand:
    """One run of the clock to a later instant, and who wants it: looked up once the clock does move."""

    origin: Origin | None = None


@dataclass(slots=True, eq=False)
class ClockMove:
    """A stretch of time that one errand went. *began* and *ended* are microseconds since 1970."""

    began: int
    ended: int
    errand: Errand

    @property
    def start(self) -> datetime:
        return as_datetime(self.began)

    @property
    def end(self) -> datetime:
        return as_datetime(self.ended)

    @property
    def origin(self) -> Origin:
        origin = self.errand.origin
        assert origin is not None  # it was looked up when the move was noted
        return origin


class Moves:
    """The latest `KEPT_MOVES` moves of a clock, oldest first. *errands*, under way, by the threads that run them."""

    def __init__(self) -> None:
        self.errands: dict[int, Errand] = {}
        self._kept: deque[ClockMove] = deque(maxlen=KEPT_MOVES)

    def note(self, began: int, ended: int, errand: Errand, look: Callable[[], Origin]) -> None:
        """Note that the clock moves from *began* to *ended*, in microseconds since 1970.

        Parameters: *look*, who moves it, asked once for each *errand*.
        """
        if self._kept and self._kept[-1].errand is errand:
            self._kept[-1].ended = ended
            return
        if errand.origin is None:
            errand.origin = look()
        self._kept.append(ClockMove(began, ended, errand))

    def __iter__(self) -> Iterator[ClockMove]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)
