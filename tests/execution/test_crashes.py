"""Ends of the process that leave no exception (invocation.md, section 3; execution-environment.md, section 2)."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import MissingBootstrap, OutOfMemory, SegmentationFault
from lambda_states_mock.execution.crashes import Signalled
from tests.execution.stage import REQUEST_ID, Stage, spec

EXIT = "Runtime.ExitError"
KILLED = "Runtime exited with error: signal: killed"
SEGMENTATION = "Runtime exited with error: signal: segmentation fault"
NO_BOOTSTRAP = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"

ROWS = {
    "out of memory": (OutOfMemory, "python3.13", EXIT, KILLED),
    "out of memory, as an object": (OutOfMemory(), "nodejs22.x", EXIT, KILLED),
    "segmentation fault": (SegmentationFault, "nodejs22.x", EXIT, SEGMENTATION),
    "segmentation fault of an image": (SegmentationFault, None, EXIT, SEGMENTATION),
    "segmentation fault that Python's runtime tells of": (
        SegmentationFault(noticed=True), "python3.13", EXIT, SEGMENTATION,
    ),
    "bootstrap missing": (MissingBootstrap, "provided.al2023", "Runtime.InvalidEntrypoint", NO_BOOTSTRAP),
    "bootstrap of an image missing": (MissingBootstrap, None, "Runtime.InvalidEntrypoint", NO_BOOTSTRAP),
}  # fmt: skip


@pytest.mark.parametrize(("effect", "runtime", "error_type", "reason"), ROWS.values(), ids=ROWS.keys())
def test_a_crash_is_told_by_the_platform(
    stage: Stage, effect: Any, runtime: str | None, error_type: str, reason: str
) -> None:
    stage.handlers.add("orders", side_effect=effect)
    outcome = stage.invoke(spec(runtime=runtime))
    text = f'{{"errorType":"{error_type}","errorMessage":"RequestId: {REQUEST_ID} Error: {reason}"}}'
    assert (outcome.function_error, outcome.payload.decode()) == ("Unhandled", text)
    assert outcome.log.splitlines()[-1].endswith(f"\tStatus: error\tError Type: {error_type}")
    assert stage.phases(spec(runtime=runtime))[-2:] == ["Resetting", "Reset"]


@pytest.mark.parametrize(
    ("effect", "used"), [(OutOfMemory, 256), (SegmentationFault(noticed=True), 36), (MemoryError, 36)]
)
def test_what_is_out_of_memory_has_used_all_of_it(stage: Stage, effect: Any, used: int) -> None:
    stage.handlers.add("orders", side_effect=effect)
    report = stage.invoke(spec(memory_size=256)).log.splitlines()[-1]
    assert f"\tMemory Size: 256 MB\tMax Memory Used: {used} MB\t" in report


@pytest.mark.parametrize(
    ("runtime", "effect"), [("python3.13", SegmentationFault()), ("nodejs22.x", SegmentationFault(noticed=False))]
)
def test_a_segmentation_fault_of_python_was_recorded_as_a_time_out(stage: Stage, runtime: str, effect: Any) -> None:
    stage.handlers.add("orders", side_effect=effect)
    outcome = stage.invoke(spec(runtime=runtime, timeout=30))
    assert json.loads(outcome.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Task timed out after 30.00 seconds",
    }
    assert (outcome.duration, stage.elapsed) == (timedelta(seconds=30), timedelta(seconds=30))
    assert outcome.log.endswith("\tStatus: timeout\n")


def test_a_crash_cannot_be_caught_by_the_function(stage: Stage) -> None:
    def handler(event: Any, context: Any) -> None:
        try:
            raise OutOfMemory
        except Exception:
            return

    stage.handlers.add("orders", call=handler)
    assert stage.result(spec())["errorType"] == EXIT


def test_extensions_are_told_that_the_process_failed(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=OutOfMemory)
    extension = stage.extensions.add("agent", events=["SHUTDOWN"])
    stage.invoke(spec())
    assert [event["shutdownReason"] for event in extension.received] == ["failure"]


def test_an_extension_that_is_out_of_memory_has_crashed(stage: Stage) -> None:
    def start() -> None:
        raise OutOfMemory

    stage.handlers.add("orders", returns=1)
    stage.extensions.add("agent", init=start)
    assert stage.result(spec()) == {
        "errorType": "Extension.Crash",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: signal: killed",
    }


def test_a_memory_error_of_python_is_an_exception_as_any_other(stage: Stage) -> None:
    code = "def handler(event, context): return len(bytearray(1 << 60)) if event else 'next'"
    outcome = stage.invoke(spec(code), 1)
    payload = json.loads(outcome.payload)
    assert (payload["errorType"], payload["errorMessage"], payload["requestId"]) == ("MemoryError", "", REQUEST_ID)
    assert "[ERROR] MemoryError\nTraceback" in outcome.log
    assert (stage.result(spec(code)), stage.phases(spec(code)).count("Function init")) == ("next", 1)


# -- an Init that fails

STARTS = {
    "a crash": (MissingBootstrap, "Runtime.InvalidEntrypoint", f"RequestId: {REQUEST_ID} Error: {NO_BOOTSTRAP}"),
    "an exception": (ValueError("no"), "ValueError", "no"),
    "an exit": (SystemExit, EXIT, f"RequestId: {REQUEST_ID} Error: Runtime exited without providing a reason"),
}


@pytest.mark.parametrize(("init", "error_type", "message"), STARTS.values(), ids=STARTS.keys())
def test_a_handler_says_how_its_init_fails(stage: Stage, init: Any, error_type: str, message: str) -> None:
    handler = stage.handlers.add("orders", returns=1, init=init)
    payload = stage.result(spec(runtime="provided.al2023"))
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)
    states = ["Extension init", "Runtime init", "Function init", "Resetting", "Reset"]
    assert (stage.phases(spec(runtime="provided.al2023")), handler.called) == (states * 2, 0)


def test_the_report_of_an_init_that_crashed_says_so(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1, init=MissingBootstrap)
    lines = stage.invoke(spec(runtime="provided.al2023")).log.splitlines()
    status = "\tStatus: error\tError Type: Runtime.InvalidEntrypoint"
    assert lines[1] == f"INIT_REPORT Init Duration: 0.00 ms\tPhase: init{status}"
    assert lines[-1].endswith(status)


def test_an_init_can_be_a_function_that_takes_its_time(stage: Stage) -> None:
    tries = iter([OutOfMemory(), None])

    def start() -> None:
        stage.sleep(2)
        error = next(tries)
        if error is not None:
            raise error

    stage.handlers.add("orders", returns=1, init=start)
    outcome = stage.invoke(spec())
    assert (outcome.payload, outcome.duration, stage.elapsed) == (b"1", timedelta(seconds=2), timedelta(seconds=4))


# -- what code does to its own process

SUICIDES = [
    ("os.kill(os.getpid(), signal.SIGKILL)", "signal: killed"),
    ("os.kill(os.getpid(), signal.SIGTERM)", "signal: terminated"),
    ("os.kill(os.getpid(), 11)", "signal: segmentation fault"),
    ("os.abort()", "signal: aborted"),
    ("signal.raise_signal(signal.SIGABRT)", "signal: aborted"),
    ("os.kill(0, 24)", "signal: CPU time limit exceeded"),
    ("os.kill(os.getpid(), 40)", "signal: signal 40"),
]


@pytest.mark.parametrize(("statement", "reason"), SUICIDES)
@pytest.mark.parametrize("where", ["handler", "module"])
def test_code_that_kills_its_process_does_not_kill_the_test(
    stage: Stage, statement: str, reason: str, where: str
) -> None:
    place = "def handler(event, context):\n    " if where == "handler" else ""
    outcome = stage.invoke(spec(f"import os, signal\n{place}{statement}"))
    text = f"RequestId: {REQUEST_ID} Error: Runtime exited with error: {reason}"
    assert json.loads(outcome.payload) == {"errorType": EXIT, "errorMessage": text}
    assert type(outcome.error) is Signalled


def test_a_signal_that_does_not_end_it_reaches_whom_it_is_for(stage: Stage) -> None:
    code = """
    import os, signal
    def handler(event, context):
        caught = []
        signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), 0)
        signal.raise_signal(signal.SIGUSR1)
        return caught == [signal.SIGUSR1] * 2
    """
    before = os.kill, os.abort, signal.raise_signal, signal.getsignal(signal.SIGUSR1)
    assert stage.result(spec(code)) is True
    assert (os.kill, os.abort, signal.raise_signal, signal.getsignal(signal.SIGUSR1)) == before


@pytest.mark.parametrize(("number", "name"), [(64, "signal 64"), (999, "signal 999"), (34, "signal 34")])
def test_a_signal_without_a_name_is_told_by_its_number(number: int, name: str) -> None:
    assert Signalled(number).reason == f"signal: {name}"
