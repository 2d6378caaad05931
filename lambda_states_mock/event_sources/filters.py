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

from lambda_states_mock.json_reading import read_json

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


def _is_text(wanted: Any) -> bool:
    return isinstance(wanted, str)


def _is_affix(wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return list(wanted) == ["equals-ignore-case"] and _is_text(wanted["equals-ignore-case"])
    return _is_text(wanted)


def _is_unwanted(unwanted: Any) -> bool:
    values = unwanted if isinstance(unwanted, list) else [unwanted]
    return bool(values) and (all(map(_is_text, values)) or all(map(_is_number, values)))


def _are_terms(terms: Any) -> bool:
    if not isinstance(terms, list) or len(terms) not in (2, 4):
        return False
    return all(isinstance(sign, str) and sign in _COMPARISONS for sign in terms[::2]) and all(
        map(_is_number, terms[1::2])
    )


_OPERATORS: Mapping[str, tuple[Callable[[Any, Any], bool], Test]] = {
    "anything-but": (_anything_but, _is_unwanted),
    "equals-ignore-case": (_ignoring_case, _is_text),
    "numeric": (_numeric, _are_terms),
    "prefix": (_affix("startswith"), _is_affix),
    "suffix": (_affix("endswith"), _is_affix),
}
"""What an operator does with a leaf, and what it may be given. EventBridge's buses know more operators, such as
``wildcard``, and ``anything-but`` with a prefix; pipes and mappings do not (eb-create-pattern-operators.html).
"""


def is_pattern(text: str | None, structured: Sequence[str] = ()) -> bool:
    """Tell whether *text* is a filter pattern: a JSON object whose leaves are lists of values or of operators.

    Parameters: *structured*, the members of a record that are never plain text: the pattern has objects there.
    """
    try:
        pattern = read_json(text or "")
        return (
            isinstance(pattern, dict) and _is_level(pattern) and not any(_is_leaf(pattern, key) for key in structured)
        )
    except (ValueError, RecursionError):
        return False


def _is_leaf(pattern: Pattern, key: str) -> bool:
    return isinstance(pattern.get(key), list)


def _is_level(level: Mapping[str, Any]) -> bool:
    return all(_is_rules(key, value) for key, value in level.items())


def _is_rules(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return _is_level(value)
    if not isinstance(value, list) or not value:
        return False
    if key == "$or":
        return all(isinstance(one, dict) and _is_level(one) for one in value)
    return all(map(_is_rule, value))


def _is_rule(rule: Any) -> bool:
    """Tell whether *rule* is a value to equal, or one operator, such as ``{"prefix": "a"}``."""
    if not isinstance(rule, dict):
        return not isinstance(rule, list)
    if len(rule) != 1:
        return False
    ((name, wanted),) = rule.items()
    return isinstance(wanted, bool) if name == "exists" else name in _OPERATORS and _OPERATORS[name][1](wanted)


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
        return is_leaf is wanted
    return is_leaf and _OPERATORS[name][0](value, wanted)


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
        content = read_json(text)
    except (ValueError, RecursionError):
        return text
    return content if isinstance(content, (dict, list)) else text
