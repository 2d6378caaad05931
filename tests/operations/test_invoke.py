"""Invoke, by state, by qualifier and by invocation type."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, NoHandlerError, mock_lambda
from tests.deploying import ARN, answering, create, error_of, zip_of
from tests.kept_clients import kept_client


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client)
    mock.clock.run_until_idle()
    return client


def test_a_result_comes_with_the_version_that_ran(settled: Any) -> None:
    answer = settled.invoke(FunctionName="orders", Payload=b'{"order": 1}')

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == {"order": 1}
    assert {"FunctionError", "LogResult"} & answer.keys() == set()


def test_a_missing_function_is_named_with_latest(client: Any) -> None:
    assert error_of(client.invoke, FunctionName="nothing") == (
        404, "ResourceNotFoundException", f"Function not found: {ARN}nothing:$LATEST",
    )  # fmt: skip


def test_a_pending_function_is_not_run(client: Any) -> None:
    create(client)

    assert error_of(client.invoke, FunctionName="orders") == (
        409,
        "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
    )


def test_a_dry_run_runs_nothing(settled: Any, mock: LambdaMock) -> None:
    answer = settled.invoke(FunctionName="orders", InvocationType="DryRun")

    assert answer["StatusCode"] == 204
    assert mock.invocations("orders") == []


def test_an_exception_is_answered_200_with_the_runtimes_payload(client: Any, mock: LambdaMock) -> None:
    create(client, Code={"ZipFile": zip_of("def handler(event, context):\n    raise ValueError('bad order')\n")})
    mock.clock.run_until_idle()

    answer = client.invoke(FunctionName="orders")

    payload = json.loads(answer["Payload"].read())
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (payload["errorMessage"], payload["errorType"]) == ("bad order", "ValueError")
    assert payload["requestId"] == answer["ResponseMetadata"]["RequestId"]


def test_the_tail_of_the_log_comes_when_asked_for(settled: Any) -> None:
    answer = settled.invoke(FunctionName="orders", LogType="Tail")

    log = base64.b64decode(answer["LogResult"]).decode()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id} Version: $LATEST\n" in log
    assert f"REPORT RequestId: {request_id}\tDuration: " in log


def test_what_is_no_json_is_refused(settled: Any, mock: LambdaMock) -> None:
    status, code, message = error_of(settled.invoke, FunctionName="orders", Payload=b"\x87")

    assert (status, code) == (400, "InvalidRequestContentException")
    assert "Invalid UTF-8 start byte 0x87" in message
    assert mock.invocations("orders") == []


def test_an_alias_leads_to_its_version_and_the_handler_sees_the_alias(client: Any, mock: LambdaMock) -> None:
    code = zip_of("def handler(event, context):\n    return [context.invoked_function_arn, context.function_version]\n")
    create(client, Code={"ZipFile": code}, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    answer = client.invoke(FunctionName="orders:live")

    assert answer["ExecutedVersion"] == "1"
    assert json.loads(answer["Payload"].read()) == [ARN + "orders:live", "1"]


def test_a_registered_handler_wins_over_the_code(settled: Any, mock: LambdaMock) -> None:
    @mock.handler("orders")
    def orders(event: Any, context: Any) -> Any:
        return {"name": context.function_name, "left": context.get_remaining_time_in_millis()}

    assert json.loads(settled.invoke(FunctionName="orders")["Payload"].read()) == {"name": "orders", "left": 3000}


def test_a_synchronous_invoke_moves_the_clock_by_its_length(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, init=1, duration=0.5)
    before = mock.clock.now

    settled.invoke(FunctionName="orders")
    settled.invoke(FunctionName="orders")

    assert (mock.clock.now - before).total_seconds() == 2
    assert [one.cold for one in mock.invocations("orders")] == [True, False]


def test_code_that_cannot_run_here_and_no_handler_is_our_own_error(client: Any, mock: LambdaMock) -> None:
    create(client, Runtime="nodejs22.x", Handler="index.handler", Code={"ZipFile": zip_of({"index.js": "x"})})
    mock.clock.run_until_idle()
    mock.handler("ordres", returns=1)

    with pytest.raises(NoHandlerError, match='did you mean "ordres"'):
        client.invoke(FunctionName="orders")
    assert mock.invocations("orders") == []


def test_zero_reserved_concurrency_throttles(mock: LambdaMock) -> None:

    client = kept_client(attempts=1)
    create(client)
    mock.clock.run_until_idle()
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    status, code, message = error_of(client.invoke, FunctionName="orders")

    assert (status, code, message) == (429, "TooManyRequestsException", "Rate Exceeded.")


def test_an_event_is_accepted_and_runs_once_the_call_is_answered(settled: Any, mock: LambdaMock) -> None:
    answer = settled.invoke(FunctionName="orders", InvocationType="Event", Payload=b'{"order": 2}')

    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    (ran,) = mock.invocations("orders")
    assert (ran.kind, ran.payload, ran.request_id) == (
        "Event", b'{"order": 2}', answer["ResponseMetadata"]["RequestId"],
    )  # fmt: skip


def test_a_failing_event_is_tried_again_after_one_minute_and_then_two(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    ran = mock.invocations("orders")

    gaps = [(later.start - earlier.end).total_seconds() for earlier, later in pairwise(ran)]
    assert gaps == [60, 120]
    assert len({one.request_id for one in ran}) == 1
    assert [one.attempt for one in ran] == [1, 2, 3]


def test_events_queued_before_an_update_run_on_the_new_code(client: Any, mock: LambdaMock) -> None:
    create(client, Code={"ZipFile": zip_of("def handler(event, context):\n    raise RuntimeError('old')\n")})
    mock.clock.run_until_idle()
    client.invoke(FunctionName="orders", InvocationType="Event")
    client.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    mock.clock.run_until_idle()

    assert [one.error for one in mock.invocations("orders")] == ["Unhandled", None]


def test_an_idle_function_is_woken_by_an_invoke_that_fails(settled: Any, mock: LambdaMock) -> None:
    orders = mock.function("orders")
    mock.clock.advance(14 * 86_400)
    assert (orders.state, orders.state_reason_code) == ("Inactive", "Idle")

    refusal = error_of(settled.invoke, FunctionName="orders")

    assert refusal == (
        409,
        "CodeArtifactUserPendingException",
        "Lambda is initializing your function. It will be ready to invoke shortly.",
    )
    assert (orders.state, orders.state_reason_code) == ("Pending", "Restoring")
    mock.clock.run_until_idle()
    assert settled.invoke(FunctionName="orders")["StatusCode"] == 200


def test_every_invoke_begins_the_idle_period_anew(settled: Any, mock: LambdaMock) -> None:
    for _ in range(4):
        mock.clock.advance(13 * 86_400)
        settled.invoke(FunctionName="orders")

    assert mock.function("orders").state == "Active"


def test_two_runs_with_the_same_seed_give_the_same_ids() -> None:
    def ids() -> list[str]:
        with mock_lambda(seed=3, start="2026-01-01T00:00:00Z") as m:
            client: Any = boto3.client("lambda", region_name="us-east-1")
            revisions = [create(client)["RevisionId"]]
            m.clock.run_until_idle()
            revisions.append(client.get_function_configuration(FunctionName="orders")["RevisionId"])
            return [*revisions, client.invoke(FunctionName="orders")["ResponseMetadata"]["RequestId"]]

    assert ids() == ids()


def test_a_handler_may_wait_for_threads_that_invoke_other_functions(settled: Any, mock: LambdaMock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    @mock.handler("orders")
    def orders(_event: Any, _context: Any) -> Any:
        def ask(number: int) -> Any:
            answer = settled.invoke(FunctionName="prices", Payload=str(number).encode())
            return json.loads(answer["Payload"].read())

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(ask, range(8)))

    create(settled, "prices")
    mock.clock.run_until_idle()
    mock.handler("prices", call=lambda event, _context: event * 10)

    assert json.loads(settled.invoke(FunctionName="orders")["Payload"].read()) == [number * 10 for number in range(8)]
