"""A stream whose mapping bisects: one bad record is found, and sent to the destination; its shard goes on."""

from __future__ import annotations

import json
from typing import Any

import deployer

from lambda_states_mock import LambdaMock

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
LOST = "arn:aws:sqs:us-east-1:123456789012:lost"

CODE = """
import base64

def handler(event, context):
    for record in event["Records"]:
        if base64.b64decode(record["kinesis"]["data"]) == b"bad":
            raise ValueError("bad record")
"""


def test_one_bad_record_is_found(lambda_mock: LambdaMock) -> None:
    deployer.deploy("clicks", deployer.package(CODE))
    client: Any = deployer.client()
    client.create_event_source_mapping(
        FunctionName="clicks",
        EventSourceArn=STREAM,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": LOST}},
    )
    lambda_mock.clock.advance(60)
    lambda_mock.source(STREAM).put("a", "b", "bad", "c")
    lambda_mock.clock.advance(60)

    assert lambda_mock.mapping(STREAM).totals == {"polled": 4, "filtered": 0, "succeeded": 3, "dropped": 1}
    assert [len(batch) for batch in lambda_mock.mapping(STREAM).batches] == [4, 2, 2, 1, 1]
    (record,) = map(json.loads, lambda_mock.source(LOST).waiting)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 1
