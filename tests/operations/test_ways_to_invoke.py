"""Each way to invoke a function is asked the same questions, in the same order (invocation, sections 1 and 5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

INVALID, CONTENT = "InvalidParameterValueException", "InvalidRequestContentException"
NOT_FOUND, TOO_LARGE = "ResourceNotFoundException", "RequestEntityTooLargeException"
MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
UNQUALIFIED = "You cannot invoke a durable function using an unqualified ARN."
UNNAMED = "DurableExecutionName can only be specified for durable functions."
TENANT = (
    "The invoked function is not enabled with tenancy configuration. "
    "Remove the tenant ID from your request and try again."
)
MB = 1_048_576

Way = Callable[..., Any]
WAYS: dict[str, Callable[[Any], Way]] = {
    "synchronous": lambda client: client.invoke,
    "event": lambda client: lambda **asked: client.invoke(InvocationType="Event", **asked),
    "dry run": lambda client: lambda **asked: client.invoke(InvocationType="DryRun", **asked),
    "stream": lambda client: client.invoke_with_response_stream,
    "dry run of a stream": lambda client: (
        lambda **asked: client.invoke_with_response_stream(InvocationType="DryRun", **asked)
    ),
    "deprecated": lambda client: (
        lambda FunctionName, Payload=b"{}": client.invoke_async(  # noqa: N803 - AWS's names
            FunctionName=FunctionName, InvokeArgs=Payload
        )
    ),
}
LIMITS = {"event": MB, "deprecated": 262_144}
OPERATIONS = {
    "stream": "InvokeWithResponseStream",
    "dry run of a stream": "InvokeWithResponseStream",
    "deprecated": "InvokeAsync",
}
MODERN = [way for way in WAYS if way != "deprecated"]  # with a qualifier, a context and a tenant
NAMING = ["synchronous", "event", "dry run"]  # an execution

NAMES = {
    "orders:2": (404, NOT_FOUND, f"Function not found: {ARN}orders:2"),
    "orders:nope": (404, NOT_FOUND, f"Function not found: {ARN}orders:nope"),
    "nobody": (404, NOT_FOUND, f"Function not found: {ARN}nobody:$LATEST"),
    "nobody:$LATEST": (404, NOT_FOUND, f"Function not found: {ARN}nobody:$LATEST"),
    "nobody:live": (404, NOT_FOUND, f"Function not found: {ARN}nobody:live"),
    ARN.rstrip(":"): (404, NOT_FOUND, f"Function not found: {ARN}function:$LATEST"),
    "123456789012:function:nobody": (404, NOT_FOUND, f"Function not found: {ARN}nobody:$LATEST"),
    "arn:aws:lambda:eu-west-1:123456789012:function:orders": (
        404,
        NOT_FOUND,
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ),
    "workflow": (400, INVALID, UNQUALIFIED),
    f"{ARN}workflow": (400, INVALID, UNQUALIFIED),
}
QUALIFIED: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    ({"FunctionName": "orders:1", "Qualifier": "live"}, (400, INVALID, MISMATCH)),
    ({"FunctionName": "nobody:1", "Qualifier": "2"}, (400, INVALID, MISMATCH)),
    ({"FunctionName": "nobody:1", "Qualifier": "2", "Payload": b"{"}, (400, INVALID, MISMATCH)),
    ({"FunctionName": "nobody:1", "Qualifier": "1"}, (404, NOT_FOUND, f"Function not found: {ARN}nobody:1")),
    ({"FunctionName": "orders", "TenantId": "blue"}, (400, INVALID, TENANT)),
    ({"FunctionName": "orders", "TenantId": "blue", "Payload": b"{"}, (400, INVALID, TENANT)),
    (
        {"FunctionName": "nobody", "TenantId": "blue"},
        (404, NOT_FOUND, f"Function not found: {ARN}nobody:$LATEST"),
    ),
    (
        {"FunctionName": "orders", "ClientContext": "no"},
        (400, CONTENT, "Client context must be a valid Base64-encoded JSON object."),
    ),
]


@pytest.fixture(autouse=True)
def functions(mock: LambdaMock, client: Any) -> None:
    """The function ``orders`` with version 1 and the alias ``live``, and the durable function ``workflow``."""
    create(client)
    create(client, "workflow", DurableConfig={"ExecutionTimeout": 600})
    mock.handler("orders", returns=None)
    mock.handler("workflow", returns={"Status": "SUCCEEDED", "Result": '"done"'})
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_is_looked_for_in_the_same_way(client: Any, way: str, name: str) -> None:
    assert error_of(WAYS[way](client), FunctionName=name) == NAMES[name]


@pytest.mark.parametrize("way", WAYS)
def test_a_name_comes_before_an_event_that_is_no_json(client: Any, way: str) -> None:
    answer = error_of(WAYS[way](client), FunctionName="nobody", Payload=b"{")

    assert answer[:2] == (404, NOT_FOUND)


@pytest.mark.parametrize("way", MODERN)
@pytest.mark.parametrize(("asked", "expected"), QUALIFIED)
def test_what_does_not_fit_is_refused_in_the_same_order(
    client: Any, way: str, asked: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert error_of(WAYS[way](client), **asked) == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["orders", "nobody"])
def test_an_event_has_a_size_before_all_else(client: Any, way: str, name: str) -> None:
    limit, operation = LIMITS.get(way, 6 * MB), OPERATIONS.get(way, "InvokeFunction")
    large = b'"' + b"x" * (limit - 1) + b'"'

    answer = error_of(WAYS[way](client), FunctionName=name, Payload=large)

    assert answer == (413, TOO_LARGE, f"Request must be smaller than {limit} bytes for the {operation} operation")


@pytest.mark.parametrize("way", NAMING)
@pytest.mark.parametrize("payload", [b"{}", b'{"a": 1}'])
def test_only_an_execution_of_a_durable_function_can_be_named(client: Any, way: str, payload: bytes) -> None:
    answer = error_of(WAYS[way](client), FunctionName="orders", DurableExecutionName="one", Payload=payload)

    assert answer == (400, INVALID, UNNAMED)


@pytest.mark.parametrize("way", NAMING)
def test_a_durable_function_that_is_named_alone_is_refused_whatever_its_execution_is_called(
    client: Any, way: str
) -> None:
    asked = {"FunctionName": "workflow", "DurableExecutionName": "one"}
    client.invoke(**asked, Qualifier="$LATEST")

    assert error_of(WAYS[way](client), **asked, Payload=b'{"other": 1}') == (400, INVALID, UNQUALIFIED)


@pytest.mark.parametrize("way", MODERN)
@pytest.mark.parametrize(("letters", "is_refused"), [(2_664, False), (2_665, True)])
def test_a_client_context_has_a_size(client: Any, way: str, letters: int, is_refused: bool) -> None:
    context = base64.b64encode(json.dumps({"custom": {"a": "x" * letters}}).encode()).decode()
    asked = {"FunctionName": "orders", "ClientContext": context}

    if is_refused:
        text = "Client context must be at most 3583 bytes of Base64-encoded data."
        assert error_of(WAYS[way](client), **asked) == (400, CONTENT, text)
    else:
        assert WAYS[way](client)(**asked)["StatusCode"] in (200, 202, 204)


@pytest.mark.parametrize("qualifier", ["$LATEST", "1", "live"])
def test_a_stream_of_a_durable_function_is_one_of_the_result_of_its_execution(
    mock: LambdaMock, client: Any, qualifier: str
) -> None:
    client.publish_version(FunctionName="workflow")
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="workflow", Name="live", FunctionVersion="1")

    answer = client.invoke_with_response_stream(FunctionName="workflow", Qualifier=qualifier)

    assert list(answer["EventStream"]) == [{"PayloadChunk": {"Payload": b'"done"'}}, {"InvokeComplete": {}}]
    (execution,) = client.list_durable_executions_by_function(FunctionName="workflow")["DurableExecutions"]
    version = {"live": "1"}.get(qualifier, qualifier)
    assert (execution["Status"], execution["FunctionArn"]) == ("SUCCEEDED", f"{ARN}workflow:{version}")


def test_a_stream_of_a_durable_function_ends_with_the_error_of_its_execution(mock: LambdaMock, client: Any) -> None:
    mock.handler("workflow", returns={"Status": "FAILED", "Error": {"ErrorType": "No", "ErrorMessage": "sold out"}})

    (complete,) = client.invoke_with_response_stream(FunctionName="workflow", Qualifier="$LATEST")["EventStream"]

    assert complete["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(complete["InvokeComplete"]["ErrorDetails"]) == {"errorMessage": "sold out", "errorType": "No"}


def test_nobody_waits_for_a_stream_of_an_execution_that_may_take_longer_than_15_minutes(
    mock: LambdaMock, client: Any
) -> None:
    create(client, "saga", DurableConfig={"ExecutionTimeout": 901})
    mock.clock.run_until_idle()
    asked = {"FunctionName": "saga", "Qualifier": "$LATEST"}

    refused = error_of(client.invoke, **asked)

    assert error_of(client.invoke_with_response_stream, **asked) == refused
    assert refused[:2] == (400, INVALID)
