"""Extensions: what they are told and when, how they keep an environment busy, and what happens when they fail."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution.extension_host import HIDDEN
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.outcome import Outcome
from tests.execution.stage import ACCOUNT, IDLE_LIFETIME, PLACE, REGION, REQUEST_ID, Stage, spec

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def seconds(length: timedelta) -> float:
    return length.total_seconds()


def kinds(extension: Extension) -> list[str]:
    return [event["eventType"] for event in extension.received]


def error_of(outcome: Outcome) -> tuple[str | None, str]:
    return outcome.function_error, json.loads(outcome.payload)["errorType"]


# -- what they are told


def test_an_extension_gets_each_event(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("agent")
    stage.invoke(spec(timeout=30))
    (event,) = extension.received
    trace = event.pop("tracing")
    assert event == {
        "eventType": "INVOKE",
        "deadlineMs": START_MS + 30_000,
        "requestId": REQUEST_ID,
        "invokedFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders",
    }
    assert trace["type"] == "X-Amzn-Trace-Id"
    assert trace["value"].startswith("Root=1-")


def test_the_trace_is_that_of_the_function(stage: Stage) -> None:
    extension = stage.extensions.add("agent")
    trace = stage.result(spec("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']"))
    assert extension.received[0]["tracing"]["value"] == trace


@pytest.mark.parametrize(
    ("events", "got"),
    [
        (["INVOKE", "SHUTDOWN"], ["INVOKE", "SHUTDOWN"]),
        (["INVOKE"], ["INVOKE"]),
        (["SHUTDOWN"], ["SHUTDOWN"]),
        ([], []),
    ],
)
def test_an_extension_gets_what_it_has_subscribed_to(stage: Stage, events: list[str], got: list[str]) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("agent", events=events)
    stage.invoke(spec())
    stage.clock.advance(IDLE_LIFETIME)
    assert kinds(extension) == got


def test_the_function_of_an_extension_is_called_with_each_event(stage: Stage) -> None:
    called: list[str] = []
    stage.handlers.add("orders", returns=1)

    @stage.extensions.add("agent")
    def agent(event: dict[str, Any]) -> None:
        called.append(event["eventType"])

    stage.invoke(spec())
    stage.pool.discard(PLACE, "orders")
    stage.clock.advance(0)
    assert called == ["INVOKE", "SHUTDOWN"]


@pytest.mark.parametrize(
    ("function", "told"), [(None, 1), ("orders", 1), ("orders:3", 1), ("refunds", 0), ("orders:4", 0)]
)
def test_an_extension_belongs_to_all_functions_or_to_one(stage: Stage, function: str | None, told: int) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("agent", function=function)
    stage.invoke(spec(version="3"))
    assert len(extension.received) == told


SHUTDOWNS: dict[str, dict[str, Any]] = {
    "spindown": {"returns": 1},
    "timeout": {"returns": 1, "duration": 10},
    "failure": {"side_effect": SystemExit(1)},
}


@pytest.mark.parametrize("reason", SHUTDOWNS)
def test_the_reason_of_a_shutdown_is_told_in_lower_case(stage: Stage, reason: str) -> None:
    stage.handlers.add("orders", **SHUTDOWNS[reason])
    extension = stage.extensions.add("agent", events=["SHUTDOWN"])
    stage.invoke(spec())
    if reason == "spindown":
        stage.clock.advance(IDLE_LIFETIME)
    deadline = START_MS + stage.elapsed // timedelta(milliseconds=1) + 2000
    assert extension.received == [{"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline}]


def test_after_a_reset_an_extension_is_started_again(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[SystemExit(1), 1])
    started: list[str] = []
    extension = stage.extensions.add("agent", init=lambda: started.append("started"))
    stage.invoke(spec())
    stage.invoke(spec())
    assert started == ["started", "started"]
    assert kinds(extension) == ["INVOKE", "SHUTDOWN", "INVOKE"]


def test_an_exception_of_the_function_is_no_reason_to_shut_down(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=ValueError)
    extension = stage.extensions.add("agent")
    stage.invoke(spec())
    assert kinds(extension) == ["INVOKE"]


def test_the_end_of_the_mock_is_no_shutdown(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("agent")
    stage.invoke(spec())
    stage.pool.close()
    assert kinds(extension) == ["INVOKE"]


def test_nothing_is_left_of_an_environment_that_waits_for_its_shutdown(stage: Stage, tmp_path: Any) -> None:
    stage.handlers.add("orders", call=lambda _event, _context: tempfile.gettempdir())
    stage.extensions.add("agent")
    stage.invoke(spec())
    stage.pool.discard(PLACE, "orders")
    assert len(list(tmp_path.iterdir())) == 1
    stage.pool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_new_extension_asks_for_a_new_environment(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    extension = stage.extensions.add("agent")
    assert stage.invoke(spec()).cold
    extension.remove()
    assert not stage.invoke(spec()).cold
    assert kinds(extension) == ["INVOKE"]


# -- how long they take


def test_the_caller_has_its_answer_while_an_extension_goes_on(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=0.5)
    stage.extensions.add("agent", duration=2)
    outcome = stage.invoke(spec())
    assert (stage.elapsed, outcome.ended - outcome.started) == (timedelta(seconds=0.5), timedelta(seconds=0.5))
    assert outcome.duration == timedelta(seconds=2)
    assert "\tDuration: 2000.00 ms\tBilled Duration: 2000 ms\t" in outcome.log


def test_an_environment_is_busy_until_its_slowest_extension_is_done(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=0.5)
    stage.extensions.add("quick", duration=1)
    stage.extensions.add("slow", duration=2)
    stage.invoke(spec())
    (record,) = stage.records(spec())
    assert (record.state, stage.pool.busy(PLACE, "orders")) == ("Finishing", 1)
    stage.clock.advance(1.499)
    assert stage.pool.busy(PLACE, "orders") == 1
    stage.clock.advance(0.001)
    assert (record.state, stage.pool.busy(PLACE, "orders")) == ("Idle", 0)
    assert not stage.invoke(spec()).cold


def test_an_event_that_comes_meanwhile_needs_another_environment(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", duration=2)
    first, second = stage.invoke(spec()), stage.invoke(spec())
    assert (second.cold, first.environment != second.environment) == (True, True)


def test_an_extension_that_is_quicker_than_the_function_costs_nothing(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=2)
    stage.extensions.add("agent", duration=1)
    assert stage.invoke(spec()).duration == timedelta(seconds=2)
    assert "Finishing" not in stage.phases(spec())


def test_what_an_extension_sleeps_is_time_of_its_own(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent")(lambda event: stage.sleep(2))
    assert stage.invoke(spec()).duration == timedelta(seconds=2)
    assert stage.elapsed == timedelta(0)


def test_an_init_ends_with_that_of_the_slowest_extension(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1)
    stage.extensions.add("quick", init=0.5)
    stage.extensions.add("slow", init=lambda: stage.sleep(3))
    outcome = stage.invoke(spec())
    assert (outcome.init_duration, stage.elapsed) == (timedelta(seconds=3), timedelta(seconds=3))


def test_an_extension_that_starts_for_too_long_is_a_time_out_of_the_init(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", init=11)
    outcome = stage.invoke(spec(timeout=60))
    assert "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n" in outcome.log
    assert (outcome.payload, outcome.duration) == (b"1", timedelta(seconds=11))


def test_function_and_extensions_share_the_timeout(stage: Stage) -> None:
    stage.handlers.add("orders", returns="answered", duration=1)
    extension = stage.extensions.add("agent", duration=10)
    outcome = stage.invoke(spec(timeout=3))
    assert (outcome.payload, outcome.function_error) == (b'"answered"', None)
    assert outcome.log.endswith("\tStatus: timeout\n")
    assert kinds(extension) == ["INVOKE", "SHUTDOWN"]
    stage.clock.advance(60)
    assert stage.phases(spec())[-4:] == ["Invoke", "Finishing", "Resetting", "Reset"]


@pytest.mark.parametrize(
    ("extensions", "limit"),
    [
        ([], 0.0),
        ([{"internal": True, "events": ["INVOKE"]}], 0.0),
        ([{"internal": False}], 2.0),
        ([{"internal": True, "events": ["INVOKE"]}, {"internal": False}], 2.0),
    ],
)
def test_a_shutdown_is_cut_off_at_its_limit(stage: Stage, extensions: list[dict[str, Any]], limit: float) -> None:
    stage.handlers.add("orders", returns=1)
    for number, options in enumerate(extensions):
        agent = stage.extensions.add(f"agent {number}", **options)
        agent(lambda event: stage.sleep(60) if event["eventType"] == "SHUTDOWN" else None)
    stage.invoke(spec())
    stage.clock.advance(IDLE_LIFETIME)
    stage.clock.advance(60)
    shutdown, gone = list(stage.records(spec())[0].history)[-2:]
    assert (shutdown.after, gone.after, seconds(gone.at - shutdown.at)) == ("Shutdown", "Gone", limit)


@pytest.mark.parametrize(("internal", "limit"), [((), 0.0), ((True,), 0.5), ((False,), 2.0), ((True, False), 2.0)])
def test_the_limit_of_a_shutdown_depends_on_the_kinds_of_extensions(
    stage: Stage, internal: tuple[bool, ...], limit: float
) -> None:
    for number, kind in enumerate(internal):
        stage.extensions.add(f"agent {number}", internal=kind, events=["INVOKE"])
    stage.handlers.add("orders", returns=1)
    stage.invoke(spec())
    assert seconds(stage.pool.environments[0]._host.shutdown_limit) == limit


# -- how they fail


def crash() -> None:
    raise SystemExit(3)


def crash_after(stage: Stage, length: float) -> Callable[..., None]:
    def run(*_: object) -> None:
        stage.sleep(length)
        crash()

    return run


def vanish() -> None:
    os._exit(3)


def report() -> None:
    raise RuntimeError("no licence")


FAILURES = [
    pytest.param(report, "Extension.InitError", "Extension.ExitError", "RuntimeError", id="reported"),
    pytest.param(crash, "Extension.Crash", "Extension.Crash", "exit status 3", id="SystemExit"),
    pytest.param(vanish, "Extension.Crash", "Extension.Crash", "exit status 3", id="_exit"),
]


@pytest.mark.parametrize(("failing", "error_type", "_", "reason"), FAILURES)
def test_an_extension_that_fails_to_start_fails_the_init_and_then_the_event(
    stage: Stage, failing: Any, error_type: str, _: str, reason: str
) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", init=failing)
    outcome = stage.invoke(spec())
    assert json.loads(outcome.payload) == {
        "errorType": error_type,
        "errorMessage": f"RequestId: {REQUEST_ID} Error: {reason}",
    }
    for phase in ("init", "invoke"):
        assert f"\tPhase: {phase}\tStatus: error\tError Type: {error_type}\n" in outcome.log
    assert outcome.log.endswith(f"\tStatus: error\tError Type: {error_type}\n")
    assert stage.phases(spec()) == ["Extension init", "Resetting", "Reset"] * 2


def test_an_extension_may_start_at_the_second_try(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    tries: Iterator[Callable[[], None]] = iter([crash, lambda: None])

    def start() -> None:
        next(tries)()

    stage.extensions.add("agent", init=start)
    outcome = stage.invoke(spec())
    assert (outcome.payload, outcome.function_error) == (b"1", None)
    assert "\tPhase: init\tStatus: error\tError Type: Extension.Crash\n" in outcome.log


def test_an_extension_that_fails_later_in_init_ends_it_there(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1)
    stage.extensions.add("agent", init=crash_after(stage, 3))
    outcome = stage.invoke(spec())
    assert error_of(outcome) == ("Unhandled", "Extension.Crash")
    assert outcome.init_duration == timedelta(seconds=3)


@pytest.mark.parametrize(("failing", "_", "error_type", "reason"), FAILURES)
def test_an_extension_that_fails_at_once_fails_the_event(
    stage: Stage, failing: Any, _: str, error_type: str, reason: str
) -> None:
    handler = stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", events=["INVOKE"])(lambda event: failing())
    outcome = stage.invoke(spec())
    assert json.loads(outcome.payload)["errorMessage"] == f"RequestId: {REQUEST_ID} Error: {reason}"
    assert error_of(outcome) == ("Unhandled", error_type)
    assert (handler.called, stage.phases(spec())[-3:]) == (0, ["Invoke", "Resetting", "Reset"])


def test_an_extension_that_fails_meanwhile_cuts_the_function_off(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=2)
    stage.extensions.add("agent", events=["INVOKE"])(crash_after(stage, 1))
    outcome = stage.invoke(spec())
    assert error_of(outcome) == ("Unhandled", "Extension.Crash")
    assert (stage.elapsed, outcome.duration) == (timedelta(seconds=1), timedelta(seconds=1))


def test_an_extension_that_fails_after_the_answer_resets_the_environment_only(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=1)
    stage.extensions.add("agent", events=["INVOKE"])(crash_after(stage, 2))
    outcome = stage.invoke(spec())
    assert (outcome.payload, outcome.function_error) == (b"1", None)
    assert outcome.log.endswith("\tStatus: error\tError Type: Extension.Crash\n")
    stage.clock.advance(1)
    assert stage.phases(spec())[-4:] == ["Invoke", "Finishing", "Resetting", "Reset"]


def test_the_others_are_told_of_the_failure_of_one(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    failing = stage.extensions.add("failing")
    failing(lambda event: crash())
    other = stage.extensions.add("other")
    stage.invoke(spec())
    assert kinds(failing) == ["INVOKE"]
    assert other.received[-1]["shutdownReason"] == "failure"


def test_a_mistake_of_the_test_in_an_extension_flies_to_the_test(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent")(lambda event: pytest.fail("seen"))
    with pytest.raises(pytest.fail.Exception, match="seen"):
        stage.invoke(spec())


def test_ten_extensions_are_enough(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    for number in range(10):
        stage.extensions.add(f"agent {number}")
    assert stage.invoke(spec()).payload == b"1"
    stage.extensions.add("one more")
    outcome = stage.invoke(spec())
    assert json.loads(outcome.payload) == {
        "errorType": "TooManyExtensions",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Extension limit (10) reached",
    }


# -- what they see and say


def test_an_external_extension_does_not_see_all_variables(stage: Stage) -> None:
    seen: dict[str, dict[str, str]] = {}
    stage.extensions.add("external")(lambda event: seen.update(external=dict(os.environ)))
    stage.extensions.add("internal", internal=True, events=["INVOKE"])(
        lambda event: seen.update(internal=dict(os.environ))
    )
    names = stage.result(spec("import os\ndef handler(event, context): return sorted(os.environ)"))
    assert sorted(seen["internal"]) == names
    assert set(names) - set(seen["external"]) == set(HIDDEN)


def test_each_extension_is_in_the_log(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", telemetry=["platform", "function"])
    stage.extensions.add("quiet", events=[])
    lines = stage.invoke(spec()).log.splitlines()
    assert lines[1:4] == [
        "TELEMETRY\tName: agent\tState: Subscribed\tTypes: [Platform, Function]",
        "EXTENSION\tName: agent\tState: Ready\tEvents: [INVOKE, SHUTDOWN]",
        "EXTENSION\tName: quiet\tState: Ready\tEvents: []",
    ]


def test_what_an_extension_prints_and_logs_is_in_the_log(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.handlers.add("orders", returns=1)

    @stage.extensions.add("agent")
    def agent(event: dict[str, Any]) -> None:
        print("seen", event["eventType"])
        logging.getLogger("agent").warning("logged")

    log = stage.invoke(spec()).log
    assert "\nseen INVOKE\n" in log
    assert f"\t{REQUEST_ID}\tlogged\n" in log
    stage.clock.advance(IDLE_LIFETIME)
    assert stage.records(spec())[0].log.endswith("seen SHUTDOWN\n[WARNING]\t2026-01-01T00:10:00.000Z\t\tlogged\n")
    assert capsys.readouterr().out == ""


def test_nothing_of_an_extension_is_left_in_the_process(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    before = dict(os.environ)

    @stage.extensions.add("agent")
    def agent(event: dict[str, Any]) -> None:
        os.environ["OF_THE_EXTENSION"] = "1"

    stage.invoke(spec())
    stage.clock.advance(IDLE_LIFETIME)
    assert dict(os.environ) == before


# -- mistakes in saying what is to be


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"events": ["INVOKED"]}, "there is no event 'INVOKED' for an extension; there are INVOKE, SHUTDOWN"),
        (
            {"telemetry": ["logs"]},
            "there is no telemetry 'logs' for an extension; there are platform, function, extension",
        ),
        (
            {"internal": True},
            'the internal extension "agent" cannot subscribe to SHUTDOWN: Lambda refuses to register it.\n'
            '  Give it events=["INVOKE"], or make it external.',
        ),
        ({"init": -1}, "init= is a length of time and cannot be negative: -1"),
        ({"function": "not a name"}, "not the name of a function: 'not a name'"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(stage: Stage, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        stage.extensions.add("agent", **options)
    assert str(caught.value).startswith(message)


def test_a_name_is_taken_once(stage: Stage) -> None:
    first = stage.extensions.add("agent")
    stage.extensions.add("agent", function="orders")
    with pytest.raises(ValueError, match="Extension with this name already registered"):
        stage.extensions.add("agent")
    first.remove()
    stage.extensions.add("agent")


def test_an_extension_prints_what_it_is(stage: Stage) -> None:
    extension = stage.extensions.add("agent", function="orders", events=["INVOKE"], internal=True)
    assert repr(extension) == "<Extension agent of orders: internal, events INVOKE>"
    assert repr(stage.extensions.add("other", events=[])) == (
        "<Extension other of every function: external, events none>"
    )
    assert repr(stage.extensions) == "<Extensions agent, other>"
