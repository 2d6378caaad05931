"""Decoders from wire values to parameters, one per shape, compiled once.

Two families: `text_decoder` for values that travel as text (labels, query strings, headers) and `json_decoder` for
values inside a JSON body. A value of the wrong JSON type is AWS's ``SerializationException``; constraints are checked
elsewhere. Members that the model does not know are ignored, as AWS does; a null member is an absent member.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from lambda_states_mock.api_model import Shape
from lambda_states_mock.instants import EPOCH
from lambda_states_mock.json_reading import read_json
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.service_errors import ServiceError

Decoder = Callable[[Any], Any]

_NUMBER = compile_later(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_INTEGER = compile_later(r"[-+]?\d+", re.ASCII)
_ISO = compile_later(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_LONGEST_INTEGER = 100  # digits: far beyond a long, far below what Python refuses to read
_NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def malformed(message: str) -> ServiceError:
    """Return AWS's answer to a request that does not fit the operation's shapes (I: texts of other Coral services)."""
    return ServiceError("SerializationException", message, type=None, status=400)


# --- values that travel as text


def text_decoder(shape: Shape) -> Decoder:
    """Return the decoder for a label, query part or header of *shape*, from text."""
    if shape.traits.get("jsonvalue"):
        return _json_value
    return _TEXT.get(shape.type_name, str)


def _same(value: Any) -> Any:
    return value


def _text_number(bits: int, wanted: str) -> Decoder:
    largest = 2 ** (bits - 1)

    def decode(text: str) -> int:
        if not _INTEGER.fullmatch(text) or len(text) > _LONGEST_INTEGER or not -largest <= int(text) < largest:
            raise malformed(f"'{text}' can not be converted to {wanted}")
        return int(text)

    return decode


def _text_double(text: str) -> float:
    if text in _NON_FINITE:
        return _NON_FINITE[text]
    if not _NUMBER.fullmatch(text):
        raise malformed(f"'{text}' can not be converted to a Double")
    return float(text)


def _text_boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        raise malformed(f"'{text}' can not be converted to a Boolean")
    return lowered == "true"


def _text_blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise malformed("Invalid base64 in a blob") from None


def _json_value(text: str) -> Any:
    try:
        return read_json(_text_blob(text).decode())
    except (ValueError, RecursionError):
        raise malformed("Invalid JSON in a header") from None


def _text_timestamp(text: str) -> datetime:
    if _NUMBER.fullmatch(text):
        return _from_epoch(float(text))
    match = _ISO.fullmatch(text)
    if match is not None:
        return _from_iso(match)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise malformed(f"'{text}' is no timestamp") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _from_epoch(seconds: float) -> datetime:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):  # too far away, or NaN
        raise malformed(f"'{seconds}' is no timestamp") from None


def _from_iso(match: re.Match[str]) -> datetime:
    day, time, fraction, zone = match.groups()
    micros = (fraction or "0")[:6].ljust(6, "0")
    offset = "+00:00" if zone in {None, "Z", "z"} else f"{zone[:3]}:{zone[-2:]}"
    try:
        return datetime.fromisoformat(f"{day}T{time}.{micros}{offset}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise malformed(f"'{match.group()}' is no timestamp") from None


_TEXT: dict[str, Decoder] = {
    "integer": _text_number(32, "an Integer"),
    "long": _text_number(64, "a Long"),
    "float": _text_double,
    "double": _text_double,
    "boolean": _text_boolean,
    "timestamp": _text_timestamp,
    "blob": _text_blob,
}


# --- values inside a JSON body


def json_decoder(shape: Shape) -> Decoder:
    """Return the decoder for a value of *shape* that `json.loads` gave."""
    kind = shape.type_name
    if kind == "structure":
        return _json_structure(shape)
    if kind == "list":
        return _json_list(json_decoder(shape.member))
    if kind == "map":
        return _json_map(json_decoder(shape.value))
    return _JSON.get(kind, _same)


def _json_structure(shape: Shape) -> Decoder:
    if shape.traits.get("document"):
        return _same
    known = {member.wire_name(name): (name, json_decoder(member)) for name, member in shape.members.items()}

    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _unexpected(value, "a structure")
        result = {}
        for key, item in value.items():
            if item is not None and key in known:
                name, decode_member = known[key]
                result[name] = decode_member(item)
        return result

    return decode


def _json_list(decode_item: Decoder) -> Decoder:
    def decode(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _unexpected(value, "a list")
        return [item if item is None else decode_item(item) for item in value]

    return decode


def _json_map(decode_value: Decoder) -> Decoder:
    def decode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _unexpected(value, "a map")
        return {key: item if item is None else decode_value(item) for key, item in value.items()}

    return decode


def _json_string(value: Any) -> str:
    if type(value) is not str:
        raise _unexpected(value, "a String")
    return value


def _json_boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _unexpected(value, "a Boolean")
    return value


def _json_number(bits: int, wanted: str) -> Decoder:
    largest = 2 ** (bits - 1)

    def decode(value: Any) -> int:
        if type(value) is int or (type(value) is float and value.is_integer()):
            number = int(value)
            if -largest <= number < largest:
                return number
        raise _unexpected(value, wanted)

    return decode


def _json_double(value: Any) -> float:
    if type(value) in (float, int) and abs(value) <= sys.float_info.max:
        return float(value)
    if isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    raise _unexpected(value, "a Double")


def _json_blob(value: Any) -> bytes:
    return _text_blob(_json_string(value))


def _json_timestamp(value: Any) -> datetime:
    if type(value) in (float, int):
        return _from_epoch(value)
    return _text_timestamp(_json_string(value))


_JSON: dict[str, Decoder] = {
    "string": _json_string,
    "character": _json_string,
    "boolean": _json_boolean,
    "integer": _json_number(32, "an Integer"),
    "long": _json_number(64, "a Long"),
    "float": _json_double,
    "double": _json_double,
    "blob": _json_blob,
    "timestamp": _json_timestamp,
}


def _unexpected(value: Any, wanted: str) -> ServiceError:
    if isinstance(value, dict):
        return malformed("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return malformed("Start of list found where not expected")
    return malformed(f"{_token_of(value)}_VALUE can not be converted to {wanted}")


def _token_of(value: Any) -> str:
    """Return what kind of JSON token *value* was."""
    if value is None or isinstance(value, bool):
        return json.dumps(value).upper()
    return "STRING" if isinstance(value, str) else "NUMBER"
