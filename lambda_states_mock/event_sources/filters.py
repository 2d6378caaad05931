"""Filter criteria: which records a mapping's function gets.

The language is that of EventBridge patterns in pipes. Filters are ORed; within one all keys have to match, and a list
of values is an OR. Recorded: ``numeric`` matches JSON numbers only, not the text in DynamoDB's ``{"N": "101"}``, and
``exists`` looks at leaves only, so that ``{"key": [{"exists": false}]}`` matches where ``key`` is an object.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Test = Callable[[Any], bool]  # of a leaf that is there
Pattern = Mapping[str, Any]

_ABSENT: Any = object()
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equals(value: Any, wanted: Any) -> bool:
    # True is not 1, and "1" is not 1.
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def _affix(method: str) -> Callable[[Any, Any], bool]:
    def matches(value: Any, wanted: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(wanted, Mapping):  # {"prefix": {"equals-ignore-case": "us-"}}
            return bool(getattr(value.lower(), method)(str(wanted["equals-ignore-case"]).lower()))
        return bool(getattr(value, method)(wanted))

    return matches


def _ignoring_case(value: Any, wanted: Any) -> bool:
    return isinstance(value, str) and value.lower() == str(wanted).lower()


def _anything_but(value: Any, unwanted: Any) -> bool:
    return not any(_equals(value, one) for one in (unwanted if isinstance(unwanted, list) else [unwanted]))


def _numeric(value: Any, terms: Any) -> bool:
    return _is_number(value) and all(
        _COMPARISONS[sign](value, bound) for sign, bound in zip(terms[::2], terms[1::2], strict=True)
    )


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "anything-but": _anything_but,
    "equals-ignore-case": _ignoring_case,
    "numeric": _numeric,
    "prefix": _affix("startswith"),
    "suffix": _affix("endswith"),
}
OPERATORS = frozenset({*_OPERATORS, "exists"})
"""Those that mappings know. EventBridge's buses know more: ``cidr``, ``wildcard``."""


def _leaf_matches(rules: Sequence[Any], value: Any) -> bool:
    """Return whether *value*, a leaf or `_ABSENT`, matches one of *rules*. Of a list, one member has to."""
    values = value if isinstance(value, list) else [value]
    return any(_rule_matches(rule, one) for rule in rules for one in (values or [_ABSENT]))


def _rule_matches(rule: Any, value: Any) -> bool:
    is_leaf = value is not _ABSENT and not isinstance(value, Mapping)
    if not isinstance(rule, Mapping):
        return is_leaf and _equals(value, rule)
    ((name, wanted),) = rule.items()
    if name == "exists":
        return is_leaf is bool(wanted)
    return is_leaf and _OPERATORS[name](value, wanted)


def pattern_matches(pattern: Pattern, subject: Any) -> bool:
    """Return whether *subject*, a record as filters see it, matches *pattern*."""
    fields = subject if isinstance(subject, Mapping) else {}
    for key, rules in pattern.items():
        if key == "$or":
            if not any(pattern_matches(one, fields) for one in rules):
                return False
            continue
        value = fields.get(key, _ABSENT)
        if isinstance(rules, Mapping):
            # A list of objects matches where one of them does.
            branches = value if isinstance(value, list) else [value]
            if not any(pattern_matches(rules, one) for one in branches):
                return False
        elif not _leaf_matches(rules, value):
            return False
    return True


class Filters:
    """The filters of a mapping. Parameters: *criteria*, its FilterCriteria, if it has any.

    *data_keys* are where a record has data of the user's: JSON there is looked into, but only by an object.
    """

    def __init__(self, criteria: Mapping[str, Any] | None, data_keys: Sequence[str] = ()) -> None:
        chosen = (criteria or {}).get("Filters") or ()
        self.patterns: tuple[Pattern, ...] = tuple(json.loads(one.get("Pattern") or "{}") for one in chosen)
        self._data_keys = tuple(data_keys)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def accept(self, record: Mapping[str, Any]) -> bool:
        """Return whether the function is to get *record*, whose data are text or bytes as they came."""
        return not self.patterns or any(self._matches(pattern, record) for pattern in self.patterns)

    def _matches(self, pattern: Pattern, record: Mapping[str, Any]) -> bool:
        subject = dict(record)
        for key in self._data_keys:
            if key not in pattern or key not in record:
                continue
            content = _parsed(record[key])
            if isinstance(content, (dict, list)) is not isinstance(pattern[key], Mapping):
                return False  # JSON asked as text, or text asked as JSON, is dropped
            subject[key] = content
        return pattern_matches(pattern, subject)


def _parsed(data: Any) -> Any:
    """Return the JSON object or array in *data*, else its text."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    if not isinstance(text, str):
        return text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return content if isinstance(content, (dict, list)) else text
