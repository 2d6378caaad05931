"""The life of a published version: its own ``State``, beside that of the unpublished function.

A version of a settled function is Active at once; one made by CreateFunction or UpdateFunctionCode with Publish is
Pending until that has ended; one with SnapStart is Pending while its snapshot is made (snapstart-activate.html).
States and events are those of `states.function`; a version is never updated.
"""

from __future__ import annotations

from lambda_states_mock.service_errors import SNAPSHOT_FAILED
from lambda_states_mock.states import function, reasons
from lambda_states_mock.states.function import (
    ASLEEP,
    ASLEEP_AGAIN,
    AWAKE,
    BACK_OFF,
    BAD_CODE,
    DRAIN,
    FAIL,
    GONE,
    GONE_UNLESS_VPC,
    IDLE,
    NO_BACK_OFF,
    NO_IDLING,
    NOBODY,
    NOT_CHANGED,
    NOT_INVOKED,
    REJECT,
    RESTORES,
    RETRY,
    SETTLED,
    STILL_THERE,
    WAKE,
    FunctionEvent,
    FunctionState,
)
from lambda_states_mock.states.lifecycle import STAY, ByKind, Impossible, Later, Lifecycle, Move, Refuse, grid

_SNAPSHOT = Later("snapshot", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)
_LAUNCH = Later("launch", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)

PUBLISH: Move[FunctionState, FunctionEvent] = Move(
    FunctionState.CREATING, reasons.CREATING
)  # ends with the creation or update it came with
SNAPSHOT: Move[FunctionState, FunctionEvent] = Move(FunctionState.CREATING, reasons.CREATING, _SNAPSHOT)
LAUNCH: Move[FunctionState, FunctionEvent] = Move(FunctionState.CREATING, reasons.CREATING, _LAUNCH)

ONCE = Impossible("a version number is published once")
CREATED = Impossible("versions are published, not created")
FAILED: ByKind[FunctionState, FunctionEvent] = ByKind(NOT_INVOKED, {"snapstart": Refuse(SNAPSHOT_FAILED)})
FROZEN = Impossible("a version never changes; only its function does")
NEVER = Impossible("only a function can be unblocked")
ONLY_LATEST = Impossible("a version on a capacity provider can be invoked")
DRAINED: ByKind[FunctionState, FunctionEvent] = ByKind(GONE, {"managed": DRAIN})
ASLEEP_ANYWAY = Impossible("no update can help a version, so one that lost its code is merely Inactive")

LOST: Move[FunctionState, FunctionEvent] = Move(FunctionState.INACTIVE, reasons.reason("ImageDeleted"))

# fmt: off
TABLE = grid(function.STATES, {
    #                              ABSENT       CREATING         RESTORING        ACTIVE       INACTIVE     BACKING_OFF  FAILED       ARTIFACT_FAILED  UNBLOCKED    LOST             NON_INVOCABLE  DELETING
    FunctionEvent.CREATE_ASKED:            (CREATED,) * 12,
    FunctionEvent.PUBLISHED:               (AWAKE,       ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    FunctionEvent.PUBLISHED_WITH_CODE:     (PUBLISH,     ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    FunctionEvent.SNAPSHOT_ASKED:          (SNAPSHOT,    ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    FunctionEvent.LAUNCH_ASKED:            (LAUNCH,      ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    FunctionEvent.PROVISIONED:             (NOBODY,      AWAKE,           AWAKE,           SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    FunctionEvent.PROVISION_FAILED:        (NOBODY,      FAIL,            ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    FunctionEvent.ARTIFACT_REJECTED:       (NOBODY,      REJECT,          ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    FunctionEvent.ATTEMPT_BACKED_OFF:      (NOBODY,      FAIL,            BACK_OFF,        RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   RESTORES),
    FunctionEvent.BACK_OFF_ENDED:          (NOBODY,      NO_BACK_OFF,     NO_BACK_OFF,     NO_BACK_OFF, NO_BACK_OFF, RETRY,       NO_BACK_OFF, NO_BACK_OFF, NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NO_BACK_OFF),
    FunctionEvent.INVOKE_ASKED:            (NOBODY,      NOT_INVOKED,     ASLEEP,          AWAKE,       WAKE,        ASLEEP,      FAILED,      BAD_CODE,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED),
    FunctionEvent.DRY_RUN_ASKED:           (NOBODY,      NOT_INVOKED,     ASLEEP,          STAY,        ASLEEP,      ASLEEP,      FAILED,      BAD_CODE,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED),
    FunctionEvent.CHANGE_ASKED:            (FROZEN,) * 12,
    FunctionEvent.CHANGE_ASKED_WHEN_STUCK: (FROZEN,) * 12,
    FunctionEvent.UPDATE_SUCCEEDED:        (FROZEN,) * 12,
    FunctionEvent.WENT_IDLE:               (NOBODY,      NO_IDLING,       NO_IDLING,       IDLE,        NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,   NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NO_IDLING),
    FunctionEvent.ARTIFACT_LOST:           (NOBODY,      STAY,            STAY,            LOST,        LOST,        LOST,        STAY,        STAY,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    FunctionEvent.ROUTE_ASKED:             (NOBODY,      NOT_CHANGED,     STAY,            STAY,        STAY,        STAY,        NOT_CHANGED, NOT_CHANGED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    FunctionEvent.DELETE_ASKED:            (NOBODY,      GONE_UNLESS_VPC, GONE_UNLESS_VPC, DRAINED,     GONE,        GONE,        GONE,        GONE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    FunctionEvent.CAPACITY_RELEASED:       (STILL_THERE,) * 11 + (GONE,),
})
# fmt: on

VERSION = Lifecycle(
    name="State",
    title="Published version: State",
    initial=FunctionState.ABSENT,
    shown=function.SHOWN,
    table=TABLE,
    final=frozenset({FunctionState.ABSENT}),
)
