"""The event of an S3 notification (recorded).

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.instants import epoch_milliseconds, iso_milliseconds

_REMOVED = "ObjectRemoved:"


def s3_event(
    bucket: str,
    key: str,
    *,
    region: str,
    account: str,
    at: datetime,
    chance: Chance,
    name: str = "ObjectCreated:Put",
    size: int = 0,
    etag: str = "d41d8cd98f00b204e9800998ecf8427e",
    version_id: str | None = None,
    configuration_id: str = "notification",
    order: int = 0,
) -> dict[str, Any]:
    """Return the event for one change of the object *key*. Deletions have neither size nor ETag.

    Parameters: *name*, with or without its ``s3:``; *size*, in bytes; *order*, tells events of one instant apart in
    ``sequencer``, which grows with time.
    """
    name = name.removeprefix("s3:")
    thing: dict[str, Any] = {"key": quote_plus(key, safe="/")}  # (I) slashes stay
    if not name.startswith(_REMOVED):
        thing |= {"size": size, "eTag": etag.strip('"')}
    if version_id is not None:
        thing["versionId"] = version_id
    thing["sequencer"] = f"{epoch_milliseconds(at):012X}{order:06X}"
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": iso_milliseconds(at),
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:AIDA{account.zfill(17)}"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": chance.token(16).upper(),
            "x-amz-id-2": f"{chance.token(75)}=",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": f"A{account.zfill(13)}"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": thing,
        },
    }
    return {"Records": [record]}
