"""The life of one operation of a durable execution: a step, a wait, a callback, a context, a chained invocation.

Statuses and actions are those of botocore's model of CheckpointDurableExecution, the refusals those of AWS's own SDK for
tests. How long a wait, a callback or the time until the next attempt lasts is said by the checkpoint that begins it.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, Refuse, grid, spelled


class OperationStatus(Label):
    ABSENT = auto()
    STARTED = auto()  # a step
    ENTERED = auto()  # shown as STARTED: a context
    WAITING = auto()  # shown as STARTED: a wait, until its time has come
    OPEN = auto()  # shown as STARTED: a callback without a time limit
    TIMED = auto()  # shown as STARTED: a callback with one
    CHAINED = auto()  # shown as STARTED: another function is invoked
    PENDING = auto()  # a step, until its next attempt
    READY = auto()  # a step whose next attempt is due
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    TIMED_OUT = auto()
    STOPPED = auto()


class OperationEvent(Label):
    STEP_START = auto()
    STEP_SUCCEED = auto()
    STEP_FAIL = auto()
    STEP_RETRY = auto()
    CONTEXT_START = auto()
    CONTEXT_SUCCEED = auto()
    CONTEXT_FAIL = auto()
    WAIT_START = auto()
    WAIT_CANCEL = auto()
    CALLBACK_START = auto()
    TIMED_CALLBACK_START = auto()
    INVOKE_START = auto()
    INVOKE_CANCEL = auto()
    TIME_CAME = auto()  # of a wait, of the next attempt
    CALLBACK_SUCCEEDED = auto()
    CALLBACK_FAILED = auto()
    HEARTBEAT = auto()
    CALLBACK_TIMED_OUT = auto()
    INVOKE_SUCCEEDED = auto()
    INVOKE_FAILED = auto()
    INVOKE_TIMED_OUT = auto()
    INVOKE_STOPPED = auto()


_Move = Move[OperationStatus, OperationEvent]

START: _Move = Move(OperationStatus.STARTED)
ENTER: _Move = Move(OperationStatus.ENTERED)
WAIT: _Move = Move(OperationStatus.WAITING, then=Later("wait", OperationEvent.TIME_CAME))
ASK: _Move = Move(OperationStatus.OPEN)
LIMIT: _Move = Move(OperationStatus.TIMED, then=Later("callback", OperationEvent.CALLBACK_TIMED_OUT))
CHAIN: _Move = Move(OperationStatus.CHAINED)
RETRY: _Move = Move(OperationStatus.PENDING, then=Later("retry", OperationEvent.TIME_CAME))
DUE: _Move = Move(OperationStatus.READY)
DONE: _Move = Move(OperationStatus.SUCCEEDED)
FAIL: _Move = Move(OperationStatus.FAILED)
DROP: _Move = Move(OperationStatus.CANCELLED)
LATE: _Move = Move(OperationStatus.TIMED_OUT)
STOP: _Move = Move(OperationStatus.STOPPED)
NO_S, NO_C, NO_R = Refuse(texts.STEP_NOT_STARTABLE), Refuse(texts.STEP_NOT_CLOSABLE), Refuse(texts.STEP_NOT_RETRIABLE)
ENTERED, LEFT = Refuse(texts.CONTEXT_EXISTS), Refuse(texts.CONTEXT_NOT_CLOSABLE)
WAITS, NO_W = Refuse(texts.WAIT_EXISTS), Refuse(texts.WAIT_NOT_CANCELLABLE)
ASKED, CALLED = Refuse(texts.CALLBACK_EXISTS), Refuse(texts.INVOKE_EXISTS)
NO_I = Refuse(texts.INVOKE_NOT_CANCELLABLE)
OVER = Refuse(texts.CALLBACK_CLOSED)
X = Impossible("an operation of another type: the checkpoint is refused before, and nothing else speaks of it")
TICK = Impossible("nothing is waited for here, and leaving a state cancels its timer")
ENDED = Impossible("who invokes the other function is told once how it has ended, and not of one that is over")

# fmt: off
TABLE = grid(tuple(OperationStatus), {
    #                                    ABSENT   STARTED  ENTERED  WAITING  OPEN     TIMED    CHAINED  PENDING  READY    SUCCEEDED FAILED   CANCELLED TIMED_OUT STOPPED
    OperationEvent.STEP_START:           (START,   NO_S,    X,       X,       X,       X,       X,       NO_S,    START,   NO_S,     NO_S,    X,        X,        X),
    OperationEvent.STEP_SUCCEED:         (DONE,    DONE,    X,       X,       X,       X,       X,       NO_C,    DONE,    NO_C,     NO_C,    X,        X,        X),
    OperationEvent.STEP_FAIL:            (FAIL,    FAIL,    X,       X,       X,       X,       X,       NO_C,    FAIL,    NO_C,     NO_C,    X,        X,        X),
    OperationEvent.STEP_RETRY:           (RETRY,   RETRY,   X,       X,       X,       X,       X,       NO_R,    RETRY,   NO_R,     NO_R,    X,        X,        X),
    OperationEvent.CONTEXT_START:        (ENTER,   X,       ENTERED, X,       X,       X,       X,       X,       X,       ENTERED,  ENTERED, X,        X,        X),
    OperationEvent.CONTEXT_SUCCEED:      (DONE,    X,       DONE,    X,       X,       X,       X,       X,       X,       LEFT,     LEFT,    X,        X,        X),
    OperationEvent.CONTEXT_FAIL:         (FAIL,    X,       FAIL,    X,       X,       X,       X,       X,       X,       LEFT,     LEFT,    X,        X,        X),
    OperationEvent.WAIT_START:           (WAIT,    X,       X,       WAITS,   X,       X,       X,       X,       X,       WAITS,    X,       WAITS,    X,        X),
    OperationEvent.WAIT_CANCEL:          (NO_W,    X,       X,       DROP,    X,       X,       X,       X,       X,       NO_W,     X,       NO_W,     X,        X),
    OperationEvent.CALLBACK_START:       (ASK,     X,       X,       X,       ASKED,   ASKED,   X,       X,       X,       ASKED,    ASKED,   X,        ASKED,    X),
    OperationEvent.TIMED_CALLBACK_START: (LIMIT,   X,       X,       X,       ASKED,   ASKED,   X,       X,       X,       ASKED,    ASKED,   X,        ASKED,    X),
    OperationEvent.INVOKE_START:         (CHAIN,   X,       X,       X,       X,       X,       CALLED,  X,       X,       CALLED,   CALLED,  CALLED,   CALLED,   CALLED),
    OperationEvent.INVOKE_CANCEL:        (NO_I,    X,       X,       X,       X,       X,       DROP,    X,       X,       NO_I,     NO_I,    NO_I,     NO_I,     NO_I),
    OperationEvent.TIME_CAME:            (TICK,    TICK,    TICK,    DONE,    TICK,    TICK,    TICK,    DUE,     TICK,    TICK,     TICK,    TICK,     TICK,     TICK),
    OperationEvent.CALLBACK_SUCCEEDED:   (X,       X,       X,       X,       DONE,    DONE,    X,       X,       X,       OVER,     OVER,    X,        OVER,     X),
    OperationEvent.CALLBACK_FAILED:      (X,       X,       X,       X,       FAIL,    FAIL,    X,       X,       X,       OVER,     OVER,    X,        OVER,     X),
    OperationEvent.HEARTBEAT:            (X,       X,       X,       X,       STAY,    LIMIT,   X,       X,       X,       OVER,     OVER,    X,        OVER,     X),
    OperationEvent.CALLBACK_TIMED_OUT:   (TICK,    TICK,    TICK,    TICK,    TICK,    LATE,    TICK,    TICK,    TICK,    TICK,     TICK,    TICK,     TICK,     TICK),
    OperationEvent.INVOKE_SUCCEEDED:     (X,       X,       X,       X,       X,       X,       DONE,    X,       X,       ENDED,    ENDED,   STAY,     ENDED,    ENDED),
    OperationEvent.INVOKE_FAILED:        (X,       X,       X,       X,       X,       X,       FAIL,    X,       X,       ENDED,    ENDED,   STAY,     ENDED,    ENDED),
    OperationEvent.INVOKE_TIMED_OUT:     (X,       X,       X,       X,       X,       X,       LATE,    X,       X,       ENDED,    ENDED,   STAY,     ENDED,    ENDED),
    OperationEvent.INVOKE_STOPPED:       (X,       X,       X,       X,       X,       X,       STOP,    X,       X,       ENDED,    ENDED,   STAY,     ENDED,    ENDED),
})
# fmt: on

CLOSED_STATUSES = frozenset(
    {
        OperationStatus.SUCCEEDED,
        OperationStatus.FAILED,
        OperationStatus.CANCELLED,
        OperationStatus.TIMED_OUT,
        OperationStatus.STOPPED,
    }
)

AWAITED = frozenset(
    {
        OperationStatus.PENDING,
        OperationStatus.WAITING,
        OperationStatus.OPEN,
        OperationStatus.TIMED,
        OperationStatus.CHAINED,
    }
)
"""What a function may answer PENDING for: it ends, or falls due, without the function."""

DURABLE_OPERATION = Lifecycle(
    name="Operation",
    title="Operation of a durable execution: Status",
    initial=OperationStatus.ABSENT,
    shown=spelled(
        OperationStatus,
        str,
        {OperationStatus.ABSENT: None}
        | dict.fromkeys((OperationStatus.ENTERED, *(AWAITED - {OperationStatus.PENDING})), "STARTED"),
    ),
    table=TABLE,
    final=CLOSED_STATUSES,
)
