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
    assert timeline.machine("LastUpdateStatus").of("orders").states == ["Successful"]
    assert timeline.of("orders").machine("LastUpdateStatus")[:1].states == ["Successful"]
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


def test_it_is_filtered_by_time_cause_and_code(timeline: Timeline) -> None:
    assert timeline.between("2026-01-01T12:00:02Z", "2026-01-01T12:00:02Z").subjects == ["orders"]
    assert len(timeline.between(end=NOON + timedelta(seconds=2))) == 3
    assert timeline.between(start=NOON + timedelta(seconds=2.5)).subjects == ["refunds"]
    assert timeline.caused_by("CreateFunction").subjects == ["orders", "refunds"]
    assert timeline.with_code("Creating").of("orders").states == ["Pending"]


def test_a_limit_without_a_zone_is_refused(timeline: Timeline) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        timeline.between("2026-01-01T12:00:02")


def test_its_moves_are_lines_to_compare_with(timeline: Timeline) -> None:
    assert timeline.of("orders").moves == [
        "orders State: - -> Pending (Creating)",
        "orders State: Pending -> Active",
        "orders LastUpdateStatus: - -> Successful",
    ]


def test_it_draws_itself_with_arrows_numbered_in_their_order(timeline: Timeline) -> None:
    drawn = Timeline([*timeline, transition(4, "refunds", "Pending", None, cause="odd: cause; with marks")])

    assert drawn.to_mermaid().splitlines() == [
        "stateDiagram-v2",
        '    state "orders, State" as life1 {',
        '        state "Pending" as life1_Pending',
        '        state "Active" as life1_Active',
        "        [*] --> life1_Pending: 1. CreateFunction (Creating), +0 s",
        "        life1_Pending --> life1_Active: 2. create ended, +2 s",
        "    }",
        '    state "orders, LastUpdateStatus" as life2 {',
        '        state "Successful" as life2_Successful',
        "        [*] --> life2_Successful: 3. create ended, +2 s",
        "    }",
        '    state "refunds, State" as life3 {',
        '        state "Pending" as life3_Pending',
        "        [*] --> life3_Pending: 4. CreateFunction (Creating), +3 s",
        "        life3_Pending --> [*]: 5. odd cause with marks, +4 s",
        "    }",
    ]


def test_an_empty_one_draws_nothing() -> None:
    assert Timeline().to_mermaid() == "stateDiagram-v2"
