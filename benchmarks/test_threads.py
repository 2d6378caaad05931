"""What two threads cost beside one: no more than the interpreter's lock explains, as for botocore alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from statistics import median
from typing import Any

from benchmarks.conftest import can, canned_body, client, create
from lambda_states_mock import mock_lambda

CALLS = 300
MARGIN = 1.25  # for noise

Call = Callable[[], Any]
Two = Callable[[], AbstractContextManager[list[Call]]]
"""Two calls, each for a thread of its own."""


@contextmanager
def botocore_alone() -> Iterator[list[Call]]:
    """GetFunctionConfiguration of two clients with a canned answer."""
    clients = [can(client(), canned_body()) for _ in range(2)]
    yield [lambda c=each: c.get_function_configuration(FunctionName="orders") for each in clients]  # type: ignore[misc]


@contextmanager
def getting() -> Iterator[list[Call]]:
    """GetFunctionConfiguration of two clients in one mock."""
    with mock_lambda(timings="instant"):
        clients = [client(), client()]
        create(clients[0], "arn:aws:iam::123456789012:role/orders")
        yield [lambda c=each: c.get_function_configuration(FunctionName="orders") for each in clients]  # type: ignore[misc]


@contextmanager
def invoking() -> Iterator[list[Call]]:
    """Invoke of two clients in one mock."""
    with mock_lambda(timings="instant") as m:
        clients = [client(), client()]
        create(clients[0], "arn:aws:iam::123456789012:role/orders")
        m.handler("orders", returns={})
        yield [lambda c=each: c.invoke(FunctionName="orders")["Payload"].read() for each in clients]  # type: ignore[misc]


def two_beside_one(two: Two, rounds: int = 7) -> float:
    """Return how many times as long two threads take as one thread for as many calls."""
    found = []
    for _ in range(rounds):
        with two() as (one, other):
            for call in (one, other):
                call()
            found.append(_seconds([one, other], CALLS // 2) / _seconds([one], CALLS))
    return median(found)


def _seconds(calls: list[Call], times: int) -> float:
    def work(call: Call) -> None:
        for _ in range(times):
            call()

    threads = [threading.Thread(target=work, args=[call]) for call in calls]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def test_two_threads_that_read_take_no_longer_than_one_beyond_what_botocore_alone_does() -> None:
    assert two_beside_one(getting) <= MARGIN * max(1.0, two_beside_one(botocore_alone))


def test_two_threads_that_invoke_take_no_longer_than_one_beyond_what_botocore_alone_does() -> None:
    assert two_beside_one(invoking) <= MARGIN * max(1.0, two_beside_one(botocore_alone))
