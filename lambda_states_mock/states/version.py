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
    Event,
    State,
)
from lambda_states_mock.states.machine import STAY, ByKind, Impossible, Later, Machine, Move, Refuse, grid

_SNAPSHOT = Later("snapshot", Event.PROVISIONED, Event.PROVISION_FAILED)
_LAUNCH = Later("launch", Event.PROVISIONED, Event.PROVISION_FAILED)

PUBLISH: Move[State, Event] = Move(State.CREATING, reasons.CREATING)  # ends with the creation or update it came with
SNAPSHOT: Move[State, Event] = Move(State.CREATING, reasons.CREATING, _SNAPSHOT)
LAUNCH: Move[State, Event] = Move(State.CREATING, reasons.CREATING, _LAUNCH)

ONCE = Impossible("a version number is published once")
CREATED = Impossible("versions are published, not created")
FAILED: ByKind[State, Event] = ByKind(NOT_INVOKED, {"snapstart": Refuse(SNAPSHOT_FAILED)})
FROZEN = Impossible("a version never changes; only its function does")
NEVER = Impossible("only a function can be unblocked")
ONLY_LATEST = Impossible("a version on a capacity provider can be invoked")
DRAINED: ByKind[State, Event] = ByKind(GONE, {"managed": DRAIN})
ASLEEP_ANYWAY = Impossible("no update can help a version, so one that lost its code is merely Inactive")

LOST: Move[State, Event] = Move(State.INACTIVE, reasons.reason("ImageDeleted"))

# fmt: off
TABLE = grid(function.STATES, {
    #                              ABSENT       CREATING         RESTORING        ACTIVE       INACTIVE     BACKING_OFF  FAILED       ARTIFACT_FAILED  UNBLOCKED    LOST             NON_INVOCABLE  DELETING
    Event.CREATE_ASKED:            (CREATED,) * 12,
    Event.PUBLISHED:               (AWAKE,       ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    Event.PUBLISHED_WITH_CODE:     (PUBLISH,     ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    Event.SNAPSHOT_ASKED:          (SNAPSHOT,    ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    Event.LAUNCH_ASKED:            (LAUNCH,      ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   ONCE),
    Event.PROVISIONED:             (NOBODY,      AWAKE,           AWAKE,           SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    Event.PROVISION_FAILED:        (NOBODY,      FAIL,            ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    Event.ARTIFACT_REJECTED:       (NOBODY,      REJECT,          ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED),
    Event.ATTEMPT_BACKED_OFF:      (NOBODY,      FAIL,            BACK_OFF,        RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   RESTORES),
    Event.BACK_OFF_ENDED:          (NOBODY,      NO_BACK_OFF,     NO_BACK_OFF,     NO_BACK_OFF, NO_BACK_OFF, RETRY,       NO_BACK_OFF, NO_BACK_OFF, NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NO_BACK_OFF),
    Event.INVOKE_ASKED:            (NOBODY,      NOT_INVOKED,     ASLEEP,          AWAKE,       WAKE,        ASLEEP,      FAILED,      BAD_CODE,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED),
    Event.DRY_RUN_ASKED:           (NOBODY,      NOT_INVOKED,     ASLEEP,          STAY,        ASLEEP,      ASLEEP,      FAILED,      BAD_CODE,    NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED),
    Event.CHANGE_ASKED:            (FROZEN,) * 12,
    Event.CHANGE_ASKED_WHEN_STUCK: (FROZEN,) * 12,
    Event.UPDATE_SUCCEEDED:        (FROZEN,) * 12,
    Event.WENT_IDLE:               (NOBODY,      NO_IDLING,       NO_IDLING,       IDLE,        NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,   NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   NO_IDLING),
    Event.ARTIFACT_LOST:           (NOBODY,      STAY,            STAY,            LOST,        LOST,        LOST,        STAY,        STAY,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    Event.ROUTE_ASKED:             (NOBODY,      NOT_CHANGED,     STAY,            STAY,        STAY,        STAY,        NOT_CHANGED, NOT_CHANGED,     NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    Event.DELETE_ASKED:            (NOBODY,      GONE_UNLESS_VPC, GONE_UNLESS_VPC, DRAINED,     GONE,        GONE,        GONE,        GONE,        NEVER,          ASLEEP_ANYWAY, ONLY_LATEST,   STAY),
    Event.CAPACITY_RELEASED:       (STILL_THERE,) * 11 + (GONE,),
})
# fmt: on

VERSION = Machine(
    name="State",
    title="Published version: State",
    initial=State.ABSENT,
    shown=function.SHOWN,
    table=TABLE,
    final=frozenset({State.ABSENT}),
)
