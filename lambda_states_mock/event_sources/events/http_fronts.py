"""API Gateway and load balancers: an HTTP request becomes an event, a result becomes an HTTP response (recorded).

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html ,
http-api-develop-integrations-lambda.html , and elasticloadbalancing/latest/application/lambda-functions.html.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from lambda_states_mock.dependencies.wildcards import matches
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.instants import common_log_date, epoch_milliseconds
from lambda_states_mock.invocation.url_format import JSON, UrlRequest, UrlResponse, json_object, response_of

Body = str | bytes | None
SOURCE_IP = "127.0.0.1"
_ANSWERED = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_LARGEST_OF_LOAD_BALANCERS = 1_048_576  # bytes, of a body and of an answer
_BAD_GATEWAY = UrlResponse(502, (("Content-Type", JSON),), b'{"message": "Internal server error"}')
_IDENTITY = (
    "cognitoIdentityPoolId",
    "accountId",
    "cognitoIdentityId",
    "caller",
    "sourceIp",
    "principalOrgId",
    "accessKey",
    "cognitoAuthenticationType",
    "cognitoAuthenticationProvider",
    "userArn",
    "userAgent",
    "user",
)


def rest_event(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]],
    query: str,
    body: Body,
    resource: str,
    path_parameters: Mapping[str, str] | None,
    stage: str,
    stage_variables: Mapping[str, str] | None,
    authorizer: Mapping[str, Any] | None,
    account: str,
    region: str,
    at: datetime,
    chance: Chance,
) -> dict[str, Any]:
    """Return the event of a REST API with a proxy integration: payload format 1.0."""
    sent = _lists(headers)
    parameters = _lists_of(parse_qsl(query, keep_blank_values=True))
    api = chance.token(10)
    domain = f"{api}.execute-api.{region}.amazonaws.com"
    text, encoded = _body(body)
    identity: dict[str, Any] = dict.fromkeys(_IDENTITY)
    identity |= {"sourceIp": SOURCE_IP, "userAgent": ([None, *_value(sent, "user-agent")])[-1]}
    context: dict[str, Any] = {
        "accountId": account,
        "apiId": api,
        "deploymentId": chance.token(6),
        "domainName": domain,
        "domainPrefix": api,
        "extendedRequestId": f"{chance.token(15)}=",
        "httpMethod": method,
        "identity": identity,
        "path": f"/{stage}{path}",
        "protocol": "HTTP/1.1",
        "requestId": chance.uuid(),
        "requestTime": common_log_date(at),
        "requestTimeEpoch": epoch_milliseconds(at),
        "resourceId": chance.token(6),
        "resourcePath": resource,
        "stage": stage,
    }
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in sent.items()} or None,
        "multiValueHeaders": sent or None,
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "pathParameters": dict(path_parameters) if path_parameters else None,
        "stageVariables": dict(stage_variables) if stage_variables else None,
        "requestContext": context,
        "body": text,
        "isBase64Encoded": encoded,
    }


def rest_answer(payload: bytes, function_error: str | None) -> UrlResponse:
    """Return what a REST API makes of a result. What is no answer, an unknown member too, is a 502 (recorded)."""
    result = json_object(payload)
    if function_error is not None or not result or result.keys() - _ANSWERED:
        return _BAD_GATEWAY
    return _of_members(result, status=result.get("statusCode", 200)) or _BAD_GATEWAY


def custom_answer(payload: bytes, function_error: str | None, *, patterns: Mapping[str, int]) -> UrlResponse:
    """Return what a REST API's custom integration makes of a result: the body, as it is (recorded).

    Parameters: *patterns*, of integration responses with their statuses. The first that matches the whole message of a
    function's error counts; without one it is the default response, a 200.
    """
    status = 200
    if function_error is not None:
        message = str(json_object(payload).get("errorMessage", ""))
        status = next((code for one, code in patterns.items() if re.fullmatch(one, message)), status)
    return UrlResponse(status, (("Content-Type", JSON),), payload or b"null")


def http_answer(payload: bytes, function_error: str | None) -> UrlResponse:
    """Return what an HTTP API makes of a result, in payload format 2.0: what has no status is the body of a 200."""
    answer = response_of(payload, streamed=False) if function_error is None else None
    if answer is None or answer.status == 502:
        return UrlResponse(500, (("Content-Type", JSON),), b'{"message":"Internal Server Error"}')
    return answer


def load_balancer_event(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]],
    query: str,
    body: Body,
    target_group_arn: str,
    multi_value: bool,
) -> dict[str, Any]:
    """Return the event of a target group. Parameters: *multi_value*, ``lambda.multi_value_headers.enabled``."""
    sent = {name.lower(): values for name, values in _lists(headers).items()}
    # A load balancer decodes nothing (documented).
    parameters = _lists_of(tuple(part.partition("=")[::2]) for part in query.split("&") if part)
    text, encoded = _body(body)
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": target_group_arn}},
        "httpMethod": method,
        "path": path,
    }
    if multi_value:
        event |= {"multiValueQueryStringParameters": parameters, "multiValueHeaders": sent}
    else:
        event["queryStringParameters"] = {name: values[-1] for name, values in parameters.items()}
        event["headers"] = {name: values[-1] for name, values in sent.items()}
    return {**event, "body": text or "", "isBase64Encoded": encoded}


def too_large_for_load_balancer(body: Body) -> UrlResponse | None:
    """Return what a load balancer answers a request whose *body* is above 1 MB, None for others (documented)."""
    size = len(body.encode() if isinstance(body, str) else body or b"")
    return _html(413, "413 Request Entity Too Large") if size > _LARGEST_OF_LOAD_BALANCERS else None


def load_balancer_answer(payload: bytes, function_error: str | None) -> UrlResponse:
    """Return what a load balancer makes of a result: without a status, or above 1 MB, a 502 (documented)."""
    bad = _html(502, "502 Bad Gateway")
    result = json_object(payload)
    if function_error is not None or "statusCode" not in result or len(payload) > _LARGEST_OF_LOAD_BALANCERS:
        return bad
    return _of_members(result, status=result["statusCode"]) or bad


def _html(status: int, text: str) -> UrlResponse:
    return UrlResponse(status, (("Content-Type", "text/html"),), f"<html><body><h1>{text}</h1></body></html>".encode())


UNAUTHORIZED = UrlResponse(401, (("Content-Type", JSON),), b'{"message": "Unauthorized"}')


def authorizer_answer(payload: bytes, function_error: str | None, *, method_arn: str, simple: bool) -> UrlResponse:
    """Return the status by which API Gateway goes on: 200 for allowed, 403 denied, 401 unauthorised, 500 no answer.

    Parameters: *simple*, of an HTTP API with simple responses.
    """
    result = json_object(payload)
    if function_error is not None and result.get("errorMessage") == "Unauthorized":
        return UNAUTHORIZED
    allowed, why = (None, "") if function_error is not None else _decision(result, method_arn, simple=simple)
    if allowed is None:
        return _status(500, None)
    return UrlResponse(200) if allowed else _status(403, why, name="message" if simple else "Message")


def _decision(result: Mapping[str, Any], method_arn: str, *, simple: bool) -> tuple[bool | None, str]:
    """Return whether a request is allowed, None where that is not said, and what a refusal says."""
    if simple:
        allowed = result.get("isAuthorized")
        return (allowed if isinstance(allowed, bool) else None), "Forbidden"
    policy = result.get("policyDocument")
    if not result.get("principalId") or not isinstance(policy, dict):
        return None, ""
    effects = {one.get("Effect") for one in policy.get("Statement") or () if _covers(one.get("Resource"), method_arn)}
    why = " with an explicit deny" if "Deny" in effects else ""
    return effects == {"Allow"}, f"User is not authorized to access this resource{why}"


def _covers(resources: Any, arn: str) -> bool:
    listed = resources if isinstance(resources, list) else [resources]
    return any(isinstance(one, str) and matches(one, arn) for one in listed)


def _status(status: int, message: str | None, *, name: str = "message") -> UrlResponse:
    return UrlResponse(status, (("Content-Type", JSON),), json.dumps({name: message}).encode())


def _of_members(result: Mapping[str, Any], *, status: Any) -> UrlResponse | None:
    """Return the response that *result* says, or None where it says none."""
    headers, lists = result.get("headers") or {}, result.get("multiValueHeaders") or {}
    if not isinstance(headers, dict) or not isinstance(lists, dict):
        return None
    if not all(isinstance(values, list) for values in lists.values()):
        return None
    try:
        code = int(status)
        content = result.get("body")
        text = "" if content is None else content if isinstance(content, str) else json.dumps(content)
        body = base64.b64decode(text, validate=True) if result.get("isBase64Encoded") is True else text.encode()
    except (TypeError, ValueError, binascii.Error):
        return None
    if isinstance(status, bool) or not 100 <= code <= 599:
        return None
    said = [(name, _word(value)) for name, values in lists.items() for value in values]
    known = {name.lower() for name, _ in said}
    said += [(name, _word(value)) for name, value in headers.items() if name.lower() not in known]
    if not any(name.lower() == "content-type" for name, _ in said):
        said.append(("Content-Type", JSON))
    return UrlResponse(code, tuple(said), body)


def _word(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _lists(headers: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else list(value) for name, value in headers.items()}


def _lists_of(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _value(headers: Mapping[str, list[str]], name: str) -> list[str]:
    return next((values for sent, values in headers.items() if sent.lower() == name), [])


def _body(body: Body) -> tuple[str | None, bool]:
    if isinstance(body, bytes):
        return base64.b64encode(body).decode(), True
    return body, False


def request_of(
    method: str, path: str, *, headers: Mapping[str, str | Sequence[str]], query: str, body: Body
) -> UrlRequest:
    """Return an HTTP request as function URLs and HTTP APIs take it."""
    joined = {name: ",".join(values) for name, values in _lists(headers).items()}
    return UrlRequest(method, path, query, joined, body.encode() if isinstance(body, str) else body or b"")


def query_text(query: str | Mapping[str, Any] | None) -> str:
    """Return a query as it stands in a URL. Parameters: *query*, as text, or names with values or lists of them."""
    if not query:
        return ""
    if isinstance(query, str):
        return query
    pairs = [
        (name, one) for name, value in query.items() for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    return "&".join(f"{quote_plus(str(name))}={quote_plus(str(value))}" for name, value in pairs)
