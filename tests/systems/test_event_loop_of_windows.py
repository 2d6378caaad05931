"""Coroutines that sleep and wait on the event loop that Windows has, which is none of selectors."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.adapters import activation
from tests.systems.proactor import IocpProactor, ProactorEventLoop

pytestmark = pytest.mark.usefixtures("installed_anew")

DAY = 86_400


@pytest.fixture
def installed_anew() -> Iterator[None]:
    """Let the adapters see what the test pretends to have been imported all along."""
    activation.forget()
    yield
    activation.forget()


@pytest.fixture(params=["proactor", "one that tells nothing"])
def loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "proactor":
        monkeypatch.setitem(sys.modules, "asyncio.windows_events", SimpleNamespace(IocpProactor=IocpProactor))
        made: Any = ProactorEventLoop()
    else:
        made = Mute()
    yield made
    made.close()


class Mute(asyncio.SelectorEventLoop):
    """As a loop that is written in C: nobody sees what it has to do."""

    def __getattribute__(self, name: str) -> Any:
        if name in {"_ready", "_selector", "_scheduled"} and not sys._getframe(1).f_globals["__name__"].startswith(
            "asyncio"
        ):
            raise AttributeError(name)
        return super().__getattribute__(name)


def run(loop: asyncio.AbstractEventLoop, work: Callable[[LambdaMock], Awaitable[Any]], **options: Any) -> timedelta:
    """Run *work* on *loop*, and return by how much the clock has moved."""

    async def main() -> timedelta:
        with mock_lambda(**options) as m:
            began = m.clock.now
            await asyncio.wait_for(work(m), None)
            return m.clock.now - began

    return loop.run_until_complete(main())


def test_coroutines_that_sleep_move_the_clock(loop: Any) -> None:
    woken: list[int] = []

    async def sleep(seconds: int) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    async def work(_m: LambdaMock) -> None:
        await asyncio.gather(sleep(DAY), sleep(5), sleep(3_600))

    assert run(loop, work) == timedelta(days=1)
    assert woken == [5, 3_600, DAY]


def test_what_a_thread_does_meanwhile_is_waited_for(loop: Any) -> None:
    order: list[str] = []

    def threaded() -> None:
        time.sleep(10)
        order.append("thread")

    async def sleep() -> None:
        await asyncio.sleep(60)
        order.append("coroutine")

    async def work(_m: LambdaMock) -> None:
        await asyncio.gather(asyncio.to_thread(threaded), sleep())

    assert run(loop, work) == timedelta(seconds=60)
    assert order == ["thread", "coroutine"]


def test_an_idle_loop_lets_a_thread_move_the_clock(loop: Any) -> None:
    async def work(_m: LambdaMock) -> None:
        await asyncio.to_thread(time.sleep, DAY)

    assert run(loop, work) == timedelta(days=1)


def test_a_time_out_moves_the_clock_where_waits_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncio.windows_events", SimpleNamespace(IocpProactor=IocpProactor))
    loop: Any = ProactorEventLoop()

    async def work(_m: LambdaMock) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 600)

    try:
        assert run(loop, work, sleep="waits") == timedelta(seconds=600)
    finally:
        loop.close()
