"""The recordings as data: load the sequences, and turn recorded parameters into those of a real call."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .packages import make_zip

FOLDER_VARIABLE = "LAMBDA_STATES_MOCK_RECORDINGS"
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared" / "recordings"

NOT_RECORDED = object()
"""In place of an answer that the recording does not have; None and {} are answers."""


class MissingValueError(Exception):
    """A parameter refers to a value that our own answer does not have."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Here the recorded test waited until nothing was pending."""


@dataclass(frozen=True, slots=True)
class Part:
    """A recorded *value* at a path of the answer."""

    at: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a sequence; ``recorded`` and ``parts`` say what is known of AWS's answer."""

    index: int
    service: str
    operation: str
    region: str
    params: Mapping[str, Any]
    recorded: Any = NOT_RECORDED
    parts: tuple[Part, ...] = ()
    unchecked: str | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether there is anything to compare."""
        return self.recorded is not NOT_RECORDED or bool(self.parts)

    @property
    def was_sent(self) -> bool:
        """Whether AWS answered: then the recorded client had sent it, whatever botocore thinks of its parameters."""
        return isinstance(self.recorded, Mapping) or bool(self.parts)

    @property
    def sets_the_stage(self) -> bool:
        """Whether it goes to another service."""
        return self.service != "lambda"


@dataclass(frozen=True, slots=True)
class RecordedSequence:
    """Calls that were made one after another, starting from nothing."""

    name: str
    complete: bool
    steps: tuple[Call | Settle, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """Its calls without the waiting."""
        return tuple(step for step in self.steps if isinstance(step, Call))

    @property
    def roles(self) -> tuple[str, ...]:
        """ARNs of the IAM roles that Lambda calls name and no call of the sequence creates."""
        created = {call.params["RoleName"] for call in self.calls if call.operation == "CreateRole"}
        named = {str(call.params.get("Role", "")) for call in self.calls if not call.sets_the_stage}
        arns = (arn for arn in named if re.fullmatch(r"arn:aws:iam::\d{12}:role/.+", arn))
        return tuple(sorted(arn for arn in arns if arn.rpartition("/")[2] not in created))

    @property
    def handler_modules(self) -> tuple[str, ...]:
        """The files that its zips must have, without their endings."""
        handlers = (str(call.params["Handler"]) for call in self.calls if "Handler" in call.params)
        return tuple(sorted({handler.partition(".")[0] for handler in handlers})) or ("index",)

    @property
    def pages(self) -> Mapping[int, tuple[int, ...]]:
        """Index of a call -> indices of the calls that read its following pages, in order.

        Some recordings hold the items of all pages in the answer of the first call, as a paginator gives them.
        """
        following: dict[int, tuple[int, ...]] = {}
        first_of: dict[int, int] = {}
        for call in self.calls:
            marker = call.params.get("Marker")
            if isinstance(marker, Mapping) and "$ref" in marker:
                before = marker["$ref"][0]
                first = first_of[call.index] = first_of.get(before, before)
                following[first] = (*following.get(first, ()), call.index)
        return following


def recordings_folder() -> Path | None:
    """Return where the recordings are, or None when there are none.

    The environment variable ``LAMBDA_STATES_MOCK_RECORDINGS`` names the folder; else it is ``../shared/recordings``
    beside the repository.
    """
    folder = Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)
    return folder if any(folder.glob("*.jsonl")) else None


def load(folder: Path) -> tuple[RecordedSequence, ...]:
    """Return all sequences of the ``*.jsonl`` files in *folder*, in the order of files and lines."""
    files = sorted(folder.glob("*.jsonl"))
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return tuple(_sequence(json.loads(line)) for line in lines)


def _sequence(line: Mapping[str, Any]) -> RecordedSequence:
    return RecordedSequence(line["name"], line["complete"], tuple(_step(step) for step in line["calls"]))


def _step(step: Mapping[str, Any]) -> Call | Settle:
    if step.get("settle"):
        return Settle()
    return Call(
        index=step["i"],
        service=step["service"],
        operation=step["operation"],
        region=step["region"],
        params=step["params"],
        recorded=step.get("recorded", NOT_RECORDED),
        parts=tuple(Part(tuple(part["at"]), part["value"]) for part in step.get("recorded_in_part", ())),
        unchecked=step.get("unchecked"),
    )


class StandIns:
    """Ids that the neighbours gave out, in place of those that they gave out when the sequence was recorded.

    A recording names a subnet by the id of its day. The first id of a kind that is not known stands for the first one
    that the stage got, the second for the second; an id that nothing stands for is used as it is (it names what does
    not exist).
    """

    KINDS = ("vpc", "subnet", "sg")

    def __init__(self) -> None:
        self._given_out: dict[str, list[str]] = {kind: [] for kind in self.KINDS}
        self._stands_for: dict[str, str] = {}

    def offer(self, answer: object) -> None:
        """Take note of all ids in the answer of a call that sets the stage."""
        for text in _strings(answer):
            kind = self._kind(text)
            if kind and text not in self._given_out[kind] and text not in self._stands_for.values():
                self._given_out[kind].append(text)

    def replace(self, text: str) -> str:
        """Return the id that stands for *text*, or *text* itself."""
        kind = self._kind(text)
        if kind and text not in self._stands_for:
            if not self._given_out[kind]:
                return text
            self._stands_for[text] = self._given_out[kind].pop(0)
        return self._stands_for.get(text, text)

    def _kind(self, text: str) -> str | None:
        match = re.fullmatch(r"([a-z]+)-[0-9a-f]{8,17}", text)
        return match[1] if match and match[1] in self.KINDS else None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for item in value:
            yield from _strings(item)


class Parameters:
    """Turns recorded parameters into real ones, within one sequence.

    Parameters: *modules*, the files that zips must have; *stand_ins*, what to put for ids of other services.
    """

    def __init__(self, *, modules: Iterable[str] = ("index",), stand_ins: StandIns | None = None) -> None:
        self._modules = tuple(modules)
        self._stand_ins = stand_ins or StandIns()
        self._answers: dict[int, Any] = {}
        self._last_zip = b""

    def remember(self, index: int, answer: Any) -> None:
        """Keep our answer to call *index*, for parameters that refer to it."""
        self._answers[index] = answer

    def of(self, call: Call) -> dict[str, Any]:
        """Return the parameters to make *call* with.

        Raises: MissingValueError when one refers to something that our earlier answer does not have.
        """
        return {name: self._member(name, value) for name, value in call.params.items()}

    def _member(self, name: str, value: Any) -> Any:
        if name == "CodeSha256" and isinstance(value, str) and _is_sha256(value):
            # The hash of a package of the recording's day: ours has other bytes.
            return base64.b64encode(hashlib.sha256(self._last_zip).digest()).decode()
        return self._value(value)

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._made(value) if _is_made(value) else {k: self._member(k, v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, str):
            return self._stand_ins.replace(self._filled_in(value))
        return value

    def _made(self, token: Mapping[str, Any]) -> Any:
        if "$zip" in token:
            self._last_zip = make_zip(token["$zip"], size=token.get("$size", 0), modules=self._modules)
            return self._last_zip
        if "$ref" in token:
            return self._referred(token["$ref"])
        if "$base64" in token:
            return base64.b64decode(token["$base64"])
        if "$bytes" in token:
            return str(token["$bytes"]).encode()
        if "$bytes_of_size" in token:
            return b'"' + b"a" * (token["$bytes_of_size"] - 2) + b'"'
        # A text that was too long to keep: only its length matters.
        return "a" * int(token["__len__"])

    def _filled_in(self, text: str) -> str:
        """Replace each ``${[index, path...]}`` in *text* by the value it refers to."""
        filled = ""
        while "${[" in text:
            before, _, rest = text.partition("${")
            reference, end = json.JSONDecoder().raw_decode(rest)
            filled += before + str(self._referred(reference))
            text = rest[end:].removeprefix("}")
        return filled + text

    def _referred(self, reference: Sequence[Any]) -> Any:
        index, *path = reference
        value = self._answers.get(index)
        try:
            for element in path:
                value = _element(value, element)
        except (KeyError, IndexError, TypeError) as error:
            raise MissingValueError(f"our answer to call {index} has nothing at {path}: {value!r}") from error
        return value


def _element(value: Any, element: Any) -> Any:
    """Return what is at *element* of *value*, or what a ``$match`` finds in it."""
    if not isinstance(element, Mapping):
        return value[element]
    found = re.search(element["$match"], value)
    if found is None:
        raise KeyError(element["$match"])
    return found[0]


def _is_made(value: Mapping[str, Any]) -> bool:
    tokens = {"$zip", "$ref", "$base64", "$bytes", "$bytes_of_size", "__str_sha256__"}
    return not tokens.isdisjoint(value)


def _is_sha256(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == hashlib.sha256().digest_size
    except binascii.Error:
        return False
