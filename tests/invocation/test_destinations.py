"""What is sent when an asynchronous invocation has come to its end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create

QUEUE = "arn:aws:sqs:us-east-1:123456789012:results"
TOPIC = "arn:aws:sns:us-east-1:123456789012:results"


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, DeadLetterConfig={"TargetArn": TOPIC})
    create(client, "audit")
    mock.clock.run_until_idle()
    return client


def send(client: Any, **params: Any) -> str:
    answer = client.invoke(
        **{"FunctionName": "orders", "InvocationType": "Event", "Payload": b'{"order": 1}', **params}
    )
    request_id: str = answer["ResponseMetadata"]["RequestId"]
    return request_id


def configure(client: Any, *, success: str | None = None, failure: str | None = None, **params: Any) -> None:
    found = {"OnSuccess": success, "OnFailure": failure}
    config = {condition: {"Destination": arn} for condition, arn in found.items() if arn is not None}
    client.put_function_event_invoke_config(FunctionName="orders", DestinationConfig=config, **params)


def test_a_success_is_recorded_as_aws_records_it(settled: Any, mock: LambdaMock) -> None:
    configure(settled, success=QUEUE)
    mock.handler("orders", returns={"ok": True}, duration=0.25)

    request_id = send(settled)
    mock.clock.run_until_idle()

    (message,) = mock.destinations
    assert (message.target, message.kind, message.condition) == (QUEUE, "OnSuccess", "Success")
    assert message.record == {
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:02.250Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{ARN}orders:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"order": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"ok": True},
    }
    assert message.at == mock.clock.now


@pytest.mark.parametrize(("retries", "count"), [(0, 1), (2, 3)])
def test_a_failure_is_recorded_with_its_error_and_the_number_of_attempts(
    settled: Any, mock: LambdaMock, retries: int, count: int
) -> None:
    configure(settled, failure=QUEUE, MaximumRetryAttempts=retries)
    mock.handler("orders", side_effect=RuntimeError("no"))

    send(settled)
    mock.clock.run_until_idle()

    record = mock.destinations[0].record
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == count
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert (record["responsePayload"]["errorMessage"], record["responsePayload"]["errorType"]) == ("no", "RuntimeError")


def test_an_event_that_is_too_old_for_another_attempt_says_so(settled: Any, mock: LambdaMock) -> None:
    configure(settled, failure=QUEUE, MaximumEventAgeInSeconds=60)
    mock.handler("orders", side_effect=RuntimeError("no"))

    send(settled)
    mock.clock.run_until_idle()

    context = mock.destinations[0].record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 1)


def test_without_any_concurrency_an_event_goes_to_its_destination_at_once(settled: Any, mock: LambdaMock) -> None:
    configure(settled, failure=QUEUE)
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    send(settled)

    record = mock.destinations[0].record
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record.keys() == {"version", "timestamp", "requestContext", "requestPayload"}
    assert mock.invocations("orders") == []


def test_a_dead_letter_is_the_event_with_the_error_in_its_attributes(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("n" * 2000))

    request_id = send(settled)
    mock.clock.run_until_idle()

    (letter,) = mock.destinations
    assert (letter.kind, letter.target, letter.body) == ("DeadLetter", TOPIC, '{"order": 1}')
    assert letter.attributes == {"RequestID": request_id, "ErrorCode": 200, "ErrorMessage": "n" * 1024}


def test_a_dead_letter_of_what_was_throttled_has_the_status_of_a_throttle(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    send(settled)

    (letter,) = mock.destinations
    assert (letter.attributes["ErrorCode"], letter.attributes["ErrorMessage"]) == (429, "Rate Exceeded.")


def test_a_success_leaves_no_dead_letter(settled: Any, mock: LambdaMock) -> None:
    send(settled)
    mock.clock.run_until_idle()

    assert mock.destinations == ()


def test_a_destination_and_a_dead_letter_queue_are_both_served(settled: Any, mock: LambdaMock) -> None:
    configure(settled, failure=QUEUE, MaximumRetryAttempts=0)
    mock.handler("orders", side_effect=RuntimeError("no"))

    send(settled)

    assert [one.kind for one in mock.destinations] == ["OnFailure", "DeadLetter"]


def test_the_record_of_an_alias_names_it_and_the_version_that_ran(client: Any, mock: LambdaMock) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    destination = {"OnSuccess": {"Destination": QUEUE}}
    client.put_function_event_invoke_config(FunctionName="orders", Qualifier="live", DestinationConfig=destination)

    send(client, Qualifier="live")
    send(client, Qualifier="1")
    mock.clock.run_until_idle()

    (message,) = mock.destinations
    assert message.record["requestContext"]["functionArn"] == f"{ARN}orders:live"
    assert message.record["responseContext"]["executedVersion"] == "1"


def test_a_function_that_results_go_to_is_invoked_with_the_record(settled: Any, mock: LambdaMock) -> None:
    configure(settled, success=f"{ARN}audit")

    send(settled)
    mock.clock.run_until_idle()

    (ran,) = mock.invocations("audit")
    assert json.loads(ran.payload) == mock.destinations[0].record
    assert ran.kind == "Event"


def test_a_function_that_is_gone_cannot_be_delivered_to(settled: Any, mock: LambdaMock) -> None:
    configure(settled, success=f"{ARN}audit")
    settled.delete_function(FunctionName="audit")

    send(settled)
    mock.clock.run_until_idle()

    assert mock.destinations[0].error == f"Invoke: ResourceNotFoundException: Function not found: {ARN}audit"
    assert mock.metrics.sum("DestinationDeliveryFailures", "orders") == 1


def test_a_failure_in_a_bucket_has_a_key_of_function_day_and_time(settled: Any, mock: LambdaMock) -> None:
    configure(settled, failure="arn:aws:s3:::failures", MaximumRetryAttempts=0)
    mock.handler("orders", side_effect=RuntimeError("no"))

    send(settled)

    key = mock.destinations[0].key
    assert key is not None
    assert re.fullmatch(r"aws/lambda/async/orders/2026/01/01/2026-01-01T00\.00\.02-[0-9a-f-]{36}", key)
