"""aiobotocore and aioboto3 as asynchronous tests use them, under pytest-asyncio and under anyio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import pytest
from botocore.exceptions import WaiterError

from lambda_states_mock import LambdaMock, current, mock_lambda
from tests.test_mock import zipped

pytest.importorskip("aioboto3")

import aioboto3
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def connection(**options: Any) -> Any:
    return get_session().create_client("lambda", **{"region_name": "us-east-1", **options})


async def create(client: Any, name: str = "orders", **params: Any) -> Any:
    usual = {
        "Runtime": "python3.12",
        "Role": "arn:aws:iam::123456789012:role/orders",
        "Handler": "index.handler",
        "Code": {"ZipFile": zipped()},
    }
    return await client.create_function(FunctionName=name, **{**usual, **params})


async def wait(client: Any, name: str = "orders", waiter: str = "function_active_v2", **config: Any) -> None:
    await client.get_waiter(waiter).wait(FunctionName=name, WaiterConfig=config)


# -- the ways in


@pytest.mark.asyncio
async def test_a_function_lives_through_its_states_in_a_coroutine() -> None:
    async with mock_lambda(start=START) as m, connection() as client:
        created = await create(client)
        assert created["State"] == "Pending"
        await wait(client)
        payload = (await client.invoke(FunctionName="orders", Payload=b'{"id": 7}'))["Payload"]
        assert await payload.read() == b'{"id": 7}'
        assert m.timeline.of("orders").states == ["Pending", "Active"]


@pytest.mark.anyio
async def test_it_does_so_under_anyio() -> None:
    async with mock_lambda(start=START) as m, connection() as client:
        await create(client)
        await wait(client)
        before = m.clock.now
        await anyio.sleep(3600)
        assert m.clock.now - before == timedelta(hours=1)


@pytest.mark.asyncio
@mock_lambda(start=START)
async def test_a_decorated_coroutine_test_is_in_the_mock() -> None:
    async with connection() as client:
        await create(client)
        await wait(client)
    assert current().function("orders").state == "Active"


@pytest.mark.asyncio
async def test_the_fixture_serves_coroutine_tests(lambda_mock: LambdaMock) -> None:
    async with connection() as client:
        await create(client)
        await wait(client)
    assert lambda_mock.function("orders").state == "Active"


@pytest.mark.asyncio
async def test_aioboto3_is_caught(lambda_mock: LambdaMock) -> None:
    session: Any = aioboto3.Session()
    async with session.client("lambda", region_name="eu-west-1") as client:
        await create(client)
        await wait(client)
    assert lambda_mock.function("orders", region="eu-west-1").state == "Active"


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_is_caught() -> None:
    async with connection(aws_access_key_id="a", aws_secret_access_key="b") as client, mock_lambda() as m:
        await create(client)
        assert m.calls.operations == ["CreateFunction"]


# -- calls


@pytest.mark.asyncio
@pytest.mark.lambda_mock(timings="instant")
async def test_a_paginator_goes_through_all_pages(lambda_mock: LambdaMock) -> None:
    async with connection() as client:
        for number in range(5):
            await create(client, f"orders-{number}")
        pages = [
            page async for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
        ]
    assert [len(page["Functions"]) for page in pages] == [2, 2, 1]


@pytest.mark.asyncio
@pytest.mark.lambda_mock(timings="instant")
async def test_a_payload_can_be_read_in_pieces_and_lines(lambda_mock: LambdaMock) -> None:
    async with connection() as client:
        await create(client)
        lambda_mock.handler("orders", returns=["a", "b"])
        whole = (await client.invoke(FunctionName="orders"))["Payload"]
        pieces: AsyncIterator[bytes] = whole.iter_chunks(4)
        assert b"".join([piece async for piece in pieces]) == b'["a", "b"]'
        async with (await client.invoke(FunctionName="orders"))["Payload"] as stream:
            assert await stream.read() == b'["a", "b"]'


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
async def test_throttled_calls_are_tried_again_on_the_clock(mode: Any) -> None:
    async with mock_lambda(start=START) as m:
        m.faults.on_call("ListFunctions").error("TooManyRequestsException", times=2)
        before = m.clock.now
        async with connection(config=AioConfig(retries={"mode": mode, "total_max_attempts": 4})) as client:
            answer = await client.list_functions()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert m.clock.now > before


@pytest.mark.asyncio
async def test_an_error_has_the_clients_exception(lambda_mock: LambdaMock) -> None:
    async with connection() as client:
        with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found"):
            await client.get_function(FunctionName="orders")


# -- time


@pytest.mark.asyncio
async def test_waiters_of_several_functions_end_each_at_its_time() -> None:
    async with mock_lambda(start=START) as m, connection() as client:
        for name, seconds in (("orders", 30), ("refunds", 90)):
            m.function(name).timings["create"] = seconds
            await create(client, name)
        before, ended = m.clock.now, {}

        async def wait_for(name: str) -> None:
            await wait(client, name, Delay=10)
            ended[name] = (m.clock.now - before).total_seconds()

        await asyncio.gather(wait_for("refunds"), wait_for("orders"))
    assert ended == {"orders": 30, "refunds": 90}


@pytest.mark.asyncio
async def test_a_coroutine_that_polls_sees_the_states_in_order() -> None:
    async with mock_lambda(start=START, timings={"create": 12}) as m, connection() as client:
        await create(client)
        seen = []
        while (state := (await client.get_function_configuration(FunctionName="orders"))["State"]) != "Active":
            seen.append((state, (m.clock.now - m.timeline[0].at).total_seconds()))
            await asyncio.sleep(5)
    assert seen == [("Pending", 0), ("Pending", 5), ("Pending", 10)]


@pytest.mark.asyncio
async def test_a_waiter_that_meets_a_failed_function_says_so() -> None:
    async with mock_lambda() as m, connection() as client:
        m.faults.on_phase("create").fail("InvalidSubnet")
        await create(client)
        with pytest.raises(WaiterError, match="terminal failure state"):
            await wait(client)


@pytest.mark.asyncio
async def test_a_sleeping_task_and_a_waiter_share_the_time() -> None:
    async with mock_lambda(start=START, timings={"create": 20}) as m, connection() as client:
        await create(client)
        order: list[str] = []

        async def nap(seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append(f"nap {seconds}")

        async def waited() -> None:
            await wait(client, Delay=5)
            order.append(f"active at {(m.clock.now - m.timeline[0].at).total_seconds():.0f}")

        await asyncio.gather(nap(30), waited(), nap(7))
    assert order == ["nap 7", "active at 20", "nap 30"]
