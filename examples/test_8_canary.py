"""Canary: an alias sends one call in ten to the new version, by dice that are the same in each run."""

from __future__ import annotations

import deployer
import pytest

from lambda_states_mock import LambdaMock


@pytest.mark.lambda_mock(timings="instant", seed=7)
def test_one_call_in_ten_reaches_the_new_version(lambda_mock: LambdaMock) -> None:
    old = deployer.deploy("orders", deployer.answering("old"))
    new = deployer.deploy("orders", deployer.answering("new"))
    deployer.client().create_alias(
        FunctionName="orders",
        Name="live",
        FunctionVersion=old,
        RoutingConfig={"AdditionalVersionWeights": {new: 0.1}},
    )

    answers = [deployer.ask("orders", Qualifier="live") for _ in range(60)]

    assert 1 < answers.count('"new"') < 15
    assert answers.count('"old"') + answers.count('"new"') == 60


@pytest.mark.lambda_mock(timings="instant")
def test_rolling_back_is_one_call(lambda_mock: LambdaMock) -> None:
    old = deployer.deploy("orders", deployer.answering("old"))
    new = deployer.deploy("orders", deployer.answering("new"))
    client = deployer.client()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion=new)
    client.update_alias(FunctionName="orders", Name="live", FunctionVersion=old)
    assert deployer.ask("orders", Qualifier="live") == '"old"'
