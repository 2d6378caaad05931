"""A deferrable trigger as Airflow's: an aiobotocore waiter with a model of its own, asked once at a time in a loop that
sleeps between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel

from .deploying import client, create_role, package

pytest.importorskip("aiobotocore")

from aiobotocore.session import get_session
from aiobotocore.waiter import create_waiter_with_client

MODEL = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "create_function_complete": {
                "operation": "GetFunction",
                "delay": 60,
                "maxAttempts": 30,
                "acceptors": [
                    {"matcher": "path", "argument": "Configuration.State", "expected": state, "state": outcome}
                    for state, outcome in (("Active", "success"), ("Pending", "retry"), ("Failed", "failure"))
                ],
            }
        },
    }
)


class TriggerFailedError(Exception):
    """What the operator is told."""


async def trigger(name: str, *, delay: int, attempts: int) -> list[str]:
    """Wait for the creation of a function; return the states seen while it was not there yet."""
    seen = []
    async with get_session().create_client("lambda", region_name="us-east-1") as connection:
        waiter = create_waiter_with_client("create_function_complete", MODEL, connection)
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(delay)
            try:
                await waiter.wait(FunctionName=name, WaiterConfig={"MaxAttempts": 1})
            except WaiterError as error:
                answer: Any = error.last_response
                state = answer["Configuration"]["State"]
                if "terminal failure" in str(error):
                    raise TriggerFailedError(state) from error
                seen.append(state)
            else:
                return seen
    raise TriggerFailedError("Waiter error: max attempts reached")


def deploy(name: str = "orders") -> None:
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=create_role(name),
        Code={"ZipFile": package("one")},
    )


def triggered(*triggers: Coroutine[Any, Any, list[str]]) -> list[list[str]]:
    async def triggerer() -> list[list[str]]:
        return list(await asyncio.gather(*triggers))

    return asyncio.run(triggerer())


def test_the_trigger_fires_once_the_function_is_active(mock: Any) -> None:
    deploy()
    assert triggered(trigger("orders", delay=25, attempts=30)) == [["Pending"] * 3]
    assert mock.function("orders").state == "Active"


def test_one_triggerer_runs_many_triggers_at_once(mock: Any) -> None:
    names = [f"orders-{number}" for number in range(5)]
    for name in names:
        deploy(name)
    before = mock.clock.now
    seen = triggered(*(trigger(name, delay=25, attempts=30) for name in names))
    assert seen == [["Pending"] * 3] * 5
    assert mock.clock.now - before == timedelta(seconds=75)


def test_a_failed_creation_ends_the_trigger(mock: Any) -> None:
    mock.faults.on_phase("create").fail("InvalidSecurityGroup")
    deploy()
    with pytest.raises(TriggerFailedError, match="Failed"):
        triggered(trigger("orders", delay=25, attempts=30))


def test_a_creation_that_hangs_ends_with_the_attempts(mock: Any) -> None:
    mock.faults.on_phase("create").hang()
    deploy()
    before = mock.clock.now
    with pytest.raises(TriggerFailedError, match="max attempts"):
        triggered(trigger("orders", delay=60, attempts=30))
    assert mock.clock.now - before == timedelta(seconds=29 * 60)
