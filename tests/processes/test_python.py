"""Python functions in processes, run by AWS's own client."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import World
from tests.processes.functions import PYTHON_RUNTIME

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]

ECHO = "def handler(event, context):\n    return event\n"
TIMES = """
import datetime, time, threading, asyncio
def handler(event, context):
    before = time.time(), time.monotonic()
    if event == "asyncio":
        asyncio.run(asyncio.sleep(3))
    elif event == "thread":
        thread = threading.Thread(target=time.sleep, args=(3,))
        thread.start()
        thread.join()
    else:
        time.sleep(event)
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "slept": time.time() - before[0], "on": time.monotonic() - before[1] >= 3,
        "now": now.isoformat(), "left": context.get_remaining_time_in_millis(),
    }
"""
ENDS = """
import os, signal, sys, ctypes
def handler(event, context):
    print("before")
    if event == "exit": os._exit(3)
    if event == "exit 0": sys.exit(0)
    if event == "kill": os.kill(os.getpid(), signal.SIGKILL)
    if event == "abort": os.abort()
    if event == "segfault": ctypes.string_at(0)
    if event == "memory": return len(bytearray(b"x" * 1_000_000_000))
    if event == "forks":
        for _ in range(200):
            if os.fork() == 0:
                signal.pause()
    return event
"""


def test_an_event_goes_in_and_comes_back(world: World) -> None:
    world.create(ECHO)
    assert world.invoke({"a": [1, "ö"]}) == ({"a": [1, "ö"]}, None)
    assert world.invoke(7) == (7, None)
    (environment,) = world.m.function("orders").environments
    (process,) = environment.processes
    assert (environment.cold, environment.warm, process.exit_status) == (1, 1, None)
    assert process.pid != os.getpid()


def test_the_process_lives_in_the_folders_of_lambda_and_in_its_own_environment(world: World) -> None:
    world.create(
        "import os\ndef handler(event, context):\n    return __file__, os.getcwd(), dict(os.environ)\n",
        Environment={"Variables": {"TABLE": "orders"}},
    )
    (file, folder, variables), _ = world.invoke()
    assert (file, folder) == ("/var/task/app.py", "/var/task")
    assert (variables["TABLE"], variables["_HANDLER"]) == ("orders", "app.handler")
    assert not variables.keys() & {"PYTEST_CURRENT_TEST", "HOME", "_LAMBDA_TELEMETRY_LOG_FD"}


@pytest.mark.parametrize("event", [3, "asyncio", "thread"])
def test_what_it_sleeps_moves_the_clock(world: World, event: Any) -> None:
    world.create(TIMES)
    start = world.m.clock.now
    answer, _ = world.invoke(event)
    assert world.m.clock.now - start == timedelta(seconds=3)
    assert answer == {"slept": 3.0, "on": True, "now": "2026-01-01T00:00:03+00:00", "left": 7000}


def test_who_sleeps_beyond_the_timeout_is_out_of_time_at_the_very_instant(world: World) -> None:
    world.create(TIMES)
    payload, failed = world.invoke(60)
    assert (payload["errorType"], failed) == ("Sandbox.Timedout", "Unhandled")
    assert payload["errorMessage"].endswith("Task timed out after 10.00 seconds")
    assert world.m.clock.now.isoformat() == "2026-01-01T00:00:10+00:00"
    assert world.invoke(1)[0]["slept"] == 1  # in a process of its own


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("exit", "Runtime exited with error: exit status 3"),
        ("exit 0", "Runtime exited without providing a reason"),
        ("kill", "Runtime exited with error: signal: killed"),
        ("abort", "Runtime exited with error: signal: aborted"),
        ("segfault", "Runtime exited with error: signal: segmentation fault"),
        ("memory", "Runtime exited with error: signal: killed"),
    ],
)
def test_the_end_of_the_process_is_told_as_lambda_tells_it(world: World, event: str, told: str) -> None:
    world.create(ENDS)
    payload, failed = world.invoke(event)
    assert (payload["errorType"], failed) == ("Runtime.ExitError", "Unhandled")
    assert payload["errorMessage"].endswith(f"Error: {told}")
    assert "before" in world.log()
    assert "Status: error\tError Type: Runtime.ExitError" in world.log()
    assert world.invoke("well") == ("well", None)
    assert "Max Memory Used: 128 MB" in world.log() or event != "memory"


def test_children_that_never_end_do_not_outlive_the_mock(opened: Callable[..., Any]) -> None:
    with opened() as world:
        world.create(ENDS, MemorySize=3008)
        assert world.invoke("forks") == ("forks", None)
        (environment,) = world.m.function("orders").environments
        group = environment.processes[0].pid
        assert _in_group(group) > 200
    assert _in_group(group) == 0


def _in_group(group: int) -> int:
    found = 0
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = one.read_text().rpartition(")")[2].split()[:3]
            found += int(its_group) == group and state != "Z"  # which only init has still to look at
        except OSError:
            continue
    return found


def test_between_events_the_process_stands_still(world: World) -> None:
    world.create(ECHO)
    world.invoke()
    (environment,) = world.m.function("orders").environments
    stat = Path(f"/proc/{environment.processes[0].pid}/stat")
    for _ in range(500):  # a busy machine takes its time to stop it
        if (state := stat.read_text().rpartition(")")[2].split()[0]) == "T":
            break
        threading.Event().wait(0.02)
    assert state == "T"
    assert world.invoke(1) == (1, None)


def test_code_that_computes_without_end_is_out_of_time_and_the_log_says_why(opened: Callable[..., Any]) -> None:
    with opened(hang_after=4) as world:
        world.create("def handler(event, context):\n    while event: pass\n")
        world.invoke(0)
        payload, _ = world.invoke(1)
        assert payload["errorType"] == "Sandbox.Timedout"
        assert "did not answer within 4 s of real time (hang_after)" in world.log()
        assert world.m.clock.now.isoformat() == "2026-01-01T00:00:10+00:00"


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("import missing", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'missing'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("raise ValueError('no')", "ValueError", "no"),
    ],
)
def test_what_fails_in_init_fails_the_event(world: World, code: str, error_type: str, message: str) -> None:
    world.create(code)
    payload, failed = world.invoke()
    assert (payload["errorType"], payload["errorMessage"], failed) == (error_type, message, "Unhandled")
    assert world.log().count("INIT_REPORT") == 2
    assert len(world.m.function("orders").environments[0].processes) == 2


def test_an_exit_in_init_is_told_after_a_second_try(world: World) -> None:
    world.create("import os\nos._exit(4)")
    payload, _ = world.invoke()
    assert payload["errorMessage"].endswith("Runtime exited with error: exit status 4")
    assert "Phase: init\tStatus: error\tError Type: Runtime.ExitError" in world.log()


def test_a_response_that_is_too_large_is_answered_by_the_platform(world: World) -> None:
    world.create("def handler(event, context):\n    return 'x' * event\n")
    payload, failed = world.invoke(7_000_000)
    assert (payload["errorType"], failed) == ("Function.ResponseSizeTooLarge", "Unhandled")
    assert world.invoke(3) == ("xxx", None)


def test_calls_of_lambda_from_within_come_to_this_world(world: World) -> None:
    world.create(
        "import boto3, json\ndef handler(event, context):\n"
        "    found = boto3.client('lambda').invoke(FunctionName='inner', Payload=json.dumps(event))\n"
        "    return json.load(found['Payload'])\n"
    )
    world.create("import time\ndef handler(event, context):\n    time.sleep(2)\n    return [event]\n", "inner")
    assert world.invoke("hello") == (["hello"], None)
    assert world.m.clock.now.isoformat() == "2026-01-01T00:00:02+00:00"
    (call,) = world.m.calls.of("Invoke")[-1:]
    assert ":assumed-role/orders/orders" in call.caller


def test_a_handler_of_the_test_still_wins(world: World) -> None:
    world.create(ECHO)
    world.m.handler("orders", returns="canned")
    assert world.invoke(1) == ("canned", None)
    assert world.m.function("orders").environments[0].processes == []


def test_one_function_alone_can_run_in_a_process(opened: Callable[..., Any]) -> None:
    with opened(processes=False) as world:
        world.create("import os\ndef handler(event, context):\n    return os.getpid()\n")
        assert world.invoke()[0] == os.getpid()
        world.m.run_in_process("orders", duration=0.5)
        assert world.invoke()[0] != os.getpid()
        assert world.m.clock.now.isoformat() == "2026-01-01T00:00:00.500000+00:00"


def test_a_runtime_of_another_version_is_used_and_noted_once(world: World) -> None:
    world.create(ECHO, Runtime="python3.14" if PYTHON_RUNTIME != "python3.14" else "python3.13")
    assert world.invoke(1) == (1, None)
    world.invoke(2)
    (hint,) = world.m.hints
    assert "m.runtimes" in hint


def test_the_same_test_gives_the_same_bytes(opened: Callable[..., Any]) -> None:
    logs = []
    for _ in range(2):
        with opened() as world:
            world.create(
                "import logging, time\ndef handler(event, context):\n    print(time.time())\n"
                "    logging.getLogger().warning('to\\nlook at')\n    print('between')\n    raise ValueError(event)\n"
            )
            answer = world.invoke("no")
            lines = [line for line in world.log().splitlines() if not line.startswith("REPORT")]
            logs.append((answer, lines))
    assert logs[0] == logs[1]
    assert [line for line in logs[0][1] if line in {"look at", "between"}] == ["look at", "between"]


def test_memory_is_measured(world: World) -> None:
    world.create("kept = []\ndef handler(event, context):\n    kept.append(b'x' * event)\n", MemorySize=512)
    world.invoke(1)
    world.invoke(200_000_000)
    small, large = (
        int(one.log.partition("Max Memory Used: ")[2].partition(" ")[0]) for one in world.m.invocations("orders")
    )
    assert 5 < small < 100
    assert 190 < large < 300
