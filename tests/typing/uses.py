"""The whole public interface, used as it should be: a type checker has nothing to say, and needs no ``ignore``."""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambda_states_mock import (
    ClockError,
    ImpossibleTransitionError,
    LambdaMock,
    LambdaMockError,
    MissingBootstrap,
    NoHandlerError,
    NotActiveError,
    OperationNotBuiltError,
    OutOfMemory,
    RunawaySleepError,
    SegmentationFault,
    StackResourceError,
    UncaughtRequestError,
    UnfiredFaultError,
    UnknownNameError,
    WrongStateError,
    current,
    mock_lambda,
    startup,
)

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.literals import StateType
    from types_aiobotocore_lambda import LambdaClient as AsyncLambdaClient
    from types_aiobotocore_lambda.literals import LastUpdateStatusType

CRASHES: tuple[type[BaseException], ...] = (MissingBootstrap, OutOfMemory, SegmentationFault)
ERRORS: tuple[type[LambdaMockError], ...] = (
    ClockError,
    ImpossibleTransitionError,
    NoHandlerError,
    NotActiveError,
    OperationNotBuiltError,
    RunawaySleepError,
    StackResourceError,
    UncaughtRequestError,
    UnfiredFaultError,
    UnknownNameError,
    WrongStateError,
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


async def with_asynchronous_stubs(client: AsyncLambdaClient) -> LastUpdateStatusType:
    async with mock_lambda() as m:
        m.attach(client)
        await client.get_waiter("function_updated_v2").wait(FunctionName="orders")
        return (await client.get_function_configuration(FunctionName="orders"))["LastUpdateStatus"]


def block(client: LambdaClient) -> None:
    with mock_lambda(timings="instant") as m:
        use(m)
        m.attach(client)
        state: str = with_stubs(client)
        assert state


@mock_lambda(consistency=2, waking_error={"zip": "ResourceNotReadyException"}, unfired_faults="ignore", max_sleep=60)
def decorated_with_the_other_options() -> None:
    raise NotImplementedError


def started() -> LambdaMock:
    activation = mock_lambda()
    m = activation.start()
    activation.stop()
    return m


def use(m: LambdaMock) -> None:
    clock(m)
    functions(m)
    handlers(m)
    extensions(m)
    faults(m)
    surroundings(m)
    records(m)
    what_follows(m)


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
    environments = [(one.state, one.cold, one.warm, one.log, one.history) for one in orders.environments]
    print(state, status, codes, exists, version, orders.arn, orders.revision_id, orders.versions, environments)


def handlers(m: LambdaMock) -> None:
    @m.handler("orders")
    def orders(event: dict[str, Any], context: Any) -> dict[str, int]:
        return {"left": context.get_remaining_time_in_millis()}

    left: dict[str, int] = orders({}, None)  # what is decorated keeps its type
    m.handler("refunds", returns={"ok": True}, init=1.2, duration=timedelta(seconds=0.3))
    m.handler("flaky", side_effect=[RuntimeError("cold"), {"ok": True}])
    m.handler("other:live", call=lambda event, context: event)
    m.handler("broken", side_effect=OutOfMemory())
    m.route("orders:live", to=["1", 2])
    m.limits.unzipped_bytes = 1000
    assert left


def extensions(m: LambdaMock) -> None:
    agent = m.extension("agent", function="orders", events=["INVOKE"], telemetry=["platform"], init=0.2)

    @agent
    def receive(event: dict[str, Any]) -> str:
        return str(event["eventType"])

    @agent.on_telemetry
    def listen(events: list[dict[str, Any]]) -> int:
        return len(events)

    text: str = receive({})
    count: int = listen([])
    received: list[dict[str, Any]] = agent.received + agent.telemetry_received
    agent.remove()
    print(text, count, received)


def faults(m: LambdaMock) -> None:
    m.faults.on_phase("create", function="orders").fail("SubnetOutOfIPAddresses")
    m.faults.on_phase("create").take(seconds=300, times=1)
    fault = m.faults.on_phase("update").hang(required=False)
    m.faults.on_call("UpdateFunctionCode").error("TooManyRequestsException", times=2)
    m.faults.on_call("ListFunctions", nth=2).delay(3)
    m.faults.on_call("Invoke", function="orders", when={"Qualifier": "live"}).time_out(times=1)
    m.faults.on_call("Invoke", when=lambda params: "Payload" in params).error("ServiceException")
    m.faults.random(rate=0.1, errors=["InternalFailure"], operations=["Invoke"])
    listed: list[int | None] = [one.times for one in m.faults]
    m.faults.on_call("GetFunction").disconnect(times=1)
    met: int = fault.called
    fault.release()
    fault.remove()
    m.faults.clear()
    assert met == len(listed)


def surroundings(m: LambdaMock) -> None:
    m.world.roles["orders"].missing()
    m.world.roles["orders"].deny("ec2:CreateNetworkInterface")
    m.world.roles["deployer"].appears_after(timedelta(seconds=8))
    m.world.subnets["subnet-1"].exhaust()
    m.world.security_groups["sg-1"].delete()
    m.world.keys["alias/orders"].disable()
    m.world.images["123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"].revoke()
    m.world.objects["s3://code/zip"].restore()
    m.world.objects["s3://code/zip"].sign("arn:aws:signer:us-east-1:1:/signing-profiles/p/v", flaw="expired")
    m.world.network_interfaces.throttle()
    m.world.network_interfaces.fail("InternalError")
    m.world.network_interfaces.lose()
    m.world.runtime_versions["arn:aws:lambda:us-east-1::runtime:0"].withdraw()
    m.world.runtime_aliases["live"].delete()
    m.world.blocks_public_policies = True
    m.function("orders").version(1).regenerate_snapshot()
    m.limits.aliases = None
    m.faults.on_call("Invoke").error("EC2UnexpectedException", members={"EC2ErrorCode": "InternalError"})
    m.world.deny("lambda:GetFunction", function="orders")
    m.world.allow()
    m.world.caller = "arn:aws:iam::123456789012:user/ci"
    caller: str = m.world.caller
    m.world.organization = "o-abcdefghij"
    organization: str | None = m.world.organization
    assert caller
    assert organization


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
    moves: list[str] = m.timeline.machine("State").between("2026-01-01T00:00:00Z").caused_by("UpdateFunctionCode").moves
    codes: list[str | None] = [move.code for move in m.timeline.with_code("InvalidSubnet")]
    rows: list[dict[str, Any]] = m.timeline.to_json()
    print(states, moves, codes, rows, m.timeline.to_mermaid(), str(m.timeline), len(m.timeline), repr(m))


def what_follows(m: LambdaMock) -> None:
    throttled: float = m.metrics.sum("Throttles", "orders")
    greatest: float = m.metrics.maximum("ConcurrentExecutions")
    minutes: dict[datetime, float] = {at: one.average for at, one in m.metrics.by_minute("Duration").items()}
    for message in m.destinations:
        target: str = message.target
        print(target, message.service, message.condition, message.at, message.record)
    print(throttled, greatest, minutes)


def children(m: LambdaMock) -> None:
    alone: dict[str, str] = startup.environment(timings="create=45", seed="7")
    with startup.shared(m) as environment:
        both: list[dict[str, str]] = [alone, environment]
    begun: LambdaMock | None = startup.start()
    print(both, begun)


def test_of_a_user(lambda_mock: LambdaMock) -> None:
    lambda_mock.clock.advance(5)
