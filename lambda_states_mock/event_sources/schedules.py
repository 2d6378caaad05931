"""Schedules of EventBridge: ``rate(5 minutes)``, ``cron(0 12 ? * MON-FRI *)`` in UTC, ``at(2026-01-01T12:00:00)``.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import count

from lambda_states_mock.instants import parse_local
from lambda_states_mock.patterns import compile_later

_RATE = compile_later(r"rate\((\d+) (minute|hour|day)s?\)")
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
_LAST_YEAR = 2199


class ScheduleError(ValueError):
    """It is no schedule."""


@lru_cache(maxsize=128)
def next_time(expression: str, *, begun: datetime, after: datetime, zone: tzinfo | None = None) -> datetime | None:
    """Return when *expression* is due next *after* an instant; None when never again.

    Parameters: *begun*, from when a rate counts; *zone*, in which cron and at are read, UTC by default.

    Raises ScheduleError.
    """
    zone = zone or after.tzinfo
    if rate := _RATE.fullmatch(expression):
        length = timedelta(**{f"{rate[2]}s": int(rate[1])})
        if not length:
            raise ScheduleError(expression)
        return begun + ((after - begun) // length + 1) * length
    kind, _, inner = expression.rstrip(")").partition("(")
    if kind == "at":
        try:
            due = parse_local(inner).replace(tzinfo=zone)
        except ValueError:
            raise ScheduleError(expression) from None
        return due.astimezone(after.tzinfo) if due > after else None
    fields = inner.split()
    if kind != "cron" or len(fields) != 6:
        raise ScheduleError(expression)
    try:
        return _next_of_cron(fields, after, zone)
    except (ValueError, KeyError):
        raise ScheduleError(expression) from None


def _next_of_cron(fields: list[str], after: datetime, zone: tzinfo | None) -> datetime | None:
    minutes, hours = _set(fields[0], 0, 59), _set(fields[1], 0, 23)
    months, years = _set(fields[3], 1, 12, _MONTHS), _set(fields[5], 1970, _LAST_YEAR)
    is_day, last_year = _day_test(fields[2], fields[4]), max(years)
    local = after.astimezone(zone)
    for ahead in count():
        try:
            day = local.date() + timedelta(days=ahead)
        except OverflowError:
            return None
        if day.year > last_year:
            return None
        if day.year not in years or day.month not in months or not is_day(day):
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                if due > local:
                    return due.astimezone(after.tzinfo)
    return None


def _day_test(of_month: str, of_week: str) -> Callable[[date], bool]:
    """Return what tells the days. One of the two fields is a question mark."""
    if (of_month == "?") is (of_week == "?"):
        raise ValueError
    if of_week == "?":
        return _of_month(of_month)
    return _of_week(of_week)


def _of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _length(day)
    if field.endswith("W"):  # the weekday that is nearest, in the same month
        near = None if field == "LW" else int(field[:-1])
        return lambda day: day.day == _nearest_weekday(day, near or _length(day))
    days = _set(field, 1, 31)
    return lambda day: day.day in days


def _of_week(field: str) -> Callable[[date], bool]:
    name, mark, number = field.partition("#")
    if mark:
        weekday, nth = _DAYS.get(name) or int(name), int(number)
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == nth
    if field.endswith("L"):
        weekday = _DAYS.get(field[:-1]) or int(field[:-1] or 7)
        return lambda day: _weekday(day) == weekday and day.day + 7 > _length(day)
    days = _set(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    """Return 1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, number: int) -> int:
    length = _length(day)
    number = min(number, length)
    weekday = date(day.year, day.month, number).isoweekday()
    if weekday == 6:
        return number - 1 if number > 1 else number + 2
    if weekday == 7:
        return number + 1 if number < length else number - 2
    return number


def _set(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """Return what a field of numbers, names, ranges and steps means. Raises ValueError, and KeyError for a name."""

    def number(text: str) -> int:
        return int(text) if text.isdecimal() else (names or {})[text.upper()]

    found: set[int] = set()
    for part in field.split(","):
        which, _, step = part.partition("/")
        if which == "*":
            first, last = low, high
        elif "-" in which:
            first, last = map(number, which.split("-"))
        else:
            first = number(which)
            last = high if step else first
        if not low <= first <= high or not low <= last <= high:
            raise ValueError
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)
