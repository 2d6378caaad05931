"""Rules of moto's EventBridge."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.event_sources.events.event_bridge import target_input
from lambda_states_mock.event_sources.schedules import ScheduleError, next_time
from tests.neighbours.conftest import client
from tests.pushes.conftest import Receiver

START = datetime(2026, 1, 1, 0, 0, 30, tzinfo=timezone.utc)  # a Thursday
RULE = "arn:aws:events:us-east-1:123456789012:rule/r"


def rule(function_arn: str, **target: Any) -> Any:
    """Let a rule send the events of "shop" to the function, and return a client."""
    events = client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": function_arn, **target}])
    return events


def put(events: Any, source: str = "shop", **detail: Any) -> str:
    """Put one event, and return its id."""
    entry = {"Source": source, "DetailType": "sold", "Detail": json.dumps(detail)}
    identifier: str = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    return identifier


def test_an_event_is_told_as_recorded(receiver: Receiver, mock: LambdaMock) -> None:
    identifier = put(rule(receiver.arn), thing="pear")
    event = {
        "version": "0",
        "id": identifier,
        "detail-type": "sold",
        "source": "shop",
        "account": "123456789012",
        "time": receiver.events[0]["time"],
        "region": "us-east-1",
        "resources": [],
        "detail": {"thing": "pear"},
    }
    assert receiver.events == [event]
    assert datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ").microsecond == 0
    assert mock.invocations("orders")[0].kind == "Event"


def test_what_another_service_tells_is_queued_and_tried_again(receiver: Receiver, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=[RuntimeError("once"), None])
    events = client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["aws.s3"], "detail": {"eventName": ["CreateBucket"]}}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": receiver.arn}])
    client("s3").create_bucket(Bucket="photos")
    mock.clock.advance(60)
    first, second = mock.invocations("orders")
    assert (first.kind, second.kind, first.payload) == ("Event", "Event", second.payload)
    assert json.loads(first.payload)["time"] == "2026-01-01T00:00:00Z"


def test_other_events_and_those_of_a_disabled_rule_do_not_come(receiver: Receiver) -> None:
    events = rule(receiver.arn)
    put(events, "stock")
    events.disable_rule(Name="r")
    put(events)
    assert receiver.events == []


def test_targets_that_are_no_functions_are_left_to_moto(receiver: Receiver) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    events = rule(receiver.arn)
    events.put_targets(Rule="r", Targets=[{"Id": "2", "Arn": "arn:aws:sqs:us-east-1:123456789012:told"}])
    put(events)
    assert json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])["source"] == "shop"
    assert len(receiver.events) == 1


EVENT = {"id": "1", "detail": {"thing": "pear", "list": [1, 2], "quote": 'a "b"'}}


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ({}, EVENT),
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail.thing"}, "pear"),
        ({"InputPath": "$.detail.list[1]"}, 2),
        (
            {"InputTransformer": {"InputPathsMap": {"t": "$.detail.thing"}, "InputTemplate": '"one <t>, please"'}},
            "one pear, please",
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"t": "$.detail.list"}, "InputTemplate": '{"all": <t>}'}},
            {"all": [1, 2]},
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"t": "$.detail.quote"}, "InputTemplate": '{"all": "x <t>"}'}},
            {"all": 'x a "b"'},
        ),
        ({"InputTransformer": {"InputPathsMap": {"t": "$.no"}, "InputTemplate": '{"none": <t>}'}}, {"none": None}),
        ({"InputTransformer": {"InputTemplate": '{"rule": <aws.events.rule-name>}'}}, {"rule": "r"}),
        ({"InputTransformer": {"InputTemplate": '{"all": <aws.events.event.json>}'}}, {"all": EVENT}),
    ],
)
def test_a_target_gets_what_its_input_makes_of_the_event(target: dict[str, Any], told: Any) -> None:
    assert json.loads(target_input(target, EVENT, rule_arn=RULE, now=START)) == told


def test_an_event_for_a_function_that_is_gone_goes_to_the_queue_of_the_target(receiver: Receiver) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    events = rule(receiver.arn, DeadLetterConfig={"Arn": "arn:aws:sqs:us-east-1:123456789012:dead"})
    client("lambda").delete_function(FunctionName="orders")
    put(events)
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    assert json.loads(message["Body"])["source"] == "shop"
    assert message["MessageAttributes"]["RULE_ARN"]["StringValue"].endswith(":rule/r")


# -- schedules


def test_a_schedule_fires_on_the_clock(receiver: Receiver, mock: LambdaMock) -> None:
    events = client("events")
    arn = events.put_rule(Name="r", ScheduleExpression="rate(5 minutes)")["RuleArn"]
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": receiver.arn}])
    mock.clock.advance(600)
    assert [event["time"] for event in receiver.events] == ["2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"]
    told = receiver.events[0]
    assert (told["detail-type"], told["source"], told["detail"]) == ("Scheduled Event", "aws.events", {})
    assert told["resources"] == [arn]


def test_a_schedule_that_was_deleted_or_replaced_fires_no_more(receiver: Receiver, mock: LambdaMock) -> None:
    events = client("events")
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": receiver.arn}])
    events.put_rule(Name="r", ScheduleExpression="rate(1 hour)")
    mock.clock.advance(3600)
    assert len(receiver.events) == 1
    events.remove_targets(Rule="r", Ids=["1"])
    events.delete_rule(Name="r")
    mock.clock.advance(7200)
    assert len(receiver.events) == 1


def test_a_schedule_is_not_waited_for(receiver: Receiver, mock: LambdaMock) -> None:
    events = client("events")
    events.put_rule(Name="r", ScheduleExpression="rate(5 minutes)")
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": receiver.arn}])
    mock.clock.run_until_idle()
    assert receiver.events == []


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(1 minute)", "2026-01-01T00:01:30"),
        ("rate(2 days)", "2026-01-03T00:00:30"),
        ("cron(0 12 * * ? *)", "2026-01-01T12:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-01T00:15:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-01T18:00:00"),
        ("cron(15 10 ? * 6L 2026-2027)", "2026-01-30T10:15:00"),
        ("cron(0 0 L * ? *)", "2026-01-31T00:00:00"),
        ("cron(0 0 3W * ? *)", "2026-01-02T00:00:00"),
        ("cron(0 0 ? * 2#1 *)", "2026-01-05T00:00:00"),
        ("cron(0 8 1 FEB,MAR ? *)", "2026-02-01T08:00:00"),
        ("at(2026-02-01T12:00:00)", "2026-02-01T12:00:00"),
    ],
)
def test_a_schedule_is_due_when_it_says(expression: str, due: str) -> None:
    found = next_time(expression, begun=START, after=START)
    assert found == datetime.fromisoformat(due).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("expression", ["cron(0 0 1 1 ? 2025)", "cron(0 0 31 2 ? *)", "at(2025-01-01T00:00:00)"])
def test_a_schedule_of_the_past_or_of_no_day_is_never_due(expression: str) -> None:
    assert next_time(expression, begun=START, after=START) is None


@pytest.mark.parametrize(
    "expression", ["rate(0 minutes)", "cron(0 0 * * * *)", "cron(61 0 * * ? *)", "cron(0 0 ? * XYZ *)", "rate(5)", "x"]
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleError):
        next_time(expression, begun=START, after=START)
