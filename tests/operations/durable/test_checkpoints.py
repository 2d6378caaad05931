"""Checkpoints: what they refuse, their tokens, and the state that they build up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import error_of
from tests.operations.durable.workflows import (
    INVALID,
    LATEST,
    Update,
    done,
    types,
)


def refusing(script_updates: list[list[Update]], errors: list[Any]) -> Callable[[Any], Any]:
    """Return a handler that sends checkpoints with its first token and keeps what they are refused with."""

    def use(client: Any) -> Any:
        def handler(event: dict[str, Any], _context: Any) -> Any:
            arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
            for updates in script_updates[:-1]:
                answer = client.checkpoint_durable_execution(
                    DurableExecutionArn=arn, CheckpointToken=token, Updates=updates
                )
                token = answer["CheckpointToken"]
            last = {"DurableExecutionArn": arn, "CheckpointToken": token, "Updates": script_updates[-1]}
            errors.append(error_of(client.checkpoint_durable_execution, **last))
            return done()

        return handler

    return use


STEP = {"Id": "s", "Type": "STEP"}


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(
    "updates",
    [
        [[{**STEP, "Action": "SUCCEED"}], [{**STEP, "Action": "START"}]],
        [[{"Id": "w", "Type": "WAIT", "Action": "SUCCEED"}]],
        [[{"Id": "c", "Type": "CALLBACK", "Action": "FAIL"}]],
        [[{"Id": "w", "Type": "WAIT", "Action": "CANCEL"}]],
    ],
    ids=["a step that has ended", "a wait that shall succeed", "a callback that shall fail", "no wait to cancel"],
)
def test_an_update_that_cannot_be_is_refused(mock: LambdaMock, client: Any, updates: list[list[Update]]) -> None:
    errors: list[Any] = []
    mock.handler("orders", call=refusing(updates, errors)(client))
    client.invoke(**LATEST)

    assert [error[:2] for error in errors] == [(400, INVALID)]


@pytest.mark.usefixtures("durable")
def test_a_checkpoint_consumes_its_token(mock: LambdaMock, client: Any) -> None:
    errors = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        params = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        client.checkpoint_durable_execution(**params)
        errors.append(error_of(client.checkpoint_durable_execution, **params))
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST)

    assert errors == [(400, INVALID, "Invalid Checkpoint Token")]


@pytest.mark.usefixtures("durable")
def test_a_client_token_makes_a_repeated_checkpoint_harmless(mock: LambdaMock, client: Any) -> None:
    tokens = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        params = {"DurableExecutionArn": event["DurableExecutionArn"], "CheckpointToken": event["CheckpointToken"]}
        for _ in range(2):
            answer = client.checkpoint_durable_execution(
                **params, ClientToken="same", Updates=[{**STEP, "Action": "START"}]
            )
            tokens.append(answer["CheckpointToken"])
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    assert tokens[0] == tokens[1]
    assert types(client, arn).count("StepStarted") == 1


@pytest.mark.usefixtures("durable")
def test_a_closed_execution_takes_no_checkpoint(mock: LambdaMock, client: Any) -> None:
    tokens = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        tokens.append(event["CheckpointToken"])
        return done()

    mock.handler("orders", call=handler)
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    answer = error_of(client.checkpoint_durable_execution, DurableExecutionArn=arn, CheckpointToken=tokens[0])

    assert answer[:2] == (400, INVALID)


@pytest.mark.usefixtures("durable")
def test_the_state_begins_with_the_execution_and_pages_through(mock: LambdaMock, client: Any) -> None:
    pages = []

    def handler(event: dict[str, Any], _context: Any) -> Any:
        arn = event["DurableExecutionArn"]
        updates = [{"Id": f"s{number}", "Type": "STEP", "Action": "START"} for number in range(3)]
        answer = client.checkpoint_durable_execution(
            DurableExecutionArn=arn, CheckpointToken=event["CheckpointToken"], Updates=updates
        )
        paginator = client.get_paginator("get_durable_execution_state")
        pages.extend(
            paginator.paginate(
                DurableExecutionArn=arn,
                CheckpointToken=answer["CheckpointToken"],
                PaginationConfig={"PageSize": 2},
            )
        )
        return done()

    mock.handler("orders", call=handler)
    client.invoke(**LATEST, Payload=b'{"order": 7}')

    operations = [[one["Type"] for one in page["Operations"]] for page in pages]
    assert operations == [["EXECUTION", "STEP"], ["STEP", "STEP"]]
    assert pages[0]["Operations"][0]["ExecutionDetails"] == {"InputPayload": '{"order": 7}'}
