"""Tests share clients, but for those that one has changed."""

from __future__ import annotations

from botocore.config import Config

from lambda_states_mock import LambdaMock
from tests.kept_clients import client_of


def test_a_client_is_made_once(mock: LambdaMock) -> None:
    assert client_of() is client_of()


def test_what_differs_gets_a_client_of_its_own(mock: LambdaMock) -> None:
    once = Config(retries={"total_max_attempts": 1})
    made = [client_of(), client_of("iam"), client_of(region_name="eu-west-1"), client_of(config=once)]

    assert len({id(one) for one in made}) == len(made)


def test_a_client_with_another_handler_is_not_given_to_others(mock: LambdaMock) -> None:
    client = client_of(region_name="eu-west-2")
    client.meta.events.register("before-call", lambda **_: None)

    assert client_of(region_name="eu-west-2") is not client


def test_a_client_with_another_method_is_not_given_to_others(mock: LambdaMock) -> None:
    client = client_of(region_name="eu-west-2")
    client.invoke = client.list_functions

    assert client_of(region_name="eu-west-2") is not client
