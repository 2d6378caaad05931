"""Where batches go that are given up, beside moto's services; and what a consumer of a stream gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.neighbours.conftest import create_role

from .conftest import Connect, Seen, client

CONSUMER = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/reader:1700000000"
STREAM = CONSUMER.partition("/consumer/")[0]


@pytest.fixture
def beside() -> Iterator[LambdaMock]:
    """Beside moto, a function that fails."""
    with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=1) as m:
        create_role()
        create(client())
        m.handler("orders", side_effect=RuntimeError("no"))
        yield m


def lose_a_record(m: LambdaMock, destination: str) -> str:
    """Let a record of moto's Kinesis be given up, and return the mapping's UUID."""
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    made = client().create_event_source_mapping(
        FunctionName="orders",
        EventSourceArn=kinesis.describe_stream(StreamName="clicks")["StreamDescription"]["StreamARN"],
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    kinesis.put_record(StreamName="clicks", Data=b"one", PartitionKey="k")
    m.clock.advance(1)
    return str(made["UUID"])


def test_the_record_of_a_lost_batch_is_published_to_a_topic(beside: LambdaMock) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="lost")["TopicArn"]
    url = sqs.create_queue(QueueName="readers")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:readers")
    lose_a_record(beside, topic)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    record = json.loads(json.loads(message["Body"])["Message"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    assert "payload" not in record


def test_the_record_of_a_lost_batch_is_an_object_with_the_records(beside: LambdaMock) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="lost")
    uuid = lose_a_record(beside, "arn:aws:s3:::lost")
    (found,) = s3.list_objects_v2(Bucket="lost")["Contents"]
    assert found["Key"].startswith(f"aws/lambda/{uuid}/shardId-000000000000/2026/01/01/2026-01-01T00.00.0")
    record = json.loads(s3.get_object(Bucket="lost", Key=found["Key"])["Body"].read())
    assert record["payload"]["Records"][0]["kinesis"]["data"] == "b25l"


def test_a_destination_that_is_gone_is_counted_and_the_shard_goes_on(beside: LambdaMock) -> None:
    lose_a_record(beside, "arn:aws:sqs:us-east-1:123456789012:gone")
    assert beside.metrics.sum("DestinationDeliveryFailures", "orders") == 1
    client("kinesis").put_record(StreamName="clicks", Data=b"two", PartitionKey="k")
    beside.clock.advance(1)
    assert beside.mapping("clicks").totals["dropped"] == 2


def test_a_consumer_gets_the_records_of_its_stream_under_its_own_name(
    m: LambdaMock, connect: Connect, handle: Callable[..., Seen]
) -> None:
    connect(CONSUMER, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.source(STREAM).put("one")
    (record,) = seen.events[0]["Records"]
    assert record["eventSourceARN"] == CONSUMER
    assert m.mapping(CONSUMER).totals["succeeded"] == 1


def test_two_consumers_of_a_stream_each_get_every_record(
    m: LambdaMock, connect: Connect, handle: Callable[..., Seen]
) -> None:
    other = CONSUMER.replace("reader", "other")
    for consumer in (CONSUMER, other):
        connect(consumer, StartingPosition="TRIM_HORIZON")
    seen: Any = handle()
    m.source(STREAM).put("one")
    assert sorted(event["Records"][0]["eventSourceARN"] for event in seen.events) == sorted([CONSUMER, other])
