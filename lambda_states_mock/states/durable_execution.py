"""The life of a durable execution: what AWS shows as its ``Status`` (durable-invoking.html, API reference).

How long it may run and how long it is kept are said by the function's DurableConfig. A request to pause, to resume or to
delete is accepted first; the status changes when Lambda processes it.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.service_errors import (
    EXECUTION_NOT_OVER,
    EXECUTION_OVER,
    INVALID_CHECKPOINT_TOKEN,
    NOT_PAUSED,
    PAUSED,
)
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, Refuse, grid, spelled


class ExecutionState(Label):
    ABSENT = auto()
    RUNNING = auto()
    PAUSING = auto()  # an invocation is under way, until its next checkpoint
    PAUSED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOPPED = auto()
    DELETING = auto()


class ExecutionEvent(Label):
    START_ASKED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOP_ASKED = auto()
    CHECKPOINT_ASKED = auto()
    PAUSE_ASKED = auto()
    PAUSE_BEGUN = auto()  # it is processed while an invocation is under way
    HALTED = auto()  # nothing runs any more that is to be paused
    RESUME_ASKED = auto()
    RESUMED = auto()
    DELETE_ASKED = auto()
    DELETED = auto()
    EXPIRED = auto()  # the retention period has ended


_Move = Move[ExecutionState, ExecutionEvent]


def _open(state: ExecutionState) -> _Move:
    return Move(state, then=Later("execution", ExecutionEvent.TIMED_OUT))


def _closed(state: ExecutionState) -> _Move:
    return Move(state, then=Later("retention", ExecutionEvent.EXPIRED, background=True))


START, PAUSING_, HALT = (
    _open(state) for state in (ExecutionState.RUNNING, ExecutionState.PAUSING, ExecutionState.PAUSED)
)
DONE, FAIL, LATE, STOP = (
    _closed(state)
    for state in (ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.TIMED_OUT, ExecutionState.STOPPED)
)
DELETE: _Move = Move(ExecutionState.DELETING, then=Later("delete_execution", ExecutionEvent.DELETED))
GONE: _Move = Move(ExecutionState.ABSENT)
USED = Refuse(INVALID_CHECKPOINT_TOKEN)
OVER, HELD, RUNS, UNDONE = Refuse(EXECUTION_OVER), Refuse(PAUSED), Refuse(NOT_PAUSED), Refuse(EXECUTION_NOT_OVER)
ONCE = Impossible("an execution is started once")
NOBODY = Impossible("there is no such execution: the call is answered before it comes here")
NO_TIMER = Impossible("leaving a state cancels its timer")
OPEN = Impossible("only a closed execution is no longer kept")

# fmt: off
TABLE = grid(tuple(ExecutionState), {
    #                                ABSENT  RUNNING   PAUSING   PAUSED SUCCEEDED FAILED    TIMED_OUT STOPPED   DELETING
    ExecutionEvent.START_ASKED:      (START,  ONCE,     ONCE,     ONCE,  ONCE,     ONCE,     ONCE,     ONCE,     ONCE),
    ExecutionEvent.SUCCEEDED:        (NOBODY, DONE,     DONE,     DONE,  STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.FAILED:           (NOBODY, FAIL,     FAIL,     FAIL,  STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.TIMED_OUT:        (NOBODY, LATE,     LATE,     LATE,  NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
    ExecutionEvent.STOP_ASKED:       (NOBODY, STOP,     STOP,     STOP,  STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.CHECKPOINT_ASKED: (NOBODY, STAY,     STAY,     STAY,  USED,     USED,     USED,     USED,     USED),
    ExecutionEvent.PAUSE_ASKED:      (NOBODY, STAY,     HELD,     HELD,  OVER,     OVER,     OVER,     OVER,     OVER),
    ExecutionEvent.PAUSE_BEGUN:      (NOBODY, PAUSING_, STAY,     STAY,  STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.HALTED:           (NOBODY, HALT,     HALT,     STAY,  STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.RESUME_ASKED:     (NOBODY, RUNS,     STAY,     STAY,  OVER,     OVER,     OVER,     OVER,     OVER),
    ExecutionEvent.RESUMED:          (NOBODY, STAY,     START,    START, STAY,     STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.DELETE_ASKED:     (NOBODY, UNDONE,   UNDONE,   UNDONE,DELETE,   DELETE,   DELETE,   DELETE,   STAY),
    ExecutionEvent.DELETED:          (NOBODY, OPEN,     OPEN,     OPEN,  NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER, GONE),
    ExecutionEvent.EXPIRED:          (NOBODY, OPEN,     OPEN,     OPEN,  GONE,     GONE,     GONE,     GONE,     NO_TIMER),
})
# fmt: on

DURABLE_EXECUTION = Lifecycle(
    name="Status",
    title="Durable execution: Status",
    initial=ExecutionState.ABSENT,
    shown=spelled(ExecutionState, str, {ExecutionState.ABSENT: None}),
    table=TABLE,
    final=frozenset({ExecutionState.ABSENT}),
)

OPEN_STATES = frozenset({ExecutionState.RUNNING, ExecutionState.PAUSING, ExecutionState.PAUSED})
"""The states of an execution that is not over."""
