"""Tumbling windows: state that goes from one invocation to the next, and when a window ends."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock

from .conftest import Connect, client
from .test_streams import STREAM, Handle, batches, fail, name_of, put, sequence_of


def _sums(event: Any) -> Any:
    return {"state": {"sum": event["state"].get("sum", 0) + len(event["Records"])}}


def test_the_state_of_a_window_goes_on_and_its_end_is_one_more_call(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    seen = handle(_sums)
    m.clock.advance(10)
    put(m, STREAM, "a", "b")
    m.clock.advance(10)
    put(m, STREAM, "c")
    m.clock.advance(39)
    assert len(seen.events) == 2
    m.clock.advance(1)
    assert [event["state"] for event in seen.events] == [{}, {"sum": 2}, {"sum": 3}]
    assert [event["isFinalInvokeForWindow"] for event in seen.events] == [False, False, True]
    assert seen.events[2] == {
        "Records": [],
        "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"},
        "state": {"sum": 3},
        "shardId": "shardId-000000000000",
        "eventSourceARN": STREAM,
        "isFinalInvokeForWindow": True,
        "isWindowTerminatedEarly": False,
    }
    put(m, STREAM, "d")
    assert (seen.events[3]["state"], seen.events[3]["window"]["start"]) == ({}, "2026-01-01T00:01:00Z")


def test_a_report_beside_the_state_sends_the_rest_again_with_it(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    report = ["ReportBatchItemFailures"]
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60, FunctionResponseTypes=report)

    def sums_until_c(event: Any) -> Any:
        names = [name_of(record) for record in event["Records"]]
        bad = [sequence_of(record) for record in event["Records"][1:] if name_of(record) == "c"]
        done = names[: names.index("c")] if bad else names
        state = event["state"].get("names", []) + done
        return {"state": {"names": state}, "batchItemFailures": [{"itemIdentifier": one} for one in bad]}

    seen = handle(sums_until_c)
    put(m, STREAM, "a", "b", "c", "d")
    m.clock.advance(60)
    assert batches(seen) == [["a", "b", "c", "d"], ["c", "d"], []]
    assert [event["state"].get("names") for event in seen.events] == [None, ["a", "b"], ["a", "b", "c", "d"]]


def test_a_closed_shard_ends_its_window_at_once_and_its_children_begin_afresh(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    seen = handle(_sums)
    stream = m.source(STREAM)
    put(m, STREAM, "a")
    first, second = stream.split("shardId-000000000000")
    assert batches(seen) == [["a"], []]
    stream.put("b", shard=first)
    stream.put("c", shard=second)
    assert batches(seen)[2:] == [["b"], ["c"]]
    assert [event["isFinalInvokeForWindow"] for event in seen.events] == [False, True, False, False]
    assert [event["state"] for event in seen.events] == [{}, {"sum": 1}, {}, {}]
    assert not any(event["isWindowTerminatedEarly"] for event in seen.events)
    m.clock.advance(60)
    assert [event["isFinalInvokeForWindow"] for event in seen.events[4:]] == [True, True]


def test_children_wait_for_the_end_of_their_parents_window(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60, MaximumRetryAttempts=2)
    seen = handle(lambda event: fail(event) if event["isFinalInvokeForWindow"] else _sums(event))
    put(m, STREAM, "a")
    child, _ = m.source(STREAM).split("shardId-000000000000")
    m.source(STREAM).put("b", shard=child)
    assert batches(seen) == [["a"], []]
    m.clock.advance(10)
    assert batches(seen) == [["a"], [], [], [], ["b"]]
    assert m.mapping(uuid).totals["succeeded"] == 2


def test_an_answer_without_a_state_has_failed(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60, MaximumRetryAttempts=0)
    handle(lambda _event: {})
    put(m, STREAM, "a")
    assert m.mapping(uuid).totals["dropped"] == 1
    assert "the answer has no state" in str(m.timeline)


def test_a_state_that_is_too_large_ends_the_window_early(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    seen = handle(lambda event: {"state": {} if event["isFinalInvokeForWindow"] else {"large": "x" * 1_100_000}})
    put(m, STREAM, "a")
    assert [event["isWindowTerminatedEarly"] for event in seen.events] == [False, True]


def test_a_window_waits_for_what_has_arrived_in_it_and_was_not_read(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60, BatchSize=1)
    seen = handle(_sums)
    m.faults.on_poll(STREAM).delay(65)
    put(m, STREAM, "a", "b")
    m.clock.advance(70)
    assert batches(seen) == [["a"], ["b"], []]
    assert [event["isFinalInvokeForWindow"] for event in seen.events] == [False, False, True]


def test_a_final_call_that_has_failed_too_often_holds_up_nothing(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60, MaximumRetryAttempts=1)
    seen = handle(lambda event: fail(event) if event["isFinalInvokeForWindow"] else _sums(event))
    put(m, STREAM, "a")
    m.clock.advance(65)
    put(m, STREAM, "b")
    assert batches(seen) == [["a"], [], [], ["b"]]
    assert seen.events[-1]["state"] == {}


def test_a_final_call_that_fails_holds_up_its_shard(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    seen = handle(lambda event: fail(event) if event["isFinalInvokeForWindow"] else _sums(event))
    put(m, STREAM, "a")
    m.clock.advance(65)
    put(m, STREAM, "b")
    m.clock.advance(300)
    assert batches(seen)[:2] == [["a"], []]
    assert len(seen.events) > 5
    assert {len(event["Records"]) for event in seen.events[1:]} == {0}


@pytest.mark.parametrize("length", [0, 30])
def test_windows_of_another_length_begin_afresh(m: LambdaMock, connect: Connect, handle: Handle, length: int) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", TumblingWindowInSeconds=60)
    seen = handle(lambda event: _sums(event) if "state" in event else None)
    put(m, STREAM, "a")
    client().update_event_source_mapping(UUID=uuid, TumblingWindowInSeconds=length)
    m.clock.advance(1)
    put(m, STREAM, "b")
    assert seen.events[1].get("state") == ({} if length else None)
    m.clock.advance(60)
    assert [event.get("window", {}).get("end") for event in seen.events[1:]] == (
        ["2026-01-01T00:00:30Z"] * 2 if length else [None]
    )
