"""What happens to a function in each state, against functions-states.html and the recorded refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambda_states_mock import service_errors as texts
from lambda_states_mock.service_errors import Answer
from lambda_states_mock.states import function, last_update, version
from lambda_states_mock.states.function import FUNCTION, Event, State, change_event, failure_event
from lambda_states_mock.states.last_update import LAST_UPDATE, LastUpdate
from lambda_states_mock.states.machine import Move, Refuse, Stay


def refusal(state: State, event: Event, kind: str = "zip") -> Answer | None:
    cell = FUNCTION.step(state, event, kind)
    return cell.answer if isinstance(cell, (Refuse, Move)) else None


def target(state: State, event: Event, kind: str = "zip") -> State:
    cell = FUNCTION.step(state, event, kind)
    return cell.to if isinstance(cell, Move) else state


INVOKED = [
    (State.CREATING, "zip", texts.INVOKED_IN_STATE),
    (State.CREATING, "vpc", texts.INVOKED_IN_STATE),
    (State.CREATING, "image", texts.INVOKED_IN_STATE),
    (State.RESTORING, "zip", texts.ARTIFACT_PENDING),
    (State.RESTORING, "image", texts.ARTIFACT_PENDING),
    (State.RESTORING, "vpc", texts.NETWORK_NOT_READY),
    (State.RESTORING, "snapstart", texts.SNAPSHOT_NOT_READY),
    (State.ACTIVE, "zip", None),
    (State.INACTIVE, "zip", texts.ARTIFACT_PENDING),
    (State.INACTIVE, "image", texts.ARTIFACT_PENDING),
    (State.INACTIVE, "vpc", texts.NETWORK_NOT_READY),
    (State.INACTIVE, "snapstart", texts.SNAPSHOT_NOT_READY),
    (State.BACKING_OFF, "vpc", texts.NETWORK_NOT_READY),
    (State.FAILED, "zip", texts.INVOKED_IN_STATE),
    (State.ARTIFACT_FAILED, "image", texts.ARTIFACT_FAILED),
]


@pytest.mark.parametrize(("state", "kind", "answer"), INVOKED)
def test_invoke_is_answered_by_state_and_kind(state: State, kind: str, answer: Answer | None) -> None:
    assert refusal(state, Event.INVOKE_ASKED, kind) is answer


@pytest.mark.parametrize(("state", "kind", "answer"), INVOKED)
def test_a_dry_run_is_answered_like_an_invoke(state: State, kind: str, answer: Answer | None) -> None:
    assert refusal(state, Event.DRY_RUN_ASKED, kind) is answer


@pytest.mark.parametrize("state", State)
def test_a_dry_run_never_changes_a_state(state: State) -> None:
    if state is not State.ABSENT:
        assert target(state, Event.DRY_RUN_ASKED) is state


@pytest.mark.parametrize("state", [State.CREATING, State.RESTORING, State.FAILED, State.ARTIFACT_FAILED])
def test_a_change_is_refused_while_pending_or_failed(state: State) -> None:
    assert refusal(state, Event.CHANGE_ASKED) is texts.CHANGED_IN_STATE


@pytest.mark.parametrize("state", [State.ACTIVE, State.INACTIVE, State.BACKING_OFF, State.UNBLOCKED])
def test_a_change_is_accepted_when_active_inactive_or_unblocked(state: State) -> None:
    assert isinstance(FUNCTION.step(state, Event.CHANGE_ASKED), Stay)


def test_the_invoke_that_wakes_a_function_is_refused_and_starts_its_restoration() -> None:
    assert target(State.INACTIVE, Event.INVOKE_ASKED) is State.RESTORING
    assert refusal(State.INACTIVE, Event.INVOKE_ASKED) is texts.ARTIFACT_PENDING


def test_an_invoke_while_backing_off_starts_nothing() -> None:
    assert target(State.BACKING_OFF, Event.INVOKE_ASKED) is State.BACKING_OFF


def test_a_failed_restoration_leaves_the_function_inactive() -> None:
    assert target(State.RESTORING, Event.PROVISION_FAILED) is State.INACTIVE


def test_a_successful_update_makes_an_inactive_function_active() -> None:
    assert target(State.INACTIVE, Event.UPDATE_SUCCEEDED) is State.ACTIVE


def test_six_minutes_in_pending_are_not_yet_stuck() -> None:
    assert change_event(State.CREATING, timedelta(minutes=6)) is Event.CHANGE_ASKED


def test_more_than_six_minutes_in_pending_are_stuck() -> None:
    event = change_event(State.CREATING, timedelta(minutes=6, milliseconds=1))

    assert event is Event.CHANGE_ASKED_WHEN_STUCK
    assert target(State.CREATING, event) is State.UNBLOCKED


def test_an_active_function_is_never_stuck() -> None:
    assert change_event(State.ACTIVE, timedelta(days=400)) is Event.CHANGE_ASKED


@pytest.mark.parametrize("code", ["InsufficientRolePermissions", "SubnetOutOfIPAddresses"])
def test_the_two_documented_reasons_back_off(code: str) -> None:
    assert failure_event(code) is Event.ATTEMPT_BACKED_OFF


def test_a_bad_image_is_blamed_on_the_code() -> None:
    assert failure_event("ImageAccessDenied") is Event.ARTIFACT_REJECTED


def test_a_pending_vpc_function_cannot_be_deleted() -> None:
    assert refusal(State.CREATING, Event.DELETE_ASKED, "vpc") is texts.CHANGED_IN_STATE
    assert target(State.CREATING, Event.DELETE_ASKED, "zip") is State.ABSENT


@pytest.mark.parametrize(
    "event", [last_update.Event.UPDATE_ASKED, last_update.Event.PUBLISH_ASKED, last_update.Event.TAG_ASKED]
)
def test_an_update_in_progress_refuses_updates_publications_and_tags(event: last_update.Event) -> None:
    assert LAST_UPDATE.step(LastUpdate.IN_PROGRESS, event) == Refuse(texts.UPDATE_IN_PROGRESS)


def test_a_failed_update_may_be_followed_by_another() -> None:
    cell = LAST_UPDATE.step(LastUpdate.FAILED, last_update.Event.UPDATE_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is LastUpdate.IN_PROGRESS


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Event.PUBLISHED, State.ACTIVE),
        (Event.PUBLISHED_WITH_CODE, State.CREATING),
        (Event.SNAPSHOT_ASKED, State.CREATING),
    ],
)
def test_a_version_begins_active_or_pending_by_how_it_was_published(event: Event, state: State) -> None:
    cell = version.VERSION.step(State.ABSENT, event)

    assert isinstance(cell, Move)
    assert cell.to is state


def test_both_machines_show_the_same_values_for_the_same_states() -> None:
    assert version.VERSION.shown is function.SHOWN
