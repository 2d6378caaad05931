"""Lambda's metrics: counted minute by minute, as CloudWatch keeps them.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.metric import UNITS, Measured


@dataclass(slots=True)
class Statistics:
    """What is known of the values of a metric: how many, their sum, the least and the greatest."""

    count: int = 0
    sum: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0

    @property
    def average(self) -> float:
        """The mean; 0 of no values."""
        return self.sum / self.count if self.count else 0.0

    def put(self, value: float) -> None:
        """Add one *value*."""
        if not self.count:
            self.minimum = self.maximum = value
        elif value < self.minimum:
            self.minimum = value
        elif value > self.maximum:
            self.maximum = value
        self.count += 1
        self.sum += value

    def add(self, more: Statistics) -> None:
        """Add the values of which *more* tells."""
        if not more.count:
            return
        self.minimum = min(self.minimum, more.minimum) if self.count else more.minimum
        self.maximum = max(self.maximum, more.maximum) if self.count else more.maximum
        self.count += more.count
        self.sum += more.sum


COUNTED_AT_ONCE = 1_000
KEPT_MINUTES = 10_000
"""So many minutes are kept of each function and of each qualifier. Sums, averages, minima and maxima count all."""

_Minute = dict[str, Statistics]  # by the names of metrics
Key = TypeVar("Key")


def _add(known: dict[Key, Statistics], key: Key, more: Statistics) -> None:
    known.setdefault(key, Statistics()).add(more)


@dataclass(slots=True)
class _Values:
    """What was measured of one function or qualifier: the newest *minutes*, and together what was *earlier*."""

    minutes: dict[datetime, _Minute] = field(default_factory=dict)
    earlier: _Minute = field(default_factory=dict)
    newest_earlier: datetime | None = None

    def begin(self, minute: datetime) -> _Minute:
        """Return where to add what is measured in a *minute* of which nothing is known yet."""
        if self.newest_earlier is not None and minute <= self.newest_earlier:
            return self.earlier
        known: _Minute = {}
        self.minutes[minute] = known
        if len(self.minutes) > KEPT_MINUTES * 1.1:  # some at a time: it takes looking at all
            for oldest in sorted(self.minutes)[:-KEPT_MINUTES]:
                self.newest_earlier = oldest
                for name, one in self.minutes.pop(oldest).items():
                    _add(self.earlier, name, one)
        return known if minute in self.minutes else self.earlier


_Series = tuple[Place, str | None, str | None]  # the function, and what was asked for


@lru_cache(maxsize=16)
def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)  # each instant is asked for several times


class Metrics(NamesWhatItHas):
    """The metrics of a mock: ``m.metrics.sum("Throttles", "orders")``.

    Wherever a function is named: its name, or ``name:qualifier`` for what was asked of that alias or version; without
    one, all functions together. Regions and accounts count together, unless the mock has functions in several and
    *region* or *account* picks one.

    Parameters: *publish*, where all that is measured goes, too; *check*, which raises UnknownNameError for the name of
    a function, with its qualifier, account and region, that nothing has or had.
    """

    def __init__(
        self,
        publish: Callable[[Place, Sequence[Measured]], object] | None = None,
        check: Callable[..., object] = lambda *_names, **_where: None,
    ) -> None:
        self._publish = publish
        self._check = check
        self._series: dict[_Series, _Values] = {}
        self._uncounted: deque[tuple[Place, Measured]] = deque()
        self._counting = threading.Lock()

    def __repr__(self) -> str:
        sums = {name: self.sum(name) for name, unit in UNITS.items() if unit == "Count"}
        shown = ", ".join(f"{name} {total:g}" for name, total in sums.items() if total)
        return f"<Metrics {shown or 'nothing counted yet'}>"

    def add(self, place: Place, *measured: Measured) -> None:
        """Count what was measured at *place* together: when somebody asks, or there is much of it."""
        for one in measured:
            self._uncounted.append((place, one))
        if len(self._uncounted) >= COUNTED_AT_ONCE:
            self._count()
        if self._publish is not None:
            self._publish(place, measured)

    def _count(self) -> None:
        with self._counting:
            while self._uncounted:
                place, (function, resource, at, values, _mapping) = self._uncounted.popleft()
                series, minute = (place, function, resource), _minute_of(at)
                known_values = self._series.get(series) or self._series.setdefault(series, _Values())
                known = known_values.minutes.get(minute) or known_values.begin(minute)
                for name, value in values.items():
                    one = known.get(name)
                    if one is None:
                        one = known[name] = Statistics()
                    one.put(value)

    def of(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> Statistics:
        """Return the statistics of the metric *name* since the beginning.

        Raises UnknownNameError for what is no metric, and for a function that nobody has or had.
        """
        __tracebackhide__ = True
        found = Statistics()
        for values in self._chosen(name, function, region=region, account=account):
            for known in (values.earlier, *values.minutes.values()):
                if name in known:
                    found.add(known[name])
        return found

    def sum(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> float:
        """Return the sum of the values: of what is counted, how often it happened."""
        __tracebackhide__ = True
        return self.of(name, function, region=region, account=account).sum

    def maximum(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> float:
        """Return the greatest value, e.g. the peak of ``ConcurrentExecutions``; 0 without any."""
        __tracebackhide__ = True
        return self.of(name, function, region=region, account=account).maximum

    def average(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> float:
        """Return the mean, e.g. of ``Duration`` in milliseconds; 0 without any value."""
        __tracebackhide__ = True
        return self.of(name, function, region=region, account=account).average

    def by_minute(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> dict[datetime, Statistics]:
        """Return the statistics minute by minute, as CloudWatch shows them: only minutes that have values.

        Only the newest `KEPT_MINUTES` of each function are there. Errors: as `of`.
        """
        __tracebackhide__ = True
        found: dict[datetime, Statistics] = {}
        for values in self._chosen(name, function, region=region, account=account):
            for minute, known in values.minutes.items():
                if name in known:
                    _add(found, minute, known[name])
        return dict(sorted(found.items()))

    def _chosen(self, name: str, function: str | None, *, region: str | None, account: str | None) -> list[_Values]:
        """Return what was measured of *function*. Parameters and errors: as `of`."""
        __tracebackhide__ = True
        if name not in UNITS:
            raise UnknownNameError(f'no metric "{name}":{nearest(name, UNITS)} Metrics: {", ".join(UNITS)}.')
        bare, _, qualifier = (function or "").partition(":")
        if function is not None:
            self._check(bare, qualifier or None, region=region, account=account)
        self._count()
        return [
            values
            for (place, counted, resource), values in self._series.items()
            if not (bare and bare != counted)
            and not (qualifier and function != resource)
            and region in (None, place.region)
            and account in (None, place.account)
        ]
