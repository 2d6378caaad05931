"""What happens to a function in each state, against functions-states.html and the recorded refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambda_states_mock import service_errors as texts
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.states import function, last_update
from lambda_states_mock.states.function import FUNCTION, FunctionEvent, FunctionState, change_event, failure_event
from lambda_states_mock.states.last_update import LAST_UPDATE, UpdateState
from lambda_states_mock.states.lifecycle import Move, Refuse, Stay


def refusal(state: FunctionState, event: FunctionEvent, kind: str = "zip") -> ErrorTemplate | None:
    cell = FUNCTION.step(state, event, kind)
    return cell.answer if isinstance(cell, (Refuse, Move)) else None


def target(state: FunctionState, event: FunctionEvent, kind: str = "zip") -> FunctionState:
    cell = FUNCTION.step(state, event, kind)
    return cell.to if isinstance(cell, Move) else state


INVOKED = [
    (FunctionState.CREATING, "zip", texts.INVOKED_IN_STATE),
    (FunctionState.CREATING, "vpc", texts.INVOKED_IN_STATE),
    (FunctionState.CREATING, "image", texts.INVOKED_IN_STATE),
    (FunctionState.RESTORING, "zip", texts.ARTIFACT_PENDING),
    (FunctionState.RESTORING, "image", texts.ARTIFACT_PENDING),
    (FunctionState.RESTORING, "vpc", texts.NETWORK_NOT_READY),
    (FunctionState.RESTORING, "snapstart", texts.SNAPSHOT_NOT_READY),
    (FunctionState.ACTIVE, "zip", None),
    (FunctionState.INACTIVE, "zip", texts.ARTIFACT_PENDING),
    (FunctionState.INACTIVE, "image", texts.ARTIFACT_PENDING),
    (FunctionState.INACTIVE, "vpc", texts.NETWORK_NOT_READY),
    (FunctionState.INACTIVE, "snapstart", texts.SNAPSHOT_NOT_READY),
    (FunctionState.BACKING_OFF, "vpc", texts.NETWORK_NOT_READY),
    (FunctionState.FAILED, "zip", texts.INVOKED_IN_STATE),
    (FunctionState.ARTIFACT_FAILED, "image", texts.ARTIFACT_FAILED),
]


@pytest.mark.parametrize(("state", "kind", "answer"), INVOKED)
def test_invoke_is_answered_by_state_and_kind(state: FunctionState, kind: str, answer: ErrorTemplate | None) -> None:
    assert refusal(state, FunctionEvent.INVOKE_ASKED, kind) is answer


@pytest.mark.parametrize(("state", "kind", "answer"), INVOKED)
def test_a_dry_run_is_answered_like_an_invoke(state: FunctionState, kind: str, answer: ErrorTemplate | None) -> None:
    assert refusal(state, FunctionEvent.DRY_RUN_ASKED, kind) is answer


@pytest.mark.parametrize("state", FunctionState)
def test_a_dry_run_never_changes_a_state(state: FunctionState) -> None:
    if state is not FunctionState.ABSENT:
        assert target(state, FunctionEvent.DRY_RUN_ASKED) is state


@pytest.mark.parametrize(
    "state", [FunctionState.CREATING, FunctionState.RESTORING, FunctionState.FAILED, FunctionState.ARTIFACT_FAILED]
)
def test_a_change_is_refused_while_pending_or_failed(state: FunctionState) -> None:
    assert refusal(state, FunctionEvent.CHANGE_ASKED) is texts.CHANGED_IN_STATE


@pytest.mark.parametrize(
    "state", [FunctionState.ACTIVE, FunctionState.INACTIVE, FunctionState.BACKING_OFF, FunctionState.UNBLOCKED]
)
def test_a_change_is_accepted_when_active_inactive_or_unblocked(state: FunctionState) -> None:
    assert isinstance(FUNCTION.step(state, FunctionEvent.CHANGE_ASKED), Stay)


def test_the_invoke_that_wakes_a_function_is_refused_and_starts_its_restoration() -> None:
    assert target(FunctionState.INACTIVE, FunctionEvent.INVOKE_ASKED) is FunctionState.RESTORING
    assert refusal(FunctionState.INACTIVE, FunctionEvent.INVOKE_ASKED) is texts.ARTIFACT_PENDING


def test_an_invoke_while_backing_off_starts_nothing() -> None:
    assert target(FunctionState.BACKING_OFF, FunctionEvent.INVOKE_ASKED) is FunctionState.BACKING_OFF


def test_a_failed_restoration_leaves_the_function_inactive() -> None:
    assert target(FunctionState.RESTORING, FunctionEvent.PROVISION_FAILED) is FunctionState.INACTIVE


def test_a_successful_update_makes_an_inactive_function_active() -> None:
    assert target(FunctionState.INACTIVE, FunctionEvent.UPDATE_SUCCEEDED) is FunctionState.ACTIVE


def test_six_minutes_in_pending_are_not_yet_stuck() -> None:
    assert change_event(FunctionState.CREATING, timedelta(minutes=6)) is FunctionEvent.CHANGE_ASKED


def test_more_than_six_minutes_in_pending_are_stuck() -> None:
    event = change_event(FunctionState.CREATING, timedelta(minutes=6, milliseconds=1))

    assert event is FunctionEvent.CHANGE_ASKED_WHEN_STUCK
    assert target(FunctionState.CREATING, event) is FunctionState.UNBLOCKED


def test_an_active_function_is_never_stuck() -> None:
    assert change_event(FunctionState.ACTIVE, timedelta(days=400)) is FunctionEvent.CHANGE_ASKED


@pytest.mark.parametrize("code", ["InsufficientRolePermissions", "SubnetOutOfIPAddresses"])
def test_the_two_documented_reasons_back_off(code: str) -> None:
    assert failure_event(code) is FunctionEvent.ATTEMPT_BACKED_OFF


def test_a_bad_image_is_blamed_on_the_code() -> None:
    assert failure_event("ImageAccessDenied") is FunctionEvent.ARTIFACT_REJECTED


def test_a_pending_vpc_function_cannot_be_deleted() -> None:
    assert refusal(FunctionState.CREATING, FunctionEvent.DELETE_ASKED, "vpc") is texts.CHANGED_IN_STATE
    assert target(FunctionState.CREATING, FunctionEvent.DELETE_ASKED, "zip") is FunctionState.ABSENT


@pytest.mark.parametrize(
    "event",
    [last_update.UpdateEvent.UPDATE_ASKED, last_update.UpdateEvent.PUBLISH_ASKED, last_update.UpdateEvent.TAG_ASKED],
)
def test_an_update_in_progress_refuses_updates_publications_and_tags(event: last_update.UpdateEvent) -> None:
    assert LAST_UPDATE.step(UpdateState.IN_PROGRESS, event) == Refuse(texts.UPDATE_IN_PROGRESS)


def test_a_failed_update_may_be_followed_by_another() -> None:
    cell = LAST_UPDATE.step(UpdateState.FAILED, last_update.UpdateEvent.UPDATE_ASKED)

    assert isinstance(cell, Move)
    assert cell.to is UpdateState.IN_PROGRESS


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (FunctionEvent.PUBLISHED, FunctionState.ACTIVE),
        (FunctionEvent.PUBLISHED_WITH_CODE, FunctionState.CREATING),
        (FunctionEvent.SNAPSHOT_ASKED, FunctionState.CREATING),
    ],
)
def test_a_version_begins_active_or_pending_by_how_it_was_published(event: FunctionEvent, state: FunctionState) -> None:
    cell = function.VERSION.step(FunctionState.ABSENT, event)

    assert isinstance(cell, Move)
    assert cell.to is state


def test_both_machines_show_the_same_values_for_the_same_states() -> None:
    assert function.VERSION.shown is function.SHOWN
