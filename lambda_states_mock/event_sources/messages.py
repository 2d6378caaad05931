"""What pollers read: messages of queues and records of streams, the same from whichever source."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.function import NOTHING

Attributes = Mapping[str, Mapping[str, Any]]  # DataType, and StringValue or BinaryValue (bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMessage:
    """A message as a queue gives it out.

    Attributes: *handle*, by which it is deleted; *receives*, how often it was received, this time included;
    *hidden_until*, when the queue gives it out again, None where that is not known; *system*, further attributes
    of the queue's own, in its words.
    """

    id: str
    body: str
    handle: str
    sent: datetime
    first_received: datetime
    receives: int = 1
    hidden_until: datetime | None = None
    sender: str = "AIDAIENQZJOLO23YVJ4VO"
    attributes: Attributes = field(default_factory=lambda: NOTHING)
    system: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """A record of a stream, topic or change stream.

    Attributes: *shard*, the shard or partition; *position*, its place there, growing; *sequence*, how the source names
    that place; *key*, by which records stay in order; *data*, bytes, or a mapping where the source has structure.
    """

    shard: str
    position: int
    sequence: str
    arrived: datetime
    data: Any
    key: str = ""
    more: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


def md5_of_attributes(attributes: Attributes) -> str:
    """Return the digest that SQS gives of message attributes (sqs-message-metadata.html)."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        for text in (name, value["DataType"]):
            _add(digest, text.encode())
        if "StringValue" in value:
            digest.update(b"\x01")
            _add(digest, str(value["StringValue"]).encode())
        else:
            digest.update(b"\x02")
            _add(digest, bytes(value["BinaryValue"]))
    return digest.hexdigest()


def _add(digest: Any, data: bytes) -> None:
    digest.update(struct.pack("!I", len(data)))
    digest.update(data)
