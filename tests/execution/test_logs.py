"""The log of an invocation, line by line."""

from __future__ import annotations

import base64
import json
import logging
import sys
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.execution.log_lines import LogEvents
from lambda_states_mock.execution.logs import billed_ms
from tests.execution.stage import REQUEST_ID, Stage, spec, zip_of

TIME = "2026-01-01T00:00:00.000Z"


def after_init_start(log: str) -> list[str]:
    first, *rest = log.splitlines(keepends=True)
    assert first.startswith(
        "INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::"
    )
    return rest


def test_a_cold_invocation_logs_init_start_start_end_and_report(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=0.1101, duration=0.00301)
    assert after_init_start(stage.invoke(spec()).log) == [
        f"START RequestId: {REQUEST_ID} Version: $LATEST\n",
        f"END RequestId: {REQUEST_ID}\n",
        (
            f"REPORT RequestId: {REQUEST_ID}\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n"
        ),
    ]


def test_a_warm_invocation_logs_no_init(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=0.1101, duration=0.00301)
    stage.invoke(spec(version="2"))
    assert stage.invoke(spec(version="2")).log == (
        f"START RequestId: {REQUEST_ID} Version: 2\n"
        f"END RequestId: {REQUEST_ID}\n"
        f"REPORT RequestId: {REQUEST_ID}\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 36 MB\t\n"
    )


@pytest.mark.parametrize(
    ("runtime", "shown"),
    [("python3.10", "python:3.10.v1"), ("nodejs22.x", "nodejs:22.v1"), ("provided.al2023", "provided:al2023.v1")],
)
def test_init_start_names_the_runtime(stage: Stage, runtime: str, shown: str) -> None:
    stage.handlers.add("orders", returns=1)
    assert stage.invoke(spec(runtime=runtime)).log.startswith(f"INIT_START Runtime Version: {shown}\t")


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-iso-east-1", "aws-iso")],
)
def test_init_start_names_the_partition_of_the_region(stage: Stage, region: str, partition: str) -> None:
    stage.handlers.add("orders", returns=1)
    assert f"Runtime Version ARN: arn:{partition}:lambda:{region}::runtime:" in stage.invoke(spec(region=region)).log


def test_an_image_has_no_init_start(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    assert stage.invoke(spec(runtime=None, package_type="Image")).log.startswith("START ")


def test_a_time_out_is_the_status_of_the_report(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, duration=5, init=0.084)
    assert stage.invoke(spec()).log.splitlines()[-1] == (
        f"REPORT RequestId: {REQUEST_ID}\tDuration: 3000.00 ms\tBilled Duration: 3084 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 36 MB\tInit Duration: 84.00 ms\tStatus: timeout"
    )


def test_an_exit_is_the_status_of_the_report(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=SystemExit(1))
    assert stage.invoke(spec()).log.endswith("\tStatus: error\tError Type: Runtime.ExitError\n")


def test_an_exception_is_logged_as_the_python_runtime_does(stage: Stage) -> None:
    outcome = stage.invoke(spec("class Custom(Exception): pass\ndef handler(e, c):\n    raise Custom('some error')"))
    assert after_init_start(outcome.log)[1:5] == [
        "[ERROR] Custom: some error\n",
        "Traceback (most recent call last):\n",
        '\u00a0\u00a0File "/var/task/app.py", line 3, in handler\n',
        "\u00a0\u00a0\u00a0\u00a0raise Custom('some error')\n",
    ]
    assert outcome.log.endswith("\t\n")


def test_an_error_in_place_of_node_is_logged_as_node_does(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=ValueError("no"))
    line = stage.invoke(spec(runtime="nodejs22.x")).log.splitlines()[2]
    time, request_id, level, text = line.split("\t", 3)
    assert (time, request_id, level) == ("2026-01-01T00:00:00.000Z", REQUEST_ID, "ERROR")
    assert text.startswith("Invoke Error \t")
    assert json.loads(text.partition("\t")[2]) == {
        "errorType": "ValueError",
        "errorMessage": "no",
        "stack": ["ValueError: no"],
    }


def test_code_that_cannot_be_loaded_is_tried_twice_and_reported_twice(stage: Stage) -> None:
    lines = after_init_start(stage.invoke(spec("import nowhere_to_be_found")).log)
    error = "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'nowhere_to_be_found'\n"
    warnings = [lines.pop(at) for at in (4, 0)]
    assert all(one.startswith(f"[WARNING]\t{TIME}\t\tLAMBDA_WARNING: Unhandled exception. ") for one in warnings)
    assert lines == [
        error,
        "Traceback (most recent call last):\n",
        "INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n",
        error,
        "Traceback (most recent call last):\n",
        "INIT_REPORT Init Duration: 0.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError\n",
        f"START RequestId: {REQUEST_ID} Version: $LATEST\n",
        f"END RequestId: {REQUEST_ID}\n",
        (
            f"REPORT RequestId: {REQUEST_ID}\tDuration: 0.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ImportModuleError\n"
        ),
    ]


def test_what_is_logged_in_init_has_no_request_id_though_an_event_waits(stage: Stage) -> None:
    code = "import logging\nlogging.warning('at import')\ndef handler(event, context): logging.warning('at work')\n"
    log = stage.invoke(spec(code)).log
    assert f"[WARNING]\t{TIME}\t\tat import\n" in log
    assert f"[WARNING]\t{TIME}\t{REQUEST_ID}\tat work\n" in log


def test_an_error_of_init_is_logged_before_the_platform_says_that_the_runtime_is_done(stage: Stage) -> None:
    agent = stage.extensions.add("agent", telemetry=["platform", "function"])
    stage.invoke(spec("raise ValueError('no')"))
    kinds = [event["type"] for event in agent.telemetry_received]
    done = kinds.index("platform.initRuntimeDone")
    assert kinds[done - 2 : done] == ["function", "function"]


def test_an_init_that_takes_too_long_is_reported(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=12)
    log = stage.invoke(spec(timeout=60)).log
    assert "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n" in log
    assert "\tDuration: 12000.00 ms\tBilled Duration: 22000 ms\t" in log
    assert "\tInit Duration" not in log


def test_the_error_type_of_the_platform_is_a_known_one(stage: Stage) -> None:
    assert "\tStatus: error\tError Type: Runtime.Unknown\n" in stage.invoke(spec("raise ValueError")).log


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_is_printed_is_in_the_log(stage: Stage, stream: str) -> None:
    code = f"import sys\nprint('in init', file=sys.{stream})\ndef handler(e, c): print('in handler', file=sys.{stream})"
    lines = after_init_start(stage.invoke(spec(code)).log)
    assert lines[:3] == ["in init\n", f"START RequestId: {REQUEST_ID} Version: $LATEST\n", "in handler\n"]


def test_bytes_that_are_written_to_the_buffer_are_in_the_log(stage: Stage) -> None:
    log = stage.invoke(spec("import sys\ndef handler(e, c): sys.stdout.buffer.write(b'caf\\xc3\\xa9 \\xff\\n')")).log
    assert "\ncafé \ufffd\n" in log


def test_a_stream_that_was_kept_since_the_import_leads_to_the_log_of_the_moment(stage: Stage) -> None:
    function = spec("import sys\nkept = sys.stdout\ndef handler(event, c): print(event, file=kept)")
    assert "\nfirst\n" in stage.invoke(function, "first").log
    second = stage.invoke(function, "second").log
    assert "\nsecond\n" in second
    assert "first" not in second


def test_log_records_have_the_format_of_the_runtime_and_the_time_of_the_clock(stage: Stage) -> None:
    stage.clock.advance(5.123)
    code = """
    import logging
    log = logging.getLogger("app")
    def handler(event, context):
        log.warning("so %s", 1)
        log.info("not shown")
    """
    assert after_init_start(stage.invoke(spec(code)).log)[1:-2] == [
        f"[WARNING]\t2026-01-01T00:00:05.123Z\t{REQUEST_ID}\tso 1\n"
    ]


def test_a_function_can_set_the_level_of_the_root_logger_for_good(stage: Stage) -> None:
    code = "import logging\nlogging.getLogger().setLevel('INFO')\ndef handler(e, c): logging.info('shown')"
    before = logging.root.level
    assert "\tshown\n" in stage.invoke(spec(code)).log
    assert "\tshown\n" in stage.invoke(spec(code)).log
    assert logging.root.level == before


def test_a_log_handler_of_the_function_works_in_later_invocations(stage: Stage) -> None:
    code = """
    import logging, sys
    kept = logging.StreamHandler(sys.stdout)
    kept.setFormatter(logging.Formatter("own: %(message)s"))
    logging.getLogger().addHandler(kept)
    def handler(event, context): logging.error(event)
    """
    before = list(logging.root.handlers)
    for event in ("first", "second"):
        log = stage.invoke(spec(code), event).log
        assert log.count(f"\t{event}\n") == 1
        assert log.count(f"own: {event}\n") == 1
    assert logging.root.handlers == before


def test_records_of_a_handler_of_the_test_reach_both_its_log_and_the_log_of_the_test(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.handlers.add("orders", call=lambda event, context: logging.getLogger("shop").info("sold"))
    with caplog.at_level("INFO"):
        assert f"[INFO]\t2026-01-01T00:00:00.000Z\t{REQUEST_ID}\tsold\n" in stage.invoke(spec()).log
    assert caplog.messages == ["sold"]


def test_what_a_function_prints_is_not_the_output_of_the_caller(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.handlers.add("orders", call=lambda event, context: print("inside"))
    stage.invoke(spec())
    assert capsys.readouterr() == ("", "")


def test_a_debugger_gets_the_terminal(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "breakpointhook", lambda: print("(Pdb)"))

    def handler(event: Any, context: Any) -> None:
        breakpoint()  # noqa: T100

    stage.handlers.add("orders", call=handler)
    stage.invoke(spec())
    assert capsys.readouterr().out == "(Pdb)\n"


def test_paths_in_the_log_are_those_of_lambda(stage: Stage) -> None:
    log = stage.invoke(spec("import tempfile\ndef handler(e, c): print(__file__, tempfile.gettempdir())")).log
    assert "\n/var/task/app.py /tmp\n" in log


def test_the_tail_is_the_last_4_kb_from_start_on(stage: Stage) -> None:
    short = stage.invoke(spec("def handler(event, context): print('short')"))
    assert base64.b64decode(short.log_result).decode() == "".join(after_init_start(short.log))
    long = stage.invoke(spec("def handler(event, context): print('é' * 4000)"))
    assert base64.b64decode(long.log_result) == long.log.encode()[-4096:]


def test_the_tail_of_a_log_without_start_is_its_end() -> None:
    assert LogEvents((b"x" * 5000,), 0, 1).tail == b"x" * 4095 + b"\n"


@pytest.mark.parametrize(
    ("milliseconds", "billed"), [(0, 1), (0.01, 1), (1, 1), (1.001, 2), (133.61 + 80.00, 214), (3016.78 + 84.00, 3101)]
)
def test_begun_milliseconds_are_billed(milliseconds: float, billed: int) -> None:
    assert billed_ms(timedelta(milliseconds=milliseconds)) == billed


def test_two_functions_do_not_see_the_log_of_each_other(stage: Stage) -> None:
    stage.handlers.add(
        "outer", call=lambda event, context: [print("outer 1"), stage.invoke(inner), print("outer 2")][0]
    )
    inner = spec(zip_of(app="def handler(e, c): print('inner')"), name="inner")
    log = stage.invoke(spec(name="outer")).log
    assert "\nouter 1\nouter 2\n" in log
    assert "inner" not in log
