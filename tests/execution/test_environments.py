"""Execution environments: made when needed, used again, thrown away."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.execution.stage import ACCOUNT, IDLE_LIFETIME, PLACE, REGION, Stage, spec

COUNTER = """
import os
count = 0
def handler(event, context):
    global count
    count += 1
    return count
"""


def test_globals_live_from_one_invocation_to_the_next(stage: Stage) -> None:
    outcomes = [stage.invoke(spec(COUNTER)) for _ in range(3)]
    assert [outcome.payload for outcome in outcomes] == [b"1", b"2", b"3"]
    assert [outcome.cold for outcome in outcomes] == [True, False, False]
    assert len({outcome.environment for outcome in outcomes}) == 1


def test_an_exception_does_not_end_an_environment(stage: Stage) -> None:
    code = f"{COUNTER}\n    if count == 1: raise ValueError".replace("    return count\n", "") + "\n    return count"
    first, second = stage.invoke(spec(code)), stage.invoke(spec(code))
    assert (first.function_error, second.payload, second.cold) == ("Unhandled", b"2", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "2"},
        {"name": "refunds"},
        {"region": "us-east-1"},
        {"account": "210987654321"},
        {"environment": {"A": "b"}},
        {"memory_size": 256},
        {"timeout": 4},
    ],
)
def test_anything_else_runs_in_another_environment(stage: Stage, changes: dict[str, Any]) -> None:
    first, second = stage.invoke(spec(COUNTER)), stage.invoke(spec(COUNTER, **changes))
    assert (second.cold, second.payload) == (True, b"1")
    assert first.environment != second.environment


def test_new_code_runs_in_a_new_environment(stage: Stage) -> None:
    stage.invoke(spec(COUNTER))
    assert stage.invoke(spec(COUNTER.replace("+= 1", "+= 10"))).payload == b"10"


def test_the_alias_that_led_to_a_version_makes_no_difference(stage: Stage) -> None:
    stage.invoke(spec(COUNTER, version="2", qualifier="2"))
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    assert stage.invoke(spec(COUNTER, version="2", qualifier="live", invoked_arn=arn)).payload == b"2"


def test_a_new_handler_runs_in_a_new_environment(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec(COUNTER))
    handler = stage.handlers.add("orders", returns=2)
    assert stage.invoke(spec(COUNTER)).cold
    handler.remove()
    assert stage.invoke(spec(COUNTER)).cold


# -- what ends the process, and not the environment

RESETS = [
    pytest.param("import sys; sys.exit(1)", id="exit"),
    pytest.param("os._exit(1)", id="_exit"),
    pytest.param("sleep(60)", id="time-out"),
]


@pytest.mark.parametrize("statement", RESETS)
def test_an_end_of_the_process_resets_the_environment(
    stage: Stage, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", stage.sleep)
    code = f"""
from time import sleep
import os, tempfile, pathlib
count = 0
os.environ["INITIALISED"] = str(int(os.environ.get("INITIALISED", "0")) + 1)
marker = pathlib.Path(tempfile.gettempdir(), "marker")
def handler(event, context):
    global count
    count += 1
    os.environ["SET"] = "yes"
    if event == "end":
        marker.write_text("kept")
        {statement}
    return [count, os.environ["INITIALISED"], marker.exists()]
"""
    function = spec(code)
    assert stage.result(function) == [1, "1", False]
    assert stage.result(function) == [2, "1", False]
    ended = stage.invoke(function, "end")
    assert ended.function_error == "Unhandled"
    after = stage.invoke(function)
    assert json.loads(after.payload) == [1, "1", True]
    assert (after.cold, after.init_duration, after.environment) == (False, None, ended.environment)
    assert "INIT_START" not in after.log


def test_the_init_after_a_reset_counts_as_duration(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[SystemExit(1), 2, 3], init=1.5, duration=0.5)
    stage.invoke(spec())
    assert stage.invoke(spec()).duration == timedelta(seconds=2)
    assert stage.invoke(spec()).duration == timedelta(seconds=0.5)


def test_code_that_could_not_be_loaded_is_loaded_again(stage: Stage) -> None:
    code = """
    import pathlib, tempfile
    tries = pathlib.Path(tempfile.gettempdir(), "tries")
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) < 4: raise ValueError(len(tries.read_text()))
    def handler(event, context): return tries.read_text()
    """
    assert [stage.result(spec(code)).get("errorMessage")] == ["2"]  # once in Init, once in Invoke
    assert [stage.result(spec(code)).get("errorMessage")] == ["3"]
    assert stage.result(spec(code)) == "xxxx"


def test_a_second_try_can_succeed(stage: Stage) -> None:
    code = """
    import pathlib, tempfile
    tried = pathlib.Path(tempfile.gettempdir(), "tried")
    if not tried.exists():
        tried.touch()
        raise ValueError
    def handler(event, context): return "ok"
    """
    outcome = stage.invoke(spec(code))
    assert (outcome.payload, outcome.cold) == (b'"ok"', True)


# -- how they end


def test_an_environment_is_kept_for_ten_minutes(stage: Stage) -> None:
    stage.invoke(spec(COUNTER))
    stage.clock.advance(IDLE_LIFETIME - timedelta(seconds=1))
    assert not stage.invoke(spec(COUNTER)).cold
    stage.clock.advance(IDLE_LIFETIME)
    assert stage.pool.environments == ()
    assert stage.invoke(spec(COUNTER)).payload == b"1"


def test_the_idle_lifetime_can_be_changed(stage: Stage) -> None:
    stage.timings["spin_down"] = 5
    stage.invoke(spec(COUNTER))
    stage.clock.advance(5)
    assert stage.pool.environments == ()


def test_nobody_waits_for_an_idle_environment(stage: Stage) -> None:
    stage.invoke(spec(COUNTER))
    stage.clock.run_until_idle()
    assert stage.elapsed == timedelta(0)
    (timer,) = stage.clock.pending
    assert (timer.label, timer.background) == ("orders environment spins down", True)


def test_an_environment_does_not_fall_idle_while_it_is_busy(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=800)
    stage.invoke(spec(timeout=900))
    assert not stage.invoke(spec(timeout=900)).cold


@pytest.mark.parametrize(
    ("discard", "cold"),
    [
        (lambda stage: stage.pool.discard(PLACE, "orders"), True),
        (lambda stage: stage.pool.discard(PLACE, "orders", "3"), True),
        (lambda stage: stage.pool.discard(PLACE, "orders", "2"), False),
        (lambda stage: stage.pool.discard(ACCOUNT, "us-east-1", "orders"), False),
        (lambda stage: stage.pool.discard("210987654321", REGION, "orders"), False),
        (lambda stage: stage.pool.discard(PLACE, "order"), False),
    ],
)
def test_a_discarded_environment_is_not_used_again(stage: Stage, discard: Callable[[Stage], None], cold: bool) -> None:
    function = spec(COUNTER, version="3")
    stage.invoke(function)
    discard(stage)
    assert stage.invoke(function).cold is cold


def test_an_environment_that_is_discarded_while_busy_ends_when_it_is_done(stage: Stage, tmp_path: Path) -> None:
    def handler(event: Any, context: Any) -> int:
        tempfile.gettempdir()
        stage.pool.discard(PLACE, "orders")
        return len(list(tmp_path.iterdir()))

    stage.handlers.add("orders", call=handler)
    assert stage.invoke(spec()).payload == b"1"
    assert list(tmp_path.iterdir()) == []
    assert stage.clock.pending == ()


def test_discarding_cancels_the_idle_timer(stage: Stage) -> None:
    stage.invoke(spec(COUNTER))
    stage.pool.discard(PLACE, "orders")
    assert stage.clock.pending == ()


# -- several at once


def test_a_function_that_invokes_itself_needs_a_second_environment(stage: Stage) -> None:
    def handler(event: int, context: Any) -> list[Any]:
        deeper = stage.result(spec(), event - 1) if event else []
        return [context.log_stream_name, *deeper]

    stage.handlers.add("orders", call=handler)
    streams = stage.result(spec(), 2)
    assert len(set(streams)) == 3
    assert len(stage.pool.environments) == 3


def test_the_environment_that_was_used_last_is_used_next(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: stage.result(spec(), 0) if event else None)
    outer = stage.invoke(spec(), 1)
    assert stage.invoke(spec(), 0).environment == outer.environment


def test_code_that_invokes_other_code_keeps_its_own_modules(stage: Stage) -> None:
    stage.handlers.add("bridge", call=lambda event, context: stage.result(spec(COUNTER, name="inner")))
    import tests.execution.stage as shared

    shared.bridge = lambda: stage.result(spec(name="bridge"))  # type: ignore[attr-defined]
    try:
        outer = """
        from tests.execution.stage import bridge
        count = 10
        def handler(event, context):
            inner = bridge()
            import app
            return [inner, app.count]
        """
        assert stage.result(spec(outer)) == [1, 10]
        assert stage.result(spec(outer)) == [2, 10]
    finally:
        del shared.bridge  # type: ignore[attr-defined]


def test_two_runs_with_the_same_seed_are_the_same() -> None:
    streams = []
    for _ in range(2):
        world = Stage()
        streams.append(world.invoke(spec("import os\ndef handler(event, context): return dict(os.environ)")))
        world.pool.close()
    first, second = (json.loads(outcome.payload) for outcome in streams)
    assert {**first, "LAMBDA_TASK_ROOT": ""} == {**second, "LAMBDA_TASK_ROOT": ""}
