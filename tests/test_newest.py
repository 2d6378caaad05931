"""Of calls and state changes the newest are kept. Lengths and places count those that went, too."""

from __future__ import annotations

import gc
from datetime import timedelta
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock, api_calls, mock_lambda, newest
from lambda_states_mock.engine import driver, timeline
from lambda_states_mock.execution import environment_record
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.invocation import record
from lambda_states_mock.newest import item_at, items_in
from lambda_states_mock.reporting.sections import stood_still
from tests.deploying import create
from tests.garbage import look_at_what_is_new_alone

PLACES = st.none() | st.integers(-25, 25)
STEPS = st.none() | st.sampled_from([1, 2, -1, -3])


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(0, 20), PLACES, PLACES, STEPS)
def test_what_is_left_is_found_where_it_was(count: int, gone: int, start: Any, stop: Any, step: Any) -> None:
    whole, gone = list(range(count)), min(gone, count)
    kept, part = whole[gone:], slice(start, stop, step)
    expected = whole[part]
    try:
        assert items_in(kept, gone, part, "item") == [item for item in expected if item >= gone]
    except IndexError:
        assert any(item < gone for item in expected)
    for place in range(-count, count):
        if whole[place] >= gone:
            assert item_at(kept, gone, place, "item") == whole[place]
        else:
            with pytest.raises(IndexError, match=f"item {place} went"):
                item_at(kept, gone, place, "item")
    with pytest.raises(IndexError, match=f"no item {count}: there were {count}"):
        item_at(kept, gone, count, "item")


def test_a_part_that_begins_with_what_went_says_so() -> None:
    with pytest.raises(IndexError, match="item 1 went: of 4 the newest 2 are kept"):
        items_in("cd", 2, slice(1, 3), "item")
    assert items_in("cd", 2, slice(None, 3), "item") == ["c"]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> LambdaMock:
    """A mock that keeps five calls and ten changes, after some more of both."""
    monkeypatch.setattr(api_calls, "KEPT_CALLS", 5)
    monkeypatch.setattr(timeline, "KEPT_CHANGES", 10)
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        for size in range(128, 136):
            client.update_function_configuration(FunctionName="orders", MemorySize=size)
            client.get_function(FunctionName="orders")
        m.clock.run_until_idle()
    return m


def test_a_report_is_made_of_the_calls_that_are_left(busy: LambdaMock) -> None:
    assert stood_still(busy) == ""


def test_a_report_shows_the_newest_changes_with_their_time_since_the_first(busy: LambdaMock) -> None:
    whole = str(busy.timeline).splitlines()
    went, *shown = busy.timeline.text(3).splitlines()
    assert went == "(8 older transitions went)"
    assert shown[0] == "(8 before these: print the timeline to see them)"
    assert [line.split() for line in shown[1:]] == [line.split() for line in whole[-3:]]
    assert busy.timeline.text(11) == busy.timeline.text() == str(busy.timeline)


def test_calls_that_went_are_counted_and_an_index_of_one_says_so(busy: LambdaMock) -> None:
    assert len(busy.calls) == 17
    assert len(list(busy.calls)) == 5
    assert busy.calls[-1] is busy.calls[16]
    assert next(reversed(busy.calls)).operation == "GetFunction"
    with pytest.raises(IndexError, match="call 0 went: of 17 the newest 5 are kept"):
        busy.calls[0]
    with pytest.raises(IndexError, match="no call 17: there were 17"):
        busy.calls[17]


def test_calls_of_an_operation_are_counted_so_too(busy: LambdaMock) -> None:
    assert len(busy.calls.of("GetFunction")) == 8
    assert len(busy.calls.of("UpdateFunctionConfiguration")) == 8
    assert len(busy.calls.of("CreateFunction")) == 1
    with pytest.raises(IndexError, match="call 0 went: of 1 the newest 0 are kept"):
        busy.calls.of("CreateFunction")[0]


def test_invocations_that_went_are_counted_and_an_index_of_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "KEPT_INVOCATIONS", 3)
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        for name in ("orders", "refunds"):
            create(client, name)
            m.handler(name, returns=1)
        for number in range(4):
            client.invoke(FunctionName="orders", Payload=str(number))
        client.invoke(FunctionName="refunds")
    orders = m.invocations("orders")
    assert len(orders) == 4
    assert [one.payload for one in orders] == [b"2", b"3"]
    assert orders[-1] is orders[3]
    with pytest.raises(IndexError, match="invocation 0 went: of 4 the newest 2 are kept"):
        orders[0]
    assert len(m.invocations("orders:$LATEST")) == 4
    assert list(m.invocations("refunds")) == [m.invocations("refunds")[0]]


def test_of_invocations_with_many_bytes_fewer_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "KEPT_BYTES", 1_000)
    monkeypatch.setattr(record, "KEPT_ANYHOW", 2)
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", returns=None)
        for number in range(10):
            client.invoke(FunctionName="orders", Payload=f"{number:296}")
        orders = m.invocations("orders")
        assert [int(one.payload) for one in orders] == [7, 8, 9]
        assert (len(orders), orders[9] is orders[-1]) == (10, True)
        for number in range(3):
            client.invoke(FunctionName="orders", Payload=f"{number:996}")
        assert [int(one.payload) for one in m.invocations("orders")] == [1, 2]  # however many bytes


def test_large_bodies_are_kept_of_the_newest_calls_and_invocations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "KEPT_LARGE_BODIES", 2)
    large = b'"' + b"x" * newest.LARGE_BODY + b'"'
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", call=lambda event, _context: event)
        for payload in (large, b"1", large, large):
            client.invoke(FunctionName="orders", Payload=payload)
        runs, calls = m.invocations("orders"), m.calls.of("Invoke")
        assert [getattr(one.payload, "size", None) for one in runs] == [len(large), None, None, None]
        assert [one.result == one.payload for one in runs] == [False, True, True, True]
        assert [isinstance(one.params["Payload"], bytes) for one in calls] == [False, True, True, True]
        assert "of bodies above 65,536 those of the newest 2 are kept" in repr(runs[0].result)
        assert "a body of 65,538 that went" in str(m.timeline.to_json())


def test_state_changes_that_went_are_counted_too(busy: LambdaMock) -> None:
    changes = busy.timeline
    assert len(changes) == 3 + 2 * 8
    assert 10 <= len(list(changes)) <= 11
    assert changes[-1] is changes[18]
    with pytest.raises(IndexError, match="state change 0 went: of 19"):
        changes[0]
    assert str(changes).startswith("(8 older transitions went)\n")
    assert "of which the newest" in repr(changes)


def test_rows_stand_in_order_although_older_ones_went(busy: LambdaMock) -> None:
    rows = [row for row in busy.timeline.to_json() if row["kind"] in {"change", "call"}]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    last_call = max(place for place, row in enumerate(rows) if row.get("operation") == "UpdateFunctionConfiguration")
    assert {row["kind"] for row in rows[:last_call]} == {"change", "call"}


def test_of_the_states_that_late_readers_see_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "KEPT_PAST", 4)
    look_at_what_is_new_alone()
    with mock_lambda(timings="instant", consistency=5) as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.clock.advance(60)
        for size in range(128, 148):
            client.update_function_configuration(FunctionName="orders", MemorySize=size)
            m.clock.advance(10)
        made = [one for one in gc.get_objects() if type(one) is driver.StateMachine]
        assert 4 <= max(len(one.past) for one in made) <= 2 * 4
        assert client.get_function_configuration(FunctionName="orders")["LastUpdateStatus"] == "Successful"
        assert len(client.list_functions()["Functions"]) == 1


def let_environments_end(m: LambdaMock, count: int) -> None:
    """Let so many of a function run an event each, and end."""
    client: Any = boto3.client("lambda", region_name="us-east-1")
    create(client)
    m.handler("orders", returns=1)
    for size in range(128, 128 + count):
        client.update_function_configuration(FunctionName="orders", MemorySize=size)
        client.invoke(FunctionName="orders")
    m.clock.advance(timedelta(hours=1))


@pytest.mark.parametrize(
    ("bound", "kept", "whole"),
    [("KEPT_MOVES_OF_ENDED", 16, 2), ("KEPT_LOGS_OF_ENDED", 3, 3), ("KEPT_LOGS_OF_ENDED", 0, 1)],
    ids=["moves", "logs", "the newest anyhow"],
)
def test_of_environments_that_have_ended_the_newest_keep_their_histories(
    monkeypatch: pytest.MonkeyPatch, bound: str, kept: int, whole: int
) -> None:
    monkeypatch.setattr(environment_record, bound, kept)
    with mock_lambda(timings="instant") as m:
        let_environments_end(m, 6)
        ended = m.function("orders").environments
        assert [one.state for one in ended] == ["Gone"] * 6
        assert [len(one.history) > 1 for one in ended] == [False] * (6 - whole) + [True] * whole
        assert ["END RequestId" in one.log for one in ended] == [False] * (6 - whole) + [True] * whole
        assert [one.cold for one in ended] == [1] * 6


def test_the_logs_of_environments_that_have_ended_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_record, "KEPT_LOGS_OF_ENDED", 0)
    monkeypatch.setattr(record, "KEPT_INVOCATIONS", 1)
    look_at_what_is_new_alone()
    with mock_lambda(timings="instant") as m:
        let_environments_end(m, 20)
        logs = [one for one in gc.get_objects() if type(one) is InvocationLog]
    assert 1 <= len(logs) <= 4
