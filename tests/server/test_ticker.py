"""Time that passes by itself: timers fall due in real time, though nobody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.ticker import LONGEST_WAIT, SHORTEST_WAIT, Ticker
from lambda_states_mock.server.worlds import Worlds
from tests.deploying import create

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"


class Stopwatch:
    """Real time, as the test has it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def complaints() -> list[Exception]:
    return []


@pytest.fixture
def ticking(mock: LambdaMock, watch: Stopwatch, complaints: list[Exception]) -> Callable[[str], Ticker]:
    """Return a ticker, not begun, of the mock with a clock."""

    def made(clock: str) -> Ticker:
        return Ticker(Worlds(policy_maker(clock, stopwatch=watch), first=mock), complaints.append)

    return made


def test_what_is_due_happens_though_nobody_asks(
    mock: LambdaMock, client: Any, watch: Stopwatch, ticking: Callable[[str], Ticker]
) -> None:
    mock.timings["create"] = 45
    create(client)
    ticker = ticking("real")
    watch.seconds = 44
    ticker.tick()
    assert mock.function("orders").state == "Pending"
    watch.seconds = 45
    ticker.tick()
    assert mock.function("orders").state == "Active"


def test_with_a_factor_time_passes_as_many_times_faster(
    mock: LambdaMock, client: Any, watch: Stopwatch, ticking: Callable[[str], Ticker]
) -> None:
    mock.timings["create"] = 45
    create(client)
    ticker = ticking("factor=60")
    watch.seconds = 0.75
    ticker.tick()
    assert mock.function("orders").state == "Active"


def test_it_comes_back_when_the_next_timer_is_due(
    mock: LambdaMock, client: Any, watch: Stopwatch, ticking: Callable[[str], Ticker]
) -> None:
    mock.timings["create"] = 45
    create(client)
    ticker = ticking("factor=900")
    assert ticker.tick() == pytest.approx(0.05)
    watch.seconds = 0.049
    assert ticker.tick() == SHORTEST_WAIT  # no busy loop
    watch.seconds = 0.05
    ticker.tick()
    assert ticker.tick() == LONGEST_WAIT  # fourteen days until it is idle: a new timer may be due before


def test_the_clock_stands_while_nothing_is_due(
    mock: LambdaMock, watch: Stopwatch, ticking: Callable[[str], Ticker]
) -> None:
    ticker, before = ticking("real"), mock.clock.now
    watch.seconds = 3_600
    ticker.tick()
    assert mock.clock.now == before


@pytest.mark.parametrize("clock", ["frozen", "jump", "settle"])
def test_other_clocks_do_not_move(
    mock: LambdaMock, client: Any, watch: Stopwatch, ticking: Callable[[str], Ticker], clock: str
) -> None:
    create(client)
    ticker, before = ticking(clock), mock.clock.now
    watch.seconds = 3_600
    assert ticker.tick() == LONGEST_WAIT
    assert mock.clock.now == before


def test_pollers_poll_and_failed_batches_come_back(
    mock: LambdaMock, settled: Any, watch: Stopwatch, ticking: Callable[[str], Ticker]
) -> None:
    seen: list[int] = []

    @mock.handler("orders")
    def orders(event: Any, _context: Any) -> None:
        seen.append(len(event["Records"]))
        if len(seen) == 1:
            raise ValueError("not yet")

    settled.create_event_source_mapping(FunctionName="orders", EventSourceArn=QUEUE)
    mock.clock.run_until_idle()
    ticker = ticking("real")
    mock.source(QUEUE).put("one")
    for second in range(60):
        watch.seconds = second
        ticker.tick()
    assert seen == [1, 1]


def test_what_a_timer_raises_does_not_stop_it(
    mock: LambdaMock, watch: Stopwatch, ticking: Callable[[str], Ticker], complaints: list[Exception]
) -> None:
    def fail() -> None:
        raise RuntimeError("of the test")

    mock.clock.call_later(1, fail, label="a timer of the test")
    ticker = ticking("real")
    watch.seconds = 1
    ticker.tick()
    assert [str(one) for one in complaints] == ["of the test"]
    assert ticker.tick() == LONGEST_WAIT


def test_small_pieces_of_time_add_up(mock: LambdaMock, watch: Stopwatch) -> None:
    policy = policy_maker("real", stopwatch=watch)(mock)
    before = mock.clock.now
    for number in range(1, 1_001):  # a thousand requests a second move a clock as one does
        watch.seconds = number / 1_000
        policy.before("client", "read", lambda: None)
    assert (mock.clock.now - before).total_seconds() == 1


def test_a_served_mock_lets_time_pass_on_a_thread() -> None:
    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        m.timings["create"] = 45
        active = threading.Event()
        m.clock.call_later(46, active.set, label="a minute later")
        create(client)
        served = m.serve(clock="factor=3600")
        assert active.wait(10)
        assert m.function("orders").state == "Active"
        served.close()
        before = threading.active_count()
    assert threading.active_count() <= before


def test_a_mock_whose_waits_move_the_clock_is_not_moved_by_the_ticker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_states_mock.server.ticker.LONGEST_WAIT", SHORTEST_WAIT)
    with mock_lambda(start="2026-01-01T00:00:00Z", sleep="waits") as m:
        before = m.clock.now
        served = m.serve(clock="real")
        end = time.perf_counter() + 10 * SHORTEST_WAIT
        while time.perf_counter() < end:  # it waits meanwhile, several times
            pass
        served.close()
        assert m.clock.now == before
