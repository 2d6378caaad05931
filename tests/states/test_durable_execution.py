"""What happens to a durable execution and to its operations in each state."""

from __future__ import annotations

import pytest

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states import durable_operation
from lambda_states_mock.states.durable_execution import DURABLE_EXECUTION, ExecutionEvent, ExecutionState
from lambda_states_mock.states.durable_operation import AWAITED, DURABLE_OPERATION, OperationStatus
from lambda_states_mock.states.lifecycle import Move, Refuse, Stay

CLOSED = [ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.TIMED_OUT, ExecutionState.STOPPED]


@pytest.mark.parametrize(
    "event", [ExecutionEvent.SUCCEEDED, ExecutionEvent.FAILED, ExecutionEvent.TIMED_OUT, ExecutionEvent.STOP_ASKED]
)
def test_a_running_execution_can_end_in_four_ways_and_is_kept_for_a_while(event: ExecutionEvent) -> None:
    cell = DURABLE_EXECUTION.step(ExecutionState.RUNNING, event)

    assert isinstance(cell, Move)
    assert cell.to in CLOSED
    assert cell.then is not None
    assert (cell.then.phase, cell.then.background) == ("retention", True)


@pytest.mark.parametrize("state", CLOSED)
@pytest.mark.parametrize("event", [ExecutionEvent.SUCCEEDED, ExecutionEvent.FAILED, ExecutionEvent.STOP_ASKED])
def test_a_closed_execution_stays_as_it_is(state: ExecutionState, event: ExecutionEvent) -> None:
    assert isinstance(DURABLE_EXECUTION.step(state, event), Stay)


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_execution_takes_no_checkpoint(state: ExecutionState) -> None:
    assert DURABLE_EXECUTION.step(state, ExecutionEvent.CHECKPOINT_ASKED) == Refuse(texts.INVALID_CHECKPOINT_TOKEN)


CALLED_BACK = [
    durable_operation.OperationEvent.CALLBACK_SUCCEEDED,
    durable_operation.OperationEvent.CALLBACK_FAILED,
    durable_operation.OperationEvent.HEARTBEAT,
]


@pytest.mark.parametrize("state", [OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.TIMED_OUT])
@pytest.mark.parametrize("event", CALLED_BACK)
def test_a_closed_callback_is_not_answered_again(
    state: OperationStatus, event: durable_operation.OperationEvent
) -> None:
    assert DURABLE_OPERATION.step(state, event) == Refuse(texts.CALLBACK_CLOSED)


def test_a_heartbeat_starts_the_time_of_a_callback_anew() -> None:
    cell = DURABLE_OPERATION.step(OperationStatus.TIMED, durable_operation.OperationEvent.HEARTBEAT)

    assert isinstance(cell, Move)
    assert cell.to is OperationStatus.TIMED
    assert cell.then is not None
    assert cell.then.phase == "callback"


def test_what_waits_is_shown_as_started() -> None:
    shown_as_such = AWAITED - {OperationStatus.PENDING}
    assert {DURABLE_OPERATION.shown[state] for state in (*shown_as_such, OperationStatus.ENTERED)} == {"STARTED"}
