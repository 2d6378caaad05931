"""The life of a durable execution: what AWS shows as its ``Status`` (durable-invoking.html, API reference).

How long it may run and how long it is kept are said by the function's DurableConfig.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import EXECUTION_CLOSED
from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, Refuse, grid


class Execution(Enum):
    ABSENT = auto()
    RUNNING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOPPED = auto()


class Event(Enum):
    START_ASKED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    TIMED_OUT = auto()
    STOP_ASKED = auto()
    CHECKPOINT_ASKED = auto()
    EXPIRED = auto()  # the retention period has ended


def _closed(state: Execution) -> Move[Execution, Event]:
    return Move(state, then=Later("retention", Event.EXPIRED, background=True))


START: Move[Execution, Event] = Move(Execution.RUNNING, then=Later("execution", Event.TIMED_OUT))
DONE, FAIL, LATE, STOP = (
    _closed(state) for state in (Execution.SUCCEEDED, Execution.FAILED, Execution.TIMED_OUT, Execution.STOPPED)
)
GONE: Move[Execution, Event] = Move(Execution.ABSENT)
CLOSED = Refuse(EXECUTION_CLOSED)
ONCE = Impossible("an execution is started once")
NOBODY = Impossible("there is no such execution: the call is answered before it comes here")
NO_TIMER = Impossible("leaving RUNNING cancelled its timer")
OPEN = Impossible("only a closed execution is no longer kept")

# fmt: off
TABLE = grid(tuple(Execution), {
    #                       ABSENT  RUNNING SUCCEEDED FAILED    TIMED_OUT STOPPED
    Event.START_ASKED:      (START,  ONCE,   ONCE,     ONCE,     ONCE,     ONCE),
    Event.SUCCEEDED:        (NOBODY, DONE,   STAY,     STAY,     STAY,     STAY),
    Event.FAILED:           (NOBODY, FAIL,   STAY,     STAY,     STAY,     STAY),
    Event.TIMED_OUT:        (NOBODY, LATE,   NO_TIMER, NO_TIMER, NO_TIMER, NO_TIMER),
    Event.STOP_ASKED:       (NOBODY, STOP,   STAY,     STAY,     STAY,     STAY),
    Event.CHECKPOINT_ASKED: (NOBODY, STAY,   CLOSED,   CLOSED,   CLOSED,   CLOSED),
    Event.EXPIRED:          (NOBODY, OPEN,   GONE,     GONE,     GONE,     GONE),
})
# fmt: on

DURABLE_EXECUTION = Machine(
    name="Status",
    title="Durable execution: Status",
    initial=Execution.ABSENT,
    shown={
        Execution.ABSENT: None,
        Execution.RUNNING: "RUNNING",
        Execution.SUCCEEDED: "SUCCEEDED",
        Execution.FAILED: "FAILED",
        Execution.TIMED_OUT: "TIMED_OUT",
        Execution.STOPPED: "STOPPED",
    },
    table=TABLE,
    final=frozenset({Execution.ABSENT}),
)
