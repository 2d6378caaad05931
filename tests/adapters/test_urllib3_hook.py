"""Requests to Lambda's hosts that no client of botocore makes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import urllib3
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from moto import mock_aws
from urllib3.connectionpool import HTTPConnectionPool

from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.engine.call_faults import BrokenConnection
from tests.adapters.conftest import MakeWorld

URL = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/orders/configuration?Qualifier=live"


def asked(world: ActiveMock) -> Any:
    backend: Any = world.backend
    return backend.asked[-1]


def test_requests_gets_an_answer(world: ActiveMock) -> None:
    response = requests.get(URL, timeout=5)
    assert (response.status_code, response.json()) == (200, {"FunctionName": "orders"})
    assert (asked(world).region, asked(world).request.query) == ("eu-west-1", "Qualifier=live")


def test_urllib3_gets_an_answer(world: ActiveMock) -> None:
    response = urllib3.PoolManager().request("POST", URL, body=b"payload")
    assert (response.status, json.loads(response.data)) == (200, {"FunctionName": "orders"})
    assert asked(world).request.body == b"payload"


def test_botocores_own_http_session_gets_an_answer(world: ActiveMock) -> None:
    response = URLLib3Session().send(AWSRequest(method="GET", url=URL).prepare())
    assert response.content == b'{"FunctionName": "orders"}'


@pytest.mark.parametrize("body", ["text", b"text", iter([b"te", b"xt"])])
def test_any_kind_of_body_arrives_as_bytes(world: ActiveMock, body: Any) -> None:
    requests.post(URL, data=body, timeout=5)
    assert asked(world).request.body == b"text"


@pytest.mark.parametrize(
    ("how", "error"),
    [("connection closed", requests.ConnectionError), ("read timed out", requests.ConnectionError)],
)
def test_a_broken_connection_is_one_for_requests_too(world: ActiveMock, how: Any, error: type[Exception]) -> None:
    backend: Any = world.backend
    backend.always = BrokenConnection(how)
    with pytest.raises((error, requests.ReadTimeout)):
        requests.get(URL, timeout=5)


def test_other_hosts_are_left_alone(world: ActiveMock, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="a test tried to connect"):
        urllib3.PoolManager(retries=False).request("GET", "http://127.0.0.1:9/")


def test_it_is_put_back(enter: MakeWorld) -> None:
    before = vars(HTTPConnectionPool)["urlopen"]
    world = enter()
    assert vars(HTTPConnectionPool)["urlopen"] is not before
    activation.leave(world)
    assert vars(HTTPConnectionPool)["urlopen"] is before


@pytest.mark.parametrize("moto_first", [True, False])
def test_beside_moto_requests_gets_our_answer(enter: MakeWorld, moto_first: bool) -> None:
    if not moto_first:
        enter()
    with mock_aws():
        world = enter()
        assert requests.get(URL, timeout=5).json() == {"FunctionName": "orders"}
        assert asked(world).operation is None
