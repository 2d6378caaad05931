"""The scaling of a version on a capacity provider: with no environments at all, it is deactivated.

Documented at lambda-managed-instances-scaling.html: minimum and maximum both 0 deactivate a version, which traffic never
wakes; only another PutFunctionScalingConfig does. That this is what Deactivating and Deactivated stand for, and that a
reactivated version is Pending, is inferred. Where nothing is shown here, AWS shows the version's own State.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import INVOKED_IN_STATE
from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, Refuse, grid


class Scaling(Enum):
    UNSET = auto()
    SCALING = auto()
    SCALED = auto()
    DEACTIVATING = auto()
    DEACTIVATED = auto()
    REACTIVATING = auto()


class Event(Enum):
    PUT_ASKED = auto()
    ZERO_ASKED = auto()  # minimum and maximum are both 0
    APPLIED = auto()
    INVOKE_ASKED = auto()


def _applying(to: Scaling) -> Move[Scaling, Event]:
    return Move(to, then=Later("scale", Event.APPLIED))


SCALE, DEACTIVATE, REACTIVATE = (
    _applying(state) for state in (Scaling.SCALING, Scaling.DEACTIVATING, Scaling.REACTIVATING)
)
DONE: Move[Scaling, Event] = Move(Scaling.SCALED)
OFF: Move[Scaling, Event] = Move(Scaling.DEACTIVATED)
REFUSED = Refuse(INVOKED_IN_STATE)
SETTLED = Impossible("nothing is being applied here")

# fmt: off
TABLE = grid(tuple(Scaling), {
    #                   UNSET       SCALING     SCALED      DEACTIVATING DEACTIVATED REACTIVATING
    Event.PUT_ASKED:    (SCALE,      SCALE,      SCALE,      REACTIVATE,  REACTIVATE, REACTIVATE),
    Event.ZERO_ASKED:   (DEACTIVATE, DEACTIVATE, DEACTIVATE, STAY,        STAY,       DEACTIVATE),
    Event.APPLIED:      (SETTLED,    DONE,       SETTLED,    OFF,         SETTLED,    DONE),
    Event.INVOKE_ASKED: (STAY,       STAY,       STAY,       REFUSED,     REFUSED,    REFUSED),
})
# fmt: on

SCALING = Machine(
    name="Scaling",
    title="Version on a capacity provider: scaling",
    initial=Scaling.UNSET,
    shown={
        Scaling.UNSET: None,
        Scaling.SCALING: None,
        Scaling.SCALED: None,
        Scaling.DEACTIVATING: "Deactivating",
        Scaling.DEACTIVATED: "Deactivated",
        Scaling.REACTIVATING: "Pending",
    },
    table=TABLE,
)
