"""A checkpoint: its token, its updates, and what the function is told of its operations since it has heard last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from lambda_states_mock import service_errors as texts
from lambda_states_mock.engine.operation_faults import OperationEffect, OperationFault
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.crashes import OutOfMemory
from lambda_states_mock.invocation.durable import chained
from lambda_states_mock.invocation.durable.execution import Durable, Interruption
from lambda_states_mock.invocation.durable.operations import (
    CALLBACK_ID_LENGTH,
    begin_lifecycle,
    blank_operation,
    end_operation,
    seconds_of,
    time_callback,
    updated,
)
from lambda_states_mock.invocation.durable.rules import ACTIONS, Update, check_updates, stored_bytes_of
from lambda_states_mock.invocation.durable.views import View, operation_view
from lambda_states_mock.resources.durable_execution import SAME_REQUEST, Checkpointed, DurableOperation
from lambda_states_mock.states.durable_execution import ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import OperationEvent

_NOT_STORED = (OperationEffect.CRASH, OperationEffect.HANG)
_LENGTHS = {
    OperationEvent.WAIT_START: ("wait", "WaitOptions", "WaitSeconds"),
    OperationEvent.STEP_RETRY: ("retry", "StepOptions", "NextAttemptDelaySeconds"),
}
_FAILURES = {"CALLBACK": OperationEvent.CALLBACK_FAILED, "CHAINED_INVOKE": OperationEvent.INVOKE_FAILED}


def checkpoint(
    durable: Durable, token: str, updates: Sequence[Update], client_token: str | None, now: datetime
) -> View:
    """Apply *updates*, all or none, and return the answer.

    Raises InvalidParameterValueException for a *token* that is used or of another invocation, and for an update that
    cannot be.
    """
    recent = [one for one in durable.record.checkpointed if now - one.at <= SAME_REQUEST]
    for one in recent:
        if (client_token, token) == (one.client_token, one.token):
            return dict(one.answer)
    durable.runs.driver.check(durable.machine, ExecutionEvent.CHECKPOINT_ASKED)
    if not token or token != durable.record.token:
        raise texts.INVALID_CHECKPOINT_TOKEN.error()
    stored = _check(durable, updates)
    met = [(update, _fault_of(durable, update)) for update in updates]
    ending = next((fault for _, fault in met if fault is not None and _ends_invocation(fault, updates)), None)
    if ending is not None and ending.effect in _NOT_STORED:
        _interrupt(durable, ending)
    for update, fault in met:
        _apply(durable, update, fault)
    if ending is not None:
        _interrupt(durable, ending, stored_bytes=stored)
    if durable.state is ExecutionState.PAUSING:
        # without a token and without news, the function suspends; to resume means to invoke it again
        durable.change(token="", woken=True, stored_bytes=stored)
        durable.halt()
        return {"NewExecutionState": {"Operations": []}}
    execution, next_token = durable.record, durable.runs.new_token()
    answer: View = {"CheckpointToken": next_token, "NewExecutionState": {"Operations": _news(durable)}}
    if client_token:
        recent.append(Checkpointed(client_token, token, now, answer))
    told = execution.told or execution.woken
    durable.change(token=next_token, stored_bytes=stored, checkpointed=tuple(recent), told=told, woken=False)
    return answer


def _check(durable: Durable, updates: Sequence[Update]) -> int:
    """Raise what AWS answers to *updates*. Return how many bytes of payloads are stored with them."""
    execution, limits = durable.record, durable.runs.limits
    check_updates(updates, durable.before, limits, is_awaited=execution.is_awaited)
    for update in updates:
        chained.check_place(durable, update)
    new = {update["Id"] for update in updates if update["Type"] != "EXECUTION" and not durable.operation(update["Id"])}
    if len(durable.story.operations) + len(new) > limits.durable_operations:
        raise texts.TOO_MANY_OPERATIONS.error(limit=limits.durable_operations)
    stored = execution.stored_bytes + sum(map(stored_bytes_of, updates))
    if stored > limits.durable_stored_bytes:
        raise texts.TOO_MUCH_DATA.error(limit=limits.durable_stored_bytes)
    return stored


def _news(durable: Durable) -> list[View]:
    """Return the operations that have changed since the function has heard last, by their starts; it hears of them."""
    story = durable.story
    changed = sorted((story.operations[one] for one in story.unheard), key=lambda one: one.number)
    story.unheard.clear()
    return [operation_view(durable, one) for one in changed]


def _fault_of(durable: Durable, update: Update) -> OperationFault | None:
    one = durable.operation(update["Id"])
    names = (update.get("Name") or (one.name if one is not None else None), update["Id"])
    return durable.runs.faults.meet_operation(durable.key[0], names, update["Type"], update["Action"])


def _ends_invocation(fault: OperationFault, updates: Sequence[Update]) -> bool:
    """Tell whether *fault* ends the invocation: a step cannot be told that it has failed, after it has succeeded."""
    return fault.effect is not OperationEffect.FAIL or any(update["Action"] == "SUCCEED" for update in updates)


def _interrupt(durable: Durable, fault: OperationFault, **stored: int) -> NoReturn:
    """End the invocation that has sent this checkpoint: it crashes, or hangs until it times out.

    Raises what ends its code: on its own thread the crash or the time-out itself, on others the refusal of the token.
    """
    runs, hangs = durable.runs, fault.effect is OperationEffect.HANG
    durable.change(token="", woken=True, **stored)
    clock = runs.clock
    if sleeping.runs_here(clock):
        if hangs:
            sleeping.sleep(clock, 1e9)
        raise OutOfMemory
    kind, message = ("Sandbox.Timedout", "Task timed out") if hangs else ("Runtime.ExitError", _KILLED)
    error = {"ErrorType": kind, "ErrorMessage": message}
    runs.interrupted[durable.record.arn] = Interruption(error, hangs)
    raise texts.INVALID_CHECKPOINT_TOKEN.error()


_KILLED = "Runtime exited with error: signal: killed"


def _as_updated(durable: Durable, update: Update) -> DurableOperation:
    """Return an operation as *update* leaves it, with its place and its id for callbacks where it is new."""
    before, number = durable.operation(update["Id"]), len(durable.story.operations) + 1
    one = updated(before, update, blank=blank_operation((*durable.key, update["Id"]), number, update, durable.now))
    if before is None and one.type == "CALLBACK":
        one = replace(one, callback_id=durable.runs.chance.token(CALLBACK_ID_LENGTH))
        durable.partition.durable_callbacks.put(one.callback_id or "", one.key)
    return one


def _apply(durable: Durable, update: Update, fault: OperationFault | None) -> None:
    """Let one update happen, or what *fault* makes of it."""
    if update["Type"] == "EXECUTION":
        status = "SUCCEEDED" if update["Action"] == "SUCCEED" else "FAILED"
        durable.change(final={"Status": status, "Result": update.get("Payload"), "Error": update.get("Error")})
        return
    fails = fault is not None and fault.effect is OperationEffect.FAIL
    if fault is not None and fails and update["Action"] == "SUCCEED":
        update = {**update, "Action": "FAIL", "Payload": None, "Error": dict(fault.error)}
    runs, event = durable.runs, ACTIONS[update["Type"], update["Action"]]
    one = _as_updated(durable, update)
    machine = durable.machine_of(one.id) or begin_lifecycle(durable, one)
    if event is OperationEvent.INVOKE_START:
        one = chained.prepare(durable, one, update)
    if event is OperationEvent.CALLBACK_START and time_callback(durable, machine, one):
        event = OperationEvent.TIMED_CALLBACK_START
    if event in _LENGTHS:
        phase, options, member = _LENGTHS[event]
        machine.timings[phase] = seconds_of(update, options, member)
    refused = one.error if event is OperationEvent.INVOKE_START else None
    durable.put(one if refused is None else replace(one, error=None))
    runs.driver.fire(machine, event)
    if fault is not None and fails and update["Action"] == "START":
        refused = fault.error
    if refused is not None:
        end_operation(durable, one.id, _FAILURES[one.type], error=refused)
