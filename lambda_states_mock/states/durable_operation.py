"""The life of one operation of a durable execution: a step, a wait, a callback, a context, a chained invocation.

Statuses and actions are those of botocore's model of CheckpointDurableExecution; how long a wait, a callback or the time
until the next attempt lasts is said by the checkpoint that begins it. Steps and contexts end when a checkpoint says so.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import CALLBACK_CLOSED, OPERATION_CLOSED
from lambda_states_mock.states.lifecycle import STAY, Impossible, Later, Lifecycle, Move, Refuse, grid, spelled


class OperationStatus(Enum):
    ABSENT = auto()
    STARTED = auto()
    WAITING = auto()  # shown as STARTED: a wait, until its time has come
    OPEN = auto()  # shown as STARTED: a callback without a time limit
    TIMED = auto()  # shown as STARTED: a callback with one
    PENDING = auto()  # a step, until its next attempt
    READY = auto()  # a step whose next attempt is due
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    TIMED_OUT = auto()


class OperationEvent(Enum):
    STARTED = auto()
    WAIT_STARTED = auto()
    CALLBACK_STARTED = auto()
    TIMED_CALLBACK_STARTED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    RETRIED = auto()
    CANCELLED = auto()
    TIME_CAME = auto()  # of a wait, of the next attempt
    CALLBACK_SUCCEEDED = auto()
    CALLBACK_FAILED = auto()
    HEARTBEAT = auto()
    TIMED_OUT = auto()


_Move = Move[OperationStatus, OperationEvent]

START: _Move = Move(OperationStatus.STARTED)
WAIT: _Move = Move(OperationStatus.WAITING, then=Later("wait", OperationEvent.TIME_CAME))
ASK: _Move = Move(OperationStatus.OPEN)
ASK_IN_TIME: _Move = Move(OperationStatus.TIMED, then=Later("callback", OperationEvent.TIMED_OUT))
RETRY: _Move = Move(OperationStatus.PENDING, then=Later("retry", OperationEvent.TIME_CAME))
DUE: _Move = Move(OperationStatus.READY)
DONE: _Move = Move(OperationStatus.SUCCEEDED)
FAIL: _Move = Move(OperationStatus.FAILED)
DROP: _Move = Move(OperationStatus.CANCELLED)
LATE: _Move = Move(OperationStatus.TIMED_OUT)
CLOSED = Refuse(OPERATION_CLOSED)
ANSWERED = Refuse(CALLBACK_CLOSED)
NO_CALLBACK = Impossible("only callbacks have an id to be called back with")
NO_TIMER = Impossible("nothing is waited for here, and leaving a state cancels its timer")

# fmt: off
TABLE = grid(tuple(OperationStatus), {
    #                                      ABSENT       STARTED      WAITING      OPEN      TIMED        PENDING      READY        SUCCEEDED FAILED    CANCELLED TIMED_OUT
    OperationEvent.STARTED:                (START,       START,       CLOSED,      CLOSED,   CLOSED,      START,       START,       CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.WAIT_STARTED:           (WAIT,        CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.CALLBACK_STARTED:       (ASK,         CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.TIMED_CALLBACK_STARTED: (ASK_IN_TIME, CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.SUCCEEDED:              (DONE,        DONE,        CLOSED,      CLOSED,   CLOSED,      DONE,        DONE,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.FAILED:                 (FAIL,        FAIL,        CLOSED,      CLOSED,   CLOSED,      FAIL,        FAIL,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.RETRIED:                (RETRY,       RETRY,       CLOSED,      CLOSED,   CLOSED,      CLOSED,      RETRY,       CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.CANCELLED:              (CLOSED,      DROP,        DROP,        DROP,     DROP,        DROP,        DROP,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    OperationEvent.TIME_CAME:              (NO_TIMER,    NO_TIMER,    DONE,        NO_TIMER, NO_TIMER,    DUE,         NO_TIMER,    NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
    OperationEvent.CALLBACK_SUCCEEDED:     (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, DONE,     DONE,        NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    OperationEvent.CALLBACK_FAILED:        (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, FAIL,     FAIL,        NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    OperationEvent.HEARTBEAT:              (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, STAY,     ASK_IN_TIME, NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    OperationEvent.TIMED_OUT:              (NO_TIMER,    NO_TIMER,    NO_TIMER,    NO_TIMER, LATE,        NO_TIMER,    NO_TIMER,    NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
})
# fmt: on

DURABLE_OPERATION = Lifecycle(
    name="Operation",
    title="Operation of a durable execution: Status",
    initial=OperationStatus.ABSENT,
    shown=spelled(
        OperationStatus,
        str,
        {OperationStatus.ABSENT: None}
        | dict.fromkeys((OperationStatus.WAITING, OperationStatus.OPEN, OperationStatus.TIMED), "STARTED"),
    ),
    table=TABLE,
    final=frozenset(
        {OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED, OperationStatus.TIMED_OUT}
    ),
)

CLOSED_STATUSES = DURABLE_OPERATION.final
