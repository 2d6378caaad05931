"""A check of results against the model: `serialise` itself trusts the operations, to be quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.api_model import Shape, operation_model
from lambda_states_mock.errors import LambdaMockError, nearest


class ImpossibleResultError(LambdaMockError):
    """An operation gave a result that AWS's model does not allow: a defect of this package."""


def check_result(operation: str, result: Mapping[str, Any]) -> None:
    """Check that *result* is one that *operation* can have: known members, exact types, values of enums.

    Errors: ImpossibleResultError that lists everything wrong with it.
    """
    shape = operation_model(operation).output_shape
    problems = list(_structure(shape, result, operation))
    if problems:
        raise ImpossibleResultError(
            f"{operation} gave a result that AWS's model does not allow:\n  " + "\n  ".join(problems)
        )


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.traits.get("eventstream"):
        for number, event in enumerate(value):
            yield from _structure(shape, event, f"{path}[{number}]")
    elif shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif not _RIGHT[shape.type_name](value):
        yield f"{path}: {value!r} is a {type(value).__name__}, the model has a {shape.type_name} there"
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from _problems(shape.member, item, f"{path}[{number}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path} key {key!r}")
            yield from _problems(shape.value, item, f"{path}[{key!r}]")
    elif shape.traits.get("enum") and value not in shape.traits["enum"]:
        yield f"{path}: {value!r} is none of {', '.join(shape.traits['enum'])}"


def _structure(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: {value!r} is a {type(value).__name__}, the model has a structure there"
        return
    members = shape.members
    for name, item in value.items():
        if name not in members:
            yield f"{path}.{name}: the model has no such member.{nearest(name, members)}"
        else:
            yield from _problems(members[name], item, f"{path}.{name}")
    for name in sorted(shape.required):
        if name not in value:
            yield f"{path}.{name}: it is missing, and the model requires it"


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in types


_RIGHT: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "character": lambda value: isinstance(value, str),
    "integer": _is(int),
    "long": _is(int),
    "float": _is(float, int),
    "double": _is(float, int),
    "boolean": _is(bool),
    "blob": _is(bytes, bytearray),
    "timestamp": lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    "list": lambda value: isinstance(value, list | tuple),
    "map": lambda value: isinstance(value, Mapping),
}
