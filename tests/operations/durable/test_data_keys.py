"""Durable executions whose data are encrypted with a key: what is answered while that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from lambda_states_mock import LambdaMock
from lambda_states_mock.api_model import lambda_model, operation_model
from tests.deploying import create, error_of
from tests.newest_client import newest_client

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
Asked = dict[str, Callable[[], Any]]


@pytest.fixture
def client(mock: LambdaMock) -> Any:
    """A client that knows the newest operations, and does not try again."""
    return newest_client(Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def asked(mock: LambdaMock, client: Any) -> Asked:
    """Each operation on an execution that waits for a callback, whose data are encrypted."""
    create(client, DurableConfig={"ExecutionTimeout": 600, "KMSKeyArn": KEY})
    mock.clock.run_until_idle()
    callbacks: list[str] = []
    tokens: list[str] = []

    def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
        begun = {"Id": "asked", "Type": "CALLBACK", "Action": "START"}
        answer = client.checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"], CheckpointToken=event["CheckpointToken"], Updates=[begun]
        )
        operations = answer["NewExecutionState"]["Operations"]
        callbacks.extend(one["CallbackDetails"]["CallbackId"] for one in operations if "CallbackDetails" in one)
        tokens.append(answer["CheckpointToken"])
        return {"Status": "PENDING"}

    mock.handler("orders", call=handler)
    client.invoke(FunctionName="orders", Qualifier="$LATEST", InvocationType="Event")
    (found,) = client.list_durable_executions_by_function(FunctionName="orders")["DurableExecutions"]
    arn = {"DurableExecutionArn": found["DurableExecutionArn"]}
    callback = {"CallbackId": callbacks[0]}
    return {
        "CheckpointDurableExecution": lambda: client.checkpoint_durable_execution(**arn, CheckpointToken=tokens[0]),
        "GetDurableExecution": lambda: client.get_durable_execution(**arn),
        "GetDurableExecutionHistory": lambda: client.get_durable_execution_history(**arn),
        "GetDurableExecutionState": lambda: client.get_durable_execution_state(**arn, CheckpointToken=tokens[0]),
        "PauseDurableExecution": lambda: client.pause_durable_execution(**arn),
        "ResumeDurableExecution": lambda: client.resume_durable_execution(**arn),
        "SendDurableExecutionCallbackFailure": lambda: client.send_durable_execution_callback_failure(**callback),
        "SendDurableExecutionCallbackSuccess": lambda: client.send_durable_execution_callback_success(**callback),
        "StopDurableExecution": lambda: client.stop_durable_execution(**arn),
    }


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("disable", "KMSDisabledException"),
        ("delete", "KMSNotFoundException"),
        ("deny", "KMSAccessDeniedException"),
        ("schedule_deletion", "KMSInvalidStateException"),
    ],
)
def test_each_operation_that_declares_it_says_that_the_key_cannot_be_used(
    mock: LambdaMock, asked: Asked, told: str, code: str
) -> None:
    getattr(mock.world.keys[KEY], told)()

    for operation in asked:
        status, found, message = error_of(asked[operation])
        assert (operation, status, found) == (operation, 502, code)
        assert message.startswith("Lambda was unable to decrypt the data of the durable execution because ")
    declare = {name for name in lambda_model().operation_names if code in operation_model(name).errors}
    assert {name for name in declare if not name.startswith("Invoke")} == set(asked)


def test_what_shows_no_data_needs_no_key(mock: LambdaMock, client: Any, asked: Asked) -> None:
    mock.world.keys[KEY].disable()

    (found,) = client.list_durable_executions_by_function(FunctionName="orders")["DurableExecutions"]
    shown = client.get_durable_execution(DurableExecutionArn=found["DurableExecutionArn"], IncludeExecutionData=False)

    assert shown["Status"] == "RUNNING"
    mock.world.keys[KEY].restore()
    assert asked["GetDurableExecution"]()["Status"] == "RUNNING"
