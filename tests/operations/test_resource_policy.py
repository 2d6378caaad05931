"""Whole resource policies share one table with AddPermission (botocore's model; api-validation, section 7)."""

from __future__ import annotations

import json
from math import nan
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

INVALID = "InvalidParameterValueException"
OTHER_REVISION = "00000000-0000-4000-8000-000000000000"
MISSING = (404, "ResourceNotFoundException", "The resource you requested does not exist.")


def statement(resource: str = ARN + "orders", sid: str = "s3") -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": resource,
    }


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(autouse=True)
def orders(mock: LambdaMock, client: Any) -> None:
    """The function ``orders`` with version 1 and the alias ``live``."""
    create(client)
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")


@pytest.mark.parametrize("arn", [f"{ARN}orders", f"{ARN}orders:1", f"{ARN}orders:live"])
def test_a_policy_is_put_and_got(client: Any, arn: str) -> None:
    put = client.put_resource_policy(ResourceArn=arn, Policy=document(statement(arn)))
    got = client.get_resource_policy(ResourceArn=arn)

    assert json.loads(put["Policy"])["Statement"] == [statement(arn)]
    assert (got["Policy"], got["RevisionId"]) == (put["Policy"], put["RevisionId"])


def test_it_replaces_what_add_permission_said(client: Any) -> None:
    client.add_permission(
        FunctionName="orders", StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    client.put_resource_policy(ResourceArn=ARN + "orders", Policy=document(statement()))

    assert json.loads(client.get_policy(FunctionName="orders")["Policy"])["Statement"] == [statement()]


def test_add_permission_adds_to_it(client: Any) -> None:
    client.put_resource_policy(ResourceArn=ARN + "orders", Policy=document(statement()))
    client.add_permission(
        FunctionName="orders", StatementId="sns", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )

    policy = json.loads(client.get_resource_policy(ResourceArn=ARN + "orders")["Policy"])
    assert [one["Sid"] for one in policy["Statement"]] == ["s3", "sns"]


def test_the_function_has_the_revision_of_its_policy(client: Any) -> None:
    put = client.put_resource_policy(ResourceArn=ARN + "orders", Policy=document(statement()))

    assert client.get_function_configuration(FunctionName="orders")["RevisionId"] == put["RevisionId"]


@pytest.mark.parametrize("operation", ["put", "delete"])
def test_another_revision_is_refused(client: Any, operation: str) -> None:
    client.put_resource_policy(ResourceArn=ARN + "orders", Policy=document(statement()))
    params = {"Policy": document(statement())} if operation == "put" else {}
    call = getattr(client, f"{operation}_resource_policy")

    answer = error_of(call, ResourceArn=ARN + "orders", RevisionId=OTHER_REVISION, **params)

    assert answer[:2] == (412, "PreconditionFailedException")


def test_the_latest_revision_is_accepted(client: Any) -> None:
    revision = client.put_resource_policy(ResourceArn=ARN + "orders", Policy=document(statement()))["RevisionId"]

    answer = client.delete_resource_policy(ResourceArn=ARN + "orders", RevisionId=revision)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(client.get_resource_policy, ResourceArn=ARN + "orders") == MISSING


@pytest.mark.parametrize("operation", ["get", "delete"])
def test_without_a_policy_there_is_nothing(client: Any, operation: str) -> None:
    assert error_of(getattr(client, f"{operation}_resource_policy"), ResourceArn=ARN + "orders") == MISSING


def test_the_function_has_to_be_there(client: Any) -> None:
    arn = ARN + "nobody"

    answer = error_of(client.put_resource_policy, ResourceArn=arn, Policy=document(statement(arn)))

    assert answer == (404, "ResourceNotFoundException", f"Function not found: {arn}")


def test_the_unpublished_version_has_none(client: Any) -> None:
    arn = ARN + "orders:$LATEST"

    answer = error_of(client.put_resource_policy, ResourceArn=arn, Policy=document(statement(arn)))

    assert answer == (400, INVALID, "We currently do not support adding policies for $LATEST.")


MALFORMED = {
    "no JSON": "simple",
    "no object": "[]",
    "what Python alone reads as JSON": document({**statement(), "Condition": {"Bool": {"aws:SecureTransport": nan}}}),
    "no statements": '{"Version": "2012-10-17", "Statement": []}',
    "a statement without an action": document({"Effect": "Allow", "Principal": "*", "Resource": ARN + "orders"}),
    "an effect that is none": document({**statement(), "Effect": "Maybe"}),
    "an action of another service": document({**statement(), "Action": "s3:GetObject"}),
    "another function": document(statement(ARN + "refunds")),
    "Action and NotAction": document({**statement(), "NotAction": "lambda:GetFunction"}),
    "Principal and NotPrincipal": document({**statement(), "NotPrincipal": "*"}),
    "two statements of one name": document(statement(), statement()),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_policy_is_refused(client: Any, text: str) -> None:
    answer = error_of(client.put_resource_policy, ResourceArn=ARN + "orders", Policy=text)

    assert answer == (400, INVALID, "The resource policy is malformed.")
