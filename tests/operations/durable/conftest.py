"""The durable function ``orders``, driven by handlers that speak the protocol of the SDK (function-states 7.5)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create
from tests.operations.durable.workflows import Script, Workflow


@pytest.fixture
def sdk_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a thread of AWS's SDK look more often whether there is more to send, or nothing more to come.

    It waits a tenth of a second of real time before each checkpoint, and at the end of each invocation.
    """
    state = importlib.import_module("aws_durable_execution_sdk_python.state")
    monkeypatch.setattr(state, "_STOP_SIGNAL_POLL_SECONDS", 0.03, raising=False)


@pytest.fixture
def durable(mock: LambdaMock, client: Any) -> None:
    """The durable function ``orders``, which may take ten minutes."""
    create(client, DurableConfig={"ExecutionTimeout": 600, "RetentionPeriodInDays": 2})
    mock.clock.run_until_idle()


@pytest.fixture
def workflow(mock: LambdaMock, client: Any, durable: None) -> Workflow:
    """Return a function that makes a generator the code of ``orders``.

    The generator is what the SDK would make of a workflow: it yields lists of updates, each a checkpoint, or an answer,
    which suspends or ends the execution; a new invocation goes on behind the yield. It gets back the operations by id.
    """

    def use(script: Callable[[], Script]) -> None:
        running: dict[str, Script] = {}

        def handler(event: dict[str, Any], _context: Any) -> Any:
            arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
            steps = running.get(arn)
            operations = {one["Id"]: one for one in event["InitialExecutionState"]["Operations"]}
            if steps is None:
                steps = running[arn] = script()
                said = next(steps)
            else:
                said = steps.send(operations)
            while isinstance(said, list):
                answer = client.checkpoint_durable_execution(
                    DurableExecutionArn=arn, CheckpointToken=token, Updates=said
                )
                token = answer["CheckpointToken"]
                said = steps.send({one["Id"]: one for one in answer["NewExecutionState"]["Operations"]})
            return said

        mock.handler("orders", call=handler)

    return use
