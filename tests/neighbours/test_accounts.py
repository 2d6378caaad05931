"""Roles that moto let somebody assume: calls made as such a role go to its account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.aio_clients import get_session
from tests.neighbours.conftest import client
from tests.test_mock import zipped

OTHER = "210987654321"


def credentials_of(role: str) -> dict[str, str]:
    """Return what a client needs in order to act as *role*."""
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def deploy(connection: Any) -> str:
    arn: str = connection.create_function(
        FunctionName="orders",
        Runtime="python3.12",
        Role="arn:aws:iam::210987654321:role/orders",
        Handler="index.handler",
        Code={"ZipFile": zipped()},
    )["FunctionArn"]
    return arn


@pytest.mark.parametrize("order", ["moto around", "moto inside"])
def test_a_role_of_another_account_deploys_there(order: str) -> None:
    mocks: list[Any] = [mock_aws(), mock_lambda()]
    outer, inner = mocks if order == "moto around" else mocks[::-1]
    with outer, inner:
        other = client("lambda", **credentials_of(f"arn:aws:iam::{OTHER}:role/deployer"))
        assert deploy(other) == f"arn:aws:lambda:us-east-1:{OTHER}:function:orders"
        assert client("lambda").list_functions()["Functions"] == []
        assert [one["FunctionName"] for one in other.list_functions()["Functions"]] == ["orders"]


def test_the_mock_shows_the_function_in_its_account(lambda_mock: LambdaMock) -> None:
    with mock_aws():
        deploy(client("lambda", **credentials_of(f"arn:aws:iam::{OTHER}:role/deployer")))
    assert lambda_mock.function("orders", account=OTHER).state == "Pending"
    assert not lambda_mock.function("orders").exists
    assert lambda_mock.calls[0].account == OTHER


def test_sts_and_the_mock_agree_on_who_one_is() -> None:
    with mock_aws(), mock_lambda():
        given = credentials_of(f"arn:aws:iam::{OTHER}:role/deployer")
        account = client("sts", **given).get_caller_identity()["Account"]
        assert account in deploy(client("lambda", **given))


def test_a_function_of_another_account_shows_itself_to_those_whom_its_policy_names() -> None:
    with mock_aws(), mock_lambda():
        other = client("lambda", **credentials_of(f"arn:aws:iam::{OTHER}:role/deployer"))
        arn = deploy(other)
        with pytest.raises(client("lambda").exceptions.ClientError, match="lambda:GetFunction on resource"):
            client("lambda").get_function(FunctionName=arn)

        other.add_permission(
            FunctionName="orders", StatementId="look", Action="lambda:GetFunction", Principal="123456789012"
        )

        assert client("lambda").get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn


def test_a_role_of_ones_own_account_stays_there() -> None:
    with mock_aws(), mock_lambda() as m:
        client("lambda", **credentials_of("arn:aws:iam::123456789012:role/deployer")).list_functions()
        assert m.calls[0].account == "123456789012"


def test_other_credentials_are_of_the_mocks_account() -> None:
    with mock_aws(), mock_lambda(account="999999999999") as m:
        client("sts").get_caller_identity()
        client("lambda", aws_access_key_id="AKIA1", aws_secret_access_key="b").list_functions()
        assert m.calls[0].account == "999999999999"


def test_an_asynchronous_client_acts_as_the_role_too() -> None:
    async def deploy_as(given: dict[str, Any]) -> None:
        async with get_session().create_client("lambda", region_name="us-east-1", **given) as connection:
            await connection.list_functions()

    with mock_aws(), mock_lambda() as m:
        asyncio.run(deploy_as(credentials_of(f"arn:aws:iam::{OTHER}:role/deployer")))
        assert m.calls[0].account == OTHER
