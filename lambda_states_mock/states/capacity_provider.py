"""The life of a capacity provider: what AWS shows as its ``State`` (lambda-managed-instances-capacity-providers.html)."""

from __future__ import annotations

from enum import auto

from lambda_states_mock.service_errors import CAPACITY_PROVIDER_BUSY
from lambda_states_mock.states import reasons
from lambda_states_mock.states.lifecycle import STAY, Impossible, Label, Later, Lifecycle, Move, Refuse, grid, spelled


class ProviderState(Label):
    ABSENT = auto()
    PENDING = auto()
    ACTIVE = auto()
    FAILED = auto()
    DELETING = auto()


class ProviderEvent(Label):
    CREATE_ASKED = auto()
    PROVISIONED = auto()
    PROVISION_FAILED = auto()
    UPDATE_ASKED = auto()
    ATTACH_ASKED = auto()  # a function with it is created, updated or published
    DELETE_ASKED = auto()
    DELETED = auto()


_Move = Move[ProviderState, ProviderEvent]

CREATE: _Move = Move(
    ProviderState.PENDING, then=Later("provider_create", ProviderEvent.PROVISIONED, ProviderEvent.PROVISION_FAILED)
)
READY: _Move = Move(ProviderState.ACTIVE)
FAIL: _Move = Move(ProviderState.FAILED, reasons.reason("InternalError"))
DELETE: _Move = Move(ProviderState.DELETING, then=Later("provider_delete", ProviderEvent.DELETED))
GONE: _Move = Move(ProviderState.ABSENT)
BUSY = Refuse(CAPACITY_PROVIDER_BUSY)
ONCE = Impossible("a provider is created once")
NOBODY = Impossible("there is no such provider: the call is answered before it comes here")
SETTLED = Impossible("nothing is being provisioned here, and leaving Pending cancelled its timer")
NOT_DELETING = Impossible("only Deleting waits for its end")

# fmt: off
TABLE = grid(tuple(ProviderState), {
    #                               ABSENT  PENDING       ACTIVE        FAILED        DELETING
    ProviderEvent.CREATE_ASKED:     (CREATE, ONCE,         ONCE,         ONCE,         ONCE),
    ProviderEvent.PROVISIONED:      (NOBODY, READY,        SETTLED,      SETTLED,      SETTLED),
    ProviderEvent.PROVISION_FAILED: (NOBODY, FAIL,         SETTLED,      SETTLED,      SETTLED),
    ProviderEvent.UPDATE_ASKED:     (NOBODY, BUSY,         STAY,         BUSY,         BUSY),
    ProviderEvent.ATTACH_ASKED:     (NOBODY, BUSY,         STAY,         BUSY,         BUSY),
    ProviderEvent.DELETE_ASKED:     (NOBODY, DELETE,       DELETE,       DELETE,       STAY),
    ProviderEvent.DELETED:          (NOBODY, NOT_DELETING, NOT_DELETING, NOT_DELETING, GONE),
})
# fmt: on

CAPACITY_PROVIDER = Lifecycle(
    name="State",
    title="Capacity provider: State",
    initial=ProviderState.ABSENT,
    shown=spelled(ProviderState, str.capitalize, {ProviderState.ABSENT: None}),
    table=TABLE,
    final=frozenset({ProviderState.ABSENT}),
)
