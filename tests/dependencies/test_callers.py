"""Functions of one account, invoked by another."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

PARTNER = "arn:aws:iam::210987654321:role/partner"


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    return client


def allow(client: Any, principal: str, **params: Any) -> None:
    client.add_permission(
        FunctionName="orders", StatementId="partner", Action="lambda:InvokeFunction", Principal=principal, **params
    )


def test_without_a_policy_another_account_is_refused(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = PARTNER

    assert error_of(settled.invoke, FunctionName=f"{ARN}orders") == (
        403,
        "AccessDeniedException",
        f"User: {PARTNER} is not authorized to perform: lambda:InvokeFunction on resource: {ARN}orders "
        "because no resource-based policy allows the lambda:InvokeFunction action",
    )
    assert mock.invocations("orders") == []


@pytest.mark.parametrize("principal", ["210987654321", PARTNER, "*"])
def test_a_policy_lets_another_account_in(settled: Any, mock: LambdaMock, principal: str) -> None:
    allow(settled, principal)
    mock.world.caller = PARTNER

    assert settled.invoke(FunctionName=f"{ARN}orders")["StatusCode"] == 200


@pytest.mark.parametrize(
    ("principal", "params"),
    [
        ("333333333333", {}),
        ("arn:aws:iam::210987654321:role/other", {}),
        ("sns.amazonaws.com", {"SourceArn": "arn:aws:sns:us-east-1:210987654321:topic"}),
        ("*", {"SourceAccount": "210987654321"}),
    ],
)
def test_a_policy_for_somebody_else_does_not(
    settled: Any, mock: LambdaMock, principal: str, params: dict[str, Any]
) -> None:
    allow(settled, principal, **params)
    mock.world.caller = PARTNER

    assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[:2] == (403, "AccessDeniedException")


def test_the_policy_of_a_function_is_not_that_of_its_alias(settled: Any, mock: LambdaMock) -> None:
    allow(settled, "210987654321", Qualifier="live")
    mock.world.caller = PARTNER

    assert settled.invoke(FunctionName=f"{ARN}orders:live")["StatusCode"] == 200
    assert error_of(settled.invoke, FunctionName=f"{ARN}orders")[1] == "AccessDeniedException"


def test_ones_own_functions_need_no_policy(settled: Any, mock: LambdaMock) -> None:
    mock.world.caller = "arn:aws:iam::123456789012:role/own"

    assert settled.invoke(FunctionName="orders")["StatusCode"] == 200


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetFunction", {}),
        ("UpdateFunctionConfiguration", {"Timeout": 5}),
        ("DeleteFunction", {}),
        ("GetPolicy", {}),
        (
            "CreateFunction",
            {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/r",
                "Code": {"S3Bucket": "deployments", "S3Key": "orders.zip"},
            },
        ),
    ],
)
def test_an_arn_of_another_account_is_refused_to_any_operation(
    client: Any, operation: str, params: dict[str, Any]
) -> None:
    theirs = "arn:aws:lambda:us-east-1:210987654321:function:orders"

    status, code, message = error_of(getattr(client, xform_name(operation)), FunctionName=theirs, **params)

    assert (status, code) == (403, "AccessDeniedException")
    assert message.endswith(
        f"is not authorized to perform: lambda:{operation} on resource: {theirs} "
        f"because no resource-based policy allows the lambda:{operation} action"
    )
