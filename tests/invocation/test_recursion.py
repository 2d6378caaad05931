"""Functions that invoke themselves in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

STOPPED = (
    400,
    "RecursiveInvocationException",
    "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources "
    "and stopped your function's invocation.",
)


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client)
    create(client, "prices")
    mock.clock.run_until_idle()
    return client


def test_a_function_that_invokes_itself_is_stopped_after_sixteen_passes(settled: Any, mock: LambdaMock) -> None:
    refusals: list[tuple[int, str, str]] = []

    def orders(event: int, _context: Any) -> None:
        if event < 16:
            settled.invoke(FunctionName="orders", Payload=str(event + 1).encode())
        else:
            refusals.append(error_of(settled.invoke, FunctionName="orders", Payload=b"17"))

    mock.handler("orders", call=orders)
    settled.invoke(FunctionName="orders", Payload=b"1")

    assert refusals == [STOPPED]
    assert len(mock.invocations("orders")) == 16
    assert mock.metrics.sum("RecursiveInvocationsDropped", "orders") == 1


def test_an_event_that_comes_back_is_stopped_and_dropped(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", call=lambda *_: settled.invoke(FunctionName="orders", InvocationType="Event") and None)

    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 16
    assert mock.metrics.sum("RecursiveInvocationsDropped", "orders") == 1
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1


def test_a_loop_through_another_function_counts_each_of_them(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", call=lambda *_: settled.invoke(FunctionName="prices", InvocationType="Event") and None)
    mock.handler("prices", call=lambda *_: settled.invoke(FunctionName="orders", InvocationType="Event") and None)

    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert [len(mock.invocations(name)) for name in ("orders", "prices")] == [16, 16]


def test_a_loop_through_a_destination_is_stopped_too(settled: Any, mock: LambdaMock) -> None:
    for name, other in (("orders", "prices"), ("prices", "orders")):
        mock.handler(name, returns=None)
        settled.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": f"{ARN}{other}"}}
        )

    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert [len(mock.invocations(name)) for name in ("orders", "prices")] == [16, 16]
    assert mock.metrics.sum("RecursiveInvocationsDropped") == 1


def test_a_stopped_event_is_sent_to_where_failures_go(settled: Any, mock: LambdaMock) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:failures"
    settled.put_function_event_invoke_config(
        FunctionName="orders", DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    mock.handler("orders", call=lambda *_: settled.invoke(FunctionName="orders", InvocationType="Event") and None)

    settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert [one.target for one in mock.destinations] == [queue]


def test_where_loops_are_allowed_nothing_is_stopped(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_recursion_config(FunctionName="orders", RecursiveLoop="Allow")

    def orders(event: int, _context: Any) -> None:
        if event < 40:
            settled.invoke(FunctionName="orders", InvocationType="Event", Payload=str(event + 1).encode())

    mock.handler("orders", call=orders)
    settled.invoke(FunctionName="orders", InvocationType="Event", Payload=b"1")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 40


def test_attempts_of_one_event_are_no_loop(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    for _ in range(10):
        settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 30
    assert mock.metrics.sum("RecursiveInvocationsDropped") == 0
