"""moto around, inside, before and after the mock: in each order Lambda is ours, and the rest is moto's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from lambda_states_mock import LambdaMock, current, mock_lambda
from tests import forked
from tests.neighbours.conftest import client, create_role, functions_of_moto
from tests.test_mock import zipped

ROOT = Path(__file__).parent.parent.parent


def deploy(role: str, name: str = "orders") -> str:
    """Create a function and return the state in which it begins."""
    created = client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=role, Handler="index.handler", Code={"ZipFile": zipped()}
    )
    return str(created["State"])


def assert_each_has_its_own() -> None:
    """Assert that Lambda is ours, with its states, and IAM is moto's, with its roles."""
    with pytest.raises(ClientError, match="role defined for the function cannot be assumed"):
        deploy("arn:aws:iam::123456789012:role/nobody")
    assert deploy(create_role()) == "Pending"
    assert current().function("orders").state == "Pending"
    assert functions_of_moto() == []


@pytest.mark.parametrize("order", ["moto around", "moto inside"])
def test_the_two_can_be_nested_in_either_order(order: str) -> None:
    mocks: list[Any] = [mock_aws(), mock_lambda()]
    outer, inner = mocks if order == "moto around" else mocks[::-1]
    with outer, inner:
        assert_each_has_its_own()


@mock_aws
@mock_lambda
def test_motos_decorator_may_be_outside() -> None:
    assert_each_has_its_own()


@mock_lambda
@mock_aws
def test_motos_decorator_may_be_inside() -> None:
    assert_each_has_its_own()


@mock_aws
@mock_lambda(timings="instant")
class TestDecoratedClass:
    def test_each_method_has_both(self) -> None:
        role = create_role()
        assert deploy(role) == "Pending"
        assert current().function("orders").state == "Active"


@pytest.fixture
def moto() -> Iterator[None]:
    with mock_aws():
        yield


def test_fixtures_may_come_in_this_order(moto: None, lambda_mock: LambdaMock) -> None:
    assert_each_has_its_own()


def test_fixtures_may_come_in_the_other_order(lambda_mock: LambdaMock, moto: None) -> None:
    assert_each_has_its_own()


def test_moto_may_be_started_later(lambda_mock: LambdaMock) -> None:
    assert deploy("arn:aws:iam::123456789012:role/nobody", "before") == "Pending"
    moto = mock_aws()
    moto.start()
    try:
        assert_each_has_its_own()
    finally:
        moto.stop()


def test_moto_may_be_stopped_first(lambda_mock: LambdaMock) -> None:
    with mock_aws():
        deploy(create_role())
    assert deploy("arn:aws:iam::123456789012:role/nobody", "after") == "Pending"
    assert [one["FunctionName"] for one in client("lambda").list_functions()["Functions"]] == ["after", "orders"]


def test_after_the_mock_moto_has_its_lambda_again() -> None:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = create_role()
        with mock_lambda():
            deploy(role)
        assert client("lambda").list_functions()["Functions"] == []
        assert deploy(role) == "Active"
        assert functions_of_moto() == ["orders"]


@pytest.mark.parametrize("made", ["before both", "under moto", "under both"])
def test_clients_are_answered_wherever_they_were_made(made: str) -> None:
    def connect() -> Any:
        return client("lambda", aws_access_key_id="a", aws_secret_access_key="b")

    connection = connect() if made == "before both" else None
    with mock_aws():
        connection = connect() if made == "under moto" else connection
        with mock_lambda() as m:
            connection = connection or connect()
            connection.list_functions()
            assert m.calls.operations == ["ListFunctions"]
    assert functions_of_moto() == []


ALONES_ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PATH": "/nowhere"}
ALONE = """
import sys
{block}
import boto3
from lambda_states_mock import mock_lambda
with mock_lambda(timings="instant") as m:
    client = boto3.client("lambda")
    client.create_function(
        FunctionName="orders", Runtime="python3.12", Role="arn:aws:iam::123456789012:role/orders", Handler="i.h",
        Code={{"S3Bucket": "code", "S3Key": "zip"}},
        VpcConfig={{"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    )
    print(m.function("orders").state, sorted(name for name in sys.modules if name.partition(".")[0] == "moto")[:1])
"""


def test_without_moto_everything_that_is_referred_to_exists() -> None:
    absent = ALONE.format(block="sys.modules['moto'] = None")
    done = forked.run("-c", absent, env=ALONES_ENVIRONMENT, ready=forked.WITH_BOTO3)
    assert done.stdout.strip() == "Active ['moto']", done.stderr


def test_where_moto_is_not_imported_it_is_not_imported_and_everything_exists() -> None:
    done = forked.run("-c", ALONE.format(block=""), env=ALONES_ENVIRONMENT)
    assert done.stdout.strip() == "Active []", done.stderr


OUTWARD: dict[str, Callable[[], Any]] = {
    "role": lambda: deploy("arn:aws:iam::123456789012:role/nobody"),
    "object": lambda: client("lambda").create_function(
        FunctionName="stored",
        Runtime="python3.12",
        Role="arn:aws:iam::123456789012:role/r",
        Handler="i.h",
        Code={"S3Bucket": "nowhere", "S3Key": "zip"},
    ),
    "image": lambda: client("lambda").create_function(
        FunctionName="packed",
        PackageType="Image",
        Role="arn:aws:iam::123456789012:role/r",
        Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"},
    ),
    "network": lambda: client("lambda").create_function(
        FunctionName="inside",
        Runtime="python3.12",
        Role="arn:aws:iam::123456789012:role/r",
        Handler="i.h",
        Code={"ZipFile": zipped()},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    ),
    "queue": lambda: client("lambda").create_event_source_mapping(
        FunctionName="orders", EventSourceArn="arn:aws:sqs:us-east-1:123456789012:jobs"
    ),
}


@pytest.mark.parametrize("question", OUTWARD)
def test_without_moto_nobody_is_asked(question: str, lambda_mock: LambdaMock) -> None:
    # conftest.py lets each connection fail: what is asked of a neighbour over the network does not go unnoticed.
    if question == "queue":
        deploy("arn:aws:iam::123456789012:role/r")
    assert OUTWARD[question]()["State"] in {"Pending", "Creating"} if question != "role" else OUTWARD[question]()


@pytest.mark.parametrize("question", ["object", "image", "network"])
def test_a_service_that_moto_does_not_mock_is_not_asked(question: str) -> None:
    with mock_aws(config={"core": {"service_whitelist": ["iam"]}}), mock_lambda():
        create_role("r")
        assert OUTWARD[question]()["State"] == "Pending"
