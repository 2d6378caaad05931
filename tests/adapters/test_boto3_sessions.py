"""boto3's default session: each environment has one of its own, with its role's credentials; the test keeps its own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from tests.aio_clients import get_session
from tests.deploying import create, inside, zip_of

OF_THE_TEST = "AKIAOFTHETEST"


@pytest.fixture
def m(monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaMock]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OF_THE_TEST)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with mock_lambda(timings="instant", region="eu-west-1") as mock:
        create(aws())
        yield mock


def aws() -> Any:
    return boto3.client("lambda", region_name="eu-west-1")


def key_of(client: Any) -> str:
    return str(client._request_signer._credentials.access_key)


def test_a_handler_of_the_test_has_the_credentials_of_the_role(m: LambdaMock) -> None:
    def look() -> tuple[str, str, str]:
        return key_of(boto3.client("sqs")), key_of(boto3.Session().client("sqs")), os.environ["AWS_ACCESS_KEY_ID"]

    assert key_of(boto3.client("sqs", region_name="eu-west-1")) == OF_THE_TEST
    assert len(set(inside(m, look))) == 1
    assert inside(m, look)[0].startswith("ASIA")
    assert key_of(boto3.client("sqs", region_name="eu-west-1")) == OF_THE_TEST


def test_the_first_session_of_all_may_be_that_of_a_function(m: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    client = boto3.Session().client("lambda", region_name="eu-west-1")
    m.handler("orders", call=lambda _event, _context: key_of(boto3.client("sqs")))
    client.invoke(FunctionName="orders")
    assert boto3.DEFAULT_SESSION is None
    assert key_of(boto3.client("sqs", region_name="eu-west-1")) == OF_THE_TEST


def test_a_default_session_lasts_as_long_as_the_process_and_each_environment_has_its_own(m: LambdaMock) -> None:
    seen: list[Any] = []

    def orders(event: Any, _context: Any) -> None:
        boto3.client("sqs")
        seen.append(vars(boto3)["_get_default_session"]())
        if event == "exit":
            raise SystemExit(1)

    m.handler("orders", call=orders)
    for payload in (b"1", b'"exit"', b"1"):
        aws().invoke(FunctionName="orders", Payload=payload)
    m.handler("orders", call=lambda _event, _context: orders(1, None))  # another environment
    aws().invoke(FunctionName="orders")

    assert seen[0] is seen[1]
    assert len({id(one) for one in (seen[0], seen[2], seen[3])}) == 3
    assert seen[0].get_credentials().access_key == seen[2].get_credentials().access_key  # of the same environment
    assert seen[0].get_credentials().access_key != seen[3].get_credentials().access_key


def test_a_default_session_that_a_function_sets_up_is_its_own(m: LambdaMock) -> None:
    def set_up() -> str:
        boto3.setup_default_session(region_name="ap-south-1", aws_access_key_id="MINE", aws_secret_access_key="s")
        client = boto3.client("sqs")
        return f"{client.meta.region_name} {key_of(client)}"

    assert inside(m, set_up) == "ap-south-1 MINE"
    assert key_of(boto3.client("sqs", region_name="eu-west-1")) == OF_THE_TEST


def test_a_function_has_the_region_of_its_own(m: LambdaMock) -> None:
    assert inside(m, lambda: boto3.client("sqs").meta.region_name) == "eu-west-1"


def test_a_fake_in_the_place_of_the_default_session_is_what_counts(
    m: LambdaMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fake:
        def client(self, name: str) -> str:
            return f"a fake {name}"

    monkeypatch.setattr(boto3, "DEFAULT_SESSION", Fake())
    m.handler("orders", call=lambda _event, _context: boto3.client("sqs"))
    client = boto3.Session().client("lambda", region_name="eu-west-1")
    assert client.invoke(FunctionName="orders")["Payload"].read() == b'"a fake sqs"'


def test_after_the_mock_boto3_is_as_before() -> None:
    before = vars(boto3)["_get_default_session"], boto3.setup_default_session
    with mock_lambda():
        aws()
        assert vars(boto3)["_get_default_session"] is not before[0]
    assert (vars(boto3)["_get_default_session"], boto3.setup_default_session) == before


# -- SnapStart: the environment is asked for the credentials

LOOKING = """
import os
import boto3

client = boto3.client("sqs")

def handler(event, context):
    credentials = boto3.Session().get_credentials()
    return [
        credentials.access_key, credentials.token, credentials.method, client._request_signer._credentials.access_key,
        os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SESSION_TOKEN"),
        os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"],
    ]
"""


def test_with_snap_start_code_gets_credentials_from_its_environment(m: LambdaMock) -> None:
    snap_start = {"ApplyOn": "PublishedVersions"}
    create(aws(), "snapped", Code={"ZipFile": zip_of(LOOKING)}, SnapStart=snap_start, Publish=True)
    answer = json.loads(aws().invoke(FunctionName="snapped", Qualifier="1")["Payload"].read())
    key, token, method, of_init, *variables, uri, authorization = answer
    assert key == of_init
    assert (key[:4], token[:16], method) == ("ASIA", "IQoJb3JpZ2luX2Vj", "container-role")
    assert variables == [None, None]
    assert uri == "http://169.254.100.1:9001/2021-04-23/credentials"
    assert len(authorization) == 36


def test_with_snap_start_an_asynchronous_client_gets_them_too(m: LambdaMock) -> None:
    async def key() -> str:
        credentials: Any = await get_session().get_credentials()
        return str(credentials.access_key)

    snap_start = {"ApplyOn": "PublishedVersions"}
    create(aws(), "snapped", SnapStart=snap_start, Publish=True)
    seen: list[str] = []
    m.handler("snapped:1", call=lambda _event, _context: seen.append(asyncio.run(key())))
    aws().invoke(FunctionName="snapped", Qualifier="1")
    assert seen[0].startswith("ASIA")


def test_outside_nobody_is_asked_for_credentials(m: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/credentials")
    assert boto3.Session().get_credentials() is None
