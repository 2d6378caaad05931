"""Laws of durable executions, whatever goes wrong: crashes, hung invocations, lost checkpoints, throttles."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.api_model import lambda_model
from tests.budget import sized
from tests.deploying import ROLE, zip_of
from tests.operations.durable.replaying import Replay, StepFailed, replaying

EFFECTS = ("crash", "hang", "lose_checkpoint")
IN_THE_CODE = ("dies", "is late")
TIMEOUT = 30
"""Of the function, in seconds."""


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


@dataclass(frozen=True)
class Poll:
    """A wait for a condition, which holds at the check number *wanted*."""

    name: str
    wanted: int


@dataclass(frozen=True)
class Ask:
    """A callback that nobody answers within *seconds*."""

    name: str
    seconds: int


@dataclass(frozen=True)
class Inside:
    """A context with a step."""

    name: str
    step: Step


@st.composite
def workflows(draw: st.DrawFn) -> list[Any]:
    def named(number: int) -> st.SearchStrategy[Any]:
        name = f"op{number}"
        return st.one_of(
            st.builds(Step, st.just(name), st.booleans(), st.integers(0, 1)),
            st.builds(Wait, st.just(name), st.integers(1, 100)),
            st.builds(Call, st.just(name), st.booleans()),
            st.builds(Poll, st.just(name), st.integers(1, 3)),
            st.builds(Ask, st.just(name), st.integers(1, 100)),
            st.builds(
                Inside, st.just(f"around-{name}"), st.builds(Step, st.just(name), st.booleans(), st.integers(0, 1))
            ),
        )

    return [draw(named(number)) for number in range(draw(st.integers(1, 5)))]


QUICK = settings(deadline=None, derandomize=True, database=None, phases=(Phase.generate, Phase.shrink))
TROUBLE = st.lists(st.tuples(st.integers(0, 4), st.sampled_from((*EFFECTS, *IN_THE_CODE))), max_size=4)
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
    trouble: list[tuple[str, str]]
    """What happens in the code of steps, after it has done its work: their names, and whether it dies or is late."""
    ran: list[tuple[str, int]] = field(default_factory=list)
    ran_again: list[str] = field(default_factory=list)

    def work(self, replay: Replay) -> list[Any]:
        return [self._do(replay, one) for one in self.workflow]

    def _do(self, replay: Replay, one: Any) -> Any:
        """Do *one* operation, and return what tells how it has ended."""
        kinds: dict[type, Callable[[Any], Any]] = {
            Wait: lambda wait: replay.wait(wait.name, wait.seconds),
            Call: lambda call: replay.invoke(call.name, "child:$LATEST" if call.durable else "plain", call.name),
            Poll: lambda poll: replay.poll(poll.name, partial(self._check, poll), poll.wanted),
            Ask: lambda ask: replay.callback(ask.name, TimeoutSeconds=ask.seconds)["Status"],
            Inside: lambda outer: replay.send_context(outer.name, lambda inner: self._do(inner, outer.step)),
            Step: lambda step: self._tried(replay, step),
        }
        told = kinds[type(one)](one)
        return told["ChainedInvokeDetails"]["Result"] if isinstance(one, Call) else told

    def _tried(self, replay: Replay, one: Step) -> Any:
        try:
            return replay.step(one.name, partial(self._step, one), at_most_once=one.at_most_once, most=9)
        except StepFailed:
            return "failed"

    def _check(self, one: Poll, state: int) -> int:
        self._meet_trouble(one.name)
        return state + 1

    def _meet_trouble(self, name: str) -> None:
        for of, effect in self.trouble:
            if of == name:
                self.trouble.remove((of, effect))
                if effect == "dies":
                    os._exit(1)
                time.sleep(TIMEOUT + 1)

    def _step(self, one: Step, attempt: int) -> str:
        walked = self.mock.durable("orders").operations.walk()
        if any(view.name == one.name and view.status == "SUCCEEDED" for _, view in walked):
            self.ran_again.append(one.name)
        self.ran.append((one.name, attempt))
        self._meet_trouble(one.name)
        if attempt <= one.fails:
            raise ArithmeticError("not yet")
        return one.name


def create(call: Any, name: str, **more: Any) -> None:
    usual = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": zip_of()}}
    call("CreateFunction", {"FunctionName": name, **usual, **more})


def run(workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]) -> Went:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=3, unfired_faults="ignore") as m:
        call = m.backend.call
        create(call, "orders", Timeout=TIMEOUT, DurableConfig={"ExecutionTimeout": 86_400})
        create(call, "child", DurableConfig={"ExecutionTimeout": 3_600})
        create(call, "plain")
        m.clock.run_until_idle()
        m.limits.durable_failed_invocations = 100
        orders = Interpreter(m, workflow, [(f"op{at}", effect) for at, effect in trouble if effect in IN_THE_CODE])

        def checkpoint(**params: Any) -> Any:
            return call("CheckpointDurableExecution", params)

        m.handler("orders", call=replaying(checkpoint, orders.work))
        m.handler("child", call=replaying(checkpoint, _nap))
        m.handler("plain", call=lambda event, _context: [event])
        for place, effect in trouble:
            if effect in EFFECTS:
                getattr(m.faults.on_operation(f"op{place}", function="orders"), effect)()
        for at, length in throttles:
            m.clock.call_later(at, partial(_throttle, call), label="throttle")
            m.clock.call_later(at + length, partial(_release, call), label="no throttle")
        execution = m.durable("orders").start(name="one")
        m.clock.run_until_idle()
        return Went(execution.result, execution.history, orders.ran, orders.ran_again)


def _nap(replay: Replay) -> Any:
    replay.wait("nap", 5)
    return replay.input


def _throttle(call: Any) -> None:
    call("PutFunctionConcurrency", {"FunctionName": "orders", "ReservedConcurrentExecutions": 0})


def _release(call: Any) -> None:
    call("DeleteFunctionConcurrency", {"FunctionName": "orders"})


@settings(QUICK, max_examples=sized(12, 500))
@given(workflows(), TROUBLE, THROTTLES)
def test_whatever_goes_wrong_the_result_is_that_of_the_undisturbed_run(
    workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]
) -> None:
    calm, stormy = run(workflow, [], []), run(workflow, trouble, throttles)

    assert stormy.result == calm.result
    assert stormy.ran_again == []  # a step whose success is stored runs never again
    all_steps = [one.step if isinstance(one, Inside) else one for one in workflow]
    once = {one.name for one in all_steps if isinstance(one, Step) and one.at_most_once}
    attempts = [each for each in stormy.ran if each[0] in once]
    assert len(attempts) == len(set(attempts))  # no attempt of an at-most-once step twice
    assert [event["EventId"] for event in stormy.history] == list(range(1, len(stormy.history) + 1))


@settings(QUICK, max_examples=sized(3, 50))
@given(workflows(), TROUBLE, THROTTLES)
def test_the_same_seed_gives_the_same_bytes(
    workflow: list[Any], trouble: list[tuple[int, str]], throttles: list[tuple[int, int]]
) -> None:
    first, second = (json.dumps(run(workflow, trouble, throttles).history, default=str) for _ in range(2))

    assert first == second


def test_every_kind_of_event_in_a_history_is_one_of_the_api() -> None:
    workflow = [
        Step("op0", False, 1),
        Wait("op1", 5),
        Call("op2", True),
        Call("op3", False),
        Poll("op4", 2),
        Ask("op5", 9),
    ]
    kinds = {event["EventType"] for event in run(workflow, [], []).history}

    events = lambda_model().operation("GetDurableExecutionHistory").output_shape.members["Events"]
    assert kinds <= {*events.member.members["EventType"].traits["enum"]}
