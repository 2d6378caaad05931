"""The whole public interface, used as it should be: a type checker has nothing to say, and needs no ``ignore``."""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from lambda_states_mock import (
    ClockError,
    LambdaMock,
    LambdaMockError,
    NoHandlerError,
    NotActiveError,
    RunawaySleepError,
    StackResourceError,
    UncaughtRequestError,
    UnfiredFaultError,
    UnknownNameError,
    current,
    mock_lambda,
)

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.literals import StateType

ERRORS: tuple[type[LambdaMockError], ...] = (
    ClockError,
    NoHandlerError,
    NotActiveError,
    RunawaySleepError,
    StackResourceError,
    UncaughtRequestError,
    UnfiredFaultError,
    UnknownNameError,
)


@mock_lambda
def decorated(name: str, *, times: int = 1) -> int:
    return len(name) * times


@mock_lambda(timings="instant", start="2026-01-01T00:00:00Z", seed=7, region="eu-west-1", account="999999999999")
def decorated_with_options(name: str) -> int:
    return decorated(name, times=2)


@mock_lambda(timings={"create": 45}, max_sleep=timedelta(hours=1), sleep="botocore", freeze=True)
async def decorated_coroutine() -> str:
    return "done"


@mock_lambda
class DecoratedCase(unittest.TestCase):
    def test_one(self) -> None:
        assert current().calls.operations == []


@mock_lambda(max_sleep=None)
class DecoratedClass:
    attribute = 1


@pytest.fixture
@mock_lambda
def fixture() -> Iterator[int]:
    yield decorated("orders")
    decorated("refunds")


async def waited() -> str:
    return await decorated_coroutine()


async def entered() -> AsyncIterator[datetime]:
    async with mock_lambda() as m:
        yield m.clock.now


def with_stubs(client: LambdaClient) -> StateType:
    client.get_waiter("function_active_v2").wait(FunctionName="orders")
    return client.get_function_configuration(FunctionName="orders")["State"]


def block() -> None:
    with mock_lambda(timings="instant") as m:
        use(m)
        state: str = with_stubs(boto3.client("lambda", region_name="us-east-1"))
        assert state


def started() -> LambdaMock:
    activation = mock_lambda()
    m = activation.start()
    activation.stop()
    return m


def use(m: LambdaMock) -> None:
    clock(m)
    functions(m)
    handlers(m)
    faults(m)
    records(m)


def clock(m: LambdaMock) -> None:
    now: datetime = m.clock.now
    m.clock.advance(5)
    m.clock.advance(timedelta(minutes=1))
    m.clock.advance_to("2027-01-01T00:00:00Z")
    m.clock.advance_to(now + timedelta(days=400))
    m.clock.advance_until(lambda: m.function("orders").state == "Active", within=600)
    m.clock.run_until_idle()
    m.clock.step()
    due: list[datetime] = [timer.due for timer in m.clock.pending]
    timer = m.clock.call_later(5, lambda: None, label="look")
    timer.cancel()
    with m.clock.hold("a real download"):
        assert due is not None


def functions(m: LambdaMock) -> None:
    orders = m.function("orders", region="eu-west-1", account="999999999999")
    state: str | None = orders.state
    status: str | None = orders.last_update_status
    codes: tuple[str | None, str | None] = (orders.state_reason_code, orders.last_update_status_reason_code)
    exists: bool = orders.exists
    version: str = orders.alias("live").function_version
    orders.version(3).idle()
    orders.timings["create"] = 45
    m.timings["create"] = 45
    m.timings["create", "vpc"] = timedelta(minutes=2)
    print(state, status, codes, exists, version, orders.arn, orders.revision_id, orders.versions)


def handlers(m: LambdaMock) -> None:
    @m.handler("orders")
    def orders(event: dict[str, Any], context: Any) -> dict[str, int]:
        return {"left": context.get_remaining_time_in_millis()}

    left: dict[str, int] = orders({}, None)  # what is decorated keeps its type
    m.handler("refunds", returns={"ok": True}, init=1.2, duration=timedelta(seconds=0.3))
    m.handler("flaky", side_effect=[RuntimeError("cold"), {"ok": True}])
    m.handler("other:live", call=lambda event, context: event)
    assert left


def faults(m: LambdaMock) -> None:
    m.faults.on_phase("create", function="orders").fail("SubnetOutOfIPAddresses")
    m.faults.on_phase("create").take(seconds=300, times=1)
    fault = m.faults.on_phase("update").hang(required=False)
    m.faults.on_call("UpdateFunctionCode").error("TooManyRequestsException", times=2)
    m.faults.on_call("ListFunctions").delay(3)
    m.faults.on_call("GetFunction").disconnect(times=1)
    met: int = fault.called
    fault.remove()
    m.faults.clear()
    assert met == 0


def records(m: LambdaMock) -> None:
    for call in m.calls.of("CreateFunction"):
        at: datetime = call.at
        assert at <= m.clock.now
        assert call.params["FunctionName"]
        assert call.error is None or call.error.code
    for invocation in m.invocations("orders"):
        cold: bool = invocation.cold
        print(cold, invocation.result, invocation.error, invocation.start, invocation.end, invocation.log)
    states: list[str | None] = m.timeline.of("orders").states
    print(states, str(m.timeline), len(m.timeline), repr(m))


def test_of_a_user(lambda_mock: LambdaMock) -> None:
    lambda_mock.clock.advance(5)
