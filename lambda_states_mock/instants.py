"""Instants and lengths of time: read from what a test gives, put into words for messages, and written in each format
that AWS or this package has for them. No other module formats an instant.

Inside the clock an instant is a whole number of microseconds since 1970, and a length one of microseconds. That is the
resolution of `datetime`, so it is as exact as `timedelta` arithmetic; and a heap of integers is several times faster
than one of datetimes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import lru_cache
from math import inf, modf
from typing import SupportsFloat

from lambda_states_mock.errors import ClockError
from lambda_states_mock.patterns import compile_later

SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST = (datetime.min.replace(tzinfo=timezone.utc) - EPOCH) // _MICROSECOND
LAST = (datetime.max.replace(tzinfo=timezone.utc) - EPOCH) // _MICROSECOND
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNITS = (("d", 86_400 * SECOND), ("h", 3_600 * SECOND), ("min", 60 * SECOND))
# Python 3.10's fromisoformat knows neither "Z" nor "+0000" nor a fraction of other than three or six digits.
_ISO = compile_later(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,6})\d*)?(?:([Zz])|([+-]\d\d):?(\d\d))?")


def parse_instant(value: datetime | str) -> datetime:
    """Return *value*, an aware datetime or an ISO 8601 string with a zone, as an aware UTC datetime.

    Raises ClockError for a time without a zone, one beyond the calendar, and for what is no time.
    """
    __tracebackhide__ = True
    return as_datetime(instant_of(value))


def instant_of(value: datetime | str) -> int:
    """Return *value* in microseconds since 1970; otherwise as `parse_instant`."""
    __tracebackhide__ = True
    moment = _parse_iso(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ClockError(f'not a time: {value!r}\n  Give an aware datetime, or text like "2026-01-02T00:00:00Z".')
    if moment.utcoffset() is None:
        raise ClockError(
            f"a time without a time zone: {value!r}\n"
            "  Give an aware datetime,  datetime(..., tzinfo=timezone.utc),  or text with a zone,  "
            '"2026-01-02T00:00:00Z".'
        )
    instant = (moment - EPOCH) // _MICROSECOND
    if not _FIRST <= instant <= LAST:
        raise ClockError(f"a time that is in UTC outside of the years 1 to 9999: {value!r}\n  Give one within them.")
    return instant


def _parse_iso(text: str) -> datetime | None:
    """Return the datetime that *text* gives, naive if it names no zone; None if it is no ISO date."""
    match = _ISO.fullmatch(text.strip())
    try:
        if match is None:
            return datetime.fromisoformat(text)
        moment, fraction, zulu, hours, minutes = match.groups()
        zone = "+00:00" if zulu else f"{hours}:{minutes}" if hours else ""
        seconds = moment if len(moment) > len("2026-01-01T00:00") else f"{moment}:00"
        return datetime.fromisoformat(f"{seconds}.{(fraction or '').ljust(6, '0')}{zone}")
    except ValueError:
        return None


def as_datetime(instant: int) -> datetime:
    """Return the aware UTC datetime of an instant in microseconds since 1970."""
    return EPOCH + timedelta(0, 0, instant)


def microseconds(length: float | timedelta) -> int:
    """Return *length*, seconds or a timedelta, in whole microseconds, rounded as timedelta does.

    Raises ClockError for what is no length of time: text, infinity, not-a-number.
    """
    __tracebackhide__ = True
    if type(length) is int:
        return length * SECOND
    if isinstance(length, timedelta):
        return (length.days * 86_400 + length.seconds) * SECOND + length.microseconds
    try:
        if type(length) is not bool:
            fraction, whole = modf(length)
            return int(whole) * SECOND + round(fraction * 1e6)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ClockError(f"not a length of time: {length!r}\n  Give seconds or a timedelta.")


def length_of(what: str, value: float | timedelta, *, instead: str = "a length that ends") -> timedelta:
    """Return *value*, seconds or a timedelta of zero or more, as a timedelta.

    Parameters: *what* it is the length of, and what to give *instead* of one that never ends, both for the message.
    Raises TypeError for what is no number, ClockError for a length that is negative, infinite or beyond the calendar.
    """
    __tracebackhide__ = True
    if isinstance(value, bool) or not isinstance(value, (timedelta, SupportsFloat)):
        raise TypeError(f"{what} is a length of time, in seconds or as a timedelta, not {value!r}")
    if value == inf:
        raise ClockError(f"{what} is a length of time, and {value!r} never ends: give {instead}")
    try:
        length = microseconds(value)
    except ClockError:
        raise ClockError(f"{what} is a length of time, in seconds or as a timedelta, not {value!r}") from None
    if length < 0:
        raise ClockError(f"{what} is a length of time and cannot be negative: {value!r}")
    if length > LAST:
        raise ClockError(f"{what} would go past the year 9999: {value!r} is too long, give {instead}")
    return timedelta(microseconds=length)


def iso(instant: datetime | int) -> str:
    """Return an instant as messages show it: UTC, a fraction only where there is one: ``2026-01-01T00:00:03Z``."""
    moment = as_datetime(instant) if isinstance(instant, int) else instant.astimezone(timezone.utc)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def in_words(length: int) -> str:
    """Return a length in microseconds, not negative, in its two largest units: ``14 d``, ``1 h 30 min``, ``2.5 s``."""
    rest, parts = length, []
    for unit, size in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    if rest or not parts:
        parts.append(f"{rest / SECOND:.6f}".rstrip("0").rstrip(".") + " s")
    return " ".join(parts[:2])


# -- formats, of aware UTC datetimes; what a format does not show is cut off, not rounded


def as_utc(moment: datetime) -> datetime:
    """Return *moment* in UTC; a naive one is taken as UTC, never as local time."""
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)


def iso_milliseconds(moment: datetime) -> str:
    """Return *moment* as logs, timelines and records of destinations have it: ``2026-01-01T00:00:03.250Z``."""
    return f"{_iso(moment, 'milliseconds')}Z"


def iso_microseconds(moment: datetime) -> str:
    """Return *moment* as configurations of function URLs have it: ``2026-01-01T00:00:03.250000Z``."""
    return f"{_iso(moment, 'microseconds')}Z"


def iso_seconds(moment: datetime) -> str:
    """Return *moment* as conditions of policies have it: ``2026-01-01T00:00:03Z``."""
    return f"{_iso(moment, 'seconds')}Z"


def iso_shortest(moment: datetime) -> str:
    """Return *moment* as the model's format iso8601: ``2026-01-01T00:00:03Z``, with milliseconds for a fraction."""
    return f"{_iso(moment, 'milliseconds' if moment.microsecond else 'seconds')}Z"


def iso_milliseconds_with_offset(moment: datetime) -> str:
    """Return *moment* as ``LastModified`` of a function: ``2026-01-01T00:00:03.250+0000``."""
    return f"{_iso(moment, 'milliseconds')}+0000"


def iso_seconds_with_offset(moment: datetime) -> str:
    """Return *moment* as ``LastModified`` of provisioned concurrency: ``2026-01-01T00:00:03+0000``."""
    return f"{_iso(moment, 'seconds')}+0000"


def iso_file_name(moment: datetime) -> str:
    """Return *moment* as the names of objects with results begin: ``2026-01-01T00.00.03``."""
    return _iso(moment, "seconds").replace(":", ".")


def iso_compact(moment: datetime) -> str:
    """Return *moment* as signatures have it: ``20260101T000003Z``."""
    return f"{_iso(moment, 'seconds').replace('-', '').replace(':', '')}Z"


def parse_iso_compact(text: str) -> datetime:
    """Return the moment that `iso_compact` writes as *text*. Raises ValueError for other text."""
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


def date_path(moment: datetime) -> str:
    """Return the day of *moment* as log streams and objects are filed under it: ``2026/01/01``."""
    return moment.date().isoformat().replace("-", "/")


def date_and_time(moment: datetime) -> str:
    """Return *moment* as people read it on a terminal: ``2026-01-01 00:00:03``."""
    return _iso(moment, "seconds").replace("T", " ")


def time_of_day(moment: datetime) -> str:
    """Return when in its day *moment* is: ``00:00:03``."""
    return moment.time().isoformat("seconds")


@lru_cache(maxsize=64)
def http_date(moment: datetime) -> str:
    """Return *moment* as HTTP headers have it (RFC 1123), whatever the locale: ``Thu, 01 Jan 2026 00:00:03 GMT``."""
    return format_datetime(as_utc(moment), usegmt=True)


def common_log_date(moment: datetime) -> str:
    """Return *moment* as events of function URLs have it (Common Log Format): ``01/Jan/2026:00:00:03 +0000``."""
    return f"{moment.day:02d}/{_MONTHS[moment.month - 1]}/{moment.year:04d}:{time_of_day(moment)} +0000"


def date_in_words(moment: datetime) -> str:
    """Return *moment* as events of RabbitMQ have it: ``Jan 1, 1970, 12:33:41 AM``."""
    hour, half = moment.hour % 12 or 12, "AM" if moment.hour < 12 else "PM"
    day = f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"
    return f"{day}, {hour}:{moment.minute:02d}:{moment.second:02d} {half}"


def as_given(moment: date) -> str:
    """Return a date, or a date and time, as ISO 8601 writes it, in the zone that it has, if any."""
    return moment.isoformat()


def epoch_seconds(moment: datetime) -> int:
    """Return the seconds from 1970 to *moment*."""
    return (moment - EPOCH) // _SECOND


def epoch_milliseconds(moment: datetime) -> int:
    """Return the milliseconds from 1970 to *moment*."""
    return (moment - EPOCH) // _MILLISECOND


def exact_milliseconds(moment: datetime) -> float:
    """Return the milliseconds from 1970 to *moment*, with their fraction."""
    return (moment - EPOCH) / _MILLISECOND


def of_milliseconds(milliseconds: float) -> datetime:
    """Return the instant that is *milliseconds* after 1970."""
    return EPOCH + milliseconds * _MILLISECOND


def date_of(moment: date) -> str:
    """Return the day of *moment*: ``2026-01-01``."""
    return moment.isoformat()[:10]


def parse_local(text: str) -> datetime:
    """Return the date and time that *text* names, without a zone. Raises ValueError."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def epoch_number(moment: datetime) -> float:
    """Return *moment* as the model's format unixTimestamp: seconds from 1970, whole ones as an integer."""
    seconds = epoch_seconds(moment)
    return seconds + moment.microsecond / 1e6 if moment.microsecond else seconds


@lru_cache(maxsize=64)
def epoch_hex(moment: datetime) -> str:
    """Return *moment* as X-Ray's trace ids have it: the seconds from 1970 in eight hexadecimal digits."""
    return f"{epoch_seconds(moment):08x}"


def backed_off(times: int, first: timedelta, most: timedelta) -> timedelta:
    """Return the wait after *times* others: the *first*, twice as long each time, but no longer than *most*."""
    wait = first
    for _ in range(times):
        if wait >= most:
            break
        wait *= 2
    return min(wait, most)


def _iso(moment: datetime, timespec: str) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec=timespec)
