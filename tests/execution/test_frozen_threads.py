"""Threads that a handler has started: between two events their environment is frozen, and they with it."""

from __future__ import annotations

import threading
import time
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create


def seconds(m: LambdaMock) -> float:
    assert m.options.start is not None
    return (m.clock.now - m.options.start).total_seconds()


@pytest.fixture
def ticks(mock: LambdaMock) -> list[float]:
    """When the background loop of a handler, which sleeps a second, has woken; its handler sleeps three and a half."""
    woken: list[float] = []

    def loop() -> None:
        while True:
            time.sleep(1)
            woken.append(seconds(mock))

    def handler(_event: object, _context: object) -> None:
        if not woken:
            threading.Thread(target=loop).start()
        time.sleep(3.5)

    client: Any = boto3.client("lambda", region_name="us-east-1")
    create(client, Timeout=60)
    mock.clock.run_until_idle()
    mock.handler("orders", call=handler)
    client.invoke(FunctionName="orders")
    return woken


def test_a_background_loop_of_a_handler_runs_while_the_handler_does(mock: LambdaMock, ticks: list[float]) -> None:
    assert ticks == [3, 4, 5]
    assert seconds(mock) == 5.5


def test_it_does_not_move_the_clock_between_events(mock: LambdaMock, ticks: list[float]) -> None:
    threading.Event().wait(0.3)

    assert (len(ticks), seconds(mock)) == (3, 5.5)


def test_it_stands_still_while_the_test_moves_the_clock(mock: LambdaMock, ticks: list[float]) -> None:
    mock.clock.advance(60)
    time.sleep(60)

    assert (len(ticks), seconds(mock)) == (3, 125.5)


def test_it_goes_on_with_the_next_event(mock: LambdaMock, ticks: list[float]) -> None:
    mock.clock.advance(60)
    boto3.client("lambda", region_name="us-east-1").invoke(FunctionName="orders")

    assert ticks[3:] == [65.5, 66.5, 67.5, 68.5]
