"""What is kept of durable executions once they are no longer kept."""

from __future__ import annotations

import gc
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import api_calls, mock_lambda
from lambda_states_mock.clock import moves
from lambda_states_mock.dependencies import role_sessions
from lambda_states_mock.engine.timeline import Transition
from lambda_states_mock.execution import environment_record, pool
from lambda_states_mock.invocation import record
from lambda_states_mock.invocation.metrics import Statistics
from tests.deploying import create
from tests.newest_client import newest_client
from tests.operations.durable.replaying import Replay, replaying
from tests.operations.durable.workflows import LATEST

BOUNDED = [
    (api_calls, "KEPT_CALLS"),
    (record, "KEPT_INVOCATIONS"),
    (environment_record, "KEPT_MOVES"),
    (environment_record, "KEPT_LOGS"),
    (moves, "KEPT_MOVES"),
    (pool, "KEPT_RECORDS"),
    (role_sessions, "KEPT_SESSIONS"),
]
"""What a test looks at afterwards is kept up to a number."""


def objects() -> Counter[type]:
    """Count the package's objects by their types, but for the timeline and the metrics, which tell the whole story."""
    gc.collect()
    ours = (type(one) for one in gc.get_objects() if str(type(one).__module__).startswith("lambda_states_mock"))
    return Counter(one for one in ours if one not in (Transition, Statistics))


def test_nothing_but_timeline_and_metrics_grows_with_executions_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
        counts = []
        for _ in range(3):
            for _ in range(6):
                client.invoke(**LATEST, InvocationType="Event", Payload=b"{}")
            m.clock.advance(timedelta(days=2))
            counts.append(objects())

        assert len(m.invocations("orders")) == 1
        assert counts[2] - counts[1] == Counter()
