"""Operations of an execution: steps, contexts, waits, chained invocations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create
from tests.operations.durable.workflows import (
    LATEST,
    PENDING,
    Script,
    Workflow,
    done,
    history,
    start,
    status,
    types,
)


def test_a_step_is_recorded_with_its_result(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        step = {"Id": "charge", "Type": "STEP", "Name": "charge the card"}
        yield [{**step, "Action": "START"}]
        operations = yield [{**step, "Action": "SUCCEED", "Payload": "42"}]
        yield done(operations["charge"]["StepDetails"]["Result"])

    workflow(script)
    answer = client.invoke(**LATEST)

    assert answer["Payload"].read() == b"42"
    events = history(client, answer["DurableExecutionArn"])
    assert [one["EventType"] for one in events][1:3] == ["StepStarted", "StepSucceeded"]
    assert (events[2]["Id"], events[2]["Name"]) == ("charge", "charge the card")
    assert events[2]["StepSucceededDetails"] == {
        "Result": {"Payload": "42", "Truncated": False},
        "RetryDetails": {"CurrentAttempt": 1},
    }


def test_a_step_is_tried_again_when_its_time_has_come(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        step = {"Id": "charge", "Type": "STEP"}
        options = {"NextAttemptDelaySeconds": 30}
        yield [{**step, "Action": "START"}]
        yield [{**step, "Action": "RETRY", "StepOptions": options, "Error": {"ErrorMessage": "busy"}}]
        operations = yield PENDING
        assert (operations["charge"]["Status"], operations["charge"]["StepDetails"]["Attempt"]) == ("READY", 1)
        yield [{**step, "Action": "SUCCEED", "Payload": "42"}]
        yield done()

    workflow(script)
    arn = start(client)
    mock.clock.advance(30)

    assert status(client, arn) == "SUCCEEDED"
    failed = next(one for one in history(client, arn) if one["EventType"] == "StepFailed")["StepFailedDetails"]
    assert failed["RetryDetails"] == {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 30}
    assert failed["Error"]["Payload"] == {"ErrorMessage": "busy"}


def test_a_context_holds_other_operations(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "all", "Type": "CONTEXT", "SubType": "Parallel", "Action": "START"}]
        operations = yield [{"Id": "one", "ParentId": "all", "Type": "STEP", "Action": "START"}]
        assert operations["one"]["ParentId"] == "all"
        yield [{"Id": "all", "Type": "CONTEXT", "Action": "SUCCEED", "Payload": "[]"}]
        yield done()

    workflow(script)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert types(client, arn)[1:4] == ["ContextStarted", "StepStarted", "ContextSucceeded"]


@pytest.mark.usefixtures("durable")
def test_a_wait_can_be_cancelled(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}]
        operations = yield [{"Id": "nap", "Type": "WAIT", "Action": "CANCEL"}]
        assert operations["nap"]["Status"] == "CANCELLED"
        yield done()

    workflow(script)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert types(client, arn)[1:3] == ["WaitStarted", "WaitCancelled"]


@pytest.mark.usefixtures("durable")
def test_an_execution_may_end_in_a_checkpoint(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "x", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": '"large"'}]
        yield {"Status": "SUCCEEDED", "Result": ""}

    workflow(script)

    assert client.invoke(**LATEST)["Payload"].read() == b'"large"'


def test_another_function_is_invoked_and_its_result_wakes_the_execution(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    create(client, "refunds")
    mock.clock.run_until_idle()
    mock.handler("refunds", call=lambda event, _context: {"refunded": event["order"]})

    def script() -> Script:
        options = {"FunctionName": "refunds"}
        call = {"Id": "refund", "Type": "CHAINED_INVOKE", "Action": "START", "Payload": '{"order": 7}'}
        yield [{**call, "ChainedInvokeOptions": options}]
        operations = yield PENDING
        yield done(operations["refund"]["ChainedInvokeDetails"]["Result"])

    workflow(script)
    answer = client.invoke(**LATEST)

    assert json.loads(answer["Payload"].read()) == {"refunded": 7}
    started = next(
        one for one in history(client, answer["DurableExecutionArn"]) if one["EventType"] == "ChainedInvokeStarted"
    )
    assert started["ChainedInvokeStartedDetails"]["FunctionName"] == "refunds"


def test_a_function_that_is_not_there_fails_its_invocation(client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        options = {"FunctionName": "nobody"}
        yield [{"Id": "call", "Type": "CHAINED_INVOKE", "Action": "START", "ChainedInvokeOptions": options}]
        operations = yield PENDING
        yield done(json.dumps(operations["call"]["ChainedInvokeDetails"]["Error"]["ErrorType"]))

    workflow(script)

    assert client.invoke(**LATEST)["Payload"].read() == b'"ResourceNotFoundException"'
