"""A queue with a poison message: the good ones are done, the bad one comes again, and ends in the dead-letter queue."""

from __future__ import annotations

import json
from typing import Any

import deployer

from lambda_states_mock import LambdaMock

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"

CODE = """
import json

def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            json.loads(record["body"])["total"]
        except (ValueError, KeyError):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""


def test_a_poison_message_harms_no_other(lambda_mock: LambdaMock) -> None:
    deployer.deploy("orders", deployer.package(CODE))
    client: Any = deployer.client()
    client.create_event_source_mapping(
        FunctionName="orders", EventSourceArn=QUEUE, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    queue = lambda_mock.source(QUEUE, visibility_timeout=30, max_receive_count=3)
    lambda_mock.clock.advance(60)  # the mapping is Enabled

    queue.put(json.dumps({"total": 5}), "poison", json.dumps({"total": 7}))
    lambda_mock.clock.advance(1)
    assert queue.in_flight == ["poison"]  # the others are deleted

    lambda_mock.clock.advance(120)
    assert queue.dead == ["poison"]
    assert [len(batch) for batch in lambda_mock.mapping(QUEUE).batches] == [3, 1, 1]
