"""Idleness: a function that was not used for two weeks is Inactive, and its first call fails while it is woken."""

from __future__ import annotations

from datetime import timedelta

import deployer
import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock


def test_the_first_call_after_the_holidays_fails(lambda_mock: LambdaMock) -> None:
    deployer.deploy("orders", deployer.answering("one"))
    lambda_mock.clock.advance(timedelta(days=15))
    assert lambda_mock.function("orders").state == "Inactive"

    with pytest.raises(ClientError):
        deployer.ask("orders")
    assert lambda_mock.function("orders").state == "Pending"

    lambda_mock.clock.advance_until(lambda: lambda_mock.function("orders").state == "Active", within=600)
    assert deployer.ask("orders") == '"one"'


def test_there_is_no_need_to_wait_two_weeks(lambda_mock: LambdaMock) -> None:
    deployer.deploy("orders", deployer.answering("one"))
    lambda_mock.function("orders").idle()
    assert lambda_mock.function("orders").state == "Inactive"
