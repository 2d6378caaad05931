"""A mock that is left while code of functions, or threads of the test, still run."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
import pytest

from lambda_states_mock import mock_lambda
from tests.deploying import create


def spin() -> None:
    while True:
        pass


@pytest.mark.parametrize("work", [spin, threading.Event().wait, lambda: time.sleep(2)], ids=["loop", "wait", "sleep"])
def test_a_handler_that_still_runs_is_ended(work: Callable[[], object]) -> None:
    ended: list[str] = []

    def handler(_event: object, _context: object) -> None:
        begun.set()
        try:
            work()
        except BaseException as error:
            ended.append(type(error).__name__)
            raise

    def invoke() -> None:
        try:
            client.invoke(FunctionName="orders")
        except SystemExit:
            ended.append("invoke")

    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", call=handler)
        begun = threading.Event()
        thread = threading.Thread(target=invoke)
        with m.clock.hold("the test"):  # a sleep does not come to its end before
            thread.start()
            begun.wait()
            m.close()
    thread.join()

    assert ended == ["EnvironmentEnded", "invoke"]


@pytest.mark.parametrize("work", [spin, threading.Event().wait, lambda: time.sleep(2)], ids=["loop", "wait", "sleep"])
def test_a_thread_that_a_handler_has_started_is_ended_without_a_word(work: Callable[[], object]) -> None:
    begun = threading.Event()
    started: list[threading.Thread] = []

    def in_background() -> None:
        begun.set()
        while True:
            work()

    def handler(_event: object, _context: object) -> None:
        started.append(threading.Thread(target=in_background))
        started[0].start()
        begun.wait()

    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", call=handler)
        client.invoke(FunctionName="orders")
        assert started[0].is_alive()

    assert not started[0].is_alive()


def test_a_thread_of_the_test_that_sleeps_goes_on() -> None:
    woken = threading.Event()

    def work() -> None:
        time.sleep(3600)
        woken.set()

    with mock_lambda() as m, m.clock.hold("the test"):
        thread = threading.Thread(target=work)
        thread.start()
        while not m.clock.turns.movers:
            threading.Event().wait(0.001)
        before = m.clock.now
        m.close()

    assert woken.wait(30)
    thread.join()
    assert m.clock.now == before


def test_what_cannot_be_ended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_states_mock.execution.hang_guard.GRACE", 0.05)
    begun, lock = threading.Event(), _thread.allocate_lock()
    lock.acquire()

    def handler(_event: object, _context: object) -> None:
        begun.set()
        lock.acquire()  # in C, where no exception reaches it

    def invoke() -> None:
        with suppress(SystemExit):
            client.invoke(FunctionName="orders")

    m = mock_lambda(timings="instant").start()
    client: Any = boto3.client("lambda", region_name="us-east-1")
    create(client)
    m.handler("orders", call=handler)
    thread = threading.Thread(target=invoke)
    thread.start()
    begun.wait()
    try:
        with pytest.warns(UserWarning, match='cannot be ended: function "orders"'):
            m.close()
    finally:
        lock.release()
        thread.join()
