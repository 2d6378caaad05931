"""Lambda's metrics: counted minute by minute, as CloudWatch keeps them.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from lambda_states_mock.errors import NamesWhatItHas, UnknownNameError, nearest
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

    def add(self, count: int, total: float, least: float, greatest: float) -> None:
        """Add *count* values with this sum, minimum and maximum."""
        self.minimum = min(self.minimum, least) if self.count else least
        self.maximum = max(self.maximum, greatest) if self.count else greatest
        self.count += count
        self.sum += total


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
        publish: Callable[[Place, Measured], object] | None = None,
        check: Callable[..., object] = lambda *_names, **_where: None,
    ) -> None:
        self._publish = publish
        self._check = check
        self._series: dict[_Series, dict[datetime, dict[str, Statistics]]] = {}

    def __repr__(self) -> str:
        sums = {name: self.sum(name) for name, unit in UNITS.items() if unit == "Count"}
        shown = ", ".join(f"{name} {total:g}" for name, total in sums.items() if total)
        return f"<Metrics {shown or 'nothing counted yet'}>"

    def add(self, place: Place, measured: Measured) -> None:
        """Count what was measured at *place*."""
        function, resource, at, values, _mapping = measured
        known = self._series.setdefault((place, function, resource), {}).setdefault(_minute_of(at), {})
        for name, value in values.items():
            statistics = known.get(name)
            if statistics is None:
                known[name] = Statistics(1, value, value, value)
            else:
                statistics.add(1, value, value, value)
        if self._publish is not None:
            self._publish(place, measured)

    def of(
        self, name: str, function: str | None = None, *, region: str | None = None, account: str | None = None
    ) -> Statistics:
        """Return the statistics of the metric *name* since the beginning.

        Raises UnknownNameError for what is no metric, and for a function that nobody has or had.
        """
        __tracebackhide__ = True
        found = Statistics()
        for minute in self.by_minute(name, function, region=region, account=account).values():
            found.add(minute.count, minute.sum, minute.minimum, minute.maximum)
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
        """Return the statistics minute by minute, as CloudWatch shows them: only minutes that have values."""
        __tracebackhide__ = True
        if name not in UNITS:
            raise UnknownNameError(f'no metric "{name}":{nearest(name, UNITS)} Metrics: {", ".join(UNITS)}.')
        bare, _, qualifier = (function or "").partition(":")
        if function is not None:
            self._check(bare, qualifier or None, region=region, account=account)
        found: dict[datetime, Statistics] = {}
        for series, minutes in self._series.items():
            place, counted, resource = series
            if (bare and bare != counted) or (qualifier and function != resource):
                continue
            if region not in (None, place.region) or account not in (None, place.account):
                continue
            for minute, known in minutes.items():
                if name in known:
                    one = known[name]
                    found.setdefault(minute, Statistics()).add(one.count, one.sum, one.minimum, one.maximum)
        return dict(sorted(found.items()))
