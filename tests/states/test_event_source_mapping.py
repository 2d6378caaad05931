"""What happens to an event source mapping in each state, against the documented rules of ResourceInUseException."""

from __future__ import annotations

import pytest

from lambda_states_mock import service_errors as texts
from lambda_states_mock.states.event_source_mapping import (
    EVENT_SOURCE_MAPPING,
    MappingEvent,
    MappingState,
    create_event,
    update_event,
)
from lambda_states_mock.states.lifecycle import Move, Refuse

BUSY = [
    MappingState.CREATING,
    MappingState.ENABLING,
    MappingState.DISABLING,
    MappingState.UPDATING,
    MappingState.UPDATING_DISABLED,
    MappingState.DELETING,
]
UPDATES = [MappingEvent.ENABLE_ASKED, MappingEvent.DISABLE_ASKED, MappingEvent.UPDATE_ASKED]


def target(state: MappingState, event: MappingEvent) -> MappingState:
    cell = EVENT_SOURCE_MAPPING.step(state, event)
    assert isinstance(cell, Move)
    return cell.to


@pytest.mark.parametrize("state", BUSY)
@pytest.mark.parametrize("event", UPDATES)
def test_an_update_is_refused_while_something_is_under_way(state: MappingState, event: MappingEvent) -> None:
    assert EVENT_SOURCE_MAPPING.step(state, event) == Refuse(texts.MAPPING_BUSY_FOR_UPDATE)


@pytest.mark.parametrize("state", [state for state in BUSY if state is not MappingState.CREATING])
def test_a_deletion_is_refused_while_something_is_under_way(state: MappingState) -> None:
    assert EVENT_SOURCE_MAPPING.step(state, MappingEvent.DELETE_ASKED) == Refuse(texts.MAPPING_BUSY_FOR_DELETE)


@pytest.mark.parametrize("state", [MappingState.CREATING, MappingState.ENABLED, MappingState.DISABLED])
def test_a_deletion_is_accepted_otherwise(state: MappingState) -> None:
    assert target(state, MappingEvent.DELETE_ASKED) is MappingState.DELETING


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MappingState.CREATING, MappingState.ENABLED),
        (MappingState.ENABLING, MappingState.ENABLED),
        (MappingState.DISABLING, MappingState.DISABLED),
        (MappingState.UPDATING, MappingState.ENABLED),
        (MappingState.UPDATING_DISABLED, MappingState.DISABLED),
        (MappingState.DELETING, MappingState.ABSENT),
    ],
)
def test_what_is_under_way_settles(before: MappingState, after: MappingState) -> None:
    assert target(before, MappingEvent.SETTLED) is after


@pytest.mark.parametrize(("enabled", "state"), [(True, MappingState.CREATING), (False, MappingState.DISABLED)])
def test_a_mapping_begins_by_whether_it_is_enabled(enabled: bool, state: MappingState) -> None:
    assert target(MappingState.ABSENT, create_event(enabled)) is state


@pytest.mark.parametrize(
    ("enabled", "event"),
    [(None, MappingEvent.UPDATE_ASKED), (True, MappingEvent.ENABLE_ASKED), (False, MappingEvent.DISABLE_ASKED)],
)
def test_an_update_is_what_its_parameter_enabled_says(enabled: bool | None, event: MappingEvent) -> None:
    assert update_event(enabled) is event
