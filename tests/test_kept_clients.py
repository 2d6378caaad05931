"""Tests share clients, but for those that one has changed."""

from __future__ import annotations

from botocore.config import Config

from lambda_states_mock import LambdaMock
from tests.kept_clients import kept_client


def test_a_client_is_made_once(mock: LambdaMock) -> None:
    assert kept_client() is kept_client()


def test_what_differs_gets_a_client_of_its_own(mock: LambdaMock) -> None:
    made = [kept_client(), kept_client("iam"), kept_client(region="eu-west-1"), kept_client(attempts=1)]

    assert len({id(one) for one in made}) == len(made)


def test_a_client_with_a_configuration_of_its_own_is_a_new_one(mock: LambdaMock) -> None:
    own = Config(retries={"mode": "standard"})

    assert kept_client(config=own) is not kept_client(config=own)


def test_a_client_with_another_handler_is_not_given_to_others(mock: LambdaMock) -> None:
    client = kept_client(region="eu-west-2")
    client.meta.events.register("before-call", lambda **_: None)

    assert kept_client(region="eu-west-2") is not client


def test_a_client_with_another_method_is_not_given_to_others(mock: LambdaMock) -> None:
    client = kept_client(region="eu-west-2")
    client.invoke = client.list_functions

    assert kept_client(region="eu-west-2") is not client
