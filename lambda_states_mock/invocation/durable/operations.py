"""Operations of durable executions: what an update of a checkpoint makes of one, and how it comes to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.invocation.durable.execution import Durable, OperationMachine
from lambda_states_mock.invocation.durable.history import operation_event
from lambda_states_mock.invocation.durable.invocations import wake
from lambda_states_mock.invocation.durable.rules import Update
from lambda_states_mock.resources.durable_execution import ChainedTarget, DurableOperation, OperationKey
from lambda_states_mock.states.durable_operation import (
    AWAITED,
    CLOSED_STATUSES,
    DURABLE_OPERATION,
    OperationEvent,
    OperationStatus,
)

CALLBACK_ID_LENGTH = 48

TIMED_OUT: Mapping[str, str] = MappingProxyType({"ErrorType": "Callback.Timeout", "ErrorMessage": "Callback timed out"})
UNHEARD: Mapping[str, str] = MappingProxyType(
    {"ErrorType": "Callback.Heartbeat", "ErrorMessage": "Callback timed out on heartbeat"}
)


def updated(before: DurableOperation | None, update: Update, *, blank: DurableOperation) -> DurableOperation:
    """Return an operation as *update* leaves it. Pure; *blank*, what it is where nothing was there before."""
    action = update["Action"]
    if action == "START":
        return _started(before or blank, update)
    one = before or blank
    if action == "RETRY":
        delay = seconds_of(update, "StepOptions", "NextAttemptDelaySeconds")
        due = blank.started + timedelta(seconds=delay)
        one = replace(one, attempt=one.attempt + 1, retry_delay=delay, next_attempt=due)
        return replace(one, result=update.get("Payload"), error=update.get("Error"))
    if action == "CANCEL":
        return replace(one, error=update.get("Error"))
    replay = bool((update.get("ContextOptions") or {}).get("ReplayChildren"))
    attempt = one.attempt + (one.type == "STEP")
    return replace(
        one, attempt=attempt, result=update.get("Payload"), error=update.get("Error"), replay_children=replay
    )


def blank_operation(key: OperationKey, number: int, update: Update, now: datetime) -> DurableOperation:
    """Return an operation that *update* is the first to speak of."""
    return DurableOperation(
        execution=(key[0], key[1]),
        number=number,
        id=update["Id"],
        type=update["Type"],
        started=now,
        parent_id=update.get("ParentId"),
        name=update.get("Name"),
        sub_type=update.get("SubType"),
    )


def _started(one: DurableOperation, update: Update) -> DurableOperation:
    if one.type == "WAIT":
        return replace(one, ends=one.started + timedelta(seconds=seconds_of(update, "WaitOptions", "WaitSeconds")))
    if one.type == "CHAINED_INVOKE":
        options = update["ChainedInvokeOptions"]
        target = ChainedTarget(
            function=options["FunctionName"], payload=update.get("Payload"), tenant=options.get("TenantId")
        )
        return replace(one, chained=target)
    if one.type != "CALLBACK":
        return one
    timeout = seconds_of(update, "CallbackOptions", "TimeoutSeconds")
    heartbeat = seconds_of(update, "CallbackOptions", "HeartbeatTimeoutSeconds")
    return replace(
        one,
        heard=one.started,
        deadline=one.started + timedelta(seconds=timeout) if timeout else None,
        heartbeat=timedelta(seconds=heartbeat) if heartbeat else None,
    )


def seconds_of(update: Update, options: str, member: str) -> int:
    """Return a number of seconds in the options of an update; 0 where there is none."""
    seconds: int = (update.get(options) or {}).get(member) or 0
    return seconds


def limit_of(one: DurableOperation) -> tuple[datetime, Mapping[str, str]] | None:
    """Return when a callback times out unless it is heard of, and with which error; None: never. Pure."""
    limits = []
    if one.deadline is not None:
        limits.append((one.deadline, TIMED_OUT))
    if one.heartbeat is not None and one.heard is not None:
        limits.append((one.heard + one.heartbeat, UNHEARD))
    return min(limits, key=lambda limit: limit[0], default=None)


def time_callback(durable: Durable, machine: OperationMachine, one: DurableOperation) -> bool:
    """Set how long is waited for a callback. Return False for ever."""
    limit = limit_of(one)
    if limit is not None:
        machine.timings["callback"] = max(limit[0] - durable.now, timedelta(0))
    return limit is not None


def end_operation(
    durable: Durable,
    operation_id: str,
    event: OperationEvent,
    *,
    result: str | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """End an operation from outside of the function, unless the execution is over, or no longer kept."""
    if not durable.is_open():
        return
    one, machine = durable.operation(operation_id), durable.machine_of(operation_id)
    if one is None or machine is None or machine.state in CLOSED_STATUSES:
        return
    durable.put(replace(one, result=result, error=error))
    durable.runs.driver.fire(machine, event)


def begin_lifecycle(durable: Durable, one: DurableOperation) -> OperationMachine:
    """Make what steps the status of *one*."""
    execution, operation_id = durable.record, one.id

    def moved(machine: OperationMachine, before: OperationStatus) -> None:
        _moved(durable, operation_id, machine.state, before)

    return durable.runs.registry.begin(
        DURABLE_OPERATION,
        durable.partition.place,
        f"{execution.arn}/{operation_id}",
        label=f"{execution.function} execution {execution.name} {one.name or operation_id}",
        kind="durable",
        timings=Timings(parent=durable.runs.timings.of(durable.partition.place, execution.function)),
        scope={"function": execution.function, "version": execution.version},
        moved=moved,
    )


def _moved(durable: Durable, operation_id: str, state: OperationStatus, before: OperationStatus) -> None:
    one = durable.operation(operation_id)
    assert one is not None
    if state is OperationStatus.TIMED_OUT and one.type == "CALLBACK":
        limit = limit_of(one)
        one = replace(one, error=limit[1] if limit is not None else TIMED_OUT)
    if state in CLOSED_STATUSES:
        one = replace(one, ended=durable.now, next_attempt=None)
    elif one.next_attempt is not None and state is not OperationStatus.PENDING:
        one = replace(one, next_attempt=None)
    durable.put(one)
    event = operation_event(one, state)
    if event is not None:
        durable.tell(*event, one)
    if before in AWAITED and state is not OperationStatus.CANCELLED:
        wake(durable, operation_id)
