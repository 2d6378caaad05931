"""pytest: the fixture gives the mock; the marker, its options."""

from __future__ import annotations

import deployer
import pytest

from lambda_states_mock import LambdaMock


def test_the_deployer_waits_until_the_function_is_active(lambda_mock: LambdaMock) -> None:
    lambda_mock.timings["create"] = 90

    deployer.deploy("orders", deployer.answering("one"))

    assert lambda_mock.timeline.of("orders").states == ["Pending", "Active"]
    assert deployer.ask("orders") == '"one"'


@pytest.mark.lambda_mock(timings="instant", seed=7)
def test_a_second_deployment_is_an_update(lambda_mock: LambdaMock) -> None:
    deployer.deploy("orders", deployer.answering("one"))
    assert deployer.deploy("orders", deployer.answering("two")) == "2"
    assert deployer.ask("orders") == '"two"'
