"""moto's queues and streams as event sources, written as users of moto write their tests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, product
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.errors import NoHandlerError, WrongStateError
from tests.budget import IS_THOROUGH
from tests.deploying import create
from tests.kept_clients import kept_client

REGION = "us-east-1"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:jobs"
TRUST = {"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow", "Action": "sts:AssumeRole"}


def service(name: str) -> Any:
    return kept_client(name)


@pytest.fixture(params=[False, True], ids=["", "frozen"])
def m(request: pytest.FixtureRequest) -> Iterator[LambdaMock]:
    with (
        mock_aws(config={"iam": {"load_aws_managed_policies": False}}),
        mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", freeze=request.param) as m,
    ):
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        service("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=document)
        create(service("lambda"))
        yield m


class Handler:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: Any, _context: Any) -> None:
        self.events.append(event)
        if any(record.get("body") == "bad" for record in event["Records"]):
            raise RuntimeError("no")

    @property
    def bodies(self) -> list[list[str]]:
        return [[record["body"] for record in event["Records"]] for event in self.events]


@pytest.fixture
def handler(m: LambdaMock) -> Handler:
    handler = Handler()
    m.handler("orders", call=handler)
    return handler


@pytest.fixture
def queue(m: LambdaMock) -> str:
    return str(service("sqs").create_queue(QueueName="jobs")["QueueUrl"])


def connect(source: str, **members: Any) -> str:
    answer = service("lambda").create_event_source_mapping(FunctionName="orders", EventSourceArn=source, **members)
    return str(answer["UUID"])


def count(url: str, which: str = "ApproximateNumberOfMessages") -> int:
    answer = service("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return int(answer["Attributes"][which])


# -- SQS


def test_a_message_sent_to_moto_calls_the_function_and_is_deleted(m: LambdaMock, handler: Handler, queue: str) -> None:
    connect(QUEUE)
    sent = service("sqs").send_message(
        QueueUrl=queue,
        MessageBody="text",
        MessageAttributes={"n": {"DataType": "Number", "StringValue": "6"}},
    )
    (record,) = handler.events[0]["Records"]
    assert record["messageId"] == sent["MessageId"]
    assert record["md5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert record["attributes"]["SentTimestamp"] == "1767225600000"
    assert count(queue) == 0


def test_messages_that_were_there_before_come_in_batches(m: LambdaMock, handler: Handler, queue: str) -> None:
    for batch in (range(10), range(10, 20), range(20, 25)):
        entries = [{"Id": str(number), "MessageBody": str(number)} for number in batch]
        service("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    connect(QUEUE)
    assert [len(batch) for batch in handler.bodies] == [10, 10, 5]


def test_a_failed_message_is_visible_again_when_our_clock_comes_to_it_and_then_dead(
    m: LambdaMock, handler: Handler, queue: str
) -> None:
    dead = service("sqs").create_queue(QueueName="dead")["QueueUrl"]
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:123456789012:dead", "maxReceiveCount": 2}
    service("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(policy)})
    uuid = connect(QUEUE)
    service("sqs").send_message(QueueUrl=queue, MessageBody="bad")
    assert count(queue, "ApproximateNumberOfMessagesNotVisible") == 1
    m.clock.advance(29.999)
    assert len(handler.events) == 1
    m.clock.advance(0.001)
    assert len(handler.events) == 2
    m.clock.advance(30)
    assert (count(queue), count(dead)) == (0, 1)
    assert [batch.outcome for batch in m.mapping(uuid).batches] == ["Left", "Left"]
    assert m.source(QUEUE).dead == ["bad"]


def test_a_delayed_message_comes_when_its_delay_is_over(m: LambdaMock, handler: Handler, queue: str) -> None:
    connect(QUEUE)
    service("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=60)
    m.clock.advance(59)
    assert handler.events == []
    time.sleep(1)
    assert handler.bodies == [["late"]]


def test_a_long_poll_moves_our_clock_instead_of_hanging(m: LambdaMock, queue: str) -> None:
    began = m.clock.now
    assert "Messages" not in service("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    assert m.clock.now - began == timedelta(seconds=20)


def test_a_long_poll_ends_with_the_first_message(m: LambdaMock, queue: str) -> None:
    service("sqs").send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=5)
    m.clock.call_later(7, lambda: None, label="something")
    m.clock.call_later(5, lambda: None, label="the delay ends")
    began = m.clock.now
    answer = service("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)
    assert [one["Body"] for one in answer["Messages"]] == ["late"]
    assert m.clock.now - began == timedelta(seconds=5)


@pytest.mark.parametrize("m", [False, True] if IS_THOROUGH else [True], indirect=True)
def test_a_handler_that_sends_to_its_own_queue_is_stopped_as_a_loop(m: LambdaMock, queue: str) -> None:
    calls: list[Any] = []

    def forward(event: Any, _context: Any) -> None:
        calls.append(event)
        service("sqs").send_message(QueueUrl=queue, MessageBody="again")

    m.handler("orders", call=forward)
    connect(QUEUE)
    service("sqs").send_message(QueueUrl=queue, MessageBody="first")
    m.clock.advance(20)
    assert len(calls) == m.limits.recursions
    assert "RecursiveInvocationException" in str(m.timeline)


def test_a_mistake_of_the_test_is_raised_by_the_call_that_shows_it(m: LambdaMock, queue: str) -> None:
    create(service("lambda"), "go", Runtime="provided.al2023", Handler="bootstrap")
    service("lambda").create_event_source_mapping(FunctionName="go", EventSourceArn=QUEUE)
    with pytest.raises(NoHandlerError, match="go"):
        service("sqs").send_message(QueueUrl=queue, MessageBody="one")


def test_a_queue_that_is_deleted_leaves_its_mapping(m: LambdaMock, handler: Handler, queue: str) -> None:
    uuid = connect(QUEUE)
    service("sqs").delete_queue(QueueUrl=queue)
    m.faults.on_poll("jobs").hang(required=False).remove()
    m.clock.advance(1)
    assert m.mapping(uuid).state == "Enabled"
    assert "NonExistentQueue" in m.mapping(uuid).why


def test_a_source_of_the_test_is_the_queue_that_moto_has(m: LambdaMock, handler: Handler, queue: str) -> None:
    m.source(QUEUE).put("one")
    assert (m.source(QUEUE).waiting, count(queue)) == (["one"], 1)


# -- streams


def test_records_put_into_moto_call_the_function(m: LambdaMock, handler: Handler) -> None:
    kinesis = service("kinesis")
    kinesis.create_stream(StreamName="clicks", ShardCount=2)
    stream = f"arn:aws:kinesis:{REGION}:123456789012:stream/clicks"
    kinesis.put_record(StreamName="clicks", Data=b"before", PartitionKey="1")
    uuid = connect(stream, StartingPosition="LATEST")
    put = kinesis.put_record(StreamName="clicks", Data=b"data", PartitionKey="1")
    (record,) = handler.events[0]["Records"]
    assert record["kinesis"]["data"] == "ZGF0YQ=="
    assert record["eventID"] == f"{put['ShardId']}:{put['SequenceNumber']}"
    assert record["kinesis"]["approximateArrivalTimestamp"] == 1767225600
    assert m.mapping(uuid).position[put["ShardId"]] == put["SequenceNumber"]
    with pytest.raises(WrongStateError, match="its own client"):
        m.source(stream).put("one")


def test_changes_of_a_table_of_moto_call_the_function_and_stay_in_its_stream(
    m: LambdaMock, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = service("dynamodb").create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    stream = table["LatestStreamArn"]
    connect(stream, StartingPosition="TRIM_HORIZON")
    service("dynamodb").put_item(TableName="items", Item={"id": {"S": "1"}})
    service("dynamodb").put_item(TableName="items", Item={"id": {"S": "1"}, "b": {"B": b"\x01"}})
    service("dynamodb").delete_item(TableName="items", Key={"id": {"S": "1"}})
    records = [record for event in handler.events for record in event["Records"]]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert {record["eventVersion"] for record in records} == {"1.1"}
    assert records[1]["dynamodb"]["NewImage"] == {"id": {"S": "1"}, "b": {"B": "AQ=="}}
    assert records[0]["dynamodb"]["SizeBytes"] == 6
    monkeypatch.setenv(
        "AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled"
    )  # moto 5.2 does not know the endpoint of botocore 1.44
    streams: Any = boto3.client("dynamodbstreams", region_name=REGION)
    shards = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 3


IMAGES = {
    "KEYS_ONLY": set[str](),
    "NEW_IMAGE": {"NewImage"},
    "OLD_IMAGE": {"OldImage"},
    "NEW_AND_OLD_IMAGES": {"NewImage", "OldImage"},
}
VIEWS = product([False, True], IMAGES) if IS_THOROUGH else zip(cycle([False, True]), IMAGES)
"""Frozen or not, and the images: in each run each of both, in some pairs."""


@pytest.mark.parametrize(("m", "view"), [*VIEWS], indirect=["m"])
def test_a_change_of_a_table_of_moto_is_told_once_with_the_images_of_its_view(
    m: LambdaMock, handler: Handler, view: str
) -> None:
    dynamodb = service("dynamodb")
    made = dynamodb.create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
    )
    connect(made["TableDescription"]["LatestStreamArn"], StartingPosition="TRIM_HORIZON")
    item = {"id": {"S": "1"}, "tags": {"SS": ["a", "b"]}, "map": {"M": {"n": {"N": "1"}}}}
    dynamodb.put_item(TableName="items", Item=item)
    dynamodb.put_item(TableName="items", Item={**item, "tags": {"SS": ["b", "a"]}})
    for number in ("1", "2"):
        dynamodb.update_item(
            TableName="items",
            Key={"id": {"S": "1"}},
            UpdateExpression="SET #map = :map",
            ExpressionAttributeNames={"#map": "map"},
            ExpressionAttributeValues={":map": {"M": {"n": {"N": number}}}},
        )
    dynamodb.delete_item(TableName="items", Key={"id": {"S": "1"}})
    changes = [record for event in handler.events for record in event["Records"]]
    assert [change["eventName"] for change in changes] == ["INSERT", "MODIFY", "REMOVE"]
    assert set(changes[1]["dynamodb"]) & {"NewImage", "OldImage"} == IMAGES[view]
    assert {change["dynamodb"]["StreamViewType"] for change in changes} == {view}


def test_an_on_failure_record_arrives_in_motos_queue(m: LambdaMock, queue: str) -> None:
    service("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    m.handler("orders", side_effect=RuntimeError("no"))
    connect(
        f"arn:aws:kinesis:{REGION}:123456789012:stream/clicks",
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": QUEUE}},
    )
    service("kinesis").put_record(StreamName="clicks", Data=b"data", PartitionKey="1")
    (message,) = service("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_motos_own_times_are_those_of_our_clock(m: LambdaMock, queue: str) -> None:
    m.clock.advance(3_600)
    service("s3").create_bucket(Bucket="orders")
    service("s3").put_object(Bucket="orders", Key="k", Body=b"")
    assert service("s3").head_object(Bucket="orders", Key="k")["LastModified"] == m.clock.now
