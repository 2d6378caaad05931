"""AWS's own runners for tests: the local one as a second opinion, the cloud one unmodified against the mock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import create
from tests.newest_client import newest_client

pytest.importorskip("aws_durable_execution_sdk_python")
pytest.importorskip("aws_durable_execution_sdk_python_testing")

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, MapConfig, StepConfig
from aws_durable_execution_sdk_python.execution import InvocationStatus
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionCloudTestRunner, DurableFunctionTestRunner

Work = Any

SECOND = Duration.from_seconds(1)
TRIED = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(max_attempts=3, initial_delay=SECOND, jitter_strategy=JitterStrategy.NONE)
    )
)


def readme(event: Any, context: DurableContext) -> list[str]:
    """The example of the runner's own README."""

    def two(inner: DurableContext) -> str:
        return f"{inner.step(lambda _: '3 4', name='two_1')} {inner.step(lambda _: '4 3', name='two_2')}"

    results = [context.step(lambda _: "1 2", name="one")]
    context.wait(SECOND)
    results.append(context.run_in_child_context(two, name="two"))
    results.append(context.step(lambda _: "5 6", name="three"))
    return results


def place_order(event: Any, context: DurableContext) -> Any:
    """The other one: a durable function and a plain one are invoked."""
    price = context.invoke("lookup-price:$LATEST", {"sku": "book-1"}, name="price")
    payment = context.invoke("process-payment:$LATEST", {"amount": price["price"]}, name="payment")
    return {"charged": payment["charged"]}


def nobody(_event: Any, context: DurableContext) -> str:
    try:
        context.invoke("nobody:$LATEST", 1, name="refund")
    except Exception as error:
        return type(error).__name__
    return "found"


def raising(_step: Any) -> None:
    raise ValueError("no more chairs")


def failing(_event: Any, context: DurableContext) -> Any:
    return context.step(raising, name="charge", config=TRIED)


def caught(_event: Any, context: DurableContext) -> str:
    try:
        context.run_in_child_context(lambda inner: inner.step(raising, name="inner", config=TRIED), name="outer")
    except Exception as error:
        return str(error)
    return "went well"


def polling(_event: Any, context: DurableContext) -> Any:
    def strategy(state: int, _attempt: int) -> Any:
        going_on = WaitForConditionDecision.continue_waiting(Duration.from_seconds(60))
        return going_on if state < 3 else WaitForConditionDecision.stop_polling()

    config = WaitForConditionConfig(wait_strategy=strategy, initial_state=0)
    return context.wait_for_condition(lambda state, _context: state + 1, config=config, name="poll")


def mapping(_event: Any, context: DurableContext) -> Any:
    done: Any = context.map(
        [1, 2, 3],
        lambda inner, item, index, _items: inner.step(lambda _: item * 2, name=f"double {index}"),
        name="all",
        config=MapConfig(max_concurrency=1),
    )
    return done.get_results()


def at_once(_event: Any, _context: DurableContext) -> None:
    raise ValueError("at once")


def late(_event: Any, context: DurableContext) -> str:
    from aws_durable_execution_sdk_python.config import CallbackConfig

    try:
        context.create_callback(name="approval", config=CallbackConfig(timeout=SECOND)).result()
    except Exception as error:
        return type(error).__name__
    return "answered"


WORKS: Mapping[str, Work] = {
    work.__name__: work for work in (readme, place_order, nobody, failing, caught, polling, mapping, at_once, late)
}
_OF_ITS_OWN = ("ScheduledEndTimestamp", "StartTimestamp", "EndTimestamp", "RequestId", "StackTrace", "CallbackId")
_LEFT_OUT = (
    "RetryDetails",
    "ExecutedVersion",
    "Timeout",
    "HeartbeatTimeout",
    "DurableExecutionArn",
    "ExecutionTimeout",
)
"""What the local runner's histories lack where AWS's conformance requirements have it, or has other values of."""


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("Function not found"):
        return "Function not found"  # Lambda's own text names the ARN
    if not isinstance(value, dict):
        return value
    return {
        member: _plain(one)
        for member, one in value.items()
        if one is not None and member not in (*_OF_ITS_OWN, *_LEFT_OUT, "Truncated")
    }


def _told(events: list[dict[str, Any]]) -> list[Any]:
    """Return events as both have them: type, name, subtype and details."""
    told = []
    for event in events:
        kind = event["EventType"]
        details = _plain(event.get(f"{kind}Details") or {})
        if kind == "StepSucceeded" and event.get("SubType") == "WaitForCondition":
            details = {}  # the local runner leaves out the state that the next attempt begins with
        if kind == "InvocationCompleted":
            details = {}
        name = None if kind.startswith("Execution") else event.get("Name")
        told.append((kind, name, event.get("SubType"), details))
    return told


def process_payment(event: Any, _context: DurableContext) -> Any:
    return {"charged": event["amount"]}


def lookup_price(_event: Any, _context: Any) -> Any:
    return {"price": 25}


@contextmanager
def local_runner(handler: Any) -> Iterator[DurableFunctionTestRunner]:
    """AWS's local runner, whose event loop is closed: it does not do that itself, and the garbage collector warns."""
    loops: list[asyncio.AbstractEventLoop] = []

    def new_loop() -> asyncio.AbstractEventLoop:
        loops.append(asyncio.SelectorEventLoop())
        return loops[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "new_event_loop", new_loop)
        runner = DurableFunctionTestRunner(handler=handler)
    try:
        with runner:
            yield runner
    finally:
        for loop in loops:
            loop.close()


def _of_the_runner(work: Work, payload: Any) -> tuple[str, Any, list[Any]]:
    with local_runner(durable_execution(work)) as runner:
        runner.register_durable_function("process-payment", durable_execution(process_payment))
        runner.register_function("lookup-price", lookup_price)
        arn = runner.run_async(input=json.dumps(payload))
        ended = runner.wait_for_result(arn)
        events = runner.get_execution_history(arn, include_execution_data=True).events
        assert ended.execution_status is not None
        return ended.execution_status.value, ended.result, _told([one.to_dict() for one in events])


def _furnish(mock: LambdaMock, client: Any) -> None:
    """Make the functions that are under test and invoked."""
    for name in ("orders", "process-payment"):
        create(client, name, Timeout=30, DurableConfig={"ExecutionTimeout": 300})
    create(client, "lookup-price")
    mock.clock.run_until_idle()
    mock.handler("process-payment", call=durable_execution(process_payment))
    mock.handler("lookup-price", call=lookup_price)


def _of_the_mock(work: Work, payload: Any) -> tuple[str, Any, list[Any]]:
    """The runner runs outside of it: the mock would move the clock by what the runner sleeps."""
    with mock_lambda() as m:
        client: Any = newest_client()
        _furnish(m, client)
        m.handler("orders", call=durable_execution(work))
        execution = m.durable("orders").run(payload)
        m.clock.run_until_idle()
        answer = client.get_durable_execution(DurableExecutionArn=execution.arn)
        return execution.status, answer.get("Result"), _told(execution.history)


@pytest.mark.parametrize("work", WORKS)
def test_awss_local_runner_comes_to_the_same_history(work: str) -> None:
    ours = _of_the_mock(WORKS[work], {"order": 7})
    theirs = _of_the_runner(WORKS[work], {"order": 7})

    if work == place_order.__name__:  # there, it is a race: a target may end before the invocation that asked for it
        for _, _, told in (ours, theirs):
            told[:] = [event for event in told if event[0] != "InvocationCompleted"]
    assert ours == theirs


@pytest.mark.parametrize("answer", [{"plain": True}, {"Status": "PENDING"}])
def test_with_its_limits_an_invalid_answer_ends_as_in_awss_local_runner(answer: Any) -> None:
    with mock_lambda() as m:
        client: Any = newest_client()
        _furnish(m, client)
        m.limits.durable_invalid_answers, m.limits.durable_idle_answers = 1, 3
        m.handler("orders", call=lambda _event, _context: answer)
        execution = m.durable("orders").run()
        ours = (execution.status, (execution.error or {}).get("ErrorType"), execution.event_types)

    with local_runner(lambda _event, _context: answer) as runner:
        arn = runner.run_async()
        theirs = runner.wait_for_result(arn)
        kinds = [event.event_type for event in runner.get_execution_history(arn).events]
    assert theirs.execution_status is not None
    assert theirs.error is not None
    assert ours == (theirs.execution_status.value, theirs.error.type, kinds)


@pytest.fixture
def functions(mock: LambdaMock, client: Any) -> None:
    _furnish(mock, client)


@pytest.fixture
def cloud() -> DurableFunctionCloudTestRunner:
    return DurableFunctionCloudTestRunner(function_name="orders:$LATEST", region="us-east-1")


@pytest.mark.usefixtures("functions")
def test_awss_cloud_runner_runs_against_the_mock(mock: LambdaMock, cloud: DurableFunctionCloudTestRunner) -> None:
    mock.handler("orders", call=durable_execution(readme))
    result = cloud.run(input="input str")

    assert result.status is InvocationStatus.SUCCEEDED
    assert result.result == '["1 2", "3 4 4 3", "5 6"]'
    assert result.get_step("one").result == '"1 2"'
    assert result.get_context("two").result == '"3 4 4 3"'
    assert [one.name for one in result.get_context("two").child_operations] == ["two_1", "two_2"]


@pytest.mark.usefixtures("functions")
def test_awss_cloud_runner_sees_what_fails(mock: LambdaMock, cloud: DurableFunctionCloudTestRunner) -> None:
    mock.handler("orders", call=durable_execution(failing))
    result = cloud.run()

    assert result.status is InvocationStatus.FAILED
    assert result.error is not None
    assert result.error.message == "no more chairs"
    assert result.get_step("charge").attempt == 3


@pytest.mark.usefixtures("functions")
def test_awss_cloud_runner_answers_callbacks(mock: LambdaMock, cloud: DurableFunctionCloudTestRunner) -> None:
    def work(_event: Any, context: DurableContext) -> Any:
        return context.wait_for_callback(lambda _callback_id, _: None, name="approval")

    mock.handler("orders", call=durable_execution(work))
    arn = cloud.run_async()
    callback = cloud.wait_for_callback(arn, name="approval create callback id")
    cloud.send_callback_heartbeat(callback)
    cloud.send_callback_success(callback, b'"yes"')
    result = cloud.wait_for_result(arn)

    assert json.loads(json.loads(result.result or "null")) == "yes"
