"""Logs in the JSON format: the platform's events and the runtime's records as objects, from a level on."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from lambda_states_mock.execution.outcome import Outcome
from tests.execution.stage import REQUEST_ID, Stage, spec

TIME = "2026-01-01T00:00:00.000Z"


def json_spec(code: str | None = None, **changes: Any) -> Any:
    return spec(code, log_format="JSON", **changes)


def objects(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def system(outcome: Outcome) -> list[str]:
    return [event["type"] for event in objects(outcome.log) if "type" in event]


def test_the_platform_logs_its_events_as_objects(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=0.25, duration=0.5)
    start, begun, report = objects(stage.invoke(json_spec()).log)
    assert (start["time"], start["type"]) == (TIME, "platform.initStart")
    assert start["record"]["initializationType"] == "on-demand"
    assert begun == {
        "time": "2026-01-01T00:00:00.250Z",
        "type": "platform.start",
        "record": {"requestId": REQUEST_ID, "version": "$LATEST"},
    }
    assert report == {
        "time": "2026-01-01T00:00:00.750Z",
        "type": "platform.report",
        "record": {
            "requestId": REQUEST_ID,
            "metrics": {
                "durationMs": 500.0,
                "billedDurationMs": 750,
                "memorySizeMB": 128,
                "maxMemoryUsedMB": 36,
                "initDurationMs": 250.0,
            },
            "status": "success",
        },
    }


ALL = ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"]


@pytest.mark.parametrize(
    ("level", "does", "shown"),
    [
        ("DEBUG", {"returns": 1}, ALL),
        ("INFO", {"returns": 1}, ["initStart", "start", "report"]),
        (None, {"returns": 1}, ["initStart", "start", "report"]),
        ("WARN", {"returns": 1}, []),
        ("WARN", {"side_effect": SystemExit}, ["runtimeDone", "report"]),
        ("INFO", {"side_effect": SystemExit}, ["initStart", "start", "runtimeDone", "report"]),
    ],
)
def test_the_system_level_chooses_among_them(
    stage: Stage, level: str | None, does: dict[str, Any], shown: list[str]
) -> None:
    stage.handlers.add("orders", **does)
    outcome = stage.invoke(json_spec(system_log_level=level))
    assert system(outcome) == [f"platform.{name}" for name in shown]


def test_an_init_that_failed_is_worth_a_warning(stage: Stage) -> None:
    outcome = stage.invoke(json_spec("import nowhere_to_be_found", system_log_level="WARN"))
    assert system(outcome) == [
        f"platform.{name}" for name in ["initRuntimeDone", "initReport"] * 2 + ["runtimeDone", "report"]
    ]


def test_records_of_logging_are_objects(stage: Stage) -> None:
    code = (
        "import logging\ndef handler(event, context): logging.getLogger('shop').info('sold %d', 3, extra={'sku': 'a'})"
    )
    assert objects(stage.invoke(json_spec(code)).log)[2] == {
        "timestamp": TIME.replace(".000", ""),
        "level": "INFO",
        "message": "sold 3",
        "logger": "shop",
        "requestId": REQUEST_ID,
        "sku": "a",
    }


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (None, ["INFO", "WARN", "ERROR", "FATAL"]),
        ("DEBUG", ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
        ("ERROR", ["ERROR", "FATAL"]),
    ],
)
@pytest.mark.parametrize("in_test", [False, True])
def test_the_application_level_chooses_among_them(
    stage: Stage, level: str | None, shown: list[str], in_test: bool, caplog: pytest.LogCaptureFixture
) -> None:
    code = "import logging\ndef handler(event, context):\n    for level in range(10, 60, 10): logging.log(level, 'x')"
    if in_test:
        names: dict[str, Any] = {}
        exec(code, names)
        stage.handlers.add("orders", call=names["handler"])
    with caplog.at_level(1):
        log = stage.invoke(json_spec(code, application_log_level=level)).log
    assert [record["level"] for record in objects(log) if "level" in record] == shown
    assert logging.root.level != 50


def test_a_record_of_an_exception_tells_of_it(stage: Stage) -> None:
    code = """
    import logging
    def handler(event, context):
        try:
            1 / 0
        except ZeroDivisionError:
            logging.exception("no")
    """
    record = objects(stage.invoke(json_spec(code)).log)[2]
    assert record["errorType"] == "ZeroDivisionError"
    assert record["errorMessage"] == "division by zero"
    assert record["stackTrace"][0].startswith('  File "/var/task/app.py", line 5, in handler')
    assert record["location"] == "/var/task/app.py:handler:7"


def test_an_error_of_the_function_is_an_object(stage: Stage) -> None:
    record = objects(stage.invoke(json_spec("def handler(event, context): raise ValueError('no')")).log)[2]
    assert list(record) == ["timestamp", "log_level", "errorMessage", "errorType", "requestId", "stackTrace"]
    assert (record["log_level"], record["errorMessage"]) == ("ERROR", "no")


def test_what_is_printed_stays_as_it_is(stage: Stage) -> None:
    log = stage.invoke(json_spec("def handler(event, context): print('plain text')")).log
    assert log.splitlines()[2] == "plain text"


def test_the_tail_begins_with_the_start(stage: Stage) -> None:
    outcome = stage.invoke(json_spec("print('in init')\ndef handler(event, context): print('in handler')"))
    tail = base64.b64decode(outcome.log_result).decode()
    assert "in init" in outcome.log
    assert "in init" not in tail
    assert json.loads(tail.splitlines()[0])["type"] == "platform.start"
    assert tail.splitlines()[1] == "in handler"


def test_a_text_that_speaks_of_the_start_is_not_it(stage: Stage) -> None:
    outcome = stage.invoke(json_spec("def handler(event, context): print('x')", system_log_level="WARN"))
    assert base64.b64decode(outcome.log_result) == b"x\n"


def test_the_function_knows_format_and_level(stage: Stage) -> None:
    code = "import os\ndef handler(e, c): return [os.environ.get(f'AWS_LAMBDA_LOG_{n}') for n in ('FORMAT', 'LEVEL')]"
    assert stage.result(json_spec(code)) == ["JSON", "INFO"]
    assert stage.result(json_spec(code, application_log_level="DEBUG")) == ["JSON", "DEBUG"]
    assert stage.result(spec(code)) == [None, None]
