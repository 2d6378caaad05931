"""Notifications of moto's S3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import LambdaMock, NoHandlerError, UnknownNameError, mock_lambda
from lambda_states_mock.event_sources.pushes import Pusher
from tests.deploying import create, zip_of
from tests.neighbours.conftest import client, create_role
from tests.pushes.conftest import Receiver

MISTYPED = "arn:aws:lambda:us-east-1:123456789012:function:order"
PLACE = "us-east-1:123456789012"
ANY: Any = type("Any", (), {"__eq__": lambda _self, _other: True, "__hash__": None})()


def notify(function_arn: str, *, bucket: str = "photos") -> Any:
    """Let a new bucket tell the function of its objects, and return a client."""
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket)
    configuration = {
        "Id": "to-orders",
        "LambdaFunctionArn": function_arn,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )
    return s3


@pytest.mark.parametrize(
    ("key", "told"),
    [("a b.txt", "a+b.txt"), ("in/day=1/a.csv", "in/day%3D1/a.csv"), ("é(1).txt", "%C3%A9%281%29.txt")],
)
def test_a_key_is_told_url_encoded_with_its_slashes(receiver: Receiver, key: str, told: str) -> None:
    notify(receiver.arn).put_object(Bucket="photos", Key=key, Body=b"hello")
    assert receiver.events[0]["Records"][0]["s3"]["object"]["key"] == told


def test_an_object_that_was_put_is_told_as_recorded(receiver: Receiver) -> None:
    notify(receiver.arn).put_object(Bucket="photos", Key="a b+c.txt", Body=b"hello")
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": ANY},
        "requestParameters": {"sourceIPAddress": ANY},
        "responseElements": {"x-amz-request-id": ANY, "x-amz-id-2": ANY},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "to-orders",
            "bucket": {"name": "photos", "ownerIdentity": {"principalId": ANY}, "arn": "arn:aws:s3:::photos"},
            "object": {
                "key": "a+b%2Bc.txt",
                "size": 5,
                "eTag": "5d41402abc4b2a76b9719d911017c592",
                "sequencer": ANY,
            },
        },
    }
    assert receiver.events == [{"Records": [record]}]
    assert list(receiver.events[0]["Records"][0]) == list(record)


def test_a_deleted_object_has_neither_size_nor_etag(receiver: Receiver) -> None:
    s3 = notify(receiver.arn)
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    s3.delete_object(Bucket="photos", Key="a")
    deleted = receiver.events[-1]["Records"][0]
    assert deleted["eventName"] == "ObjectRemoved:Delete"
    assert deleted["s3"]["object"].keys() == {"key", "sequencer"}


def test_the_sequencers_of_a_key_grow(receiver: Receiver, mock: LambdaMock) -> None:
    s3 = notify(receiver.arn)
    for _ in range(3):
        s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    mock.clock.advance(1)
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    sequencers = [event["Records"][0]["s3"]["object"]["sequencer"] for event in receiver.events]
    assert sequencers == sorted(set(sequencers))
    assert len(sequencers) == 4


def test_objects_of_a_bucket_with_versions_have_one(receiver: Receiver) -> None:
    s3 = notify(receiver.arn)
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="photos", Key="a", Body=b"hello")["VersionId"]
    assert receiver.events[0]["Records"][0]["s3"]["object"]["versionId"] == version


def test_a_function_that_fails_is_tried_again_as_of_the_asynchronous_queue(mock: LambdaMock) -> None:
    arn = create(client("lambda"))["FunctionArn"]
    mock.handler("orders", side_effect=[RuntimeError("first"), RuntimeError("second"), None])
    notify(arn).put_object(Bucket="photos", Key="a", Body=b"hello")
    assert len(mock.invocations("orders")) == 1
    mock.clock.run_until_idle()
    assert [one.attempt for one in mock.invocations("orders")] == [1, 2, 3]


def test_a_queue_gets_the_same_record(receiver: Receiver) -> None:
    s3 = notify(receiver.arn)
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    configuration = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:told", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration={"QueueConfigurations": [configuration]}
    )
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    bodies = [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    told = [body for body in bodies if "Records" in body]
    assert "sequencer" in told[0]["Records"][0]["s3"]["object"]


def test_a_topic_gets_the_same_record(receiver: Receiver) -> None:
    s3, sns = notify(receiver.arn), client("sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=receiver.arn)
    s3.put_bucket_notification_configuration(
        Bucket="photos",
        NotificationConfiguration={"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]},
    )
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    told = json.loads(receiver.events[-1]["Records"][0]["Sns"]["Message"])
    assert "sequencer" in told["Records"][0]["s3"]["object"]


def test_a_queue_and_a_topic_that_are_gone_keep_nobody_from_writing(receiver: Receiver) -> None:
    s3 = notify(receiver.arn)
    gone = {
        "QueueConfigurations": [{"QueueArn": f"arn:aws:sqs:{PLACE}:gone", "Events": ["s3:ObjectCreated:*"]}],
        "TopicConfigurations": [{"TopicArn": f"arn:aws:sns:{PLACE}:gone", "Events": ["s3:ObjectCreated:*"]}],
    }
    s3.put_bucket_notification_configuration(
        Bucket="photos", NotificationConfiguration=gone, SkipDestinationValidation=True
    )
    assert s3.put_object(Bucket="photos", Key="a", Body=b"hello")["ETag"]


def test_event_bridge_is_told_beside_functions(receiver: Receiver) -> None:
    s3, events = notify(receiver.arn), client("events")
    events.put_rule(Name="photos", EventPattern='{"source": ["aws.s3"]}')
    events.put_targets(Rule="photos", Targets=[{"Id": "1", "Arn": receiver.arn}])
    function = {"LambdaFunctionArn": receiver.arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="photos",
        NotificationConfiguration={"LambdaFunctionConfigurations": [function], "EventBridgeConfiguration": {}},
    )
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    told = [event.get("detail-type", event.get("Records", [{}])[0].get("eventName")) for event in receiver.events]
    assert (told.count("ObjectCreated:Put"), told.count("Object Created")) == (1, 1)


def test_a_handler_that_writes_into_its_own_bucket_is_stopped(mock: LambdaMock) -> None:
    arn = create(client("lambda"))["FunctionArn"]
    s3 = notify(arn)
    mock.handler("orders", call=lambda _event, _context: s3.put_object(Bucket="photos", Key="b", Body=b"x") and None)
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    mock.clock.run_until_idle()
    assert len(mock.invocations("orders")) == 16
    assert mock.metrics.sum("RecursiveInvocationsDropped", "orders") == 1


# -- nothing is swallowed, though moto catches everything


def test_a_missing_handler_is_raised_when_the_clock_moves(mock: LambdaMock) -> None:
    arn = create(client("lambda"), Code={"ZipFile": zip_of()}, Runtime="nodejs22.x")["FunctionArn"]
    s3 = notify(arn)
    with pytest.raises(NoHandlerError):  # moto's request moves it to what is due at its end
        s3.put_object(Bucket="photos", Key="a", Body=b"hello")


def test_a_mistyped_function_is_raised_when_the_clock_moves(mock: LambdaMock) -> None:
    create(client("lambda"))
    s3 = notify(MISTYPED)
    with pytest.raises(UnknownNameError, match=r'no function "order".* did you mean "orders"'):
        s3.put_object(Bucket="photos", Key="a", Body=b"x")


def test_what_was_kept_is_raised_at_the_latest_when_the_mock_ends(mock: LambdaMock) -> None:
    create(client("lambda"))
    mock.backend.pushes.send(Pusher("S3", "s3.amazonaws.com"), MISTYPED, b"{}")
    with pytest.raises(UnknownNameError, match=r'no function "order".* did you mean "orders"'):
        mock.close()


def test_each_of_several_mistakes_is_raised(mock: LambdaMock) -> None:
    create(client("lambda"))
    for name in ("first", "second"):
        mock.backend.pushes.send(Pusher("S3", "s3.amazonaws.com"), MISTYPED.replace("order", name), b"{}")
    with pytest.raises(UnknownNameError, match='"first"'):
        mock.clock.advance(1)
    with pytest.raises(UnknownNameError, match='"second"'):
        mock.clock.advance(1)


def test_a_failing_test_is_not_hidden_by_what_was_kept() -> None:
    def test() -> None:
        with mock_lambda() as m:
            m.backend.pushes.send(Pusher("S3", "s3.amazonaws.com"), MISTYPED, b"{}")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        test()


def test_a_function_that_was_deleted_gets_nothing(receiver: Receiver) -> None:
    s3 = notify(receiver.arn)
    client("lambda").delete_function(FunctionName="orders")
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    assert receiver.events == []


# -- permissions


def permit_s3() -> None:
    client("lambda").add_permission(
        FunctionName="orders",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::photos",
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_a_notification_to_a_function_that_gives_no_permission_is_refused_as_recorded(
    receiver: Receiver, mock: LambdaMock, is_there: bool
) -> None:
    mock.world.require_source_permissions = True
    arn = receiver.arn if is_there else MISTYPED
    with pytest.raises(ClientError) as refused:
        notify(arn)
    assert refused.value.response["Error"] == {
        "Code": "InvalidArgument",
        "Message": "Unable to validate the following destination configurations",
        "ArgumentName1": f"{arn}, null",
        "ArgumentValue1": f"Not authorized to invoke function [{arn}]",
    }
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    client("s3").put_bucket_notification_configuration(
        Bucket="photos",
        NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]},
        SkipDestinationValidation=True,
    )


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("arn", ["invalid", "arn:aws:lambda:us-east-1", "arn:aws:sqs:us-east-1:123456789012:orders"])
def test_a_notification_to_what_is_no_function_is_refused_as_recorded(mock: LambdaMock, arn: str, skips: bool) -> None:
    del mock
    s3 = client("s3")
    s3.create_bucket(Bucket="photos")
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_notification_configuration(
            Bucket="photos",
            NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]},
            SkipDestinationValidation=skips,
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert refused.value.response["Error"] == {
        "Code": "InvalidArgument",
        "Message": "The ARN could not be parsed",
        "ArgumentName": "CloudFunction",
        "ArgumentValue": arn,
    }


def test_a_notification_to_a_function_that_gives_permission_is_taken(receiver: Receiver, mock: LambdaMock) -> None:
    mock.world.require_source_permissions = True
    permit_s3()
    notify(receiver.arn).put_object(Bucket="photos", Key="a", Body=b"hello")
    assert len(receiver.events) == 1


def test_a_permission_is_asked_for_where_the_test_wants_that(receiver: Receiver, mock: LambdaMock) -> None:
    s3 = notify(receiver.arn)
    mock.world.require_source_permissions = True
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    assert receiver.events == []
    (hint,) = mock.hints
    assert "S3 did not invoke" in hint
    assert 'Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::photos"' in hint
    permit_s3()
    s3.put_object(Bucket="photos", Key="a", Body=b"hello")
    assert len(receiver.events) == 1


def test_only_true_and_false_say_whether_permissions_are_needed(mock: LambdaMock) -> None:
    with pytest.raises(TypeError, match="True or False"):
        mock.world.require_source_permissions = "yes"  # type: ignore[assignment]


def test_the_same_seed_gives_the_same_bytes_whatever_was_before() -> None:
    def told() -> list[Any]:
        events: list[Any] = []
        with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=7) as m:
            create_role()
            s3 = notify(create(client("lambda"))["FunctionArn"])
            m.handler("orders", call=lambda event, _context: events.append(event))
            s3.put_object(Bucket="photos", Key="a", Body=b"hello")
        return events

    assert told() == told()
