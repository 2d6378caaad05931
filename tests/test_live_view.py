"""What a test sees of a function, and asks of it: ``m.function("orders")``."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from lambda_states_mock import LambdaMock, UnknownNameError, WrongStateError, mock_lambda
from tests.deploying import create

PENDING = """\
orders cannot fall idle: it is Pending, and only an Active function falls idle
  Wait for it first:  m.clock.advance_until(lambda: m.function("orders").state == "Active", within=600)"""
INACTIVE = """\
orders cannot fall idle: it is Inactive, and only an Active function falls idle
  It is idle already. Invoke it to wake it; it is Active again when its restoration has ended."""
FAILED = """\
orders cannot fall idle: it is Failed (InvalidSubnet), and only an Active function falls idle
  Update its code or configuration, or delete it and create it again."""


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda() as mock:
        yield mock


def refusal(mock: LambdaMock, name: str = "orders") -> str:
    with pytest.raises(WrongStateError) as raised:
        mock.function(name).idle()
    return str(raised.value)


def test_a_pending_function_cannot_fall_idle(m: LambdaMock) -> None:
    create(boto3.client("lambda"))
    assert refusal(m) == PENDING


def test_the_remedy_for_a_pending_function_helps(m: LambdaMock) -> None:
    create(boto3.client("lambda"))
    remedy = refusal(m).partition("first:  ")[2]
    eval(remedy, {"m": m})
    m.function("orders").idle()
    assert m.function("orders").state == "Inactive"


def test_an_inactive_function_cannot_fall_idle(m: LambdaMock) -> None:
    create(boto3.client("lambda"))
    m.clock.run_until_idle()
    m.function("orders").idle()
    assert refusal(m) == INACTIVE


def test_a_failed_function_cannot_fall_idle(m: LambdaMock) -> None:
    m.faults.on_phase("create").fail("InvalidSubnet")
    create(boto3.client("lambda"))
    m.clock.run_until_idle()
    assert refusal(m) == FAILED


def test_the_remedy_names_the_version_and_the_region(m: LambdaMock) -> None:
    arn = create(boto3.client("lambda", region_name="eu-west-1"), Publish=True)["FunctionArn"]
    told = refusal(m, f"{arn}:1")
    assert told.startswith("orders:1 cannot fall idle: it is Pending")
    assert 'm.function("orders", region="eu-west-1").version("1").state == "Active"' in told


def test_a_function_that_does_not_exist_is_a_name_that_nothing_has(m: LambdaMock) -> None:
    with pytest.raises(UnknownNameError, match='no function "orders"'):
        m.function("orders").idle()
