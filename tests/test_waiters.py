"""botocore's six waiters of Lambda against every state: how they end, after how many polls, and in no real time.

Delays, attempts and acceptors are those of the installed botocore's waiters-2.json; no acceptor names Inactive.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from lambda_states_mock import mock_lambda
from tests.budget import sized

from .scenarios.deploying import (
    REGION,
    START,
    answer_of,
    arn_of,
    client,
    configure,
    create,
    create_active,
    refused,
    update_code,
)

MOST_CPU_SECONDS = 1.0  # of a whole test, however long its waiter waits


@dataclass(frozen=True)
class Poll:
    """How a waiter polls: which operation, every how many seconds, and how often at most."""

    operation: str
    delay: int
    attempts: int


POLLS = {
    "function_active": Poll("GetFunctionConfiguration", 5, 60),
    "function_active_v2": Poll("GetFunction", 1, 300),
    "function_exists": Poll("GetFunction", 1, 20),
    "function_updated": Poll("GetFunctionConfiguration", 5, 60),
    "function_updated_v2": Poll("GetFunction", 1, 300),
    "published_version_active": Poll("GetFunctionConfiguration", 5, 312),
}
ACTIVE_WAITERS = ("function_active", "function_active_v2", "published_version_active")
UPDATED_WAITERS = ("function_updated", "function_updated_v2")


@pytest.fixture(scope="module", autouse=True)
def loaded() -> Iterator[None]:
    """Load botocore's model, and let the collector wait: neither is timed here."""
    with mock_lambda():
        client().list_functions()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def m() -> Iterator[Any]:
    began = time.process_time()
    with mock_lambda(start=START, seed=1) as mock:
        yield mock
        waits = max(1, sum(1 for call in mock.calls if call.operation.startswith("GetFunction")) / 300)
    assert time.process_time() - began < MOST_CPU_SECONDS * waits


def wait(waiter: str, name: str = "orders", **more: Any) -> None:
    client().get_waiter(waiter).wait(FunctionName=name, **more)


def polls(m: Any, waiter: str) -> int:
    """Return how often *waiter*'s operation was called so far."""
    return len(m.calls.of(POLLS[waiter].operation))


def seconds_since(m: Any, before: Any) -> float:
    passed: timedelta = m.clock.now - before
    return passed.total_seconds()


def error_of(waiter: str, **more: Any) -> WaiterError:
    with pytest.raises(WaiterError) as caught:
        wait(waiter, **more)
    return caught.value


def last_seen(error: WaiterError) -> Any:
    """Return the configuration that the waiter saw last."""
    answer: Any = error.last_response
    return answer.get("Configuration", answer)


# -- every waiter in every state that does not pass by itself


def is_absent(m: Any) -> None:
    """Create nothing."""


def hangs_in_creation(m: Any) -> None:
    m.faults.on_phase("create").hang()
    create()


def is_active(m: Any) -> None:
    create_active(m)


def hangs_in_an_update(m: Any) -> None:
    create_active(m)
    m.faults.on_phase("update").hang()
    configure()


def has_failed_to_update(m: Any) -> None:
    create_active(m)
    m.faults.on_phase("update").fail("InvalidConfiguration")
    configure()
    m.clock.run_until_idle()


def is_inactive(m: Any) -> None:
    create_active(m)
    m.function("orders").idle()


def hangs_in_restoration(m: Any) -> None:
    m.faults.on_phase("restore").hang()
    is_inactive(m)
    with pytest.raises(ClientError):
        client().invoke(FunctionName="orders")


def has_failed(m: Any) -> None:
    m.faults.on_phase("create").fail("InvalidSubnet")
    create()
    m.clock.run_until_idle()


STATES: dict[str, Callable[[Any], None]] = {
    function.__name__.replace("_", " "): function
    for function in (
        is_absent,
        hangs_in_creation,
        is_active,
        hangs_in_an_update,
        has_failed_to_update,
        is_inactive,
        hangs_in_restoration,
        has_failed,
    )
}

GETS_THERE, FAILS, NEVER_ENDS, IS_REFUSED = "gets there", "fails", "never ends", "is refused"

ENDS = {
    #                        active waiters  updated waiters  function_exists
    "is absent":            (IS_REFUSED,     IS_REFUSED,      NEVER_ENDS),
    "hangs in creation":    (NEVER_ENDS,     NEVER_ENDS,      GETS_THERE),
    "is active":            (GETS_THERE,     GETS_THERE,      GETS_THERE),
    "hangs in an update":   (GETS_THERE,     NEVER_ENDS,      GETS_THERE),
    "has failed to update": (GETS_THERE,     FAILS,           GETS_THERE),
    "is inactive":          (NEVER_ENDS,     GETS_THERE,      GETS_THERE),
    "hangs in restoration": (NEVER_ENDS,     GETS_THERE,      GETS_THERE),
    "has failed":           (FAILS,          NEVER_ENDS,      GETS_THERE),
}  # fmt: skip


def end_of(waiter: str, state: str) -> str:
    if waiter == "function_exists":
        return ENDS[state][2]
    return ENDS[state][0 if waiter in ACTIVE_WAITERS else 1]


def most_polls(waiter: str, state: str) -> int:
    """Return how often *waiter* shall ask at most: as often as by itself in the first state that never ends."""
    first = next(one for one in STATES if end_of(waiter, one) == NEVER_ENDS)
    return POLLS[waiter].attempts if state == first else sized(10, POLLS[waiter].attempts)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("waiter", POLLS)
def test_a_waiter_ends_as_its_acceptors_say_for_a_function_that(m: Any, waiter: str, state: str) -> None:
    STATES[state](m)
    before, end, poll = m.clock.now, end_of(waiter, state), POLLS[waiter]

    attempts = most_polls(waiter, state)
    config: dict[str, Any] = {} if attempts == poll.attempts else {"WaiterConfig": {"MaxAttempts": attempts}}

    if end == GETS_THERE:
        wait(waiter, **config)
    else:
        error = error_of(waiter, **config)
        reasons = {
            FAILS: "terminal failure state",
            NEVER_ENDS: "Max attempts exceeded",
            IS_REFUSED: "An error occurred",
        }
        assert reasons[end] in str(error)

    expected = attempts if end == NEVER_ENDS else 1
    assert polls(m, waiter) == expected
    assert seconds_since(m, before) == (expected - 1) * poll.delay  # the last attempt is not followed by a sleep


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("waiter", POLLS)
def test_an_error_that_is_no_acceptor_ends_a_waiter_at_once_for_a_function_that(
    m: Any, waiter: str, state: str
) -> None:
    STATES[state](m)
    m.faults.on_call(POLLS[waiter].operation).error("TooManyRequestsException", "Rate exceeded")

    error = error_of(waiter)

    assert "An error occurred (TooManyRequestsException): Rate exceeded" in str(error)
    assert polls(m, waiter) == 1


# -- waits that end well


@pytest.mark.parametrize(("waiter", "expected"), [("function_active", 4), ("function_active_v2", 13)])
def test_a_waiter_polls_until_a_creation_has_ended(m: Any, waiter: str, expected: int) -> None:
    m.timings["create"] = 12
    create()

    wait(waiter)

    assert polls(m, waiter) == expected
    assert seconds_since(m, m.calls[0].at) == (expected - 1) * POLLS[waiter].delay
    assert m.function("orders").state == "Active"


@pytest.mark.parametrize(("waiter", "expected"), [("function_updated", 4), ("function_updated_v2", 13)])
def test_a_waiter_polls_until_an_update_has_ended(m: Any, waiter: str, expected: int) -> None:
    create_active(m)
    m.timings["update"] = 12
    update_code()

    wait(waiter)

    assert polls(m, waiter) == expected
    assert answer_of() == "two"


def test_a_waiter_polls_until_a_published_version_is_active(m: Any) -> None:
    m.timings["create"] = 62
    create(Publish=True)

    wait("published_version_active", Qualifier="1")

    assert polls(m, "published_version_active") == 14
    assert m.function("orders").version(1).state == "Active"


def test_a_waiter_for_existence_polls_until_somebody_creates_the_function(m: Any) -> None:
    m.clock.call_later(4.5, create, label="somebody creates it")

    wait("function_exists")

    assert polls(m, "function_exists") == 6


@pytest.mark.parametrize("waiter", [waiter for waiter in POLLS if waiter not in UPDATED_WAITERS])
def test_a_function_that_is_deleted_while_it_is_waited_for(m: Any, waiter: str) -> None:
    hangs_in_creation(m)
    m.clock.call_later(10, lambda: client().delete_function(FunctionName="orders"), label="somebody deletes it")

    if waiter == "function_exists":
        wait(waiter)
        return
    error = error_of(waiter)

    assert "ResourceNotFoundException" in str(error)
    assert polls(m, waiter) == 10 // POLLS[waiter].delay + 1


# -- waits that end badly


@pytest.mark.parametrize(("waiter", "expected"), [("function_active", 3), ("function_active_v2", 9)])
def test_a_creation_that_fails_ends_the_wait_with_the_reason_at_hand(m: Any, waiter: str, expected: int) -> None:
    m.faults.on_phase("create").fail("SubnetOutOfIPAddresses")
    m.timings["create"] = 8
    create()

    error = error_of(waiter)

    found = last_seen(error)
    assert (found["State"], found["StateReasonCode"]) == ("Failed", "SubnetOutOfIPAddresses")
    assert polls(m, waiter) == expected


@pytest.mark.parametrize(("waiter", "expected"), [("function_updated", 3), ("function_updated_v2", 9)])
def test_an_update_that_fails_ends_the_wait_with_the_reason_at_hand(m: Any, waiter: str, expected: int) -> None:
    create_active(m)
    m.faults.on_phase("update").fail("KMSKeyAccessDenied")
    m.timings["update"] = 8
    configure()

    error = error_of(waiter)

    found = last_seen(error)
    assert (found["LastUpdateStatus"], found["LastUpdateStatusReasonCode"]) == ("Failed", "KMSKeyAccessDenied")
    assert polls(m, waiter) == expected


def test_the_five_minutes_of_the_first_waiter_and_of_its_successor_are_the_same(m: Any) -> None:
    m.timings["create"] = 299.5
    for name, waiter in (("first", "function_active"), ("second", "function_active_v2")):
        create(name)
        error = error_of(waiter, name=name)
        assert "Max attempts exceeded" in str(error)
        assert last_seen(error)["State"] == "Pending"
        m.clock.run_until_idle()
        assert m.function(name).state == "Active"


def test_a_waiter_takes_a_delay_and_attempts_of_ones_own(m: Any) -> None:
    hangs_in_creation(m)
    before = m.clock.now

    error = error_of("function_active_v2", WaiterConfig={"Delay": 30, "MaxAttempts": 5})

    assert "Max attempts exceeded" in str(error)
    assert (polls(m, "function_active_v2"), seconds_since(m, before)) == (5, 120)


def test_a_throttle_in_the_middle_of_a_wait_ends_it(m: Any) -> None:
    m.timings["create"] = 12
    m.faults.on_call("GetFunction", nth=4).error("TooManyRequestsException")
    create()

    error = error_of("function_active_v2")

    assert "TooManyRequestsException" in str(error)
    assert polls(m, "function_active_v2") == 4


# -- Inactive is nobody's goal


@pytest.mark.parametrize("waiter", ACTIVE_WAITERS)
def test_a_waiter_for_active_is_saved_by_whoever_wakes_the_function(m: Any, waiter: str) -> None:
    is_inactive(m)

    def wake() -> None:
        with refused("CodeArtifactUserPendingException"):
            client().invoke(FunctionName="orders")

    m.clock.call_later(30, wake, label="a caller")

    wait(waiter)

    assert seconds_since(m, m.calls.of("Invoke")[0].at) == 60


@pytest.mark.parametrize("waiter", ACTIVE_WAITERS)
def test_a_waiter_for_active_sees_a_function_fall_asleep_again(m: Any, waiter: str) -> None:
    is_inactive(m)
    m.faults.on_phase("restore").fail("InternalError")
    with refused("CodeArtifactUserPendingException"):
        client().invoke(FunctionName="orders")

    attempts = 120 // POLLS[waiter].delay  # it falls asleep after 60 seconds
    error = error_of(waiter, WaiterConfig={"MaxAttempts": attempts})

    found = last_seen(error)
    assert "Max attempts exceeded" in str(error)
    assert (found["State"], found["StateReasonCode"]) == ("Inactive", "InternalError")


@pytest.mark.parametrize(("idle_days", "rest_days"), [(4, 5), (14, 15)])
def test_a_function_that_nobody_needs_is_woken_three_times(m: Any, idle_days: int, rest_days: int) -> None:
    m.function("orders").timings.update(idle=timedelta(days=idle_days), restore=10)
    create_active(m)
    began = m.clock.now
    for _ in range(3):
        m.clock.advance(timedelta(days=rest_days))
        assert m.function("orders").state == "Inactive"
        with refused("CodeArtifactUserPendingException"):
            client().invoke(FunctionName="orders")
        wait("function_active_v2")
        assert answer_of() == "one"

    assert polls(m, "function_active_v2") == 3 * 11
    assert timedelta(seconds=30) <= m.clock.now - began - timedelta(days=3 * rest_days) < timedelta(seconds=60)
    assert m.timeline.of("orders").states == ["Pending", "Active", *["Inactive", "Pending", "Active"] * 3]


def test_waiters_know_functions_by_their_arn(m: Any) -> None:
    create()

    wait("function_active_v2", name=arn_of())

    assert arn_of().split(":")[3] == REGION
    assert m.function("orders").state == "Active"
