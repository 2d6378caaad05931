"""The ``Condition`` element of policies: IAM's operators.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and, for keys of
several values, reference_policies_condition-single-vs-multi-valued-context-keys.html. What is marked (I) is inferred.
"""

from __future__ import annotations

import base64
import binascii
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from lambda_states_mock.dependencies.wildcards import matches
from lambda_states_mock.errors import ClockError
from lambda_states_mock.instants import SECOND, instant_of
from lambda_states_mock.patterns import compile_later

Values = str | Sequence[str]
Comparison = Callable[[str, str], bool]
T = TypeVar("T")

_OPERATOR = compile_later(r"(?:(?P<set>ForAllValues|ForAnyValue):)?(?P<name>[A-Za-z]+?)(?P<optional>IfExists)?")


def are_met(condition: Any, context: Mapping[str, Values]) -> bool:
    """Return whether *condition* holds: each of its operators, for each of its keys, with any of the key's values.

    Parameters: *context*, the condition keys of the request, in lower case.

    (I) What is no condition does not hold, nor does one with an operator that IAM does not have.
    """
    return isinstance(condition, Mapping) and all(
        isinstance(tests, Mapping)
        and all(_holds(named, listed(wanted), listed(context.get(key.lower()))) for key, wanted in tests.items())
        for named, tests in condition.items()
    )


def listed(value: Any) -> tuple[str, ...]:
    """Return *value*, one or a list of them, as texts: a policy may have numbers and booleans without quotes."""
    if value is None:
        return ()
    several = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in several)


def _holds(named: str, wanted: tuple[str, ...], values: tuple[str, ...]) -> bool:
    """Return whether the operator *named* holds between what is *wanted* and the *values* of the key in the request."""
    if named == "Null":
        return any((one.lower() == "true") is not bool(values) for one in wanted if one.lower() in {"true", "false"})
    found = _OPERATOR.fullmatch(named)
    if found is None or found["name"] not in OPERATORS:
        return False
    compare, negated = OPERATORS[found["name"]]
    if not values:
        return bool(found["optional"]) or found["set"] == "ForAllValues" or (negated and found["set"] is None)
    met = (any(compare(one, value) for one in wanted) for value in values)
    if found["set"] == "ForAllValues":
        return all(one is not negated for one in met)
    if found["set"] == "ForAnyValue":
        return any(one is not negated for one in met)
    return any(met) is not negated  # (I) several values without ForAllValues or ForAnyValue


def _compared(read: Callable[[str], T | None], compare: Callable[[Any, Any], bool]) -> Comparison:
    """Return a comparison of what *read* makes of two texts; what it cannot read is equal to nothing."""

    def compared(wanted: str, value: str) -> bool:
        ours, theirs = read(value), read(wanted)
        return ours is not None and theirs is not None and compare(ours, theirs)

    return compared


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(text: str) -> Decimal | None:
    """Return a date, ISO 8601 or seconds since 1970, in microseconds since 1970."""
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return Decimal(text) * SECOND
    try:
        return Decimal(instant_of(f"{text}T00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else text))
    except ClockError:
        return None


def _bool(text: str) -> str | None:
    return text.lower() if text.lower() in {"true", "false"} else None  # (I) in any case


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_in_network(wanted: str, value: str) -> bool:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _is_arn(wanted: str, value: str) -> bool:
    """Return whether the ARN *value* is meant by *wanted*: each of the six parts, which may have wildcards."""
    ours, theirs = value.split(":", 5), wanted.split(":", 5)
    return len(ours) == len(theirs) == 6 and all(map(matches, theirs, ours))


def _ordered(prefix: str, read: Callable[[str], T | None]) -> dict[str, tuple[Comparison, bool]]:
    return {
        f"{prefix}Equals": (_compared(read, operator.eq), False),
        f"{prefix}NotEquals": (_compared(read, operator.eq), True),
        f"{prefix}LessThan": (_compared(read, operator.lt), False),
        f"{prefix}LessThanEquals": (_compared(read, operator.le), False),
        f"{prefix}GreaterThan": (_compared(read, operator.gt), False),
        f"{prefix}GreaterThanEquals": (_compared(read, operator.ge), False),
    }


OPERATORS: Mapping[str, tuple[Comparison, bool]] = {
    "StringEquals": (operator.eq, False),
    "StringNotEquals": (operator.eq, True),
    "StringEqualsIgnoreCase": (_compared(str.lower, operator.eq), False),
    "StringNotEqualsIgnoreCase": (_compared(str.lower, operator.eq), True),
    "StringLike": (matches, False),
    "StringNotLike": (matches, True),
    **_ordered("Numeric", _number),
    **_ordered("Date", _date),
    "Bool": (_compared(_bool, operator.eq), False),
    "BinaryEquals": (_compared(_binary, operator.eq), False),
    "IpAddress": (_is_in_network, False),
    "NotIpAddress": (_is_in_network, True),
    "ArnEquals": (_is_arn, False),
    "ArnLike": (_is_arn, False),
    "ArnNotEquals": (_is_arn, True),
    "ArnNotLike": (_is_arn, True),
}
"""IAM's operators: what compares the policy's value with the request's, and whether the operator negates it."""
