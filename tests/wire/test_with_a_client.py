"""Whole exchanges with a real botocore client: what leaves it is read by us, what comes back is written by us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire import HttpRequest, check, parse, route, serialise, serialise_error

from .generate import NOW, REQUEST_ID, Raw

ErrorTemplate = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def session() -> Session:
    """Return one botocore session: it loads the model once."""
    made = Session()
    made.set_credentials("key", "secret")
    return made


@pytest.fixture
def client(session: Session) -> Iterator[Any]:
    """Yield a Lambda client whose requests go nowhere but to `answering`."""
    made = session.create_client("lambda", region_name="eu-west-1", config=Config(retries={"total_max_attempts": 1}))
    yield made
    made.close()


def answering(client: Any, answer: ErrorTemplate) -> None:
    """Let *answer* reply to each request of *client*: the route, the parameters and the check are ours."""

    def before_send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        body: Any = request.body or b""
        asked = HttpRequest(request.method, url.path, url.query, dict(request.headers.items()), bytes(body))
        operation = route(asked)
        try:
            params = parse(operation, asked)
            check(operation, params)
            response = serialise(operation, answer(operation, params), request_id=REQUEST_ID, now=NOW)
        except ServiceError as error:
            response = serialise_error(operation, error, request_id=REQUEST_ID, now=NOW)
        headers: Any = HeadersDict(response.headers)
        return AWSResponse(request.url, response.status, headers, Raw(response.body))

    client.meta.events.register("before-send.lambda", before_send)


def test_an_invocation_goes_there_and_back(client: Any) -> None:
    def invoked(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert (operation, params["FunctionName"], params["InvocationType"]) == ("Invoke", "orders:live", "Event")
        return {"StatusCode": 202, "Payload": params["Payload"]}

    answering(client, invoked)
    response = client.invoke(FunctionName="orders:live", InvocationType="Event", Payload=b'{"a": 1}')
    assert response["StatusCode"] == 202
    assert response["Payload"].read() == b'{"a": 1}'
    assert response["ResponseMetadata"]["RequestId"] == REQUEST_ID


def test_a_response_stream_is_iterated_by_the_client(client: Any) -> None:
    events = [{"PayloadChunk": {"Payload": b"one"}}, {"InvokeComplete": {}}]
    answering(client, lambda _operation, _params: {"StatusCode": 200, "EventStream": events})
    response = client.invoke_with_response_stream(FunctionName="orders")
    assert list(response["EventStream"]) == events


def test_a_refusal_of_the_model_is_a_plain_client_error(client: Any) -> None:
    answering(client, lambda _operation, _params: {})
    with pytest.raises(ClientError) as raised:
        client.get_function(FunctionName="orders!")
    assert type(raised.value) is ClientError
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert set(raised.value.response) == {"Error", "ResponseMetadata"}


def test_a_modelled_error_is_the_clients_own_class_with_its_members(client: Any) -> None:
    def throttled(_operation: str, _params: dict[str, Any]) -> dict[str, Any]:
        raise ServiceError(
            "TooManyRequestsException",
            "Rate Exceeded.",
            members={"Reason": "CallerRateLimitExceeded", "retryAfterSeconds": "2"},
        )

    answering(client, throttled)
    with pytest.raises(client.exceptions.TooManyRequestsException) as raised:
        client.list_functions()
    answer = raised.value.response
    assert (answer["Reason"], answer["retryAfterSeconds"], answer["Type"]) == ("CallerRateLimitExceeded", "2", "User")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
