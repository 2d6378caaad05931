"""The life of an event source mapping: what AWS shows as its ``State``.

Documented in the API reference of CreateEventSourceMapping (the names of the states) and of ResourceInUseException ("you
tried to update an event source mapping in the CREATING state, or you tried to delete an event source mapping currently
UPDATING"). A mapping that is created disabled is Disabled at once (recorded). One of DocumentDB becomes Disabled by itself
when its change stream has expired (with-documentdb).
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.service_errors import MAPPING_BUSY_FOR_DELETE, MAPPING_BUSY_FOR_UPDATE
from lambda_states_mock.states.lifecycle import Impossible, Label, Later, Lifecycle, Move, Refuse, grid, spelled


class MappingState(Label):
    ABSENT = auto()
    CREATING = auto()
    ENABLING = auto()
    ENABLED = auto()
    DISABLING = auto()
    DISABLED = auto()
    UPDATING = auto()  # and Enabled afterwards
    UPDATING_DISABLED = auto()  # and Disabled afterwards
    DELETING = auto()


class MappingEvent(Label):
    CREATE_ASKED = auto()
    CREATE_DISABLED_ASKED = auto()
    SETTLED = auto()
    ENABLE_ASKED = auto()  # an update with Enabled=True
    DISABLE_ASKED = auto()  # an update with Enabled=False
    UPDATE_ASKED = auto()  # an update that does not say
    DELETE_ASKED = auto()
    SOURCE_LOST = auto()  # a change stream that cannot be resumed


_Move = Move[MappingState, MappingEvent]


def _until_settled(to: MappingState, phase: str) -> _Move:
    return Move(to, then=Later(phase, MappingEvent.SETTLED))


CREATE = _until_settled(MappingState.CREATING, "mapping_create")
ENABLE = _until_settled(MappingState.ENABLING, "mapping_enable")
DISABLE = _until_settled(MappingState.DISABLING, "mapping_disable")
UPDATE = _until_settled(MappingState.UPDATING, "mapping_update")
UPDATE_DISABLED = _until_settled(MappingState.UPDATING_DISABLED, "mapping_update")
DELETE = _until_settled(MappingState.DELETING, "mapping_delete")
ON: _Move = Move(MappingState.ENABLED)
OFF: _Move = Move(MappingState.DISABLED)
GONE: _Move = Move(MappingState.ABSENT)
BUSY = Refuse(MAPPING_BUSY_FOR_UPDATE)
IN_USE = Refuse(MAPPING_BUSY_FOR_DELETE)

ONCE = Impossible("a mapping is created once")
NOBODY = Impossible("there is no such mapping: the call is answered before it comes here")
UNREAD = Impossible("nothing is read here")
SETTLED = Impossible("nothing is under way here, and leaving a state cancels its timer")

# fmt: off
TABLE = grid(tuple(MappingState), {
    #                                   ABSENT  CREATING ENABLING ENABLED  DISABLING DISABLED         UPDATING UPDATING_DISABLED DELETING
    MappingEvent.CREATE_ASKED:          (CREATE, ONCE,   ONCE,    ONCE,    ONCE,     ONCE,            ONCE,    ONCE,             ONCE),
    MappingEvent.CREATE_DISABLED_ASKED: (OFF,    ONCE,   ONCE,    ONCE,    ONCE,     ONCE,            ONCE,    ONCE,             ONCE),
    MappingEvent.SETTLED:               (NOBODY, ON,     ON,      SETTLED, OFF,      SETTLED,         ON,      OFF,              GONE),
    MappingEvent.ENABLE_ASKED:          (NOBODY, BUSY,   BUSY,    UPDATE,  BUSY,     ENABLE,          BUSY,    BUSY,             BUSY),
    MappingEvent.DISABLE_ASKED:         (NOBODY, BUSY,   BUSY,    DISABLE, BUSY,     UPDATE_DISABLED, BUSY,    BUSY,             BUSY),
    MappingEvent.UPDATE_ASKED:          (NOBODY, BUSY,   BUSY,    UPDATE,  BUSY,     UPDATE_DISABLED, BUSY,    BUSY,             BUSY),
    MappingEvent.DELETE_ASKED:          (NOBODY, DELETE, IN_USE,  DELETE,  IN_USE,   DELETE,          IN_USE,  IN_USE,           IN_USE),
    MappingEvent.SOURCE_LOST:           (UNREAD, UNREAD, UNREAD,  OFF,     OFF,      UNREAD,          OFF,     UNREAD,           UNREAD),
})
# fmt: on

EVENT_SOURCE_MAPPING = Lifecycle(
    name="State",
    title="Event source mapping: State",
    initial=MappingState.ABSENT,
    shown=spelled(
        MappingState, str.capitalize, {MappingState.ABSENT: None, MappingState.UPDATING_DISABLED: "Updating"}
    ),
    table=TABLE,
    final=frozenset({MappingState.ABSENT}),
)


def create_event(enabled: bool) -> MappingEvent:
    """Return what a creation is, by its parameter ``Enabled``."""
    return MappingEvent.CREATE_ASKED if enabled else MappingEvent.CREATE_DISABLED_ASKED


def update_event(enabled: bool | None) -> MappingEvent:
    """Return what an update is, by its parameter ``Enabled``, which need not be there."""
    if enabled is None:
        return MappingEvent.UPDATE_ASKED
    return MappingEvent.ENABLE_ASKED if enabled else MappingEvent.DISABLE_ASKED
