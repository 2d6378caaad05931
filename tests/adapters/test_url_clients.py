"""Function URLs over each HTTP client, streamed or not: what every answer has, refusals too, and what the event has."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple

import aiohttp
import httpx
import pytest
import requests
import urllib3

from lambda_states_mock import LambdaMock
from tests.adapters.test_function_urls import allow, client, m, public_url, url_of

__all__ = ["m"]  # a fixture

HEADERS = {"Connection": "keep-alive", "X-Team": "shop"}


class Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes


def with_requests(url: str) -> Answer:
    response = requests.get(url, headers=HEADERS, timeout=5)
    return Answer(response.status_code, response.headers, response.content)


def with_requests_streamed(url: str) -> Answer:
    with requests.get(url, headers=HEADERS, timeout=5, stream=True) as response:
        return Answer(response.status_code, response.headers, b"".join(response.iter_content(7)))


def with_requests_raw(url: str) -> Answer:
    with requests.get(url, headers=HEADERS, timeout=5, stream=True) as response:
        return Answer(response.status_code, response.headers, response.raw.read())


def with_urllib3(url: str) -> Answer:
    response = urllib3.PoolManager().request("GET", url, headers=HEADERS)
    return Answer(response.status, response.headers, response.data)


def with_urllib3_streamed(url: str) -> Answer:
    response = urllib3.PoolManager().request("GET", url, headers=HEADERS, preload_content=False)
    return Answer(response.status, response.headers, b"".join(response.stream(7)))


def with_httpx(url: str) -> Answer:
    response = httpx.get(url, headers=HEADERS)
    return Answer(response.status_code, response.headers, response.content)


def with_httpx_streamed(url: str) -> Answer:
    with httpx.stream("GET", url, headers=HEADERS) as response:
        return Answer(response.status_code, response.headers, b"".join(response.iter_raw(7)))


def with_async_httpx(url: str) -> Answer:
    async def main() -> Answer:
        async with httpx.AsyncClient() as session, session.stream("GET", url, headers=HEADERS) as response:
            parts = [part async for part in response.aiter_raw(7)]
            return Answer(response.status_code, response.headers, b"".join(parts))

    return asyncio.run(main())


def with_aiohttp(url: str) -> Answer:
    async def main() -> Answer:
        async with aiohttp.ClientSession() as session, session.get(url, headers=HEADERS) as response:
            return Answer(response.status, response.headers, await response.read())

    return asyncio.run(main())


def with_aiohttp_streamed(url: str) -> Answer:
    async def main() -> Answer:
        async with aiohttp.ClientSession() as session, session.get(url, headers=HEADERS) as response:
            parts = [part async for part in response.content.iter_chunked(7)]
            return Answer(response.status, response.headers, b"".join(parts))

    return asyncio.run(main())


def with_urllib(url: str) -> Answer:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=HEADERS), timeout=5) as response:
            return Answer(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, dict(refused.headers), refused.read())


Client = Callable[[str], Answer]
CLIENTS = [
    *(with_requests, with_requests_streamed, with_requests_raw, with_urllib3, with_urllib3_streamed, with_httpx),
    *(with_httpx_streamed, with_async_httpx, with_aiohttp, with_aiohttp_streamed, with_urllib),
]
each_client = pytest.mark.parametrize("ask", CLIENTS, ids=lambda one: one.__name__)


def refused(m: LambdaMock) -> str:
    return url_of()


def unknown(m: LambdaMock) -> str:
    return "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/"


def throttled(m: LambdaMock) -> str:
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    return public_url()


def failing(m: LambdaMock) -> str:
    m.handler("orders", side_effect=RuntimeError("no"))
    return public_url()


def streaming(m: LambdaMock) -> str:
    return public_url(InvokeMode="RESPONSE_STREAM")


def of_its_own_kind(m: LambdaMock) -> str:
    headers = {"X-Amzn-RequestId": "mine", "date": "today", "Content-Length": "1"}
    m.handler("orders", returns={"statusCode": 202, "headers": headers, "body": "hello"})
    return public_url()


def answering(m: LambdaMock) -> str:
    return public_url()


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (answering, 200),
        (streaming, 200),
        (of_its_own_kind, 202),
        (refused, 403),
        (unknown, 403),
        (throttled, 429),
        (failing, 502),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
@each_client
def test_each_answer_has_a_length_a_type_and_a_request_id(
    m: LambdaMock, ask: Client, make: Callable[[LambdaMock], str], status: int
) -> None:
    answer = ask(make(m))
    assert answer.status == status
    assert int(answer.headers["Content-Length"]) == len(answer.body) > 0
    assert answer.headers["Content-Type"]
    assert len(answer.headers["x-amzn-RequestId"]) == 36
    assert answer.headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


@each_client
def test_the_request_id_is_that_of_the_invocations_end(m: LambdaMock, ask: Client) -> None:
    answer = ask(public_url())
    request_id = answer.headers["x-amzn-RequestId"]
    assert f"END RequestId: {request_id}\n" in m.invocations("orders")[0].log
    assert json.loads(answer.body)["requestContext"]["requestId"] == request_id


@each_client
def test_the_headers_of_the_event_have_no_connection(m: LambdaMock, ask: Client) -> None:
    headers = json.loads(ask(public_url()).body)["headers"]
    assert "connection" not in headers
    assert headers["x-team"] == "shop"


@each_client
def test_of_two_slashes_the_event_has_one(m: LambdaMock, ask: Client) -> None:
    event = json.loads(ask(public_url() + "/a2%FC/1//b?x=1").body)
    assert (event["rawPath"], event["requestContext"]["http"]["path"]) == ("/a2%FC/1//b", "/a2%FC/1//b")
    assert event["rawQueryString"] == "x=1"


def test_a_path_that_looks_like_a_host_stays_a_path(m: LambdaMock) -> None:
    event = json.loads(with_urllib3(public_url() + "/other.example").body)
    assert event["rawPath"] == "/other.example"


# -- why a request was forbidden


def only_hint(m: LambdaMock) -> str:
    (hint,) = m.hints
    return hint


@pytest.mark.parametrize(
    ("allowed", "missing", "remedy"),
    [
        (
            {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
            "lambda:InvokeFunction",
            'Action="lambda:InvokeFunction", Principal="*", InvokedViaFunctionUrl=True)',
        ),
        (
            {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
            "lambda:InvokeFunctionUrl",
            'Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE")',
        ),
    ],
)
def test_a_policy_with_one_of_two_permissions_is_explained(
    m: LambdaMock, allowed: dict[str, Any], missing: str, remedy: str
) -> None:
    url = url_of()
    client().add_permission(FunctionName="orders", StatementId="one", Principal="*", **allowed)
    assert with_requests(url).status == 403
    assert with_requests(url).status == 403
    hint = only_hint(m)
    assert f"{url} answered 403: everybody (AuthType NONE) may do {allowed['Action']} there, but not {missing}." in hint
    assert hint.endswith(remedy)


def test_a_policy_without_either_is_explained(m: LambdaMock) -> None:
    with_requests(url_of())
    assert "may do neither lambda:InvokeFunctionUrl nor lambda:InvokeFunction there." in only_hint(m)


def test_a_missing_signature_is_explained(m: LambdaMock) -> None:
    with_requests(url_of(auth_type="AWS_IAM"))
    assert "its AuthType is AWS_IAM, and the request is not signed" in only_hint(m)


def test_an_alias_is_named_in_the_remedy(m: LambdaMock) -> None:
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion="$LATEST")
    allow()
    with_requests(url_of(Qualifier="live"))
    assert 'FunctionName="orders", Qualifier="live", StatementId=...' in only_hint(m)


def test_a_url_that_is_not_there_is_explained(m: LambdaMock) -> None:
    with_requests(unknown(m))
    assert "there is no function URL of this name" in only_hint(m)


def test_what_is_allowed_needs_no_explanation(m: LambdaMock) -> None:
    assert with_requests(public_url()).status == 200
    assert m.hints == ()
