"""asyncio: an aiobotocore waiter takes no time, and others sleep meanwhile."""

from __future__ import annotations

import asyncio

import deployer
from aiobotocore.session import get_session

from lambda_states_mock import mock_lambda


async def create_and_wait(name: str) -> None:
    async with get_session().create_client("lambda", region_name="us-east-1") as client:
        await client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=deployer.ROLE,
            Code={"ZipFile": deployer.answering(name)},
        )
        await client.get_waiter("function_active_v2").wait(FunctionName=name)


def test_two_functions_are_waited_for_at_once() -> None:
    async def main() -> None:
        async with mock_lambda(timings={"create": 120}) as m:
            before = m.clock.now
            await asyncio.gather(create_and_wait("orders"), create_and_wait("refunds"))
            assert m.function("orders").state == m.function("refunds").state == "Active"
            assert 120 <= (m.clock.now - before).total_seconds() < 125

    asyncio.run(main())
