"""Events: accepted at once, tried again after one minute and two, and sent on when all has failed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from .deploying import client, create_active

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"
TOPIC = "arn:aws:sns:us-east-1:123456789012:dead"


def send(payload: Any = None) -> str:
    """Send an event; return the id of its request."""
    answer = client().invoke(FunctionName="orders", InvocationType="Event", Payload=json.dumps(payload))
    assert answer["StatusCode"] == 202
    return str(answer["ResponseMetadata"]["RequestId"])


def settings(**members: Any) -> None:
    client().put_function_event_invoke_config(FunctionName="orders", **members)


def seconds_of_runs(m: Any) -> list[float]:
    """Return when each attempt began, in seconds after the first."""
    runs = m.invocations("orders")
    return [(run.start - runs[0].start).total_seconds() for run in runs]


def test_a_failing_event_is_tried_after_one_minute_and_two_more_and_then_sent_on(m: Any) -> None:
    create_active(m)
    m.handler("orders", side_effect=RuntimeError("no"))
    settings(DestinationConfig={"OnFailure": {"Destination": QUEUE}})

    request_id = send({"order": 1})
    m.clock.advance(timedelta(minutes=5))

    assert seconds_of_runs(m) == [0, 60, 180]
    assert {run.request_id for run in m.invocations("orders")} == {request_id}
    (message,) = m.destinations
    context = message.record["requestContext"]
    assert (message.target, context["condition"], context["approximateInvokeCount"]) == (QUEUE, "RetriesExhausted", 3)
    assert message.record["requestPayload"] == {"order": 1}
    assert message.record["responseContext"]["functionError"] == "Unhandled"


def test_an_event_that_succeeds_at_last_is_not_sent_on(m: Any) -> None:
    create_active(m)
    m.handler("orders", side_effect=[RuntimeError("no"), RuntimeError("no"), "done"])
    settings(DestinationConfig={"OnFailure": {"Destination": QUEUE}})

    send()
    m.clock.run_until_idle()

    assert [run.error for run in m.invocations("orders")] == ["Unhandled", "Unhandled", None]
    assert list(m.destinations) == []


def test_an_event_that_grows_too_old_is_given_up(m: Any) -> None:
    create_active(m)
    m.handler("orders", side_effect=RuntimeError("no"))
    settings(MaximumEventAgeInSeconds=90, DestinationConfig={"OnFailure": {"Destination": QUEUE}})

    send()
    m.clock.run_until_idle()

    assert seconds_of_runs(m) == [0, 60]
    assert m.destinations[0].record["requestContext"]["condition"] == "EventAgeExceeded"


def test_without_retries_there_is_one_attempt(m: Any) -> None:
    create_active(m)
    m.handler("orders", side_effect=RuntimeError("no"))
    settings(MaximumRetryAttempts=0)

    send()
    m.clock.run_until_idle()

    assert seconds_of_runs(m) == [0]


def test_the_dead_letter_is_the_event_itself(m: Any) -> None:
    create_active(m, DeadLetterConfig={"TargetArn": TOPIC})
    m.handler("orders", side_effect=RuntimeError("no"))

    request_id = send({"order": 1})
    m.clock.run_until_idle()

    (letter,) = m.destinations
    assert (letter.target, json.loads(letter.body)) == (TOPIC, {"order": 1})
    assert letter.attributes == {"RequestID": request_id, "ErrorCode": 200, "ErrorMessage": "no"}


def test_without_any_concurrency_an_event_is_sent_on_without_an_attempt(m: Any) -> None:
    create_active(m)
    settings(DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    send()
    m.clock.advance(timedelta(hours=6))

    assert m.invocations("orders") == []
    assert m.destinations[0].record["requestContext"]["condition"] == "ZeroReservedConcurrency"
