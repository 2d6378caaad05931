"""Count what holds, per operation and per family of operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .replaying import Exchange, Verdict

_FAMILIES = (
    ("eventsourcemapping", "event source mappings"),
    ("eventinvokeconfig", "event invoke"),
    ("codesigning", "code signing"),
    ("urlconfig", "function URLs"),
    ("provisionedconcurrency", "provisioned concurrency"),
    ("concurrency", "reserved concurrency"),
    ("recursionconfig", "recursion"),
    ("layer", "layers"),
    ("alias", "aliases"),
    ("tag", "tags"),
    ("permission", "permissions"),
    ("policy", "permissions"),
    ("version", "versions"),
    ("accountsettings", "account settings"),
    ("updatefunctioncode", "code"),
    ("invoke", "invocation"),
)
"""Part of an operation's name in lower case -> family; the first that fits."""


def family(operation: str) -> str:
    """Return the family of resources that *operation* belongs to."""
    return next((name for part, name in _FAMILIES if part in operation.lower()), "functions")


def table(exchanges: Sequence[Exchange], known: Mapping[str, Mapping[int, str]]) -> str:
    """Return the counts as text.

    Columns: recorded answers, those that hold, that differ, that are known to differ; calls made without a recording,
    calls that could not be made, calls that raised what is no answer of AWS, and calls that an old client cannot send.
    """
    lines = [_row("", ["recorded", "hold", "differ", "known", "unchecked", "not made", "broken", "not sent"])]
    for title, key in (("by operation", _operation), ("by family", _family)):
        lines += ["", title]
        for name in sorted({key(exchange) for exchange in exchanges}):
            lines.append(_row(f"  {name}", _counts((e for e in exchanges if key(e) == name), known)))
    lines += ["", _row("total", _counts(exchanges, known))]
    return "\n".join(lines)


def unexpected(exchanges: Iterable[Exchange], known: Mapping[str, Mapping[int, str]]) -> list[Exchange]:
    """Return the exchanges that fail without being *known*, and those that hold though they are."""
    return [exchange for exchange in exchanges if exchange.failed != is_known(exchange, known)]


def is_known(exchange: Exchange, known: Mapping[str, Mapping[int, str]]) -> bool:
    """Whether *exchange* is listed as one that cannot hold."""
    return exchange.call.index in known.get(exchange.sequence, {})


def _operation(exchange: Exchange) -> str:
    return exchange.call.operation


def _family(exchange: Exchange) -> str:
    return family(exchange.call.operation)


def _counts(exchanges: Iterable[Exchange], known: Mapping[str, Mapping[int, str]]) -> list[int]:
    seen = list(exchanges)
    verdicts = Counter(exchange.verdict for exchange in seen)
    excused = sum(exchange.verdict is Verdict.DIFFERS and is_known(exchange, known) for exchange in seen)
    recorded = sum(exchange.call.is_recorded for exchange in seen)
    differing = verdicts[Verdict.DIFFERS] - excused
    others = [verdicts[verdict] for verdict in (Verdict.MADE, Verdict.NOT_MADE, Verdict.BROKEN, Verdict.NOT_SENT)]
    return [recorded, verdicts[Verdict.HOLDS], differing, excused, *others]


def _row(title: str, cells: Sequence[object]) -> str:
    return f"{title:<40}" + "".join(f"{cell!s:>11}" for cell in cells)
