"""Durable executions in bulk. The goals were stated before anything was measured.

Ten thousand executions of five steps and a wait each within 120 s where a canned GetFunctionConfiguration takes
0.57 ms, by a handler that speaks the checkpoint API itself; two hundred with AWS's SDK within 60 s. Each execution is
seven calls over the real client: an Invoke, and six checkpoints from two invocations. What those cost botocore alone is
measured beside it.

What is asserted is a ratio of processor times, each the lower quartile of rounds that take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import quantiles
from typing import Any

import pytest

from benchmarks.conftest import can, client
from benchmarks.test_goals import CANNED_CALL
from benchmarks.works import ROLE, canned, package, seconds
from lambda_states_mock import LambdaMock, mock_lambda

GOAL = 120_000 / 10_000 / CANNED_CALL
"""Canned calls that an execution may take."""
WITH_SDK, SDK_SECONDS = 200, 60
SDK_WAITS = 2 * 0.1
"""Seconds for which an execution with the SDK waits: in each of its two invocations a thread looks every 100 ms whether
it is to stop. What is left of the time is the processor's. That is asserted, so that a busy machine matters little.
"""
ROUNDS, IN_A_ROUND = 12, 25
STEPS, WAIT_AFTER = 5, 3
MANY = 1_000
LATE = 1.5
"""The last of many may cost so much more than the first: that is noise, and no slope."""


def _step(name: str) -> list[dict[str, Any]]:
    step = {"Id": name, "Name": name, "Type": "STEP"}
    return [{**step, "Action": "START"}, {**step, "Action": "SUCCEED", "Payload": "1"}]


_NAP = {"Id": "nap", "Name": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}


def workflow(send: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Return a handler of five steps, with a wait after the third. Parameters: *send*, which sends a checkpoint."""

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        known = {one["Id"] for one in event["InitialExecutionState"]["Operations"]}
        for number in range(STEPS):
            if number == WAIT_AFTER and "nap" not in known:
                send(DurableExecutionArn=arn, CheckpointToken=token, Updates=[_NAP])
                return {"Status": "PENDING"}
            name = f"step{number}"
            if name not in known:
                answer = send(DurableExecutionArn=arn, CheckpointToken=token, Updates=_step(name))
                token = answer["CheckpointToken"]
        return {"Status": "SUCCEEDED", "Result": '"done"'}

    return handler


@contextmanager
def durable() -> Iterator[tuple[LambdaMock, Any]]:
    """The durable function ``orders``."""
    with mock_lambda() as m:
        mocked = client()
        mocked.create_function(
            FunctionName="orders",
            Runtime="python3.13",
            Role=ROLE,
            Handler="index.handler",
            Code={"ZipFile": package()},
            Timeout=60,
            DurableConfig={"ExecutionTimeout": 600, "RetentionPeriodInDays": 1},
        )
        m.clock.run_until_idle()
        yield m, mocked


def executions(m: LambdaMock, mocked: Any, count: int) -> None:
    """Begin *count* executions and let them end."""
    for _ in range(count):
        mocked.invoke(FunctionName="orders", Qualifier="$LATEST", InvocationType="Event", Payload=b"{}")
    m.clock.run_until_idle()


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _botocore_alone() -> Callable[[], object]:
    """Return the checkpoints of one execution, each with a canned answer: what botocore takes of its time."""
    alone = can(client(), b'{"CheckpointToken": "token", "NewExecutionState": {"Operations": []}}')
    arn = "arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST/durable-execution/one/two"
    batches = [*(_step(f"step{number}") for number in range(STEPS)), [_NAP]]

    def send() -> None:
        for updates in batches:
            alone.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken="token", Updates=updates)

    return send


def _an_execution() -> float:
    """Return the seconds of processor time that an execution takes, of some in a mock of their own."""
    with durable() as (m, mocked):
        m.handler("orders", call=workflow(mocked.checkpoint_durable_execution))
        executions(m, mocked, 2)
        taken = _processor_seconds(partial(executions, m, mocked, IN_A_ROUND)) / IN_A_ROUND
        assert {one.status for one in m.durable("orders").executions} == {"SUCCEEDED"}
        return taken


def test_an_execution_of_five_steps_and_a_wait_costs_what_it_may() -> None:
    calls, ours, botocore = [], [], []
    for _ in range(ROUNDS):
        calls.append(seconds(partial(canned, "GetFunctionConfiguration")))
        botocore.append(_processor_seconds(_botocore_alone()))
        ours.append(_an_execution())
    call, of_botocore, execution = (quantiles(times, n=4)[0] for times in (calls, botocore, ours))

    print(
        f"an execution: {execution * 1e3:.1f} ms, {execution / call:.1f} canned calls (goal {GOAL:.1f}); "
        f"its checkpoints in botocore alone: {of_botocore / call:.1f}"
    )
    assert execution / call <= GOAL


def test_an_execution_costs_the_same_however_many_are_kept() -> None:
    with durable() as (m, mocked):
        m.handler("orders", call=workflow(mocked.checkpoint_durable_execution))
        taken = [_processor_seconds(partial(executions, m, mocked, IN_A_ROUND)) for _ in range(MANY // IN_A_ROUND)]

    few, many = (min(part) for part in (taken[: len(taken) // 4], taken[-len(taken) // 4 :]))
    print(f"of {MANY} executions the last cost {many / few:.2f} of the first")
    assert many < LATE * few


def test_two_hundred_executions_with_awss_sdk_end_in_time() -> None:
    sdk: Any = pytest.importorskip("aws_durable_execution_sdk_python")
    config = pytest.importorskip("aws_durable_execution_sdk_python.config")

    def work(_event: Any, context: Any) -> str:
        for number in range(STEPS):
            if number == WAIT_AFTER:
                context.wait(config.Duration.from_seconds(60), name="nap")
            context.step(lambda _: 1, name=f"step{number}")
        return "done"

    with durable() as (m, mocked):
        m.handler("orders", call=sdk.durable_execution(work))
        began = time.perf_counter()
        computed = _processor_seconds(partial(executions, m, mocked, WITH_SDK))
        took = time.perf_counter() - began
        assert [one.status for one in m.durable("orders").executions] == ["SUCCEEDED"] * WITH_SDK

    print(f"{WITH_SDK} executions with the SDK: {took:.0f} s, {computed:.0f} s of the processor")
    assert computed < SDK_SECONDS - WITH_SDK * SDK_WAITS
