"""Dead-letter queues of durable functions: an execution that began asynchronously and has failed is sent there.

Durable functions have dead-letter queues and no destinations (durable-invoking.html). That one which has timed out is
sent, too, and one that was stopped is not, is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.invocation.async_queue import RETRIES_EXHAUSTED
from lambda_states_mock.invocation.destinations import Letter, Sender
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.resources.function import NOTHING


def bury(durable: Durable, error: Mapping[str, Any]) -> None:
    """Send the event of *durable*, which has ended with *error*, to the dead-letter queue of its version, if any."""
    execution, partition = durable.record, durable.partition
    version = partition.version(execution.function, execution.version)
    target = version.live_configuration.dead_letter_target if version is not None else None
    if target is None:
        return
    qualifier = execution.function_arn.rsplit(":", 1)[-1]
    sender = Sender(partition.place, execution.function, qualifier, NOTHING, target)
    letter = Letter(execution.request_id, (execution.payload or "").encode(), execution.trace)
    durable.runs.destinations.bury(sender, letter, RETRIES_EXHAUSTED, str(error.get("ErrorMessage", "")))
