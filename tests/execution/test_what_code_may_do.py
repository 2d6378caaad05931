"""The tables of docs/handlers.md: each row is tried, and leaves nothing in the process."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.execution.stage import Stage, spec
from tests.execution.test_isolation import visible_state
from tests.execution.test_settings import seen

PAGE = Path(__file__).parent.parent.parent / "docs" / "handlers.md"
ENDED = {"errorType": "Runtime.ExitError"}

# By the beginning of its row: what code does, and what comes of it, in a zip and in a handler of the test.
OWN: dict[str, tuple[str, Any]] = {
    "reads or changes environment variables": ("os.environ['NEW'] = 'x'; return os.environ['WHOSE']", "mine"),
    "starts programs": ("return subprocess.run(['/bin/sh', '-c', 'exit 3']).returncode", 3),
    "prints or logs": ("print('x'); logging.error('x'); return 1", 1),
    "writes temporary files": ("return 'lambda-states-mock' in tempfile.mkdtemp()", True),
    "calls `os._exit`, `os.abort`, `sys.exit`": ("os._exit(1)", ENDED),
    "sends a fatal signal": ("os.kill(0, signal.SIGTERM)", ENDED),
    "calls `os.exec*`": ("os.execvp('true', ['true'])", ENDED),
    "forks": ("return os.waitpid(os.fork() or os._exit(3), 0)[1] >> 8", 3),
    "has half of a surrogate pair": ("return '\\ud800'", "\ud800"),
}
OF_A_ZIP: dict[str, tuple[str, Any]] = {
    "sets a timer": ("return signal.alarm(90)", 0),
    "changes a setting": ("os.chdir('/'); os.umask(0); random.seed(1); return os.getcwd()", "/"),
    "replaces attributes": ("os.getcwd = time.time_ns = None; return os.getcwd", None),
    "imports modules of its zip": ("import app; return app.__name__", "app"),
    "raises the recursion limit": ("sys.setrecursionlimit(10**6); return sys.getrecursionlimit()", 10_000),
    "registers functions with `atexit`": ("atexit.register(os._exit, 9); return 1", 1),
}
IMPORTS = "import atexit, logging, os, random, signal, subprocess, sys, tempfile, time\n"


def rows(heading: str) -> list[str]:
    """Return the first cells of the table below *heading*."""
    part = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [line.split(" | ")[0].removeprefix("| ") for line in lines[1:]]


def test_each_row_is_tried() -> None:
    tried = {**OWN, **OF_A_ZIP}
    assert [row for row in rows("What it has of its own") if not row.startswith(tuple(tried))] == []
    assert len(rows("What it has of its own")) == len(tried)


def state() -> dict[str, Any]:
    found = {**visible_state(), "settings": seen(), "timer": signal.getitimer(signal.ITIMER_REAL), "kill": os.kill}
    return {name: value for name, value in found.items() if name not in {"files", "finders", "modules"}}


def check(result: Any, expected: Any) -> None:
    assert {name: result[name] for name in expected} == expected if isinstance(expected, dict) else result == expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("statement", "expected"), [*OWN.values(), *OF_A_ZIP.values()], ids=[*OWN, *OF_A_ZIP])
def test_code_in_a_zip_leaves_nothing(stage: Stage, statement: str, expected: Any) -> None:
    function = spec(
        f"{IMPORTS}def handler(event, context):\n    {statement}",
        environment={"WHOSE": "mine", "PATH": os.environ["PATH"]},
    )
    before = state()
    for _ in range(2):
        check(stage.result(function), expected)
        assert state() == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("statement", "expected"), OWN.values(), ids=OWN)
def test_a_handler_of_the_test_leaves_nothing(stage: Stage, statement: str, expected: Any) -> None:
    there: dict[str, Any] = {}
    exec(f"{IMPORTS}def handler(event, context):\n    {statement}", there)
    stage.handlers.add("orders", call=there["handler"])
    before = state()
    result = stage.result(spec(environment={"WHOSE": "mine", "PATH": os.environ["PATH"]}, runtime="nodejs22.x"))
    check(result, expected)
    assert state() == before


def test_a_signal_handler_outside_of_the_main_thread_is_refused(stage: Stage) -> None:
    code = "import signal\ndef handler(event, context): signal.signal(signal.SIGTERM, print)"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(stage.result, spec(code)).result(10)["errorType"] == "ValueError"


def test_local_time_is_the_tests_until_code_sets_it(stage: Stage) -> None:
    code = """
    import time
    def handler(event, context):
        before = time.localtime(0).tm_hour
        time.tzset()
        return [before, time.localtime(0).tm_hour]
    """
    import time

    hour = time.localtime(0).tm_hour
    assert stage.result(spec(code, environment={"TZ": "Asia/Tokyo"})) == [hour, 9]
    assert (time.localtime(0).tm_hour, "app" in sys.modules) == (hour, False)
