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
