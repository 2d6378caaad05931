"""The life of an unpublished function: what AWS shows as ``State``.

Documented at docs.aws.amazon.com/lambda/latest/dg/functions-states.html, configuration-vpc.html and
troubleshooting-invocation.html. ``State`` and ``LastUpdateStatus`` (`states.last_update`) are two machines on one function.

The table is the truth. Two rules stand beside it as pure functions, because they ask for more than a state:
`change_event` (was the function Pending for more than six minutes?) and `failure_event` (does the reason ask for a
back-off, or blame the code?).
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto

from lambda_states_mock.service_errors import (
    ARTIFACT_DELETED,
    ARTIFACT_FAILED,
    ARTIFACT_PENDING,
    CHANGED_IN_STATE,
    INVOKED_IN_STATE,
    NETWORK_NOT_READY,
    SNAPSHOT_NOT_READY,
)
from lambda_states_mock.states import reasons
from lambda_states_mock.states.machine import STAY, ByKind, Impossible, Later, Machine, Move, Refuse, grid

STUCK_AFTER = timedelta(minutes=6)
"""Longer than this in Pending, and a change cancels what is pending (troubleshooting-invocation.html)."""


class State(Enum):
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
    DELETING = auto()  # on a capacity provider: its capacity is being given back


class Event(Enum):
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
    DRY_RUN_ASKED = auto()
    CHANGE_ASKED = auto()  # UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion
    CHANGE_ASKED_WHEN_STUCK = auto()
    UPDATE_SUCCEEDED = auto()
    WENT_IDLE = auto()
    ARTIFACT_LOST = auto()  # the image, the S3 object or the snapshot can no longer be had
    ROUTE_ASKED = auto()  # an alias is to lead here
    DELETE_ASKED = auto()
    CAPACITY_RELEASED = auto()


STATES = tuple(State)

SHOWN: dict[State, str | None] = {
    State.ABSENT: None,
    State.CREATING: "Pending",
    State.RESTORING: "Pending",
    State.ACTIVE: "Active",
    State.INACTIVE: "Inactive",
    State.BACKING_OFF: "Inactive",
    State.FAILED: "Failed",
    State.ARTIFACT_FAILED: "Failed",
    State.UNBLOCKED: "Failed",
    State.LOST: "Inactive",
    State.NON_INVOCABLE: "ActiveNonInvocable",
    State.DELETING: "Deleting",
}

_PROVISIONED = Later("create", Event.PROVISIONED, Event.PROVISION_FAILED)
_RESTORED = Later("restore", Event.PROVISIONED, Event.PROVISION_FAILED)
_IDLE = Later("idle", Event.WENT_IDLE, background=True)
_BACK_OFF = Later("back_off", Event.BACK_OFF_ENDED, background=True)

CREATE: Move[State, Event] = Move(State.CREATING, reasons.CREATING, _PROVISIONED)
AWAKE: Move[State, Event] = Move(State.ACTIVE, then=_IDLE)
IDLE: Move[State, Event] = Move(State.INACTIVE, reasons.IDLE)
LOSE: Move[State, Event] = Move(State.LOST, reasons.reason("ImageDeleted"))
FAIL: Move[State, Event] = Move(State.FAILED, reasons.reason("InternalError"))
REJECT: Move[State, Event] = Move(State.ARTIFACT_FAILED, reasons.reason("InvalidImage"))
ASLEEP_AGAIN: Move[State, Event] = Move(State.INACTIVE, reasons.reason("InternalError"))
BACK_OFF: Move[State, Event] = Move(State.BACKING_OFF, reasons.reason("SubnetOutOfIPAddresses"), _BACK_OFF)
RETRY: Move[State, Event] = Move(State.INACTIVE, keeps_reason=True)  # only the waiting is over
UNBLOCK: Move[State, Event] = Move(State.UNBLOCKED, reasons.reason("InternalError"), answer=CHANGED_IN_STATE)
GONE: Move[State, Event] = Move(State.ABSENT)
NOT_INVOKED = Refuse(INVOKED_IN_STATE)
NOT_CHANGED = Refuse(CHANGED_IN_STATE)
BAD_CODE = Refuse(ARTIFACT_FAILED)
NO_CODE = Refuse(ARTIFACT_DELETED)

WAKING_BY_KIND = {"vpc": NETWORK_NOT_READY, "snapstart": SNAPSHOT_NOT_READY}
"""What Invoke answers while a function of that kind is woken; all other kinds: CodeArtifactUserPendingException."""

ASLEEP: ByKind[State, Event] = ByKind(
    Refuse(ARTIFACT_PENDING), {kind: Refuse(answer) for kind, answer in WAKING_BY_KIND.items()}
)
WAKE: ByKind[State, Event] = ByKind(
    Move(State.RESTORING, reasons.RESTORING, _RESTORED, ARTIFACT_PENDING),
    {kind: Move(State.RESTORING, reasons.RESTORING, _RESTORED, answer) for kind, answer in WAKING_BY_KIND.items()},
)
DRAIN: Move[State, Event] = Move(State.DELETING, then=Later("release_capacity", Event.CAPACITY_RELEASED))
READY: ByKind[State, Event] = ByKind(AWAKE, {"managed": Move(State.NON_INVOCABLE)})
GONE_UNLESS_VPC: ByKind[State, Event] = ByKind(GONE, {"vpc": NOT_CHANGED})
"""Users report a conflict when they delete a Pending function that waits for network interfaces; others just go."""

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
    #                              ABSENT       CREATING         RESTORING        ACTIVE       INACTIVE     BACKING_OFF  FAILED       ARTIFACT_FAILED  UNBLOCKED    LOST             NON_INVOCABLE  DELETING
    Event.CREATE_ASKED:            (CREATE,      ONCE,            ONCE,            ONCE,        ONCE,        ONCE,        ONCE,        ONCE,        ONCE,            ONCE,         ONCE,          ONCE),
    Event.PUBLISHED:               (UNPUBLISHED,) * 12,
    Event.PUBLISHED_WITH_CODE:     (UNPUBLISHED,) * 12,
    Event.SNAPSHOT_ASKED:          (UNPUBLISHED,) * 12,
    Event.LAUNCH_ASKED:            (UNPUBLISHED,) * 12,
    Event.PROVISIONED:             (NOBODY,      READY,           AWAKE,           SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,      SETTLED,       SETTLED),
    Event.PROVISION_FAILED:        (NOBODY,      FAIL,            ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,      SETTLED,       SETTLED),
    Event.ARTIFACT_REJECTED:       (NOBODY,      REJECT,          ASLEEP_AGAIN,    SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,     SETTLED,         SETTLED,      SETTLED,       SETTLED),
    Event.ATTEMPT_BACKED_OFF:      (NOBODY,      FAIL,            BACK_OFF,        RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,    RESTORES,        RESTORES,     RESTORES,      RESTORES),
    Event.BACK_OFF_ENDED:          (NOBODY,      NO_BACK_OFF,     NO_BACK_OFF,     NO_BACK_OFF, NO_BACK_OFF, RETRY,       NO_BACK_OFF, NO_BACK_OFF, NO_BACK_OFF,     NO_BACK_OFF,  NO_BACK_OFF,   NO_BACK_OFF),
    Event.INVOKE_ASKED:            (NOBODY,      NOT_INVOKED,     ASLEEP,          AWAKE,       WAKE,        ASLEEP,      NOT_INVOKED, BAD_CODE,    NOT_INVOKED,     NO_CODE,      NOT_INVOKED,   NOT_INVOKED),
    Event.DRY_RUN_ASKED:           (NOBODY,      NOT_INVOKED,     ASLEEP,          STAY,        ASLEEP,      ASLEEP,      NOT_INVOKED, BAD_CODE,    NOT_INVOKED,     NO_CODE,      NOT_INVOKED,   NOT_INVOKED),
    Event.CHANGE_ASKED:            (NOBODY,      NOT_CHANGED,     NOT_CHANGED,     STAY,        STAY,        STAY,        NOT_CHANGED, NOT_CHANGED, STAY,            STAY,         STAY,          NOT_CHANGED),
    Event.CHANGE_ASKED_WHEN_STUCK: (NOBODY,      UNBLOCK,         UNBLOCK,         NOT_STUCK,   NOT_STUCK,   NOT_STUCK,   NOT_STUCK,   NOT_STUCK,   NOT_STUCK,       NOT_STUCK,    NOT_STUCK,     NOT_STUCK),
    Event.UPDATE_SUCCEEDED:        (NOBODY,      NO_UPDATE,       STAY,            STAY,        AWAKE,       AWAKE,       NO_UPDATE,   NO_UPDATE,   AWAKE,           AWAKE,        STAY,          STAY),
    Event.WENT_IDLE:               (NOBODY,      NO_IDLING,       NO_IDLING,       IDLE,        NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,   NO_IDLING,       NO_IDLING,    NO_IDLING,     NO_IDLING),
    Event.ARTIFACT_LOST:           (NOBODY,      STAY,            STAY,            LOSE,        LOSE,        LOSE,        STAY,        STAY,        STAY,            STAY,         STAY,          STAY),
    Event.ROUTE_ASKED:             (NOBODY,      STAY,            STAY,            STAY,        STAY,        STAY,        STAY,        STAY,            STAY,            STAY,         STAY,          STAY),
    Event.DELETE_ASKED:            (NOBODY,      GONE_UNLESS_VPC, GONE_UNLESS_VPC, GONE,        GONE,        GONE,        GONE,        GONE,        GONE,            GONE,         DRAIN,         STAY),
    Event.CAPACITY_RELEASED:       (STILL_THERE,) * 11 + (GONE,),
})
# fmt: on

FUNCTION = Machine(
    name="State",
    title="Function: State",
    initial=State.ABSENT,
    shown=SHOWN,
    table=TABLE,
    final=frozenset({State.ABSENT}),
)


def change_event(state: State, since: timedelta) -> Event:
    """Return what a change is to a function that has been in *state* for *since*: ordinary, or the end of a stuck creation."""
    pending = state in (State.CREATING, State.RESTORING)
    return Event.CHANGE_ASKED_WHEN_STUCK if pending and since > STUCK_AFTER else Event.CHANGE_ASKED


def failure_event(code: str) -> Event:
    """Return how provisioning fails for reason *code*: at once and for good, with a back-off, or by the code's fault."""
    if code in reasons.BACKED_OFF:
        return Event.ATTEMPT_BACKED_OFF
    return Event.ARTIFACT_REJECTED if code in reasons.ARTIFACT else Event.PROVISION_FAILED
