"""Function URLs, called as programs call them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
import requests
import responses
import urllib3
from moto import mock_aws

from lambda_states_mock import LambdaMock, NoHandlerError, UncaughtRequestError, mock_lambda
from tests.kept_clients import kept_client
from tests.newest_client import newest_client
from tests.test_mock import create

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
SIGNATURE = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/us-east-1/lambda/aws4_request, Signature=0"}


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=1) as mock:
        create(client=client())
        yield mock


def client() -> Any:
    return kept_client()


def allow(name: str = "orders", qualifier: str | None = None, auth_type: str = "NONE") -> None:
    """Let everybody in, as AWS's console does it."""
    where = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    client().add_permission(
        **where,
        StatementId="FunctionURLAllowPublicAccess",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType=auth_type,
    )
    newest_client().add_permission(
        **where,
        StatementId="FunctionURLInvokeAllowPublicAccess",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )


def url_of(*, auth_type: str = "NONE", **options: Any) -> str:
    return str(client().create_function_url_config(FunctionName="orders", AuthType=auth_type, **options)["FunctionUrl"])


def public_url(**options: Any) -> str:
    url = url_of(**options)
    allow(qualifier=options.get("Qualifier"))
    return url


# -- the way through


def test_requests_invokes_the_function(m: LambdaMock) -> None:
    response = requests.post(public_url() + "a?x=1", json={"id": 7}, timeout=5)
    event = response.json()
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert (event["rawPath"], event["rawQueryString"], event["body"]) == ("/a", "x=1", '{"id": 7}')
    assert event["requestContext"]["http"]["method"] == "POST"
    assert response.headers["x-amzn-RequestId"] == event["requestContext"]["requestId"]
    assert response.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_request_is_an_invocation_and_no_call_of_the_api(m: LambdaMock) -> None:
    url, calls = public_url(), len(m.calls)
    requests.get(url, timeout=5)
    assert len(m.calls) == calls
    (invocation,) = m.invocations("orders")
    assert json.loads(invocation.payload)["version"] == "2.0"


def test_urllib3_gets_each_cookie(m: LambdaMock) -> None:
    m.handler("orders", returns={"statusCode": 200, "cookies": ["a=1", "b=2"], "body": "hello"})
    response = urllib3.PoolManager().request("GET", public_url())
    assert (response.data, response.headers.getlist("set-cookie")) == (b"hello", ["a=1", "b=2"])


def test_a_session_keeps_the_cookies(m: LambdaMock) -> None:
    session, url = requests.Session(), public_url()
    m.handler("orders", returns={"statusCode": 200, "cookies": ["a=1", "b=2"]})
    session.get(url, timeout=5)
    assert dict(session.cookies) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("moto_first", [True, False])
def test_beside_moto_the_function_answers(moto_first: bool) -> None:
    mocks: list[Any] = [mock_aws(), mock_lambda(timings="instant")]
    first, second = mocks if moto_first else mocks[::-1]
    with first, second:
        role = boto3.client("iam", region_name="us-east-1").create_role(
            RoleName="orders",
            AssumeRolePolicyDocument=json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ]
                }
            ),
        )
        assert role["Role"]["Arn"] == "arn:aws:iam::123456789012:role/orders"
        create()
        assert requests.get(public_url(), timeout=5).json()["version"] == "2.0"


def test_beside_a_users_responses_the_function_answers(m: LambdaMock) -> None:
    url = public_url()
    with responses.RequestsMock() as mocked:
        mocked.get("https://shop.example/", json={"shop": True})
        assert requests.get("https://shop.example/", timeout=5).json() == {"shop": True}
        assert requests.get(url, timeout=5).json()["version"] == "2.0"
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get("https://other.example/", timeout=5)


@responses.activate
def test_responses_around_the_mock_lets_the_function_answer() -> None:
    with mock_lambda(timings="instant"):
        create()
        assert requests.get(public_url(), timeout=5).json()["version"] == "2.0"


def test_what_the_user_has_registered_comes_first(m: LambdaMock) -> None:
    url = public_url()
    with responses.RequestsMock() as mocked:
        mocked.get(url, body="mine")
        assert requests.get(url, timeout=5).text == "mine"
    assert list(m.invocations("orders")) == []


def test_after_the_mock_responses_refuses_as_ever(m: LambdaMock) -> None:
    find = vars(responses.RequestsMock)["_find_match"]
    with mock_lambda():
        pass
    assert vars(responses.RequestsMock)["_find_match"] is find


def test_httpx_invokes_the_function(m: LambdaMock) -> None:
    response = httpx.post(public_url(), json={"id": 7}, headers={"X-Team": "shop"})
    event = response.json()
    assert (json.loads(event["body"]), event["headers"]["x-team"]) == ({"id": 7}, "shop")


def test_httpx_invokes_the_function_asynchronously(m: LambdaMock) -> None:
    url = public_url()

    async def main() -> httpx.Response:
        async with httpx.AsyncClient() as caller:
            return await caller.get(url + "a", params={"x": "1"})

    assert asyncio.run(main()).json()["rawQueryString"] == "x=1"


def test_httpx_reaches_the_api_too(m: LambdaMock) -> None:
    path = "/2015-03-31/functions/orders/configuration"
    assert httpx.get(f"https://lambda.us-east-1.amazonaws.com{path}").json()["FunctionName"] == "orders"


def test_nothing_of_httpx_stays_patched() -> None:
    before = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request
    with mock_lambda():
        assert httpx.HTTPTransport.handle_request is not before[0]
    assert (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request) == before


def test_a_client_that_is_not_caught_is_kept_from_leaving_and_told_the_remedy(m: LambdaMock) -> None:
    host = public_url().split("/")[2]
    with pytest.raises(UncaughtRequestError, match=r"(?s)would leave this process.*requests, urllib3, httpx, aiohttp"):
        socket.create_connection((host, 443), timeout=5)


def test_other_names_are_looked_up_as_ever(m: LambdaMock) -> None:
    assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)


# -- who may


@pytest.mark.parametrize("allowed", [[], ["lambda:InvokeFunctionUrl"], ["lambda:InvokeFunction"]])
def test_without_both_permissions_a_public_url_is_forbidden(m: LambdaMock, allowed: list[str]) -> None:
    url = url_of()
    for index, action in enumerate(allowed):
        client().add_permission(FunctionName="orders", StatementId=str(index), Action=action, Principal="*")
    response = requests.get(url, timeout=5)
    assert (response.status_code, response.json()) == (403, FORBIDDEN)
    assert response.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert list(m.invocations("orders")) == []


def test_a_permission_for_the_other_auth_type_does_not_count(m: LambdaMock) -> None:
    url = url_of()
    allow(auth_type="AWS_IAM")
    assert requests.get(url, timeout=5).status_code == 403


def test_a_permission_for_a_service_does_not_let_everybody_in(m: LambdaMock) -> None:
    url = url_of()
    for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
        client().add_permission(
            FunctionName="orders", StatementId=action[7:], Action=action, Principal="events.amazonaws.com"
        )
    assert requests.get(url, timeout=5).status_code == 403


def test_an_alias_has_a_url_and_a_policy_of_its_own(m: LambdaMock) -> None:
    client().publish_version(FunctionName="orders")
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    allow()
    url = url_of(Qualifier="live")
    assert requests.get(url, timeout=5).status_code == 403
    allow(qualifier="live")
    assert requests.get(url, timeout=5).status_code == 200
    assert m.invocations("orders")[0].version == "1"
    assert m.invocations("orders")[0].invoked_arn.endswith(":orders:live")


def test_once_its_alias_is_deleted_a_url_is_forbidden(m: LambdaMock) -> None:
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion="$LATEST")
    url = public_url(Qualifier="live")
    client().delete_alias(FunctionName="orders", Name="live")
    response = requests.get(url, timeout=5)
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


def test_a_url_with_iam_wants_a_signature(m: LambdaMock) -> None:
    url = url_of(auth_type="AWS_IAM")
    assert requests.get(url, timeout=5).status_code == 403
    event = requests.get(url, headers=SIGNATURE, timeout=5).json()
    assert event["requestContext"]["authorizer"]["iam"]["accessKey"] == "AKIA1"
    assert event["requestContext"]["accountId"] == "123456789012"


@pytest.mark.parametrize("action", ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"])
def test_a_caller_who_is_denied_an_action_is_forbidden(m: LambdaMock, action: str) -> None:
    url = url_of(auth_type="AWS_IAM")
    m.world.deny(action, function="orders")
    assert requests.get(url, headers=SIGNATURE, timeout=5).status_code == 403
    m.world.allow(action)
    assert requests.get(url, headers=SIGNATURE, timeout=5).status_code == 200


def signed(url: str) -> int:
    return requests.get(url, headers=SIGNATURE, timeout=5).status_code


def test_a_caller_of_another_account_needs_both_permissions_and_its_own(m: LambdaMock) -> None:
    url = url_of(auth_type="AWS_IAM")
    m.world.caller = "arn:aws:iam::210987654321:role/partner"
    assert signed(url) == 403
    m.world.caller = "arn:aws:iam::123456789012:role/own"
    allow(auth_type="AWS_IAM")
    m.world.caller = "arn:aws:iam::210987654321:role/partner"
    assert signed(url) == 200
    m.world.deny("lambda:InvokeFunctionUrl")
    assert signed(url) == 403


def test_the_event_names_the_caller_and_its_organization(m: LambdaMock) -> None:
    url = url_of(auth_type="AWS_IAM")
    m.world.caller, m.world.organization = "arn:aws:iam::123456789012:role/own", "o-abcdefghij"
    caller = requests.get(url, headers=SIGNATURE, timeout=5).json()["requestContext"]["authorizer"]["iam"]
    assert (caller["userArn"], caller["principalOrgId"]) == ("arn:aws:iam::123456789012:role/own", "o-abcdefghij")


def test_a_resource_policy_grants_what_the_callers_own_account_does_not(m: LambdaMock) -> None:
    url = url_of(auth_type="AWS_IAM")
    m.world.deny("lambda:InvokeFunction*")
    assert signed(url) == 403
    m.world.allow()
    allow(auth_type="AWS_IAM")
    m.world.deny("lambda:InvokeFunction*")
    assert signed(url) == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, 200),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, 403),
        ({"StringLike": {"aws:UserAgent": "python-requests/*"}}, 200),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, 403),  # nobody has signed
    ],
)
def test_the_conditions_of_a_policy_count(m: LambdaMock, condition: dict[str, Any], status: int) -> None:
    url, arn = url_of(), "arn:aws:lambda:us-east-1:123456789012:function:orders"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction*", "Resource": arn}
    document = {"Statement": [{**allowed, "Condition": condition}]}
    client().put_resource_policy(ResourceArn=arn, Policy=json.dumps(document))
    assert requests.get(url, timeout=5).status_code == status


def test_botocores_signer_makes_such_a_signature(m: LambdaMock) -> None:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method="GET", url=url_of(auth_type="AWS_IAM"))
    SigV4Auth(Credentials("AKIA2", "secret"), "lambda", "us-east-1").add_auth(request)
    response = requests.get(str(request.url), headers=dict(request.headers), timeout=5)
    assert response.json()["requestContext"]["authorizer"]["iam"]["accessKey"] == "AKIA2"


# -- what goes wrong


def test_a_failing_handler_is_a_bad_gateway(m: LambdaMock) -> None:
    m.handler("orders", side_effect=RuntimeError("no"))
    response = requests.get(public_url(), timeout=5)
    assert (response.status_code, response.text) == (502, "Internal Server Error")


def test_a_function_without_concurrency_is_throttled(m: LambdaMock) -> None:
    url = public_url()
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    response = requests.get(url, timeout=5)
    assert response.status_code == 429
    assert response.headers["x-amzn-ErrorType"] == "TooManyRequestsException"


def test_a_function_that_is_pending_does_not_answer() -> None:
    with mock_lambda():
        create()
        response = requests.get(public_url(), timeout=5)
        assert (response.status_code, response.headers["x-amzn-ErrorType"]) == (409, "ResourceConflictException")


def test_a_mistake_of_the_test_reaches_the_test(m: LambdaMock) -> None:
    boto: Any = client()
    boto.create_function(
        FunctionName="orders2",
        Runtime="nodejs22.x",
        Role="arn:aws:iam::123456789012:role/r",
        Handler="i.h",
        Code={"S3Bucket": "code", "S3Key": "zip"},
    )
    url = boto.create_function_url_config(FunctionName="orders2", AuthType="NONE")["FunctionUrl"]
    allow("orders2")
    with pytest.raises(NoHandlerError):
        requests.get(url, timeout=5)


# -- CORS and streams


def test_a_preflight_is_answered_without_the_function(m: LambdaMock) -> None:
    url = url_of(Cors={"AllowOrigins": ["https://shop.example"], "AllowMethods": ["PUT"], "MaxAge": 5})
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
    response = requests.options(url, headers=asked, timeout=5)
    assert response.status_code == 200
    assert response.headers["access-control-allow-methods"] == "PUT"
    assert list(m.invocations("orders")) == []


def test_an_answer_to_a_browser_has_the_cors_headers(m: LambdaMock) -> None:
    url = public_url(Cors={"AllowOrigins": ["*"]})
    response = requests.get(url, headers={"Origin": "https://shop.example"}, timeout=5)
    assert response.headers["access-control-allow-origin"] == "*"


def test_a_streaming_url_sends_the_result_as_it_is(m: LambdaMock) -> None:
    m.handler("orders", returns={"statusCode": 404})
    response = requests.get(public_url(InvokeMode="RESPONSE_STREAM"), timeout=5)
    assert (response.status_code, response.text) == (200, '{"statusCode": 404}')
