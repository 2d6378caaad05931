"""The lives of an unpublished function and of a published version: what AWS shows as ``State``.

Documented at docs.aws.amazon.com/lambda/latest/dg/functions-states.html, configuration-vpc.html and
troubleshooting-invocation.html. ``State`` and ``LastUpdateStatus`` (`states.last_update`) are two machines on one function.

A version of a settled function is Active at once; one made by CreateFunction or UpdateFunctionCode with Publish is
Pending until that has ended; one with SnapStart is Pending while its snapshot is made (snapstart-activate.html). It has
its own ``State`` beside that of the function, and is never updated.

The tables are the truth. Two rules stand beside them as pure functions, because they ask for more than a state:
`change_event` (was the function Pending for more than six minutes?) and `failure_event` (does the reason ask for a
back-off, or blame the code?).
"""

from __future__ import annotations

from datetime import timedelta
from enum import auto

from lambda_states_mock.service_errors import (
    ARTIFACT_DELETED,
    ARTIFACT_FAILED,
    ARTIFACT_PENDING,
    CHANGED_IN_STATE,
    INVOKED_IN_STATE,
    NETWORK_NOT_READY,
    SNAPSHOT_FAILED,
    SNAPSHOT_NOT_READY,
)
from lambda_states_mock.states import reasons
from lambda_states_mock.states.lifecycle import STAY, ByKind, Impossible, Label, Later, Lifecycle, Move, Refuse, grid

STUCK_AFTER = timedelta(minutes=6)
"""Longer than this in Pending, and a change cancels what is pending (troubleshooting-invocation.html)."""


class FunctionState(Label):
    ABSENT = auto()
    CREATING = auto()
    RESTORING = auto()
    ACTIVE = auto()
    INACTIVE = auto()
    BACKING_OFF = auto()  # Inactive, and no new attempt to restore for five minutes
    FAILED = auto()
    ARTIFACT_FAILED = auto()  # Failed, because of the code or image
    UNBLOCKED = auto()  # Failed, by cancelling a creation that was stuck: may be updated
    LOST = auto()  # Inactive, because the image or object can no longer be had: only an update helps
    NON_INVOCABLE = auto()  # complete, but on a capacity provider, where only versions run
    DRAINING = auto()  # shown as Deleting: its durable executions that are under way go on to their ends
    DELETING = auto()  # on a capacity provider: its capacity is being given back


class FunctionEvent(Label):
    CREATE_ASKED = auto()
    PUBLISHED = auto()  # versions: of a settled function, ready at once
    PUBLISHED_WITH_CODE = auto()  # versions: by CreateFunction or UpdateFunctionCode, ready when that is
    SNAPSHOT_ASKED = auto()  # versions: published with SnapStart
    LAUNCH_ASKED = auto()  # versions: published on a capacity provider
    PROVISIONED = auto()
    PROVISION_FAILED = auto()
    ARTIFACT_REJECTED = auto()  # provisioning failed because of the code or image
    ATTEMPT_BACKED_OFF = auto()  # restoring failed for a reason after which Lambda waits
    BACK_OFF_ENDED = auto()
    INVOKE_ASKED = auto()
    EXECUTION_WENT_ON = auto()  # a durable execution that began before is to be invoked again
    DRY_RUN_ASKED = auto()
    CHANGE_ASKED = auto()  # UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion
    CHANGE_ASKED_WHEN_STUCK = auto()
    UPDATE_SUCCEEDED = auto()
    WENT_IDLE = auto()
    ARTIFACT_LOST = auto()  # the image, the S3 object or the snapshot can no longer be had
    ROUTE_ASKED = auto()  # an alias is to lead here
    DELETE_ASKED = auto()
    DRAIN_ASKED = auto()  # to be deleted, while durable executions are under way
    CAPACITY_RELEASED = auto()


_Move = Move[FunctionState, FunctionEvent]

STATES = tuple(FunctionState)

SHOWN: dict[FunctionState, str | None] = {
    FunctionState.ABSENT: None,
    FunctionState.CREATING: "Pending",
    FunctionState.RESTORING: "Pending",
    FunctionState.ACTIVE: "Active",
    FunctionState.INACTIVE: "Inactive",
    FunctionState.BACKING_OFF: "Inactive",
    FunctionState.FAILED: "Failed",
    FunctionState.ARTIFACT_FAILED: "Failed",
    FunctionState.UNBLOCKED: "Failed",
    FunctionState.LOST: "Inactive",
    FunctionState.NON_INVOCABLE: "ActiveNonInvocable",
    FunctionState.DRAINING: "Deleting",
    FunctionState.DELETING: "Deleting",
}

_PROVISIONED = Later("create", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)
_RESTORED = Later("restore", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)
_SNAPSHOT = Later("snapshot", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)
_LAUNCH = Later("launch", FunctionEvent.PROVISIONED, FunctionEvent.PROVISION_FAILED)
_IDLE = Later("idle", FunctionEvent.WENT_IDLE, background=True)
_BACK_OFF = Later("back_off", FunctionEvent.BACK_OFF_ENDED, background=True)

CREATE: _Move = Move(FunctionState.CREATING, reasons.CREATING, _PROVISIONED)
AWAKE: _Move = Move(FunctionState.ACTIVE, then=_IDLE)
IDLE: _Move = Move(FunctionState.INACTIVE, reasons.IDLE)
LOSE: _Move = Move(FunctionState.LOST, reasons.reason("ImageDeleted"))
FAIL: _Move = Move(FunctionState.FAILED, reasons.reason("InternalError"))
REJECT: _Move = Move(FunctionState.ARTIFACT_FAILED, reasons.reason("InvalidImage"))
ASLEEP_AGAIN: _Move = Move(FunctionState.INACTIVE, reasons.reason("InternalError"))
BACK_OFF: _Move = Move(FunctionState.BACKING_OFF, reasons.reason("SubnetOutOfIPAddresses"), _BACK_OFF)
RETRY: _Move = Move(FunctionState.INACTIVE, keeps_reason=True)  # only the waiting is over
UNBLOCK: _Move = Move(FunctionState.UNBLOCKED, reasons.reason("InternalError"), answer=CHANGED_IN_STATE)
GONE: _Move = Move(FunctionState.ABSENT)
NOT_INVOKED = Refuse(INVOKED_IN_STATE)
NOT_CHANGED = Refuse(CHANGED_IN_STATE)
BAD_CODE = Refuse(ARTIFACT_FAILED)
NO_CODE = Refuse(ARTIFACT_DELETED)

WAKING_BY_KIND = {"vpc": NETWORK_NOT_READY, "snapstart": SNAPSHOT_NOT_READY}
"""What Invoke answers while a function of that kind is woken; all other kinds: CodeArtifactUserPendingException."""

ASLEEP: ByKind[FunctionState, FunctionEvent] = ByKind(
    Refuse(ARTIFACT_PENDING), {kind: Refuse(answer) for kind, answer in WAKING_BY_KIND.items()}
)
WAKE: ByKind[FunctionState, FunctionEvent] = ByKind(
    Move(FunctionState.RESTORING, reasons.RESTORING, _RESTORED, ARTIFACT_PENDING),
    {
        kind: Move(FunctionState.RESTORING, reasons.RESTORING, _RESTORED, answer)
        for kind, answer in WAKING_BY_KIND.items()
    },
)
RELEASE: _Move = Move(FunctionState.DELETING, then=Later("release_capacity", FunctionEvent.CAPACITY_RELEASED))
READY: ByKind[FunctionState, FunctionEvent] = ByKind(AWAKE, {"managed": Move(FunctionState.NON_INVOCABLE)})
GONE_UNLESS_VPC: ByKind[FunctionState, FunctionEvent] = ByKind(GONE, {"vpc": NOT_CHANGED})
"""Users report a conflict when they delete a Pending function that waits for network interfaces; others just go."""
DRAIN: _Move = Move(FunctionState.DRAINING, reasons.reason("DrainingDurableExecutions"))
DRAIN_UNLESS_VPC: ByKind[FunctionState, FunctionEvent] = ByKind(DRAIN, {"vpc": NOT_CHANGED})
RELEASED: ByKind[FunctionState, FunctionEvent] = ByKind(GONE, {"managed": RELEASE})

ONCE = Impossible("a function is created once")
UNPUBLISHED = Impossible("only versions are published")
NOBODY = Impossible("there is no such function: the call is answered before it comes here")
SETTLED = Impossible("nothing is being provisioned here, and leaving Pending cancelled its timer")
RESTORES = Impossible("only a restoration backs off")
NO_BACK_OFF = Impossible("leaving the back-off cancelled its timer")
NO_IDLING = Impossible("leaving Active cancelled the idle timer")
NOT_STUCK = Impossible("only what is created or restored can be stuck")
STILL_THERE = Impossible("only Deleting waits for its end")
NO_UPDATE = Impossible("no update is accepted in this state, so none can end")

# fmt: off
TABLE = grid(STATES, {
    #                                       ABSENT  CREATING          RESTORING         ACTIVE       INACTIVE     BACKING_OFF  FAILED       ARTIFACT_FAILED  UNBLOCKED    LOST         NON_INVOCABLE  DRAINING     DELETING
    FunctionEvent.CREATE_ASKED:            (CREATE, ONCE,             ONCE,             ONCE,        ONCE,        ONCE,        ONCE,        ONCE,            ONCE,        ONCE,        ONCE,          ONCE,        ONCE),
    FunctionEvent.PUBLISHED:               (UNPUBLISHED,) * 13,
    FunctionEvent.PUBLISHED_WITH_CODE:     (UNPUBLISHED,) * 13,
    FunctionEvent.SNAPSHOT_ASKED:          (UNPUBLISHED,) * 13,
    FunctionEvent.LAUNCH_ASKED:            (UNPUBLISHED,) * 13,
    FunctionEvent.PROVISIONED:             (NOBODY, READY,            AWAKE,            SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,     SETTLED,     SETTLED,       SETTLED,     SETTLED),
    FunctionEvent.PROVISION_FAILED:        (NOBODY, FAIL,             ASLEEP_AGAIN,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,     SETTLED,     SETTLED,       SETTLED,     SETTLED),
    FunctionEvent.ARTIFACT_REJECTED:       (NOBODY, REJECT,           ASLEEP_AGAIN,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,     SETTLED,     SETTLED,       SETTLED,     SETTLED),
    FunctionEvent.ATTEMPT_BACKED_OFF:      (NOBODY, FAIL,             BACK_OFF,         RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,        RESTORES,    RESTORES,    RESTORES,      RESTORES,    RESTORES),
    FunctionEvent.BACK_OFF_ENDED:          (NOBODY, NO_BACK_OFF,      NO_BACK_OFF,      NO_BACK_OFF, NO_BACK_OFF, RETRY,       NO_BACK_OFF, NO_BACK_OFF,     NO_BACK_OFF, NO_BACK_OFF, NO_BACK_OFF,   NO_BACK_OFF, NO_BACK_OFF),
    FunctionEvent.INVOKE_ASKED:            (NOBODY, NOT_INVOKED,      ASLEEP,           AWAKE,       WAKE,        ASLEEP,      NOT_INVOKED, BAD_CODE,        NOT_INVOKED, NO_CODE,     NOT_INVOKED,   NOT_INVOKED, NOT_INVOKED),
    FunctionEvent.EXECUTION_WENT_ON:       (NOBODY, NOT_INVOKED,      ASLEEP,           AWAKE,       WAKE,        ASLEEP,      NOT_INVOKED, BAD_CODE,        NOT_INVOKED, NO_CODE,     NOT_INVOKED,   STAY,        NOT_INVOKED),
    FunctionEvent.DRY_RUN_ASKED:           (NOBODY, NOT_INVOKED,      ASLEEP,           STAY,        ASLEEP,      ASLEEP,      NOT_INVOKED, BAD_CODE,        NOT_INVOKED, NO_CODE,     NOT_INVOKED,   NOT_INVOKED, NOT_INVOKED),
    FunctionEvent.CHANGE_ASKED:            (NOBODY, NOT_CHANGED,      NOT_CHANGED,      STAY,        STAY,        STAY,        NOT_CHANGED, NOT_CHANGED,     STAY,        STAY,        STAY,          NOT_CHANGED, NOT_CHANGED),
    FunctionEvent.CHANGE_ASKED_WHEN_STUCK: (NOBODY, UNBLOCK,          UNBLOCK,          NOT_STUCK,   NOT_STUCK,   NOT_STUCK,   NOT_STUCK,   NOT_STUCK,       NOT_STUCK,   NOT_STUCK,   NOT_STUCK,     NOT_STUCK,   NOT_STUCK),
    FunctionEvent.UPDATE_SUCCEEDED:        (NOBODY, NO_UPDATE,        STAY,             STAY,        AWAKE,       AWAKE,       NO_UPDATE,   NO_UPDATE,       AWAKE,       AWAKE,       STAY,          STAY,        STAY),
    FunctionEvent.WENT_IDLE:               (NOBODY, NO_IDLING,        NO_IDLING,        IDLE,        NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,       NO_IDLING,   NO_IDLING,   NO_IDLING,     NO_IDLING,   NO_IDLING),
    FunctionEvent.ARTIFACT_LOST:           (NOBODY, STAY,             STAY,             LOSE,        LOSE,        LOSE,        STAY,        STAY,            STAY,        STAY,        STAY,          STAY,        STAY),
    FunctionEvent.ROUTE_ASKED:             (NOBODY, STAY,             STAY,             STAY,        STAY,        STAY,        STAY,        STAY,            STAY,        STAY,        STAY,          STAY,        STAY),
    FunctionEvent.DELETE_ASKED:            (NOBODY, GONE_UNLESS_VPC,  GONE_UNLESS_VPC,  GONE,        GONE,        GONE,        GONE,        GONE,            GONE,        GONE,        RELEASE,       RELEASED,    STAY),
    FunctionEvent.DRAIN_ASKED:             (NOBODY, DRAIN_UNLESS_VPC, DRAIN_UNLESS_VPC, DRAIN,       DRAIN,       DRAIN,       DRAIN,       DRAIN,           DRAIN,       DRAIN,       DRAIN,         STAY,        STAY),
    FunctionEvent.CAPACITY_RELEASED:       (STILL_THERE,) * 12 + (GONE,),
})
# fmt: on

FUNCTION = Lifecycle(
    name="State",
    title="Function: State",
    initial=FunctionState.ABSENT,
    shown=SHOWN,
    table=TABLE,
    final=frozenset({FunctionState.ABSENT}),
)

# -- published versions

PUBLISH: _Move = Move(FunctionState.CREATING, reasons.CREATING)  # ends with the creation or update it came with
SNAPSHOT: _Move = Move(FunctionState.CREATING, reasons.CREATING, _SNAPSHOT)
LAUNCH: _Move = Move(FunctionState.CREATING, reasons.CREATING, _LAUNCH)

TWICE = Impossible("a version number is published once")
CREATED = Impossible("versions are published, not created")
FAILED: ByKind[FunctionState, FunctionEvent] = ByKind(NOT_INVOKED, {"snapstart": Refuse(SNAPSHOT_FAILED)})
FROZEN = Impossible("a version never changes; only its function does")
NEVER = Impossible("only a function can be unblocked")
ONLY_LATEST = Impossible("a version on a capacity provider can be invoked")
LOST: _Move = Move(FunctionState.INACTIVE, reasons.reason("ImageDeleted"))
ASLEEP_ANYWAY = Impossible("no update can help a version, so one that lost its code is merely Inactive")

# fmt: off
VERSION_TABLE = grid(STATES, {
    #                                       ABSENT    CREATING          RESTORING         ACTIVE       INACTIVE     BACKING_OFF  FAILED       ARTIFACT_FAILED  UNBLOCKED  LOST           NON_INVOCABLE  DRAINING     DELETING
    FunctionEvent.CREATE_ASKED:            (CREATED,) * 13,
    FunctionEvent.PUBLISHED:               (AWAKE,    TWICE,            TWICE,            TWICE,       TWICE,       TWICE,       TWICE,       TWICE,           NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   TWICE,       TWICE),
    FunctionEvent.PUBLISHED_WITH_CODE:     (PUBLISH,  TWICE,            TWICE,            TWICE,       TWICE,       TWICE,       TWICE,       TWICE,           NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   TWICE,       TWICE),
    FunctionEvent.SNAPSHOT_ASKED:          (SNAPSHOT, TWICE,            TWICE,            TWICE,       TWICE,       TWICE,       TWICE,       TWICE,           NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   TWICE,       TWICE),
    FunctionEvent.LAUNCH_ASKED:            (LAUNCH,   TWICE,            TWICE,            TWICE,       TWICE,       TWICE,       TWICE,       TWICE,           NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   TWICE,       TWICE),
    FunctionEvent.PROVISIONED:             (NOBODY,   AWAKE,            AWAKE,            SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED,     SETTLED),
    FunctionEvent.PROVISION_FAILED:        (NOBODY,   FAIL,             ASLEEP_AGAIN,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED,     SETTLED),
    FunctionEvent.ARTIFACT_REJECTED:       (NOBODY,   REJECT,           ASLEEP_AGAIN,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   SETTLED,     SETTLED),
    FunctionEvent.ATTEMPT_BACKED_OFF:      (NOBODY,   FAIL,             BACK_OFF,         RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,        NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   RESTORES,    RESTORES),
    FunctionEvent.BACK_OFF_ENDED:          (NOBODY,   NO_BACK_OFF,      NO_BACK_OFF,      NO_BACK_OFF, NO_BACK_OFF, RETRY,       NO_BACK_OFF, NO_BACK_OFF,     NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   NO_BACK_OFF, NO_BACK_OFF),
    FunctionEvent.INVOKE_ASKED:            (NOBODY,   NOT_INVOKED,      ASLEEP,           AWAKE,       WAKE,        ASLEEP,      FAILED,      BAD_CODE,        NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED, NOT_INVOKED),
    FunctionEvent.EXECUTION_WENT_ON:       (NOBODY,   NOT_INVOKED,      ASLEEP,           AWAKE,       WAKE,        ASLEEP,      FAILED,      BAD_CODE,        NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   STAY,        NOT_INVOKED),
    FunctionEvent.DRY_RUN_ASKED:           (NOBODY,   NOT_INVOKED,      ASLEEP,           STAY,        ASLEEP,      ASLEEP,      FAILED,      BAD_CODE,        NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   NOT_INVOKED, NOT_INVOKED),
    FunctionEvent.CHANGE_ASKED:            (FROZEN,) * 13,
    FunctionEvent.CHANGE_ASKED_WHEN_STUCK: (FROZEN,) * 13,
    FunctionEvent.UPDATE_SUCCEEDED:        (FROZEN,) * 13,
    FunctionEvent.WENT_IDLE:               (NOBODY,   NO_IDLING,        NO_IDLING,        IDLE,        NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,       NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   NO_IDLING,   NO_IDLING),
    FunctionEvent.ARTIFACT_LOST:           (NOBODY,   STAY,             STAY,             LOST,        LOST,        LOST,        STAY,        STAY,            NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   STAY,        STAY),
    FunctionEvent.ROUTE_ASKED:             (NOBODY,   NOT_CHANGED,      STAY,             STAY,        STAY,        STAY,        NOT_CHANGED, NOT_CHANGED,     NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   STAY,        STAY),
    FunctionEvent.DELETE_ASKED:            (NOBODY,   GONE_UNLESS_VPC,  GONE_UNLESS_VPC,  RELEASED,    GONE,        GONE,        GONE,        GONE,            NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   RELEASED,    STAY),
    FunctionEvent.DRAIN_ASKED:             (NOBODY,   DRAIN_UNLESS_VPC, DRAIN_UNLESS_VPC, DRAIN,       DRAIN,       DRAIN,       DRAIN,       DRAIN,           NEVER,     ASLEEP_ANYWAY, ONLY_LATEST,   STAY,        STAY),
    FunctionEvent.CAPACITY_RELEASED:       (STILL_THERE,) * 12 + (GONE,),
})
# fmt: on

VERSION = Lifecycle(
    name="State",
    title="Published version: State",
    initial=FunctionState.ABSENT,
    shown=SHOWN,
    table=VERSION_TABLE,
    final=frozenset({FunctionState.ABSENT}),
)


def change_event(state: FunctionState, since: timedelta) -> FunctionEvent:
    """Return what a change is to a function that has been in *state* for *since*: ordinary, or the end of a stuck creation."""
    pending = state in (FunctionState.CREATING, FunctionState.RESTORING)
    return FunctionEvent.CHANGE_ASKED_WHEN_STUCK if pending and since > STUCK_AFTER else FunctionEvent.CHANGE_ASKED


def failure_event(code: str) -> FunctionEvent:
    """Return how provisioning fails for reason *code*: at once and for good, with a back-off, or by the code's fault."""
    if code in reasons.BACKED_OFF:
        return FunctionEvent.ATTEMPT_BACKED_OFF
    return FunctionEvent.ARTIFACT_REJECTED if code in reasons.ARTIFACT else FunctionEvent.PROVISION_FAILED
