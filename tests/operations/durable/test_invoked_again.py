"""When a durable function is invoked again, with what, and when an execution fails instead."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import answering, create, error_of
from tests.operations.durable.replaying import Replay, replaying
from tests.operations.durable.workflows import (
    INVALID,
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

STEP = {"Id": "s", "Name": "charge", "Type": "STEP", "SubType": "Step"}


def steps(client: Any, arn: str) -> list[str]:
    return [event["EventType"] for event in history(client, arn)]


def ended(client: Any, arn: str) -> list[Any]:
    """Return the type of the error of each invocation, None where it went well."""
    return [
        event["InvocationCompletedDetails"].get("Error", {}).get("Payload", {}).get("ErrorType")
        for event in history(client, arn)
        if event["EventType"] == "InvocationCompleted"
    ]


@pytest.mark.usefixtures("durable")
def test_the_event_is_what_the_sdk_expects(mock: LambdaMock, client: Any) -> None:
    seen: list[Any] = []

    def handler(event: Any, _context: Any) -> Any:
        seen.append(event)
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST, Payload=b'{"order": 7}')["DurableExecutionArn"]

    (event,) = seen
    assert set(event) == {"DurableExecutionArn", "CheckpointToken", "InitialExecutionState", "UpdatedOperationIds"}
    assert (event["DurableExecutionArn"], event["UpdatedOperationIds"]) == (arn, [])
    assert event["InitialExecutionState"] == {
        "Operations": [
            {
                "Id": arn.rsplit("/", 1)[-1],
                "Type": "EXECUTION",
                "Status": "STARTED",
                "StartTimestamp": int(mock.clock.now.timestamp() * 1000),
                "ExecutionDetails": {"InputPayload": '{"order": 7}'},
            }
        ],
        "NextMarker": "",
    }


@pytest.mark.usefixtures("durable")
def test_an_absent_input_is_absent(mock: LambdaMock, client: Any) -> None:
    seen: list[Any] = []

    def handler(event: Any, _context: Any) -> Any:
        seen.append(event)
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert seen[0]["InitialExecutionState"]["Operations"][0]["ExecutionDetails"] == {}


def crash(_event: Any, _context: Any) -> Any:
    os._exit(1)


def raising(_event: Any, _context: Any) -> Any:
    raise RuntimeError("no")


FAILURES = [
    (crash, "Runtime.ExitError"),
    (raising, "RuntimeError"),
    (lambda _event, _context: {"plain": True}, INVALID),
    (lambda _event, _context: PENDING, INVALID),
    (lambda _event, _context: {"Status": "FAILED", "Result": "1"}, INVALID),
    (lambda _event, _context: {"Status": "SUCCEEDED", "Error": {}}, INVALID),
    (lambda _event, _context: {"Status": "SUCCEEDED", "Result": {"no": "text"}}, INVALID),
]


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(("failure", "error"), FAILURES)
def test_a_failed_invocation_leaves_the_execution_alive_and_is_tried_again(
    mock: LambdaMock, client: Any, failure: Any, error: str
) -> None:
    answers = [failure, lambda _event, _context: done()]
    mock.handler("orders", call=lambda event, context: answers.pop(0)(event, context))
    arn = start(client)
    first = status(client, arn)

    mock.clock.advance(4)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (first, before, status(client, arn)) == ("RUNNING", "RUNNING", "SUCCEEDED")
    assert ended(client, arn) == [error, None]


@pytest.mark.usefixtures("durable")
def test_five_failed_invocations_in_a_row_fail_the_execution_with_the_last_error(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", call=raising)
    arn = start(client)

    mock.clock.advance(19)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, status(client, arn)) == ("RUNNING", "FAILED")
    assert ended(client, arn) == ["RuntimeError"] * 5
    assert steps(client, arn)[-2:] == ["InvocationCompleted", "ExecutionFailed"]
    assert client.get_durable_execution(DurableExecutionArn=arn)["Error"]["ErrorMessage"] == "no"


@pytest.mark.usefixtures("durable")
def test_an_invocation_that_goes_well_ends_the_row(mock: LambdaMock, client: Any) -> None:
    failed = [0]

    def work(replay: Replay) -> str:
        for name in "ab":
            if failed[0] < 4 * (1 + "ab".index(name)):
                failed[0] += 1
                raise RuntimeError(name)
            replay.wait(name, 1)
        return "done"

    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    arn = start(client)
    mock.clock.advance(60)

    assert (failed[0], status(client, arn)) == (8, "SUCCEEDED")


@pytest.mark.usefixtures("durable")
def test_how_often_and_how_soon_it_is_tried_again_can_be_set(mock: LambdaMock, client: Any) -> None:
    mock.limits.durable_failed_invocations = 2
    mock.function("orders").timings["reinvoke"] = 60
    mock.handler("orders", call=raising)
    arn = start(client)
    mock.clock.advance(59)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, status(client, arn)) == ("RUNNING", "FAILED")


def test_an_invocation_that_times_out_leaves_its_step_started_and_its_token_is_good_no_more(
    mock: LambdaMock, client: Any
) -> None:
    create(client, Timeout=3, DurableConfig={"ExecutionTimeout": 600})
    mock.clock.run_until_idle()
    tokens: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> Any:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        if tokens:
            step = event["InitialExecutionState"]["Operations"][1]
            late = error_of(client.checkpoint_durable_execution, DurableExecutionArn=arn, CheckpointToken=tokens[-1])
            return done(json.dumps([step["Status"], late[2]]))
        answer = client.checkpoint_durable_execution(
            DurableExecutionArn=arn, CheckpointToken=token, Updates=[{**STEP, "Action": "START"}]
        )
        tokens.append(answer["CheckpointToken"])
        import time

        time.sleep(10)
        return done()

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(8)

    result = json.loads(client.get_durable_execution(DurableExecutionArn=arn)["Result"])
    assert result[0] == "STARTED"
    assert result[1].startswith("Invalid Checkpoint Token")
    assert ended(client, arn) == ["Sandbox.Timedout", None]
    completed = next(one for one in history(client, arn) if one["EventType"] == "InvocationCompleted")
    details = completed["InvocationCompletedDetails"]
    assert details["EndTimestamp"] - details["StartTimestamp"] == timedelta(seconds=3)


@pytest.mark.usefixtures("durable")
def test_what_fell_due_is_named_in_the_next_event(mock: LambdaMock, client: Any) -> None:
    seen: list[Any] = []

    def handler(event: dict[str, Any], context: Any) -> Any:
        seen.append(event["UpdatedOperationIds"])

        def work(replay: Replay) -> str:
            replay.step("s", lambda attempt: 1 if attempt > 1 else 1 // 0, delay=30)
            replay.wait("w", 10)
            return "done"

        return replaying(client.checkpoint_durable_execution, work)(event, context)

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(60)

    assert (seen, status(client, arn)) == ([[], ["s"], ["w"]], "SUCCEEDED")


def test_what_falls_due_while_an_invocation_runs_is_told_by_its_next_checkpoint_and_it_is_invoked_once_more(
    mock: LambdaMock, client: Any, durable: None
) -> None:
    seen: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        seen.append(event["UpdatedOperationIds"])
        if len(seen) > 1:
            return done()
        waits = [{"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 1}}]
        answer = client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=token, Updates=waits)
        mock.clock.advance(1)
        answer = client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=answer["CheckpointToken"])
        seen.append([one["Status"] for one in answer["NewExecutionState"]["Operations"]])
        return PENDING

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(0)

    assert (seen, status(client, arn)) == ([[], ["SUCCEEDED"], ["w"]], "SUCCEEDED")


def test_the_state_in_an_event_is_one_page_and_the_rest_is_asked_for(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    mock.limits.durable_state_bytes = 600
    pages: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        state = event["InitialExecutionState"]
        if len(state["Operations"]) == 1:
            updates = [{**STEP, "Id": f"s{number}", "Action": "SUCCEED", "Payload": "1"} for number in range(5)]
            waits = {"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 1}}
            client.checkpoint_durable_execution(
                DurableExecutionArn=arn, CheckpointToken=token, Updates=[*updates, waits]
            )
            return PENDING
        pages.append([one["Id"] for one in state["Operations"][1:]])
        marker = state["NextMarker"]
        while marker:
            page = client.get_durable_execution_state(
                DurableExecutionArn=arn, CheckpointToken=token, Marker=marker, MaxItems=2
            )
            pages.append([one["Id"] for one in page["Operations"]])
            marker = page.get("NextMarker")
        return done()

    mock.handler("orders", call=handler)
    start(client)
    mock.clock.advance(1)

    assert len(pages) > 2
    assert [name for page in pages for name in page] == ["s0", "s1", "s2", "s3", "s4", "w"]


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(("replays", "seen"), [(False, ["outer", "nap"]), (True, ["outer", "inner", "deep", "nap"])])
def test_what_is_inside_of_a_closed_context_is_left_out_unless_it_replays(
    mock: LambdaMock, client: Any, replays: bool, seen: list[str]
) -> None:
    found: list[Any] = []
    context = {"Type": "CONTEXT", "Action": "START"}
    closing = {"Id": "outer", "Type": "CONTEXT", "Action": "SUCCEED", "ContextOptions": {"ReplayChildren": replays}}

    def handler(event: dict[str, Any], _context: Any) -> Any:
        operations = event["InitialExecutionState"]["Operations"]
        if len(operations) > 1:
            found.extend(operations[1:])
            return done()
        client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"],
            CheckpointToken=event["CheckpointToken"],
            Updates=[
                {**context, "Id": "outer"},
                {**context, "Id": "inner", "ParentId": "outer"},
                {"Id": "deep", "Type": "STEP", "Action": "SUCCEED", "ParentId": "inner", "Payload": "1"},
                closing,
                {"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 1}},
            ],
        )
        return PENDING

    mock.handler("orders", call=handler)
    start(client)
    mock.clock.advance(1)

    assert [one["Id"] for one in found] == seen


def test_an_execution_stays_on_its_version_though_its_alias_moves(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 600})
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    ran: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> Any:
        ran.append(context.function_version)
        work = lambda replay: replay.wait("nap", 60)  # noqa: E731
        return replaying(client.checkpoint_durable_execution, work)(event, context)

    mock.handler("orders", call=handler)
    client.invoke(FunctionName="orders", Qualifier="live", InvocationType="Event")
    client.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    mock.clock.advance(10)
    client.publish_version(FunctionName="orders")
    client.update_alias(FunctionName="orders", Name="live", FunctionVersion="2")
    mock.clock.advance(60)

    assert ran == ["1", "1"]


def test_a_throttled_execution_is_invoked_when_there_is_room(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    def script() -> Script:
        yield [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}]
        yield PENDING
        yield done()

    workflow(script)
    arn = start(client)
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    mock.clock.advance(65)
    before = status(client, arn)
    client.delete_function_concurrency(FunctionName="orders")
    mock.clock.advance(60)

    assert (before, status(client, arn)) == ("RUNNING", "SUCCEEDED")


def test_a_throttled_invoke_begins_no_execution(mock: LambdaMock, client: Any, durable: None) -> None:
    mock.handler("orders", returns=done())
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    assert error_of(client.invoke, **LATEST, DurableExecutionName="one")[0] == 429
    client.delete_function_concurrency(FunctionName="orders")

    assert client.list_durable_executions_by_function(FunctionName="orders")["DurableExecutions"] == []
    assert client.invoke(**LATEST, DurableExecutionName="one", Payload=b"[1]")["StatusCode"] == 200


@pytest.mark.usefixtures("durable")
def test_a_step_that_polls_gets_its_state_back_at_its_next_attempt(mock: LambdaMock, client: Any) -> None:
    states: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        operations = {one["Id"]: one for one in event["InitialExecutionState"]["Operations"]}
        known = operations.get("poll", {}).get("StepDetails", {})
        states.append((operations.get("poll", {}).get("Status"), known.get("Result"), known.get("Attempt")))
        state = int(known.get("Result", "0")) + 1
        step = {"Id": "poll", "Type": "STEP", "SubType": "WaitForCondition"}
        action = (
            {"Action": "RETRY", "StepOptions": {"NextAttemptDelaySeconds": 10}} if state < 3 else {"Action": "SUCCEED"}
        )
        client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"],
            CheckpointToken=event["CheckpointToken"],
            Updates=[{**step, "Action": "START"}, {**step, **action, "Payload": str(state)}],
        )
        return PENDING if state < 3 else done()

    mock.handler("orders", call=handler)
    arn = start(client)
    mock.clock.advance(30)

    assert states == [(None, None, None), ("READY", "1", 1), ("READY", "2", 2)]
    polls = [one for one in history(client, arn) if one["EventType"] == "StepSucceeded"]
    told = [one["StepSucceededDetails"] for one in polls]
    assert [(one["Result"]["Payload"], one["RetryDetails"]) for one in told] == [
        ("1", {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 10}),
        ("2", {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 10}),
        ("3", {"CurrentAttempt": 3}),
    ]  # fmt: skip
    assert types(client, arn).count("StepStarted") == 3


@pytest.mark.usefixtures("durable")
def test_every_event_but_the_end_of_an_invocation_has_an_id(mock: LambdaMock, client: Any) -> None:
    work = lambda replay: replay.step("s", lambda _attempt: 1)  # noqa: E731
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    execution = arn.rsplit("/", 1)[-1]
    assert [(one["EventId"], one["EventType"], one.get("Id")) for one in history(client, arn)] == [
        (1, "ExecutionStarted", execution),
        (2, "StepStarted", "s"),
        (3, "StepSucceeded", "s"),
        (4, "InvocationCompleted", None),
        (5, "ExecutionSucceeded", execution),
    ]


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(("payload", "result"), [({}, {}), ({"Payload": ""}, {"Payload": ""})])
def test_an_absent_result_is_not_an_empty_one(mock: LambdaMock, client: Any, payload: Any, result: Any) -> None:
    def handler(event: dict[str, Any], _context: Any) -> Any:
        answer = client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"],
            CheckpointToken=event["CheckpointToken"],
            Updates=[{**STEP, "Action": "SUCCEED", **payload}],
        )
        details = answer["NewExecutionState"]["Operations"][0]["StepDetails"]
        assert details.get("Result") == payload.get("Payload")
        return {"Status": "SUCCEEDED"}

    mock.handler("orders", call=handler)
    answer = client.invoke(**LATEST)

    (event,) = [one for one in history(client, answer["DurableExecutionArn"]) if one["EventType"] == "StepSucceeded"]
    assert event["StepSucceededDetails"]["Result"] == {**result, "Truncated": False}
    assert answer["Payload"].read() == b"null"


@pytest.mark.usefixtures("durable")
def test_the_end_that_a_checkpoint_tells_counts_when_the_invocation_has_ended(mock: LambdaMock, client: Any) -> None:
    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn = event["DurableExecutionArn"]
        ends = [{"Id": "x", "Type": "EXECUTION", "Action": "FAIL", "Error": {"ErrorType": "Large"}}]
        client.checkpoint_durable_execution(
            DurableExecutionArn=arn, CheckpointToken=event["CheckpointToken"], Updates=ends
        )
        assert status(client, arn) == "RUNNING"
        return {"Status": "FAILED"}

    mock.handler("orders", call=handler)
    arn = start(client)

    assert client.get_durable_execution(DurableExecutionArn=arn)["Error"] == {"ErrorType": "Large"}
    assert steps(client, arn)[-2:] == ["InvocationCompleted", "ExecutionFailed"]


def test_a_wait_of_a_year_costs_a_handful_of_timers(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 31_622_400})
    mock.clock.run_until_idle()
    work = lambda replay: replay.wait("year", 365 * 86_400)  # noqa: E731
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    before = mock.backend.clock.scheduled
    arn = start(client)

    mock.clock.advance_to(datetime.fromisoformat("2027-01-02T00:00:00+00:00"))

    assert status(client, arn) == "SUCCEEDED"
    assert mock.backend.clock.scheduled - before < 30
