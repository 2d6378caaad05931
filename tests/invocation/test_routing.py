"""Which version an alias with weights reaches."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.errors import UnknownNameError
from tests.deploying import ARN, answering, create


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.update_function_code(FunctionName="orders", ZipFile=answering("two"), Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(
        FunctionName="orders", Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.3}}
    )
    return client


def reached(client: Any, times: int = 1) -> list[str]:
    return [client.invoke(FunctionName="orders:live")["ExecutedVersion"] for _ in range(times)]


def test_the_dice_follow_the_weights_and_the_seed(settled: Any) -> None:
    counted = Counter(reached(settled, 150))

    assert counted.keys() == {"1", "2"}
    assert 30 < counted["2"] < 60


def test_a_test_says_which_version_is_next_and_then_the_dice_are_asked_again(settled: Any, mock: LambdaMock) -> None:
    mock.route("orders:live", to=["2", "1", 2])

    assert reached(settled, 3) == ["2", "1", "2"]
    assert len(set(reached(settled, 20))) == 2


@pytest.mark.parametrize("target", ["orders:live", f"{ARN}orders:live"])
def test_one_version_can_be_said_for_good(settled: Any, mock: LambdaMock, target: str) -> None:
    mock.route(target, to="2")

    assert set(reached(settled, 15)) == {"2"}


def test_events_are_routed_as_they_are_attempted(settled: Any, mock: LambdaMock) -> None:
    mock.route("orders:live", to=["2", "1"])
    for _ in range(2):
        settled.invoke(FunctionName="orders:live", InvocationType="Event")

    assert [one.version for one in mock.invocations("orders")] == ["2", "1"]


def test_a_version_that_the_alias_does_not_lead_to_is_our_own_error(settled: Any, mock: LambdaMock) -> None:
    mock.route("orders:live", to="3")

    with pytest.raises(UnknownNameError, match="orders:live does not lead to version 3; it leads to 1 and 2"):
        reached(settled)


@pytest.mark.parametrize("target", ["orders", f"{ARN}orders"])
def test_a_route_is_for_an_alias(mock: LambdaMock, target: str) -> None:
    with pytest.raises(ValueError, match="no alias is named by"):
        mock.route(target, to="1")


def test_only_published_versions_start_from_a_snapshot(client: Any, mock: LambdaMock) -> None:
    import os

    create(client, SnapStart={"ApplyOn": "PublishedVersions"}, Publish=True)
    mock.handler("orders", call=lambda *_: os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"])
    mock.clock.run_until_idle()

    for qualifier in ("$LATEST", "1"):
        client.invoke(FunctionName="orders", Qualifier=qualifier)

    assert [one.result for one in mock.invocations("orders")] == [b'"on-demand"', b'"snap-start"']
