"""Chained invocations: of durable functions, as executions of their own, and of other functions.

The target does not run inside of the invocation that has asked for it: AWS's histories have its end
always behind the end of that invocation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.invocation.admission import Received
from lambda_states_mock.invocation.durable.answers import error_object
from lambda_states_mock.invocation.durable.execution import Durable
from lambda_states_mock.invocation.durable.invocations import schedule
from lambda_states_mock.invocation.durable.lifecycle import begin
from lambda_states_mock.invocation.durable.operations import end_operation
from lambda_states_mock.invocation.durable.rules import Update
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.resources.durable_execution import DurableOperation
from lambda_states_mock.service_errors import (
    FUNCTION_NOT_FOUND,
    INVOKE_ELSEWHERE,
    INVOKED_IN_STATE,
    QUALIFIER_WANTED,
    ServiceError,
)
from lambda_states_mock.states.durable_operation import OperationEvent

_SOON = timedelta(seconds=1)
"""(I) So long after its checkpoint a target is invoked at the latest, while the invocation that asked goes on."""


def check_place(durable: Durable, update: Update) -> None:
    """Raise what a checkpoint answers to a chained invocation of a function in another account or region."""
    options = update.get("ChainedInvokeOptions") or {}
    reference, place = function_reference(options.get("FunctionName", "")), durable.partition.place
    if reference is not None:
        for what, there, here in (
            ("account", reference.account, place.account),
            ("region", reference.region, place.region),
        ):
            if there and there != here:
                raise INVOKE_ELSEWHERE.error(what=what)


def prepare(durable: Durable, one: DurableOperation, update: Update) -> DurableOperation:
    """Return *one* with what it invokes. A start that Lambda refuses is an error in it already."""
    target = one.chained
    assert target is not None
    trace = (update.get("ChainedInvokeOptions") or {}).get("XAmznTraceId")
    try:
        received = _receive(durable, target.function, target.payload, target.tenant, trace)
    except ServiceError as error:
        return replace(one, error=_told(error))
    target = replace(target, version=received.version.number)
    if received.version.configuration.durable is not None:
        child = begin(durable.runs, received, durable.runs.chance.uuid(), parent=one.key)
        target = replace(target, child=child.record.arn)
        start = partial(schedule, child)
    else:
        start = partial(_run_soon, durable, one.id, received)
    label = f"{durable.key[0]} chained invocation {one.name or one.id} starts"
    durable.after_invocation(start, within=_SOON, label=label)
    return replace(one, chained=target)


def _receive(durable: Durable, function: str, payload: str | None, tenant: str | None, trace: str | None) -> Received:
    runs, parsed = durable.runs, function_reference(function)
    if parsed is None:
        raise FUNCTION_NOT_FOUND.error(arn=function)
    target = ResolvedName(durable.partition, parsed.name, parsed.qualifier)
    event = (payload or "null").encode()
    received = runs.admission.again(target, event, runs.chance.uuid(), trace=trace, tenant=tenant)
    version = received.version
    if version.configuration.durable is not None:
        if target.qualifier is None:
            raise QUALIFIER_WANTED.error()
        if runs.admission.lifecycles.drains(version.place, version.name, version.number):
            raise INVOKED_IN_STATE.error(state="Deleting")
    return replace(received, payload=(payload or "").encode())


def _run_soon(durable: Durable, operation_id: str, received: Received) -> None:
    label = f"{durable.key[0]} chained invocation {operation_id}"
    durable.runs.clock.call_later(timedelta(0), partial(_run, durable, operation_id, received), label=label)


def _run(durable: Durable, operation_id: str, received: Received) -> None:
    """Invoke a function that is not durable, and let what comes of it be the operation's end."""
    if not durable.is_open():
        return
    runs = durable.runs
    try:
        with sleeping.detached(runs.clock):
            outcome = runs.runner.run(received, kind="Chained")
    except ServiceError as error:
        end_operation(durable, operation_id, OperationEvent.INVOKE_FAILED, error=_told(error))
        return
    label = f"{durable.key[0]} chained invocation {operation_id} ends"
    sleeping.when_over(runs.clock, outcome.ended, partial(_ended, durable, operation_id, outcome), label=label)


def _ended(durable: Durable, operation_id: str, outcome: Outcome) -> None:
    limit = durable.runs.limits.durable_payload_bytes
    if outcome.function_error is not None:
        error: Mapping[str, Any] = error_object(outcome.payload)
    elif not _is_text(outcome.payload):
        error = {"ErrorMessage": "CHAINED_INVOKE response could not be decoded as UTF-8."}
    elif len(outcome.payload) > limit:
        error = {"ErrorMessage": f"CHAINED_INVOKE output payload size must be less than or equal to {limit} bytes."}
    else:
        result = outcome.payload.decode() or None
        end_operation(durable, operation_id, OperationEvent.INVOKE_SUCCEEDED, result=result)
        return
    end_operation(durable, operation_id, OperationEvent.INVOKE_FAILED, error=error)


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _told(error: ServiceError) -> Mapping[str, Any]:
    return {"ErrorType": error.code, "ErrorMessage": error.message or ""}
