"""Subscriptions of moto's SNS."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock
from tests.neighbours.conftest import client
from tests.pushes.conftest import Receiver
from tests.pushes.test_s3 import ANY


def subscribe(function_arn: str, **attributes: str) -> tuple[Any, str, str]:
    """Return a client, a new topic, and the function's subscription to it."""
    sns = client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=function_arn, Attributes=attributes, ReturnSubscriptionArn=True
    )
    return sns, topic, subscription["SubscriptionArn"]


def test_a_message_is_told_as_recorded(receiver: Receiver) -> None:
    sns, topic, subscription = subscribe(receiver.arn)
    attributes = {
        "size": {"DataType": "Number", "StringValue": "6"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }
    identifier = sns.publish(TopicArn=topic, Message="hi", MessageAttributes=attributes)["MessageId"]
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": {
            "Type": "Notification",
            "MessageId": identifier,
            "TopicArn": topic,
            "Subject": None,
            "Message": "hi",
            "Timestamp": "2026-01-01T00:00:00.000Z",
            "SignatureVersion": "1",
            "Signature": ANY,
            "SigningCertUrl": ANY,
            "UnsubscribeUrl": ANY,
            "MessageAttributes": {
                "size": {"Type": "Number", "Value": "6"},
                "raw": {"Type": "Binary", "Value": base64.b64encode(b"\x00").decode()},
            },
        },
    }
    assert receiver.events == [{"Records": [record]}]


def test_a_message_without_attributes_has_an_empty_object(receiver: Receiver) -> None:
    sns, topic, _ = subscribe(receiver.arn)
    sns.publish(TopicArn=topic, Message="hi", Subject="greeting")
    told = receiver.events[0]["Records"][0]["Sns"]
    assert (told["Subject"], told["MessageAttributes"]) == ("greeting", {})


def test_a_filter_policy_keeps_messages_away(receiver: Receiver) -> None:
    sns, topic, _ = subscribe(receiver.arn, FilterPolicy='{"kind": ["new"]}')
    for kind in ("old", "new"):
        sns.publish(
            TopicArn=topic, Message=kind, MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}}
        )
    assert [event["Records"][0]["Sns"]["Message"] for event in receiver.events] == ["new"]


def test_a_filter_policy_of_bodies_keeps_messages_away_until_it_is_taken_back(receiver: Receiver) -> None:
    sns, topic, subscription = subscribe(
        receiver.arn, FilterPolicyScope="MessageBody", FilterPolicy='{"kind": ["new"]}'
    )
    sns.publish(TopicArn=topic, Message='{"kind": "old"}')
    sns.publish(TopicArn=topic, Message='{"kind": "new"}')
    sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue="")
    sns.publish(TopicArn=topic, Message='{"kind": "other"}')
    told = [json.loads(event["Records"][0]["Sns"]["Message"])["kind"] for event in receiver.events]
    assert told == ["new", "other"]


@pytest.mark.parametrize(
    ("message", "told"), [('{"default": "all", "lambda": "you"}', "you"), ('{"default": "all", "sms": "u"}', "all")]
)
def test_a_message_by_protocol_is_the_one_for_functions(receiver: Receiver, message: str, told: str) -> None:
    sns, topic, _ = subscribe(receiver.arn)
    sns.publish(TopicArn=topic, MessageStructure="json", Message=message)
    assert receiver.events[0]["Records"][0]["Sns"]["Message"] == told


@pytest.mark.parametrize(
    ("message", "reason"),
    [("no JSON", "Message is not valid JSON."), ('{"sms": "u"}', "Message does not contain lambda or default keys.")],
)
def test_a_message_without_a_text_for_functions_is_refused(receiver: Receiver, message: str, reason: str) -> None:
    sns, topic, _ = subscribe(receiver.arn)
    with pytest.raises(ClientError, match=reason):
        sns.publish(TopicArn=topic, MessageStructure="json", Message=message)
    assert receiver.events == []


def test_what_cannot_be_delivered_goes_to_the_queue_of_the_subscription(receiver: Receiver) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead = "arn:aws:sqs:us-east-1:123456789012:dead"
    sns, topic, _ = subscribe(receiver.arn, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    client("lambda").delete_function(FunctionName="orders")
    sns.publish(TopicArn=topic, Message="hi")
    body = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
    assert body["Message"] == "hi"
    assert "UnsubscribeURL" in body


def test_a_function_that_always_fails_sends_its_event_to_its_own_dead_letter_queue(mock: LambdaMock) -> None:
    from tests.deploying import create

    sqs = client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    arn = create(client("lambda"), DeadLetterConfig=dead)["FunctionArn"]
    mock.handler("orders", side_effect=RuntimeError("never"))
    sns, topic, _ = subscribe(arn)
    sns.publish(TopicArn=topic, Message="hi")
    mock.clock.run_until_idle()
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    assert json.loads(message["Body"])["Records"][0]["EventSource"] == "aws:sns"
    assert message["MessageAttributes"] == {
        "RequestID": {"StringValue": mock.invocations("orders")[-1].request_id, "DataType": "String"},
        "ErrorCode": {"StringValue": "200", "DataType": "Number"},
        "ErrorMessage": {"StringValue": "never", "DataType": "String"},
    }
