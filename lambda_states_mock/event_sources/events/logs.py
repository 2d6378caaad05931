"""The event of a subscription to CloudWatch Logs (documented): JSON, compressed, in base64.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any


def logs_event(
    group: str, stream: str, filters: Sequence[str], events: Sequence[Mapping[str, Any]], *, owner: str
) -> dict[str, Any]:
    """Return the event for some *events* of a log stream, each with ``id``, ``timestamp`` (milliseconds), ``message``.

    Parameters: *filters*, the names of the subscription filters that they have passed; *owner*, the account.
    """
    data = {
        "messageType": "DATA_MESSAGE",
        "owner": owner,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": list(filters),
        "logEvents": [
            {"id": str(event["id"]).zfill(56), "timestamp": event["timestamp"], "message": event["message"]}
            for event in events
        ],
    }
    packed = gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}
