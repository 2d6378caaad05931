"""A durable function that is deleted while its executions are under way: they go on, and nothing new begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of
from tests.operations.durable.replaying import Replay, replaying
from tests.operations.durable.workflows import LATEST, Workflow, start, status, waiting

DELETE = {"FunctionName": "orders"}
NAP = 60


@pytest.fixture
def draining(mock: LambdaMock, client: Any, workflow: Workflow) -> str:
    """Return the ARN of an execution that waits for a minute, whose function was deleted meanwhile."""
    workflow(lambda: waiting(NAP))
    arn = start(client)
    mock.clock.advance(0)
    client.delete_function(**DELETE)
    return arn


def state(client: Any, **params: Any) -> tuple[str, str | None]:
    shown = client.get_function_configuration(**DELETE, **params)
    return shown["State"], shown.get("StateReasonCode")


def test_it_is_deleting_until_they_have_ended(mock: LambdaMock, client: Any, draining: str) -> None:
    mock.clock.advance(NAP - 1)
    before = state(client)
    mock.clock.advance(1)

    assert before == ("Deleting", "DrainingDurableExecutions")
    assert error_of(client.get_function, **DELETE)[0] == 404
    assert mock.function("orders").history.states == ["Pending", "Active", "Deleting", None]


def test_the_answer_tells_that_it_is_not_gone_yet(mock: LambdaMock, client: Any, draining: str) -> None:
    again = client.delete_function(**DELETE)["StatusCode"]
    mock.clock.run_until_idle()
    create(client, DurableConfig={"ExecutionTimeout": 600})

    assert (again, client.delete_function(**DELETE)["StatusCode"]) == (202, 204)


def test_its_executions_are_invoked_to_their_ends(mock: LambdaMock, client: Any, draining: str) -> None:
    mock.clock.advance(NAP)

    assert len(mock.invocations("orders")) == 2
    assert "RUNNING -> SUCCEEDED" in str(mock.timeline)


@pytest.mark.parametrize(
    "asked",
    [
        lambda client: error_of(client.invoke, **LATEST),
        lambda client: error_of(client.invoke, **LATEST, InvocationType="Event"),
        lambda client: error_of(client.update_function_configuration, **DELETE, Timeout=9),
    ],
)
def test_nothing_new_begins(client: Any, draining: str, asked: Callable[[Any], Any]) -> None:
    refused = asked(client)

    assert refused[:2] == (409, "ResourceConflictException")
    assert "Deleting" in refused[2]


def test_the_last_of_several_ends_it(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(NAP))
    start(client, "one")
    mock.clock.advance(30)
    start(client, "two")
    mock.clock.advance(0)
    client.delete_function(**DELETE)

    mock.clock.advance(30)
    between = state(client)[0]
    mock.clock.advance(30)

    assert (between, error_of(client.get_function, **DELETE)[0]) == ("Deleting", 404)


def test_to_stop_them_ends_it(mock: LambdaMock, client: Any, draining: str) -> None:
    client.stop_durable_execution(DurableExecutionArn=draining)
    mock.clock.advance(0)

    assert error_of(client.get_function, **DELETE)[0] == 404
    assert error_of(client.get_durable_execution, DurableExecutionArn=draining)[0] == 404


def test_a_function_whose_executions_are_over_goes_at_once(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(NAP))
    start(client)
    mock.clock.run_until_idle()

    assert client.delete_function(**DELETE)["StatusCode"] == 204
    assert error_of(client.get_function, **DELETE)[0] == 404


def test_a_version_drains_alone(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(NAP))
    client.publish_version(**DELETE)
    client.invoke(**DELETE, Qualifier="1", InvocationType="Event")
    mock.clock.advance(0)
    client.delete_function(**DELETE, Qualifier="1")
    during = state(client, Qualifier="1"), state(client)[0]
    mock.clock.advance(NAP)

    assert during == (("Deleting", "DrainingDurableExecutions"), "Active")
    assert error_of(client.get_function, **DELETE, Qualifier="1")[0] == 404
    assert state(client)[0] == "Active"


def test_a_chained_invocation_of_what_drains_fails_in_the_answer_of_the_checkpoint(
    mock: LambdaMock, client: Any, draining: str
) -> None:
    create(client, "callers", DurableConfig={"ExecutionTimeout": 600})
    mock.clock.advance(20)

    def work(replay: Replay) -> Any:
        return replay.invoke("call", "orders:$LATEST", {})["ChainedInvokeDetails"]["Error"]["ErrorType"]

    mock.handler("callers", call=replaying(client.checkpoint_durable_execution, work))
    answer = client.invoke(FunctionName="callers", Qualifier="$LATEST")

    assert answer["Payload"].read() == b'"ResourceConflictException"'


def test_an_idle_function_drains_as_well(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(NAP))
    arn = start(client)
    mock.clock.advance(0)
    mock.function("orders").idle()
    client.delete_function(**DELETE)
    during = state(client)[0], status(client, arn)
    mock.clock.advance(NAP)

    assert during == ("Deleting", "RUNNING")
    assert error_of(client.get_function, **DELETE)[0] == 404
