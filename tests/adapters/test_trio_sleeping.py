"""Sleeping in trio, and in anyio on both of its backends."""

from __future__ import annotations

import math
import time
from typing import Any

import anyio
import anyio.to_thread
import pytest
import trio

from lambda_states_mock import LambdaMock

REAL_SLEEP = [trio.sleep]  # in a list, where the mock does not replace it


def seconds(m: LambdaMock) -> float:
    assert m.options.start is not None
    return (m.clock.now - m.options.start).total_seconds()


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_sleepers_wake_in_the_order_of_their_deadlines(mock: LambdaMock, backend: str) -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *lengths: float) -> None:
        for length in lengths:
            await anyio.sleep(length)
            woken.append((name, seconds(mock)))

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(sleeper, "slow", 7, 7)
            group.start_soon(sleeper, "quick", 3, 3, 3)
            group.start_soon(sleeper, "other", 5)

    anyio.run(main, backend=backend)

    assert woken == [("quick", 3), ("other", 5), ("quick", 6), ("slow", 7), ("quick", 9), ("slow", 14)]


def test_threads_of_a_loop_and_its_tasks_sleep_together(mock: LambdaMock, backend: str) -> None:
    woken: list[int] = []

    def work(length: int) -> None:
        time.sleep(length)
        woken.append(length)

    async def nap(length: int) -> None:
        await anyio.sleep(length)
        woken.append(length)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for length in (1, 3, 5):
                group.start_soon(nap, length)
            for length in (2, 4):
                group.start_soon(anyio.to_thread.run_sync, work, length)

    anyio.run(main, backend=backend)

    assert (woken, seconds(mock)) == ([1, 2, 3, 4, 5], 5)


def test_a_task_that_is_cancelled_while_it_sleeps_moves_nothing(mock: LambdaMock, backend: str) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 3600)
            await anyio.sleep(5)
            group.cancel_scope.cancel()

    anyio.run(main, backend=backend)

    assert seconds(mock) == 5


@pytest.mark.parametrize("sleep", [anyio.sleep_forever, lambda: anyio.sleep(math.inf)])
def test_a_sleep_for_ever_lasts_until_it_is_cancelled(mock: LambdaMock, backend: str, sleep: Any) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(sleep)
            await anyio.sleep(5)
            group.cancel_scope.cancel()

    anyio.run(main, backend=backend)

    assert seconds(mock) == 5


def test_a_virtual_sleep_is_never_too_long_for_a_real_time_out(mock: LambdaMock, backend: str) -> None:
    async def main() -> None:
        with anyio.fail_after(30):
            await anyio.sleep(3600)

    anyio.run(main, backend=backend)
    assert seconds(mock) == 3600


def test_trio_has_its_own_sleep_back_afterwards(mock: LambdaMock) -> None:
    assert trio.sleep is not REAL_SLEEP[0]
    mock.close()
    assert trio.sleep is REAL_SLEEP[0]
