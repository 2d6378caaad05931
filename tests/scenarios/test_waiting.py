"""What meets a tool while it waits: time runs out, calls are throttled or not allowed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from .deploying import answer_of, client, create, create_active, look, refused, update_code

THROTTLED = "TooManyRequestsException"


# -- time runs out


def test_five_minutes_are_not_enough_and_the_tool_can_say_where_it_stood(m: Any) -> None:
    m.timings["create"] = 420
    before = m.clock.now
    began = time.perf_counter()
    create()

    with pytest.raises(WaiterError, match="Max attempts exceeded") as caught:
        client().get_waiter("function_active_v2").wait(FunctionName="orders")

    answer: Any = caught.value.last_response
    assert answer["Configuration"]["State"] == "Pending"
    assert answer["Configuration"]["StateReasonCode"] == "Creating"
    assert (m.clock.now - before).total_seconds() == 299
    assert time.perf_counter() - began < 60


def test_a_tool_that_waits_on_after_the_time_out_gets_there(m: Any) -> None:
    m.timings["create"] = 420
    create()
    waiter = client().get_waiter("function_active")
    with pytest.raises(WaiterError):
        waiter.wait(FunctionName="orders")

    waiter.wait(FunctionName="orders")

    assert answer_of() == "one"


def test_a_loop_of_ones_own_waits_on_the_same_clock(m: Any) -> None:
    m.timings["create"] = 45
    create()

    delays: list[int] = []
    while look()["State"] == "Pending":
        delays.append(2 ** len(delays))
        time.sleep(delays[-1])

    assert delays == [1, 2, 4, 8, 16, 32]


# -- throttling


def test_throttled_calls_are_retried_by_a_client_that_retries(m: Any) -> None:
    create_active(m)
    m.faults.on_call("UpdateFunctionCode").error(THROTTLED, times=3)

    patient = client(mode="standard", total_max_attempts=5)
    updated = patient.update_function_code(FunctionName="orders", S3Bucket="artifacts", S3Key="orders.zip")

    assert updated["ResponseMetadata"]["RetryAttempts"] == 3
    assert len(m.calls.of("UpdateFunctionCode")) == 4


def test_throttled_calls_fail_with_a_client_that_does_not(m: Any) -> None:
    create_active(m)
    m.faults.on_call("UpdateFunctionCode").error(THROTTLED, times=1, reason="CallerRateLimitExceeded")

    with refused(THROTTLED, status=429) as refusal:
        update_code()

    assert refusal.response["Reason"] == "CallerRateLimitExceeded"
    assert update_code()["LastUpdateStatus"] == "InProgress"


@pytest.mark.parametrize(
    ("waiter", "operation"), [("function_active", "GetFunctionConfiguration"), ("function_active_v2", "GetFunction")]
)
def test_a_throttle_inside_a_waiter_ends_it_unless_the_client_retries(m: Any, waiter: str, operation: str) -> None:
    m.timings["create"] = 30
    create()
    m.faults.on_call(operation).error(THROTTLED, times=1)
    with pytest.raises(WaiterError, match=THROTTLED):
        client().get_waiter(waiter).wait(FunctionName="orders")

    m.faults.on_call(operation).error(THROTTLED, times=3)
    client(mode="standard", total_max_attempts=5).get_waiter(waiter).wait(FunctionName="orders")

    assert look()["State"] == "Active"


def test_adaptive_retries_slow_down_on_the_mocks_clock(m: Any) -> None:
    create_active(m)
    m.faults.on_call("GetFunction").error(THROTTLED, times=4)
    before, began = m.clock.now, time.perf_counter()

    found = client(mode="adaptive", total_max_attempts=8).get_function(FunctionName="orders")

    assert found["ResponseMetadata"]["RetryAttempts"] == 4
    assert m.clock.now > before
    assert time.perf_counter() - began < 30


# -- permissions


def deny(m: Any, operation: str) -> None:
    text = f"User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:{operation}"
    m.faults.on_call(operation).error("AccessDeniedException", text)


@pytest.mark.parametrize(
    ("denied", "fails", "works"),
    [
        ("GetFunctionConfiguration", "function_active", "function_active_v2"),
        ("GetFunction", "function_active_v2", "function_active"),
    ],
)
def test_least_privilege_decides_which_of_the_two_waiters_works(m: Any, denied: str, fails: str, works: str) -> None:
    create()
    deny(m, denied)

    with pytest.raises(WaiterError, match=r"AccessDeniedException.*not authorized to perform: lambda:" + denied):
        client().get_waiter(fails).wait(FunctionName="orders")
    client().get_waiter(works).wait(FunctionName="orders")

    assert m.function("orders").state == "Active"


def test_a_tool_that_falls_back_to_the_other_waiter_works_with_either_permission(m: Any) -> None:
    create()
    deny(m, "GetFunction")

    def wait_until_active() -> str:
        for waiter in ("function_active_v2", "function_active"):
            try:
                client().get_waiter(waiter).wait(FunctionName="orders")
            except WaiterError as error:
                if "AccessDenied" not in str(error):
                    raise
            else:
                return waiter
        raise AssertionError("neither waiter may be used")

    assert wait_until_active() == "function_active"


def test_a_denied_call_changes_nothing(m: Any) -> None:
    create_active(m)
    before = look()
    deny(m, "UpdateFunctionCode")

    with pytest.raises(ClientError):
        update_code()

    assert look() == before
