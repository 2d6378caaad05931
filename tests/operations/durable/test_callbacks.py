"""Callbacks: who answers them, and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import error_of
from tests.operations.durable.workflows import (
    INVALID,
    PENDING,
    Script,
    Workflow,
    done,
    history,
    start,
    status,
    types,
)

MB = 1_048_576


@pytest.fixture
def asking(client: Any, workflow: Workflow) -> Callable[..., tuple[str, str]]:
    """Return a function that starts an execution which waits for a callback; it returns both ids."""

    def begin(**options: int) -> tuple[str, str]:
        def script() -> Script:
            yield [{"Id": "ask", "Type": "CALLBACK", "Action": "START", "CallbackOptions": options}]
            operations = yield PENDING
            details = operations["ask"]["CallbackDetails"]
            yield done(json.dumps([operations["ask"]["Status"], details.get("Result"), details.get("Error")]))

        workflow(script)
        arn = start(client)
        event = next(one for one in history(client, arn) if one["EventType"] == "CallbackStarted")
        return arn, event["CallbackStartedDetails"]["CallbackId"]

    return begin


def result(client: Any, arn: str) -> Any:
    return json.loads(client.get_durable_execution(DurableExecutionArn=arn)["Result"])


Asking = Callable[..., tuple[str, str]]


def test_a_callback_that_succeeds_wakes_the_execution(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, callback = asking()
    mock.clock.advance(100)

    client.send_durable_execution_callback_success(CallbackId=callback, Result=b"yes")

    assert result(client, arn) == ["SUCCEEDED", "yes", None]


def test_a_callback_that_fails_wakes_the_execution(client: Any, asking: Asking) -> None:
    arn, callback = asking()

    client.send_durable_execution_callback_failure(CallbackId=callback, Error={"ErrorType": "Denied"})

    assert result(client, arn) == ["FAILED", None, {"ErrorType": "Denied"}]


def test_a_callback_that_nobody_answers_times_out(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, _ = asking(TimeoutSeconds=30)

    mock.clock.advance(30)

    assert result(client, arn)[0] == "TIMED_OUT"
    assert "CallbackTimedOut" in types(client, arn)


def test_heartbeats_keep_a_callback_open_until_its_timeout(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, callback = asking(TimeoutSeconds=30, HeartbeatTimeoutSeconds=10)
    ended = []
    for _ in range(3):
        mock.clock.advance(9)
        client.send_durable_execution_callback_heartbeat(CallbackId=callback)
        ended.append(status(client, arn))
    mock.clock.advance(3)

    assert ended == ["RUNNING"] * 3
    assert result(client, arn)[0] == "TIMED_OUT"


def test_a_callback_that_is_not_heard_of_times_out(mock: LambdaMock, client: Any, asking: Asking) -> None:
    arn, _ = asking(TimeoutSeconds=30, HeartbeatTimeoutSeconds=10)

    mock.clock.advance(10)

    assert result(client, arn)[0] == "TIMED_OUT"


SENDS = [
    "send_durable_execution_callback_success",
    "send_durable_execution_callback_failure",
    "send_durable_execution_callback_heartbeat",
]


@pytest.mark.parametrize("send", SENDS)
def test_a_callback_is_answered_once(client: Any, asking: Asking, send: str) -> None:
    _, callback = asking()
    client.send_durable_execution_callback_success(CallbackId=callback)

    assert error_of(getattr(client, send), CallbackId=callback)[:2] == (400, "CallbackTimeoutException")


@pytest.mark.parametrize("send", SENDS)
def test_an_unknown_callback_is_not_found(client: Any, send: str) -> None:
    assert error_of(getattr(client, send), CallbackId="unknown")[:2] == (404, "ResourceNotFoundException")


@pytest.mark.parametrize(
    "error",
    [{"ErrorData": "x" * MB}, {"ErrorMessage": "x" * (MB // 2), "StackTrace": ["x" * (MB // 2)]}],
    ids=["one member", "all together"],
)
def test_an_error_above_one_megabyte_is_refused_and_the_callback_stays_open(
    client: Any, asking: Asking, error: dict[str, Any]
) -> None:
    arn, callback = asking()

    answer = error_of(client.send_durable_execution_callback_failure, CallbackId=callback, Error=error)

    assert answer == (400, INVALID, f"Error object size must be less than {MB} bytes.")
    client.send_durable_execution_callback_failure(CallbackId=callback, Error={"ErrorType": "No"})
    assert result(client, arn) == ["FAILED", None, {"ErrorType": "No"}]


def test_an_error_above_one_megabyte_is_refused_where_an_execution_is_stopped(client: Any, asking: Asking) -> None:
    arn, _ = asking()

    answer = error_of(client.stop_durable_execution, DurableExecutionArn=arn, Error={"ErrorData": "x" * MB})

    assert answer == (400, INVALID, f"Error object size must be less than {MB} bytes.")
    assert status(client, arn) == "RUNNING"
