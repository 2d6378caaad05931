"""Which policies let everybody in, and what an account answers that forbids them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.dependencies.public_policies import grants_public_access
from tests.deploying import ARN, create, error_of

SOURCE = "arn:aws:s3:::orders"
GRANT = {"FunctionName": "orders", "StatementId": "s", "Action": "lambda:InvokeFunction"}


def statement(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": ARN, **members}


PUBLIC = {
    "everybody": statement(),
    "everybody of AWS": statement(Principal={"AWS": "*"}),
    "everybody in a list": statement(Principal={"AWS": ["123456789012", "*"]}),
    "everybody but one": {**statement(NotPrincipal={"AWS": "123456789012"}), "Principal": None},
    "whoever calls by the URL": statement(Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    "any source": statement(Condition={"ArnLike": {"AWS:SourceArn": "*"}}),
    "any source but one": statement(Condition={"StringNotEquals": {"aws:SourceAccount": "123456789012"}}),
    "whoever has no account": statement(Condition={"Null": {"aws:SourceAccount": "true"}}),
    "all but an organization": statement(Condition={"ForAnyValue:StringNotLike": {"aws:PrincipalOrgID": "o-1"}}),
}  # fmt: skip
del PUBLIC["everybody but one"]["Principal"]
TIED = {
    "an account": statement(Principal={"AWS": "123456789012"}),
    "a service": statement(Principal={"Service": "s3.amazonaws.com"}),
    "a denial": statement(Effect="Deny"),
    "a source": statement(Condition={"ArnLike": {"AWS:SourceArn": SOURCE}}),
    "an organization": statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}),
    "an account's sources": statement(Condition={"StringEquals": {"AWS:SourceAccount": "123456789012"}}),
}


@pytest.mark.parametrize("one", PUBLIC.values(), ids=PUBLIC)
def test_a_statement_for_whoever_comes_is_public(one: dict[str, Any]) -> None:
    assert grants_public_access([statement(Effect="Deny"), one])


@pytest.mark.parametrize("one", TIED.values(), ids=TIED)
def test_a_statement_for_somebody_is_not(one: dict[str, Any]) -> None:
    assert not grants_public_access([one])


@pytest.fixture
def orders(mock: LambdaMock, client: Any) -> Any:
    create(client)
    mock.clock.run_until_idle()
    return client


def test_everybody_may_be_let_in_unless_the_account_forbids_it(orders: Any, mock: LambdaMock) -> None:
    assert mock.world.blocks_public_policies is False
    orders.add_permission(**GRANT, Principal="*")


def test_an_account_that_forbids_it_refuses_to_let_everybody_in(orders: Any, mock: LambdaMock) -> None:
    mock.world.blocks_public_policies = True
    text = f"The resource-based policy would grant public access to {ARN}orders, which isn't allowed."

    assert error_of(orders.add_permission, **GRANT, Principal="*") == (400, "PublicPolicyException", text)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement(Resource=f"{ARN}orders")]})
    answer = error_of(orders.put_resource_policy, ResourceArn=f"{ARN}orders", Policy=policy)
    assert answer == (400, "PublicPolicyException", text)
    assert error_of(orders.get_policy, FunctionName="orders")[0] == 404


def test_it_lets_somebody_in_all_the_same(orders: Any, mock: LambdaMock) -> None:
    mock.world.blocks_public_policies = True

    orders.add_permission(**GRANT, Principal="*", SourceArn=SOURCE)

    assert SOURCE in orders.get_policy(FunctionName="orders")["Policy"]


def test_what_was_public_before_can_be_taken_away(orders: Any, mock: LambdaMock) -> None:
    for sid in ("s1", "s2"):
        orders.add_permission(**{**GRANT, "StatementId": sid}, Principal="*")
    mock.world.blocks_public_policies = True

    orders.remove_permission(FunctionName="orders", StatementId="s1")

    assert "s2" in orders.get_policy(FunctionName="orders")["Policy"]


def test_whether_it_forbids_is_yes_or_no(mock: LambdaMock) -> None:
    with pytest.raises(TypeError, match="set True or False"):
        mock.world.blocks_public_policies = "yes"  # type: ignore[assignment]
