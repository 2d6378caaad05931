"""How long things take: the clock moves by initialisation, by duration and by sleep, and not past a deadline."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.outcome import Outcome
from tests.execution.stage import Stage, spec


def seconds(*lengths: float) -> list[timedelta]:
    return [timedelta(seconds=length) for length in lengths]


def is_time_out(outcome: Outcome) -> bool:
    return b'"Sandbox.Timedout"' in outcome.payload


def test_an_invocation_without_lengths_takes_no_time(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    outcome = stage.invoke(spec())
    assert [stage.elapsed, outcome.duration, outcome.init_duration] == seconds(0, 0, 0)


def test_a_cold_invocation_takes_init_and_duration(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1.2, duration=0.3)
    outcome = stage.invoke(spec())
    assert [outcome.init_duration, outcome.duration, outcome.ended - outcome.started] == seconds(1.2, 0.3, 1.5)
    assert stage.elapsed == timedelta(seconds=1.5)


def test_a_warm_invocation_takes_its_duration_only(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1.2, duration=timedelta(seconds=0.3))
    stage.invoke(spec())
    outcome = stage.invoke(spec())
    assert (outcome.cold, outcome.init_duration) == (False, None)
    assert outcome.ended - outcome.started == timedelta(seconds=0.3)


def test_a_handler_takes_what_it_sleeps_and_its_duration_on_top(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: stage.sleep(1), duration=0.5)
    assert stage.invoke(spec()).duration == timedelta(seconds=1.5)


def test_a_handler_that_fails_takes_its_duration_too(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=ValueError, duration=0.5)
    outcome = stage.invoke(spec())
    assert (outcome.duration, outcome.function_error) == (timedelta(seconds=0.5), "Unhandled")
    assert isinstance(outcome.error, ValueError)


def test_a_mistake_of_the_test_takes_no_time(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=KeyboardInterrupt, duration=0.5)
    with pytest.raises(KeyboardInterrupt):
        stage.invoke(spec())
    assert stage.elapsed == timedelta(0)


# -- time-outs


def test_a_duration_beyond_the_timeout_ends_at_the_timeout(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=100)
    outcome = stage.invoke(spec(timeout=3))
    assert is_time_out(outcome)
    assert [stage.elapsed, outcome.duration] == seconds(3, 3)
    assert outcome.function_error == "Unhandled"
    assert outcome.error is None


def test_a_handler_may_use_its_timeout_to_the_end(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=3)
    assert stage.invoke(spec(timeout=3)).payload == b"1"


def test_a_handler_that_sleeps_too_long_is_ended_at_its_deadline(stage: Stage) -> None:
    after: list[str] = []

    def handler(event: Any, context: Any) -> None:
        try:
            stage.sleep(2)
            stage.sleep(2)
        except Exception:
            after.append("caught")
        after.append("went on")

    stage.handlers.add("orders", call=handler)
    outcome = stage.invoke(spec(timeout=3))
    assert is_time_out(outcome)
    assert stage.elapsed == timedelta(seconds=3)
    assert after == []


def test_a_handler_that_swallows_the_end_is_out_of_time_all_the_same(stage: Stage) -> None:
    def handler(event: Any, context: Any) -> str:
        for _ in range(3):
            with suppress(BaseException):  # what such code does
                stage.sleep(10)
        return "done"

    stage.handlers.add("orders", call=handler)
    assert is_time_out(stage.invoke(spec(timeout=3)))
    assert stage.elapsed == timedelta(seconds=3)


def test_a_handler_that_moves_the_clock_too_far_is_out_of_time(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: stage.clock.advance(60))
    outcome = stage.invoke(spec(timeout=3))
    assert is_time_out(outcome)
    assert outcome.duration == timedelta(seconds=3)


def test_an_error_after_the_deadline_is_a_time_out(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=ValueError, duration=5)
    assert is_time_out(stage.invoke(spec(timeout=3)))


def test_sleeping_without_a_handler_just_moves_the_clock(stage: Stage) -> None:
    stage.sleep(100)
    assert stage.elapsed == timedelta(seconds=100)


def test_another_world_knows_no_deadline_of_this_one(stage: Stage) -> None:
    other = Stage()
    stage.handlers.add("orders", call=lambda event, context: other.sleep(100))
    assert stage.invoke(spec(timeout=3)).payload == b"null"
    assert other.elapsed == timedelta(seconds=100)
    other.pool.close()


def test_a_thread_of_a_handler_has_no_deadline_of_its_own(stage: Stage) -> None:
    def handler(event: Any, context: Any) -> None:
        thread = threading.Thread(target=stage.sleep, args=(10,))
        thread.start()
        thread.join()

    stage.handlers.add("orders", call=handler)
    assert is_time_out(stage.invoke(spec(timeout=3)))
    assert stage.elapsed == timedelta(seconds=10)


# -- the Init phase


def test_an_init_of_more_than_ten_seconds_is_repeated_in_the_invocation(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=12)
    outcome = stage.invoke(spec(timeout=60))
    assert outcome.payload == b"1"
    assert [outcome.init_duration, outcome.duration] == seconds(10, 12)


def test_an_init_that_does_not_fit_into_the_timeout_either_is_a_time_out(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=12)
    outcome = stage.invoke(spec(timeout=3))
    assert is_time_out(outcome)
    assert stage.elapsed == timedelta(seconds=13)


def test_init_and_handler_share_the_timeout_when_the_init_is_repeated(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=12, duration=4)
    assert is_time_out(stage.invoke(spec(timeout=15)))


def test_an_init_ahead_of_invocations_has_more_time(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=130)
    assert stage.pool.initialise(spec(initialization_type="snap-start")) is None
    stage.handlers.add("orders", returns=1, init=130.001)
    ending = stage.pool.initialise(spec(initialization_type="snap-start"))
    assert ending is not None
    assert (ending.status.name, stage.elapsed) == ("timeout", timedelta(0))


def test_nobody_waits_for_the_init_of_provisioned_concurrency(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=130, duration=1)
    outcome = stage.invoke(spec(initialization_type="provisioned-concurrency"))
    assert (outcome.cold, outcome.init_duration, stage.elapsed) == (False, None, timedelta(seconds=1))
    assert "INIT_REPORT Init Duration: 130000.00 ms\tPhase: init\n" in outcome.log


# -- several at once


def test_a_nested_invocation_takes_the_time_of_the_outer_one(stage: Stage) -> None:
    stage.handlers.add("outer", call=lambda event, context: stage.result(spec(name="inner")), duration=1)
    stage.handlers.add("inner", returns=1, duration=1.5)
    assert stage.invoke(spec(name="outer", timeout=3)).duration == timedelta(seconds=2.5)


def test_an_inner_time_out_is_an_answer_for_the_outer_function(stage: Stage) -> None:
    stage.handlers.add("outer", call=lambda event, context: stage.result(spec(name="inner", timeout=1)))
    stage.handlers.add("inner", returns=1, duration=2)
    assert b"timed out after 1.00 seconds" in stage.invoke(spec(name="outer", timeout=3)).payload
    assert stage.elapsed == timedelta(seconds=1)


def test_the_deadline_of_the_outer_function_cuts_the_inner_one_off(stage: Stage) -> None:
    stage.handlers.add("outer", call=lambda event, context: stage.result(spec(name="inner", timeout=60)))
    stage.handlers.add("inner", returns=1, duration=50)
    outcome = stage.invoke(spec(name="outer", timeout=3))
    assert b"timed out after 3.00 seconds" in outcome.payload
    assert stage.elapsed == timedelta(seconds=3)


def test_what_falls_due_during_a_sleep_is_not_bound_by_the_deadline_of_the_sleeper(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: stage.sleep(1))
    stage.handlers.add("worker", returns="done", duration=10)
    outcomes: list[Outcome] = []
    stage.clock.call_later(0.5, lambda: outcomes.append(stage.invoke(spec(name="worker", timeout=60))), label="event")
    outcome = stage.invoke(spec(timeout=3))
    assert outcomes[0].payload == b'"done"'
    assert outcome.payload == b"null"
    assert stage.elapsed == timedelta(seconds=10.5)


def test_what_falls_due_during_a_sleep_is_no_time_of_the_sleeper(stage: Stage) -> None:
    remaining: list[int] = []

    def handler(event: Any, context: Any) -> None:
        stage.sleep(1)
        remaining.append(context.get_remaining_time_in_millis())
        stage.sleep(0.25)

    stage.handlers.add("orders", call=handler)
    stage.clock.call_later(0.5, lambda: stage.clock.advance(10), label="event")
    assert stage.invoke(spec(timeout=3)).duration == timedelta(seconds=1.25)
    assert remaining == [2000]


def test_nothing_is_left_of_a_handler_that_ended(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[1, ValueError, SystemExit], duration=1)
    for _ in range(3):
        stage.invoke(spec())
    stage.sleep(1000)
    assert stage.elapsed == timedelta(seconds=1002)


def test_the_end_of_time_is_no_exception_that_code_catches_by_accident() -> None:
    assert not issubclass(sleeping.TimedOut, Exception)


def test_a_run_apart_takes_its_time_while_the_clock_stands(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda _event, _context: stage.sleep(2), init=1, duration=3)

    with sleeping.detached(stage.clock):
        outcome = stage.invoke(spec(timeout=10))

    assert stage.elapsed == timedelta(0)
    assert (outcome.ended - outcome.started, outcome.duration) == (timedelta(seconds=6), timedelta(seconds=5))


def test_an_environment_is_busy_until_the_clock_has_come_to_the_end_of_its_run_apart(stage: Stage) -> None:
    stage.handlers.add("orders", returns=None, duration=2)
    with sleeping.detached(stage.clock):
        first = stage.invoke(spec())

    with sleeping.detached(stage.clock):
        second = stage.invoke(spec())
    stage.clock.advance(2)
    third = stage.invoke(spec())

    assert [one.cold for one in (first, second, third)] == [True, True, False]
    assert first.environment != second.environment


def test_an_inner_invocation_apart_begins_where_the_outer_one_has_come_to(stage: Stage) -> None:
    def orders(_event: Any, _context: Any) -> Any:
        stage.sleep(1)
        return [stage.invoke(spec(name="prices")).started.second for _ in range(2)]

    stage.handlers.add("orders", call=orders)
    stage.handlers.add("prices", returns=None, duration=0.5)

    with sleeping.detached(stage.clock):
        assert json.loads(stage.invoke(spec(timeout=10)).payload) == [1, 1]
    assert len(stage.pool.environments) == 2


def test_a_run_apart_is_out_of_time_at_its_own_deadline(stage: Stage) -> None:
    def orders(_event: Any, _context: Any) -> None:
        stage.sleep(2)
        stage.sleep(2)

    stage.handlers.add("orders", call=orders)

    with sleeping.detached(stage.clock):
        outcome = stage.invoke(spec())

    assert json.loads(outcome.payload)["errorType"] == "Sandbox.Timedout"
    assert outcome.ended - outcome.started == timedelta(seconds=3)


def test_a_run_apart_that_looks_at_the_world_lets_the_clock_come_to_where_it_is(stage: Stage) -> None:
    happened: list[str] = []
    stage.clock.call_later(1, lambda: happened.append("at one"), label="something")

    def orders(_event: Any, context: Any) -> Any:
        stage.sleep(2)
        sleeping.rejoin(stage.clock)
        return [list(happened), context.get_remaining_time_in_millis()]

    stage.handlers.add("orders", call=orders)

    with sleeping.detached(stage.clock):
        outcome = stage.invoke(spec())

    assert json.loads(outcome.payload) == [["at one"], 1000]
    assert stage.elapsed == timedelta(seconds=2)
    assert outcome.ended == stage.clock.now
