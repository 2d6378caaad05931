"""The record of a batch that could not be delivered, for the mapping's OnFailure destination.

Recorded of Kinesis and DynamoDB. The member of topics, ``KafkaBatchInfo``, is written down from AWS's guide.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lambda_states_mock.event_sources.dispatcher import Answer
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.instants import date_path, iso_file_name, iso_milliseconds, iso_seconds
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping
from lambda_states_mock.resources.message import ON_FAILURE, TOPIC_TARGET, Message

_INFO = {"kinesis": "KinesisBatchInfo", "dynamodb": "DDBStreamBatchInfo"}


@dataclass(frozen=True, slots=True)
class LostBatch:
    """Records that are given up. *attempts*, of the function; *answer*, of the last one; *payload*, the event."""

    records: Sequence[StreamRecord]
    condition: str
    attempts: int
    answer: Answer | None
    payload: bytes


def failure_message(
    mapping: EventSourceMapping, target: str, lost: LostBatch, now: datetime, request_id: str, name: str
) -> Message:
    """Return the message to *target*.

    Parameters: *request_id*, where the function was never called; *name*, the last part of an object's key.
    """
    if lost.answer is not None:
        request_id = lost.answer.request_id
    first = lost.records[0]
    is_bucket = target.split(":")[2:3] == ["s3"]
    body = _envelope(mapping, lost, now, request_id)
    if is_bucket or target.startswith(TOPIC_TARGET):
        body["payload"] = json.loads(lost.payload)
    key = f"aws/lambda/{mapping.uuid}/{first.shard}/{date_path(now)}/{iso_file_name(now)}-{name}"
    return Message(
        target=target,
        kind=ON_FAILURE,
        function=mapping.function.partition(":")[0],
        source=mapping.function_arn,
        request_id=request_id,
        condition=lost.condition,
        at=now,
        body=json.dumps(body, separators=(",", ":")),
        key=key if is_bucket else None,
    )


def _envelope(mapping: EventSourceMapping, lost: LostBatch, now: datetime, request_id: str) -> dict[str, Any]:
    kind, records = mapping.source.kind.name, lost.records
    shown = iso_seconds if kind == "dynamodb" else iso_milliseconds  # recorded
    envelope: dict[str, Any] = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": mapping.function_arn,
            "condition": lost.condition,
            "approximateInvokeCount": max(lost.attempts, 1),  # recorded: 1 even if it was never called
        }
    }
    answer = lost.answer
    if answer is not None and answer.version is not None and lost.condition != "RecordAgeExceeded":
        envelope["responseContext"] = {
            "statusCode": 200,
            "executedVersion": answer.version,
            "functionError": answer.function_error,
        }
    envelope["version"] = "1.0"
    envelope["timestamp"] = iso_milliseconds(now)
    if kind in _INFO:
        envelope[_INFO[kind]] = {
            "shardId": records[0].shard,
            "startSequenceNumber": records[0].sequence,
            "endSequenceNumber": records[-1].sequence,
            "approximateArrivalOfFirstRecord": shown(records[0].arrived),
            "approximateArrivalOfLastRecord": shown(records[-1].arrived),
            "batchSize": len(records),
            "streamArn": mapping.source.arn,
        }
    else:
        event = json.loads(lost.payload)
        envelope["KafkaBatchInfo"] = {
            "batchSize": len(records),
            **{name: event[name] for name in ("eventSourceArn", "bootstrapServers") if name in event},
            "payloadSize": len(lost.payload),
            "recordInfo": {"offset": records[0].sequence, "timestamp": shown(records[0].arrived)},
        }
    return envelope
