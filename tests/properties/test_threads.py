"""Threads that sleep take turns: what they do is the same, however busy the machine is, and whatever the seed."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_states_mock import mock_lambda
from tests.budget import sized
from tests.deploying import create, zip_of

SEEDS = sized(2, 200)
STEPS = 6
NAP = zip_of("import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n")


def napping(event: float, _context: object) -> float:
    """Sleep as many seconds as the event says, as a handler."""
    time.sleep(event)
    return event


@contextmanager
def burning(count: int) -> Iterator[None]:
    """Let *count* threads compute in the ``with`` block."""
    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=burn) for _ in range(count)]
    interval = sys.getswitchinterval()
    for thread in threads:
        thread.start()
    sys.setswitchinterval(interval / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        for thread in threads:
            thread.join()


def lives(seed: int) -> str:
    """Return all that threads, each with a random life, have seen and done: two to sixteen of them."""
    told = io.StringIO()
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=seed) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        for name in ("zip", "registered"):
            create(client, name, Code={"ZipFile": NAP}, Timeout=60)
        m.handler("registered", call=napping)
        m.clock.run_until_idle()

        def live(number: int) -> None:
            chance = random.Random(f"{seed} {number}")
            for step in range(STEPS):
                # Each to an instant of its own: between two sleeps, only one of them acts.
                instant = (m.clock.now.timestamp() * 1e6 // 1e4 + chance.randint(1, 500)) * 1e4 + number * 10 + step
                time.sleep(instant / 1e6 - m.clock.now.timestamp())
                print(number, step, m.clock.now.isoformat(), act(client, chance), file=told)

        threads = [threading.Thread(target=live, args=(number,)) for number in range(2 + seed % 15)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        m.clock.run_until_idle()
        print(m.timeline, file=told)
        for name in ("zip", "registered"):
            for run in m.invocations(name):
                print(run, run.log, file=told)
    return told.getvalue()


def act(client: Any, chance: random.Random) -> object:
    """Make a call at random, or none, and return what it answers."""
    name, number = chance.choice(["zip", "registered"]), chance.randint(0, 3)
    calls: dict[str, Callable[[], Any]] = {
        "get": lambda: client.get_function_configuration(FunctionName=name)["RevisionId"],
        "update": lambda: client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=50 + number),
        "invoke": lambda: client.invoke(FunctionName=name, Payload=str(number))["Payload"].read(),
        "event": lambda: client.invoke(FunctionName=name, InvocationType="Event", Payload=str(number))["StatusCode"],
        "sleep": lambda: None,
    }
    return calls[chance.choice(list(calls))]()


@pytest.mark.parametrize("seed", range(1, 1 + SEEDS))
def test_lives_of_threads_are_the_same_bytes_on_a_busy_machine(seed: int) -> None:
    alone = lives(seed)

    with burning(2):
        assert lives(seed) == alone


def left_behind() -> dict[str, Any]:
    """Return what a process has, and must not have more of after a mock."""
    descriptors = Path("/proc/self/fd")  # of Linux
    return {
        "variables": dict(os.environ),
        "modules": {name for name, module in sys.modules.items() if "lambda-states-mock-" in str(module)},
        "log handlers": logging.root.handlers[:],
        "threads": threading.enumerate(),
        "descriptors": len(list(descriptors.iterdir())) if descriptors.is_dir() else 0,
        "folders": list(Path(tempfile.gettempdir()).glob("lambda-states-mock-*")),
    }


def test_lives_of_threads_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lives(6)  # what is made once, such as connections of a client, is made
    before = left_behind()

    lives(6)

    after = left_behind()
    assert set(after.pop("threads")) <= set(before.pop("threads"))  # those of libraries end when they like
    assert after == before


@pytest.mark.parametrize(("workers", "count", "length"), [(2, sized(20, 60), 1), (sized(20, 50), sized(20, 50), 2)])
def test_no_invocation_of_a_pool_is_refused_or_out_of_time(workers: int, count: int, length: float) -> None:
    with burning(1), mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", call=lambda _event, context: napping(length, context))

        with ThreadPoolExecutor(workers) as pool:
            answers = [pool.submit(client.invoke, FunctionName="orders") for _ in range(count)]

        assert [answer.result()["Payload"].read() for answer in answers] == [str(length).encode()] * count


sleeps = st.lists(st.integers(1, 5000), min_size=1, max_size=4)


def due(lengths: list[list[int]]) -> list[tuple[int, int]]:
    """Return when each sleeper wakes, and which one: in this order."""
    woken = []
    for number, own in enumerate(lengths):
        at = 0
        for length in own:
            at += length * 100 + number  # never two at once
            woken.append((at, number))
    return sorted(woken)


@settings(max_examples=sized(15, 100), deadline=None)
@given(st.lists(sleeps, min_size=1, max_size=5), st.lists(sleeps, min_size=0, max_size=4), st.booleans())
def test_sleepers_of_threads_and_loops_wake_in_the_order_of_their_deadlines(
    of_threads: list[list[int]], of_loops: list[list[int]], in_one_loop: bool
) -> None:
    woken: list[tuple[int, int]] = []
    everybody = [*of_threads, *of_loops]

    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        began = m.clock.now

        def note(number: int) -> None:
            woken.append((round((m.clock.now - began).total_seconds() * 1e5), number))

        def sleep(number: int) -> None:
            for length in everybody[number]:
                time.sleep((length * 100 + number) / 1e5)
                note(number)

        async def nap(number: int) -> None:
            for length in everybody[number]:
                await asyncio.sleep((length * 100 + number) / 1e5)
                note(number)

        async def together(numbers: list[int]) -> None:
            await asyncio.gather(*map(nap, numbers))

        numbers = list(range(len(of_threads), len(everybody)))
        loops = [numbers] if in_one_loop else [[number] for number in numbers]
        threads = [threading.Thread(target=sleep, args=(number,)) for number in range(len(of_threads))]
        threads += [threading.Thread(target=lambda own=own: asyncio.run(together(own))) for own in loops if own]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert woken == due(everybody)


@settings(max_examples=sized(12, 100), deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=5, unique=True), st.integers(1, 100))
def test_a_task_that_is_cancelled_while_it_sleeps_moves_nothing(lengths: list[int], at: int) -> None:
    woken: list[float] = []

    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        began = m.clock.now

        async def nap(length: int) -> None:
            await asyncio.sleep(length)
            woken.append((m.clock.now - began).total_seconds())

        async def main() -> None:
            tasks = [asyncio.create_task(nap(length)) for length in lengths]
            await asyncio.sleep(at + 0.5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run(main())
        elapsed = (m.clock.now - began).total_seconds()

    assert (woken, elapsed) == ([length for length in sorted(lengths) if length <= at], at + 0.5)


@pytest.mark.parametrize("way", ["to_thread", "run_in_executor"])
def test_threads_of_a_loop_and_its_coroutines_sleep_together(way: str) -> None:
    woken: list[int] = []

    with mock_lambda():

        def work(length: int) -> None:
            time.sleep(length)
            woken.append(length)

        async def nap(length: int) -> None:
            await asyncio.sleep(length)
            woken.append(length)

        async def main() -> None:
            loop = asyncio.get_running_loop()
            other: list[Any] = [
                asyncio.to_thread(work, length) if way == "to_thread" else loop.run_in_executor(None, work, length)
                for length in (2, 4)
            ]
            await asyncio.gather(nap(1), nap(3), nap(5), *other)

        asyncio.run(main())

    assert woken == [1, 2, 3, 4, 5]
