"""From an HTTP request to the parameters that boto3 would have been given. The twin of `serialise`.

A parser is compiled per operation on first use: it knows which labels, query parts and headers the operation has, and
does nothing about those that it has not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from lambda_states_mock.api_model import ModelledOperation, Shape, operation_model
from lambda_states_mock.json_reading import read_json
from lambda_states_mock.wire.decode import Decoder, json_decoder, malformed, text_decoder
from lambda_states_mock.wire.http import HttpRequest
from lambda_states_mock.wire.routes import label_names, label_pattern, nowhere

Params = dict[str, Any]
Reader = Callable[[HttpRequest, Params], None]


class Field(NamedTuple):
    """A member that travels outside the body: its name for boto3, and how its text is read."""

    member: str
    decode: Decoder
    is_list: bool


def parse(operation: str, request: HttpRequest) -> Params:
    """Return the parameters of *request*, as boto3 would take them.

    Parameters: *operation*, the name of the operation that the request is for; *request*, the message.
    Blobs are bytes, timestamps are aware datetimes; an empty payload is an absent one.
    Errors: ServiceError (``SerializationException``, 400) for what cannot be read into the operation's shapes.
    """
    params: Params = {}
    for read in _readers(operation):
        read(request, params)
    return params


@cache
def _readers(operation: str) -> tuple[Reader, ...]:
    return compile_readers(operation_model(operation))


def compile_readers(operation: ModelledOperation) -> tuple[Reader, ...]:
    """Return the steps that read a request of *operation*: labels, query, headers, body; absent ones are left out."""
    shape = operation.input_shape
    by_location: dict[str | None, dict[str, Shape]] = {}
    for name, member in shape.members.items():
        by_location.setdefault(member.location, {})[name] = member
    payload = shape.traits.get("payload")
    compilers: dict[str | None, Callable[[dict[str, Shape]], Reader]] = {
        "uri": partial(_labels, operation),
        "querystring": _query,
        "header": _headers,
        "headers": _header_maps,
        None: partial(_payload, payload, shape) if payload else partial(_body, shape),
    }
    return tuple(compiled(by_location[place]) for place, compiled in compilers.items() if place in by_location)


def _labels(operation: ModelledOperation, members: dict[str, Shape]) -> Reader:
    fullmatch = label_pattern(operation)
    by_label = {member.wire_name(name): (name, text_decoder(member)) for name, member in members.items()}
    fields = tuple(by_label[label] for label in label_names(operation))

    def read(request: HttpRequest, params: Params) -> None:
        match = fullmatch(request.path)
        if match is None:
            raise nowhere()
        for (name, decode), text in zip(fields, match.groups(), strict=True):
            params[name] = decode(unquote(text) if "%" in text else text)

    return read


def _query(members: dict[str, Shape]) -> Reader:
    maps = [name for name, member in members.items() if member.type_name == "map"]
    fields = {member.wire_name(name): _field(name, member) for name, member in members.items() if name not in maps}

    def read(request: HttpRequest, params: Params) -> None:
        if not request.query:
            return
        for key, text in parse_qsl(request.query, keep_blank_values=True):
            field = fields.get(key)
            if field is None:
                for name in maps:
                    params.setdefault(name, {})[key] = text
            elif field.is_list:
                params.setdefault(field.member, []).append(field.decode(text))
            else:
                params[field.member] = field.decode(text)

    return read


def _field(name: str, member: Shape) -> Field:
    if member.type_name == "list":
        return Field(name, text_decoder(member.member), True)
    return Field(name, text_decoder(member), False)


def _headers(members: dict[str, Shape]) -> Reader:
    fields = [(member.wire_name(name).lower(), _field(name, member)) for name, member in members.items()]

    def read(request: HttpRequest, params: Params) -> None:
        headers = request.lower or request.lower_headers()
        for header, field in fields:
            text = headers.get(header)
            if text is None:
                continue
            if field.is_list:
                params[field.member] = [field.decode(item) for item in split_list(text)]
            else:
                params[field.member] = field.decode(text)

    return read


def _header_maps(members: dict[str, Shape]) -> Reader:
    prefixes = [(member.wire_name(name).lower(), name) for name, member in members.items()]

    def read(request: HttpRequest, params: Params) -> None:
        for header, text in request.lower_headers().items():
            for prefix, name in prefixes:
                if header.startswith(prefix):
                    params.setdefault(name, {})[header[len(prefix) :]] = text

    return read


def split_list(text: str) -> list[str]:
    r"""Split a header list at its commas; an item in double quotes keeps its commas, ``\"`` in it is a quote."""
    items, item, quoted = [], "", False
    characters = iter(text)
    for character in characters:
        if character == "\\" and quoted:
            item += next(characters, "")
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            items.append(item.strip())
            item = ""
        else:
            item += character
    return [*items, item.strip()]


def _payload(name: str, shape: Shape, members: dict[str, Shape]) -> Reader:
    decode: Decoder
    member = members[name]
    if member.type_name == "blob":
        decode = bytes
    elif member.type_name == "string":
        decode = _text
    else:
        decode_json = json_decoder(member)

        def decode(body: bytes) -> Any:
            return decode_json(_json(body))

    required = name in shape.required

    def read(request: HttpRequest, params: Params) -> None:
        # botocore sends b"" or b"{}" for a payload that was not given: empty means absent unless it must be there.
        value = decode(request.body) if request.body or required else None
        if value or required:
            params[name] = value

    return read


def _body(shape: Shape, members: dict[str, Shape]) -> Reader:
    decode = json_decoder(shape)
    elsewhere = shape.members.keys() - members.keys()

    def read(request: HttpRequest, params: Params) -> None:
        if not request.body:
            return
        for name, value in decode(_json(request.body)).items():
            if name not in elsewhere:
                params[name] = value

    return read


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("Could not parse request body: it is not UTF-8") from None


def _json(body: bytes) -> Any:
    try:
        return read_json(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        from lambda_states_mock import json_problems  # few bodies are broken

        raise malformed(f"Could not parse request body into json: {json_problems.of(body, error)}") from None
