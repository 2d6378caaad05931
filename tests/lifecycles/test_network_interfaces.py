"""The network interface of a pair of subnets and security groups, as functions come and go (configuration-vpc.html)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of

VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
LABEL = "eni subnet-1/sg-1"


def moves(mock: LambdaMock) -> list[str | None]:
    return [change.after for change in mock.timeline.of(LABEL)]


def seconds_of_creation(mock: LambdaMock, client: Any, name: str) -> float:
    began = mock.clock.now
    create(client, name, VpcConfig=VPC)
    mock.clock.advance_until(lambda: mock.function(name).state != "Pending", within=600)
    return (mock.clock.now - began).total_seconds()


def test_functions_with_the_same_pair_share_what_the_first_has_made(mock: LambdaMock, client: Any) -> None:
    assert seconds_of_creation(mock, client, "one") == mock.timings["create", "vpc"]
    assert seconds_of_creation(mock, client, "two") == mock.timings["create", "vpc-shared"]
    assert moves(mock) == ["pending", "available"]


@pytest.mark.parametrize("code", ["EniLimitExceeded", "InvalidImage", "SubnetOutOfIPAddresses"])
def test_a_creation_that_failed_leaves_no_interface(mock: LambdaMock, client: Any, code: str) -> None:
    mock.faults.on_phase("create", function="one").fail(code)
    seconds_of_creation(mock, client, "one")
    assert moves(mock) == ["pending", None]
    assert seconds_of_creation(mock, client, "two") == mock.timings["create", "vpc"]


def test_an_interface_that_is_being_given_back_is_taken_again(mock: LambdaMock, client: Any) -> None:
    seconds_of_creation(mock, client, "one")
    client.delete_function(FunctionName="one")
    mock.clock.advance(600)
    assert seconds_of_creation(mock, client, "two") == mock.timings["create", "vpc-shared"]
    assert moves(mock) == ["pending", "available", "detaching", "available"]


def test_the_interface_of_an_idle_function_is_gone_when_the_function_is_inactive(mock: LambdaMock, client: Any) -> None:
    seconds_of_creation(mock, client, "one")
    mock.function("one").idle()
    assert moves(mock) == ["pending", "available", None]
    mock.world.subnets["subnet-1"].exhaust()
    assert error_of(client.invoke, FunctionName="one")[1] == "ResourceNotReadyException"
    mock.clock.advance(mock.timings["restore"])
    assert mock.function("one").state_reason_code == "SubnetOutOfIPAddresses"


def test_the_interface_stays_while_only_one_of_its_functions_is_idle(mock: LambdaMock, client: Any) -> None:
    seconds_of_creation(mock, client, "one")
    seconds_of_creation(mock, client, "two")
    mock.function("one").idle()
    assert moves(mock) == ["pending", "available"]


def test_a_failed_creation_gives_back_the_interface_that_it_took_again(mock: LambdaMock, client: Any) -> None:
    seconds_of_creation(mock, client, "one")
    client.delete_function(FunctionName="one")
    mock.faults.on_phase("create", function="two").fail("InvalidImage")
    seconds_of_creation(mock, client, "two")
    assert moves(mock)[-2:] == ["available", "detaching"]
    mock.clock.advance(mock.timings["release_interface"])
    assert moves(mock)[-1] is None


def test_a_failed_creation_takes_nothing_from_others_with_the_pair(mock: LambdaMock, client: Any) -> None:
    seconds_of_creation(mock, client, "one")
    mock.faults.on_phase("create", function="two").fail("InvalidImage")
    seconds_of_creation(mock, client, "two")
    assert moves(mock) == ["pending", "available"]
