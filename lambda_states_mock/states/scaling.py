"""The scaling of a version on a capacity provider: with no environments at all, it is deactivated.

Documented at lambda-managed-instances-scaling.html: minimum and maximum both 0 deactivate a version, which traffic never
wakes; only another PutFunctionScalingConfig does. That this is what Deactivating and Deactivated stand for, and that a
reactivated version is Pending, is inferred. Where nothing is shown here, AWS shows the version's own State.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.service_errors import INVOKED_IN_STATE
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, Refuse, grid


class ScalingState(Label):
    UNSET = auto()
    SCALING = auto()
    SCALED = auto()
    DEACTIVATING = auto()
    DEACTIVATED = auto()
    REACTIVATING = auto()


class ScalingEvent(Label):
    PUT_ASKED = auto()
    ZERO_ASKED = auto()  # minimum and maximum are both 0
    APPLIED = auto()
    INVOKE_ASKED = auto()


def _applying(to: ScalingState) -> Move[ScalingState, ScalingEvent]:
    return Move(to, then=Later("scale", ScalingEvent.APPLIED))


SCALE, DEACTIVATE, REACTIVATE = (
    _applying(state) for state in (ScalingState.SCALING, ScalingState.DEACTIVATING, ScalingState.REACTIVATING)
)
DONE: Move[ScalingState, ScalingEvent] = Move(ScalingState.SCALED)
OFF: Move[ScalingState, ScalingEvent] = Move(ScalingState.DEACTIVATED)
REFUSED = Refuse(INVOKED_IN_STATE)
SETTLED = Impossible("nothing is being applied here")

# fmt: off
TABLE = grid(tuple(ScalingState), {
    #                          UNSET       SCALING     SCALED      DEACTIVATING DEACTIVATED REACTIVATING
    ScalingEvent.PUT_ASKED:    (SCALE,      SCALE,      SCALE,      REACTIVATE,  REACTIVATE, REACTIVATE),
    ScalingEvent.ZERO_ASKED:   (DEACTIVATE, DEACTIVATE, DEACTIVATE, STAY,        STAY,       DEACTIVATE),
    ScalingEvent.APPLIED:      (SETTLED,    DONE,       SETTLED,    OFF,         SETTLED,    DONE),
    ScalingEvent.INVOKE_ASKED: (STAY,       STAY,       STAY,       REFUSED,     REFUSED,    REFUSED),
})
# fmt: on

SCALING = Lifecycle(
    name="Scaling",
    title="Version on a capacity provider: scaling",
    initial=ScalingState.UNSET,
    shown=dict(zip(ScalingState, (None, None, None, "Deactivating", "Deactivated", "Pending"), strict=True)),
    table=TABLE,
)
