"""The life of a durable execution: what AWS shows as its ``Status`` (durable-invoking.html, API reference).

How long it may run and how long it is kept are said by the function's DurableConfig.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import EXECUTION_CLOSED
from lambda_states_mock.states.lifecycle import STAY, Impossible, Later, Lifecycle, Move, Refuse, grid, spelled


class ExecutionState(Enum):
    ABSENT = auto()
    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOPPED = auto()


class ExecutionEvent(Enum):
    START_ASKED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOP_ASKED = auto()
    CHECKPOINT_ASKED = auto()
    EXPIRED = auto()  # the retention period has ended


_Move = Move[ExecutionState, ExecutionEvent]


def _closed(state: ExecutionState) -> _Move:
    return Move(state, then=Later("retention", ExecutionEvent.EXPIRED, background=True))


START: _Move = Move(ExecutionState.RUNNING, then=Later("execution", ExecutionEvent.TIMED_OUT))
DONE, FAIL, LATE, STOP = (
    _closed(state)
    for state in (ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.TIMED_OUT, ExecutionState.STOPPED)
)
GONE: _Move = Move(ExecutionState.ABSENT)
CLOSED = Refuse(EXECUTION_CLOSED)
ONCE = Impossible("an execution is started once")
NOBODY = Impossible("there is no such execution: the call is answered before it comes here")
NO_TIMER = Impossible("leaving RUNNING cancelled its timer")
OPEN = Impossible("only a closed execution is no longer kept")

# fmt: off
TABLE = grid(tuple(ExecutionState), {
    #                                ABSENT  RUNNING SUCCEEDED FAILED    TIMED_OUT STOPPED
    ExecutionEvent.START_ASKED:      (START,  ONCE,   ONCE,     ONCE,     ONCE,     ONCE),
    ExecutionEvent.SUCCEEDED:        (NOBODY, DONE,   STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.FAILED:           (NOBODY, FAIL,   STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.TIMED_OUT:        (NOBODY, LATE,   NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
    ExecutionEvent.STOP_ASKED:       (NOBODY, STOP,   STAY,     STAY,     STAY,     STAY),
    ExecutionEvent.CHECKPOINT_ASKED: (NOBODY, STAY,   CLOSED,   CLOSED,   CLOSED,   CLOSED),
    ExecutionEvent.EXPIRED:          (NOBODY, OPEN,   GONE,     GONE,     GONE,     GONE),
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
