"""The events of Amazon MQ: ActiveMQ and RabbitMQ.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from lambda_states_mock.event_sources.messages import QueueMessage
from lambda_states_mock.instants import date_in_words, epoch_milliseconds

ACTIVE_MQ, RABBIT_MQ = "ActiveMQ", "RabbitMQ"

ACTIVE_MQ_MEMBERS = frozenset(
    {"messageType", "deliveryMode", "replyTo", "type", "expiration", "priority", "correlationId", "properties"}
)
"""What a sender may set of a message of ActiveMQ."""

RABBIT_MQ_MEMBERS = frozenset(
    {
        "contentType", "contentEncoding", "headers", "deliveryMode", "priority", "correlationId", "replyTo",
        "expiration", "messageId", "timestamp", "type", "userId", "appId", "clusterId",
    }
)  # fmt: skip
"""The ``basicProperties`` that a sender may set of a message of RabbitMQ."""


def data_of(message: QueueMessage) -> bytes:
    """Return the body of *message* as the broker has it."""
    return message.body.encode("utf-8", "surrogateescape")


def active_mq_message(message: QueueMessage, queue: str, region: str, now: datetime) -> dict[str, Any]:
    """Return one member of ``messages``. Parameters: *now*, when the broker gives it out."""
    sent = epoch_milliseconds(message.sent)
    return {
        "messageID": f"ID:b-{message.id}-1.mq.{region}.amazonaws.com-37557-1234520418293-4:1:1:1:1",
        "messageType": "jms/text-message",
        "deliveryMode": 1,
        "replyTo": None,
        "type": None,
        "expiration": "0",
        "priority": 4,
        "correlationId": "",
        **message.system,
        "redelivered": message.receives > 1,
        "destination": {"physicalname": queue},
        "data": base64.b64encode(data_of(message)).decode(),
        "timestamp": sent,
        "brokerInTime": sent,
        "brokerOutTime": epoch_milliseconds(now),
    }


def rabbit_mq_message(message: QueueMessage) -> dict[str, Any]:
    """Return one member of a queue's list in ``rmqMessagesByQueue``. Text in headers is bytes there, as documented."""
    data = data_of(message)
    properties: dict[str, Any] = {
        "contentType": "text/plain",
        "contentEncoding": None,
        "headers": {},
        "deliveryMode": 1,
        "priority": None,
        "correlationId": None,
        "replyTo": None,
        "expiration": None,
        "messageId": None,
        "timestamp": date_in_words(message.sent),
        "type": None,
        "userId": None,
        "appId": None,
        "clusterId": None,
        **message.system,
        "bodySize": len(data),
    }
    properties["headers"] = {name: _header(value) for name, value in (properties["headers"] or {}).items()}
    return {
        "basicProperties": properties,
        "redelivered": message.receives > 1,
        "data": base64.b64encode(data).decode(),
    }


def _header(value: Any) -> Any:
    if isinstance(value, str):
        value = value.encode()
    return {"bytes": list(value)} if isinstance(value, bytes) else value


def active_mq_origin(arn: str) -> dict[str, Any]:
    """Return the members beside ``messages``."""
    return {"eventSource": "aws:mq", "eventSourceArn": arn}


def rabbit_mq_origin(arn: str) -> dict[str, Any]:
    """Return the members beside ``rmqMessagesByQueue``."""
    return {"eventSource": "aws:rmq", "eventSourceArn": arn}


def rabbit_mq_queue(queue: str, virtual_host: str) -> str:
    """Return under which name the messages of a queue stand in an event."""
    return f"{queue}::{virtual_host}"
