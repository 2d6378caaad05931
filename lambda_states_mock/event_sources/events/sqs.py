"""The event of SQS (recorded).

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.event_sources.messages import QueueMessage, md5_of_attributes
from lambda_states_mock.instants import epoch_milliseconds


def sqs_record(message: QueueMessage, queue_arn: str, *, with_null_digest: bool) -> dict[str, Any]:
    """Return one member of ``Records``.

    Parameters: *with_null_digest*, whether ``md5OfMessageAttributes`` is there, as null, of a message without
    attributes: recorded of mappings with a batching window, and not of those without.
    """
    attributes = {
        "ApproximateReceiveCount": str(message.receives),
        "SentTimestamp": str(epoch_milliseconds(message.sent)),
        "SenderId": message.sender,
        "ApproximateFirstReceiveTimestamp": str(epoch_milliseconds(message.first_received)),
        **message.system,
    }
    record: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": message.handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.attributes.items()},
    }
    if message.attributes:
        record["md5OfMessageAttributes"] = md5_of_attributes(message.attributes)
    elif with_null_digest:
        record["md5OfMessageAttributes"] = None
    record["md5OfBody"] = hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest()
    record["eventSource"] = "aws:sqs"
    record["eventSourceARN"] = queue_arn
    record["awsRegion"] = queue_arn.split(":", 4)[3]
    return record


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "StringValue" in value:
        shown["stringValue"] = str(value["StringValue"])
    if "BinaryValue" in value:
        shown["binaryValue"] = base64.b64encode(bytes(value["BinaryValue"])).decode()
    return {**shown, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
