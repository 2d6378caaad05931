"""Frames of ``application/vnd.amazon.eventstream``, the body of InvokeWithResponseStream's answer.

A frame: total length, length of the headers, CRC of these two; headers; payload; CRC of all before it. Numbers are
big-endian 32-bit. A header: length of the name (one byte), name, type 7 (text), length of the value (two bytes), value.
Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html and the Smithy specification
"Amazon Event Stream".
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Iterable, Mapping
from struct import pack
from typing import Any

from lambda_states_mock.api_model import Shape
from lambda_states_mock.wire.encode import dump, payload_encoder, structure_encoder, text_encoder

_TEXT = 7
_CONTENT_TYPES = {"blob": "application/octet-stream", "string": "text/plain"}

Framer = Callable[[Mapping[str, Any]], bytes]


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return one frame with text *headers* and *payload*."""
    head = b"".join(map(_header, headers.items()))
    prelude = pack("!II", 16 + len(head) + len(payload), len(head))
    message = prelude + pack("!I", crc32(prelude)) + head + payload
    return message + pack("!I", crc32(message))


def _header(item: tuple[str, str]) -> bytes:
    name, value = (part.encode("utf-8") for part in item)
    return pack("!B", len(name)) + name + pack("!BH", _TEXT, len(value)) + value


def stream_encoder(shape: Shape) -> Callable[[Iterable[Mapping[str, Mapping[str, Any]]]], bytes]:
    """Return the encoder of an event stream of *shape*: from events such as ``{"PayloadChunk": {...}}`` to frames."""
    framers = {name: _framer(name, member) for name, member in shape.members.items()}

    def encode(events: Iterable[Mapping[str, Mapping[str, Any]]]) -> bytes:
        return b"".join(framers[name](event) for each in events for name, event in each.items())

    return encode


def _framer(name: str, shape: Shape) -> Framer:
    kind = "exception" if shape.traits.get("exception") else "event"
    members = shape.members
    header_members = {each: text_encoder(m) for each, m in members.items() if m.traits.get("eventheader")}
    payload = next((each for each, m in members.items() if m.traits.get("eventpayload")), None)
    body = {each: m for each, m in members.items() if each not in header_members}
    encode = _payload(payload, members[payload]) if payload else _document(body)
    content_type = _CONTENT_TYPES.get(members[payload].type_name if payload else "structure", "application/json")

    def to_frame(event: Mapping[str, Any]) -> bytes:
        headers = {f":{kind}-type": name, ":content-type": content_type, ":message-type": kind}
        for each, as_text in header_members.items():
            if event.get(each) is not None:
                headers[each] = as_text(event[each])
        return frame(headers, encode(event))

    return to_frame


def _payload(name: str, shape: Shape) -> Framer:
    encode, absent = payload_encoder(shape)
    return lambda event: encode(event.get(name) or absent)


def _document(members: Mapping[str, Shape]) -> Framer:
    convert = structure_encoder(members)

    def encode(event: Mapping[str, Any]) -> bytes:
        known = {name: event[name] for name in members if event.get(name) is not None}
        return dump(convert(known) if convert else known)

    return encode
