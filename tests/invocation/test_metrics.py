"""What Lambda counts, as a test reads it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock
from lambda_states_mock.errors import UnknownNameError
from lambda_states_mock.invocation import metrics
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.resources.arn import HOME
from lambda_states_mock.resources.metric import Measured
from tests.deploying import create, error_of


def test_invocations_errors_and_durations_are_counted(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=[1, RuntimeError("no"), 3], duration=0.2)
    for _ in range(3):
        settled.invoke(FunctionName="orders")
    settled.invoke(FunctionName="prices")

    assert (mock.metrics.sum("Invocations", "orders"), mock.metrics.sum("Errors", "orders")) == (3, 1)
    assert mock.metrics.average("Duration", "orders") == 200
    assert mock.metrics.sum("Invocations") == 4


def test_what_is_throttled_is_no_invocation(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)

    error_of(settled.invoke, FunctionName="orders")

    assert (mock.metrics.sum("Throttles", "orders"), mock.metrics.sum("Invocations", "orders")) == (1, 0)


def test_events_are_counted_as_they_come_and_go(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))

    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert mock.metrics.sum("AsyncEventsReceived", "orders") == 1
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1
    assert mock.metrics.maximum("AsyncEventAge", "orders") == 180_000


def test_concurrency_is_known_of_functions_and_of_the_account(settled: Any, mock: LambdaMock) -> None:
    for name in ("orders", "prices"):
        mock.handler(name, returns=None, duration=1)
        for _ in range(2):
            settled.invoke(FunctionName=name, InvocationType="Event")

    assert mock.metrics.maximum("ConcurrentExecutions", "orders") == 2
    assert mock.metrics.maximum("UnreservedConcurrentExecutions") == 4


def test_values_are_kept_by_the_minute(settled: Any, mock: LambdaMock) -> None:
    for _ in range(3):
        settled.invoke(FunctionName="orders")
        mock.clock.advance(30)

    minutes = mock.metrics.by_minute("Invocations", "orders")
    assert [(f"{minute:%H:%M}", one.sum) for minute, one in minutes.items()] == [("00:00", 2), ("00:01", 1)]


def test_a_qualifier_picks_what_was_asked_for(settled: Any, mock: LambdaMock) -> None:
    settled.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    settled.invoke(FunctionName="orders", Qualifier="1")
    settled.invoke(FunctionName="orders")

    assert mock.metrics.sum("Invocations", "orders:1") == 1
    assert mock.metrics.sum("Invocations", "orders") == 2


def test_regions_can_be_told_apart(settled: Any, mock: LambdaMock) -> None:
    elsewhere: Any = boto3.client("lambda", region_name="eu-west-1")
    create(elsewhere)
    mock.clock.run_until_idle()
    for client in (settled, elsewhere, elsewhere):
        client.invoke(FunctionName="orders")

    assert mock.metrics.sum("Invocations", "orders", region="eu-west-1") == 2
    assert mock.metrics.sum("Invocations", "orders") == 3


def test_nothing_counted_is_zero(mock: LambdaMock) -> None:
    statistics = mock.metrics.of("Duration")

    assert (statistics.count, statistics.sum, statistics.maximum, statistics.average) == (0, 0, 0, 0)
    assert repr(mock.metrics) == "<Metrics nothing counted yet>"


def test_a_misspelt_metric_is_told_so(mock: LambdaMock) -> None:
    with pytest.raises(UnknownNameError, match='no metric "Throtles": did you mean "Throttles"'):
        mock.metrics.sum("Throtles")


def test_the_metrics_print_what_was_counted(settled: Any, mock: LambdaMock) -> None:
    settled.invoke(FunctionName="orders")

    assert repr(mock.metrics).startswith("<Metrics Invocations 1, ConcurrentExecutions 1,")


def _measured(minute: int, duration: float) -> Measured:
    at = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=minute)
    return Measured("orders", None, at, {"Duration": duration}, None)


def test_only_the_newest_minutes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "KEPT_MINUTES", 2)
    known = Metrics()
    for minute in range(5):
        known.add(HOME, _measured(minute, 10))

    assert [minute.minute for minute in known.by_minute("Duration", "orders")] == [3, 4]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 100)), min_size=1), st.integers(1, 4))
def test_minutes_that_went_count_still(values: list[tuple[int, int]], kept: int) -> None:
    """In whatever order they come; those that are kept are complete."""
    few, all_of_them = Metrics(), Metrics()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(metrics, "KEPT_MINUTES", kept)
        for minute, duration in values:
            few.add(HOME, _measured(minute, duration))
        left = few.by_minute("Duration")
    for minute, duration in values:
        all_of_them.add(HOME, _measured(minute, duration))

    assert few.of("Duration", "orders") == all_of_them.of("Duration", "orders")
    whole = all_of_them.by_minute("Duration")
    assert left == {minute: whole[minute] for minute in left}
    assert min(kept, len(whole)) <= len(left) <= kept * 1.1
    assert list(left) == sorted(whole)[-len(left) :]
