"""Brokers of Amazon MQ: events of both engines, redelivery, dead letters, and how many batches run at once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock

from .conftest import Connect, Seen, client

BROKER = "arn:aws:mq:us-east-1:123456789012:broker:shop:b-1234a5b6-78cd-901e-2fgh-3i45j6k17819"
ACCESS = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:mq"}]
VIRTUAL_HOST = [*ACCESS, {"Type": "VIRTUAL_HOST", "URI": "/shop"}]
WINDOW = 0.5

Handle = Callable[..., Seen]


def fail(_event: Any) -> None:
    raise RuntimeError("no")


@pytest.fixture
def broker(m: LambdaMock, connect: Connect) -> Callable[..., Any]:
    """Map the queue ``jobs`` of a broker, and return the broker."""

    def make(access: Any = ACCESS, **members: Any) -> Any:
        connect(BROKER, Queues=["jobs"], SourceAccessConfigurations=access, **members)
        return m.source(BROKER)

    return make


def bodies(seen: Seen) -> list[list[str]]:
    return [[base64.b64decode(one["data"]).decode() for one in event["messages"]] for event in seen.events]


def test_a_message_of_active_mq_is_an_event_as_documented(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source, seen = broker(), handle()
    (identifier,) = source.put("one", expires=60, properties={"correlationId": "c", "priority": 1})
    m.clock.advance(WINDOW)
    assert seen.events == [
        {
            "eventSource": "aws:mq",
            "eventSourceArn": BROKER,
            "messages": [
                {
                    "messageID": f"ID:b-{identifier}-1.mq.us-east-1.amazonaws.com-37557-1234520418293-4:1:1:1:1",
                    "messageType": "jms/text-message",
                    "deliveryMode": 1,
                    "replyTo": None,
                    "type": None,
                    "expiration": "60000",
                    "priority": 1,
                    "correlationId": "c",
                    "redelivered": False,
                    "destination": {"physicalname": "jobs"},
                    "data": "b25l",
                    "timestamp": 1767225600000,
                    "brokerInTime": 1767225600000,
                    "brokerOutTime": 1767225600000,
                }
            ],
        }
    ]
    assert (source.waiting(), source.in_flight()) == ([], [])


def test_a_message_of_rabbit_mq_stands_under_queue_and_virtual_host(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source, seen = broker(VIRTUAL_HOST), handle()
    source.put(b"\xff", properties={"headers": {"a": "hi", "n": 5}, "contentType": "image/png"})
    m.clock.advance(WINDOW)
    (event,) = seen.events
    assert {**event, "rmqMessagesByQueue": list(event["rmqMessagesByQueue"])} == {
        "eventSource": "aws:rmq",
        "eventSourceArn": BROKER,
        "rmqMessagesByQueue": ["jobs::/shop"],
    }
    (message,) = event["rmqMessagesByQueue"]["jobs::/shop"]
    assert (message["redelivered"], message["data"]) == (False, "/w==")
    properties = message["basicProperties"]
    assert properties["headers"] == {"a": {"bytes": [104, 105]}, "n": 5}
    assert (properties["contentType"], properties["bodySize"]) == ("image/png", 1)
    assert properties["timestamp"] == "Jan 1, 2026, 12:00:00 AM"


def test_the_default_virtual_host_is_a_slash(m: LambdaMock, broker: Callable[..., Any], handle: Handle) -> None:
    m.source(BROKER).configure(engine="RabbitMQ")
    source, seen = broker(), handle()
    source.put("one")
    m.clock.advance(WINDOW)
    assert list(seen.events[0]["rmqMessagesByQueue"]) == ["jobs::/"]


def test_active_mq_gives_a_message_out_seven_times_and_then_buries_it(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source, seen = broker(MaximumBatchingWindowInSeconds=0), handle(fail)
    source.put("bad")
    m.clock.advance(60)
    assert [event["messages"][0]["redelivered"] for event in seen.events] == [False] + [True] * 6
    assert (source.waiting(), source.in_flight(), source.dead) == ([], [], ["bad"])


def test_rabbit_mq_gives_a_message_out_until_it_is_done(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source = broker(VIRTUAL_HOST, MaximumBatchingWindowInSeconds=0)

    def until_the_twentieth(_event: Any) -> None:
        if len(seen.events) < 20:
            raise RuntimeError("no")

    seen = handle(until_the_twentieth)
    source.put("bad")
    m.clock.advance(60)
    assert len(seen.events) == 20
    assert (source.waiting(), source.dead) == ([], [])


def test_a_test_says_how_often_a_message_is_given_out(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source, seen = broker(), handle(fail)
    source.configure(max_redeliveries=1)
    source.put("bad")
    m.clock.advance(60)
    assert (len(seen.events), source.dead) == (2, ["bad"])


def test_a_message_that_expires_is_gone(m: LambdaMock, broker: Callable[..., Any], handle: Handle) -> None:
    source, seen = broker(), handle(fail)
    source.put("bad", expires=3)
    m.clock.advance(60)
    assert 1 < len(seen.events) < 5
    assert (source.waiting(), source.dead) == ([], [])


def test_a_slow_function_keeps_its_messages_and_five_batches_run_at_once(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=840)
    source, seen = broker(BatchSize=1, MaximumBatchingWindowInSeconds=0), handle(duration=600)
    source.put(*(str(number) for number in range(8)))
    m.clock.advance(590)
    assert bodies(seen) == [[str(number)] for number in range(5)]
    m.clock.advance(700)
    assert len(seen.events) == 8


def test_a_filter_sees_the_data_as_text(m: LambdaMock, broker: Callable[..., Any], handle: Handle) -> None:
    pattern = json.dumps({"data": {"kind": ["good"]}, "priority": [4]})
    source = broker(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    seen = handle()
    source.put({"kind": "good"}, {"kind": "bad"}, "no JSON")
    m.clock.advance(WINDOW)
    assert bodies(seen) == [['{"kind":"good"}']]
    assert source.waiting() == []  # what is filtered out is acknowledged, too


def test_a_broker_that_refuses_the_login_stops_the_mapping(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    source, seen = broker(), handle()
    m.faults.on_poll(BROKER).error("EVENT_SOURCE_AUTHN_ERROR", times=1)
    source.put("one")
    m.clock.advance(3600)
    uuid = m.mapping(BROKER).uuid
    assert client().get_event_source_mapping(UUID=uuid)["StateTransitionReason"] == "EVENT_SOURCE_AUTHN_ERROR"
    assert (seen.events, source.waiting()) == ([], ["one"])
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    m.clock.advance(WINDOW)
    assert bodies(seen) == [["one"]]


def test_a_function_with_a_timeout_above_14_minutes_stops_the_mapping_of_a_broker(
    m: LambdaMock, broker: Callable[..., Any], handle: Handle
) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=841)
    source, seen = broker(), handle()
    source.put("one", queue="jobs")
    m.clock.advance(60)
    uuid = m.mapping(BROKER).uuid
    assert client().get_event_source_mapping(UUID=uuid)["StateTransitionReason"] == "FUNCTION_CONFIG_NOT_VALID"
    assert (seen.events, source.waiting("jobs")) == ([], ["one"])


def test_a_property_that_the_engine_does_not_know_is_refused_with_the_nearest(
    m: LambdaMock, broker: Callable[..., Any]
) -> None:
    with pytest.raises(TypeError, match=r'ActiveMQ has no property "priorty".*"priority"'):
        broker().put("one", properties={"priorty": 1})
    with pytest.raises(ValueError, match="ActiveMQ and RabbitMQ"):
        m.source(BROKER).configure(engine="rabbit")
