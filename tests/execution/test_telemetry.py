"""What the Telemetry API sends to extensions that have subscribed to it."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.execution.extensions import Extension
from tests.execution.stage import IDLE_LIFETIME, REQUEST_ID, Stage, spec

TIME = "2026-01-01T00:00:00.000Z"
MADE_OF = {"functionName": "orders", "functionVersion": "$LATEST"}


def subscribed(stage: Stage, *types: str, **options: Any) -> Extension:
    return stage.extensions.add("agent", telemetry=types or ("platform",), **options)


def types(extension: Extension) -> list[str]:
    return [event["type"] for event in extension.telemetry_received]


def record(extension: Extension, kind: str) -> dict[str, Any]:
    """Return the record of the only event of *kind*."""
    (found,) = [event["record"] for event in extension.telemetry_received if event["type"] == f"platform.{kind}"]
    assert isinstance(found, dict)
    return found


IN_INIT = ["platform.initStart", "platform.telemetrySubscription"]
INITIALISED = ["platform.initRuntimeDone", "platform.extension", "platform.initReport"]
INVOKED = ["platform.start", "platform.runtimeDone", "platform.report"]


def test_a_cold_start_is_told_from_its_beginning(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = subscribed(stage)
    stage.invoke(spec())
    assert types(extension) == [*IN_INIT, *INITIALISED, *INVOKED]
    stage.invoke(spec())
    assert types(extension)[8:] == INVOKED


def test_events_have_a_time_a_type_and_a_record(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=1.5)
    extension = subscribed(stage)
    stage.invoke(spec())
    first = extension.telemetry_received[0]
    assert list(first) == ["time", "type", "record"]
    assert [event["time"] for event in extension.telemetry_received][0:5:4] == [TIME, "2026-01-01T00:00:01.500Z"]


def test_the_records_of_an_init(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=0.25)
    extension = subscribed(stage)
    stage.invoke(spec())
    start = record(extension, "initStart")
    assert start.pop("runtimeVersionArn").startswith("arn:aws:lambda:eu-west-1::runtime:")
    began = {"initializationType": "on-demand", "phase": "init"}
    assert start.pop("instanceId").startswith("2026/01/01/[$LATEST]")
    assert start == {**began, "runtimeVersion": "python:3.13.v1", **MADE_OF, "instanceMaxMemory": 134_217_728}
    assert record(extension, "extension") == {"name": "agent", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}
    assert record(extension, "telemetrySubscription") == {"name": "agent", "state": "Subscribed", "types": ["platform"]}
    assert record(extension, "initRuntimeDone") == {**began, "status": "success"}
    assert record(extension, "initReport") == {**began, "status": "success", "metrics": {"durationMs": 250.0}}


def test_the_records_of_an_event(stage: Stage) -> None:
    stage.handlers.add("orders", returns="four", init=0.25, duration=1.0005)
    extension = subscribed(stage)
    stage.invoke(spec())
    assert record(extension, "start") == {"requestId": REQUEST_ID, "version": "$LATEST"}
    assert record(extension, "runtimeDone") == {
        "requestId": REQUEST_ID,
        "status": "success",
        "metrics": {"durationMs": 1000.5, "producedBytes": 6},
    }
    assert record(extension, "report") == {
        "requestId": REQUEST_ID,
        "metrics": {
            "durationMs": 1000.5,
            "billedDurationMs": 1251,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 36,
            "initDurationMs": 250.0,
        },
        "status": "success",
    }


@pytest.mark.parametrize(
    ("does", "status"),
    [
        ({"side_effect": ValueError}, {"status": "error", "errorType": "Runtime.Unknown"}),
        ({"returns": {1}}, {"status": "error", "errorType": "Runtime.MarshalError"}),
        ({"returns": "x" * 6_291_555}, {"status": "error", "errorType": "Function.ResponseSizeTooLarge"}),
        ({"side_effect": SystemExit}, {"status": "error", "errorType": "Runtime.ExitError"}),
        ({"returns": 1, "duration": 5}, {"status": "timeout"}),
    ],
)
def test_how_an_event_ended(stage: Stage, does: dict[str, Any], status: dict[str, str]) -> None:
    stage.handlers.add("orders", **does)
    extension = subscribed(stage, events=["INVOKE", "SHUTDOWN"])
    stage.invoke(spec())
    for kind in ("runtimeDone", "report"):
        told = record(extension, kind)
        assert {name: told[name] for name in ("status", "errorType") if name in told} == status


def test_an_init_that_a_reset_has_made_necessary_is_of_the_phase_invoke(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=[SystemExit, 1])
    extension = subscribed(stage)
    stage.invoke(spec())
    stage.invoke(spec())
    phases = [event["record"]["phase"] for event in extension.telemetry_received if "init" in event["type"]]
    assert phases == ["init"] * 3 + ["invoke"] * 3
    assert types(extension)[8:14] == [*IN_INIT, *INITIALISED, "platform.start"]


def test_the_lines_of_the_function_are_sent_one_by_one(stage: Stage) -> None:
    extension = subscribed(stage, "function")
    stage.invoke(spec("print('in init')\ndef handler(event, context): print('one\\ntwo')"))
    assert extension.telemetry_received == [
        {"time": TIME, "type": "function", "record": line} for line in ("in init\n", "one\n", "two\n")
    ]


def test_the_lines_of_extensions_are_sent_as_well(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: print("function"))
    extension = subscribed(stage, "function", "extension")
    extension(lambda event: print("extension"))
    stage.invoke(spec())
    assert [(event["type"], event["record"]) for event in extension.telemetry_received] == [
        ("extension", "extension\n"),
        ("function", "function\n"),
    ]


def test_lines_in_json_are_sent_as_objects(stage: Stage) -> None:
    extension = subscribed(stage, "function")
    code = "import logging\ndef handler(event, context):\n    logging.error('no')\n    print('plain')"
    stage.invoke(spec(code, log_format="JSON"))
    logged, printed = (event["record"] for event in extension.telemetry_received)
    assert (logged["level"], logged["message"], printed) == ("ERROR", "no", "plain\n")


def test_an_extension_hears_what_came_together_in_one_batch(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    batches: list[list[str]] = []
    subscribed(stage).on_telemetry(lambda batch: batches.append([event["type"] for event in batch]))
    stage.invoke(spec())
    stage.invoke(spec())
    assert batches == [[*IN_INIT, *INITIALISED, *INVOKED], INVOKED]


def test_whoever_has_not_subscribed_hears_nothing(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    subscribed(stage)
    quiet = stage.extensions.add("quiet")
    stage.invoke(spec())
    assert quiet.telemetry_received == []


def test_one_can_subscribe_only_in_init(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = stage.extensions.add("agent")
    stage.invoke(spec())
    extension.telemetry = ("platform",)
    stage.invoke(spec())
    assert extension.telemetry_received == []
    stage.clock.advance(IDLE_LIFETIME)
    stage.invoke(spec())
    assert types(extension) == [*IN_INIT, *INITIALISED, *INVOKED]


def test_the_report_tells_what_extensions_took_after_the_answer(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=1)
    extension = subscribed(stage, duration=3)
    stage.invoke(spec(timeout=10))
    assert record(extension, "runtimeDone")["metrics"]["durationMs"] == 1000.0
    assert record(extension, "report")["metrics"]["durationMs"] == 3000.0


def test_an_extension_that_fails_to_start_is_told_of(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    extension = subscribed(stage)
    tries = iter([ValueError(), None])

    def start() -> None:
        problem = next(tries)
        if problem is not None:
            raise problem

    stage.extensions.add("late", init=start)
    stage.invoke(spec())
    failed = next(
        event["record"] for event in extension.telemetry_received if event["record"].get("state") == "Registered"
    )
    assert failed == {
        "name": "late",
        "state": "Registered",
        "events": ["INVOKE", "SHUTDOWN"],
        "errorType": "Extension.InitError",
    }
