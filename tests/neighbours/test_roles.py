"""Roles of moto's IAM, which have to trust Lambda."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import mock_lambda
from tests.deploying import create, error_of, zip_of
from tests.neighbours.conftest import client

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders"


ORDERS: dict[str, Any] = {
    "FunctionName": "orders",
    "Runtime": "python3.13",
    "Role": "arn:aws:iam::123456789012:role/orders",
    "Handler": "app.handler",
    "Code": {"ZipFile": zip_of()},
}


def trusting(**elements: Any) -> dict[str, Any]:
    """Return a statement that lets Lambda assume the role, with other *elements*."""
    usual = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {**usual, **elements}


@pytest.mark.parametrize(
    "statements",
    [
        [trusting()],
        [trusting(Principal={"Service": ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]})],
        [trusting(Principal={"AWS": "*"})],
        [trusting(Action="sts:Assume*")],
        [trusting(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}})],
        [trusting(Condition={"ArnLike": {"aws:SourceArn": FUNCTION}})],
    ],
)
def test_a_role_that_trusts_lambda_is_accepted(statements: list[dict[str, Any]]) -> None:
    with mock_aws(), mock_lambda():
        create_role(statements)

        assert create(client("lambda"))["State"] == "Pending"


@pytest.mark.parametrize(
    "statements",
    [
        [trusting(Principal={"Service": "ec2.amazonaws.com"})],
        [trusting(Principal={"AWS": "123456789012"})],
        [trusting(Action="sts:TagSession")],
        [trusting(Condition={"StringEquals": {"aws:SourceAccount": "210987654321"}})],
        [trusting(Condition={"ArnLike": {"aws:SourceArn": FUNCTION + "2"}})],
        [trusting(Condition={"StringEquals": {"sts:ExternalId": "secret"}})],
        [trusting(), trusting(Effect="Deny", Principal="*")],
    ],
)
def test_a_role_that_does_not_is_refused(statements: list[dict[str, Any]]) -> None:
    with mock_aws(), mock_lambda():
        create_role(statements)

        answer = error_of(client("lambda").create_function, **ORDERS)

        assert answer[2] == "The role defined for the function cannot be assumed by Lambda."


def create_role(statements: list[dict[str, Any]]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=document)


# -- trust policies that IAM would not have taken


@pytest.mark.parametrize(
    "document",
    [
        "some policy",
        "{}",
        "[]",
        "null",
        '{"Version": "2012-10-17", "Statement": []}',
        '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Maybe", "Principal": "*", "Action": "sts:AssumeRole"}]}',
    ],
)
def test_a_trust_policy_that_is_none_says_nothing_against_the_role(document: str) -> None:
    with mock_aws(), mock_lambda() as m:
        client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument=document)

        assert create(client("lambda"))["State"] == "Pending"
        create(client("lambda"), "prices")

        (hint,) = m.hints
        assert 'the trust policy of the role "orders" says nothing, so Lambda may assume the role here' in hint
        assert "lambda.amazonaws.com" in hint


def test_it_says_nothing_against_the_operator_role_of_a_capacity_provider_either() -> None:
    with mock_aws(), mock_lambda() as m:
        client("iam").create_role(RoleName="operator", AssumeRolePolicyDocument="some policy")

        answer = client("lambda").create_capacity_provider(
            CapacityProviderName="fleet",
            VpcConfig={
                "SubnetIds": [client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]],
                "SecurityGroupIds": [],
            },
            PermissionsConfig={"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/operator"},
        )

        assert answer["CapacityProvider"]["State"] == "Pending"
        assert len(m.hints) == 1


def test_a_role_that_is_not_there_is_refused_still() -> None:
    with mock_aws(), mock_lambda() as m:
        assert error_of(client("lambda").create_function, **ORDERS)[1] == "InvalidParameterValueException"
        assert m.hints == ()


def test_a_role_that_the_test_distrusts_is_refused_whatever_its_policy_is() -> None:
    with mock_aws(), mock_lambda() as m:
        client("iam").create_role(RoleName="orders", AssumeRolePolicyDocument="some policy")
        m.world.roles["orders"].deny()
        assert error_of(client("lambda").create_function, **ORDERS)[1] == "InvalidParameterValueException"
