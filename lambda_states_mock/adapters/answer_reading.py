"""botocore's reading of an answer, compiled for each operation: what its parser gives, in a fraction of the time.

botocore's parser asks the model anew at each value. Here the model is asked once for each shape that occurs. An answer
in which a value is not of the usual type is left to botocore, and so are event streams and errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from operator import methodcaller
from types import FunctionType
from typing import Any

import botocore.parsers

from lambda_states_mock import private_names

Decode = Callable[[Any], Any]
Stream = Callable[[Any, Any], Any]
Reader = Callable[[Any, Stream], "dict[str, Any] | None"]
"""Reads a response; None leaves it to botocore. The other parameter makes a stream's body, of what is read and its
length."""
PARSERS = {
    ("botocore.parsers", "RestJSONParser"),
    ("aiobotocore.parsers", "AioRestJSONParser"),
    ("aiobotocore.parsers", "RestJSONParser"),
}
_AS_THEY_ARE = {"string": str, "boolean": bool, "integer": int, "long": int, "double": float}
"""Values that the parser gives back unchanged, if JSON had them in this type."""


class _Unusual(Exception):  # noqa: N818 - never leaves this module
    """A value of another type than the model's: the parser knows what to do with it."""


class _Known:
    """What reads answers of one shape, for all clients with one *model* and the same *methods* of parsers."""

    __slots__ = ("methods", "model", "reader")

    def __init__(self, model: Any) -> None:
        self.model = model
        self.methods: list[Any] = []
        self.reader: Reader | None = None


_known: dict[tuple[type, str | None], _Known] = {}
_VALUES = methodcaller("values")


def reader_of(parser: Any, operation: Any) -> Reader | None:
    """Return what reads the answers of *operation* as *parser* does; None where that is left to *parser*.

    What is answered once is read as quickly by botocore: there is none when it is first asked for.

    Parameters: *parser*, botocore's, as it is made by default; *operation*, of its model.
    """
    shape = operation.output_shape
    key, model = (type(parser), shape and shape.name), operation.service_model.shape_names  # of its own for each model
    known = _known.get(key)
    if known is None or known.model is not model:
        _known[key] = _Known(model)
        return None
    methods = [*chain.from_iterable(map(_VALUES, map(vars, type(parser).__mro__[:-1])))]
    if known.methods != methods:
        known.methods, known.reader = methods, _made(parser, shape)
    return known.reader


def _made(parser: Any, shape: Any) -> Reader | None:
    """Return what reads answers of *shape*, the output of an operation, which is None where it has none."""
    if (type(parser).__module__, type(parser).__name__) not in PARSERS or not (shape is None or _is_plain(shape)):
        return None
    are_botocores = all(type(part) is FunctionType for kind in type(parser).__mro__ for part in _methods_of(kind))
    if not are_botocores or not private_names.allows("adapters.answer_reading", "reader"):
        return None
    members = {} if shape is None else shape.members
    elsewhere = {name: member for name, member in members.items() if "location" in member.serialization}
    add_members = _elsewhere(elsewhere) if elsewhere else None
    payload = None if shape is None else shape.serialization.get("payload")
    decode = None if shape is None else _structure(shape)

    def read(http: Any, stream: Stream) -> dict[str, Any] | None:
        lower = {}
        for name, value in http.raw.headers.items():  # not a comprehension: before Python 3.12 each is a call
            lower[name.lower()] = value
        metadata: dict[str, Any] = {}
        if "x-amzn-requestid" in lower:
            metadata["RequestId"] = lower["x-amzn-requestid"]
        parsed = {"ResponseMetadata": metadata}
        try:
            if add_members is not None:
                add_members(parsed, http.status_code, lower)
            if payload is not None:
                parsed[payload] = stream(http.raw, lower.get("content-length"))
            elif decode is not None:
                body = http.raw.getvalue()
                parsed.update(decode(json.loads(body.decode()) if body else {}))
        except _Unusual:
            return None
        metadata["HTTPStatusCode"] = http.status_code
        metadata["HTTPHeaders"] = lower
        return parsed

    return read


def _elsewhere(members: Mapping[str, Any]) -> Callable[[dict[str, Any], int, Mapping[str, str]], None]:
    """Return what adds *members* to an answer that are not in its body: of the status and the headers."""
    fields = [
        (name, member.serialization.get("name", name).lower(), member.serialization["location"], member.type_name)
        for name, member in members.items()
    ]

    def add(parsed: dict[str, Any], status: int, headers: Mapping[str, str]) -> None:
        for name, header, location, kind in fields:
            if location == "statusCode":
                parsed[name] = status
            elif header in headers:
                parsed[name] = int(headers[header]) if kind == "integer" else headers[header]

    return add


def _methods_of(kind: type) -> Iterator[Any]:
    """Yield the methods of a class of parsers, and what stands in the place of one."""
    if kind.__module__.partition(".")[0] in {"botocore", "aiobotocore"}:
        for part in vars(kind).values():
            if callable(part) and not isinstance(part, (type, staticmethod, classmethod)):
                yield part


def _is_plain(shape: Any) -> bool:
    """Return whether *shape* is a JSON document or a stream, with members of the status and of headers."""
    if shape.type_name != "structure" or "eventstream" in shape.serialization:
        return False
    payload = shape.serialization.get("payload")
    return (payload is None or _is_stream(shape.members[payload])) and all(map(_is_placed, shape.members.values()))


def _is_stream(member: Any) -> bool:
    return member.type_name == "blob" and "eventstream" not in member.serialization


def _is_placed(member: Any) -> bool:
    """Return whether *member* is in the body, or a text or number elsewhere."""
    location, is_json = member.serialization.get("location"), "jsonvalue" in member.serialization
    return location is None or (
        location in {"statusCode", "header"} and member.type_name in {"string", "integer"} and not is_json
    )


def _decoder(shape: Any) -> Decode:
    kind = shape.type_name
    is_special = getattr(shape, "is_document_type", False) or getattr(shape, "is_tagged_union", False)
    if kind == "structure" and not is_special:
        return _structure(shape)
    if kind == "list":
        return _list(shape)
    if kind == "map":
        return _map(shape)
    return _leaf(kind)


def _leaf(kind: str) -> Decode:
    if kind == "timestamp":
        parse_timestamp: Decode = botocore.parsers.DEFAULT_TIMESTAMP_PARSER
        return parse_timestamp
    expected = _AS_THEY_ARE.get(kind)

    def unchanged(value: Any) -> Any:
        if type(value) is not expected:
            raise _Unusual
        return value

    return unchanged


def _structure(shape: Any) -> Decode:
    members: Mapping[str, Any] = shape.members
    fields = [(name, member.serialization.get("name", name)) for name, member in members.items()]
    decoders: dict[str, Decode] = {}  # made when a member first occurs: most never do
    unchanged = {name: _AS_THEY_ARE.get(member.type_name) for name, member in members.items()}

    def decode(value: Any) -> Any:
        if type(value) is not dict:
            raise _Unusual
        parsed = {}
        for name, wire in fields:
            if wire in value:
                item = value[wire]
                if item is None:
                    continue
                if type(item) is unchanged[name]:
                    parsed[name] = item
                    continue
                decoder = decoders.get(name)
                if decoder is None:
                    decoder = decoders[name] = _decoder(members[name])
                parsed[name] = decoder(item)
        return parsed

    return decode


def _list(shape: Any) -> Decode:
    decode = _decoder(shape.member)
    unchanged = _AS_THEY_ARE.get(shape.member.type_name)

    def decode_list(value: Any) -> Any:
        if type(value) is not list or None in value:
            raise _Unusual
        parsed = []
        for item in value:
            parsed.append(item if type(item) is unchanged else decode(item))  # noqa: PERF401
        return parsed

    return decode_list


def _map(shape: Any) -> Decode:
    key, decode = _decoder(shape.key), _decoder(shape.value)

    def decode_map(value: Any) -> Any:
        if type(value) is not dict or None in value.values():
            raise _Unusual
        return {key(name): decode(item) for name, item in value.items()}

    return decode_map
