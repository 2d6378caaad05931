"""Hypothesis strategies for requests: mostly sensible ones, with one thing wrong, or with everything wrong."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from lambda_states_mock.api_model import Shape, operation_model

from .accepted import accepted
from .plausible import candidates

Values = st.SearchStrategy[Any]

DEEP = 2  # structures below this get their required members only, so that requests stay readable
LONG = 2_000  # of what has no limit in the model
HUGE = 7_000_000  # bytes: more than any payload may have
_STRANGE = (
    "", " ", "x", "\x00", "ü", "\u2028", "😀", "%2F", "a/b", "a?b#c", "../..", "$LATEST", "null", "{}", "-1", "NOPE",
    "arn:aws:lambda", "arn:aws:lambda:us-east-1:123456789012:function:", "a:b:c:d:e:f:g:h:i", "{0}", "%s",
    "\ud800", "9" * 5_000,
)  # fmt: skip
_LETTERS = "aZ09-_$.:/*@ \t\n\"'\\{}[]?#%&=+,;~^|<>()\x00\x7f\x85äßÅé٣\u200b\u2028中😀\ufeff"
STRANGE_DOCUMENTS = (
    b"", b"\x00", b"\xff", b"x" * 100_000, b"[" * 100_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000, b"9" * 5_000,
    b"1e999", b"NaN", b'"\\ud800"', b'{"a": 1, "a": 2}', b"null", b"[]", b'"text"', b"\xef\xbb\xbf{}",
)  # fmt: skip
"""Bytes that are no JSON, or JSON that is hard to read or to pass on."""
_NUMBERS = (0, -1, 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, 10**30)
_TIMES = tuple(datetime(year, 1, 2, tzinfo=timezone.utc) for year in (1, 1969, 2025, 2026, 9999))


class Huge(bytes):
    """Bytes that nobody wants to read in a report."""

    def __repr__(self) -> str:
        return f"<{len(self):,} bytes>"


@cache
def sensible(shape: Shape, name: str, depth: int = 0) -> Values:
    """Return values for member *name* that AWS would take, as far as the model and the furnished world tell."""
    known = candidates()
    found = known.get(shape.name) or known.get(name)
    if found is not None and isinstance(found[0], _PYTHON[shape.type_name]):
        return st.sampled_from(found)
    if shape.type_name == "structure":
        return _structure(shape, depth)
    if shape.type_name == "list":
        least, most = _limits(shape, 3)
        return st.lists(sensible(shape.member, name, depth), min_size=least, max_size=min(most, 3))
    if shape.type_name == "map":
        key, value = sensible(shape.key, "", depth), sensible(shape.value, name, depth)
        return st.dictionaries(key, value, max_size=2)
    return _scalar(shape)


def _structure(shape: Shape, depth: int) -> Values:
    required = shape.required
    found = {name: sensible(member, name, depth + 1) for name, member in shape.members.items()}
    optional = {name: each for name, each in found.items() if name not in required and depth < DEEP}
    return st.fixed_dictionaries({name: found[name] for name in found if name in required}, optional=optional)


def _scalar(shape: Shape) -> Values:
    limits = shape.traits
    if limits.get("enum"):
        return st.sampled_from(limits["enum"])
    if shape.type_name == "string":
        least, most = _limits(shape, 12)
        return st.text("abcdef0123456789-_", min_size=least, max_size=max(least, min(most, 12)))
    if shape.type_name in {"integer", "long"}:
        return st.integers(limits.get("min", 0), min(limits.get("max", 100), 10_000))
    if shape.type_name in {"double", "float"}:
        return st.floats(limits.get("min", 0), limits.get("max", 1))
    others: dict[str, Values] = {
        "boolean": st.booleans(),
        "blob": st.binary(max_size=9),
        "timestamp": st.sampled_from(_TIMES),
    }
    return others[shape.type_name]


@cache
def wrong(shape: Shape, name: str) -> Values:
    """Return values for member *name* at and beyond its limits, of strange letters or sizes, and of other types."""
    odd: Values = _WRONG[shape.type_name](shape, name)
    return odd if shape.location or shape.type_name in {"structure", "list", "map"} else odd | _other_types(shape)


def _other_types(shape: Shape) -> Values:
    others = ["text", "7", 7, -1.5, True, None, [], ["x"], {}, {"x": 1}]
    if shape.type_name in {"blob", "timestamp"}:
        return st.nothing()  # botocore cannot even write these
    return st.sampled_from(others)


def _wrong_string(shape: Shape, _name: str) -> Values:
    least, most = _limits(shape, LONG)
    lengths = {least - 1, least, most, most + 1} - {-1}
    found = st.sampled_from(_STRANGE) | st.sampled_from([("ab" * length)[:length] for length in sorted(lengths)])
    found |= st.text(_LETTERS, max_size=12)
    location = shape.location
    if location == "uri":
        return found.filter(bool)  # no client sends an empty label
    if location == "header":
        return found.filter(lambda text: text.isascii() and text.isprintable() and text == text.strip())
    return found


def _wrong_number(shape: Shape, _name: str) -> Values:
    edges = [shape.traits[limit] + step for limit in ("min", "max") if limit in shape.traits for step in (-1, 0, 1)]
    numbers: tuple[Any, ...] = (*edges, *_NUMBERS)
    if shape.type_name in {"double", "float"}:
        numbers = (*numbers, 0.5, -0.5, 1e308, float("nan"), float("inf"))
    return st.sampled_from(numbers)


def _wrong_list(shape: Shape, name: str) -> Values:
    item = shape.member
    _, most = _limits(shape, 60)
    good, bad = sensible(item, name), st.deferred(lambda: wrong(item, name))
    odd = st.lists(bad, max_size=2) | good.map(lambda value: [value] * (most + 1)) | good.map(lambda value: [value] * 2)
    return odd if shape.location else odd | st.sampled_from([[], [None]])


def _wrong_map(shape: Shape, name: str) -> Values:
    key, value = shape.key, shape.value
    many = sensible(value, name).map(lambda item: {f"k{number}": item for number in range(60)})
    return many | st.dictionaries(_wrong_string(key, ""), st.deferred(lambda: wrong(value, name)), max_size=2)


def _wrong_structure(shape: Shape, name: str) -> Values:
    if not shape.members:
        return st.just({})
    return st.just({}) | st.deferred(lambda: one_wrong(shape, name)) | st.deferred(lambda: all_wrong(shape))


def _wrong_blob(_shape: Shape, _name: str) -> Values:
    return st.sampled_from((*STRANGE_DOCUMENTS, Huge(b"1" * HUGE)))


def one_wrong(shape: Shape, name: str = "") -> Values:
    """Return sensible structures apart from one member, which is wrong or missing."""
    return spoilt(sensible(shape, name), shape)


@st.composite
def spoilt(draw: st.DrawFn, good: Values, shape: Shape) -> dict[str, Any]:
    """Return what *good* gives, apart from one member, which is wrong or missing."""
    params: dict[str, Any] = {**draw(good)}
    odd, member = draw(st.sampled_from(sorted(shape.members.items(), key=lambda item: item[0])))
    if odd in params and member.location != "uri" and draw(st.booleans()):
        del params[odd]
    else:
        params[odd] = draw(wrong(member, odd))
    return params


@st.composite
def all_wrong(draw: st.DrawFn, shape: Shape) -> dict[str, Any]:
    """Return a structure with nothing sensible in it."""
    members = shape.members
    return {
        name: draw(wrong(member, name))
        for name, member in members.items()
        if member.location == "uri" or draw(st.booleans())
    }


@st.composite
def varied(draw: st.DrawFn, good: Values, shape: Shape) -> dict[str, Any]:
    """Return what *good* gives, with one member of another sensible value."""
    params: dict[str, Any] = {**draw(good)}
    name, member = draw(st.sampled_from(sorted(shape.members.items(), key=lambda item: item[0])))
    return {**params, name: draw(sensible(member, name, 1))}


@cache
def requests(operation: str) -> Values:
    """Return parameters for *operation*: those that are accepted, one of them changed, or all of them drawn."""
    shape = operation_model(operation).input_shape
    if not shape.members:
        return st.just({})
    drawn = sensible(shape, "")
    good = st.just(accepted()[operation])
    return st.one_of(good, varied(good, shape), spoilt(good, shape), drawn, spoilt(drawn, shape), all_wrong(shape))


def _limits(shape: Shape, unlimited: int) -> tuple[int, int]:
    return shape.traits.get("min", 0), shape.traits.get("max", unlimited)


_PYTHON: dict[str, Any] = {
    "string": str, "integer": int, "long": int, "double": float, "float": float, "boolean": bool, "blob": bytes,
    "timestamp": datetime, "list": list, "map": dict, "structure": dict,
}  # fmt: skip
_WRONG: dict[str, Any] = {
    "string": _wrong_string,
    "integer": _wrong_number,
    "long": _wrong_number,
    "double": _wrong_number,
    "float": _wrong_number,
    "boolean": lambda _shape, _name: st.booleans(),
    "blob": _wrong_blob,
    "timestamp": lambda _shape, _name: st.sampled_from(_TIMES),
    "list": _wrong_list,
    "map": _wrong_map,
    "structure": _wrong_structure,
}
