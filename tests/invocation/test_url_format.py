"""HTTP requests to function URLs as events in format 2.0, and results as HTTP responses."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from lambda_states_mock.invocation.url_format import (
    STREAM_PRELUDE,
    Caller,
    UrlRequest,
    cors_headers,
    event_of,
    is_preflight,
    preflight,
    response_of,
    with_headers,
)

DOMAIN = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws"
NOW = datetime(2026, 3, 12, 19, 3, 58, 390_000, tzinfo=timezone.utc)
REQUEST_ID = "8f09a9a1-34d7-4a6e-8f5b-1c2d3e4f5a6b"


def event(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    caller: Caller | None = None,
) -> Any:
    request = UrlRequest(method, path, query, headers or {}, body)
    return json.loads(event_of(request, domain=DOMAIN, request_id=REQUEST_ID, now=NOW, caller=caller))


def answer(result: Any, *, streamed: bool = False) -> Any:
    return response_of(json.dumps(result).encode(), streamed=streamed)


# -- the event


def test_what_is_for_the_next_hop_alone_is_not_in_the_event() -> None:
    headers = {"Connection": "keep-alive, X-Hop", "x-hop": "1", "Transfer-Encoding": "chunked", "TE": "trailers"}
    found = event(headers={**headers, "X-Team": "shop"})["headers"]
    assert {name for name in found if not name.startswith("x-amzn-")} == {
        *("host", "x-team", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"),
    }


@pytest.mark.parametrize(
    ("path", "shown"), [("", "/"), ("/", "/"), ("//a2%Fb/1", "/a2%Fb/1"), ("/a//b", "/a//b"), ("///", "/")]
)
def test_a_path_begins_with_one_slash(path: str, shown: str) -> None:
    found = event(path=path)
    assert (found["rawPath"], found["requestContext"]["http"]["path"]) == (shown, shown)


def test_a_request_becomes_an_event_of_version_two() -> None:
    found = event("POST", "/a/b", "x=1", headers={"User-Agent": "tests"}, body=b"hello")
    context = found.pop("requestContext")
    found.pop("headers")
    assert found == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a/b",
        "rawQueryString": "x=1",
        "queryStringParameters": {"x": "1"},
        "body": "hello",
        "isBase64Encoded": False,
        "pathParameters": None,
        "stageVariables": None,
    }
    assert context == {
        "accountId": "anonymous",
        "apiId": "abcdefghijklmnopqrstuvwxyz012345",
        "authentication": None,
        "domainName": DOMAIN,
        "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
        "http": {
            "method": "POST",
            "path": "/a/b",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "tests",
        },
        "requestId": REQUEST_ID,
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2026:19:03:58 +0000",
        "timeEpoch": 1773342238390,
    }


def test_headers_are_lower_case_and_lambda_adds_its_own() -> None:
    headers = event(headers={"X-Team": "shop", "x-team": "ops"})["headers"]
    assert headers["x-team"] == "shop,ops"
    assert headers["host"] == DOMAIN
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-forwarded-port"] == "443"
    assert headers["x-amzn-trace-id"].startswith("Root=1-69b3")
    assert {"x-forwarded-for", "x-amzn-tls-version", "x-amzn-tls-cipher-suite"} <= headers.keys()


def test_cookies_are_a_list_and_no_header() -> None:
    found = event(headers={"Cookie": "a=1; b=2"})
    assert found["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in found["headers"]


def test_repeated_query_parameters_are_joined_with_commas() -> None:
    found = event(query="a=1&a=2&b=x%20y&c=")
    assert found["rawQueryString"] == "a=1&a=2&b=x%20y&c="
    assert found["queryStringParameters"] == {"a": "1,2", "b": "x y", "c": ""}


def test_a_path_arrives_as_it_was_sent_with_an_invalid_escape_too() -> None:
    assert event(path="/pa2%Fth/1")["rawPath"] == "/pa2%Fth/1"


def test_without_query_cookies_and_body_there_are_no_members_for_them() -> None:
    assert not event().keys() & {"queryStringParameters", "cookies", "body"}


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json; charset=utf-8", b'{"a":1}', False),
        ("text/plain", "ä".encode(), False),
        ("application/problem+json", b"{}", False),
        ("application/octet-stream", b"text", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("text/plain", b"\xff", True),
        (None, b"text", False),
    ],
)
def test_a_body_that_is_no_text_is_in_base64(kind: str | None, body: bytes, encoded: bool) -> None:
    found = event("POST", headers={"Content-Type": kind} if kind else {}, body=body)
    assert found["isBase64Encoded"] is encoded
    assert (base64.b64decode(found["body"]) if encoded else found["body"].encode()) == body


def test_a_caller_with_a_signature_is_in_the_authorizer() -> None:
    caller = Caller("123456789012", "arn:aws:iam::123456789012:user/test", "AKIA1")
    context = event(caller=caller)["requestContext"]
    assert context["accountId"] == "123456789012"
    assert context["authorizer"]["iam"] == {
        "accessKey": "AKIA1",
        "accountId": "123456789012",
        "callerId": "AKIA1",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": "arn:aws:iam::123456789012:user/test",
        "userId": "AKIA1",
    }


# -- the response


@pytest.mark.parametrize(
    ("result", "body"),
    [
        ({"hello": "world"}, b'{"hello":"world"}'),
        (["a", 1], b'["a",1]'),
        (3.1, b"3.1"),
        ("hello", b"hello"),
        (None, b"null"),
        ({"body": "no status"}, b'{"body":"no status"}'),
    ],
)
def test_a_result_without_a_status_is_the_body_as_json(result: Any, body: bytes) -> None:
    response = answer(result)
    assert (response.status, response.header("content-type"), response.body) == (200, "application/json", body)


def test_a_result_with_a_status_is_a_response() -> None:
    response = answer(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "text/html", "X-Count": 3, "X-New": True},
            "cookies": ["a=1; Secure", "b=2"],
            "body": "<p>ä</p>",
        }
    )
    assert response.status == 201
    assert response.headers == (
        ("Content-Type", "text/html"),
        ("X-Count", "3"),
        ("X-New", "true"),
        ("Set-Cookie", "a=1; Secure"),
        ("Set-Cookie", "b=2"),
    )
    assert response.body == "<p>ä</p>".encode()


def test_a_response_without_a_type_is_json() -> None:
    assert answer({"statusCode": 204}).headers == (("Content-Type", "application/json"),)


def test_a_body_in_base64_is_decoded() -> None:
    result = {"statusCode": 200, "body": base64.b64encode(b"\0\1").decode(), "isBase64Encoded": True}
    assert answer(result).body == b"\0\1"


def test_a_status_may_be_text() -> None:
    assert answer({"statusCode": "404", "body": "gone"}).status == 404


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": None},
        {"statusCode": 99},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
    ],
)
def test_what_is_no_response_is_an_internal_error(result: Any) -> None:
    response = answer(result)
    assert (response.status, response.body) == (502, b"Internal Server Error")


def test_a_result_that_is_no_json_is_an_internal_error() -> None:
    assert response_of(b"\xff", streamed=False).status == 502


def test_a_streamed_result_is_sent_on_as_it_is() -> None:
    response = answer({"statusCode": 404}, streamed=True)
    assert (response.status, response.header("content-type")) == (200, "application/octet-stream")
    assert response.body == b'{"statusCode": 404}'


def test_a_streamed_result_may_begin_with_its_status() -> None:
    prelude = b'{"statusCode": 418, "headers": {"Content-Type": "text/plain"}, "cookies": ["a=1"]}'
    response = response_of(prelude + STREAM_PRELUDE + b"tea", streamed=True)
    assert (response.status, response.body, response.header("set-cookie")) == (418, b"tea", "a=1")


# -- CORS

CORS: dict[str, Any] = {
    "AllowOrigins": ["https://shop.example"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["x-team"],
    "ExposeHeaders": ["x-count"],
    "AllowCredentials": True,
    "MaxAge": 60,
}


def from_origin(origin: str, method: str = "GET", **headers: str) -> UrlRequest:
    return UrlRequest(method, "/", "", {"Origin": origin, **headers})


def test_a_preflight_tells_what_is_allowed() -> None:
    request = from_origin("https://shop.example", "OPTIONS", **{"Access-Control-Request-Method": "PUT"})
    assert is_preflight(request, CORS)
    response = preflight(request, CORS)
    assert response.status == 200
    assert dict(response.headers[1:]) == {
        "Access-Control-Allow-Origin": "https://shop.example",
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "x-team",
        "Access-Control-Expose-Headers": "x-count",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Max-Age": "60",
        "Vary": "Origin",
    }


def test_a_preflight_from_elsewhere_is_told_nothing() -> None:
    assert preflight(from_origin("https://other.example", "OPTIONS"), CORS).headers == (
        ("Content-Type", "application/json"),
    )


def test_options_without_a_question_or_without_cors_are_the_functions_own() -> None:
    asking = from_origin("https://shop.example", "OPTIONS", **{"Access-Control-Request-Method": "PUT"})
    assert not is_preflight(asking, {})
    assert not is_preflight(from_origin("https://shop.example", "OPTIONS"), CORS)


def test_any_origin_is_a_star_unless_there_are_credentials() -> None:
    request = from_origin("https://other.example")
    assert cors_headers(request, {"AllowOrigins": ["*"]}) == [("Access-Control-Allow-Origin", "*")]
    with_credentials = dict(cors_headers(request, {"AllowOrigins": ["*"], "AllowCredentials": True}))
    assert with_credentials["Access-Control-Allow-Origin"] == "https://other.example"


def test_without_an_origin_there_are_no_cors_headers() -> None:
    assert cors_headers(UrlRequest("GET", "/", "", {}), CORS) == []


def test_the_urls_cors_headers_take_the_place_of_the_handlers() -> None:
    response = answer({"statusCode": 200, "headers": {"access-control-allow-origin": "https://old.example"}})
    merged = with_headers(response, cors_headers(from_origin("https://shop.example"), CORS))
    origins = [value for name, value in merged.headers if name.lower() == "access-control-allow-origin"]
    assert origins == ["https://shop.example"]
