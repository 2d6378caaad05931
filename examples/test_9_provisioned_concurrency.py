"""Provisioned concurrency: it takes its time to be allocated, and the first call is warm then."""

from __future__ import annotations

import time

import deployer

from lambda_states_mock import LambdaMock


def test_it_is_ready_after_a_while(lambda_mock: LambdaMock) -> None:
    version = deployer.deploy("orders", deployer.answering("one"))
    client = deployer.client()
    asked = client.put_provisioned_concurrency_config(
        FunctionName="orders", Qualifier=version, ProvisionedConcurrentExecutions=2
    )
    assert asked["Status"] == "IN_PROGRESS"

    status = ""
    while status != "READY":
        time.sleep(10)
        status = client.get_provisioned_concurrency_config(FunctionName="orders", Qualifier=version)["Status"]

    assert deployer.ask("orders", Qualifier=version) == '"one"'
