"""Mappings of queues to functions: they have states of their own, and can be made while the function is Pending."""

from __future__ import annotations

from typing import Any

import pytest

from .deploying import client, create, create_active, refused

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"


def connect(**members: Any) -> Any:
    return client().create_event_source_mapping(FunctionName="orders", EventSourceArn=QUEUE, **members)


def state_of(uuid: str) -> str:
    return str(client().get_event_source_mapping(UUID=uuid)["State"])


def change(uuid: str, **members: Any) -> Any:
    return client().update_event_source_mapping(UUID=uuid, **members)


def test_a_mapping_can_be_made_while_its_function_is_pending(m: Any) -> None:
    create()
    made = connect()
    assert (made["State"], m.function("orders").state) == ("Creating", "Pending")

    m.clock.run_until_idle()

    assert (state_of(made["UUID"]), m.function("orders").state) == ("Enabled", "Active")


def test_a_mapping_goes_through_its_states_one_change_at_a_time(m: Any) -> None:
    create_active(m)
    uuid = connect()["UUID"]
    with refused("ResourceInUseException", status=400):
        change(uuid, BatchSize=5)
    m.clock.run_until_idle()

    assert change(uuid, BatchSize=5)["State"] == "Updating"
    with refused("ResourceInUseException", status=400):
        change(uuid, BatchSize=6)
    m.clock.run_until_idle()
    assert state_of(uuid) == "Enabled"

    assert change(uuid, Enabled=False)["State"] == "Disabling"
    m.clock.run_until_idle()
    assert state_of(uuid) == "Disabled"

    assert change(uuid, Enabled=True)["State"] == "Enabling"
    m.clock.run_until_idle()
    assert state_of(uuid) == "Enabled"

    assert client().delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    assert state_of(uuid) == "Deleting"
    m.clock.run_until_idle()
    with refused("ResourceNotFoundException", status=404):
        state_of(uuid)


def test_the_same_queue_twice_is_a_conflict_that_names_the_mapping(m: Any) -> None:
    create_active(m)
    uuid = connect()["UUID"]

    with refused("ResourceConflictException", status=409) as refusal:
        connect()

    assert refusal.message.endswith(f"Please update or delete the existing mapping with UUID {uuid}")


def test_a_mapping_outlives_its_function(m: Any) -> None:
    create_active(m)
    uuid = connect()["UUID"]
    m.clock.run_until_idle()

    client().delete_function(FunctionName="orders")

    assert state_of(uuid) == "Enabled"


@pytest.mark.parametrize("enabled", [True, False])
def test_a_mapping_is_made_enabled_or_disabled(m: Any, enabled: bool) -> None:
    create_active(m)
    uuid = connect(Enabled=enabled)["UUID"]
    m.clock.run_until_idle()

    assert state_of(uuid) == ("Enabled" if enabled else "Disabled")
