"""Every reason code of the model can be reached, and is seen where AWS shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambda_states_mock import UnknownNameError, mock_lambda
from lambda_states_mock.api_model import enum_of

from .scenarios.deploying import START, client, configure, create, create_active, look, publish, update_code

STATE_CODES = sorted(enum_of("StateReasonCode"))
UPDATE_CODES = sorted(enum_of("LastUpdateStatusReasonCode"))
NEVER_IN_UPDATES = sorted({*STATE_CODES} - {*UPDATE_CODES})
BACKED_OFF = {"InsufficientRolePermissions", "SubnetOutOfIPAddresses"}


@pytest.fixture
def m() -> Iterator[Any]:
    with mock_lambda(start=START, seed=1) as mock:
        yield mock


def answers_of_get(qualifier: str = "$LATEST") -> list[Any]:
    """Return the function's configuration as each Get that shows states has it."""
    return [
        look(qualifier=qualifier),
        client().get_function(FunctionName="orders", Qualifier=qualifier)["Configuration"],
    ]


@pytest.mark.parametrize("code", STATE_CODES)
def test_a_creation_can_fail_for_every_reason(m: Any, code: str) -> None:
    m.faults.on_phase("create", function="orders").fail(code)
    create()
    m.clock.run_until_idle()

    for found in answers_of_get():
        assert (found["State"], found["StateReasonCode"]) == ("Failed", code)
        assert found["StateReason"]
        assert "LastUpdateStatus" not in found


@pytest.mark.parametrize("code", STATE_CODES)
def test_a_snapshot_can_fail_for_every_reason(m: Any, code: str) -> None:
    create_active(m, SnapStart={"ApplyOn": "PublishedVersions"})
    m.faults.on_phase("snapshot", function="orders", version=1).fail(code)
    publish()
    m.clock.run_until_idle()

    for found in answers_of_get("1"):
        assert (found["State"], found["StateReasonCode"]) == ("Failed", code)
        assert found["SnapStart"]["OptimizationStatus"] == "Off"
    assert look()["State"] == "Active"


@pytest.mark.parametrize("code", STATE_CODES)
def test_a_restoration_can_fail_for_every_reason(m: Any, code: str) -> None:
    create_active(m)
    m.function("orders").idle()
    m.faults.on_phase("restore").fail(code)
    with pytest.raises(client().exceptions.CodeArtifactUserPendingException):
        client().invoke(FunctionName="orders")
    m.clock.advance(60)

    for found in answers_of_get():
        assert (found["State"], found["StateReasonCode"]) == ("Inactive", code)


@pytest.mark.parametrize("code", UPDATE_CODES)
def test_an_update_of_the_code_can_fail_for_every_reason(m: Any, code: str) -> None:
    create_active(m)
    m.faults.on_phase("update", function="orders").fail(code)
    update_code()
    m.clock.run_until_idle()

    for found in answers_of_get():
        assert (found["LastUpdateStatus"], found["LastUpdateStatusReasonCode"]) == ("Failed", code)
        assert found["LastUpdateStatusReason"]
        assert found["State"] == "Active"
        assert "StateReasonCode" not in found


@pytest.mark.parametrize("code", UPDATE_CODES)
def test_the_next_good_update_clears_every_reason(m: Any, code: str) -> None:
    create_active(m)
    m.faults.on_phase("update").fail(code, times=1)
    configure(Timeout=8)
    m.clock.run_until_idle()
    assert m.function("orders").last_update_status_reason_code == code

    configure(Timeout=9)
    m.clock.run_until_idle()

    for found in answers_of_get():
        assert found["LastUpdateStatus"] == "Successful"
        assert not found.keys() & {"LastUpdateStatusReason", "LastUpdateStatusReasonCode"}


@pytest.mark.parametrize("code", STATE_CODES)
def test_only_two_reasons_make_a_restoration_back_off(m: Any, code: str) -> None:
    create_active(m)
    m.function("orders").idle()
    m.faults.on_phase("restore").fail(code, times=1)
    with pytest.raises(client().exceptions.CodeArtifactUserPendingException):
        client().invoke(FunctionName="orders")
    m.clock.advance(60)

    with pytest.raises(client().exceptions.CodeArtifactUserPendingException):
        client().invoke(FunctionName="orders")

    assert look()["State"] == ("Inactive" if code in BACKED_OFF else "Pending")


def test_the_two_enums_differ_in_what_only_a_state_can_be() -> None:
    assert {"Creating", "DrainingDurableExecutions", "Idle", "Restoring"} <= {*NEVER_IN_UPDATES}


@pytest.mark.parametrize("code", NEVER_IN_UPDATES)
def test_an_update_cannot_be_scripted_to_fail_for_what_only_a_state_can_be(m: Any, code: str) -> None:
    with pytest.raises(UnknownNameError, match=f'AWS has no reason code "{code}" for update'):
        m.faults.on_phase("update").fail(code)


def test_the_text_of_a_reason_can_be_the_tests_own(m: Any) -> None:
    m.faults.on_phase("create").fail("InvalidSubnet", "The subnet ID 'subnet-1' does not exist")
    create()
    m.clock.run_until_idle()

    assert look()["StateReason"] == "The subnet ID 'subnet-1' does not exist"


def test_what_is_being_created_says_so(m: Any) -> None:
    created = create()

    assert (created["StateReasonCode"], created["StateReason"]) == ("Creating", "The function is being created.")


def test_an_update_in_progress_shows_the_reason_that_the_enum_lacks(m: Any) -> None:
    create_active(m)

    updated = update_code()

    assert updated["LastUpdateStatusReasonCode"] == "Creating"
    assert updated["LastUpdateStatusReason"] == "The function is being created."


def test_an_idle_function_and_one_that_is_woken_say_so(m: Any) -> None:
    create_active(m)
    m.function("orders").idle()
    assert (look()["StateReasonCode"], look()["StateReason"]) == ("Idle", "The function is currently idle.")

    with pytest.raises(client().exceptions.CodeArtifactUserPendingException):
        client().invoke(FunctionName="orders")

    assert look()["StateReasonCode"] == "Restoring"
