"""Requests that are odd, or wrong, by each HTTP library: answered as AWS would, or refused as that library does."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
from collections.abc import Callable, Iterator
from email.message import Message
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import responses
import urllib3
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.http_framing import BadFraming, Unfinished, content_length, read_body
from tests.adapters.test_function_urls import client, public_url
from tests.test_mock import create

API = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/orders/configuration"
NOWHERE = "https://lambda.us-east-1.amazonaws.com/nowhere"

Answer = tuple[int, bytes]
Ask = Callable[..., Answer]


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant") as mock:
        create(client=client())
        mock.handler("orders", call=lambda event, _: event["headers"].get("x-name", "none"))
        yield mock


def by_requests(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    answer = requests.request(method, url, headers=headers, data=body, timeout=5)
    return answer.status_code, answer.content


def by_requests_beside_responses(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    with responses.RequestsMock():
        return by_requests(method, url, headers, body)


def by_urllib3(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    answer = urllib3.PoolManager(retries=False, timeout=5).request(method, url, headers=headers, body=body)
    return answer.status, answer.data


def by_botocores_session(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    answer = URLLib3Session().send(request.prepare())
    return answer.status_code, answer.content


def by_httpx(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    answer = httpx.request(method, url, headers=headers, content=body)
    return answer.status_code, answer.content


def by_httpx_async(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    async def ask() -> Answer:
        async with httpx.AsyncClient() as client:
            answer = await client.request(method, url, headers=headers, content=body)
            return answer.status_code, answer.content

    return asyncio.run(ask())


def by_aiohttp(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    named = {
        name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in (headers or {}).items()
    }

    async def ask() -> Answer:
        limit = aiohttp.ClientTimeout(sock_read=5)
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.request(method, url, headers=named, data=body) as answer,
        ):
            return answer.status, await answer.read()

    return asyncio.run(ask())


def by_http_client(method: str, url: str, headers: Any = None, body: bytes | None = None) -> Answer:
    _, _, host, path = url.split("/", 3)
    connection = http.client.HTTPSConnection(host, timeout=5)
    connection.putrequest(method, f"/{path}")
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture(
    params=[
        by_requests,
        by_requests_beside_responses,
        by_urllib3,
        by_botocores_session,
        by_httpx,
        by_httpx_async,
        by_aiohttp,
        by_http_client,
    ],
    ids=lambda ask: ask.__name__.removeprefix("by_"),
)
def ask(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_answer_to_head_has_no_body(m: LambdaMock, ask: Ask) -> None:
    assert ask("HEAD", NOWHERE) == (403, b"")
    assert ask("HEAD", public_url()) == (200, b"")


def test_the_answer_to_head_has_the_length_of_the_body_that_it_leaves_out(m: LambdaMock) -> None:
    url = public_url()
    for answer in (requests.head(url, timeout=5), httpx.head(url)):
        assert answer.headers["content-length"] == "4"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_have_no_body_has_none(m: LambdaMock, ask: Ask, status: int) -> None:
    m.handler("orders", returns={"statusCode": status, "body": "hello"})
    assert ask("GET", public_url()) == (status, b"")


@pytest.mark.parametrize("value", [b"caf\xe9", b"caf\xc3\xa9"], ids=["latin-1", "utf-8"])
def test_a_header_in_either_encoding_arrives(m: LambdaMock, ask: Ask, value: bytes) -> None:
    if ask is by_aiohttp:  # takes text alone, and sends it as UTF-8
        value = "café".encode("latin-1")
    assert ask("GET", public_url(), {"X-Name": value}) == (200, "café".encode())
    assert ask("GET", API, {"X-Name": value})[0] == 200


def test_a_header_of_a_function_that_is_not_ascii_comes_as_utf_8(m: LambdaMock, ask: Ask) -> None:
    m.handler("orders", returns={"statusCode": 200, "headers": {"x-sign": "✓"}, "body": "hello"})
    assert ask("GET", public_url()) == (200, b"hello")


@pytest.mark.parametrize("headers", [{"x-a": "1\r\nx-b: 2"}, {"x-a": "1\n"}, {"x a": "1"}, {"": "1"}, {"x:": "1"}])
def test_a_header_of_a_function_that_is_none_fails(m: LambdaMock, ask: Ask, headers: dict[str, str]) -> None:
    m.handler("orders", returns={"statusCode": 200, "headers": headers, "body": "hello"})
    assert ask("GET", public_url()) == (502, b"Internal Server Error")


def test_a_length_that_a_function_names_is_not_believed(m: LambdaMock, ask: Ask) -> None:
    m.handler(
        "orders", returns={"statusCode": 200, "headers": {"Content-Length": "2", "Connection": "x"}, "body": "hello"}
    )
    assert ask("GET", public_url()) == (200, b"hello")


@pytest.mark.parametrize(
    "change",
    [
        lambda host: f"{host}.",
        lambda host: host.upper(),
        lambda host: f"{host}:443",
        lambda host: f"{host.upper()}.:8443",
    ],
    ids=["with a dot", "in capitals", "with a port", "with all of it"],
)
def test_a_host_in_any_spelling_is_answered(m: LambdaMock, ask: Ask, change: Callable[[str], str]) -> None:
    for url in (API, public_url()):
        _, _, host, path = url.split("/", 3)
        assert ask("GET", f"https://{change(host)}/{path}")[0] == 200


NO_LENGTHS = pytest.mark.parametrize("length", ["abc", "-1", "1e3", "0x3", ""])


@NO_LENGTHS
@pytest.mark.parametrize("ask", [by_urllib3, by_http_client])
def test_a_length_that_is_no_number_is_answered_as_a_bad_request(m: LambdaMock, ask: Ask, length: str) -> None:
    before = len(m.calls)
    status, body = ask("POST", API, {"Content-Length": length}, b"abc")
    assert (status, len(m.calls)) == (400, before)
    assert json.loads(body)["message"] == f"Content-Length is a number of bytes, not {length!r}."


@NO_LENGTHS
@pytest.mark.parametrize(
    ("ask", "raised"),
    [
        (by_httpx, httpx.LocalProtocolError),
        (by_httpx_async, httpx.LocalProtocolError),
        pytest.param(by_aiohttp, ValueError, marks=pytest.mark.needs("aiohttp>=3.12")),
    ],
)
def test_a_library_refuses_a_length_that_is_no_number_itself(
    m: LambdaMock, ask: Ask, raised: type[Exception], length: str
) -> None:
    with pytest.raises(raised, match="Content-Length"):
        ask("POST", API, {"Content-Length": length}, b"abc")


@pytest.mark.parametrize(
    ("ask", "raised"),
    [
        (by_urllib3, urllib3.exceptions.ReadTimeoutError),
        (by_http_client, TimeoutError),
        (by_aiohttp, aiohttp.ServerTimeoutError),
        (by_httpx, httpx.LocalProtocolError),
        (by_httpx_async, httpx.LocalProtocolError),
    ],
)
def test_a_body_that_is_shorter_than_its_length_is_waited_for_in_vain(
    m: LambdaMock, ask: Ask, raised: type[Exception]
) -> None:
    before = m.clock.now
    with pytest.raises(raised):
        ask("POST", API, {"Content-Length": "10"}, b"abc")
    assert (m.clock.now - before).total_seconds() == (0 if raised is httpx.LocalProtocolError else 5)


def test_of_a_body_that_is_longer_than_its_length_the_beginning_counts(m: LambdaMock) -> None:
    m.handler("orders", call=lambda event, _: event["body"])
    url = public_url()
    headers = {"Content-Length": "3", "Content-Type": "text/plain"}
    assert by_urllib3("POST", url, headers, b"abcdef") == (200, b"abc")
    assert by_http_client("POST", url, headers, b"abcdef") == (200, b"abc")
    with pytest.raises(httpx.LocalProtocolError, match="Too much data"):
        by_httpx("POST", url, headers, b"abcdef")


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", (200, b"abc")),
        (b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", (200, b"abc")),
        (b"0\r\n\r\n", (200, b"")),
        (b"zz\r\nabc\r\n0\r\n\r\n", (400, b'{"message": "the size of a chunk is a hexadecimal number, not \'zz\'."}')),
        (b"-3\r\nabc\r\n0\r\n\r\n", (400, b'{"message": "the size of a chunk is a hexadecimal number, not \'-3\'."}')),
        (b"3\r\nabcd\r\n0\r\n\r\n", (400, b'{"message": "a chunk of 3 bytes does not end where it says."}')),
    ],
)
def test_chunks_that_http_client_sends_are_read_as_a_server_does(m: LambdaMock, sent: bytes, answer: Answer) -> None:
    m.handler("orders", call=lambda event, _: event.get("body") or "")
    headers = {"Transfer-Encoding": "chunked", "Content-Type": "text/plain"}
    assert by_http_client("POST", public_url(), headers, sent) == answer


def test_chunks_that_never_end_are_waited_for_in_vain(m: LambdaMock) -> None:
    with pytest.raises(TimeoutError):
        by_http_client("POST", public_url(), {"Transfer-Encoding": "chunked"}, b"3\r\nabc\r\n")


# -- the framing itself


def headers(*fields: tuple[str, str]) -> Message:
    message = Message()
    for name, value in fields:
        message[name] = value
    return message


@pytest.mark.parametrize("given", [["3"], ["3", "3"], ["3, 3"], [" 3 "]])
def test_a_length_may_be_told_twice(given: list[str]) -> None:
    assert content_length(given) == 3


@pytest.mark.parametrize("given", [["3", "4"], ["3, 4"], ["٣"], ["1" * 5000], ["+3"], ["3_0"]])
def test_lengths_that_differ_or_are_none_are_refused(given: list[str]) -> None:
    with pytest.raises(BadFraming):
        content_length(given)


def test_a_body_ends_with_its_stream_too_early() -> None:
    with pytest.raises(Unfinished):
        read_body(headers(("Content-Length", "5")), io.BytesIO(b"abc"))
    with pytest.raises(BadFraming, match="a line is too long"):
        read_body(headers(("Transfer-Encoding", "chunked")), io.BytesIO(b"1" * 70_000))
