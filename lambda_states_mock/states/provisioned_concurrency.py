"""The life of a provisioned concurrency configuration: what AWS shows as its ``Status``.

Documented at provisioned-concurrency.html; recorded: IN_PROGRESS as soon as it is asked for, READY when all environments
are there, and IN_PROGRESS again while the alias that it belongs to has been moved to another version.
"""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, grid
from lambda_states_mock.states.reasons import reason


class Provisioning(Enum):
    ABSENT = auto()
    IN_PROGRESS = auto()
    READY = auto()
    FAILED = auto()


class Event(Enum):
    PUT_ASKED = auto()
    ALIAS_MOVED = auto()  # the alias points to another version now
    ALLOCATED = auto()
    ALLOCATION_FAILED = auto()
    DELETE_ASKED = auto()


INIT_FAILED = reason("FUNCTION_ERROR_INIT_FAILURE")
"""The one StatusReason that is publicly known: the function's init code fails."""

ALLOCATE: Move[Provisioning, Event] = Move(
    Provisioning.IN_PROGRESS, then=Later("provision", Event.ALLOCATED, Event.ALLOCATION_FAILED)
)
READY: Move[Provisioning, Event] = Move(Provisioning.READY)
FAIL: Move[Provisioning, Event] = Move(Provisioning.FAILED, INIT_FAILED)
GONE: Move[Provisioning, Event] = Move(Provisioning.ABSENT)
NOBODY = Impossible("there is no configuration: the call is answered before it comes here")
SETTLED = Impossible("nothing is being allocated, and leaving IN_PROGRESS cancelled its timer")

# fmt: off
TABLE = grid(tuple(Provisioning), {
    #                         ABSENT    IN_PROGRESS READY     FAILED
    Event.PUT_ASKED:         (ALLOCATE, ALLOCATE,   ALLOCATE, ALLOCATE),
    Event.ALIAS_MOVED:       (NOBODY,   ALLOCATE,   ALLOCATE, ALLOCATE),
    Event.ALLOCATED:         (NOBODY,   READY,      SETTLED,  SETTLED),
    Event.ALLOCATION_FAILED: (NOBODY,   FAIL,       SETTLED,  SETTLED),
    Event.DELETE_ASKED:      (STAY,     GONE,       GONE,     GONE),
})
# fmt: on

PROVISIONED_CONCURRENCY = Machine(
    name="Status",
    title="Provisioned concurrency: Status",
    initial=Provisioning.ABSENT,
    shown={
        Provisioning.ABSENT: None,
        Provisioning.IN_PROGRESS: "IN_PROGRESS",
        Provisioning.READY: "READY",
        Provisioning.FAILED: "FAILED",
    },
    table=TABLE,
    final=frozenset({Provisioning.ABSENT}),
)
