"""AWS's own SDK for Python, unmodified but for a wait: its documented examples, and what is told apart by it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create

pytest.importorskip("aws_durable_execution_sdk_python")

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import (
    CallbackConfig,
    Duration,
    MapConfig,
    ParallelConfig,
    StepConfig,
    StepSemantics,
    WaitForCallbackConfig,
)
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

pytestmark = pytest.mark.usefixtures("sdk_in_a_hurry")
NOT_ENDED = "InvocationCompleted"


@pytest.fixture
def function(mock: LambdaMock, client: Any) -> Any:
    """Return a function that makes a workflow of the SDK the code of the durable function ``orders``."""
    create(client, Timeout=30, DurableConfig={"ExecutionTimeout": 10 * 86_400})
    mock.clock.run_until_idle()

    def use(work: Any, name: str = "orders") -> Any:
        mock.handler(name, call=durable_execution(work))
        return mock.durable(name)

    return use


def told(execution: Any) -> list[str]:
    return [kind for kind in execution.event_types if kind != NOT_ENDED]


def test_steps_a_wait_and_a_child_context(function: Any) -> None:
    def work(event: Any, context: DurableContext) -> list[str]:
        results = [context.step(lambda _step: f"{event['a']} {event['b']}", name="one")]
        context.wait(Duration.from_seconds(1), name="nap")

        def two(inner: DurableContext) -> str:
            return f"{inner.step(lambda _: '3 4', name='two_1')} {inner.step(lambda _: '4 3', name='two_2')}"

        results.append(context.run_in_child_context(two, name="two"))
        results.append(context.step(lambda _step: "5 6", name="three"))
        return results

    execution = function(work).run({"a": 1, "b": 2})

    assert execution.result == ["1 2", "3 4 4 3", "5 6"]
    assert execution.operation("two").result == "3 4 4 3"
    assert [one.name for one in execution.operation("two").children] == ["two_1", "two_2"]
    assert told(execution) == [
        "ExecutionStarted", "StepStarted", "StepSucceeded", "WaitStarted", "WaitSucceeded", "ContextStarted",
        "StepStarted", "StepSucceeded", "StepStarted", "StepSucceeded", "ContextSucceeded", "StepStarted",
        "StepSucceeded", "ExecutionSucceeded",
    ]  # fmt: skip


def test_a_step_is_tried_again_by_its_strategy(mock: LambdaMock, function: Any) -> None:
    attempts: list[int] = []

    def charge(_step: Any) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise RuntimeError("busy")
        return "paid"

    strategy = create_retry_strategy(
        RetryStrategyConfig(max_attempts=3, initial_delay=Duration.from_seconds(10), jitter_strategy=_no_jitter())
    )

    def work(_event: Any, context: DurableContext) -> Any:
        return context.step(charge, name="charge", config=StepConfig(retry_strategy=strategy))

    before = mock.clock.now
    execution = function(work).run()

    assert (execution.result, execution.operation("charge").attempts) == ("paid", 3)
    assert (mock.clock.now - before).total_seconds() == 30
    failed = [one["StepFailedDetails"]["RetryDetails"] for one in execution.history if "StepFailedDetails" in one]
    assert failed == [
        {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 10},
        {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 20},
    ]


def _no_jitter() -> Any:
    from aws_durable_execution_sdk_python.config import JitterStrategy

    return JitterStrategy.NONE


def test_an_error_of_user_code_fails_the_execution_at_once(function: Any) -> None:
    def work(_event: Any, _context: DurableContext) -> None:
        raise ValueError("no more chairs")

    execution = function(work).run()

    assert execution.status == "FAILED"
    assert (execution.error["ErrorType"], execution.error["ErrorMessage"]) == ("ValueError", "no more chairs")
    assert execution.event_types == ["ExecutionStarted", NOT_ENDED, "ExecutionFailed"]


@pytest.mark.parametrize(
    ("semantics", "ran", "kinds"),
    [
        (StepSemantics.AT_LEAST_ONCE_PER_RETRY, 2, ["StepStarted", "StepSucceeded"]),
        (StepSemantics.AT_MOST_ONCE_PER_RETRY, 1, ["StepStarted", "StepFailed"]),
    ],
)
def test_a_step_that_a_crash_interrupts(function: Any, semantics: Any, ran: int, kinds: list[str]) -> None:
    runs: list[int] = []

    def charge(_step: Any) -> str:
        runs.append(1)
        if len(runs) == 1:
            os._exit(1)
        return "paid"

    config = StepConfig(
        step_semantics=semantics, retry_strategy=create_retry_strategy(RetryStrategyConfig(max_attempts=1))
    )

    def work(_event: Any, context: DurableContext) -> Any:
        context.wait(Duration.from_seconds(1), name="nap")  # what comes before has reached the service by then
        return context.step(charge, name="charge", config=config)

    execution = function(work).run()

    assert len(runs) == ran
    assert [kind for kind in told(execution) if kind.startswith("Step")][-len(kinds) :] == kinds
    errors = [one[f"{NOT_ENDED}Details"].get("Error") for one in execution.history if one["EventType"] == NOT_ENDED]
    assert [error["Payload"]["ErrorType"] for error in errors if error] == ["Runtime.ExitError"]


def test_a_condition_is_polled_until_it_holds(function: Any) -> None:
    def check(state: Any, _context: Any) -> Any:
        return state + 1

    def strategy(state: Any, _attempt: int) -> Any:
        if state >= 3:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(Duration.from_seconds(60))

    def work(_event: Any, context: DurableContext) -> Any:
        config = WaitForConditionConfig(wait_strategy=strategy, initial_state=0)
        return context.wait_for_condition(check, config=config, name="poll")

    execution = function(work).run()

    assert (execution.result, execution.operation("poll").attempts) == (3, 3)
    assert [kind for kind in told(execution) if kind.startswith("Step")] == ["StepStarted", "StepSucceeded"] * 3


def test_a_callback_is_waited_for(function: Any) -> None:
    sent: list[str] = []

    def work(_event: Any, context: DurableContext) -> Any:
        def submit(callback_id: str, _context: Any) -> None:
            sent.append(callback_id)

        config = WaitForCallbackConfig(timeout=Duration.from_hours(1))
        return context.wait_for_callback(submit, name="approval", config=config)

    orders = function(work)
    execution = orders.run()
    waiting = execution.status
    callback = orders.callback("approval")
    callback.succeed('"yes"')
    execution.go_on()

    assert (waiting, [callback.id], json.loads(execution.result)) == ("RUNNING", sent, "yes")
    assert [one.name for one in execution.operation("approval").children] == [
        "approval create callback id", "approval submitter",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (CallbackConfig(timeout=Duration.from_seconds(60)), "Callback.Timeout"),
        (CallbackConfig(heartbeat_timeout=Duration.from_seconds(60)), "Callback.Heartbeat"),
    ],
)
def test_a_callback_that_is_late_is_told_apart(mock: LambdaMock, function: Any, config: Any, kind: str) -> None:
    def work(_event: Any, context: DurableContext) -> str:
        try:
            context.create_callback(name="approval", config=config).result()
        except Exception as error:
            return type(error).__name__
        return "answered"

    execution = function(work).run()
    mock.clock.advance(60)

    assert execution.result.startswith("Callback")
    assert execution.operation("approval").error["ErrorType"] == kind


def test_map_and_parallel(function: Any) -> None:
    def work(_event: Any, context: DurableContext) -> Any:
        doubled: Any = context.map(
            [1, 2, 3],
            lambda inner, item, index, _items: inner.step(lambda _: item * 2, name=f"double {index}"),
            name="all",
            config=MapConfig(max_concurrency=1),
        )

        def slow(inner: DurableContext) -> str:
            inner.wait(Duration.from_seconds(30), name="nap")
            return "slow"

        both = context.parallel(
            [lambda inner: inner.step(lambda _: "quick", name="quick"), slow], name="both", config=ParallelConfig()
        )
        return [doubled.get_results(), both.get_results()]

    execution = function(work).run()

    assert execution.result == [[2, 4, 6], ["quick", "slow"]]
    assert [one.sub_type for one in execution.operation("all").children] == ["MapIteration"] * 3
    assert [one.sub_type for one in execution.operation("both").children] == ["ParallelBranch"] * 2


def test_a_chained_function_is_waited_for(mock: LambdaMock, client: Any, function: Any) -> None:
    create(client, "refunds", DurableConfig={"ExecutionTimeout": 600})
    mock.clock.run_until_idle()

    def refund(event: Any, context: DurableContext) -> Any:
        context.wait(Duration.from_seconds(30), name="nap")
        return {"refunded": event["order"]}

    mock.handler("refunds", call=durable_execution(refund))

    def work(_event: Any, context: DurableContext) -> Any:
        return context.invoke("refunds:$LATEST", {"order": 7}, name="refund")

    execution = function(work).run()

    assert execution.result == {"refunded": 7}
    assert execution.event_types == [
        "ExecutionStarted", "ChainedInvokeStarted", NOT_ENDED, "ChainedInvokeSucceeded", NOT_ENDED,
        "ExecutionSucceeded",
    ]  # fmt: skip
    assert mock.durable("refunds").latest.result == {"refunded": 7}


def test_a_large_result_of_a_context_is_replayed(function: Any) -> None:
    def work(_event: Any, context: DurableContext) -> int:
        large = context.run_in_child_context(
            lambda inner: "".join(inner.step(lambda _: "x" * 100_000, name=f"s{number}") for number in range(4)),
            name="large",
        )
        context.wait(Duration.from_seconds(1), name="nap")
        return len(large)

    execution = function(work).run()

    assert execution.result == 400_000
    assert len(execution.operation("large").children) == 4


def test_a_paused_execution_goes_on_when_it_is_resumed(mock: LambdaMock, function: Any) -> None:
    def work(_event: Any, context: DurableContext) -> Any:
        context.wait(Duration.from_seconds(30), name="nap")
        return context.step(lambda _: "done", name="last")

    execution = function(work).start()
    execution.pause()
    mock.clock.advance(60)
    paused = execution.status
    execution.resume()
    execution.go_on()

    assert paused == "PAUSED"
    mock.clock.advance(1)
    assert execution.result == "done"


@pytest.mark.parametrize(("effect", "runs"), [("crash", 2), ("hang", 2), ("lose_checkpoint", 1)])
def test_faults_reach_the_sdk(mock: LambdaMock, function: Any, effect: str, runs: int) -> None:
    ran: list[int] = []

    def work(_event: Any, context: DurableContext) -> Any:
        def charge(_step: Any) -> str:
            ran.append(1)
            return "paid"

        return context.step(charge, name="charge")

    orders = function(work)
    getattr(orders.on("charge"), effect)()
    execution = orders.run()

    assert (execution.result, len(ran)) == ("paid", runs)


def test_a_step_of_the_sdk_fails_as_the_test_wants(function: Any) -> None:
    def work(_event: Any, context: DurableContext) -> Any:
        try:
            return context.step(lambda _: "paid", name="charge")
        except Exception as error:
            return str(error)

    orders = function(work)
    orders.on("charge").fail("CardDeclined", "no money")

    assert "no money" in orders.run().result


def test_the_page_shows_what_runs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "durable.md").read_text(encoding="utf-8")
    shown: dict[str, Any] = {}
    for block in re.findall(r"^```py\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        exec(block, shown)

    shown["test_an_order_is_approved"]()
    if importlib.util.find_spec("aws_durable_execution_sdk_python_testing") is not None:
        shown["test_an_order_is_approved_as_the_cloud_runner_has_it"]()
