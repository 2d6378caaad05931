"""Coroutines that sleep: each to its own deadline, in the order of the deadlines."""

from __future__ import annotations

import asyncio
import sys
import types
from datetime import datetime, timedelta, timezone

import pytest

from lambda_states_mock.adapters import activation, async_sleeping
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.errors import RunawaySleepError
from tests.adapters.conftest import MakeWorld

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def slept(world: ActiveMock) -> float:
    return (world.clock.now - BEGIN).total_seconds()


def test_sleeping_moves_the_clock_at_once(world: ActiveMock) -> None:
    asyncio.run(asyncio.sleep(3600))
    assert slept(world) == 3600


def test_the_result_is_returned(world: ActiveMock) -> None:
    async def main() -> str:
        return await asyncio.sleep(5, "done")

    assert asyncio.run(main()) == "done"


def test_sleepers_wake_at_their_own_deadlines_in_order(world: ActiveMock) -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *lengths: float) -> None:
        for length in lengths:
            await asyncio.sleep(length)
            woken.append((name, slept(world)))

    async def main() -> None:
        await asyncio.gather(sleeper("slow", 7, 7), sleeper("quick", 3, 3, 3), sleeper("other", 6))

    asyncio.run(main())
    # "other" went to sleep before "quick" did so for the second time
    assert woken == [("quick", 3), ("other", 6), ("quick", 6), ("slow", 7), ("quick", 9), ("slow", 14)]


def test_what_a_woken_coroutine_goes_on_to_do_comes_before_the_next_wakes(world: ActiveMock) -> None:
    seen: list[tuple[str, float]] = []

    async def first() -> None:
        await asyncio.sleep(1)
        for _ in range(10):
            await asyncio.sleep(0)
        seen.append(("first", slept(world)))

    async def second() -> None:
        await asyncio.sleep(2)
        seen.append(("second", slept(world)))

    async def main() -> None:
        await asyncio.gather(first(), second())

    asyncio.run(main())
    assert seen == [("first", 1), ("second", 2)]


def test_a_task_that_spins_does_not_keep_the_others_asleep(world: ActiveMock) -> None:
    async def main() -> None:
        done = asyncio.Event()

        async def spin() -> None:
            while not done.is_set():
                await asyncio.sleep(0)

        spinning = asyncio.create_task(spin())
        await asyncio.sleep(60)
        done.set()
        await spinning

    asyncio.run(main())
    assert slept(world) == 60


def test_a_cancelled_sleeper_does_not_move_the_clock(world: ActiveMock) -> None:
    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(1000))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(1)

    asyncio.run(main())
    assert slept(world) == 1


def test_a_sleep_of_zero_only_yields(world: ActiveMock) -> None:
    asyncio.run(asyncio.sleep(0))
    assert slept(world) == 0


def test_a_loop_that_never_ends_is_told_so(enter: MakeWorld) -> None:
    enter(max_sleep=timedelta(hours=1))

    async def main() -> None:
        while True:
            await asyncio.sleep(600)

    with pytest.raises(RunawaySleepError, match="freeze=True") as caught:
        asyncio.run(main())
    assert "nothing that is pending brings one." in str(caught.value)
    assert "A phase that hangs ends with its fault's release()." in str(caught.value)


def test_a_module_that_holds_asyncios_sleep_gets_it_back(enter: MakeWorld) -> None:
    holder = types.ModuleType("holds_async_sleep")
    sys.modules["holds_async_sleep"] = holder
    try:
        exec("from asyncio import sleep\nasync def wait(sleep=sleep): await sleep(9)", vars(holder))
        world = enter()
        asyncio.run(holder.wait())
        assert slept(world) == 9
        activation.leave(world)
        assert holder.sleep is asyncio.sleep is asyncio.tasks.sleep is async_sleeping.REAL_SLEEP
        assert holder.wait.__defaults__ == (asyncio.sleep,)
    finally:
        del sys.modules["holds_async_sleep"]


def test_each_event_loop_has_its_own_sleepers(world: ActiveMock) -> None:
    asyncio.run(asyncio.sleep(1))
    asyncio.run(asyncio.sleep(1))
    assert slept(world) == 2
