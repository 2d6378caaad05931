"""Waits of one thread for another: the clock goes on meanwhile; with ``sleep="waits"`` the timed ones move it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from lambda_states_mock import BackgroundSleepWarning, LambdaMock, RunawaySleepError, mock_lambda
from lambda_states_mock.adapters.mock_threads import BACKGROUND_SLEEPS
from lambda_states_mock.genuine import genuine

TIMED: dict[str, Callable[[], Any]] = {
    "Event.wait": lambda: threading.Event().wait(5),
    "Condition.wait_for": lambda: _condition(),
    "Semaphore.acquire": lambda: threading.Semaphore(0).acquire(timeout=5),
    "Queue.get": lambda: _raises(queue.Empty, lambda: queue.Queue[int]().get(timeout=5)),
    "SimpleQueue.get": lambda: _raises(queue.Empty, lambda: queue.SimpleQueue[int]().get(timeout=5)),
    "Future.result": lambda: _raises(
        concurrent.futures.TimeoutError, lambda: concurrent.futures.Future[int]().result(5)
    ),
    "concurrent.futures.wait": lambda: concurrent.futures.wait([concurrent.futures.Future[int]()], timeout=5),
    "as_completed": lambda: _raises(
        concurrent.futures.TimeoutError,
        lambda: list(concurrent.futures.as_completed([concurrent.futures.Future[int]()], timeout=5)),
    ),
    "Thread.join": lambda: _join(),
    "asyncio.wait_for of an event": lambda: asyncio.run(_wait_for(asyncio.Event().wait)),
    "asyncio.wait_for of a sleep": lambda: asyncio.run(_wait_for(lambda: asyncio.sleep(60))),
}


def _condition() -> bool:
    condition = threading.Condition()
    with condition:
        return condition.wait_for(lambda: False, 5)


def _raises(kind: type[BaseException], wait: Callable[[], object]) -> None:
    with pytest.raises(kind):
        wait()


def _join() -> None:
    thread = threading.Thread(target=time.sleep, args=(60,))
    thread.start()
    thread.join(5)
    assert thread.is_alive()


async def _wait_for(wait: Callable[[], Any]) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(wait(), 5)


@pytest.fixture
def waiting() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", sleep="waits") as m:
        yield m


def seconds(m: LambdaMock) -> float:
    return (m.clock.now - m.options.start).total_seconds() if m.options.start else -1.0


@pytest.mark.parametrize("how", TIMED)
def test_a_timed_wait_moves_the_clock_with_sleep_waits(waiting: LambdaMock, how: str) -> None:
    TIMED[how]()

    assert seconds(waiting) == 5


def test_a_timed_wait_ends_when_what_it_waits_for_comes(waiting: LambdaMock) -> None:
    come = threading.Event()

    def work() -> None:
        time.sleep(3)
        come.set()

    thread = threading.Thread(target=work)
    thread.start()

    assert (come.wait(10), seconds(waiting)) == (True, 3)
    thread.join()


def test_a_join_ends_when_its_thread_does(waiting: LambdaMock) -> None:
    thread = threading.Thread(target=time.sleep, args=(3,))
    thread.start()
    thread.join(10)

    assert (thread.is_alive(), seconds(waiting)) == (False, 3)


def test_a_coroutine_is_given_its_result_before_its_time_is_over(waiting: LambdaMock) -> None:
    async def main() -> str:
        return await asyncio.wait_for(asyncio.sleep(3, "done"), 5)

    assert (asyncio.run(main()), seconds(waiting)) == ("done", 3)


def test_a_loop_class_that_freezegun_has_been_at_has_the_mocks_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.SelectorEventLoop, "time", asyncio.SelectorEventLoop.time, raising=False)

    with mock_lambda(start="2026-01-01T00:00:00Z", sleep="waits") as m:
        asyncio.run(_wait_for(asyncio.Event().wait))
        assert seconds(m) == 5


def test_a_loop_goes_by_real_time_where_time_is_frozen_and_a_thread_was_started() -> None:
    with mock_lambda(start="2026-01-01T00:00:00Z", freeze=True):
        thread = threading.Thread(target=bool)
        thread.start()
        thread.join()
        loop = asyncio.new_event_loop()
        ahead = loop.time() - genuine(time, "monotonic")()
        loop.close()
    assert abs(ahead) < 60  # else timeouts would never come


def test_a_thread_of_the_test_waits_for_real_in_any_mode(waiting: LambdaMock) -> None:
    thread = threading.Thread(target=lambda: threading.Event().wait(0.01))
    thread.start()
    thread.join()

    assert seconds(waiting) == 0


def test_timed_waits_are_real_by_default(mock: LambdaMock) -> None:
    assert not threading.Event().wait(0.01)

    assert seconds(mock) == 0


def test_a_virtual_sleep_is_never_too_long_for_a_real_time_out(mock: LambdaMock) -> None:
    async def main() -> str:
        return await asyncio.wait_for(asyncio.sleep(3600, "done"), 5)

    assert (asyncio.run(main()), seconds(mock)) == ("done", 3600)


WAITS: dict[str, Callable[[threading.Thread, threading.Event], object]] = {
    "join": lambda thread, _: thread.join(),
    "Event.wait": lambda _, done: done.wait(),
    "a timed join": lambda thread, _: thread.join(30),
    "a process": lambda _, done: (subprocess.run([sys.executable, "-c", "pass"], check=True), done.wait()),
}


@pytest.mark.parametrize("how", WAITS)
def test_who_waits_lets_others_sleep(mock: LambdaMock, how: str) -> None:
    done = threading.Event()

    def work() -> None:
        time.sleep(7)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    WAITS[how](thread, done)

    assert (done.wait(30), seconds(mock)) == (True, 7)
    thread.join()


def test_a_lock_that_a_sleeper_holds_is_waited_for(mock: LambdaMock) -> None:
    lock, woken = threading.Lock(), []

    def work(name: str) -> None:
        with lock:
            time.sleep(5)
            woken.append((name, seconds(mock)))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [at for _, at in woken] == [5, 10]


def test_items_of_a_simple_queue_go_to_getters_in_the_order_in_which_they_came(mock: LambdaMock) -> None:
    work: queue.SimpleQueue[str] = queue.SimpleQueue()
    got: list[tuple[int, str]] = []

    def get(number: int) -> None:
        time.sleep(1 + number)
        got.append((number, work.get()))

    threads = [threading.Thread(target=get, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(60)
    for item in "abc":
        work.put(item)
    for thread in threads:
        thread.join()

    assert sorted(got) == [(0, "a"), (1, "b"), (2, "c")]


def test_a_simple_queue_of_a_mock_that_was_left_still_works() -> None:
    with mock_lambda():
        work: queue.SimpleQueue[str] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: work.put(work.get() + "b"))
    thread.start()
    work.put("a")
    thread.join()

    assert work.get(timeout=5) == "ab"


def _go_on_until(is_told: Callable[[], bool]) -> None:
    """Wait in real time until it *is_told*, at most for half a minute, and a little longer."""
    until = time.perf_counter() + 30
    while not is_told() and time.perf_counter() < until:
        threading.Event().wait(0.01)
    threading.Event().wait(0.1)


def test_a_background_loop_does_not_drive_the_clock_away() -> None:
    stop = threading.Event()

    def beat() -> None:
        while not stop.is_set():
            time.sleep(1)

    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        thread = threading.Thread(target=beat, name="heartbeat")
        thread.start()
        with pytest.warns(BackgroundSleepWarning, match='thread "heartbeat" has slept') as warned:
            _go_on_until(lambda: len(warned) > 0)
        assert seconds(m) <= BACKGROUND_SLEEPS + 1
        stop.set()
        thread.join(30)

    assert not thread.is_alive()


def test_a_loop_of_sleeps_that_takes_too_long_in_real_time_is_named() -> None:
    def poll() -> None:
        while True:
            time.sleep(1e-3)

    with mock_lambda(max_sleep=None, hang_after=0.1), pytest.raises(RunawaySleepError, match=r"hang_after=0\.1 real"):
        poll()


def test_a_sleep_names_the_thread_that_it_waits_for_in_vain() -> None:
    stop = threading.Event()

    def spin() -> None:
        time.sleep(1)
        while not stop.is_set():
            pass

    with mock_lambda(hang_after=0.15):
        thread = threading.Thread(target=spin, name="spinner")
        thread.start()
        try:
            with pytest.raises(ValueError, match=r'(?s)thread "spinner" stands at.*in spin') as raised:
                time.sleep(10)
        finally:
            stop.set()
            thread.join()

    assert "set  hang_after=..." in str(raised.value)


def test_a_pool_that_was_made_before_the_mock_does_not_hold_the_clock() -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool, mock_lambda(start="2026-01-01T00:00:00Z") as m:
        slept = [pool.submit(time.sleep, length) for length in (2, 5)]
        for future in slept:
            future.result()
        time.sleep(1)
        with suppress(TimeoutError):
            assert seconds(m) == 6


@pytest.mark.parametrize("name", ["SelectSelector", "PollSelector", "EpollSelector"])
def test_a_server_that_waits_for_requests_does_not_hold_the_clock(mock: LambdaMock, name: str) -> None:
    kind = getattr(selectors, name, selectors.SelectSelector)
    stop = threading.Event()
    waiting, waking = socket.socketpair()

    def serve() -> None:
        with kind() as selector:
            selector.register(waiting, selectors.EVENT_READ)
            while not stop.is_set():
                selector.select(0.01)

    thread = threading.Thread(target=serve)
    thread.start()
    time.sleep(3600)
    stop.set()
    thread.join()
    waiting.close()
    waking.close()

    assert seconds(mock) == 3600
