"""Faults: a creation that fails with AWS's reason, a throttled call, a connection that breaks."""

from __future__ import annotations

import deployer
import pytest
from botocore.exceptions import WaiterError

from lambda_states_mock import LambdaMock


def test_a_subnet_without_addresses_ends_the_waiting(lambda_mock: LambdaMock) -> None:
    lambda_mock.faults.on_phase("create", function="orders").fail("SubnetOutOfIPAddresses")

    with pytest.raises(WaiterError):
        deployer.deploy("orders", deployer.answering("one"))

    assert lambda_mock.function("orders").state_reason_code == "SubnetOutOfIPAddresses"


def test_the_deployer_is_patient_with_throttling(lambda_mock: LambdaMock) -> None:
    deployer.deploy("orders", deployer.answering("one"))
    fault = lambda_mock.faults.on_call("UpdateFunctionCode").error("TooManyRequestsException", times=7)

    assert deployer.deploy("orders", deployer.answering("two")) == "2"

    assert fault.called == 7


def test_botocore_connects_again(lambda_mock: LambdaMock) -> None:
    lambda_mock.faults.on_call("ListFunctions").disconnect(times=1)
    assert deployer.client().list_functions()["ResponseMetadata"]["RetryAttempts"] == 1
