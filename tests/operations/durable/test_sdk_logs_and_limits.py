"""What AWS's SDK writes into the log, and where it comes to its limits."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.errors import HungHandlerWarning
from tests.deploying import create

pytest.importorskip("aws_durable_execution_sdk_python")

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

pytestmark = pytest.mark.usefixtures("sdk_in_a_hurry")
Run = Callable[[Any], Any]


@pytest.fixture
def logging_in(mock: LambdaMock, client: Any, caplog: pytest.LogCaptureFixture) -> Callable[[str, Any], list[str]]:
    """Return a function that runs a workflow with a format of logs, and returns the lines of all its invocations."""

    def run(log_format: str, work: Any) -> list[str]:
        caplog.set_level("INFO" if log_format == "JSON" else "WARNING")  # the root's level in Lambda's Python runtime
        create(client, DurableConfig={"ExecutionTimeout": 600}, LoggingConfig={"LogFormat": log_format})
        mock.clock.run_until_idle()
        mock.handler("orders", call=durable_execution(work))
        mock.durable("orders").run()
        return [line for one in mock.invocations("orders") for line in one.log.splitlines()]

    return run


def records(lines: list[str], message: str) -> list[dict[str, Any]]:
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    return [one for one in parsed if one.get("message") == message]


def test_the_loggers_of_the_sdk_name_execution_operation_and_attempt(
    mock: LambdaMock, logging_in: Callable[[str, Any], list[str]]
) -> None:
    strategy = create_retry_strategy(RetryStrategyConfig(max_attempts=2, initial_delay=Duration.from_seconds(1)))
    attempts: list[int] = []

    def charge(step: Any) -> str:
        step.logger.info("charging")
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("busy")
        return "paid"

    def work(_event: Any, context: DurableContext) -> Any:
        config = StepConfig(retry_strategy=strategy)
        return context.run_in_child_context(
            lambda inner: inner.step(charge, name="charge", config=config), name="outer"
        )

    told = records(logging_in("JSON", work), "charging")

    execution = mock.durable("orders").latest
    operation = execution.operation("charge")
    assert [one["attempt"] for one in told] == [1, 2]
    for one in told:
        assert (one["executionArn"], one["operationName"], one["operationId"]) == (
            execution.arn, "charge", operation.id,
        )  # fmt: skip
        assert one["parentId"] == execution.operation("outer").id


def test_text_logs_have_warnings_and_what_is_graver(logging_in: Callable[[str, Any], list[str]]) -> None:
    def work(_event: Any, context: DurableContext) -> None:
        context.logger.info("beginning")
        context.logger.warning("slow")
        context.logger.error("wrong")

    lines = logging_in("Text", work)

    assert [line.split("\t")[-1] for line in lines if line.startswith("[")] == ["slow", "wrong"]


def test_a_logger_is_silent_while_its_context_replays(logging_in: Callable[[str, Any], list[str]]) -> None:
    def work(_event: Any, context: DurableContext) -> None:
        context.logger.info("before the wait")
        context.wait(Duration.from_seconds(60), name="nap")
        context.logger.info("after the wait")

    lines = logging_in("JSON", work)

    assert [len(records(lines, message)) for message in ("before the wait", "after the wait")] == [1, 1]


def test_a_record_with_a_traceback_is_one_event_and_what_is_printed_next_another(mock: LambdaMock, client: Any) -> None:
    create(client, DurableConfig={"ExecutionTimeout": 600})
    mock.clock.run_until_idle()

    def work(_event: Any, _context: DurableContext) -> None:
        try:
            raise ValueError("no more chairs")
        except ValueError:
            logging.getLogger().exception("failed")
        print("printed")

    mock.handler("orders", call=durable_execution(work))
    mock.durable("orders").run()

    messages = list(mock.function("orders").logs.lines)
    (record,) = [one for one in messages if "failed" in one]
    assert "ValueError: no more chairs" in record
    assert "printed" not in record
    assert [one for one in messages if one.strip() == "printed"]


def test_a_result_that_the_sdk_never_sends_lets_the_invocation_time_out_and_is_sent_by_the_next() -> None:
    """The SDK puts what is above 750 KB, and not the first of its batch, back for ever."""
    with mock_lambda(hang_after=1.5) as m:
        create(boto3.client("lambda", region_name="us-east-1"), Timeout=30, DurableConfig={"ExecutionTimeout": 600})
        m.clock.run_until_idle()

        def work(_event: Any, context: DurableContext) -> int:
            return len(context.step(lambda _: "x" * 900_000, name="large"))

        m.handler("orders", call=durable_execution(work))
        with pytest.warns(HungHandlerWarning):
            execution = m.durable("orders").run()

        first, second = m.invocations("orders")
        assert ((first.end - first.start).total_seconds(), execution.result) == (30, 900_000)
        assert (second.start - first.end).total_seconds() == 5
        assert execution.event_types[:3] == ["ExecutionStarted", "StepStarted", "InvocationCompleted"]
