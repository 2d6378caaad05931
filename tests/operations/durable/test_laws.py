"""Laws of durable executions, whatever goes wrong: crashes, hung invocations, lost checkpoints, throttles."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.api_model import lambda_model
from tests.deploying import ROLE, zip_of
from tests.operations.durable.replaying import Replay, StepFailed, replaying

EFFECTS = ("crash", "hang", "lose_checkpoint")


@dataclass(frozen=True)
class Step:
    """A step of the workflow: *fails* so often before it succeeds."""

    name: str
    at_most_once: bool
    fails: int


@dataclass(frozen=True)
class Wait:
    name: str
    seconds: int


@dataclass(frozen=True)
class Call:
    name: str
    durable: bool


@st.composite
def workflows(draw: st.DrawFn) -> list[Any]:
    def named(number: int) -> st.SearchStrategy[Any]:
        name = f"op{number}"
        return st.one_of(
            st.builds(Step, st.just(name), st.booleans(), st.integers(0, 1)),
            st.builds(Wait, st.just(name), st.integers(1, 100)),
            st.builds(Call, st.just(name), st.booleans()),
        )

    return [draw(named(number)) for number in range(draw(st.integers(1, 5)))]


TROUBLE = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(EFFECTS)), max_size=4)
THROTTLES = st.lists(st.tuples(st.integers(1, 120), st.integers(1, 30)), max_size=2)


@dataclass
class Went:
    """What came of a run: its *result*, the *history*, the attempts that *ran*, and steps that were stored already."""

    result: Any
    history: list[Any]
    ran: list[tuple[str, int]]
    ran_again: list[str]


@dataclass
class Interpreter:
    """The code of ``orders``: it does what *workflow* says, and notes the attempts of its steps."""

    mock: LambdaMock
    workflow: list[Any]
    ran: list[tuple[str, int]] = field(default_factory=list)
    ran_again: list[str] = field(default_factory=list)

    def work(self, replay: Replay) -> list[Any]:
        return [self._do(replay, one) for one in self.workflow]

    def _do(self, replay: Replay, one: Any) -> Any:
        if isinstance(one, Wait):
            replay.wait(one.name, one.seconds)
            return None
        if isinstance(one, Call):
            target = "child:$LATEST" if one.durable else "plain"
            return replay.invoke(one.name, target, one.name)["ChainedInvokeDetails"]["Result"]
        try:
            return replay.step(one.name, partial(self._step, one), at_most_once=one.at_most_once, most=9)
        except StepFailed:
            return "failed"

    def _step(self, one: Step, attempt: int) -> str:
        operations = self.mock.durable("orders").operations
        if any(view.name == one.name and view.status == "SUCCEEDED" for view in operations):
            self.ran_again.append(one.name)
        self.ran.append((one.name, attempt))
        if attempt <= one.fails:
            raise ArithmeticError("not yet")
        return one.name


def create(call: Any, name: str, **more: Any) -> None:
    usual = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": zip_of()}}
    call("CreateFunction", {"FunctionName": name, **usual, **more})


def run(workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]) -> Went:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=3, unfired_faults="ignore") as m:
        call = m.backend.call
        create(call, "orders", DurableConfig={"ExecutionTimeout": 86_400})
        create(call, "child", DurableConfig={"ExecutionTimeout": 3_600})
        create(call, "plain")
        m.clock.run_until_idle()
        m.limits.durable_failed_invocations = 100
        orders = Interpreter(m, workflow)

        def checkpoint(**params: Any) -> Any:
            return call("CheckpointDurableExecution", params)

        m.handler("orders", call=replaying(checkpoint, orders.work))
        m.handler("child", call=replaying(checkpoint, _nap))
        m.handler("plain", call=lambda event, _context: [event])
        for place, effect in trouble:
            getattr(m.faults.on_operation(f"op{place}", function="orders"), effect)()
        for at, length in throttles:
            m.clock.call_later(at, partial(_throttle, call), label="throttle")
            m.clock.call_later(at + length, partial(_release, call), label="no throttle")
        execution = m.durable("orders").run(name="one")
        m.clock.run_until_idle()
        return Went(execution.result, execution.history, orders.ran, orders.ran_again)


def _nap(replay: Replay) -> Any:
    replay.wait("nap", 5)
    return replay.input


def _throttle(call: Any) -> None:
    call("PutFunctionConcurrency", {"FunctionName": "orders", "ReservedConcurrentExecutions": 0})


def _release(call: Any) -> None:
    call("DeleteFunctionConcurrency", {"FunctionName": "orders"})


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(workflows(), TROUBLE, THROTTLES)
def test_whatever_goes_wrong_the_result_is_that_of_the_undisturbed_run(
    workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]
) -> None:
    calm, stormy = run(workflow, [], []), run(workflow, trouble, throttles)

    assert stormy.result == calm.result
    assert stormy.ran_again == []  # a step whose success is stored runs never again
    once = {one.name for one in workflow if isinstance(one, Step) and one.at_most_once}
    attempts = [each for each in stormy.ran if each[0] in once]
    assert len(attempts) == len(set(attempts))  # no attempt of an at-most-once step twice
    assert [event["EventId"] for event in stormy.history] == list(range(1, len(stormy.history) + 1))


@settings(max_examples=5, deadline=None, derandomize=True, database=None)
@given(workflows(), TROUBLE, THROTTLES)
def test_the_same_seed_gives_the_same_bytes(
    workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]
) -> None:
    first, second = (json.dumps(run(workflow, trouble, throttles).history, default=str) for _ in range(2))

    assert first == second


def test_every_kind_of_event_in_a_history_is_one_of_the_api() -> None:
    workflow = [Step("op0", False, 1), Wait("op1", 5), Call("op2", True), Call("op3", False)]
    kinds = {event["EventType"] for event in run(workflow, [], []).history}

    events = lambda_model().operation("GetDurableExecutionHistory").output_shape.members["Events"]
    assert kinds <= {*events.member.members["EventType"].traits["enum"]}
