"""Ten minutes of traffic: a hundred requests a second to a handler that takes 300 ms.

Little's law says that thirty of them run at any time (100 a second x 0.3 s), and so many environments there must be.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import timedelta
from typing import Any

import pytest

from benchmarks.conftest import client, create
from lambda_states_mock import LambdaMock, api_calls, mock_lambda
from lambda_states_mock.engine import timeline
from lambda_states_mock.invocation import record

RATE, LENGTH = 100, timedelta(milliseconds=300)
MINUTES = 10
REAL_SECONDS = 60  # at most, on two cores
KEPT = 10_000
GROWTH = 16  # MB that may come on top in the second half


def a_minute_of_traffic(m: LambdaMock, lambda_client: Any) -> None:
    for _ in range(60 * RATE):
        lambda_client.invoke(FunctionName="orders", InvocationType="Event", Payload=b'{"order": 1}')
        m.clock.advance(timedelta(seconds=1) / RATE)


def megabytes() -> float:
    """Return the most memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024 * 1024)


def test_ten_minutes_of_traffic_need_the_environments_of_littles_law(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((api_calls, "KEPT_CALLS"), (record, "KEPT_INVOCATIONS"), (timeline, "KEPT_CHANGES")):
        monkeypatch.setattr(module, name, KEPT)  # full before halfway, as in a soak they are some time
    with mock_lambda(timings="instant") as m:
        lambda_client = client()
        create(lambda_client, "arn:aws:iam::123456789012:role/orders")
        m.handler("orders", call=lambda event, _context: event, duration=LENGTH)
        began = time.perf_counter()
        for _ in range(MINUTES // 2):
            a_minute_of_traffic(m, lambda_client)
        halfway = megabytes()
        for _ in range(MINUTES // 2):
            a_minute_of_traffic(m, lambda_client)
        m.clock.run_until_idle()
        took = time.perf_counter() - began

        assert m.metrics.sum("Invocations", "orders") == MINUTES * 60 * RATE
        assert m.metrics.maximum("ConcurrentExecutions", "orders") == RATE * LENGTH.total_seconds()
        assert len({one.environment for one in m.invocations("orders")}) == RATE * LENGTH.total_seconds()
        assert m.metrics.sum("Throttles") + m.metrics.sum("Errors") == 0
    print(f"{took:.1f} s, {megabytes() - halfway:.0f} MB more than halfway")
    assert took < REAL_SECONDS
    assert megabytes() - halfway < GROWTH
