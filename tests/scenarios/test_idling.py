"""Functions that nobody calls for two weeks: they fall asleep, and the call that wakes them is refused."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from lambda_states_mock.service_errors import NETWORK_NOT_READY

from .deploying import (
    IMAGE,
    SNAP_START,
    SNAPSHOT_NOT_READY,
    VPC,
    WAKING,
    answer_of,
    client,
    configure,
    create,
    create_active,
    look,
    publish,
    refused,
    update_code,
)

TWO_WEEKS = timedelta(days=14)


def fall_idle(m: Any, **members: Any) -> None:
    """Create a function and leave it alone for two weeks."""
    m.handler("orders", returns="awake")
    create_active(m, **members)
    m.clock.advance(TWO_WEEKS)
    assert (look()["State"], look()["StateReasonCode"]) == ("Inactive", "Idle")


def test_after_two_weeks_the_first_call_is_refused_and_a_minute_later_all_is_well(m: Any) -> None:
    fall_idle(m)

    with refused("CodeArtifactUserPendingException", WAKING, status=409):
        answer_of()
    assert (look()["State"], look()["StateReasonCode"]) == ("Pending", "Restoring")
    m.clock.advance(30)
    with refused("CodeArtifactUserPendingException", WAKING, status=409):
        answer_of()
    m.clock.advance(30)

    assert answer_of() == "awake"
    assert not look().keys() & {"StateReason", "StateReasonCode"}


def test_every_call_begins_the_two_weeks_anew(m: Any) -> None:
    m.handler("orders", returns="awake")
    create_active(m)
    for _ in range(5):
        m.clock.advance(TWO_WEEKS - timedelta(seconds=1))
        assert answer_of() == "awake"

    assert m.timeline.of("orders").states == ["Pending", "Active"]


def test_looking_does_not_keep_a_function_awake(m: Any) -> None:
    create_active(m)
    for _ in range(28):
        m.clock.advance(timedelta(hours=12))
        look()

    assert look()["State"] == "Inactive"


@pytest.mark.parametrize(
    ("members", "code", "message", "status"),
    [
        ({}, "CodeArtifactUserPendingException", WAKING, 409),
        (IMAGE, "CodeArtifactUserPendingException", WAKING, 409),
        (VPC, "ResourceNotReadyException", NETWORK_NOT_READY.text, 502),
    ],
    ids=["zip", "image", "vpc"],
)
def test_each_kind_of_function_is_woken_with_an_error_of_its_own(
    m: Any, members: dict[str, Any], code: str, message: str, status: int
) -> None:
    fall_idle(m, **members)

    with refused(code, message, status=status):
        answer_of()

    m.clock.advance(60)
    assert answer_of() == "awake"


def test_an_idle_snapshot_is_woken_with_an_error_of_its_own(m: Any) -> None:
    m.handler("orders", returns="awake")
    create_active(m, **SNAP_START, Runtime="java21")  # of Java alone are idle snapshots deleted
    number = publish()
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier=number)
    m.clock.advance(TWO_WEEKS)

    with refused("SnapStartNotReadyException", SNAPSHOT_NOT_READY, status=409):
        answer_of(qualifier=number)

    assert look(qualifier=number)["State"] == "Pending"


def test_the_snapshot_of_a_python_function_is_kept_however_long_nobody_calls(m: Any) -> None:
    create_active(m, **SNAP_START)
    number = publish()
    client().get_waiter("published_version_active").wait(FunctionName="orders", Qualifier=number)
    m.clock.advance(TWO_WEEKS * 10)

    assert (look()["State"], look(qualifier=number)["State"]) == ("Inactive", "Active")
    assert answer_of(qualifier=number) == "one"


def test_a_client_that_retries_server_errors_wakes_a_function_in_a_network_by_itself(m: Any) -> None:
    m.timings["restore"] = 2
    fall_idle(m, **VPC)
    patient = client(mode="standard", total_max_attempts=10)

    reply = patient.invoke(FunctionName="orders")

    assert reply["ResponseMetadata"]["RetryAttempts"] > 0
    assert reply["StatusCode"] == 200


def test_events_wake_a_function_but_are_not_accepted(m: Any) -> None:
    fall_idle(m)

    with refused("CodeArtifactUserPendingException", WAKING):
        client().invoke(FunctionName="orders", InvocationType="Event")

    m.clock.run_until_idle()
    assert look()["State"] == "Active"
    assert m.invocations("orders") == []


def test_a_waiter_alone_never_ends_for_a_sleeper_but_an_update_wakes_it(m: Any) -> None:
    fall_idle(m)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client().get_waiter("function_active").wait(FunctionName="orders")
    assert look()["State"] == "Inactive"

    updated = update_code()
    client().get_waiter("function_updated").wait(FunctionName="orders")

    assert (updated["State"], updated["LastUpdateStatus"]) == ("Inactive", "InProgress")
    assert look()["State"] == "Active"
    assert answer_of() == "awake"


def test_a_configuration_wakes_a_sleeper_too(m: Any) -> None:
    fall_idle(m)

    configure(Timeout=30)
    m.clock.run_until_idle()

    assert (look()["State"], look()["Timeout"]) == ("Active", 30)


def test_an_update_that_fails_leaves_a_sleeper_asleep(m: Any) -> None:
    fall_idle(m)
    m.faults.on_phase("update").fail("KMSKeyNotFound")
    update_code()
    m.clock.run_until_idle()

    assert (look()["State"], look()["LastUpdateStatus"]) == ("Inactive", "Failed")


def test_waking_up_can_fail_and_be_tried_again(m: Any) -> None:
    fall_idle(m)
    m.faults.on_phase("restore").fail("InvalidSubnet", times=1)
    with refused("CodeArtifactUserPendingException"):
        answer_of()
    m.clock.advance(60)
    assert (look()["State"], look()["StateReasonCode"]) == ("Inactive", "InvalidSubnet")

    with refused("CodeArtifactUserPendingException"):
        answer_of()
    m.clock.advance(60)

    assert answer_of() == "awake"


@pytest.mark.parametrize("reason", ["SubnetOutOfIPAddresses", "InsufficientRolePermissions"])
def test_after_some_failures_nothing_is_tried_again_for_five_minutes(m: Any, reason: str) -> None:
    fall_idle(m, **VPC)
    m.faults.on_phase("restore").fail(reason, times=1)
    with refused("ResourceNotReadyException"):
        answer_of()
    m.clock.advance(60)

    m.clock.advance(299)
    with refused("ResourceNotReadyException"):
        answer_of()
    assert (look()["State"], look()["StateReasonCode"]) == ("Inactive", reason)

    m.clock.advance(1)
    assert (look()["State"], look()["StateReasonCode"]) == ("Inactive", reason)
    with refused("ResourceNotReadyException"):
        answer_of()
    assert (look()["State"], look()["StateReasonCode"]) == ("Pending", "Restoring")
    m.clock.advance(60)
    assert answer_of() == "awake"


def test_a_waking_that_hangs_and_was_cancelled_cannot_be_let_go_on(m: Any) -> None:
    fall_idle(m)
    hanging = m.faults.on_phase("restore").hang()
    with refused("CodeArtifactUserPendingException"):
        answer_of()
    m.clock.advance(361)
    with refused("ResourceConflictException"):
        update_code()

    hanging.release()

    assert look()["State"] == "Failed"


def is_ready(found: Any) -> bool:
    """Judge as a controller does that wants what it has declared, and knows that sleepers wake when they are called."""
    asleep = found["State"] == "Inactive" and found["StateReasonCode"] == "Idle"
    return (found["State"] == "Active" or asleep) and bool(found["LastUpdateStatus"] == "Successful")


def test_a_controller_takes_a_sleeper_for_ready_and_one_that_cannot_be_woken_not(m: Any) -> None:
    fall_idle(m)
    assert is_ready(look())
    m.faults.on_phase("restore").fail("ImageAccessDenied")

    with refused("CodeArtifactUserPendingException"):
        answer_of()
    assert not is_ready(look())  # Pending
    m.clock.advance(60)

    assert look()["State"] == "Inactive"
    assert not is_ready(look())


LADDER = (2, 4, 8, 16, 32)
RETRIED = "CodeArtifactUserPendingException"


def call_with_ladder() -> Any:
    """Invoke as a state machine's task does: again after each step of the ladder, for one kind of error alone."""
    for pause in LADDER:
        try:
            return answer_of()
        except ClientError as error:
            if error.response["Error"]["Code"] != RETRIED:
                raise
        time.sleep(pause)
    return answer_of()


def test_a_short_ladder_of_retries_reaches_over_the_waking(m: Any) -> None:
    fall_idle(m)

    assert call_with_ladder() == "awake"
    assert len(m.calls.of("Invoke")) == 6


def test_a_ladder_that_is_too_short_ends_with_the_last_refusal(m: Any) -> None:
    m.timings["restore"] = 106
    fall_idle(m)

    with refused(RETRIED, WAKING):
        call_with_ladder()


def test_bad_code_is_not_retried(m: Any) -> None:
    m.faults.on_phase("create").fail("InvalidZipFileException")
    m.handler("orders", returns="never")
    create()
    m.clock.run_until_idle()

    with refused("CodeArtifactUserFailedException", status=409):
        call_with_ladder()

    assert len(m.calls.of("Invoke")) == 1
