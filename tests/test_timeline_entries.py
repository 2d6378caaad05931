"""What happened beside the state changes, in ``m.timeline.to_json()``."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.engine.timeline import Entry, Timeline, Transition
from lambda_states_mock.timeline_entries import LONGEST_TEXT
from tests.any_text import any_text
from tests.budget import sized
from tests.deploying import create

JOBS = "arn:aws:sqs:us-east-1:123456789012:jobs"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
KINDS = {"call", "change", "environment", "invocation", "move", "batch", "fault", "message"}


def handler(event: Any, context: Any) -> Any:
    print("got", event)
    if "fail" in event:
        raise ValueError("no such order")
    return {"ok": True}


def lived() -> LambdaMock:
    """Return a mock that was left, in which a bit of everything happened."""
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=7) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        m.faults.on_call("CreateFunction").error("TooManyRequestsException", times=1)
        create(client, Environment={"Variables": {"PASSWORD": "hunter2"}}, DeadLetterConfig={"TargetArn": DEAD})
        with pytest.raises(ClientError):
            client.invoke(FunctionName="orders", Payload=b"{}")
        m.clock.run_until_idle()
        m.handler("orders", call=handler, init=1, duration=0.5)
        client.invoke(FunctionName="orders", Payload=b'{"id": 7}')
        client.invoke(FunctionName="orders", Payload=b'{"fail": 1}', InvocationType="Event")
        m.clock.run_until_idle()
        client.create_event_source_mapping(FunctionName="orders", EventSourceArn=JOBS)
        m.clock.run_until_idle()
        m.source(JOBS).put("one")
        m.clock.advance(30)
        client.get_function(FunctionName="orders")
    return m


@pytest.fixture(scope="module")
def m() -> LambdaMock:
    return lived()


def rows_of(m: LambdaMock, kind: str) -> list[dict[str, Any]]:
    return [row for row in m.timeline.to_json() if row["kind"] == kind]


def test_there_is_a_row_for_all_that_happened(m: LambdaMock) -> None:
    assert {row["kind"] for row in m.timeline.to_json()} == KINDS
    assert len(rows_of(m, "change")) == len(m.timeline)
    assert len(rows_of(m, "call")) == len(m.calls)


def test_rows_are_json_and_in_order(m: LambdaMock) -> None:
    rows = m.timeline.to_json()
    assert json.loads(json.dumps(rows)) == rows
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert all("subject" in row for row in rows)


def test_a_call_comes_before_what_it_changes(m: LambdaMock) -> None:
    told = [
        row.get("operation") or row.get("after") for row in m.timeline.to_json() if row["kind"] in {"call", "change"}
    ]
    assert told[:4] == ["CreateFunction", "CreateFunction", "Pending", "Invoke"]


def test_a_refused_call_has_the_text_of_the_refusal(m: LambdaMock) -> None:
    refused = next(row for row in rows_of(m, "call") if row["operation"] == "Invoke")
    assert refused["subject"] == "orders"
    assert refused["error"]["code"] == "ResourceConflictException"
    assert refused["error"]["message"].endswith("The function is currently in the following state: Pending")


def test_an_invocation_has_its_payload_result_and_log(m: LambdaMock) -> None:
    first = rows_of(m, "invocation")[0]
    assert (first["payload"], first["result"], first["cold"]) == ('{"id": 7}', '{"ok": true}', True)
    assert (first["init_seconds"], first["seconds"]) == (1.0, 0.5)
    assert "got {'id': 7}" in first["log"]
    assert first["until"] > first["at"]


def test_retries_are_told_with_their_attempt_and_the_message_about_them(m: LambdaMock) -> None:
    failed = [row for row in rows_of(m, "invocation") if row["error"]]
    assert [row["attempt"] for row in failed] == [1, 2, 3]
    assert {row["error"] for row in failed} == {"ValueError: no such order"}
    (message,) = rows_of(m, "message")
    assert (message["subject"], message["target"], message["condition"]) == ("orders", DEAD, "RetriesExhausted")


def test_an_environment_has_its_phases(m: LambdaMock) -> None:
    phases = [row["after"] for row in rows_of(m, "environment")]
    assert phases[:5] == ["Extension init", "Runtime init", "Function init", "Idle", "Invoke"]
    assert {row["subject"] for row in rows_of(m, "environment")} == {"orders"}


def test_a_mappings_batches_are_told(m: LambdaMock) -> None:
    (batch,) = rows_of(m, "batch")
    assert (batch["subject"], batch["records"], batch["outcome"]) == ("jobs -> orders", 1, "Succeeded")
    assert [one["outcome"] for one in batch["attempts"]] == ["Succeeded"]


def test_a_fault_that_fired_is_told(m: LambdaMock) -> None:
    (fault,) = rows_of(m, "fault")
    assert (fault["at"], fault["subject"]) == ("2026-01-01T00:00:00.000Z", "orders")
    assert "CreateFunction" in fault["fault"]
    assert "TooManyRequestsException" in fault["fault"]


def test_a_fault_stands_beside_the_call_that_it_has_failed(m: LambdaMock) -> None:
    told = [row.get("operation") or row["kind"] for row in m.timeline.to_json() if row["kind"] in {"call", "fault"}]
    assert told[:4] == ["CreateFunction", "fault", "CreateFunction", "Invoke"]


def test_what_moved_the_clock_is_told_with_its_line(m: LambdaMock) -> None:
    moves = rows_of(m, "move")
    assert moves[-1]["by"] == "m.clock.advance()"
    file, _, line = moves[-1]["line"].rpartition(":")
    assert Path(file).name == Path(__file__).name
    assert "advance(30)" in Path(__file__).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_values_of_environment_variables_are_masked_unless_they_are_asked_for(m: LambdaMock) -> None:
    assert "hunter2" not in json.dumps(m.timeline.to_json())
    shown = [
        row["params"]["Environment"]["Variables"]
        for row in m.timeline.to_json(secrets=True)
        if row.get("operation") == "CreateFunction"
    ]
    assert shown == [{"PASSWORD": "hunter2"}] * 2


def test_the_same_world_gives_the_same_rows(m: LambdaMock) -> None:
    assert lived().timeline.to_json() == m.timeline.to_json()


def test_bytes_that_are_no_text_are_counted_and_long_texts_are_cut() -> None:
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", returns="x" * 30_000)
        client.invoke(FunctionName="orders", Payload=b"{}")
    create_call = next(row for row in rows_of(m, "call") if row["operation"] == "CreateFunction")
    (run,) = rows_of(m, "invocation")

    assert create_call["params"]["Code"]["ZipFile"].endswith(" bytes)")
    assert len(run["result"]) < LONGEST_TEXT + 50
    assert run["result"].endswith("(30002 characters)")


def test_a_part_of_one_subject_has_what_happened_to_it_and_what_moved_the_clock(m: LambdaMock) -> None:
    rows = m.timeline.of("jobs -> orders").to_json()
    assert {row["kind"] for row in rows} == {"change", "batch", "move"}
    assert {row["subject"] for row in rows} == {"jobs -> orders", ""}


def test_a_part_of_some_time_has_what_happened_then(m: LambdaMock) -> None:
    rows = m.timeline.between("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z").to_json()
    assert rows == [row for row in m.timeline.to_json() if row["at"] <= "2026-01-01T00:00:01.000Z"]


def test_a_part_that_asks_for_changes_has_changes_alone(m: LambdaMock) -> None:
    assert {row["kind"] for row in m.timeline.caused_by("CreateFunction").to_json()} == {"change"}


def test_a_timeline_is_read_back_from_its_rows(m: LambdaMock) -> None:
    rows = json.loads(json.dumps(m.timeline.to_json()))
    again = Timeline.from_json(rows)
    assert again == m.timeline
    assert again.to_json() == rows
    assert str(again) == str(m.timeline)


@pytest.mark.parametrize(
    "row",
    [{}, {"kind": "change"}, {"kind": "change", "at": "soon"}, {"kind": "call", "at": 5}, "change", None],
    ids=str,
)
def test_what_is_no_row_is_an_error_that_names_it(row: Any) -> None:
    with pytest.raises(ValueError, match=r"row 0 is none of a timeline: .*\n  Give what Timeline.to_json\(\) has"):
        Timeline.from_json([row])


INSTANTS = st.integers(0, 5).map(
    lambda s: datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=s)
) | st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(timezone.utc))
TEXTS = any_text(max_size=5)
MAYBE = st.none() | TEXTS
TRANSITIONS = st.builds(Transition, INSTANTS, TEXTS, TEXTS, MAYBE, MAYBE, TEXTS, MAYBE, MAYBE)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    at = draw(INSTANTS)
    kind = draw(st.sampled_from(["call", "move", "fault"]))
    row = {"kind": kind, "at": at.isoformat(), "subject": draw(TEXTS), "text": draw(TEXTS)}
    return Entry(at, draw(st.none() | st.integers(0, 8)), row)


@settings(deadline=None, max_examples=sized(25, 1000))
@given(st.lists(TRANSITIONS, max_size=8), st.lists(entries(), max_size=8))
def test_every_timeline_reads_back_as_it_was_written(changes: list[Transition], beside: list[Entry]) -> None:
    timeline = Timeline(changes, beside=lambda *, secrets: beside)
    rows = json.loads(json.dumps(timeline.to_json()))
    again = Timeline.from_json(rows)

    assert again == timeline
    assert again.to_json() == rows
    assert len(rows) == len(changes) + len(beside)
