"""SnapStart: a snapshot that is initialised once, and environments that are restored from it."""

from __future__ import annotations

import importlib.util
import json
import os
import random
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution import sleeping
from lambda_states_mock.service_errors import ServiceError
from tests.execution.stage import IDLE_LIFETIME, PLACE, Stage, spec

HOOKS = """
import os
from snapshot_restore_py import register_after_restore, register_before_snapshot
print("in init")
told = []
@register_before_snapshot
def first(): told.append("before 1")
register_before_snapshot(told.append, "before 2")
register_after_restore(told.append, "after 1")
@register_after_restore
def last(): told.append("after 2")
def handler(event, context):
    told.append("event")
    return told
"""


def snap_spec(code: str | None = None, **changes: Any) -> Any:
    return spec(code, initialization_type="snap-start", version="1", **changes)


def test_hooks_run_before_the_snapshot_backwards_and_after_restore_in_order(stage: Stage) -> None:
    function = snap_spec(HOOKS)
    assert stage.pool.initialise(function) is None
    assert stage.result(function) == ["before 2", "before 1", "after 1", "after 2", "event"]
    assert stage.result(function)[5:] == ["event"]
    assert stage.phases(function) == [
        "Extension init", "Runtime init", "Function init", "Snapshot", "Restore", "Idle", "Invoke", "Idle",
        "Invoke", "Idle",
    ]  # fmt: skip


def test_init_runs_once_for_all_that_is_seen_of_it(stage: Stage) -> None:
    function = snap_spec(HOOKS)
    stage.pool.initialise(function)
    with sleeping.detached(stage.clock):
        first = stage.invoke(function)
    log = stage.records(function)[0].log
    assert log.count("in init\n") == 1
    assert "in init" not in first.log


def test_a_snapshot_is_the_beginning_of_each_environment(stage: Stage) -> None:
    function = snap_spec(HOOKS)
    stage.pool.initialise(function)
    stage.invoke(function)
    stage.pool.discard(PLACE, "orders")
    outcome = stage.invoke(function)
    assert json.loads(outcome.payload) == ["before 2", "before 1", "after 1", "after 2", "event"]
    assert "in init" not in outcome.log
    assert stage.phases(function, 1) == ["Restore", "Idle", "Invoke", "Idle"]


def test_a_snapshot_waits_for_its_first_event_as_long_as_it_takes(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.pool.initialise(snap_spec())
    stage.clock.advance(10 * IDLE_LIFETIME)
    stage.invoke(snap_spec())
    assert [record.state for record in stage.records(snap_spec())] == ["Idle"]


def test_a_handler_says_how_long_its_restore_takes(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=20, restore=1.5, duration=0.5)
    stage.pool.initialise(snap_spec())
    outcome = stage.invoke(snap_spec())
    assert (outcome.cold, outcome.init_duration) == (True, None)
    assert (outcome.restore_duration, outcome.duration) == (timedelta(seconds=1.5), timedelta(seconds=0.5))
    assert stage.elapsed == timedelta(seconds=2)
    assert stage.invoke(snap_spec()).restore_duration is None


def test_the_log_tells_of_init_and_restore(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=20, restore=1.5, duration=0.5)
    stage.pool.initialise(snap_spec())
    assert "INIT_REPORT Init Duration: 20000.00 ms\tPhase: init\n" in stage.records(snap_spec())[0].log
    lines = stage.invoke(snap_spec()).log.splitlines()
    assert lines[0].startswith("RESTORE_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:aws:lambda:")
    assert lines[1] == "RESTORE_REPORT Restore Duration: 1500.00 ms"
    assert lines[-1].endswith(
        "\tDuration: 500.00 ms\tBilled Duration: 2000 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t"
        "Restore Duration: 1500.00 ms\tBilled Restore Duration: 1500 ms\t"
    )


def test_telemetry_tells_of_the_restore(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, restore=1.5)
    extension = stage.extensions.add("agent", telemetry=["platform"])
    stage.pool.initialise(snap_spec())
    stage.invoke(snap_spec())
    told = [event["type"].removeprefix("platform.") for event in extension.telemetry_received]
    assert told[5:] == ["restoreStart", "restoreRuntimeDone", "restoreReport", "start", "runtimeDone", "report"]
    report = extension.telemetry_received[-1]["record"]["metrics"]
    assert (report["restoreDurationMs"], report["billedRestoreDurationMs"]) == (1500.0, 1500)


def test_extensions_are_started_with_the_snapshot(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    started: list[str] = []
    extension = stage.extensions.add("agent", init=lambda: started.append("started"))
    stage.pool.initialise(snap_spec())
    assert (started, extension.received) == (["started"], [])
    stage.invoke(snap_spec())
    assert (len(started), [event["eventType"] for event in extension.received]) == (1, ["INVOKE"])


# -- what goes wrong

LIMITS = [pytest.param(10, None, id="in time"), pytest.param(10.001, "SnapStartTimeoutException", id="too late")]


@pytest.mark.parametrize(("length", "error"), LIMITS)
def test_a_restore_may_take_ten_seconds(stage: Stage, length: float, error: str | None) -> None:
    stage.handlers.add("orders", returns=1, restore=length)
    stage.pool.initialise(snap_spec())
    if error is None:
        assert stage.invoke(snap_spec()).payload == b"1"
        return
    with pytest.raises(ServiceError) as caught:
        stage.invoke(snap_spec())
    assert caught.value.code == error
    assert stage.elapsed == timedelta(seconds=10)
    assert "RESTORE_REPORT Restore Duration: 10000.00 ms\tStatus: timeout\n" in stage.records(snap_spec())[0].log


def test_a_hook_that_fails_after_restore_is_an_error_of_the_call(stage: Stage) -> None:
    code = HOOKS.replace('def last(): told.append("after 2")', 'def last(): raise ValueError("no")')
    stage.pool.initialise(snap_spec(code))
    with pytest.raises(ServiceError) as caught:
        stage.invoke(snap_spec(code))
    assert (caught.value.code, "Runtime.AfterRestoreError" in str(caught.value)) == ("SnapStartException", True)
    (record,) = stage.records(snap_spec(code))
    assert stage.phases(snap_spec(code))[-3:] == ["Restore", "Shutdown", "Gone"]
    assert "[ERROR] Runtime.AfterRestoreError: no\n" in record.log
    assert "\tStatus: error\tError Type: Runtime.AfterRestoreError\n" in record.log
    assert stage.pool.environments == ()


def test_a_hook_that_fails_before_the_snapshot_fails_the_init(stage: Stage) -> None:
    code = HOOKS.replace('def first(): told.append("before 1")', 'def first(): raise ValueError("no")')
    ending = stage.pool.initialise(snap_spec(code))
    assert ending is not None
    assert ending.status.error_type == "Runtime.BeforeSnapshotError"
    assert json.loads(ending.payload) == {
        "errorMessage": "no",
        "errorType": "Runtime.BeforeSnapshotError",
        "requestId": "",
        "stackTrace": [],
    }
    assert stage.pool.environments == ()


def test_an_environment_that_was_reset_is_restored_again(stage: Stage) -> None:
    code = HOOKS.replace(
        '    told.append("event")', '    if event == "end": raise SystemExit\n    told.append("event")'
    )
    function = snap_spec(code)
    stage.pool.initialise(function)
    stage.invoke(function, "end")
    assert stage.result(function) == ["before 2", "before 1", "after 1", "after 2", "event"]
    assert stage.phases(function)[-6:] == ["Resetting", "Reset", "Restore", "Idle", "Invoke", "Idle"]


def test_without_anything_to_run_there_is_nothing_to_initialise(stage: Stage) -> None:
    assert stage.pool.initialise(snap_spec()) is None
    assert stage.pool.environments == ()


def test_a_mistake_of_the_test_in_the_snapshot_leaves_nothing(stage: Stage, tmp_path: Any) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", init=lambda: pytest.fail("seen"))
    with pytest.raises(pytest.fail.Exception, match="seen"):
        stage.pool.initialise(snap_spec())
    assert list(tmp_path.iterdir()) == []


# -- the module with the hooks


@pytest.mark.skipif(importlib.util.find_spec("snapshot_restore_py") is not None, reason="it is really installed")
def test_the_module_with_the_hooks_is_there_for_every_function_and_only_there(stage: Stage) -> None:
    code = "import snapshot_restore_py\ndef handler(event, context): return snapshot_restore_py.__name__"
    assert stage.result(spec(code)) == "snapshot_restore_py"
    with pytest.raises(ImportError):
        __import__("snapshot_restore_py")


def test_a_function_may_bring_its_own(stage: Stage) -> None:
    from tests.execution.stage import zip_of

    code = zip_of(
        app="import snapshot_restore_py\ndef handler(event, context): return snapshot_restore_py.own",
        snapshot_restore_py="own = True",
    )
    assert stage.result(spec(code)) is True


def test_hooks_run_for_snap_start_alone(stage: Stage) -> None:
    assert stage.result(spec(HOOKS)) == ["event"]


def test_a_snapshot_has_no_log_stream_of_its_own(stage: Stage) -> None:
    code = "import os\ndef handler(e, c): return sorted(n for n in os.environ if n.startswith('AWS_LAMBDA_LOG'))"
    stage.pool.initialise(snap_spec(code))
    assert stage.result(snap_spec(code)) == []


# -- what Init makes up

RANDOM = """
import os, random, secrets, uuid
made = [uuid.uuid4().hex, random.random(), secrets.token_hex(4), os.urandom(3).hex()]
def handler(event, context):
    return [made, uuid.uuid4().hex]
"""


def test_what_init_makes_up_at_random_is_in_the_snapshot(stage: Stage) -> None:
    function = snap_spec(RANDOM)
    stage.pool.initialise(function)
    results = []
    for _ in range(3):
        results.append(stage.result(function))
        stage.pool.discard(PLACE, "orders")
    assert [made for made, _ in results] == [results[0][0]] * 3
    assert len({later for _, later in results}) == 3


def test_another_snapshot_has_made_up_something_else(stage: Stage) -> None:
    made = []
    for _ in range(2):
        stage.pool.initialise(snap_spec(RANDOM))
        made.append(stage.result(snap_spec(RANDOM))[0])
        stage.pool.discard(PLACE, "orders")
    assert made[0] != made[1]


def test_without_snap_start_each_init_makes_up_its_own(stage: Stage) -> None:
    made = []
    for _ in range(2):
        made.append(stage.result(spec(RANDOM))[0])
        stage.pool.discard(PLACE, "orders")
    assert made[0] != made[1]


def test_an_init_that_draws_something_else_the_second_time_draws_anew(stage: Stage, tmp_path: Any) -> None:
    code = f"""
    import os, pathlib
    seen = pathlib.Path({str(tmp_path)!r}, "seen")
    made = [os.urandom(8 if seen.exists() else 16).hex(), os.urandom(4).hex(), *[os.urandom(2).hex()] * seen.exists()]
    seen.touch()
    def handler(event, context): return made
    """
    stage.pool.initialise(snap_spec(code))
    first = stage.result(snap_spec(code))
    stage.pool.discard(PLACE, "orders")
    second = stage.result(snap_spec(code))
    assert ([len(one) for one in first], [len(one) for one in second]) == ([32, 8], [16, 8, 4])
    assert first[1] == second[1]


def test_the_dice_of_the_test_are_left_alone(stage: Stage) -> None:
    function = snap_spec(RANDOM)
    stage.pool.initialise(function)
    stage.invoke(function)
    stage.pool.discard(PLACE, "orders")
    before = os.urandom, random.getstate()
    stage.invoke(function)
    assert (os.urandom, random.getstate()) == before
