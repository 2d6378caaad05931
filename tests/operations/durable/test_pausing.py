"""Pausing, resuming and deleting executions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import error_of
from tests.newest_client import newest_client
from tests.operations.durable.workflows import PENDING, Script, Workflow, done, history, start, status, types, waiting

CONFLICT = (409, "ResourceConflictException")


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    return newest_client()


def asking() -> Script:
    yield [{"Id": "ask", "Type": "CALLBACK", "Action": "START"}]
    operations = yield PENDING
    yield done(operations["ask"]["CallbackDetails"]["Result"])


def callback_of(client: Any, arn: str) -> str:
    started = next(one for one in history(client, arn) if one["EventType"] == "CallbackStarted")
    return str(started["CallbackStartedDetails"]["CallbackId"])


def get(client: Any, arn: str) -> Any:
    return client.get_durable_execution(DurableExecutionArn=arn)


@pytest.fixture
def paused(mock: LambdaMock, client: Any, workflow: Workflow) -> str:
    """The ARN of an execution that was paused while it waits a minute."""
    workflow(lambda: waiting(60))
    arn = start(client)
    client.pause_durable_execution(DurableExecutionArn=arn, Reason="maintenance")
    mock.clock.advance(1)
    return arn


def test_a_request_to_pause_is_answered_before_it_is_processed(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    asked = mock.clock.now

    answer = client.pause_durable_execution(DurableExecutionArn=arn, Reason="maintenance")
    before = status(client, arn)
    mock.clock.advance(1)

    assert (answer["ResponseMetadata"]["HTTPStatusCode"], before) == (202, "RUNNING")
    execution = get(client, arn)
    assert execution["Status"] == "PAUSED"
    assert execution["PauseDetails"] == {
        "PauseRequestTimestamp": asked, "ExecutionTimeoutPaused": True, "Reason": "maintenance",
    }  # fmt: skip


def test_a_wait_ends_while_paused_and_the_function_is_invoked_once_resumed(
    mock: LambdaMock, client: Any, paused: str
) -> None:
    mock.clock.advance(100)
    ended = types(client, paused), status(client, paused)

    client.resume_durable_execution(DurableExecutionArn=paused, Reason="done")
    mock.clock.advance(1)

    assert ended == (["ExecutionStarted", "WaitStarted", "ExecutionPaused", "WaitSucceeded"], "PAUSED")
    assert types(client, paused)[4:] == ["ExecutionResumed", "ExecutionSucceeded"]


def test_a_paused_execution_that_nothing_happened_to_waits_on_when_resumed(
    mock: LambdaMock, client: Any, paused: str
) -> None:
    client.resume_durable_execution(DurableExecutionArn=paused)
    mock.clock.advance(1)

    assert (status(client, paused), len(mock.invocations("orders"))) == ("RUNNING", 1)
    mock.clock.advance(58)
    assert status(client, paused) == "SUCCEEDED"


def test_a_callback_is_answered_while_paused(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(asking)
    arn = start(client)
    callback = callback_of(client, arn)
    client.pause_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(1)

    client.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')
    assert (status(client, arn), types(client, arn)[-1]) == ("PAUSED", "CallbackSucceeded")
    client.resume_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(1)

    assert get(client, arn)["Result"] == '"yes"'


def test_the_history_tells_who_paused_and_resumed_and_why(mock: LambdaMock, client: Any, paused: str) -> None:
    asked = mock.clock.now
    client.resume_durable_execution(DurableExecutionArn=paused, Reason="done")
    mock.clock.advance(1)

    events = {one["EventType"]: one for one in history(client, paused)}
    assert events["ExecutionPaused"]["ExecutionPausedDetails"] == {
        "PauseRequestTimestamp": asked - timedelta(seconds=1), "ExecutionTimeoutPaused": True,
        "Reason": {"Payload": "maintenance", "Truncated": False},
    }  # fmt: skip
    assert events["ExecutionResumed"]["ExecutionResumedDetails"] == {
        "ResumeRequestTimestamp": asked, "Reason": {"Payload": "done", "Truncated": False},
    }  # fmt: skip


def test_a_pause_extends_the_time_that_the_execution_has(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(asking)
    arn = start(client)
    began = mock.clock.now
    first = get(client, arn)["ExpectedExecutionTimeoutTimestamp"]
    client.pause_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(1)
    during = get(client, arn)["ExpectedExecutionTimeoutTimestamp"]
    mock.clock.advance(timedelta(days=3))
    client.resume_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(1)
    after = get(client, arn)["ExpectedExecutionTimeoutTimestamp"]

    paused = timedelta(days=3, seconds=1)
    assert [each - began for each in (first, during, after)] == [
        timedelta(minutes=10), timedelta(days=366), timedelta(minutes=10) + paused,
    ]  # fmt: skip
    mock.clock.advance_to(after - timedelta(seconds=1))
    before = status(client, arn)
    mock.clock.advance(1)
    assert (before, status(client, arn)) == ("RUNNING", "TIMED_OUT")


def test_an_execution_whose_time_goes_on_times_out_while_it_is_paused(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    workflow(asking)
    arn = start(client)
    client.pause_durable_execution(DurableExecutionArn=arn, ExecutionTimeoutPaused=False)

    mock.clock.advance(599)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, status(client, arn)) == ("PAUSED", "TIMED_OUT")


def test_a_running_invocation_is_paused_at_its_next_checkpoint_and_invoked_again_when_resumed(
    mock: LambdaMock, client: Any, durable: None
) -> None:
    seen: list[Any] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        if seen:
            return done()
        client.pause_durable_execution(DurableExecutionArn=arn)
        mock.clock.advance(1)
        seen.append(status(client, arn))
        updates = [{"Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "1"}]
        seen.append(
            client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=token, Updates=updates)
        )
        seen.append(status(client, arn))
        return PENDING

    mock.handler("orders", call=handler)
    arn = start(client)
    assert (seen[0], seen[2], status(client, arn)) == ("PAUSING", "PAUSED", "PAUSED")
    assert "CheckpointToken" not in seen[1]
    assert seen[1]["NewExecutionState"] == {"Operations": []}
    assert types(client, arn)[:3] == ["ExecutionStarted", "StepSucceeded", "ExecutionPaused"]

    client.resume_durable_execution(DurableExecutionArn=arn)
    mock.clock.advance(1)
    assert status(client, arn) == "SUCCEEDED"


def test_to_resume_while_pausing_cancels_the_pause(mock: LambdaMock, client: Any, durable: None) -> None:
    seen: list[str] = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn = event["DurableExecutionArn"]
        client.pause_durable_execution(DurableExecutionArn=arn)
        mock.clock.advance(1)
        client.resume_durable_execution(DurableExecutionArn=arn)
        seen.append(status(client, arn))
        mock.clock.advance(1)
        seen.append(status(client, arn))
        return done()

    mock.handler("orders", call=handler)
    arn = start(client)

    assert seen == ["PAUSING", "RUNNING"]
    assert types(client, arn) == ["ExecutionStarted", "ExecutionSucceeded"]


def test_a_paused_execution_can_be_stopped(client: Any, paused: str) -> None:
    client.stop_durable_execution(DurableExecutionArn=paused)

    assert status(client, paused) == "STOPPED"


@pytest.mark.parametrize("operation", ["pause_durable_execution", "resume_durable_execution"])
def test_what_is_over_is_neither_paused_nor_resumed(client: Any, paused: str, operation: str) -> None:
    client.stop_durable_execution(DurableExecutionArn=paused)

    assert error_of(getattr(client, operation), DurableExecutionArn=paused)[:2] == CONFLICT


def test_what_is_paused_is_not_paused_again(client: Any, paused: str) -> None:
    assert error_of(client.pause_durable_execution, DurableExecutionArn=paused)[:2] == CONFLICT


def test_what_runs_cannot_be_resumed_nor_deleted(client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)

    assert error_of(client.resume_durable_execution, DurableExecutionArn=arn)[:2] == CONFLICT
    assert error_of(client.delete_durable_execution, DurableExecutionArn=arn)[:2] == CONFLICT


def test_the_same_client_token_is_the_same_request_for_fifteen_minutes(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    workflow(lambda: waiting(2_000))
    arn = start(client)
    asked = {"DurableExecutionArn": arn, "ClientToken": "once"}
    client.pause_durable_execution(**asked)
    mock.clock.advance(1)

    assert client.pause_durable_execution(**asked)["ResponseMetadata"]["HTTPStatusCode"] == 202
    mock.clock.advance(900)
    assert error_of(client.pause_durable_execution, **asked)[:2] == CONFLICT


def test_a_deleted_execution_is_deleting_for_a_while_and_then_gone(mock: LambdaMock, client: Any, paused: str) -> None:
    client.stop_durable_execution(DurableExecutionArn=paused)

    answer = client.delete_durable_execution(DurableExecutionArn=paused)
    during = status(client, paused)
    mock.clock.advance(1)

    assert (answer["DeletionRequestTimestamp"], during) == (mock.clock.now - timedelta(seconds=1), "DELETING")
    assert error_of(client.get_durable_execution, DurableExecutionArn=paused)[:2] == (404, "ResourceNotFoundException")
    assert start(client, "one") != paused
