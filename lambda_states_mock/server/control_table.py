"""What can be asked below ``/_lambda_states_mock``, as data: the routes, the OpenAPI file and the shell's commands are
made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lambda_states_mock.errors import ClockError
from lambda_states_mock.patterns import compile_later

PREFIX = "/_lambda_states_mock"
_UNITS = (("d", "d"), ("h", "h"), ("min", "m(?:in)?"), ("s", r"s?(?![\d.m])"), ("ms", "ms"))
_LENGTH = compile_later(r"\s*".join(rf"(?:(?P<{name}>\d+(?:\.\d+)?)\s*{unit})?" for name, unit in _UNITS), re.ASCII)


class NotUnderstood(ValueError):  # noqa: N818 - what is wrong with a request
    """A request gives what the table does not know."""


@dataclass(frozen=True)
class Input:
    """What a request gives.

    Parameters: *name*; *kind*: ``text``, ``length`` of time, ``number``, ``yes`` or no, ``json``, or ``body``, an
    object that is the whole body; *what* it is, in words; *required*.
    """

    name: str
    kind: str
    what: str
    required: bool = False


@dataclass(frozen=True)
class Endpoint:
    """One thing to ask for.

    Parameters: *words*, of its command; *method* and *path*, with the names of fields in braces; *what* it does; *do*,
    which does it, given the worlds, the world that it is asked of and the fields; *fields*, of the query of a GET or a
    DELETE and of the body of others.
    """

    words: str
    method: str
    path: str
    what: str
    do: Callable[..., Any]
    fields: tuple[Input, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the fields in its path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def in_query(self) -> bool:
        """Whether its fields are in the query."""
        return self.method in {"GET", "DELETE"}

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the values of the fields in *path*; None for a path of others."""
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(f"{pattern}/?", path)
        return found.groupdict() if found is not None else None


def length_from(value: Any) -> timedelta:
    """Return the length of time that *value* gives: seconds, or text: ``15d``, ``1h30m``, ``2.5 s``, ``300ms``.

    Raises ClockError for what gives none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12:
        if value < 0:
            raise ClockError(f"a length of time cannot be negative: {value!r}\n  Give 0 or more.")
        return timedelta(seconds=value)
    found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise ClockError(f"not a length of time: {value!r}\n  Give seconds, or text such as 15d, 1h30m, 2.5s or 300ms.")
    days, hours, minutes, seconds, milliseconds = (float(found[unit] or 0) for unit, _ in _UNITS)
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
    except OverflowError:
        raise ClockError(f"{value!r} is beyond the calendar\n  Give a shorter time.") from None
