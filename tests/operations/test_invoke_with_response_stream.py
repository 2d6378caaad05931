"""InvokeWithResponseStream answers with chunks and one InvokeComplete (invocation, section 2)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of


@pytest.fixture(autouse=True)
def orders(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()


def events(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return list(answer["EventStream"])


def test_the_result_comes_in_chunks_and_is_complete(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", call=lambda event, _context: {"got": event})

    answer = client.invoke_with_response_stream(FunctionName="orders", Payload=b'{"a": 1}')

    *chunks, complete = events(answer)
    assert json.loads(b"".join(one["PayloadChunk"]["Payload"] for one in chunks)) == {"got": {"a": 1}}
    assert complete == {"InvokeComplete": {}}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/json"


def test_an_error_is_in_the_end_of_the_stream(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", side_effect=ValueError("out of stock"))

    (complete,) = events(client.invoke_with_response_stream(FunctionName="orders"))

    assert complete["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(complete["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "out of stock"


def test_the_log_comes_with_the_end(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=None)

    *_, complete = events(client.invoke_with_response_stream(FunctionName="orders", LogType="Tail"))

    assert b"START RequestId" in base64.b64decode(complete["InvokeComplete"]["LogResult"])


def test_a_dry_run_runs_nothing(mock: LambdaMock, client: Any) -> None:
    answer = client.invoke_with_response_stream(FunctionName="orders", InvocationType="DryRun")

    assert (answer["StatusCode"], list(mock.invocations("orders"))) == (204, [])


def test_an_unknown_function_is_not_found(client: Any) -> None:
    answer = error_of(client.invoke_with_response_stream, FunctionName="nobody")

    assert answer == (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody:$LATEST")
