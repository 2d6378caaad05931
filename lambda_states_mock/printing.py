"""How what a call or a run was about is printed, as in the report of a failing test: short, and without secrets.

The values of environment variables are masked: many a function has a password there. Bytes, long texts and long lists
are cut, and tell how long they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import islice
from typing import Any

LONGEST = 200
"""Of a text or of bytes, so much is printed."""

MOST = 50
"""Of the items of a list or a mapping, so many are printed."""

MASK = "***"


class Printed(dict[str, Any]):
    """A mapping that prints as this module has it; in all else it is the dict that it was made of."""

    def __repr__(self) -> str:
        return printed(self)


class Masked(Printed):
    """A mapping whose values are not printed."""

    def __repr__(self) -> str:
        return _mapping(self, lambda _value: repr(MASK))


def printable(value: Any, *within: str) -> Any:
    """Return *value* with `Printed` mappings in place of all in it. Parameters: *within*, the keys that led to it."""
    if isinstance(value, Mapping):
        if within[-2:] == ("Environment", "Variables"):
            return Masked(value)
        return Printed({key: printable(one, *within, str(key)) for key, one in value.items()})
    return [printable(one) for one in value] if isinstance(value, list) else value


def printed(value: object) -> str:
    """Return *value* as it is printed."""
    if isinstance(value, Masked):
        return repr(value)
    if isinstance(value, Mapping):
        return _mapping(value if isinstance(value, Printed) else printable(value), printed)
    if isinstance(value, list):
        return f"[{joined(map(printed, value), len(value))}]"
    if isinstance(value, (str, bytes, bytearray)) and len(value) > LONGEST:
        return f"{value[:LONGEST]!r}... ({len(value)} {'characters' if isinstance(value, str) else 'bytes'})"
    return repr(value)


def shortened(text: str) -> str:
    """Return *text* itself, cut where it is long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


def printed_fields(of: Any) -> str:
    """Return what a dataclass prints of its instance *of*, with each value as this module has it."""
    shown = (f"{one.name}={printed(getattr(of, one.name))}" for one in fields(of) if one.repr)
    return f"{type(of).__qualname__}({', '.join(shown)})"


def _mapping(value: Mapping[Any, Any], show: Any) -> str:
    return f"{{{joined((f'{key!r}: {show(one)}' for key, one in value.items()), len(value))}}}"


def joined(items: Iterable[str], count: int) -> str:
    """Return *count* *items* one after the other; of many the first ones, and how many there are."""
    more = [f"... ({count} in all)"] if count > MOST else []
    return ", ".join([*islice(items, MOST), *more])
