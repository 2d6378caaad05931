"""Filter patterns of CloudWatch Logs: which log events a subscription gets.

Three kinds: terms (``ERROR -timeout``, ``?ERROR ?WARN``), conditions on JSON (``{ $.level = "error" && $.ms > 10 }``)
and on words (``[ip, user, ..., status = 4*]``).
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache
from typing import Any

from lambda_states_mock.patterns import compile_later

Matches = Callable[[str], bool]
_Test = Callable[[Any], bool]

_TERM = compile_later(r'\s*(?P<sign>[?-]?)(?P<term>"(?:[^"\\]|\\.)*"|%[^%]*%|\S+)')
_TOKEN = compile_later(
    r'\s*("(?:[^"\\]|\\.)*"|%[^%]*%|&&|\|\||<=|>=|!=|[=<>(){}]|\$(?:\.[^\s=<>!()\[\].&|]+|\[[^\]]*\])*|[^\s=<>!(){}&|]+)'
)
_WORD = compile_later(r'\[[^\]]*\]|"[^"]*"|\S+')
_STEP = compile_later(r"\.([^.\[]+)|\[(?:(\d+|\*)|['\"]([^'\"]+)['\"])\]")
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """It is no pattern."""


@lru_cache(maxsize=128)
def matcher(pattern: str) -> Matches:
    """Return what tells whether a log event's text matches *pattern*. Raises PatternError."""
    pattern = pattern.strip()
    if pattern.startswith("{"):
        test = _Conditions(pattern, _selected).whole("{", "}")
        return lambda text: _of_json(test, text)
    if pattern.startswith("["):
        return _of_words(pattern)
    return _of_terms(pattern)


def _of_terms(pattern: str) -> Matches:
    found: dict[str, list[Matches]] = {"": [], "?": [], "-": []}
    for sign, term in _TERM.findall(pattern):
        found[sign].append(_containing(term))
    wanted, any_of, unwanted = found[""], found["?"], found["-"]

    def matches(text: str) -> bool:
        if any(is_in(text) for is_in in unwanted) or not all(is_in(text) for is_in in wanted):
            return False
        # Beside terms that are wanted, those with a question mark do not count (documented).
        return bool(wanted) or not any_of or any(is_in(text) for is_in in any_of)

    return matches


def _containing(term: str) -> Matches:
    if len(term) > 1 and term[0] == term[-1] == "%":
        expression = re.compile(term[1:-1])
        return lambda text: expression.search(text) is not None
    plain = _unquoted(term)
    return lambda text: plain in text


def _of_json(test: _Test, text: str) -> bool:
    try:
        event = json.loads(text)
    except ValueError:
        return False
    return isinstance(event, (dict, list)) and test(event)


def _of_words(pattern: str) -> Matches:
    if not pattern.endswith("]"):
        raise PatternError(pattern)
    fields = [field.strip() for field in _fields(pattern[1:-1])]
    gap = fields.index("...") if "..." in fields else None
    before = fields if gap is None else fields[:gap]
    after = [] if gap is None else fields[gap + 1 :]
    tests = [_field(field) for field in (*before, *after)]

    def matches(text: str) -> bool:
        words = _WORD.findall(text)
        if len(words) < len(tests) if gap is not None else len(words) != len(tests):
            return False
        seen = words if gap is None else [*words[: len(before)], *words[len(words) - len(after) :]]
        return all(test(word.strip('"')) for test, word in zip(tests, seen, strict=True))

    return matches


def _fields(text: str) -> list[str]:
    return re.findall(r'(?:"[^"]*"|%[^%]*%|[^,])+', text)


def _field(field: str) -> _Test:
    if not re.search(r"[=<>]", field):
        return lambda _word: True
    return _Conditions(field, lambda _name: lambda word: [word]).whole()


class _Conditions:
    """Conditions joined by ``&&`` and ``||``, with brackets.

    Parameters: *select*, makes of a name what finds its values in an event.
    """

    def __init__(self, text: str, select: Callable[[str], Callable[[Any], Sequence[Any]]]) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r'("(?:[^"\\]|\\.)*"|%[^%]*%)|\s', r"\1", text):
            raise PatternError(text)
        self._select = select

    def whole(self, *brackets: str) -> _Test:
        """Return the test for the whole text, which *brackets* enclose."""
        for bracket in brackets[:1]:
            self._take(bracket)
        test = self._any()
        for bracket in brackets[1:]:
            self._take(bracket)
        if self._tokens:
            raise PatternError(self._text)
        return test

    def _any(self) -> _Test:
        tests = [self._all()]
        while self._tokens[:1] == ["||"]:
            self._take("||")
            tests.append(self._all())
        return lambda event: any(test(event) for test in tests)

    def _all(self) -> _Test:
        tests = [self._one()]
        while self._tokens[:1] == ["&&"]:
            self._take("&&")
            tests.append(self._one())
        return lambda event: all(test(event) for test in tests)

    def _one(self) -> _Test:
        if self._tokens[:1] == ["("]:
            self._take("(")
            test = self._any()
            self._take(")")
            return test
        select, comparison = self._select(self._take()), self._take()
        if comparison in _COMPARED:
            compare = _comparison(comparison, self._take())
            return lambda event: any(compare(value) for value in select(event))
        words = f"{comparison} {self._take()}".upper()
        if words == "NOT EXISTS":
            return lambda event: not select(event)
        expected = {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}
        if words not in expected:
            raise PatternError(self._text)
        return lambda event: any(value is expected[words] for value in select(event))

    def _take(self, expected: str | None = None) -> str:
        token = str(self._tokens.pop(0)) if self._tokens else ""
        if not token or expected not in {None, token}:
            raise PatternError(self._text)
        return token


def _comparison(how: str, wanted: str) -> _Test:
    if how in {"=", "!="} and (len(wanted) > 1 and wanted[0] == wanted[-1] == "%"):
        expression = re.compile(wanted[1:-1])
        return lambda value: (expression.search(str(value)) is not None) is (how == "=")
    number = None if wanted.startswith('"') else _number(wanted)
    if number is not None:
        compare = _COMPARED[how]

        def compares(value: Any) -> bool:
            other = _number(value)
            return how == "!=" if other is None else compare(other, number)

        return compares
    if how not in {"=", "!="}:
        raise PatternError(wanted)
    like = re.compile(translate(re.sub(r"([\[?])", r"[\1]", _unquoted(wanted))))
    return lambda value: (isinstance(value, str) and like.match(value) is not None) is (how == "=")


def _selected(selector: str) -> Callable[[Any], Sequence[Any]]:
    steps = [name or quoted or index for name, index, quoted in _STEP.findall(selector)]
    if not selector.startswith("$"):
        raise PatternError(selector)

    def select(event: Any) -> Sequence[Any]:
        found = [event]
        for step in steps:
            found = [inner for value in found for inner in _within(value, step)]
        return found

    return select


def _within(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[step]] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return value
        if step.isdecimal() and int(step) < len(value):
            return [value[int(step)]]
    return []


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
