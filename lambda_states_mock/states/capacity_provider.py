"""The life of a capacity provider: what AWS shows as its ``State`` (lambda-managed-instances-capacity-providers.html)."""

from __future__ import annotations

from enum import Enum, auto

from lambda_states_mock.service_errors import CAPACITY_PROVIDER_BUSY
from lambda_states_mock.states import reasons
from lambda_states_mock.states.machine import STAY, Impossible, Later, Machine, Move, Refuse, grid


class ProviderState(Enum):
    ABSENT = auto()
    PENDING = auto()
    ACTIVE = auto()
    FAILED = auto()
    DELETING = auto()


class Event(Enum):
    CREATE_ASKED = auto()
    PROVISIONED = auto()
    PROVISION_FAILED = auto()
    UPDATE_ASKED = auto()
    ATTACH_ASKED = auto()  # a function with it is created, updated or published
    DELETE_ASKED = auto()
    DELETED = auto()


CREATE: Move[ProviderState, Event] = Move(
    ProviderState.PENDING, then=Later("provider_create", Event.PROVISIONED, Event.PROVISION_FAILED)
)
READY: Move[ProviderState, Event] = Move(ProviderState.ACTIVE)
FAIL: Move[ProviderState, Event] = Move(ProviderState.FAILED, reasons.reason("InternalError"))
DELETE: Move[ProviderState, Event] = Move(ProviderState.DELETING, then=Later("provider_delete", Event.DELETED))
GONE: Move[ProviderState, Event] = Move(ProviderState.ABSENT)
BUSY = Refuse(CAPACITY_PROVIDER_BUSY)
ONCE = Impossible("a provider is created once")
NOBODY = Impossible("there is no such provider: the call is answered before it comes here")
SETTLED = Impossible("nothing is being provisioned here, and leaving Pending cancelled its timer")
NOT_DELETING = Impossible("only Deleting waits for its end")

# fmt: off
TABLE = grid(tuple(ProviderState), {
    #                       ABSENT  PENDING       ACTIVE        FAILED        DELETING
    Event.CREATE_ASKED:     (CREATE, ONCE,         ONCE,         ONCE,         ONCE),
    Event.PROVISIONED:      (NOBODY, READY,        SETTLED,      SETTLED,      SETTLED),
    Event.PROVISION_FAILED: (NOBODY, FAIL,         SETTLED,      SETTLED,      SETTLED),
    Event.UPDATE_ASKED:     (NOBODY, BUSY,         STAY,         BUSY,         BUSY),
    Event.ATTACH_ASKED:     (NOBODY, BUSY,         STAY,         BUSY,         BUSY),
    Event.DELETE_ASKED:     (NOBODY, DELETE,       DELETE,       DELETE,       STAY),
    Event.DELETED:          (NOBODY, NOT_DELETING, NOT_DELETING, NOT_DELETING, GONE),
})
# fmt: on

CAPACITY_PROVIDER = Machine(
    name="State",
    title="Capacity provider: State",
    initial=ProviderState.ABSENT,
    shown={
        ProviderState.ABSENT: None,
        ProviderState.PENDING: "Pending",
        ProviderState.ACTIVE: "Active",
        ProviderState.FAILED: "Failed",
        ProviderState.DELETING: "Deleting",
    },
    table=TABLE,
    final=frozenset({ProviderState.ABSENT}),
)
