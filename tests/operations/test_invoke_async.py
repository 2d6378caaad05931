"""InvokeAsync (deprecated): 202 in the member Status, and the queue of Invoke (invocation, section 1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of


@pytest.fixture(autouse=True)
def orders(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.handler("orders", call=lambda event, _context: event)
    mock.clock.run_until_idle()


def test_it_is_accepted_and_run_afterwards(mock: LambdaMock, client: Any) -> None:
    answer = client.invoke_async(FunctionName="orders", InvokeArgs=b'{"a": 1}')

    assert (answer["Status"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (202, 202)
    mock.clock.run_until_idle()
    assert [json.loads(one.payload) for one in mock.invocations("orders")] == [{"a": 1}]


def test_it_is_retried_as_any_event(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", side_effect=[ValueError("cold"), {"ok": True}])
    client.invoke_async(FunctionName="orders", InvokeArgs=b"{}")
    mock.clock.run_until_idle()

    assert [one.attempt for one in mock.invocations("orders")] == [1, 2]


def test_an_unknown_function_is_not_found(client: Any) -> None:
    answer = error_of(client.invoke_async, FunctionName="nobody", InvokeArgs=b"{}")

    assert answer == (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody:$LATEST")


def test_arguments_are_json(client: Any) -> None:
    answer = error_of(client.invoke_async, FunctionName="orders", InvokeArgs=b"simple")

    assert answer[:2] == (400, "InvalidRequestContentException")


def test_more_than_256_kilobytes_are_refused(client: Any) -> None:
    answer = error_of(client.invoke_async, FunctionName="orders", InvokeArgs=b'"' + b"a" * 262_144 + b'"')

    assert answer[:2] == (413, "RequestEntityTooLargeException")


def test_a_pending_function_is_refused(client: Any) -> None:
    create(client, "refunds")

    assert error_of(client.invoke_async, FunctionName="refunds", InvokeArgs=b"{}")[:2] == (
        409,
        "ResourceConflictException",
    )
