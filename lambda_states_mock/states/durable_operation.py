"""The life of one operation of a durable execution: a step, a wait, a callback, a context, a chained invocation.

Statuses and actions are those of botocore's model of CheckpointDurableExecution; how long a wait, a callback or the time
until the next attempt lasts is said by the checkpoint that begins it. Steps and contexts end when a checkpoint says so.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import CALLBACK_CLOSED, OPERATION_CLOSED
from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, Refuse, grid


class Status(Enum):
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


class Event(Enum):
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


START: Move[Status, Event] = Move(Status.STARTED)
WAIT: Move[Status, Event] = Move(Status.WAITING, then=Later("wait", Event.TIME_CAME))
ASK: Move[Status, Event] = Move(Status.OPEN)
ASK_IN_TIME: Move[Status, Event] = Move(Status.TIMED, then=Later("callback", Event.TIMED_OUT))
RETRY: Move[Status, Event] = Move(Status.PENDING, then=Later("retry", Event.TIME_CAME))
DUE: Move[Status, Event] = Move(Status.READY)
DONE: Move[Status, Event] = Move(Status.SUCCEEDED)
FAIL: Move[Status, Event] = Move(Status.FAILED)
DROP: Move[Status, Event] = Move(Status.CANCELLED)
LATE: Move[Status, Event] = Move(Status.TIMED_OUT)
CLOSED = Refuse(OPERATION_CLOSED)
ANSWERED = Refuse(CALLBACK_CLOSED)
NO_CALLBACK = Impossible("only callbacks have an id to be called back with")
NO_TIMER = Impossible("nothing is waited for here, and leaving a state cancels its timer")

# fmt: off
TABLE = grid(tuple(Status), {
    #                             ABSENT       STARTED      WAITING      OPEN      TIMED        PENDING      READY        SUCCEEDED FAILED    CANCELLED TIMED_OUT
    Event.STARTED:                (START,       START,       CLOSED,      CLOSED,   CLOSED,      START,       START,       CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.WAIT_STARTED:           (WAIT,        CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.CALLBACK_STARTED:       (ASK,         CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.TIMED_CALLBACK_STARTED: (ASK_IN_TIME, CLOSED,      CLOSED,      CLOSED,   CLOSED,      CLOSED,      CLOSED,      CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.SUCCEEDED:              (DONE,        DONE,        CLOSED,      CLOSED,   CLOSED,      DONE,        DONE,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.FAILED:                 (FAIL,        FAIL,        CLOSED,      CLOSED,   CLOSED,      FAIL,        FAIL,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.RETRIED:                (RETRY,       RETRY,       CLOSED,      CLOSED,   CLOSED,      CLOSED,      RETRY,       CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.CANCELLED:              (CLOSED,      DROP,        DROP,        DROP,     DROP,        DROP,        DROP,        CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.TIME_CAME:              (NO_TIMER,    NO_TIMER,    DONE,        NO_TIMER, NO_TIMER,    DUE,         NO_TIMER,    NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
    Event.CALLBACK_SUCCEEDED:     (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, DONE,     DONE,        NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    Event.CALLBACK_FAILED:        (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, FAIL,     FAIL,        NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    Event.HEARTBEAT:              (NO_CALLBACK, NO_CALLBACK, NO_CALLBACK, STAY,     ASK_IN_TIME, NO_CALLBACK, NO_CALLBACK, ANSWERED, ANSWERED, ANSWERED, ANSWERED),
    Event.TIMED_OUT:              (NO_TIMER,    NO_TIMER,    NO_TIMER,    NO_TIMER, LATE,        NO_TIMER,    NO_TIMER,    NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
})
# fmt: on

DURABLE_OPERATION = Machine(
    name="Operation",
    title="Operation of a durable execution: Status",
    initial=Status.ABSENT,
    shown={
        Status.ABSENT: None,
        Status.STARTED: "STARTED",
        Status.WAITING: "STARTED",
        Status.OPEN: "STARTED",
        Status.TIMED: "STARTED",
        Status.PENDING: "PENDING",
        Status.READY: "READY",
        Status.SUCCEEDED: "SUCCEEDED",
        Status.FAILED: "FAILED",
        Status.CANCELLED: "CANCELLED",
        Status.TIMED_OUT: "TIMED_OUT",
    },
    table=TABLE,
    final=frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.TIMED_OUT}),
)

CLOSED_STATUSES = DURABLE_OPERATION.final
