"""Which other services have an address, of which Lambda asks them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.activating import Activation
from lambda_states_mock.adapters.services_at_endpoints import VARIABLES, services_at_endpoints
from lambda_states_mock.dependencies.neighbours import SentRequest
from lambda_states_mock.engine.hints import Hints
from lambda_states_mock.options import MockOptions
from lambda_states_mock.resources.arn import Place
from tests.deploying import create, error_of
from tests.server.conftest import allowed_to_connect

__all__ = ["allowed_to_connect"]
HOME = Place("123456789012", "us-east-1")
MOTO, STACK = "http://127.0.0.1:5000", "http://localhost:4566"


def those_with_an_address(**variables: str) -> set[str]:
    found = services_at_endpoints(variables, 4574)
    return set() if found is None else {name for name in VARIABLES if found.is_there(name, HOME)}


@pytest.mark.parametrize(
    ("variables", "services"),
    [
        ({}, set()),
        ({"AWS_ENDPOINT_URL": ""}, set()),
        ({"AWS_ENDPOINT_URL": MOTO}, set(VARIABLES)),
        ({"AWS_ENDPOINT_URL_SQS": MOTO}, {"sqs"}),
        ({"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": MOTO, "AWS_ENDPOINT_URL_EVENTBRIDGE": MOTO}, {"logs", "events"}),
        ({"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:4574"}, set()),
        ({"AWS_ENDPOINT_URL": "http://localhost:4574"}, set()),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4574/worlds/a", "AWS_ENDPOINT_URL_S3": STACK}, {"s3"}),
        ({"AWS_ENDPOINT_URL": MOTO, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, set()),
    ],
)
def test_the_variables_of_the_sdks_say_which(variables: dict[str, str], services: set[str]) -> None:
    assert those_with_an_address(**variables) == services


def test_what_is_asked_is_said() -> None:
    found = services_at_endpoints({"AWS_ENDPOINT_URL": MOTO, "AWS_ENDPOINT_URL_S3": STACK}, 4574)
    assert set(str(found).split(", ")) == {MOTO, STACK}


class _Service(BaseHTTPRequestHandler):
    """A service that knows nothing, and remembers what it was asked."""

    asked: list[tuple[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, body.decode()))
        text = b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>"
        self.send_response(404)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(allowed_to_connect: None) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of such a service, and what it was asked."""
    asked: list[tuple[str, str]] = []
    with HTTPServer(("127.0.0.1", 0), type("Service", (_Service,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_a_role_is_looked_for_at_the_address_of_iam(service: tuple[str, list[tuple[str, str]]]) -> None:
    url, asked = service
    beside = services_at_endpoints({"AWS_ENDPOINT_URL_IAM": url}, 4574)
    assert beside is not None
    with Activation(MockOptions.parse("a test", {}), LambdaMock, **beside.makers()):
        client: Any = boto3.client("lambda", region_name="us-east-1")
        status, kind, text = error_of(
            client.create_function,
            FunctionName="orders",
            Runtime="python3.13",
            Handler="a.b",
            Role="arn:aws:iam::123456789012:role/orders",
            Code={"S3Bucket": "code", "S3Key": "zip"},
        )
    assert (status, kind) == (400, "InvalidParameterValueException")
    assert "cannot be assumed by Lambda" in text
    assert [path for path, _ in asked] == ["/"]
    assert asked[0][1].startswith("Action=GetRole&")
    assert asked[0][1].endswith("RoleName=orders")


def test_without_an_address_nobody_is_asked(service: tuple[str, list[tuple[str, str]]]) -> None:
    beside = services_at_endpoints({"AWS_ENDPOINT_URL_SQS": service[0]}, 4574)
    assert beside is not None
    with Activation(MockOptions.parse("a test", {}), LambdaMock, **beside.makers()):
        create(boto3.client("lambda", region_name="us-east-1"))
    assert service[1] == []


def test_what_a_function_sends_to_a_service_is_passed_on(service: tuple[str, list[tuple[str, str]]]) -> None:
    url, asked = service
    beside = services_at_endpoints({"AWS_ENDPOINT_URL": f"{url}/base/"}, 4574)
    assert beside is not None
    neighbours = beside.makers()["make_neighbours"](Hints())
    sent = SentRequest("dynamodb", "us-east-1", "POST", "/?a=1", {"host": "here", "x-amz-target": "T"}, b"{}")
    answer = neighbours.answer(sent)
    assert (answer.status, asked) == (404, [("/base/?a=1", "{}")])
    other = services_at_endpoints({"AWS_ENDPOINT_URL_SQS": url}, 4574)
    assert other is not None
    assert other.makers()["make_neighbours"](Hints()).answer(sent) is None
