"""Java's spellings of patterns and values, which AWS's validation messages carry.

Lambda's front end is Java: patterns have Java's meaning (`matcher`), values are printed by ``toString`` (`java_text`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from lambda_states_mock.api_model import Shape
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.wire.encode import timestamp

# --- patterns

# Python's `re` has no \p{L}: each non-ASCII character is replaced by a stand-in for its category before matching.
_STAND_INS = {"L": "\ue000", "Z": "\ue001", "N": "\ue002", "M": "\ue003", "P": "\ue004", "S": "\ue005", "C": "\ue006"}
_CATEGORY = compile_later(r"\\p\{([LZNMPSC])\w?\}")
_DOT = "[^\n\r\u0085\u2028\u2029]"


def fullmatcher(pattern: str) -> Callable[[str], object]:
    """Return a test, true or false, of whether a whole text matches the Java *pattern*.

    A pattern that Python cannot express accepts everything: a mock that refuses good input is worse than a lenient one.
    """
    translated = _translated(pattern)
    try:
        fullmatch = re.compile(translated, re.ASCII).fullmatch
    except (re.error, FutureWarning):  # the latter where warnings are errors
        return lambda _text: True
    if _CATEGORY.search(pattern):
        return lambda text: fullmatch(_by_category(text))
    return fullmatch


def _translated(pattern: str) -> str:
    r"""Replace what Java reads differently: ``.`` stops at more line ends, ``\p{..}`` does not exist in Python."""
    result, in_class, position = [], False, 0
    while position < len(pattern):
        category = _CATEGORY.match(pattern, position)
        if category:
            characters = _characters_of(category[1])
            result.append(characters if in_class else f"[{characters}]")
            position = category.end()
            continue
        step = 2 if pattern[position] == "\\" else 1
        piece = pattern[position : position + step]
        in_class = (in_class or piece == "[") and piece != "]"
        result.append(_DOT if piece == "." and not in_class else piece)
        position += step
    return "".join(result)


@cache
def _characters_of(letter: str) -> str:
    """Return what stands for the category *letter* in a class of characters."""
    from unicodedata import category  # few patterns need it

    return "".join(re.escape(chr(code)) for code in range(128) if category(chr(code))[0] == letter) + _STAND_INS[letter]


def _by_category(text: str) -> str:
    if text.isascii():
        return text
    from unicodedata import category

    return "".join(each if each.isascii() else _STAND_INS[category(each)[0]] for each in text)


# --- values


def java_text(shape: Shape, value: Any) -> str:
    """Return *value* as Java's ``toString`` prints it: ``[a, b]``, ``{2=0.5}``, numbers by the type of *shape*."""
    if value is None:
        return "null"
    printer = _PRINTERS.get(shape.type_name)
    return str(value) if printer is None else printer(shape, value)


def java_double(number: float) -> str:
    """Return *number* as ``Double.toString`` does: ``2.0``, ``1.0E7``, ``1.0E-4``."""
    number = float(number)
    if not math.isfinite(number):
        return {"nan": "NaN", "inf": "Infinity"}.get(repr(number), "-Infinity")
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return format(number, "f") if "e" in repr(number) else repr(number)
    sign, digits, exponent = _decimal_digits(number)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _decimal_digits(number: float) -> tuple[str, str, int]:
    """Return sign, significant digits and decimal exponent of the shortest text that reads back as *number*."""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0)
    leading = len(whole + fraction) - len(digits)
    return "-" if number < 0 else "", digits.rstrip("0") or "0", point - leading - 1


def _map(shape: Shape, value: Any) -> str:
    of_key, of_value = shape.key, shape.value
    return "{" + ", ".join(f"{java_text(of_key, k)}={java_text(of_value, v)}" for k, v in value.items()) + "}"


def _structure(shape: Shape, value: Any) -> str:
    members = ", ".join(f"{camel(name)}={java_text(member, value.get(name))}" for name, member in shape.members.items())
    return f"{shape.name}({members})"


def _timestamp(_shape: Shape, value: Any) -> str:
    return str(timestamp(value, "iso8601")) if isinstance(value, datetime) else str(value)


_PRINTERS: dict[str, Callable[[Shape, Any], str]] = {
    "list": lambda shape, value: f"[{', '.join(java_text(shape.member, item) for item in value)}]",
    "map": _map,
    "structure": _structure,
    "double": lambda _shape, value: java_double(value),
    "float": lambda _shape, value: java_double(value),
    "boolean": lambda _shape, value: "true" if value else "false",
    "timestamp": _timestamp,
    "blob": lambda _shape, value: f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]",
}


def camel(name: str) -> str:
    """Return a member's name as it stands in the path of a message: ``FunctionName`` -> ``functionName``."""
    return name[:1].lower() + name[1:]
