"""The life of a provisioned concurrency configuration: what AWS shows as its ``Status``.

Documented at provisioned-concurrency.html; recorded: IN_PROGRESS as soon as it is asked for, READY when all environments
are there, and IN_PROGRESS again while the alias that it belongs to has been moved to another version.
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, grid, spelled
from lambda_states_mock.states.reasons import reason


class ProvisioningState(Label):
    ABSENT = auto()
    IN_PROGRESS = auto()
    READY = auto()
    FAILED = auto()


class ProvisioningEvent(Label):
    PUT_ASKED = auto()
    ALIAS_MOVED = auto()  # the alias points to another version now
    ALLOCATED = auto()
    ALLOCATION_FAILED = auto()
    DELETE_ASKED = auto()


INIT_FAILED = reason("FUNCTION_ERROR_INIT_FAILURE")
"""The one StatusReason that is publicly known: the function's init code fails."""

ALLOCATE: Move[ProvisioningState, ProvisioningEvent] = Move(
    ProvisioningState.IN_PROGRESS,
    then=Later("provision", ProvisioningEvent.ALLOCATED, ProvisioningEvent.ALLOCATION_FAILED),
)
READY: Move[ProvisioningState, ProvisioningEvent] = Move(ProvisioningState.READY)
FAIL: Move[ProvisioningState, ProvisioningEvent] = Move(ProvisioningState.FAILED, INIT_FAILED)
GONE: Move[ProvisioningState, ProvisioningEvent] = Move(ProvisioningState.ABSENT)
NOBODY = Impossible("there is no configuration: the call is answered before it comes here")
SETTLED = Impossible("nothing is being allocated, and leaving IN_PROGRESS cancelled its timer")

# fmt: off
TABLE = grid(tuple(ProvisioningState), {
    #                                     ABSENT    IN_PROGRESS READY     FAILED
    ProvisioningEvent.PUT_ASKED:         (ALLOCATE, ALLOCATE,   ALLOCATE, ALLOCATE),
    ProvisioningEvent.ALIAS_MOVED:       (NOBODY,   ALLOCATE,   ALLOCATE, ALLOCATE),
    ProvisioningEvent.ALLOCATED:         (NOBODY,   READY,      SETTLED,  SETTLED),
    ProvisioningEvent.ALLOCATION_FAILED: (NOBODY,   FAIL,       SETTLED,  SETTLED),
    ProvisioningEvent.DELETE_ASKED:      (STAY,     GONE,       GONE,     GONE),
})
# fmt: on

PROVISIONED_CONCURRENCY = Lifecycle(
    name="Status",
    title="Provisioned concurrency: Status",
    initial=ProvisioningState.ABSENT,
    shown=spelled(ProvisioningState, str, {ProvisioningState.ABSENT: None}),
    table=TABLE,
    final=frozenset({ProvisioningState.ABSENT}),
)
