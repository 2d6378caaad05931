"""What a program that knows nothing of the mock is answered, and when its requests move the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, NoHandlerError, mock_lambda
from tests.server.asking import FUNCTIONS, NEW, OURS, application, ask, kind_of, told
from tests.test_children import OF_ORDERS, keys_of_orders
from tests.test_mock import create

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
ORDERS = f"{FUNCTIONS}/orders/configuration"
SENT_JSON = {"Content-Type": "application/x-amz-json-1.0"}
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/eu-west-1/{}/aws4_request, Signature=0"


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start=START, timings={"create": 200, "update": 100, "snapshot": 50}) as mock:
        create()
        yield mock


def client() -> Any:
    return boto3.client("lambda", region_name="us-east-1")


# -- which clock


class Stopwatch:
    """Real time, as the test has it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("clock", "factor"), [("real", 1), ("factor=60", 60), ("factor=0.5", 0.5)])
def test_real_time_passes_between_the_requests_of_a_program_that_sleeps_for_real(
    m: LambdaMock, clock: str, factor: float
) -> None:
    stopwatch = Stopwatch()
    server = application(m, clock, stopwatch=stopwatch)
    assert told(server, "GET", ORDERS)["State"] == "Pending"
    stopwatch.seconds += 7
    told(server, "GET", ORDERS)
    assert m.clock.now - START == timedelta(seconds=7 * factor)


def test_a_frozen_clock_stands_whoever_looks(m: LambdaMock) -> None:
    server = application(m, "frozen")
    for _ in range(3):
        assert told(server, "GET", ORDERS)["State"] == "Pending"
    assert m.clock.now == START


def test_the_second_look_at_what_is_under_way_moves_the_clock_to_the_end_of_that(m: LambdaMock) -> None:
    server = application(m, "jump")
    assert [told(server, "GET", ORDERS)["State"] for _ in range(4)] == ["Pending", "Active", "Active", "Active"]
    assert m.clock.now - START == timedelta(seconds=200)


@pytest.mark.parametrize("second", [(ORDERS, "another"), (f"{FUNCTIONS}/orders", "a waiter")])
def test_a_look_of_another_client_or_in_another_way_is_a_first_look(m: LambdaMock, second: tuple[str, str]) -> None:
    server = application(m, "jump")
    told(server, "GET", ORDERS, User_Agent="a waiter")
    told(server, "GET", second[0], User_Agent=second[1])
    assert m.clock.now == START


def test_a_look_at_something_else_leaves_what_is_under_way(m: LambdaMock) -> None:
    create("prices")
    server = application(m, "jump")
    m.clock.advance(50)
    client().create_function(**{**NEW, "FunctionName": "late"})
    for _ in range(2):
        told(server, "GET", f"{FUNCTIONS}/late/configuration")
    assert m.clock.now - START == timedelta(seconds=250)
    assert m.function("orders").state == "Active"


def test_writes_never_jump_so_that_a_conflict_stays_one(m: LambdaMock) -> None:
    server = application(m, "jump")
    for _ in range(3):
        answer = ask(server, "PUT", f"{FUNCTIONS}/orders/configuration", {"Timeout": 9})
        assert (answer.status, kind_of(answer)) == (409, "ResourceConflictException")
    assert m.clock.now == START


def test_a_new_update_is_under_way_at_its_first_look(m: LambdaMock) -> None:
    server = application(m, "jump")
    for _ in range(2):
        told(server, "GET", ORDERS)
    told(server, "PUT", ORDERS, {"Timeout": 9})
    looks = [told(server, "GET", ORDERS)["LastUpdateStatus"] for _ in range(2)]
    assert looks == ["InProgress", "Successful"]


def test_a_look_at_a_version_waits_for_that_version(m: LambdaMock) -> None:
    server = application(m, "jump")
    m.clock.advance(200)
    client().update_function_configuration(FunctionName="orders", SnapStart={"ApplyOn": "PublishedVersions"})
    m.clock.advance(100)
    client().publish_version(FunctionName="orders")
    create("other")
    looks = [told(server, "GET", f"{ORDERS}?Qualifier=1")["State"] for _ in range(2)]
    assert (looks, m.function("other").state) == (["Pending", "Active"], "Pending")


def test_a_mapping_provisioned_concurrency_and_a_list_are_looked_at_too(m: LambdaMock) -> None:
    server = application(m, "jump")
    m.clock.advance(200)
    client().publish_version(FunctionName="orders")
    arn = "arn:aws:sqs:us-east-1:123456789012:jobs"
    mapping = client().create_event_source_mapping(FunctionName="orders", EventSourceArn=arn)["UUID"]
    client().put_provisioned_concurrency_config(FunctionName="orders", Qualifier="1", ProvisionedConcurrentExecutions=1)
    mappings = f"/2015-03-31/event-source-mappings/{mapping}"
    assert [told(server, "GET", mappings)["State"] for _ in range(2)] == ["Creating", "Enabled"]
    provisioned = "/2019-09-30/functions/orders/provisioned-concurrency?Qualifier=1"
    assert [told(server, "GET", provisioned)["Status"] for _ in range(2)] == ["IN_PROGRESS", "READY"]
    client().create_function(**{**NEW, "FunctionName": "late"})
    for _ in range(2):
        told(server, "GET", f"{FUNCTIONS}/")
    assert m.function("late").state == "Active"


def test_nobody_sees_what_ends_by_itself_of_a_clock_that_settles(m: LambdaMock) -> None:
    server = application(m, "settle")
    assert told(server, "GET", ORDERS)["State"] == "Active"
    told(server, "PUT", ORDERS, {"Timeout": 9})
    assert told(server, "GET", ORDERS)["LastUpdateStatus"] == "Successful"
    assert m.clock.now - START == timedelta(seconds=300)


def test_what_hangs_is_looked_at_in_vain(m: LambdaMock) -> None:
    m.faults.on_phase("create").hang()
    client().create_function(**{**NEW, "FunctionName": "stuck"})
    for clock in ("jump", "settle"):
        server = application(m, clock)
        for _ in range(3):
            assert told(server, "GET", f"{FUNCTIONS}/stuck/configuration")["State"] == "Pending"


@pytest.mark.parametrize("text", ["jmup", "factor=", "factor=-1", "factor=nan", ""])
def test_a_clock_that_there_is_not_is_refused(m: LambdaMock, text: str) -> None:
    with pytest.raises(ValueError, match=r"factor=60"):
        application(m, text)


# -- who asks, and for what


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"Authorization": SIGNED.format("lambda")}, 404),
        ("?X-Amz-Credential=AKIA1%2F20260101%2Feu-west-1%2Flambda%2Faws4_request", {}, 404),
    ],
)
def test_the_region_is_the_signatures(m: LambdaMock, query: str, headers: dict[str, str], status: int) -> None:
    assert ask(application(m), "GET", f"{ORDERS}{query}", **headers).status == status


def test_a_signature_says_who_calls(m: LambdaMock) -> None:
    key = keys_of_orders(m)["AWS_ACCESS_KEY_ID"]
    signed = SIGNED.format("lambda").replace("eu-west", "us-east")
    for signed_by, caller in ((key, OF_ORDERS), ("AKIA1", "arn:aws:iam::123456789012:user/test")):
        told(application(m), "GET", ORDERS, Authorization=signed.replace("AKIA1", signed_by))
        assert m.calls[-1].caller == caller


def test_a_mistake_of_the_test_is_an_error_with_its_text(m: LambdaMock) -> None:
    def mistake(*_: Any, **__: Any) -> Any:
        raise NoHandlerError("nothing to run")

    vars(m.backend)["handle"] = mistake
    answer = ask(application(m), "GET", ORDERS)
    assert (answer.status, kind_of(answer)) == (400, "NoHandlerError")
    remedy = 'PUT /_lambda_states_mock/handlers/NAME  with {"returns": ...}'
    assert json.loads(answer.body) == {"message": f"nothing to run\n  Over HTTP:  {remedy}"}


@pytest.mark.parametrize(
    ("target", "headers", "kind", "said"),
    [
        ("/", {"Authorization": SIGNED.format("sqs"), **SENT_JSON}, "SqsNotMocked", '"__type"'),
        ("/", {"Authorization": SIGNED.format("iam")}, "IamNotMocked", "<ErrorResponse><Error><Code>IamNotMocked"),
        ("/bucket?list-type=2", {"Authorization": SIGNED.format("s3")}, "S3NotMocked", "<Error><Code>S3NotMocked"),
        (
            "/bucket/key?X-Amz-Credential=AKIA1%2F20260101%2Feu-west-1%2Fs3%2Faws4_request",
            {},
            "S3NotMocked",
            "the request is for s3",
        ),
        ("/", {"X-Amz-Target": "DynamoDB_20120810.GetItem", **SENT_JSON}, "DynamodbNotMocked", "DynamoDB"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_for_another_service_is_refused_with_its_name(
    m: LambdaMock, method: str, target: str, headers: dict[str, str], kind: str, said: str
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    answer = ask(application(m), method, target, **named)
    assert (answer.status, kind_of(answer)) == (501, kind)
    assert said in answer.body.decode()
    assert "AWS_ENDPOINT_URL_LAMBDA" in answer.body.decode()


def test_what_is_no_path_of_the_api_is_refused_as_aws_does(m: LambdaMock) -> None:
    answer = ask(application(m), "POST", "/")
    assert (answer.status, kind_of(answer)) == (403, "AccessDeniedException")


def test_a_function_url_is_told_by_its_host(m: LambdaMock) -> None:
    m.clock.advance(200)
    m.handler("orders", call=lambda event, _context: {"path": event["rawPath"], "query": event["rawQueryString"]})
    lambda_client = client()
    url = lambda_client.create_function_url_config(FunctionName="orders", AuthType="NONE")["FunctionUrl"]
    for action, more in (
        ("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
        ("lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        lambda_client.add_permission(
            FunctionName="orders", StatementId=action.replace(":", "-"), Action=action, Principal="*", **more
        )
    aws = url.removeprefix("https://").removesuffix("/")
    for host in (aws, f"{aws.replace('on.aws', 'localhost')}:4574"):
        for path in ("/worlds/gw3/pears", f"{OURS}/clock", "/"):
            seen = told(application(m), "GET", f"{path}?ripe=1", Host=host, Origin="https://shop.example.com")
            assert seen == {"path": path, "query": "ripe=1"}
