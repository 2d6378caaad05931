"""What a running durable function reports, and what others report to it: checkpoints and callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.engine.timings import Timings
from lambda_states_mock.invocation.durable_run import Durable, chain, wakes
from lambda_states_mock.invocation.durable_views import operation_arn, operation_view
from lambda_states_mock.operations.durable_execution import durable_of
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.durable_execution import SAME_REQUEST, DurableOperation
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import found
from lambda_states_mock.shapes.durable_history import history_event
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import (
    CLOSED_STATUSES,
    DURABLE_OPERATION,
    OperationEvent,
    OperationStatus,
)

_CALLBACK_ID_LENGTH = 48

ACTIONS: Mapping[tuple[str, str], OperationEvent] = MappingProxyType(
    {
        ("STEP", "START"): OperationEvent.STARTED,
        ("STEP", "SUCCEED"): OperationEvent.SUCCEEDED,
        ("STEP", "FAIL"): OperationEvent.FAILED,
        ("STEP", "RETRY"): OperationEvent.RETRIED,
        ("CONTEXT", "START"): OperationEvent.STARTED,
        ("CONTEXT", "SUCCEED"): OperationEvent.SUCCEEDED,
        ("CONTEXT", "FAIL"): OperationEvent.FAILED,
        ("WAIT", "START"): OperationEvent.WAIT_STARTED,
        ("WAIT", "CANCEL"): OperationEvent.CANCELLED,
        ("CALLBACK", "START"): OperationEvent.CALLBACK_STARTED,
        ("CHAINED_INVOKE", "START"): OperationEvent.STARTED,
    }
)
"""What an action means to an operation of a type; all others are refused."""

_ENDINGS = {
    ("EXECUTION", "SUCCEED"): ExecutionEvent.SUCCEEDED,
    ("EXECUTION", "FAIL"): ExecutionEvent.FAILED,
}


@operation("CheckpointDurableExecution")
def checkpoint_durable_execution(call: Call, params: Params) -> View:
    durable = durable_of(call, params, texts.EXECUTION_NOT_FOUND_FOR_CHECKPOINT)
    execution = durable.change()
    client_token = params.get("ClientToken")
    if client_token and execution.request is not None:
        token, at, answer = execution.request
        if token == client_token and call.now - at <= SAME_REQUEST:
            return dict(answer)
    call.service.registry.check(DURABLE_EXECUTION, execution.arn, ExecutionEvent.CHECKPOINT_ASKED)
    if params["CheckpointToken"] != execution.token:
        raise texts.INVALID_CHECKPOINT_TOKEN.error()
    updates = params.get("Updates") or ()
    for update in updates:
        _check_action(update)
    for update in updates:
        _apply(durable, update)
    if durable.state is ExecutionState.PAUSING:
        # without a token and without news, the SDK suspends; to resume means to invoke it again
        durable.change(token=call.service.durable.new_token(), woken=True)
        durable.halt()
        return {"NewExecutionState": {"Operations": []}}
    execution = durable.change(token=call.service.durable.new_token())
    changed = [one for one in execution.operations.values() if one.id in execution.changed]
    view: View = {
        "CheckpointToken": execution.token,
        "NewExecutionState": {"Operations": [operation_view(call.service.registry, execution, one) for one in changed]},
    }
    request = (client_token, call.now, view) if client_token else execution.request
    durable.change(changed=frozenset(), request=request)
    return view


@operation("SendDurableExecutionCallbackSuccess")
def send_durable_execution_callback_success(call: Call, params: Params) -> View:
    result = bytes(params.get("Result") or b"").decode(errors="replace")  # the history can show text alone
    return _call_back(call, params, OperationEvent.CALLBACK_SUCCEEDED, result=result)


@operation("SendDurableExecutionCallbackFailure")
def send_durable_execution_callback_failure(call: Call, params: Params) -> View:
    return _call_back(call, params, OperationEvent.CALLBACK_FAILED, error=params.get("Error") or {})


@operation("SendDurableExecutionCallbackHeartbeat")
def send_durable_execution_callback_heartbeat(call: Call, params: Params) -> View:
    return _call_back(call, params, OperationEvent.HEARTBEAT)


def _call_back(call: Call, params: Params, event: OperationEvent, **ending: Any) -> View:
    callback = params["CallbackId"]
    key, operation_id = found(
        call.partition.durable_callbacks.get(callback), texts.CALLBACK_NOT_FOUND, callback=callback
    )
    durable = Durable(call.service.durable, call.partition, key)
    if not durable.is_running():
        raise texts.CALLBACK_CLOSED.error()
    execution = durable.change()
    arn, one = operation_arn(execution, operation_id), execution.operations[operation_id]
    call.service.registry.check(DURABLE_OPERATION, arn, event)
    _put(durable, replace(one, **ending))
    _time_callback(durable, call.service.registry.of(DURABLE_OPERATION, arn), one)
    call.service.registry.fire(DURABLE_OPERATION, arn, event)
    return {}


def _check_action(update: Mapping[str, Any]) -> None:
    if (update["Type"], update["Action"]) not in {*ACTIONS, *_ENDINGS}:
        raise texts.INVALID_OPERATION_UPDATE.error(action=update["Action"], type=update["Type"])


def _apply(durable: Durable, update: Mapping[str, Any]) -> None:
    """Let one update of a checkpoint happen."""
    if update["Type"] == "EXECUTION":
        end = _ENDINGS[update["Type"], update["Action"]]
        durable.end(end, result=update.get("Payload"), error=update.get("Error"))
        return
    execution = durable.change()
    event, registry = ACTIONS[update["Type"], update["Action"]], durable.runs.registry
    arn = operation_arn(execution, update["Id"])
    machine = registry.find(DURABLE_OPERATION, arn) or _begin_lifecycle(durable, arn, update["Id"])
    one = _updated(durable, execution.operations.get(update["Id"]), update)
    if event is OperationEvent.CALLBACK_STARTED and _time_callback(durable, machine, one):
        event = OperationEvent.TIMED_CALLBACK_STARTED
    durable.runs.driver.check(machine, event)
    machine.timings["wait"] = _seconds(update, "WaitOptions", "WaitSeconds")
    machine.timings["retry"] = _seconds(update, "StepOptions", "NextAttemptDelaySeconds")
    _put(durable, one)
    durable.runs.driver.fire(machine, event)
    if update["Type"] == "CHAINED_INVOKE":
        _chain(durable, one)


def _updated(durable: Durable, before: DurableOperation | None, update: Mapping[str, Any]) -> DurableOperation:
    """Return the operation as *update* leaves it."""
    one = before or DurableOperation(
        id=update["Id"],
        type=update["Type"],
        started=durable.now,
        parent_id=update.get("ParentId"),
        name=update.get("Name"),
        sub_type=update.get("SubType"),
    )
    action = update["Action"]
    if action == "START":
        return _started(durable, one, update)
    if action == "RETRY":
        delay = _seconds(update, "StepOptions", "NextAttemptDelaySeconds")
        due = durable.now + timedelta(seconds=delay)
        return replace(one, attempt=one.attempt + 1, retry_delay=delay, next_attempt=due, error=update.get("Error"))
    replay = bool(update.get("ContextOptions", {}).get("ReplayChildren"))
    return replace(one, result=update.get("Payload"), error=update.get("Error"), replay_children=replay)


def _started(durable: Durable, one: DurableOperation, update: Mapping[str, Any]) -> DurableOperation:
    if one.type == "WAIT":
        return replace(one, ends=durable.now + timedelta(seconds=_seconds(update, "WaitOptions", "WaitSeconds")))
    if one.type == "CHAINED_INVOKE":
        function = update.get("ChainedInvokeOptions", {}).get("FunctionName", "")
        return replace(one, chained_function=function, chained_input=update.get("Payload") or "{}")
    if one.type != "CALLBACK":
        return one
    options, callback_id = update.get("CallbackOptions") or {}, durable.runs.chance.token(_CALLBACK_ID_LENGTH)
    timeout, heartbeat = options.get("TimeoutSeconds"), options.get("HeartbeatTimeoutSeconds")
    durable.partition.durable_callbacks.put(callback_id, (durable.key, one.id))
    return replace(
        one,
        callback_id=callback_id,
        deadline=durable.now + timedelta(seconds=timeout) if timeout else None,
        heartbeat=timedelta(seconds=heartbeat) if heartbeat else None,
    )


def _seconds(update: Mapping[str, Any], options: str, member: str) -> int:
    seconds: int = update.get(options, {}).get(member, 0)
    return seconds


def _time_callback(
    durable: Durable, machine: StateMachine[OperationStatus, OperationEvent], one: DurableOperation
) -> bool:
    """Set how long is waited for a callback: until its deadline, or less by its heartbeat. Return False for ever."""
    limits = [] if one.heartbeat is None else [one.heartbeat]
    if one.deadline is not None:
        limits.append(one.deadline - durable.now)
    if limits:
        machine.timings["callback"] = min(limits)
    return bool(limits)


def _put(durable: Durable, one: DurableOperation) -> None:
    execution = durable.change()
    operations = {**execution.operations, one.id: one}
    durable.change(operations=MappingProxyType(operations), changed=execution.changed | {one.id})


def _begin_lifecycle(durable: Durable, arn: str, operation_id: str) -> StateMachine[OperationStatus, OperationEvent]:
    execution = durable.change()

    def moved(machine: StateMachine[OperationStatus, OperationEvent], before: OperationStatus) -> None:
        one = durable.change().operations[operation_id]
        if machine.state in CLOSED_STATUSES:
            one = replace(one, ended=durable.now, next_attempt=None)
        _put(durable, one)
        event = history_event(one, machine.state, durable.now)
        if event is not None:
            durable.record(event)
        if wakes(before, machine.state) and (
            one.type not in ("STEP", "CONTEXT") or machine.state is OperationStatus.READY
        ):
            durable.wake()

    return durable.runs.registry.begin(
        DURABLE_OPERATION,
        durable.partition.place,
        arn,
        label=f"{execution.function} execution {execution.name} {operation_id}",
        kind="durable",
        timings=Timings(parent=durable.runs.timings.of(durable.partition.place, execution.function)),
        scope={"function": execution.function, "version": execution.version},
        moved=moved,
    )


def _chain(durable: Durable, one: DurableOperation) -> None:
    """Run the other function once this call has been answered, and let what comes of it be the operation's end."""

    def run() -> None:
        if not durable.is_running():
            return
        result, error = chain(durable, one.chained_function, one.chained_input)
        if durable.is_running():
            _put(durable, replace(durable.change().operations[one.id], result=result, error=error))
            event = OperationEvent.SUCCEEDED if error is None else OperationEvent.FAILED
            durable.runs.registry.fire(DURABLE_OPERATION, operation_arn(durable.change(), one.id), event)

    label = f"{durable.key[0]} chained invocation {one.id}"
    durable.runs.driver.clock.call_later(timedelta(0), run, label=label)
