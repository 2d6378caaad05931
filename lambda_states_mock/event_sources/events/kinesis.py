"""The event of Kinesis (recorded).

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import base64
from typing import Any

from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.instants import epoch_number


def kinesis_record(record: StreamRecord, stream_arn: str, role_arn: str) -> dict[str, Any]:
    """Return one member of ``Records``. Parameters: *stream_arn*, or a consumer's; *role_arn*, the function's role."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.key,
            "sequenceNumber": record.sequence,
            "data": base64.b64encode(record.data).decode(),
            "approximateArrivalTimestamp": epoch_number(record.arrived),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{record.shard}:{record.sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role_arn,
        "awsRegion": stream_arn.split(":", 4)[3],
        "eventSourceARN": stream_arn,
    }
