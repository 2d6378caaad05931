"""What is one event in the log: a record, a line of the platform, a printed line."""

from __future__ import annotations

import base64
import json
import logging
import sys
import threading
from typing import Any

import pytest

from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.outcome import Outcome
from tests.execution.stage import REQUEST_ID, Stage, spec

START, END = f"START RequestId: {REQUEST_ID} Version: $LATEST", f"END RequestId: {REQUEST_ID}"

LINES = [
    ("print('a')", ["a"]),
    ("print('a', end='')", ["a"]),
    ("print('a', end=''); print('b')", ["ab"]),
    ("print('a\\nb')", ["a", "b"]),
    ("print()", [""]),
    ("print('a\\rb\\x0cc\\u2028d')", ["a\rb\x0cc\u2028d"]),
    ("sys.stderr.write('a')", ["a"]),
    ("sys.stderr.write('a'); print('b')", ["a", "b"]),
    ("print('a', end=''); sys.stderr.write('b\\n'); print('c')", ["ac", "b"]),
    ("print('a', end=''); logging.error('b')", ["a", "[ERROR]\t2026-01-01T00:00:00.000Z\t{id}\tb"]),
    ("logging.error('b'); print('a', end='')", ["[ERROR]\t2026-01-01T00:00:00.000Z\t{id}\tb", "a"]),
    ("logging.error('a\\nb')", ["[ERROR]\t2026-01-01T00:00:00.000Z\t{id}\ta\nb"]),
    ("context.log('a'); context.log('b\\nc')", ["a", "b\nc"]),
    ("print('a', end=''); context.log('b')", ["a", "b"]),
    ("logging.root.handlers.clear(); context.log('a\\nb')", ["a", "b"]),
    ("sys.stdout.buffer.write(b'\\xc3'); sys.stdout.buffer.write(b'\\xa9')", ["é"]),
]


def function(line: str) -> str:
    return f"import logging, sys\ndef handler(event, context):\n    {line}"


def own(outcome: Outcome) -> list[str]:
    """Return the events between START and END."""
    texts = list(outcome.log_events.texts)
    return texts[texts.index(START) + 1 : texts.index(END)]


@pytest.mark.parametrize(("line", "events"), LINES, ids=[line for line, _ in LINES])
def test_what_is_written_is_divided_into_events(stage: Stage, line: str, events: list[str]) -> None:
    assert own(stage.invoke(spec(function(line)))) == [event.replace("{id}", REQUEST_ID) for event in events]


def test_a_record_with_a_traceback_is_one_event(stage: Stage) -> None:
    code = "try:\n        1 / 0\n    except ZeroDivisionError: logging.exception('failed')"
    (event,) = own(stage.invoke(spec(function(code))))
    first, *trace = event.split("\n")
    assert first.endswith(f"\t{REQUEST_ID}\tfailed")
    assert (trace[0], trace[-1]) == ("Traceback (most recent call last):", "ZeroDivisionError: division by zero")


def test_the_error_that_ends_a_function_is_one_event(stage: Stage) -> None:
    (event,) = own(stage.invoke(spec(function("1 / 0"))))
    assert event.startswith("[ERROR] ZeroDivisionError: division by zero\nTraceback (most recent call last):\n")


def test_each_line_of_the_platform_is_an_event(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    texts = stage.invoke(spec()).log_events.texts
    assert [text.partition(" ")[0] for text in texts] == ["INIT_START", "START", "END", "REPORT"]


def test_what_is_printed_in_init_is_over_before_start(stage: Stage) -> None:
    log = stage.invoke(spec("print('a', end='')\ndef handler(event, context): print('b')")).log_events
    assert log.texts[1:5] == ("a", START, "b", END)
    assert (log.invoked, log.closed) == (2, 4)


def test_json_records_are_events_of_their_own(stage: Stage) -> None:
    code = function("print('a', end=''); logging.error('b'); print('c', end='')")
    texts = stage.invoke(spec(code, log_format="JSON")).log_events.texts
    kinds = [json.loads(text).get("type", "record") if text.startswith("{") else text for text in texts]
    assert kinds == ["platform.initStart", "platform.start", "ac", "record", "platform.report"]


def test_the_closing_event_of_a_json_log_is_known(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    log = stage.invoke(spec(log_format="JSON")).log_events
    assert (log.invoked, log.closed, len(log.texts)) == (1, 2, 3)


def test_the_tail_has_each_event_in_lines_of_its_own(stage: Stage) -> None:
    outcome = stage.invoke(spec(function("print('a', end='')")))
    assert base64.b64decode(outcome.log_result).decode().startswith(f"{START}\na\n{END}\n")


def test_threads_of_a_function_write_into_one_line(stage: Stage) -> None:
    def handler(_event: Any, _context: Any) -> None:
        print("a", end="")
        thread = threading.Thread(target=print, args=("b",))
        thread.start()
        thread.join()

    stage.handlers.add("orders", call=handler)
    assert own(stage.invoke(spec())) == ["ab"]


# -- telemetry and extensions


def heard(extension: Extension, kind: str) -> list[object]:
    return [event["record"] for event in extension.telemetry_received if event["type"] == kind]


def test_telemetry_has_what_ends_without_a_line_feed(stage: Stage) -> None:
    extension = stage.extensions.add("agent", telemetry=("platform", "function"))
    stage.invoke(spec(function("print('a', end=''); logging.error('b\\nc'); sys.stderr.write('d')")))
    record = f"[ERROR]\t2026-01-01T00:00:00.000Z\t{REQUEST_ID}\tb\nc\n"
    assert heard(extension, "function") == [record, "a\n", "d\n"]
    kinds = [event["type"] for event in extension.telemetry_received]
    assert kinds.index("function") < kinds.index("platform.runtimeDone")


def test_what_an_extension_prints_is_no_part_of_what_the_function_prints(stage: Stage) -> None:
    def beside(event: Any) -> None:
        sys.stdout.write(event["eventType"])

    extension = stage.extensions.add("agent", events=["INVOKE"], telemetry=("extension",))
    extension(beside)
    outcome = stage.invoke(spec(function("print('a')")))
    assert own(outcome) == ["INVOKE", "a"]
    assert heard(extension, "extension") == ["INVOKE\n"]


def test_a_handler_of_the_test_logs_as_code_in_a_zip_does(stage: Stage) -> None:
    def handler(_event: Any, _context: Any) -> None:
        print("a", end="")
        logging.getLogger("orders").error("b")

    stage.handlers.add("orders", call=handler)
    assert own(stage.invoke(spec())) == ["a", f"[ERROR]\t2026-01-01T00:00:00.000Z\t{REQUEST_ID}\tb"]
