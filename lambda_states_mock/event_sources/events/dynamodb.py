"""The event of DynamoDB streams (recorded).

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.instants import epoch_seconds

Image = Mapping[str, Mapping[str, Any]]


def dynamodb_record(record: StreamRecord, stream_arn: str) -> dict[str, Any]:
    """Return one member of ``Records``.

    Parameters: *record*, whose data has ``Keys`` and, as the view type says, ``NewImage`` and ``OldImage``; its
    ``more`` has ``eventName``, ``StreamViewType``, and of what a TTL has deleted ``userIdentity``.
    """
    # moto 5.0 has an empty image where there is none.
    images = {name: _shown(found) for name in ("Keys", "NewImage", "OldImage") if (found := record.data.get(name))}
    shown: dict[str, Any] = {
        "eventID": record.more.get("eventID") or _event_id(record),
        "eventName": record.more["eventName"],
        "eventVersion": "1.1",  # recorded; the guide's sample says 1.0
        "eventSource": "aws:dynamodb",
        "awsRegion": stream_arn.split(":", 4)[3],
        "dynamodb": {
            "ApproximateCreationDateTime": float(epoch_seconds(record.arrived)),
            **images,
            "SequenceNumber": record.sequence,
            "SizeBytes": sum(map(_size, record.data.values())),
            "StreamViewType": record.more.get("StreamViewType", "NEW_AND_OLD_IMAGES"),
        },
        "eventSourceARN": stream_arn,
    }
    if record.more.get("userIdentity"):
        shown["userIdentity"] = record.more["userIdentity"]
    return shown


def _event_id(record: StreamRecord) -> str:
    return hashlib.md5(f"{record.shard}:{record.sequence}".encode(), usedforsecurity=False).hexdigest()


def _shown(value: Any) -> Any:
    """Return an attribute value as in JSON: bytes are base64 there."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, (set, frozenset)):  # in one order, whatever the hashes are
        value = sorted(value)
    return [_shown(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _size(image: Image) -> int:
    """Return the bytes of an item: its names and values (item sizes of DynamoDB's guide)."""
    return sum(len(name.encode()) + _value_size(value) for name, value in image.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind in _SCALAR_SIZES:
        return _SCALAR_SIZES[kind](content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(inner) for name, inner in content.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(inner) for inner in content)
    return sum(_value_size({kind[0]: inner}) for inner in content)


_SCALAR_SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": lambda content: len(str(content).encode()),
    "N": lambda content: (len(str(content).lstrip("-").replace(".", "")) + 1) // 2 + 1,
    "B": len,
    "BOOL": lambda _content: 1,
    "NULL": lambda _content: 1,
}
