"""Provisioned concurrency: it is made on versions and aliases, takes its time, and can fail."""

from __future__ import annotations

import time
from typing import Any

from .deploying import answer_of, client, create_active, publish, refused, update_code

UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
TWICE = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"


def provision(qualifier: str, number: int = 5) -> Any:
    return client().put_provisioned_concurrency_config(
        FunctionName="orders", Qualifier=qualifier, ProvisionedConcurrentExecutions=number
    )


def provisioned(qualifier: str = "1") -> Any:
    return client().get_provisioned_concurrency_config(FunctionName="orders", Qualifier=qualifier)


def allocated(answer: Any) -> tuple[str, int, int]:
    return (
        answer["Status"],
        answer["AllocatedProvisionedConcurrentExecutions"],
        answer["AvailableProvisionedConcurrentExecutions"],
    )


def published(m: Any) -> str:
    create_active(m)
    return publish()


def test_only_what_is_published_can_be_provisioned(m: Any) -> None:
    published(m)

    with refused("InvalidParameterValueException", UNPUBLISHED, status=400):
        provision("$LATEST")


def test_a_tool_polls_by_hand_until_all_is_allocated(m: Any) -> None:
    number = published(m)
    asked = provision(number)
    assert asked["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert allocated(asked) == ("IN_PROGRESS", 0, 0)

    polls = 1
    while provisioned()["Status"] == "IN_PROGRESS":
        polls += 1
        time.sleep(10)

    assert allocated(provisioned()) == ("READY", 5, 5)
    assert provisioned()["RequestedProvisionedConcurrentExecutions"] == 5
    assert polls > 5
    assert answer_of(qualifier=number) == "one"


def test_an_allocation_that_fails_says_why(m: Any) -> None:
    m.faults.on_phase("provision", function="orders").fail("FunctionError.RuntimeInitError")
    provision(published(m))
    m.clock.run_until_idle()

    assert allocated(provisioned()) == ("FAILED", 0, 0)
    assert provisioned()["StatusReason"]


def test_an_alias_of_a_provisioned_version_cannot_be_provisioned_too(m: Any) -> None:
    number = published(m)
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=number)
    provision(number)

    with refused("ResourceConflictException", TWICE, status=409):
        provision("live")


def test_what_is_being_allocated_can_be_deleted(m: Any) -> None:
    provision(published(m))
    m.clock.advance(30)

    client().delete_provisioned_concurrency_config(FunctionName="orders", Qualifier="1")
    m.clock.run_until_idle()

    with refused("ProvisionedConcurrencyConfigNotFoundException", status=404):
        provisioned()
    assert client().list_provisioned_concurrency_configs(FunctionName="orders")["ProvisionedConcurrencyConfigs"] == []


def test_moving_a_provisioned_alias_allocates_anew(m: Any) -> None:
    number = published(m)
    client().create_alias(FunctionName="orders", Name="live", FunctionVersion=number)
    provision("live")
    m.clock.run_until_idle()
    assert provisioned("live")["Status"] == "READY"
    update_code()
    m.clock.run_until_idle()

    client().update_alias(FunctionName="orders", Name="live", FunctionVersion=publish())

    assert allocated(provisioned("live")) == ("IN_PROGRESS", 5, 5)  # the old number until the new ones are there
    m.clock.run_until_idle()
    assert allocated(provisioned("live")) == ("READY", 5, 5)
    assert answer_of(qualifier="live") == "two"
