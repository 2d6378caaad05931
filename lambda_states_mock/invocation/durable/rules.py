"""What a checkpoint may say: the checks of its updates, all of them before any is applied. Pure.

The order is that of AWS's own SDK for tests (``checkpoint/validators``): first the batch as a whole, then each update
against its operation. Where a batch begins an operation and goes on with it, that is the operation as it has begun (I:
AWS's SDK compares with what was there before the batch, and applies an update of another type to a step).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from lambda_states_mock import service_errors as texts
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.states.durable_operation import DURABLE_OPERATION, OperationEvent, OperationStatus
from lambda_states_mock.states.lifecycle import Move, Refuse

Update = Mapping[str, Any]

ACTIONS: Mapping[tuple[str, str], OperationEvent] = MappingProxyType(
    {
        ("STEP", "START"): OperationEvent.STEP_START,
        ("STEP", "SUCCEED"): OperationEvent.STEP_SUCCEED,
        ("STEP", "FAIL"): OperationEvent.STEP_FAIL,
        ("STEP", "RETRY"): OperationEvent.STEP_RETRY,
        ("CONTEXT", "START"): OperationEvent.CONTEXT_START,
        ("CONTEXT", "SUCCEED"): OperationEvent.CONTEXT_SUCCEED,
        ("CONTEXT", "FAIL"): OperationEvent.CONTEXT_FAIL,
        ("WAIT", "START"): OperationEvent.WAIT_START,
        ("WAIT", "CANCEL"): OperationEvent.WAIT_CANCEL,
        ("CALLBACK", "START"): OperationEvent.CALLBACK_START,
        ("CHAINED_INVOKE", "START"): OperationEvent.INVOKE_START,
        ("CHAINED_INVOKE", "CANCEL"): OperationEvent.INVOKE_CANCEL,
    }
)
"""What an action means to an operation of a type. An EXECUTION can SUCCEED and FAIL; all others are refused."""

_OF_EXECUTION = frozenset({"SUCCEED", "FAIL"})
_TWICE_IN_A_BATCH = frozenset({"STEP", "CONTEXT"})
_COMPARED = (
    ("Type", texts.OTHER_TYPE),
    ("SubType", texts.OTHER_SUB_TYPE),
    ("Name", texts.OTHER_NAME),
    ("ParentId", texts.OTHER_PARENT),
)
_OPTIONS = {
    OperationEvent.WAIT_START: ("WaitOptions", "WaitSeconds", texts.WAIT_OPTIONS_WANTED),
    OperationEvent.STEP_RETRY: ("StepOptions", "NextAttemptDelaySeconds", texts.STEP_OPTIONS_WANTED),
    OperationEvent.INVOKE_START: ("ChainedInvokeOptions", "FunctionName", texts.INVOKE_OPTIONS_WANTED),
}
"""What an action needs: options, and the member of them without which they say nothing (I: the model asks for at least
one second, and not for the member).
"""


@dataclass(frozen=True, slots=True)
class Before:
    """An operation before an update: its status, and what the update must not change, by the member of the update."""

    status: OperationStatus
    members: Mapping[str, str | None]


class Known(Protocol):
    """Finds an operation by its id."""

    def __call__(self, operation_id: str, /) -> Before | None: ...


def check_updates(updates: Sequence[Update], known: Known, limits: Limits, *, is_awaited: bool) -> None:
    """Raise what AWS answers to *updates*. Parameters: *is_awaited*, whether a caller waits for the execution."""
    _check_batch(updates, known)
    begun: dict[str, Before] = {}
    for update in updates:
        before = begun.get(update["Id"]) or known(update["Id"])
        if before is not None:
            for member, refusal in _COMPARED:
                if update.get(member) is not None and update[member] != before.members[member]:
                    raise refusal.error()
        _check_sizes(update, limits, is_awaited=is_awaited)
        status = _check_action(update, before)
        members = before.members if before is not None else {member: update.get(member) for member, _ in _COMPARED}
        begun[update["Id"]] = Before(status, members)


def _check_batch(updates: Sequence[Update], known: Known) -> None:
    ends = [place for place, update in enumerate(updates) if update["Type"] == "EXECUTION"]
    if len(ends) > 1:
        raise texts.TWO_EXECUTION_UPDATES.error()
    if ends and ends[0] != len(updates) - 1:
        raise texts.EXECUTION_UPDATE_LAST.error()
    started: dict[str, str] = {}
    seen: dict[str, Update] = {}
    for update in updates:
        operation, last = update["Id"], seen.get(update["Id"])
        if last is not None and not (
            last["Type"] in _TWICE_IN_A_BATCH and last["Action"] == "START" and update["Action"] != "START"
        ):
            raise texts.SAME_ID_TWICE.error()
        parent = update.get("ParentId")
        if parent is not None:
            before = known(parent) if parent not in started else None
            if started.get(parent) != "CONTEXT" and (before is None or before.members["Type"] != "CONTEXT"):
                raise texts.NO_SUCH_PARENT.error()
        if update["Action"] == "START":
            started[operation] = update["Type"]
        seen[operation] = update


def stored_bytes_of(update: Update) -> int:
    """Return how many bytes of an execution's data *update* takes: its payload and its error."""
    error = update.get("Error")
    return len((update.get("Payload") or "").encode()) + (_size_of(error) if error is not None else 0)


def _size_of(error: Mapping[str, Any]) -> int:
    return len(json.dumps(dict(error)).encode())


def check_error(error: Mapping[str, Any] | None, limits: Limits) -> None:
    """Raise InvalidParameterValueException for an ErrorObject of which all members together are too large."""
    if error is not None and _size_of(error) > limits.durable_payload_bytes:
        raise texts.ERROR_TOO_LARGE.error(limit=limits.durable_payload_bytes)


def check_payload(what: str, payload: str, limit: int) -> None:
    """Raise InvalidParameterValueException for a *payload* of more than *limit* bytes; *what* says AWS of it."""
    if len(payload.encode()) > limit:
        raise texts.PAYLOAD_TOO_LARGE.error(what=what, limit=limit)


def _check_sizes(update: Update, limits: Limits, *, is_awaited: bool) -> None:
    payload, kind = update.get("Payload"), update["Type"]
    check_error(update.get("Error"), limits)
    if payload is None:
        return
    limit = limits.sync_payload_bytes if kind == "EXECUTION" and is_awaited else limits.durable_payload_bytes
    what = {"CHAINED_INVOKE": "CHAINED_INVOKE input", "EXECUTION": "Execution output"}.get(kind, f"{kind} output")
    check_payload(what, payload, limit)


def _check_action(update: Update, before: Before | None) -> OperationStatus:
    """Raise what speaks against the action of *update*. Return the status that it leads to."""
    kind, action = update["Type"], update["Action"]
    status = before.status if before is not None else OperationStatus.ABSENT
    event = ACTIONS.get((kind, action))
    if event is None and not (kind == "EXECUTION" and action in _OF_EXECUTION):
        raise texts.WRONG_ACTION.error()
    if event is not None:
        cell = DURABLE_OPERATION.step(status, event)
        if isinstance(cell, Refuse):
            raise cell.answer.error()
        if isinstance(cell, Move):
            status = cell.to
        if event in _OPTIONS:
            options, member, missing = _OPTIONS[event]
            if (update.get(options) or {}).get(member) is None:
                raise missing.error()
    error, payload = update.get("Error"), update.get("Payload")
    if action == "SUCCEED" and error is not None:
        raise texts.ERROR_OF_SUCCESS.error()
    if action == "FAIL" and payload is not None:
        raise texts.PAYLOAD_OF_FAILURE.error()
    if action == "RETRY" and error is not None and payload is not None:
        raise texts.RETRY_WITH_BOTH.error()
    return status
