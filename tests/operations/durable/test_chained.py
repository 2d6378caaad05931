"""Chained invocations: executions of their own, other functions, and how their ends reach the caller."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create
from tests.operations.durable.replaying import Replay, replaying
from tests.operations.durable.workflows import history, start, status

ORDER = ["ExecutionStarted", "ChainedInvokeStarted", "InvocationCompleted"]


@pytest.fixture
def child(mock: LambdaMock, client: Any, durable: None) -> None:
    """The durable function ``refunds``, which ``orders`` invokes and tells how that has ended."""
    create(client, "refunds", DurableConfig={"ExecutionTimeout": 100})
    mock.clock.run_until_idle()
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, calling("refunds:$LATEST")))


def calling(function: str, payload: Any = 7, **options: str) -> Any:
    def work(replay: Replay) -> Any:
        operation = replay.invoke("refund", function, payload, **options)
        return [operation["Status"], operation["ChainedInvokeDetails"]]

    return work


def refunds(mock: LambdaMock, client: Any, work: Any) -> None:
    mock.handler("refunds", call=replaying(client.checkpoint_durable_execution, work))


def result(client: Any, arn: str) -> Any:
    return json.loads(client.get_durable_execution(DurableExecutionArn=arn)["Result"])


def only_child(client: Any) -> str:
    (one,) = client.list_durable_executions_by_function(FunctionName="refunds")["DurableExecutions"]
    return str(one["DurableExecutionArn"])


@pytest.mark.usefixtures("child")
def test_a_durable_function_gets_an_execution_of_its_own(mock: LambdaMock, client: Any) -> None:
    def work(replay: Replay) -> Any:
        replay.wait("nap", 30)
        return {"refunded": replay.input}

    refunds(mock, client, work)
    arn = start(client)
    mock.clock.advance(30)

    assert result(client, arn) == ["SUCCEEDED", {"Result": '{"refunded": 7}'}]
    events = history(client, arn)
    assert [one["EventType"] for one in events] == [
        *ORDER, "ChainedInvokeSucceeded", "InvocationCompleted", "ExecutionSucceeded",
    ]  # fmt: skip
    assert events[1]["ChainedInvokeStartedDetails"] == {
        "FunctionName": "refunds:$LATEST",
        "Input": {"Payload": "7", "Truncated": False},
        "ExecutedVersion": "$LATEST",
        "DurableExecutionArn": only_child(client),
    }
    inner = history(client, only_child(client))
    assert [one["EventType"] for one in inner][:3] == ["ExecutionStarted", "WaitStarted", "InvocationCompleted"]
    assert inner[0]["ExecutionStartedDetails"]["ExecutionTimeout"] == 100


@pytest.mark.usefixtures("child")
def test_the_caller_does_not_run_while_it_waits(mock: LambdaMock, client: Any) -> None:
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    refunds(mock, client, lambda replay: replay.wait("nap", 30))
    start(client)
    mock.clock.advance(10)

    assert len(mock.invocations("orders")) == 1
    assert client.invoke(FunctionName="orders:$LATEST", InvocationType="Event")["StatusCode"] == 202
    mock.clock.advance(1)
    assert len(mock.invocations("orders")) == 2


@pytest.mark.usefixtures("child")
def test_the_failure_of_a_child_is_the_callers_to_handle(mock: LambdaMock, client: Any) -> None:
    refunds(mock, client, lambda replay: replay.step("s", lambda _attempt: 1 // 0, most=1))
    arn = start(client)

    status_, details = result(client, arn)
    assert (status_, details["Error"]["ErrorType"]) == ("FAILED", "StepFailed")
    assert [one["EventType"] for one in history(client, arn)][3] == "ChainedInvokeFailed"


@pytest.mark.usefixtures("child")
def test_a_child_that_takes_too_long_times_out(mock: LambdaMock, client: Any) -> None:
    refunds(mock, client, lambda replay: replay.wait("nap", 1000))
    arn = start(client)
    mock.clock.advance(100)

    assert result(client, arn) == [
        "TIMED_OUT",
        {
            "Error": {
                "ErrorType": "ChainedInvoke.Timeout",
                "ErrorMessage": "CHAINED_INVOKE timed out after 100 seconds.",
            }
        },
    ]
    assert [one["EventType"] for one in history(client, arn)][3] == "ChainedInvokeTimedOut"


@pytest.mark.usefixtures("child")
def test_a_child_that_is_stopped_is_stopped_for_its_caller(mock: LambdaMock, client: Any) -> None:
    refunds(mock, client, lambda replay: replay.wait("nap", 1000))
    arn = start(client)
    client.stop_durable_execution(DurableExecutionArn=only_child(client), Error={"ErrorType": "Enough"})

    assert result(client, arn) == ["STOPPED", {"Error": {"ErrorType": "Enough"}}]
    assert [one["EventType"] for one in history(client, arn)][3] == "ChainedInvokeStopped"


@pytest.mark.usefixtures("child")
def test_a_child_goes_on_though_its_caller_is_stopped(mock: LambdaMock, client: Any) -> None:
    refunds(mock, client, lambda replay: replay.wait("nap", 30))
    arn = start(client)
    client.stop_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(30)

    assert (status(client, arn), status(client, only_child(client))) == ("STOPPED", "SUCCEEDED")


def test_another_function_is_invoked_after_the_invocation_that_asked_for_it(
    mock: LambdaMock, client: Any, durable: None
) -> None:
    create(client, "prices")
    mock.clock.run_until_idle()
    mock.handler("prices", call=lambda event, _context: {"of": event})
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, calling("prices", [1, 2])))
    arn = start(client)

    assert result(client, arn) == ["SUCCEEDED", {"Result": '{"of": [1, 2]}'}]
    events = history(client, arn)
    assert [one["EventType"] for one in events][:4] == [*ORDER, "ChainedInvokeSucceeded"]
    assert events[1]["ChainedInvokeStartedDetails"] == {
        "FunctionName": "prices", "Input": {"Payload": "[1, 2]", "Truncated": False}, "ExecutedVersion": "$LATEST",
    }  # fmt: skip


def test_the_error_of_another_function_is_the_callers_to_handle(mock: LambdaMock, client: Any, durable: None) -> None:
    create(client, "prices")
    mock.clock.run_until_idle()
    mock.handler("prices", side_effect=ValueError("no price"))
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, calling("prices")))

    status_, details = result(client, start(client))

    assert (status_, details["Error"]["ErrorType"]) == ("FAILED", "ValueError")


def test_a_function_that_is_not_there_fails_in_the_answer_of_the_checkpoint(
    mock: LambdaMock, client: Any, durable: None
) -> None:
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, calling("nobody")))
    arn = start(client)

    status_, details = result(client, arn)
    assert (status_, details["Error"]["ErrorType"]) == ("FAILED", "ResourceNotFoundException")
    assert len(mock.invocations("orders")) == 1


@pytest.mark.usefixtures("child")
def test_a_durable_function_needs_a_qualifier(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, calling("refunds")))

    status_, details = result(client, start(client))

    assert (status_, details["Error"]["ErrorType"]) == ("FAILED", "InvalidParameterValueException")


def test_a_tenant_is_named_to_the_function_that_isolates_them(mock: LambdaMock, client: Any, durable: None) -> None:
    create(client, "prices", TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    mock.clock.run_until_idle()
    mock.handler("prices", call=lambda _event, context: context.tenant_id)
    work = calling("prices", TenantId="blue")
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    arn = start(client)

    assert result(client, arn) == ["SUCCEEDED", {"Result": '"blue"'}]
    assert history(client, arn)[1]["ChainedInvokeStartedDetails"]["TenantId"] == "blue"


@pytest.mark.usefixtures("child")
def test_a_chained_invocation_can_be_given_up(mock: LambdaMock, client: Any) -> None:
    refunds(mock, client, lambda replay: replay.wait("nap", 30))

    def work(replay: Replay) -> Any:
        if replay.status("refund") is None:
            options = {"ChainedInvokeOptions": {"FunctionName": "refunds:$LATEST"}}
            replay.send({"Id": "refund", "Type": "CHAINED_INVOKE", "Action": "START", **options})
            replay.send({"Id": "refund", "Type": "CHAINED_INVOKE", "Action": "CANCEL"})
        return replay.status("refund")

    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    arn = start(client)
    mock.clock.advance(60)

    assert result(client, arn) == "CANCELLED"
    assert status(client, only_child(client)) == "SUCCEEDED"
