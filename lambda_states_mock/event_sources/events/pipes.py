"""What a pipe of EventBridge hands to a function: the records of a batch, as an array.

Documented with an example of each source; records of Kinesis are flat there, and each has the origin of its batch.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEYED = ("records", "rmqMessagesByQueue")
_ENGINES = {"aws:mq": "aws:amq"}


def pipe_records(batch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records of *batch*, the event of a mapping. Raises ValueError for what no pipe reads."""
    if "eventSource" in batch and "events" not in batch:
        origin = {name: value for name, value in batch.items() if name not in (*_KEYED, "messages")}
        origin["eventSource"] = _ENGINES.get(origin["eventSource"], origin["eventSource"])
        keyed = next((batch[name] for name in _KEYED if name in batch), None)
        if keyed is None:
            return [{**origin, **message} for message in batch["messages"]]
        return [{**origin, "eventSourceKey": key, **record} for key, records in keyed.items() for record in records]
    records = batch.get("Records")
    if not records or records[0].get("eventSource") not in ("aws:sqs", "aws:kinesis", "aws:dynamodb"):
        raise ValueError(
            "a pipe reads queues, streams, topics and brokers: give it the event of one,"
            ' as in  pipe(m.events.sqs("jobs", "a", "b"))'
        )
    return [{**one["kinesis"], **_but(one, "kinesis")} if "kinesis" in one else dict(one) for one in records]


def _but(record: Mapping[str, Any], left_out: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != left_out}
