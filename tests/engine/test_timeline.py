"""The record of who changed from what to what."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from lambda_states_mock.engine.timeline import Timeline, Transition, length_text

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def transition(seconds: float, subject: str, before: str | None, after: str | None, **more: str) -> Transition:
    moment = NOON + timedelta(seconds=seconds)
    return Transition(moment, subject, more.pop("machine", "State"), before, after, more.pop("cause", "test"), **more)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(
        [
            transition(0, "orders", None, "Pending", cause="CreateFunction", code="Creating"),
            transition(2, "orders", "Pending", "Active", cause="create ended"),
            transition(2, "orders", None, "Successful", machine="LastUpdateStatus", cause="create ended"),
            transition(3, "refunds", None, "Pending", cause="CreateFunction", code="Creating"),
        ]
    )


def test_it_lists_the_states_of_one_function(timeline: Timeline) -> None:
    assert timeline.of("orders").states == ["Pending", "Active"]


def test_it_is_filtered_by_machine_and_by_anything_else(timeline: Timeline) -> None:
    assert len(timeline.machine("LastUpdateStatus")) == 1
    assert len(timeline.where(lambda one: one.cause == "CreateFunction")) == 2


def test_it_prints_a_row_for_each_transition_in_columns(timeline: Timeline) -> None:
    assert str(timeline.of("orders")) == (
        "2026-01-01T12:00:00.000Z  +0 s  orders  State             - -> Pending       Creating  CreateFunction\n"
        "2026-01-01T12:00:02.000Z  +2 s  orders  State             Pending -> Active            create ended\n"
        "2026-01-01T12:00:02.000Z  +2 s  orders  LastUpdateStatus  - -> Successful              create ended"
    )


def test_an_empty_one_says_so() -> None:
    assert str(Timeline()) == "(nothing has changed yet)"


def test_two_with_the_same_transitions_are_equal(timeline: Timeline) -> None:
    assert Timeline(list(timeline)) == timeline
    assert timeline[1:] != timeline


def test_it_gives_json_values(timeline: Timeline) -> None:
    first = timeline.to_json()[0]

    assert first["at"] == "2026-01-01T12:00:00.000Z"
    assert (first["before"], first["after"], first["code"]) == (None, "Pending", "Creating")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "+0 s"),
        (timedelta(seconds=2.5), "+2.5 s"),
        (timedelta(minutes=1, seconds=15), "+1 min 15 s"),
        (timedelta(days=14), "+14 d"),
        (timedelta(days=1, hours=1), "+1 d 1 h"),
    ],
)
def test_lengths_are_written_as_they_are_said(length: timedelta, text: str) -> None:
    assert length_text(length) == text
