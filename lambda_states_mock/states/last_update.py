"""The last update of a function: what AWS shows as ``LastUpdateStatus``.

First set, to Successful, when the creation has ended; absent before (functions-states.html, and recorded). A function
that is updated stays as it was for Invoke until the update has ended; a failed update leaves it so.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.service_errors import UPDATE_IN_PROGRESS
from lambda_states_mock.states import reasons
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, Refuse, grid, spelled


class UpdateState(Label):
    UNSET = auto()
    IN_PROGRESS = auto()
    SUCCESSFUL = auto()
    FAILED = auto()


class UpdateEvent(Label):
    CREATED = auto()  # the creation has ended well
    UPDATE_ASKED = auto()  # UpdateFunctionCode, UpdateFunctionConfiguration
    UPDATE_SUCCEEDED = auto()
    UPDATE_FAILED = auto()
    PUBLISH_ASKED = auto()
    TAG_ASKED = auto()
    DELETE_ASKED = auto()


_ENDED: Later[UpdateEvent] = Later("update", UpdateEvent.UPDATE_SUCCEEDED, UpdateEvent.UPDATE_FAILED)

START: Move[UpdateState, UpdateEvent] = Move(UpdateState.IN_PROGRESS, reasons.CREATING, _ENDED)
DONE: Move[UpdateState, UpdateEvent] = Move(UpdateState.SUCCESSFUL)
FAIL: Move[UpdateState, UpdateEvent] = Move(UpdateState.FAILED, reasons.reason("InternalError"))
CLEAR: Move[UpdateState, UpdateEvent] = Move(UpdateState.UNSET)
BUSY = Refuse(UPDATE_IN_PROGRESS)
ONCE = Impossible("a function is created once")
NONE_RUNS = Impossible("no update runs, and the end of one cancelled its timer")

# fmt: off
TABLE = grid(tuple(UpdateState), {
    #                             UNSET      IN_PROGRESS  SUCCESSFUL  FAILED
    UpdateEvent.CREATED:          (DONE,      ONCE,        ONCE,       ONCE),
    UpdateEvent.UPDATE_ASKED:     (START,     BUSY,        START,      START),
    UpdateEvent.UPDATE_SUCCEEDED: (NONE_RUNS, DONE,        NONE_RUNS,  NONE_RUNS),
    UpdateEvent.UPDATE_FAILED:    (NONE_RUNS, FAIL,        NONE_RUNS,  NONE_RUNS),
    UpdateEvent.PUBLISH_ASKED:    (STAY,      BUSY,        STAY,       STAY),
    UpdateEvent.TAG_ASKED:        (STAY,      BUSY,        STAY,       STAY),
    UpdateEvent.DELETE_ASKED:     (STAY,      CLEAR,       STAY,       STAY),
})
# fmt: on

LAST_UPDATE = Lifecycle(
    name="LastUpdateStatus",
    title="Function: LastUpdateStatus",
    initial=UpdateState.UNSET,
    shown=spelled(UpdateState, str.capitalize, {UpdateState.UNSET: None, UpdateState.IN_PROGRESS: "InProgress"}),
    table=TABLE,
)
