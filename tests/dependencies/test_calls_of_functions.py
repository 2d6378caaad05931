"""Calls from inside of functions: they are those of the function's role, whose privileges a test can take away."""

from __future__ import annotations

import _thread
import concurrent.futures
import json
import threading
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from lambda_states_mock import LambdaMock, UnknownNameError, mock_lambda
from tests.deploying import ARN, ROLE, create, error_of, inside, zip_of
from tests.kept_clients import kept_client

SESSION = "arn:aws:sts::123456789012:assumed-role/orders/orders"
USER = "arn:aws:iam::123456789012:user/test"
ONCE = Config(retries={"total_max_attempts": 1})
CALLING = """
import boto3

at_start = boto3.client("lambda")


def handler(event, context):
    client = at_start if event == "at start" else boto3.client("lambda")
    return client.get_function_configuration(FunctionName="prices")["FunctionName"]
"""


@pytest.fixture
def m() -> Any:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=1) as mock:
        client = kept_client()
        create(client)
        create(client, "prices", Role="arn:aws:iam::123456789012:role/prices")
        mock.handler("prices", returns="cheap")
        yield mock


def aws(**options: Any) -> Any:
    if not options:
        return kept_client(attempts=1)
    return boto3.client("lambda", region_name="us-east-1", config=ONCE, **options)


def sign(request: AWSRequest) -> dict[str, str]:
    """Sign *request* with the credentials of whoever calls this, and return its headers."""
    credentials: Any = boto3.Session().get_credentials()
    SigV4Auth(credentials.get_frozen_credentials(), "lambda", "us-east-1").add_auth(request)
    return dict(request.headers)


# -- who calls


def test_a_call_from_inside_is_the_roles_and_any_other_the_callers(m: LambdaMock) -> None:
    inside(m, lambda: aws().list_functions())
    assert [(call.operation, call.caller) for call in m.calls[-2:]] == [("Invoke", USER), ("ListFunctions", SESSION)]


def test_the_caller_is_the_role_for_who_looks_from_inside(m: LambdaMock) -> None:
    m.world.caller = "arn:aws:iam::123456789012:role/deployer"
    assert inside(m, lambda: m.world.caller) == SESSION
    assert m.world.caller == "arn:aws:iam::123456789012:role/deployer"


def test_a_client_of_the_test_is_the_functions_where_that_calls_with_it(m: LambdaMock) -> None:
    of_the_test = aws(aws_access_key_id="testing", aws_secret_access_key="testing")
    inside(m, of_the_test.list_functions)
    assert m.calls[-1].caller == SESSION
    of_the_test.list_functions()
    assert m.calls[-1].caller == USER


def test_a_client_of_a_function_stays_its_own_outside(m: LambdaMock) -> None:
    client = inside(m, aws)
    client.list_functions()
    assert m.calls[-1].caller == SESSION


def test_in_a_chain_each_function_calls_as_its_own_role(m: LambdaMock) -> None:
    m.handler("prices", call=lambda _event, _context: aws().list_layers() and None)
    inside(m, lambda: (aws().invoke(FunctionName="prices"), aws().list_aliases(FunctionName="prices")))
    callers = {call.operation: call.caller for call in m.calls[-3:]}
    assert callers == {
        "Invoke": SESSION,
        "ListLayers": "arn:aws:sts::123456789012:assumed-role/prices/prices",
        "ListAliases": SESSION,
    }


def test_threads_of_a_function_call_as_its_role(m: LambdaMock) -> None:
    def orders() -> None:
        thread = threading.Thread(target=lambda: aws().list_layers())
        thread.start()
        thread.join()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: aws().list_functions()).result()

    inside(m, orders)
    assert [call.caller for call in (*m.calls.of("ListLayers"), *m.calls.of("ListFunctions"))] == [SESSION, SESSION]


def test_an_event_calls_as_its_functions_role(m: LambdaMock) -> None:
    m.handler("orders", call=lambda _event, _context: aws().list_layers() and None)
    aws().invoke(FunctionName="orders", InvocationType="Event")
    m.clock.run_until_idle()
    assert m.calls.of("ListLayers")[0].caller == SESSION


def test_an_extension_has_the_credentials_of_the_function(m: LambdaMock) -> None:
    @m.extension("agent", function="orders", events=["INVOKE"])
    def agent(_event: Any) -> None:
        aws().list_layers()

    inside(m, lambda: None)
    assert m.calls.of("ListLayers")[0].caller == SESSION


def test_a_request_that_a_function_signs_by_hand_is_its_own(m: LambdaMock) -> None:
    url = "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/"

    signed = inside(m, lambda: sign(AWSRequest(method="GET", url=url)))
    assert requests.get(url, headers=signed, timeout=5).status_code == 200
    assert m.calls[-1].caller == SESSION


# -- least privilege


def test_what_is_denied_to_the_role_is_denied_to_the_function_alone(m: LambdaMock) -> None:
    m.world.deny("lambda:InvokeFunction", function="prices", caller=ROLE)

    refusal = inside(m, lambda: error_of(aws().invoke, FunctionName="prices"))

    assert refusal == (
        403,
        "AccessDeniedException",
        f"User: {SESSION} is not authorized to perform: lambda:InvokeFunction on resource: {ARN}prices "
        "because no identity-based policy allows the lambda:InvokeFunction action",
    )
    assert aws().invoke(FunctionName="prices")["StatusCode"] == 200


@pytest.mark.parametrize(
    ("caller", "refused_inside", "refused_outside"),
    [
        (ROLE, True, False),
        ("orders", True, False),
        (SESSION, True, False),
        ("arn:aws:iam::123456789012:role/service-role/orders", True, False),  # (I) a session does not tell the path
        ("arn:aws:iam::123456789012:role/prices", False, False),
        ("arn:aws:iam::210987654321:role/orders", False, False),
        ("arn:aws:iam::123456789012:root", True, True),
        (USER, False, True),
        (None, True, True),
    ],
)
def test_a_caller_is_named_by_its_role_its_session_or_its_account(
    m: LambdaMock, *, caller: str | None, refused_inside: bool, refused_outside: bool
) -> None:
    def is_refused() -> bool:
        try:
            aws().get_function(FunctionName="prices")
        except aws().exceptions.ClientError as error:
            return bool(error.response["Error"]["Code"] == "AccessDeniedException")
        return False

    m.handler("orders", call=lambda _event, _context: is_refused())
    m.world.deny("lambda:GetFunction", caller=caller)
    assert json.loads(aws().invoke(FunctionName="orders")["Payload"].read()) is refused_inside
    assert is_refused() is refused_outside


def test_what_was_denied_to_a_caller_is_taken_back_for_it_alone(m: LambdaMock) -> None:
    m.world.deny("lambda:GetFunction", "lambda:ListFunctions", caller="orders")
    m.world.deny("lambda:GetFunction", caller="prices")
    m.world.allow("lambda:GetFunction", caller="orders")
    assert inside(m, lambda: aws().get_function(FunctionName="prices")["Configuration"]["FunctionName"]) == "prices"
    assert inside(m, lambda: error_of(aws().list_functions))[0] == 403
    with pytest.raises(UnknownNameError, match='"lambda:GetFunction" was not denied to "orders"'):
        m.world.allow("lambda:GetFunction", caller="orders")
    m.world.allow(caller="orders")
    assert "Functions" in inside(m, aws().list_functions)
    m.world.allow("lambda:GetFunction")  # to whomever it was denied
    m.handler("prices", call=lambda _event, _context: aws().get_function(FunctionName="orders") and "well")
    assert aws().invoke(FunctionName="prices")["Payload"].read() == b'"well"'


@pytest.mark.parametrize("caller", ["", "two words", "arn:aws:lambda:us-east-1:123456789012:function:orders", 7])
def test_a_caller_that_is_none_is_refused(m: LambdaMock, caller: Any) -> None:
    with pytest.raises(ValueError, match="deny\\(\\) wants the caller as the ARN of an identity, or as the name of a"):
        m.world.deny("lambda:GetFunction", caller=caller)


def test_code_of_a_zip_calls_as_its_role_also_with_a_client_of_its_start(m: LambdaMock) -> None:
    create(aws(), "zipped", Code={"ZipFile": zip_of(CALLING)})
    for payload in (b'"now"', b'"at start"'):
        assert aws().invoke(FunctionName="zipped", Payload=payload)["Payload"].read() == b'"prices"'
    assert {call.caller for call in m.calls.of("GetFunctionConfiguration")} == {
        "arn:aws:sts::123456789012:assumed-role/orders/zipped"
    }
    m.world.deny("lambda:GetFunctionConfiguration", caller="orders")
    for payload in (b'"now"', b'"at start"'):
        assert b"AccessDeniedException" in aws().invoke(FunctionName="zipped", Payload=payload)["Payload"].read()


def test_a_role_may_be_denied_the_url_of_another_function(m: LambdaMock) -> None:
    url = aws().create_function_url_config(FunctionName="prices", AuthType="AWS_IAM")["FunctionUrl"]

    def status() -> int:
        return requests.get(url, headers=sign(AWSRequest(method="GET", url=url)), timeout=5).status_code

    assert inside(m, status) == 200
    event = json.loads(m.invocations("prices")[0].payload)
    assert event["requestContext"]["authorizer"]["iam"]["userArn"] == SESSION
    m.world.deny("lambda:InvokeFunctionUrl", caller=ROLE)
    assert inside(m, status) == 403
    assert SESSION in m.hints[0]


def test_a_role_that_may_not_invoke_its_destination_does_not_reach_it(m: LambdaMock) -> None:
    aws().put_function_event_invoke_config(
        FunctionName="orders", DestinationConfig={"OnSuccess": {"Destination": f"{ARN}prices"}}
    )
    m.handler("orders", returns=1)
    m.world.deny("lambda:InvokeFunction", function="prices", caller=ROLE)
    aws().invoke(FunctionName="orders", InvocationType="Event")
    m.clock.run_until_idle()
    assert f"User: {SESSION} is not authorized" in str(m.destinations[0].error)
    assert m.invocations("prices") == []


def test_a_resource_policy_can_name_the_role_of_a_function(m: LambdaMock) -> None:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": ROLE},
        "Action": "lambda:InvokeFunction",
        "Resource": f"{ARN}prices",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws().put_resource_policy(ResourceArn=f"{ARN}prices", Policy=document)
    assert inside(m, lambda: error_of(aws().invoke, FunctionName="prices"))[0] == 403
    assert aws().invoke(FunctionName="prices")["StatusCode"] == 200


def test_a_thread_that_nobody_knows_stays_unknown_when_it_calls(m: LambdaMock) -> None:
    done = _thread.allocate_lock()
    seen: list[int] = []

    def call() -> None:
        m.backend.call("ListFunctions", {})
        seen.append(threading.active_count())
        done.release()

    before = threading.active_count()
    done.acquire()
    _thread.start_new_thread(call, ())
    assert done.acquire(timeout=10)
    assert seen == [before]
    assert m.calls[-1].caller == USER
