"""Threads that sleep at the same time wake each at its own time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create


def together(count: int, work: Callable[[int], object]) -> None:
    """Let *count* threads begin *work* at the same moment, and wait for them."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> None:
        barrier.wait()
        work(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_sleeps_at_the_same_time_do_not_add_up(lambda_mock: LambdaMock) -> None:
    began = lambda_mock.clock.now

    together(2, lambda _: time.sleep(5))

    assert lambda_mock.clock.now - began == timedelta(seconds=5)


def test_each_wakes_at_its_own_time_and_the_first_one_first(lambda_mock: LambdaMock) -> None:
    began = lambda_mock.clock.now
    woken: list[tuple[int, timedelta]] = []

    def work(number: int) -> None:
        time.sleep(3 - number)
        woken.append((number, lambda_mock.clock.now - began))

    together(3, work)

    assert woken == [(2, timedelta(seconds=1)), (1, timedelta(seconds=2)), (0, timedelta(seconds=3))]


def test_threads_of_a_loop_sleep_together_too(lambda_mock: LambdaMock) -> None:
    began = lambda_mock.clock.now
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        time.sleep(5)

    async def main() -> None:
        await asyncio.gather(*[asyncio.to_thread(work) for _ in range(4)])

    asyncio.run(main())

    assert lambda_mock.clock.now - began == timedelta(seconds=5)


@pytest.mark.lambda_mock(timings="instant")
def test_no_invocation_is_charged_for_the_time_of_others(lambda_mock: LambdaMock) -> None:
    client: Any = boto3.client("lambda", region_name="us-east-1")
    create(client)
    lambda_mock.handler("orders", call=lambda _event, _context: time.sleep(1))
    errors: list[str | None] = []

    together(6, lambda _: errors.append(client.invoke(FunctionName="orders").get("FunctionError")))

    assert errors == [None] * 6


def test_alone_a_sleep_takes_no_real_time(lambda_mock: LambdaMock) -> None:
    began = time.perf_counter()

    for _ in range(200):
        time.sleep(1)

    assert time.perf_counter() - began < 0.2
