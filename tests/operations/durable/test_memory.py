"""What is kept of durable executions once they are no longer kept."""

from __future__ import annotations

import functools
import gc
import os
import sys
import tracemalloc
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import lambda_states_mock as package
from lambda_states_mock import api_calls, mock_lambda
from lambda_states_mock.clock import moves, thread_frames
from lambda_states_mock.dependencies import role_sessions
from lambda_states_mock.engine import timeline
from lambda_states_mock.execution import environment_record
from lambda_states_mock.invocation import metrics, record
from tests.budget import sized
from tests.deploying import create
from tests.garbage import look_at_what_is_new_alone
from tests.newest_client import newest_client
from tests.operations.durable.replaying import Replay, replaying
from tests.operations.durable.workflows import LATEST

BOUNDED = [
    (api_calls, "KEPT_CALLS"),
    (record, "KEPT_INVOCATIONS"),
    (environment_record, "KEPT_MOVES"),
    (environment_record, "KEPT_LOGS"),
    (environment_record, "KEPT_RECORDS"),
    (environment_record, "KEPT_MOVES_OF_ENDED"),
    (environment_record, "KEPT_LOGS_OF_ENDED"),
    (moves, "KEPT_MOVES"),
    (role_sessions, "KEPT_SESSIONS"),
    (timeline, "KEPT_CHANGES"),
    (metrics, "KEPT_MINUTES"),
    (metrics, "COUNTED_AT_ONCE"),
]
"""What a test looks at afterwards is kept up to a number."""
CLEAR_PYTHONS_CACHES: Any = getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache
"""Python's cache of attributes keeps up to 4,096 names. Since 3.13 the function has another name."""
ROUNDS, IN_A_ROUND, INVOCATIONS = 5, sized(4, 8), 3
A_RECORD = 250
"""Bytes: the record of an execution, or of an operation, takes more."""


def objects() -> Counter[type]:
    """Count the package's objects by their types."""
    gc.collect()
    return Counter(type(one) for one in gc.get_objects() if str(type(one).__module__).startswith("lambda_states_mock"))


def limited_caches() -> list[Any]:
    """Return the caches that keep up to a number, of all libraries."""
    # isinstance() asks weak proxies, whose objects may be gone
    caches: list[Any] = [one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper]
    return [one for one in caches if one.cache_parameters()["maxsize"] is not None]


@pytest.fixture
def caches_before() -> list[Any]:
    """Let nobody look through what is there before the test, which are the objects of the whole run.

    What is left to look at is what the test makes. The value: the limited caches that are out of sight.
    """
    gc.unfreeze()
    caches = limited_caches()
    look_at_what_is_new_alone()
    return caches


def held(caches_before: list[Any]) -> int:
    """Return the bytes that the package's own lines have allocated and not given back, but for caches with a limit.

    Left out are the frames of stacks that stand: Python makes them for whoever asks first, and that line is ours.
    """
    for one in caches_before + limited_caches():
        one.cache_clear()
    gc.collect()
    CLEAR_PYTHONS_CACHES()
    by_file = {one.traceback[0].filename: one.size for one in tracemalloc.take_snapshot().statistics("filename")}
    ours, but = f"{Path(package.__file__).parent}{os.sep}", str(thread_frames.__file__)
    return sum(size for name, size in by_file.items() if name.startswith(ours) and name != but)


def test_nothing_grows_with_executions_that_are_gone(monkeypatch: pytest.MonkeyPatch, caches_before: list[Any]) -> None:
    for module, name in BOUNDED:
        monkeypatch.setattr(module, name, 1)

    def work(replay: Replay) -> int:
        replay.step("one", lambda _attempt: 1)
        replay.wait("nap", 60)
        replay.callback("asked", TimeoutSeconds=10)
        return 1

    with mock_lambda() as m:
        client: Any = newest_client()
        create(client, DurableConfig={"ExecutionTimeout": 600, "RetentionPeriodInDays": 1})
        m.clock.run_until_idle()
        m.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
        counts, sizes = [], []
        tracemalloc.start()
        try:
            for _ in range(ROUNDS):
                for _ in range(IN_A_ROUND):
                    client.invoke(**LATEST, InvocationType="Event", Payload=b"{}")
                m.clock.advance(timedelta(days=2))
                counts.append(objects())
                sizes.append(held(caches_before))
        finally:
            tracemalloc.stop()

        assert list(m.metrics.by_minute("Invocations", "orders"))[:-1] == []
        assert m.metrics.sum("Invocations", "orders") == ROUNDS * IN_A_ROUND * INVOCATIONS
        # What grows does so in each round. What a thread or a cache of the whole run adds comes in some.
        assert Counter() in [after - before for before, after in pairwise(counts)]
        assert min(after - before for before, after in zip(sizes, sizes[2:], strict=False)) < 2 * IN_A_ROUND * A_RECORD
