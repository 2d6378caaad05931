"""A soak: calls without end need no more memory, however many have gone before.

``SOAK_CALLS=1000000 python -m pytest benchmarks/test_soak.py -s`` makes a million calls.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.conftest import client, create
from lambda_states_mock import api_calls, mock_lambda
from lambda_states_mock.clock import moves
from lambda_states_mock.engine import timeline
from lambda_states_mock.execution import environment_record
from lambda_states_mock.invocation import metrics, record

CALLS = int(os.environ.get("SOAK_CALLS", "100000"))
KEPT = min(100_000, CALLS // 20)
"""So much is kept of calls, invocations and changes: also of these, two in eleven calls, so many come in a third."""
ROUNDS = CALLS // 3 // 11
"""In a third. A round takes a second of the clock, and its update ends an environment; another one serves two hours."""
BOUNDS = {
    (api_calls, "KEPT_CALLS"): KEPT,
    (record, "KEPT_INVOCATIONS"): KEPT,
    (timeline, "KEPT_CHANGES"): KEPT,
    (environment_record, "KEPT_RECORDS"): min(10_000, ROUNDS // 2),
    (environment_record, "KEPT_MOVES_OF_ENDED"): min(100_000, ROUNDS),
    (environment_record, "KEPT_LOGS_OF_ENDED"): min(10_000, ROUNDS // 10),
    (environment_record, "KEPT_MOVES"): min(10_000, ROUNDS // 20),
    (environment_record, "KEPT_LOGS"): min(1_000, ROUNDS // 20),
    (moves, "KEPT_MOVES"): min(10_000, ROUNDS // 2),
    (metrics, "KEPT_MINUTES"): max(ROUNDS // 120, 5),
}
"""What is kept up to a number: all of it is full after the first third."""
GROWTH = 4.0  # MB that the last third may need more than the second


def megabytes() -> float:
    """Return the memory that this process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def calls_of(of: Any) -> list[Callable[[], Any]]:
    """Return calls as a test of a service makes them, to be made in turn."""
    event = b'{"order": 1}'
    invoke = [
        lambda: of.invoke(FunctionName="orders", Payload=event)["Payload"].read(),
        lambda: of.invoke(FunctionName="called", Payload=event)["Payload"].read(),
        lambda: of.invoke(FunctionName="orders", InvocationType="Event", Payload=event),
    ]
    looks = [lambda: of.get_function_configuration(FunctionName="orders")]
    update = [lambda: of.update_function_configuration(FunctionName="orders", MemorySize=256)]
    return [*invoke * 3, *looks, *update]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_calls_without_end_need_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for (module, name), kept in BOUNDS.items():
        monkeypatch.setattr(module, name, kept)
    with mock_lambda(timings="instant") as m:
        lambda_client = client()
        create(lambda_client, "arn:aws:iam::123456789012:role/orders")
        lambda_client.create_function(
            FunctionName="called",
            Role="arn:aws:iam::123456789012:role/orders",
            Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/called:1"},
            PackageType="Image",
        )
        m.handler("orders", returns={"ok": True})
        m.handler("called", call=lambda order, _context: order)
        calls = calls_of(lambda_client)
        used, began = [], time.process_time()
        for _ in range(3):
            for _ in range(ROUNDS):
                for call in calls:
                    call()
                m.clock.advance(timedelta(seconds=1))
            gc.collect()
            used.append(megabytes())
        each = (time.process_time() - began) / CALLS
        assert len(m.calls) >= CALLS - 3 * len(calls)
        assert len(list(islice(m.calls, CALLS))) <= KEPT
    print(f"{CALLS} calls: {', '.join(f'{one:.0f}' for one in used)} MB after each third; {each * 1e6:.0f} us each")
    assert used[2] - used[1] < GROWTH
