"""Requests to Lambda's hosts that are caught where their connection would be opened: http.client's and aiohttp's."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from lambda_states_mock import LambdaMock, NoHandlerError
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.wire.http import HttpResponse
from tests.adapters.conftest import MakeWorld
from tests.adapters.test_function_urls import m, public_url

HOST = "lambda.eu-west-1.amazonaws.com"
URL = f"https://{HOST}/2015-03-31/functions/orders/configuration?Qualifier=live"

# before aiohttp 3.10 both are a plain ServerTimeoutError
READ_TIMED_OUT = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)
CONNECTION_TIMED_OUT = getattr(aiohttp, "ConnectionTimeoutError", aiohttp.ServerTimeoutError)

__all__ = ["m"]  # a fixture


def asked(world: ActiveMock) -> Any:
    backend: Any = world.backend
    return backend.asked[-1]


def breaks(world: ActiveMock, error: Exception) -> None:
    backend: Any = world.backend
    backend.always = error


def with_aiohttp(use: Callable[[aiohttp.ClientSession], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        async with aiohttp.ClientSession() as session:
            return await use(session)

    return asyncio.run(main())


# -- http.client and urllib.request


def test_urllib_gets_an_answer(world: ActiveMock) -> None:
    with urllib.request.urlopen(URL, timeout=5) as response:
        assert (response.status, json.load(response)) == (200, {"FunctionName": "orders"})
        assert response.headers["content-type"] == "application/json"
    assert (asked(world).region, asked(world).request.query) == ("eu-west-1", "Qualifier=live")


def test_urllib_invokes_a_function_by_its_url(m: LambdaMock) -> None:
    request = urllib.request.Request(public_url() + "a?x=1", data=b"hello", headers={"X-Team": "shop"})
    with urllib.request.urlopen(request, timeout=5) as response:
        event = json.load(response)
    assert (event["rawPath"], event["rawQueryString"], event["headers"]["x-team"]) == ("/a", "x=1", "shop")
    assert event["requestContext"]["http"]["method"] == "POST"


def test_an_error_of_aws_is_one_for_urllib_too(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.answers = [HttpResponse(404, {"content-type": "application/json"}, b"{}")]
    with pytest.raises(urllib.error.HTTPError, match="404: Not Found") as raised:
        urllib.request.urlopen(URL, timeout=5)
    raised.value.close()


@pytest.mark.parametrize("body", [b"text", iter([b"te", b"xt"])], ids=["whole", "chunked"])
def test_a_body_sent_by_http_client_arrives(world: ActiveMock, body: Any) -> None:
    connection = http.client.HTTPSConnection(HOST)
    for _ in range(2):  # the second request opens it again
        connection.request("POST", "/2015-03-31/functions/orders/invocations", body)
        assert connection.getresponse().read() == b'{"FunctionName": "orders"}'
        assert asked(world).request.body == b"text"
        body = b"text"
    connection.close()


def test_plain_http_and_a_tunnel_are_caught_too(world: ActiveMock) -> None:
    plain = http.client.HTTPConnection(HOST)
    tunnel = http.client.HTTPSConnection("proxy.example.com", 8080)
    tunnel.set_tunnel(HOST)
    for connection in (plain, tunnel):
        connection.request("HEAD", "/2015-03-31/functions/orders")
        assert (connection.getresponse().read(), asked(world).request.method) == (b"", "HEAD")
        connection.close()


def test_an_answer_without_a_body_has_none(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.answers = [HttpResponse(204, {}, b"")]
    with urllib.request.urlopen(urllib.request.Request(URL, method="DELETE"), timeout=5) as response:
        assert (response.status, response.read(), response.headers["content-length"]) == (204, b"", None)


@pytest.mark.parametrize(
    ("how", "error", "waited"),
    [
        ("connection closed", http.client.RemoteDisconnected, 0),
        ("read timed out", TimeoutError, 5),
        ("connection timed out", TimeoutError, 5),
    ],
)
def test_a_broken_connection_is_one_for_urllib_too(
    world: ActiveMock, how: Any, error: type[Exception], waited: float
) -> None:
    breaks(world, BrokenConnection(how))
    before = world.clock.now
    with pytest.raises(error):
        urllib.request.urlopen(URL, timeout=5)
    assert (world.clock.now - before).total_seconds() == waited


def test_a_mistake_of_the_test_passes_through_urllib(world: ActiveMock) -> None:
    breaks(world, NoHandlerError("nothing to run"))
    with pytest.raises(NoHandlerError):
        urllib.request.urlopen(URL, timeout=5)


def test_http_client_goes_to_other_hosts_as_ever(world: ActiveMock) -> None:
    with pytest.raises(AssertionError, match="a test tried to connect"):
        urllib.request.urlopen("http://127.0.0.1:9/", timeout=5)


# -- aiohttp


def test_aiohttp_gets_an_answer(world: ActiveMock) -> None:
    async def use(session: aiohttp.ClientSession) -> None:
        for _ in range(2):
            async with session.get(URL) as response:
                assert (response.status, await response.json()) == (200, {"FunctionName": "orders"})

    with_aiohttp(use)
    assert (asked(world).region, asked(world).request.query) == ("eu-west-1", "Qualifier=live")


def test_aiohttp_invokes_a_function_by_its_url(m: LambdaMock) -> None:
    url = public_url() + "a"

    async def use(session: aiohttp.ClientSession) -> Any:
        async with session.post(url, params={"x": "1"}, json={"id": 7}) as response:
            return await response.json()

    event = with_aiohttp(use)
    assert (event["rawPath"], event["rawQueryString"], event["body"]) == ("/a", "x=1", '{"id": 7}')


def test_a_body_that_aiohttp_sends_in_pieces_arrives(world: ActiveMock) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"te"
        await asyncio.sleep(0)
        yield b"xt"

    async def use(session: aiohttp.ClientSession) -> None:
        async with session.post(URL, data=pieces()) as response:
            assert response.status == 200

    with_aiohttp(use)
    assert asked(world).request.body == b"text"


@pytest.mark.parametrize(
    ("error", "raised", "waited"),
    [
        (BrokenConnection("connection closed"), aiohttp.ClientOSError, 0),
        (BrokenConnection("read timed out"), READ_TIMED_OUT, 7),
        (BrokenConnection("connection timed out"), CONNECTION_TIMED_OUT, 5),
        (NoHandlerError("nothing to run"), NoHandlerError, 0),
    ],
    ids=["closed", "timed out", "timed out before", "a mistake of the test"],
)
def test_what_goes_wrong_reaches_the_user_of_aiohttp(
    world: ActiveMock, error: Exception, raised: type[Exception], waited: float
) -> None:
    breaks(world, error)
    before = world.clock.now

    async def use(session: aiohttp.ClientSession) -> None:
        # A request that may not be sent twice.
        await session.post(URL, timeout=aiohttp.ClientTimeout(sock_read=7, sock_connect=5))

    with pytest.raises(raised):
        with_aiohttp(use)
    assert (world.clock.now - before).total_seconds() == waited


def test_aiohttp_goes_to_other_hosts_as_ever(world: ActiveMock) -> None:
    async def use(session: aiohttp.ClientSession) -> None:
        await session.get("http://127.0.0.1:9/")

    with pytest.raises((AssertionError, aiohttp.ClientConnectorError)):
        with_aiohttp(use)


# -- both


def patched() -> list[Any]:
    return [
        vars(http.client.HTTPConnection)["connect"],
        vars(http.client.HTTPSConnection)["connect"],
        vars(aiohttp.TCPConnector)["_create_connection"],
        socket.getaddrinfo,
    ]


def test_they_are_put_back(enter: MakeWorld) -> None:
    before = patched()
    world = enter()
    assert all(now is not then for now, then in zip(patched(), before, strict=True))
    activation.leave(world)
    assert patched() == before
