"""Encoders from results to wire values, one per shape, compiled once.

`json_encoder` gives None for a shape whose values `json.dumps` already writes as AWS does (no blob, timestamp or
renamed member anywhere below): the common case, which then needs no walk at all.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.api_model import Shape
from lambda_states_mock.instants import as_utc, epoch_number, http_date, iso_shortest

Encoder = Callable[[Any], Any]

_DUMP = json.JSONEncoder(separators=(",", ":")).encode


def dump(value: Any) -> bytes:
    """Return *value* as compact JSON."""
    return _DUMP(value).encode("ascii")


def timestamp(moment: datetime, form: str) -> Any:
    """Return *moment* in the model's timestamp format *form*: unixtimestamp (a number), iso8601 or rfc822 (texts)."""
    moment = as_utc(moment)
    if form == "iso8601":
        return iso_shortest(moment)
    if form == "rfc822":
        return http_date(moment)
    return epoch_number(moment)


def text_encoder(shape: Shape) -> Callable[[Any], str]:
    """Return the encoder for a header of *shape*."""
    if shape.traits.get("jsonvalue"):
        return lambda value: base64.b64encode(dump(value)).decode("ascii")
    if shape.type_name == "boolean":
        return lambda value: "true" if value else "false"
    if shape.type_name == "timestamp":
        form = shape.traits.get("timestampFormat", "rfc822")
        return lambda value: str(timestamp(value, form))
    if shape.type_name == "list":
        encode = text_encoder(shape.member)
        return lambda value: ",".join(map(encode, value))
    return str


def json_encoder(shape: Shape) -> Encoder | None:
    """Return the encoder for a value of *shape* inside JSON, or None when the value can stay as it is."""
    kind = shape.type_name
    if kind == "structure":
        return structure_encoder(shape.members)
    if kind == "list":
        of_item = json_encoder(shape.member)
        return of_item and (lambda value: value if value is None else [of_item(item) for item in value])
    if kind == "map":
        of_value = json_encoder(shape.value)
        return of_value and (lambda value: value if value is None else {k: of_value(v) for k, v in value.items()})
    if kind == "blob":
        return lambda value: value if value is None else base64.b64encode(value).decode("ascii")
    if kind == "timestamp":
        form = shape.traits.get("timestampFormat", "unixtimestamp")
        return lambda value: value if value is None else timestamp(value, form)
    return None


def structure_encoder(members: Mapping[str, Shape]) -> Encoder | None:
    """Return the encoder for a structure of which *members* travel in the body, or None when none needs care."""
    particular = {}
    for name, member in members.items():
        encode, wire = json_encoder(member), member.wire_name(name)
        if encode is not None or wire != name:
            particular[name] = (wire, encode)
    return _with_particular(particular) if particular else None


def _with_particular(particular: Mapping[str, tuple[str, Encoder | None]]) -> Encoder:
    def encode(value: Any) -> Any:
        if value is None:
            return None
        result = {}
        for key, item in value.items():
            if key in particular:
                wire, encode_member = particular[key]
                result[wire] = item if encode_member is None else encode_member(item)
            else:
                result[key] = item
        return result

    return encode


def payload_encoder(shape: Shape) -> tuple[Callable[[Any], bytes], Any]:
    """Return the encoder of a body that is one value of *shape* alone, and what stands for a value that is absent."""
    if shape.type_name == "blob":
        return bytes, b""
    if shape.type_name == "string":
        return lambda value: str(value).encode("utf-8"), ""
    convert = structure_encoder(shape.members)
    return dump if convert is None else lambda value: dump(convert(value)), {}
