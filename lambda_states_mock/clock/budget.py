"""How much virtual time a block may take."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.errors import BudgetExceededError, ClockError
from lambda_states_mock.instants import iso

if TYPE_CHECKING:
    from lambda_states_mock.clock.virtual_clock import VirtualClock


class Budget:
    """A limit of virtual time for a ``with`` block: ``m.clock.budget(minutes=5)``.

    Attributes: *limit*; *spent*, how much of it is, while the block runs and afterwards.
    """

    def __init__(self, clock: VirtualClock, limit: timedelta) -> None:
        __tracebackhide__ = True
        if limit <= timedelta():
            raise ClockError("a budget is more than zero: give days, hours, minutes or seconds, budget(minutes=5)")
        self._clock = clock
        self.limit = limit
        self._start: datetime | None = None
        self._end: datetime | None = None

    def __repr__(self) -> str:
        return f"<Budget of {self.limit}, {self.spent} spent>"

    @property
    def spent(self) -> timedelta:
        if self._start is None:
            return timedelta()
        return (self._end or self._clock.now) - self._start

    def __enter__(self) -> Budget:
        self._start, self._end = self._clock.now, None
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        __tracebackhide__ = True
        self._end = self._clock.now
        if error is None and self.spent > self.limit:
            raise BudgetExceededError(self._message())

    def _message(self) -> str:
        start, end = self._start, self._end
        assert start is not None
        assert end is not None
        spent: Counter[str] = Counter()
        for move in self._clock.moves:
            if move.end > start and move.start < end:
                origin = move.origin
                where = f", {origin.file}:{origin.line}" if origin.file else ""
                spent[f"{origin.by}{where}"] += round(
                    (min(move.end, end) - max(move.start, start)).total_seconds() * 1e6
                )
        most = [f"    {timedelta(microseconds=length)}  {what}" for what, length in spent.most_common(5)]
        return "\n".join(
            [
                f"the block took {self.spent} of virtual time, and its budget is {self.limit}",
                f"  from {iso(start)} to {iso(end)}; what moved the clock:",
                *most,
                "  Let it wait for less, or give it a larger budget.",
            ]
        )
