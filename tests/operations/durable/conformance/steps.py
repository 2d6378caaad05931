"""Functions of steps, waits and conditions."""

from __future__ import annotations

import json
import os
from typing import Any

from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.retries import RetryPresets
from aws_durable_execution_sdk_python.waits import (
    WaitForConditionConfig,
    WaitForConditionDecision,
    WaitStrategyConfig,
    create_wait_strategy,
)

from .handlers import ONCE, Busy, Counted, coded, failing, handles, tried

SECOND = Duration.from_seconds(1)


@handles("1-1")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(lambda _: f"Hello, {event}!")


@handles("1-2")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(lambda _: f"Hello, {event}!", name="custom_step_name")


@handles("1-3")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    first = context.step(lambda _: "first")
    return context.step(lambda _: f"{first}_second")


@handles("1-4")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(lambda _: {"user": event, "count": len(event["tags"])})


@handles("1-5")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(lambda _: None)


@handles("1-6")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    upper = coded(lambda value: json.dumps(value.upper()), json.loads)
    return context.step(lambda _: event, config=StepConfig(serdes=upper))


@handles("1-7")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def greet(step: Any) -> str:
        step.logger.info(f"Greeting step started for: {event}")
        step.logger.info(f"Greeting step completed with: Hello, {event}!")
        return f"Hello, {event}!"

    return context.step(greet)


@handles("1-8")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    result = context.step(lambda _: remembered.once_more() and "computed")
    context.wait(Duration.from_seconds(2))
    assert remembered.count == 1
    return result


@handles("1-9")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    result = context.step(lambda _: remembered.once_more() and "cached_value")
    context.wait(SECOND)
    assert remembered.count == 1
    return result


@handles("1-10")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    caught = None
    try:
        context.step(failing, config=ONCE)
    except Exception as error:
        caught = str(error)
    context.wait(SECOND)
    return caught


def _fails(times: int, remembered: Counted, result: str = "Operation succeeded") -> Any:
    def work(_step: Any) -> str:
        if remembered.once_more() <= times:
            raise Busy("not yet")
        return result

    return work


@handles("1-11")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    return context.step(_fails(1, remembered), config=tried(2))


@handles("1-12")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(failing, config=tried(4))


@handles("1-13")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    return context.step(_fails(2, remembered))


@handles("1-14")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    return context.step(_fails(2, remembered), config=tried(5, delay=2, rate=3))


class TransientError(Exception):
    """What goes over by itself."""


def _transient(remembered: Counted) -> Any:
    def work(_step: Any) -> str:
        if remembered.once_more() == 1:
            raise TransientError("once")
        return "done"

    return work


@handles("1-15")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    return context.step(_transient(remembered), config=tried(3))


@handles("1-16")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    return context.step(_transient(remembered), config=ONCE)


def _crashes_once(event: Any, remembered: Counted, result: Any) -> Any:
    def work(step: Any) -> Any:
        step.logger.info(f"input: {event}")
        if remembered.once_more() == 1:
            os._exit(1)
        return result

    return work


@handles("1-17")
def _(event: Any, context: Any, remembered: Counted) -> Any:
    config = StepConfig(step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY, retry_strategy=RetryPresets.none())
    return context.step(_crashes_once(event, remembered, "never"), name="at_most_once_flaky_step", config=config)


@handles("1-18")
def _(event: Any, context: Any, remembered: Counted) -> Any:
    config = tried(2, step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY)
    work = _crashes_once(event, remembered, "succeeded on second attempt")
    return context.step(work, name="crash", config=config)


@handles("1-19")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(failing, config=ONCE)


@handles("1-20")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        context.step(failing, config=ONCE)
    except Exception:
        return context.step(lambda _: "fallback_result")


@handles("2-1")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    context.wait(Duration.from_seconds(2))


@handles("2-2")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    context.wait(Duration.from_seconds(2), name="custom_wait_name")


@handles("2-3")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    for number in (1, 2):
        context.wait(Duration.from_seconds(2), name=f"wait-{number}")
    return {"completedWaits": 2}


@handles("2-4")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    context.wait(Duration.from_minutes(1))


@handles("2-5")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    context.wait(Duration.from_hours(1))


def _until(goal: int, delay: int = 1) -> Any:
    def strategy(state: int, _attempt: int) -> WaitForConditionDecision:
        if state >= goal:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(Duration.from_seconds(delay))

    return strategy


def _count(state: int, _context: Any) -> int:
    return state + 1


def _polled(context: Any, goal: int, initial: int = 0, *, delay: int = 1, name: str | None = None) -> Any:
    config: Any = WaitForConditionConfig(wait_strategy=_until(goal, delay), initial_state=initial)
    return context.wait_for_condition(_count, config=config, name=name)


@handles("6-1")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _polled(context, event)


@handles("6-2")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    config: Any = WaitForConditionConfig(wait_strategy=_until(event), initial_state=5)
    return context.wait_for_condition(lambda state, _context: state, config=config)


@handles("6-3")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _polled(context, event, name="poll-status")


@handles("6-4")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _polled(context, event, 5)


@handles("6-5")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _polled(context, event, delay=2)


@handles("6-6")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    strategy: Any = create_wait_strategy(
        WaitStrategyConfig(
            should_continue_polling=lambda _state: True,
            max_attempts=3,
            initial_delay=Duration.from_seconds(1),
            backoff_rate=1,
            jitter_strategy=JitterStrategy.NONE,
        )
    )
    return context.wait_for_condition(_count, config=WaitForConditionConfig(wait_strategy=strategy, initial_state=0))


def _raises(_state: Any, _context: Any) -> Any:
    raise Busy("cannot look")


@handles("6-7")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    config: Any = WaitForConditionConfig(wait_strategy=_until(1), initial_state=0)
    return context.wait_for_condition(_raises, config=config)


@handles("6-8")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    config: Any = WaitForConditionConfig(wait_strategy=_until(1), initial_state=0)
    try:
        return context.wait_for_condition(_raises, config=config)
    except Exception:
        return "recovered"


@handles("6-9")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    def check(state: Any, _context: Any) -> Any:
        attempts = state["attempts"] + 1
        return {"status": "DONE" if attempts >= 2 else "PENDING", "attempts": attempts}

    def strategy(state: Any, _attempt: int) -> WaitForConditionDecision:
        if state["status"] == "DONE":
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(SECOND)

    initial = {"status": "PENDING", "attempts": 0}
    return context.wait_for_condition(
        check, config=WaitForConditionConfig(wait_strategy=strategy, initial_state=initial)
    )


@handles("6-10")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    config: Any = WaitForConditionConfig(
        wait_strategy=lambda _state, _attempt: WaitForConditionDecision.stop_polling(), initial_state=0
    )
    return context.wait_for_condition(lambda _state, _context: None, config=config)


@handles("6-11")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    def strategy(state: str, _attempt: int) -> WaitForConditionDecision:
        if len(state) >= 2:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(SECOND)

    text = coded(lambda value: f"enc:{value}", lambda text: text.removeprefix("enc:"))
    config: Any = WaitForConditionConfig(wait_strategy=strategy, initial_state="", serdes=text)
    return context.wait_for_condition(lambda state, _context: state + "x", config=config)


@handles("6-12")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    found = _polled(context, event)
    return context.step(lambda _: found * 10)


@handles("6-13")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return _polled(context, 4, _polled(context, 2))
