"""botocore's reading of an answer, compiled for each operation: what its parser gives, in a fraction of the time.

botocore's parser asks the model anew at each value. Here the model is asked once for each shape that occurs; numbers,
timestamps and blobs are given to the parser's own methods. Event streams and errors are left to botocore altogether.
"""

# ruff: noqa: SLF001 - what is repeated here is private to the library

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from operator import methodcaller
from types import FunctionType
from typing import Any

from lambda_states_mock import private_names

Decode = Callable[[Any], Any]
Stream = Callable[[Any, Any], Any]
Reader = Callable[[Any, Stream], dict[str, Any]]
"""Reads a response. The other parameter makes the body of a stream, of what is read and its length."""
PARSERS = {
    ("botocore.parsers", "RestJSONParser"),
    ("aiobotocore.parsers", "AioRestJSONParser"),
    ("aiobotocore.parsers", "RestJSONParser"),
}
_AS_THEY_ARE = {"string": str, "boolean": bool, "integer": int, "long": int}
"""Values that the parser gives back unchanged, if JSON had them in this type."""


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
    if not private_names.allows("adapters.answer_reading", "reader"):
        return None
    if not all(type(part) is FunctionType for kind in type(parser).__mro__ for part in _methods_of(kind)):
        return None  # somebody has replaced one
    members = {} if shape is None else shape.members
    elsewhere = {name: member for name, member in members.items() if "location" in member.serialization}
    add_members = _elsewhere(parser, elsewhere) if elsewhere else None
    payload = None if shape is None else shape.serialization.get("payload")
    decode = None if shape is None else _structure(parser, shape)

    def read(http: Any, stream: Stream) -> dict[str, Any]:
        lower = {}
        for name, value in http.raw.headers.items():  # not a comprehension: before Python 3.12 each is a call
            lower[name.lower()] = value
        metadata: dict[str, Any] = {}
        if "x-amzn-requestid" in lower:
            metadata["RequestId"] = lower["x-amzn-requestid"]
        parsed = {"ResponseMetadata": metadata}
        if add_members is not None:
            add_members(parsed, http.status_code, lower)
        if payload is not None:
            parsed[payload] = stream(http.raw, lower.get("content-length"))
        elif decode is not None:
            body = http.raw.getvalue()
            parsed.update(decode(json.loads(body.decode()) if body else {}))
        metadata["HTTPStatusCode"] = http.status_code
        metadata["HTTPHeaders"] = lower
        return parsed

    return read


def _elsewhere(parser: Any, members: Mapping[str, Any]) -> Callable[[dict[str, Any], int, Mapping[str, str]], None]:
    """Return what adds *members* to an answer that are not in its body: of the status and the headers."""
    fields = [
        (name, member.serialization.get("name", name).lower(), member.serialization["location"], _leaf(parser, member))
        for name, member in members.items()
    ]

    def add(parsed: dict[str, Any], status: int, headers: Mapping[str, str]) -> None:
        for name, header, location, decode in fields:
            if location == "statusCode":
                parsed[name] = decode(status)
            elif header in headers:
                parsed[name] = decode(headers[header])

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


def _decoder(parser: Any, shape: Any) -> Decode:
    kind = shape.type_name
    if kind == "structure" and not getattr(shape, "is_document_type", False):
        return _by_parser(parser, shape) if getattr(shape, "is_tagged_union", False) else _structure(parser, shape)
    if kind == "list":
        return _list(parser, shape)
    if kind == "map":
        return _map(parser, shape)
    return _leaf(parser, shape)


def _by_parser(parser: Any, shape: Any) -> Decode:
    """Return botocore's own reading of a value of *shape*."""
    return lambda value: parser._parse_shape(shape, value)


def _leaf(parser: Any, shape: Any) -> Decode:
    parse, expected = _by_parser(parser, shape), _AS_THEY_ARE.get(shape.type_name)
    return parse if expected is None else lambda value: value if type(value) is expected else parse(value)


def _structure(parser: Any, shape: Any) -> Decode:
    members: Mapping[str, Any] = shape.members
    fields = [(name, member.serialization.get("name", name)) for name, member in members.items()]
    decoders: dict[str, Decode] = {}  # made when a member first occurs: most never do
    unchanged = {name: _AS_THEY_ARE.get(member.type_name) for name, member in members.items()}

    def decode(value: Any) -> Any:
        if type(value) is not dict:
            return parser._parse_shape(shape, value)
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
                    decoder = decoders[name] = _decoder(parser, members[name])
                parsed[name] = decoder(item)
        return parsed

    return decode


def _list(parser: Any, shape: Any) -> Decode:
    decode, whole = _decoder(parser, shape.member), _by_parser(parser, shape)
    unchanged = _AS_THEY_ARE.get(shape.member.type_name)

    def decode_list(value: Any) -> Any:
        if type(value) is not list or None in value:
            return whole(value)
        parsed = []
        for item in value:
            parsed.append(item if type(item) is unchanged else decode(item))  # noqa: PERF401
        return parsed

    return decode_list


def _map(parser: Any, shape: Any) -> Decode:
    key, decode, whole = _decoder(parser, shape.key), _decoder(parser, shape.value), _by_parser(parser, shape)

    def decode_map(value: Any) -> Any:
        if type(value) is not dict or None in value.values():
            return whole(value)
        return {key(name): decode(item) for name, item in value.items()}

    return decode_map
