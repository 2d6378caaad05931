"""The event of SNS (recorded). It spells ``SigningCertUrl`` and ``UnsubscribeUrl`` as no other delivery does.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.instants import iso_milliseconds


def sns_event(
    topic_arn: str,
    message: str,
    *,
    at: datetime,
    chance: Chance,
    subject: str | None = None,
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
    subscription_arn: str | None = None,
    message_id: str | None = None,
) -> dict[str, Any]:
    """Return the event for one message.

    Parameters: *attributes*, by name, each with ``Type`` and ``Value``, a binary one in base64; *subscription_arn* and
    *message_id*, made up by default.
    """
    subscription_arn = subscription_arn or f"{topic_arn}:{chance.uuid()}"
    host = f"https://sns.{topic_arn.split(':')[3]}.amazonaws.com"
    notification = {
        "Type": "Notification",
        "MessageId": message_id or chance.uuid(),
        "TopicArn": topic_arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": iso_milliseconds(at),
        "SignatureVersion": "1",
        "Signature": f"{chance.token(342)}==",
        "SigningCertUrl": f"{host}/SimpleNotificationService-{chance.hex(32)}.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}",
        "MessageAttributes": {name: dict(value) for name, value in (attributes or {}).items()},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": notification,
    }
    return {"Records": [record]}
