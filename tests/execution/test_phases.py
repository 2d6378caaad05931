"""Which phases an environment goes through, when, for how long, and why: its history, row by row.

The rows are those of the guide on the lifecycle of execution environments (lambda-runtime-environment.html).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution import sleeping
from tests.execution.stage import IDLE_LIFETIME, PLACE, Stage, spec

INIT: list[str | None] = ["Extension init", "Runtime init", "Function init", "Idle"]
RESET: list[str | None] = ["Resetting", "Reset"]
USED: list[str | None] = ["Invoke", "Idle"]
FAILED_INIT = INIT[:3] + RESET


def seconds(stage: Stage, function: Any) -> list[tuple[str | None, float]]:
    """Return each state with the second in which it was entered."""
    beginning = stage.clock.now - stage.elapsed
    return [(move.after, (move.at - beginning).total_seconds()) for move in stage.records(function)[0].history]


@dataclass(frozen=True)
class Row:
    """What a handler does, and what comes of it: the states of the environment and the log's last words."""

    does: dict[str, Any]
    states: list[str | None]
    function_error: str | None = None
    status: str = "\t"
    timeout: float = 3
    length: float = 0.0
    then: list[str | None] = field(default_factory=lambda: USED)


ROWS = {
    "all goes well": Row({"returns": 1}, INIT + USED),
    "an exception does not reset": Row({"side_effect": ValueError}, INIT + USED, "Unhandled"),
    "a result that is no JSON does not reset": Row({"returns": {1}}, INIT + USED, "Unhandled"),
    "a time-out resets": Row(
        {"returns": 1, "duration": 5}, [*INIT, "Invoke", *RESET], "Unhandled", "Status: timeout", length=3,
        then=[*INIT, "Invoke", *RESET],
    ),
    "an exit resets": Row(
        {"side_effect": [SystemExit(1), 2]}, [*INIT, "Invoke", *RESET], "Unhandled",
        "Status: error\tError Type: Runtime.ExitError", then=INIT + USED,
    ),
    "an init beyond ten seconds is tried again with the event": Row(
        {"returns": 1, "init": 10.001}, FAILED_INIT + INIT + USED, timeout=60, length=20.001
    ),
    "an init of ten seconds is in time": Row({"returns": 1, "init": 10}, INIT + USED, length=10),
    "an init that fits nowhere is a time-out": Row(
        {"returns": 1, "init": 10.001}, FAILED_INIT + FAILED_INIT, "Unhandled", "Status: timeout", length=13,
        then=FAILED_INIT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_an_environment_goes_through_its_phases(stage: Stage, row: Row) -> None:
    stage.handlers.add("orders", **row.does)
    function = spec(timeout=row.timeout)

    outcome = stage.invoke(function)

    assert stage.phases(function) == row.states
    assert (outcome.function_error, outcome.log.endswith(f"{row.status}\n")) == (row.function_error, True)
    assert stage.elapsed == timedelta(seconds=row.length)
    stage.invoke(function)
    assert stage.phases(function) == row.states + row.then


@pytest.mark.parametrize("statement", ["raise ValueError", "import nowhere_to_be_found", "raise SystemExit"])
def test_code_that_cannot_be_loaded_is_tried_twice_and_then_the_answer(stage: Stage, statement: str) -> None:
    function = spec(statement)
    assert stage.invoke(function).function_error == "Unhandled"
    assert stage.phases(function) == FAILED_INIT + FAILED_INIT
    stage.invoke(function)
    assert stage.phases(function) == FAILED_INIT * 3


@pytest.mark.parametrize(
    ("kind", "timeout", "length", "states"),
    [
        ("on-demand", 3, 10.001, FAILED_INIT),
        ("provisioned-concurrency", 3, 10.001, INIT),
        ("provisioned-concurrency", 3, 130, INIT),
        ("provisioned-concurrency", 3, 130.001, FAILED_INIT),
        ("provisioned-concurrency", 900, 900, INIT),
        ("provisioned-concurrency", 900, 900.001, FAILED_INIT),
        ("snap-start", 3, 130, [*INIT[:3], "Snapshot"]),
        ("snap-start", 3, 130.001, [*INIT[:3], "Shutdown", "Gone"]),
        ("snap-start", 900, 900, [*INIT[:3], "Snapshot"]),
    ],
)
def test_how_long_an_init_may_take_depends_on_who_waits_for_it(
    stage: Stage, kind: str, timeout: float, length: float, states: list[str | None]
) -> None:
    stage.handlers.add("orders", returns=1, init=length)
    function = spec(initialization_type=kind, timeout=timeout)
    if kind == "on-demand":
        stage.invoke(function)
    else:
        stage.pool.initialise(function)
    assert stage.phases(function)[: len(states)] == states


def test_an_event_that_provisioned_concurrency_serves_is_no_cold_start(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=5)
    function = spec(initialization_type="provisioned-concurrency")
    assert stage.pool.initialise(function) is None
    outcome = stage.invoke(function)
    assert (outcome.cold, outcome.init_duration, stage.elapsed) == (False, None, timedelta(0))
    assert stage.phases(function) == INIT + USED


def test_the_history_says_when_and_why(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1, duration=0.5)
    stage.invoke(spec())
    assert [str(move).split("  ")[0::3] for move in stage.records(spec())[0].history] == [
        ["2026-01-01T00:00:00.000Z", "[an environment is needed]"],
        ["2026-01-01T00:00:00.000Z", "[the extensions have registered]"],
        ["2026-01-01T00:00:00.000Z", "[the runtime has started]"],
        ["2026-01-01T00:00:01.000Z", "[Init is over]"],
        ["2026-01-01T00:00:01.000Z", "[an event has come]"],
        ["2026-01-01T00:00:01.500Z", "[all are done]"],
    ]


def test_what_ran_apart_is_in_the_history_when_the_clock_has_come_to_it(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=2)
    with sleeping.detached(stage.clock):
        stage.invoke(spec())
    (record,) = stage.records(spec())
    assert (record.state, stage.phases(spec())[-1]) == ("Invoke", "Invoke")
    stage.clock.advance(2)
    assert (record.state, stage.phases(spec())[-1]) == ("Idle", "Idle")


def test_an_environment_is_shut_down_when_nobody_needs_it(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    stage.clock.advance(IDLE_LIFETIME)
    (record,) = stage.records(spec())
    assert (record.state, stage.phases(spec())[-2:]) == ("Gone", ["Shutdown", "Gone"])
    assert seconds(stage, spec())[-1] == ("Gone", 600.0)


def test_a_reset_environment_is_shut_down_as_well(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=SystemExit)
    stage.invoke(spec())
    stage.clock.advance(IDLE_LIFETIME)
    assert stage.phases(spec())[-3:] == ["Reset", "Shutdown", "Gone"]


def test_an_environment_that_is_discarded_while_it_is_busy_is_shut_down_after_it(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: stage.pool.discard(PLACE, "orders"))
    stage.invoke(spec())
    assert stage.phases(spec()) == [*INIT, *USED, "Shutdown", "Gone"]


def test_the_record_counts_cold_and_warm_events(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    for _ in range(3):
        stage.invoke(spec())
    (record,) = stage.records(spec())
    assert (record.cold, record.warm, record.initialization_type) == (1, 2, "on-demand")
    assert repr(record) == f"<environment {record.log_stream}: Idle, on-demand, 1 cold, 2 warm>"


def test_the_record_has_all_of_its_log_stream(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    logs = [stage.invoke(spec()).log for _ in range(2)]
    assert stage.records(spec())[0].log == "".join(logs)


def test_the_records_outlive_the_environments(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    stage.pool.discard(PLACE, "orders")
    stage.invoke(spec())
    assert [record.state for record in stage.records(spec())] == ["Gone", "Idle"]
    assert stage.records(spec(version="2")) == ()


def test_a_mistake_of_the_test_leaves_the_environment_reset(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[KeyboardInterrupt, 1])
    with pytest.raises(KeyboardInterrupt):
        stage.invoke(spec())
    assert stage.phases(spec())[-3:] == ["Invoke", "Resetting", "Reset"]
    assert stage.invoke(spec()).payload == b"1"


def test_a_mistake_of_the_test_in_init_leaves_the_environment_reset(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", init=lambda: pytest.fail("no"))
    with pytest.raises(pytest.fail.Exception):
        stage.invoke(spec())
    assert stage.phases(spec()) == ["Extension init", "Resetting", "Reset"]


def test_tmp_survives_a_reset(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", stage.sleep)
    code = """
    import pathlib, tempfile, time
    file = pathlib.Path(tempfile.gettempdir(), "kept")
    def handler(event, context):
        if file.exists(): return file.read_text()
        file.write_text("as it was")
        time.sleep(60)
    """
    assert b"Sandbox.Timedout" in stage.invoke(spec(code)).payload
    assert stage.result(spec(code)) == "as it was"
