"""Compare an answer of ours with a recorded one, field by field.

What differs from run to run is a placeholder in the recording. ``<name:n>`` takes any value at its first sight and must
be the same from then on; two placeholders of one name are two values. ``<name>`` is any value. Some words stand for any
value of a kind (``date``, ``<code-size>``...). All else must be equal, and the same keys must be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ACCOUNT = "123456789012"
"""What we answer with where a recording says 111111111111."""

_FIXED = {"<partition>": "aws", "<region>": "us-east-1", "111111111111": ACCOUNT}
_TOKEN = re.compile(
    r"<a:len\((?P<length>\d+)\)>|<(?P<name>[A-Za-z_][A-Za-z0-9_ -]*)(?::(?P<number>\d+))?>|(?P<account>1{12})"
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_SEVERAL_ERRORS = re.compile(r"(?P<count>\d+) validation errors? detected: (?P<errors>.*)", re.DOTALL)

ABSENT = object()
"""In place of a value that one side does not have."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where our answer is not the recorded one; *recorded* or *answered* may be ABSENT."""

    path: str
    recorded: Any
    answered: Any
    note: str = ""

    def __str__(self) -> str:
        if self.answered is ABSENT:
            text = f"{self.path}: missing, recorded {_shown(self.recorded)}"
        elif self.recorded is ABSENT:
            text = f"{self.path}: extra, answered {_shown(self.answered)}"
        else:
            text = f"{self.path}: recorded {_shown(self.recorded)}, answered {_shown(self.answered)}"
        return f"{text} ({self.note})" if self.note else text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 1000 else f"{text[:1000]}... ({len(text)} characters)"


class Bindings:
    """What the numbered placeholders of one sequence stand for."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}

    def get(self, name: str, number: str) -> Any:
        """Return the value of ``<name:number>``, or ABSENT when it was not seen yet."""
        return self._values.get((name, number), ABSENT)

    def bind(self, name: str, number: str, value: Any) -> str:
        """Let ``<name:number>`` stand for *value*; return what is wrong with that, or an empty string."""
        for (other_name, other_number), other_value in self._values.items():
            if other_name == name and other_number != number and other_value == value:
                return f"<{name}:{number}> is the same as <{name}:{other_number}>"
        self._values[name, number] = value
        return ""


def compare(recorded: Any, answered: Any, bindings: Bindings, *, path: str = "") -> list[Difference]:
    """Return how *answered* differs from *recorded*; new placeholders are bound in *bindings*.

    Parameters: *answered*, an answer as boto3 returns it, the ``response`` of a ``ClientError``, or the text of a
    ``ParamValidationError``; *path*, where in the answer the two values are.
    """
    if isinstance(recorded, Mapping):
        return _compare_mappings(recorded, _as_structure(answered), bindings, path)
    if isinstance(recorded, list):
        return _compare_lists(recorded, _as_structure(answered), bindings, path)
    if isinstance(recorded, str):
        return _compare_text(recorded, answered, bindings, path)
    if type(recorded) is bool or type(answered) is bool:
        return [] if recorded is answered else [Difference(path, recorded, answered)]
    return [] if recorded == answered else [Difference(path, recorded, answered)]


def _as_structure(answered: Any) -> Any:
    """Return JSON documents that AWS answers as text (policies, statements) as what they say."""
    if not isinstance(answered, (str, bytes)):
        return answered
    try:
        return json.loads(answered)
    except ValueError:
        return answered


def _compare_mappings(recorded: Mapping[str, Any], answered: Any, bindings: Bindings, path: str) -> list[Difference]:
    if not isinstance(answered, Mapping):
        return [Difference(path, dict(recorded), answered)]
    if not path and ("Error" in recorded) != ("Error" in answered):
        # One sentence says more than a list of all members.
        return [Difference("answer", _outcome(recorded), _outcome(answered))]
    if path == "ResponseMetadata":
        recorded, answered = _status_alone(recorded), _status_alone(answered)
    if {"Code", "Count", "Errors"} == set(recorded):
        answered = validation_errors(answered)
    found: list[Difference] = []
    for key in [*recorded, *(key for key in answered if key not in recorded)]:
        place = f"{path}.{key}" if path else str(key)
        if key not in answered:
            found.append(Difference(place, recorded[key], ABSENT))
        elif key not in recorded:
            found.append(Difference(place, ABSENT, answered[key]))
        else:
            found += compare(recorded[key], answered[key], bindings, path=place)
    return found


def _outcome(answer: Mapping[str, Any]) -> Any:
    return {"Error": answer["Error"]} if "Error" in answer else "success"


def _status_alone(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key == "HTTPStatusCode"}


def validation_errors(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an ``Error`` that lists validation errors as its code, their number and the sorted errors.

    Any other is returned as it is.
    """
    listed = _SEVERAL_ERRORS.fullmatch(str(error.get("Message", "")))
    if listed is None:
        return error
    errors = sorted(re.split(r"; (?=Value )", listed["errors"]))
    return {"Code": error.get("Code"), "Count": int(listed["count"]), "Errors": errors}


def _compare_lists(recorded: list[Any], answered: Any, bindings: Bindings, path: str) -> list[Difference]:
    if isinstance(answered, Mapping):
        # Where every value differs from account to account, the recording has the keys alone.
        answered = sorted(answered)
    if not isinstance(answered, list):
        return [Difference(path, recorded, answered)]
    found: list[Difference] = []
    for index in range(max(len(recorded), len(answered))):
        place = f"{path}[{index}]"
        if index >= len(answered):
            found.append(Difference(place, recorded[index], ABSENT))
        elif index >= len(recorded):
            found.append(Difference(place, ABSENT, answered[index]))
        else:
            found += compare(recorded[index], answered[index], bindings, path=place)
    return found


_KINDS = {
    "date": lambda value: isinstance(value, str) and _ISO_DATE.fullmatch(value) is not None,
    "datetime": lambda value: isinstance(value, datetime),
    "timestamp": lambda value: isinstance(value, (datetime, int, float)),
    "lambda-url": lambda value: isinstance(value, str) and value.startswith("https://"),
    "<location>": lambda value: isinstance(value, str) and value.startswith("https://"),
    "<layer-location>": lambda value: isinstance(value, str) and value.startswith("https://"),
    "<code-size>": lambda value: type(value) is int and value >= 0,
}
"""Words of a recording that stand for any value of a kind."""


def _compare_text(recorded: str, answered: Any, bindings: Bindings, path: str) -> list[Difference]:
    if recorded in _KINDS:
        return [] if _KINDS[recorded](answered) else [Difference(path, recorded, answered)]
    whole = _TOKEN.fullmatch(recorded)
    if whole and whole["name"] and whole["number"] is None and recorded not in _FIXED:
        return []
    if not isinstance(answered, str):
        return [Difference(path, recorded, answered)]
    if all(_known_text(token, bindings) is not None for token in _TOKEN.finditer(recorded)):
        wanted = _with_values(recorded, bindings)
        return [] if answered == wanted else [Difference(path, wanted, answered)]
    pattern, unbound = _pattern(recorded, bindings)
    match = re.fullmatch(pattern, answered, re.DOTALL)
    if match is None:
        return [Difference(path, _with_values(recorded, bindings), answered)]
    problems = [bindings.bind(name, number, match[group]) for group, (name, number) in unbound.items()]
    return [Difference(path, recorded, answered, note=problem) for problem in problems if problem]


def _pattern(recorded: str, bindings: Bindings) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return the regular expression for a recorded text, and its group names -> placeholders to be bound."""
    unbound: dict[str, tuple[str, str]] = {}
    groups: dict[tuple[str, str], str] = {}

    def expression(token: re.Match[str]) -> str:
        known = _known_text(token, bindings)
        if known is not None:
            return re.escape(known)
        if token["number"] is None:
            return ".+?"
        placeholder = (token["name"], token["number"])
        if placeholder in groups:
            return f"(?P={groups[placeholder]})"
        group = groups[placeholder] = f"p{len(groups)}"
        unbound[group] = placeholder
        return f"(?P<{group}>.+?)"

    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(recorded):
        pieces += [re.escape(recorded[end : token.start()]), expression(token)]
        end = token.end()
    return "".join([*pieces, re.escape(recorded[end:])]), unbound


def _known_text(token: re.Match[str], bindings: Bindings) -> str | None:
    """Return what a token of a recorded text stands for, or None when that is still open."""
    if token["length"]:
        return "a" * int(token["length"])
    if token[0] in _FIXED:
        return _FIXED[token[0]]
    value = bindings.get(token["name"], token["number"]) if token["number"] else ABSENT
    return None if value is ABSENT else str(value)


def _with_values(recorded: str, bindings: Bindings) -> str:
    """Return a recorded text as we should have answered it, as far as that is known: easier to compare by eye."""
    return _TOKEN.sub(
        lambda token: known if (known := _known_text(token, bindings)) is not None else token[0], recorded
    )
