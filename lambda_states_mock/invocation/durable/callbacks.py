"""Callbacks of durable executions, as others answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambda_states_mock.invocation.durable.execution import Durable, DurableRuns
from lambda_states_mock.invocation.durable.operations import time_callback
from lambda_states_mock.service_errors import CALLBACK_CLOSED, CALLBACK_NOT_FOUND
from lambda_states_mock.states.durable_operation import OperationEvent
from lambda_states_mock.store import Partition


def call_back(
    runs: DurableRuns,
    partition: Partition,
    callback: str,
    event: OperationEvent,
    *,
    result: str | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Let *event* happen to the callback with the id *callback*.

    Raises ResourceNotFoundException for an unknown one, CallbackTimeoutException for one that is closed.
    """
    key = partition.durable_callbacks.get(callback)
    if key is None:
        raise CALLBACK_NOT_FOUND.error(callback=callback)
    durable = Durable(runs, partition, key[:2])
    one, machine = durable.operation(key[2]), durable.machine_of(key[2])
    if one is None or machine is None or not durable.is_open():
        raise CALLBACK_CLOSED.error()
    runs.driver.check(machine, event)
    if event is OperationEvent.HEARTBEAT:
        one = replace(one, heard=durable.now)
        durable.story.operations[one.id] = one
        time_callback(durable, machine, one)
    else:
        durable.put(replace(one, result=result, error=error))
    runs.driver.fire(machine, event)
