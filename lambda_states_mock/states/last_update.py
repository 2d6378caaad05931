"""The last update of a function: what AWS shows as ``LastUpdateStatus``.

First set, to Successful, when the creation has ended; absent before (functions-states.html, and recorded). A function
that is updated stays as it was for Invoke until the update has ended; a failed update leaves it so.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import UPDATE_IN_PROGRESS
from lambda_states_mock.states import reasons
from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, Refuse, grid


class LastUpdate(Enum):
    UNSET = auto()
    IN_PROGRESS = auto()
    SUCCESSFUL = auto()
    FAILED = auto()


class Event(Enum):
    CREATED = auto()  # the creation has ended well
    UPDATE_ASKED = auto()  # UpdateFunctionCode, UpdateFunctionConfiguration
    UPDATE_SUCCEEDED = auto()
    UPDATE_FAILED = auto()
    PUBLISH_ASKED = auto()
    TAG_ASKED = auto()
    DELETE_ASKED = auto()


_ENDED: Later[Event] = Later("update", Event.UPDATE_SUCCEEDED, Event.UPDATE_FAILED)

START: Move[LastUpdate, Event] = Move(LastUpdate.IN_PROGRESS, reasons.CREATING, _ENDED)
DONE: Move[LastUpdate, Event] = Move(LastUpdate.SUCCESSFUL)
FAIL: Move[LastUpdate, Event] = Move(LastUpdate.FAILED, reasons.reason("InternalError"))
CLEAR: Move[LastUpdate, Event] = Move(LastUpdate.UNSET)
BUSY = Refuse(UPDATE_IN_PROGRESS)
ONCE = Impossible("a function is created once")
NONE_RUNS = Impossible("no update runs, and the end of one cancelled its timer")

# fmt: off
TABLE = grid(tuple(LastUpdate), {
    #                       UNSET      IN_PROGRESS  SUCCESSFUL  FAILED
    Event.CREATED:          (DONE,      ONCE,        ONCE,       ONCE),
    Event.UPDATE_ASKED:     (START,     BUSY,        START,      START),
    Event.UPDATE_SUCCEEDED: (NONE_RUNS, DONE,        NONE_RUNS,  NONE_RUNS),
    Event.UPDATE_FAILED:    (NONE_RUNS, FAIL,        NONE_RUNS,  NONE_RUNS),
    Event.PUBLISH_ASKED:    (STAY,      BUSY,        STAY,       STAY),
    Event.TAG_ASKED:        (STAY,      BUSY,        STAY,       STAY),
    Event.DELETE_ASKED:     (STAY,      CLEAR,       STAY,       STAY),
})
# fmt: on

LAST_UPDATE = Machine(
    name="LastUpdateStatus",
    title="Function: LastUpdateStatus",
    initial=LastUpdate.UNSET,
    shown={
        LastUpdate.UNSET: None,
        LastUpdate.IN_PROGRESS: "InProgress",
        LastUpdate.SUCCESSFUL: "Successful",
        LastUpdate.FAILED: "Failed",
    },
    table=TABLE,
)
