"""Invoking a durable function, and how long its executions last."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of
from tests.operations.durable.workflows import (
    INVALID,
    LATEST,
    PENDING,
    Workflow,
    done,
    history,
    start,
    status,
    types,
    waiting,
)


@pytest.mark.usefixtures("durable")
def test_an_invocation_answers_with_the_result_and_the_arn_of_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done('{"ok": true}'))

    answer = client.invoke(**LATEST, DurableExecutionName="one", Payload=b"{}")

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == {"ok": True}
    assert answer["DurableExecutionArn"].startswith(f"{ARN}orders:$LATEST/durable-execution/one/")


@pytest.mark.usefixtures("durable")
@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_the_old_asynchronous_invoke_begins_an_execution_too(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done())

    client.invoke_async(FunctionName="orders:$LATEST", InvokeArgs=b"{}")

    assert [one.result for one in mock.durable("orders").executions] == ["done"]


@pytest.mark.usefixtures("durable")
def test_an_unqualified_name_is_refused(client: Any) -> None:
    assert error_of(client.invoke, FunctionName="orders")[:2] == (400, INVALID)


def test_the_name_of_an_execution_is_for_durable_functions(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **LATEST, DurableExecutionName="one")[:2] == (400, INVALID)


def test_nobody_waits_for_more_than_fifteen_minutes(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 901})
    mock.clock.run_until_idle()

    assert error_of(client.invoke, **LATEST)[:2] == (400, INVALID)
    assert client.invoke(**LATEST, InvocationType="Event")["StatusCode"] == 202


def test_a_synchronous_invocation_moves_the_clock_to_the_end(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(300))
    before = mock.clock.now

    client.invoke(**LATEST)

    assert (mock.clock.now - before).total_seconds() == 300


def test_the_same_name_and_payload_attach_to_the_execution(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    first = start(client)

    assert start(client) == first
    attached = client.invoke(**LATEST, DurableExecutionName="one", Payload=b'{ "order": 7 }')
    assert (attached["DurableExecutionArn"], attached["Payload"].read()) == (first, b'"done"')


def test_the_same_name_with_another_payload_is_refused(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    start(client)

    answer = error_of(lambda: start(client, payload=b'{"order": 8}'))

    assert answer[:2] == (409, "DurableExecutionAlreadyStartedException")


@pytest.mark.usefixtures("durable")
def test_a_failure_is_an_error_of_the_function(mock: LambdaMock, client: Any) -> None:
    error = {"ErrorType": "OutOfStock", "ErrorMessage": "no more chairs"}
    mock.handler("orders", returns={"Status": "FAILED", "Error": error})

    answer = client.invoke(**LATEST)

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorMessage": "no more chairs", "errorType": "OutOfStock"}
    execution = client.get_durable_execution(DurableExecutionArn=answer["DurableExecutionArn"])
    assert (execution["Status"], execution["Error"]) == ("FAILED", error)


@pytest.mark.usefixtures("durable")
def test_an_exception_fails_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", side_effect=ValueError("no more chairs"))

    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    error = client.get_durable_execution(DurableExecutionArn=arn)["Error"]
    assert (error["ErrorType"], error["ErrorMessage"]) == ("ValueError", "no more chairs")


@pytest.mark.usefixtures("durable")
def test_waiting_for_nothing_fails_the_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=PENDING)

    assert client.invoke(**LATEST)["FunctionError"] == "Unhandled"


def test_an_execution_runs_until_its_wait_has_ended(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)

    mock.clock.advance(59)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, status(client, arn)) == ("RUNNING", "SUCCEEDED")
    assert types(client, arn) == ["ExecutionStarted", "WaitStarted", "WaitSucceeded", "ExecutionSucceeded"]


def test_an_execution_that_takes_too_long_times_out(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(10_000))
    arn = start(client)

    mock.clock.advance(600)

    error = {"ErrorMessage": "Execution timed out after 600 seconds."}
    assert status(client, arn) == "TIMED_OUT"
    assert client.get_durable_execution(DurableExecutionArn=arn)["Error"] == error
    last = history(client, arn)[-1]
    assert (last["EventType"], last["ExecutionTimedOutDetails"]["Error"]["Payload"]) == ("ExecutionTimedOut", error)
    mock.clock.run_until_idle()
    assert len(mock.invocations("orders")) == 1


def test_a_closed_execution_is_kept_for_its_retention(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    mock.clock.run_until_idle()

    mock.clock.advance(timedelta(days=2) - timedelta(seconds=1))
    kept = status(client, arn)
    mock.clock.advance(1)

    assert kept == "SUCCEEDED"
    assert error_of(client.get_durable_execution, DurableExecutionArn=arn)[:2] == (404, "ResourceNotFoundException")


def test_a_stopped_execution_goes_no_further(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    error = {"ErrorType": "Cancelled", "ErrorMessage": "by the customer"}

    answer = client.stop_durable_execution(DurableExecutionArn=arn, Error=error)
    mock.clock.run_until_idle()

    execution = client.get_durable_execution(DurableExecutionArn=arn)
    assert (execution["Status"], execution["Error"]) == ("STOPPED", error)
    assert answer["StopTimestamp"] == execution["EndTimestamp"]
    assert types(client, arn)[-1] == "ExecutionStopped"


def test_an_execution_that_is_stopped_for_no_reason_has_an_error_too(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)

    client.stop_durable_execution(DurableExecutionArn=arn)

    error = {"ErrorMessage": "Execution stopped by user request"}
    assert client.get_durable_execution(DurableExecutionArn=arn)["Error"] == error
    last = history(client, arn)[-1]
    assert (last["EventType"], last["ExecutionStoppedDetails"]["Error"]["Payload"]) == ("ExecutionStopped", error)


def test_a_function_that_fell_idle_during_a_wait_is_woken_and_goes_on(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 30 * 86_400})
    mock.clock.run_until_idle()
    waits = [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 20 * 86_400}}]

    def handler(event: dict[str, Any], _context: Any) -> Any:
        if len(event["InitialExecutionState"]["Operations"]) > 1:
            return done()
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=token, Updates=waits)
        return PENDING

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(timedelta(days=21))

    assert "Inactive" in mock.timeline.of("orders").states
    assert status(client, arn) == "SUCCEEDED"
