"""What moved the clock, and from which line of the test."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import boto3
import pytest
from freezegun import freeze_time

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create

START = "2026-01-01T00:00:00Z"
HERE = Path(__file__).name


def line_of(function: Callable[..., Any], text: str) -> int:
    """Return the number of the line of *function* that has *text*."""
    code = function.__code__
    lines = Path(code.co_filename).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if number > code.co_firstlineno and text in line)


def moves(m: LambdaMock) -> list[tuple[str, int]]:
    """Return what moved the clock of *m*, and from which line of this file."""
    origins = [move.origin for move in m.clock.moves]
    assert {Path(one.file or "").name for one in origins} <= {HERE}
    return [(one.by, one.line or 0) for one in origins]


def by_hand(m: LambdaMock) -> None:
    m.clock.advance(5)  # advance
    m.clock.advance_to("2026-01-01T00:00:10Z")  # to
    m.clock.advance_until(lambda: m.clock.now.second == 15, within=60)  # until
    m.clock.call_later(5, lambda: None, label="one")
    m.clock.step()  # step
    m.clock.call_later(5, lambda: None, label="another")
    m.clock.run_until_idle()  # idle


def test_each_way_to_move_the_clock_is_told_with_its_line() -> None:
    with mock_lambda(start=START) as m:
        m.clock.call_at("2026-01-01T00:00:15Z", lambda: None, label="one", background=True)
        by_hand(m)

    assert moves(m) == [
        ("m.clock.advance()", line_of(by_hand, "# advance")),
        ("m.clock.advance_to()", line_of(by_hand, "# to")),
        ("m.clock.advance_until()", line_of(by_hand, "# until")),
        ("m.clock.step()", line_of(by_hand, "# step")),
        ("m.clock.run_until_idle()", line_of(by_hand, "# idle")),
    ]


def test_a_move_over_many_timers_is_one() -> None:
    with mock_lambda(start=START) as m:
        for second in range(1, 6):
            m.clock.call_later(second, lambda: None, label=f"timer {second}")
        m.clock.advance(10)

    (move,) = m.clock.moves
    assert (move.start, move.end) == (m.clock.now - (move.end - move.start), m.clock.now)
    assert (move.end - move.start).total_seconds() == 10


def waiting(client: Any, m: LambdaMock) -> None:
    time.sleep(0.5)  # sleep
    client.get_waiter("function_active_v2").wait(FunctionName="orders")  # waiter
    client.invoke(FunctionName="orders", Payload=b"{}")  # invoke


def test_a_sleep_a_waiter_and_a_run_are_told_with_the_line_that_waits() -> None:
    with mock_lambda(start=START) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        m.handler("orders", returns=1, duration=3)
        create(client)
        waiting(client, m)

    assert list(dict.fromkeys(moves(m))) == [
        ("time.sleep", line_of(waiting, "# sleep")),
        ("a waiter", line_of(waiting, "# waiter")),
        ("the length of a function's run", line_of(waiting, "# invoke")),
    ]


def test_what_a_handler_sleeps_is_told_with_its_own_line() -> None:
    def handler(event: Any, context: Any) -> None:
        time.sleep(2)  # in the handler

    with mock_lambda(start=START, timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", call=handler)
        client.invoke(FunctionName="orders", Payload=b"{}")

    assert moves(m) == [("time.sleep", line_of(handler, "# in the handler"))]


def test_a_call_that_does_not_move_the_clock_looks_at_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def looked(depth: int = 0) -> FrameType:
        asked.append(depth)
        return original(depth + 1)

    original = sys._getframe
    with mock_lambda(start=START, timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", returns=1)
        monkeypatch.setattr("lambda_states_mock.adapters.move_origins.sys._getframe", looked)
        client.invoke(FunctionName="orders", Payload=b"{}")
        assert asked == []
        m.clock.advance(1)
        assert asked == [1]


def test_a_client_that_tries_again_is_told() -> None:
    def ask(client: Any) -> None:
        client.list_functions()  # asks twice

    with mock_lambda(start=START) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        m.faults.on_call("ListFunctions").error("TooManyRequestsException", times=1)
        ask(client)

    assert moves(m) == [("a client's wait before it tries again", line_of(ask, "# asks twice"))]


def test_a_fault_that_delays_a_call_is_told() -> None:
    def ask(client: Any) -> None:
        client.list_functions()  # late

    with mock_lambda(start=START) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        m.faults.on_call("ListFunctions").delay(3)
        ask(client)

    assert moves(m) == [("a fault, which delays the call", line_of(ask, "# late"))]


def test_threads_that_sleep_side_by_side_are_told_apart() -> None:
    def short() -> None:
        time.sleep(2)  # short

    def long() -> None:
        time.sleep(5)  # long

    with mock_lambda(start=START) as m:
        threads = [threading.Thread(target=one) for one in (short, long)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    lines = {line_of(short, "# short"), line_of(long, "# long")}
    told = moves(m)
    assert {line for _, line in told} == lines
    assert (m.clock.now - next(iter(m.clock.moves)).start).total_seconds() == 5


def test_an_async_sleep_is_told() -> None:
    async def sleeper() -> None:
        await asyncio.sleep(3)

    def main() -> None:
        asyncio.run(sleeper())  # run

    with mock_lambda(start=START) as m:
        main()

    assert moves(m) == [("asyncio.sleep", line_of(main, "# run"))]


def test_a_frozen_clock_that_ticks_is_told() -> None:
    def look(m: LambdaMock) -> None:
        assert m.clock.now.second == 7  # look

    with freeze_time("2026-01-01T00:00:00Z") as frozen, mock_lambda() as m:
        frozen.tick(7)
        look(m)

    assert moves(m) == [("a stopped clock (freezegun or time-machine)", line_of(look, "# look"))]


def test_lines_of_libraries_are_passed_over() -> None:
    source = compile("m.clock.advance(1)", "/usr/lib/python3/dist-packages/tool.py", "exec")

    def use_it(m: LambdaMock) -> None:
        exec(source, {"__name__": "tool", "m": m})  # of a library

    with mock_lambda(start=START) as m:
        use_it(m)

    assert moves(m) == [("m.clock.advance()", line_of(use_it, "# of a library"))]


def test_where_all_lines_are_libraries_the_nearest_is_told() -> None:
    source = compile("\nm.clock.advance(1)", "/usr/lib/python3/dist-packages/tool.py", "exec")
    with mock_lambda(start=START) as m:
        thread = threading.Thread(target=exec, args=(source, {"__name__": "tool", "m": m}))
        thread.start()
        thread.join()

    (move,) = m.clock.moves
    assert (move.origin.file, move.origin.line) == ("/usr/lib/python3/dist-packages/tool.py", 2)
