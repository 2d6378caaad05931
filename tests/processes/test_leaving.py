"""Whatever ends a test: no process, no folder is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.execution.folder_claims import claim, delete_left
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from tests.execution.stage import spec
from tests.processes.functions import BASH, PYTHON_RUNTIME

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python"), pytest.mark.needs_program("bash")]

PROGRAM = f"""
import boto3, os, sys
from lambda_states_mock import mock_lambda
from lambda_states_mock.execution.folder_claims import claim, delete_left
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from tests.execution.stage import spec
from tests.processes.functions import zipped
with mock_lambda(timings="instant", processes=True) as m:
    client = boto3.client("lambda", region_name="us-east-1")
    code = "import os, subprocess, time\\ndef handler(event, context):\\n" \\
           "    subprocess.Popen(['sleep', '1000'])\\n    while event: pass\\n"
    client.create_function(FunctionName="orders", Runtime="{PYTHON_RUNTIME}", Handler="app.handler",
        Role="arn:aws:iam::123456789012:role/orders", Code={{"ZipFile": zipped(code)}})
    client.invoke(FunctionName="orders", Payload="0")
    print(m.function("orders").environments[0].processes[0].pid, flush=True)
    client.invoke(FunctionName="orders", Payload="1")
"""


def _is_there(group: int) -> bool:
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = one.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False


def _until(holds: Callable[[], bool]) -> bool:
    for _ in range(500):
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_when_the_test_process_is_ended_its_processes_end_and_its_folders_go(
    tmp_path: Path, number: signal.Signals
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **keys, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
    ) as program:
        assert program.stdout is not None
        group = int(program.stdout.readline())
        assert _is_there(group)
        program.send_signal(number)
        program.wait()
    assert _until(lambda: not _is_there(group))
    assert _until(lambda: list(tmp_path.iterdir()) == [])


def test_leaving_ends_what_another_thread_waits_for(opened: Callable[..., Any]) -> None:
    ended = threading.Event()
    with opened() as world:
        world.create({"bootstrap": BASH}, Runtime="provided.al2023", Handler="x", Timeout=60)
        world.invoke(1)

        def invoke() -> None:
            try:
                world.invoke("sleep")
            except SystemExit:
                ended.set()

        thread = threading.Thread(target=invoke)
        stat = Path(f"/proc/{world.m.function('orders').environments[0].processes[0].pid}/stat")
        assert _until(lambda: " (bootstrap) T " in stat.read_text())
        thread.start()
        assert _until(lambda: " (bootstrap) T " not in stat.read_text())  # it has got the event
    thread.join(10)
    assert not thread.is_alive()
    assert ended.is_set()


def test_a_process_that_exits_while_it_is_idle_fails_the_next_event(opened: Callable[..., Any]) -> None:
    with opened() as world:
        world.create("def handler(event, context):\n    return event\n")
        world.invoke(1)
        (environment,) = world.m.function("orders").environments
        os.kill(environment.processes[0].pid, signal.SIGKILL)
        payload, failed = world.invoke(2)
        assert (payload["errorType"], failed) == ("Runtime.ExitError", "Unhandled")
        assert payload["errorMessage"].endswith("signal: killed")
        assert world.invoke(3) == (3, None)
        assert [one.exit_status for one in environment.processes] == [-9, None]


def test_an_environment_that_spins_down_ends_its_process(opened: Callable[..., Any]) -> None:
    with opened() as world:
        world.create("def handler(event, context):\n    return event\n")
        world.invoke(1)
        (environment,) = world.m.function("orders").environments
        world.m.clock.advance(3600)
        assert environment.state == "Gone"
        assert environment.processes[0].exit_status == -9
        assert not Path(f"/proc/{environment.processes[0].pid}").exists()


def test_beside_an_extension_the_function_gets_sigterm_before_it_ends(opened: Callable[..., Any]) -> None:
    code = (
        "import os, signal, sys, time\n"
        "def end(*_):\n    print('saving')\n    time.sleep(0.1)\n    os._exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "def handler(event, context):\n    return event\n"
    )
    with opened() as world:
        world.create(code, Runtime="python3.12")  # since then the client waits beside the main thread
        world.m.extension("agent", function="orders", events=["INVOKE"])
        world.invoke(1)
        (environment,) = world.m.function("orders").environments
        world.m.clock.advance(3600)
        assert environment.processes[0].exit_status == 0
        assert "saving" in environment.log


def test_the_next_start_deletes_what_a_killed_test_has_left(folder_for_all: Path, opened: Callable[..., Any]) -> None:
    def folder(name: str) -> Path:
        made = folder_for_all / name
        made.mkdir()
        return made

    gone, mine, unclaimed, other = map(
        folder, ("lambda-states-mock-gone", "lambda-states-mock-mine", "lambda-states-mock-unclaimed", "another")
    )
    left = claim(gone)
    assert left is not None
    left.close()  # as with the end of the process
    (gone / "task").mkdir(0o555)
    used = claim(mine)
    assert used is not None
    with used, opened() as world:
        world.create("def handler(event, context):\n    return event\n")
        world.invoke(1)
        assert [one.exists() for one in (gone, mine, unclaimed, other)] == [False, True, True, True]
        (environment,) = [one for one in folder_for_all.iterdir() if (one / "clock").exists()]
        delete_left(folder_for_all, "lambda-states-mock-")
        assert environment.exists()
    for one in (mine / "lock", mine, unclaimed, other):
        one.rmdir() if one.is_dir() else one.unlink()


def test_code_that_cannot_be_unpacked_leaves_nothing_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(zipfile.BadZipFile):
        ProcessFolders(spec(b"no zip"), tmp_path, is_contained=False)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_main_thread_that_computes_does_not_let_another_wake_before_it_waits(opened: Callable[..., Any]) -> None:
    code = (
        "import threading, time\n"
        "def handler(event, context):\n"
        "    order = []\n"
        "    def late():\n        time.sleep(1)\n        order.append('thread')\n"
        "    thread = threading.Thread(target=late)\n    thread.start()\n"
        "    until = time.process_time() + 0.4\n"
        "    while time.process_time() < until: pass\n"
        "    order.append('main')\n    thread.join()\n    return order\n"
    )
    with opened() as world:
        world.create(code)
        assert world.invoke() == (["main", "thread"], None)
