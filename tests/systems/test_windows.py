"""The package in a process without what only POSIX has, whose environment is kept as on Windows."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).parent.parent.parent

# One process gets ready, and each journey is made in a fork of it: the rest of a program of its own, up to its ending.
IN_FORKS = """
import faulthandler, json, os, sys, tempfile
fork, wait = getattr(os, "fork", None), os.waitpid
journeys = json.loads(sys.argv.pop(1))
"""
EACH = """
said = {}
for title, journey in journeys.items():
    output = tempfile.TemporaryFile()
    if (child := fork() if fork else 0) == 0:
        faulthandler.dump_traceback_later(100, exit=True)
        if fork:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        break
    status = wait(child, 0)[1]
    output.seek(0)
    said[title] = [status, output.read().decode()]
    output.close()
else:
    print(json.dumps(said))
    raise SystemExit
del output, said, child
exec(compile(journey, title, "exec"))
faulthandler.cancel_dump_traceback_later()
"""

# What others than this package import on POSIX alone is loaded before that is hidden.
BEGIN = """
import asyncio, concurrent.futures.thread, contextlib, http.server, importlib, multiprocessing.pool, os, shutil
import signal, subprocess, sys, tempfile
import boto3
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
from tests.systems.as_windows import hide
hide()
assert not hasattr(os, "fork") and not hasattr(signal, "SIGKILL")
import io, json, time, zipfile
from lambda_states_mock import mock_lambda

def zipped(code):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "import json, os, signal, subprocess, sys, tempfile, time\\n" + code)
    return buffer.getvalue()

def invoke(code, event=None, **variables):
    client = boto3.client("lambda", "eu-west-1")
    client.create_function(
        FunctionName="orders", Runtime="python3.13", Handler="app.handler", Role="arn:aws:iam::123456789012:role/r",
        Code={"ZipFile": zipped("def handler(event, context):\\n    " + code)}, Environment={"Variables": variables},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="orders")
    answer = client.invoke(FunctionName="orders", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())

def reason(found):
    return found["errorMessage"].partition("Runtime exited with error: ")[2]
"""

IMPORTING = "every module can be imported"
ENTERING = """
with mock_lambda():
    boto3.client("lambda", "eu-west-1").list_functions()
"""
OTHERS = ("aiobotocore", "aiohttp", "httpx", "moto", "pytest", "time_machine", "trio")

JOURNEYS = {
    IMPORTING: """
import pkgutil, lambda_states_mock
found = [one.name for one in pkgutil.walk_packages(lambda_states_mock.__path__, "lambda_states_mock.")]
for name in found:
    if not name.endswith(("__main__", ".python_start", ".sandbox_init")):  # programs
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:  # an optional library that is not installed
            if error.name.partition(".")[0] not in sys.argv[1:]:
                raise
assert len(found) > 200, len(found)
""",
    "a function has its variables, and so has the test, in each mock": """
os.environ["Whose"] = "test"
for _ in range(3):
    before = dict(os.environ)
    with mock_lambda():
        assert invoke('return [os.environ["Whose"], os.environ.get("whose"), "HOME" in os.environ]', Whose="mine") == [
            "mine", "mine", False
        ]
        os.environ["Set"] = "here"
        del os.environ["set"]
    assert dict(os.environ) == before
""",
    "programs find the variables of the function, and what they need to start": """
os.environ["SystemRoot"] = "C:/Windows"
with mock_lambda() as m:
    code = 'print(os.environ["WHOSE"], os.environ["SYSTEMROOT"], os.environ["NEW"])'
    starts = {
        "subprocess": f'subprocess.run([sys.executable, "-c", {"import os; " + code!r}], stdout=-1, text=True).stdout',
        "system": 'os.system("test \\\\"$WHOSE $NEW\\\\" = \\\\"mine here\\\\"")',
    }
    found = invoke(f'os.putenv("new", "here"); return [{", ".join(starts.values())}]', Whose="mine")
    assert found == ["mine C:/Windows here\\n", 0], found
""",
    "a program in the place of the function ends it": """
with mock_lambda():
    found = invoke("os.execv(sys.executable, [sys.executable, '-c', 'raise SystemExit(7)'])")
    assert reason(found) == "exit status 7", found
""",
    "a signal that is not there ends the function": """
with mock_lambda():
    assert reason(invoke("os.kill(os.getpid(), 9)")) == "signal: killed"
with mock_lambda():
    assert reason(invoke("os.kill(os.getpid(), 10)")) == "signal: user defined signal 1"
""",
    "a signal that is handled does not end the process": """
assert not hasattr(os, "killpg")
real = os.kill
def kill(pid, number):
    raise SystemExit(f"os.kill({number}) would have ended the test run")
os.kill = kill
with mock_lambda():
    code = "caught = []; signal.signal(signal.SIGTERM, lambda *_: caught.append(1)); "
    assert invoke(code + "os.kill(os.getpid(), signal.SIGTERM); os.kill(os.getpid(), 0); return caught") == [1]
""",
    "a handler of the test sleeps, is frozen and times out": """
with mock_lambda(freeze=True, start="2026-01-01T00:00:00Z") as m:
    m.handler("orders", call=lambda event, context: time.sleep(900))
    assert "timed out" in str(invoke("pass"))
    assert time.time() > 1_767_225_600
""",
    "the command line runs a command": """
from lambda_states_mock.command.cli import main
assert main(["demo"]) == 0
assert main(["run", "--", "python", "-c", "import lambda_states_mock as l; l.current().clock.advance(5)"]) == 0
assert main(["run", "--", sys.executable, "-I", "-S", "-c", "raise SystemExit(4)"]) == 4
""",
}


@cache
def made(titles: tuple[str, ...], *others: str) -> dict[str, tuple[int, str]]:
    """Make the journeys of *titles* where *others* are imported; return how each has ended, and what it has said.

    The package is imported after what Windows does not have is gone: once for those that do not import it themselves.
    """
    needed = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    environment = {**needed, "PYTHONPATH": str(ROOT)}
    program = IN_FORKS + BEGIN + ("" if IMPORTING in titles else ENTERING) + EACH
    journeys = json.dumps({title: JOURNEYS[title] for title in titles})
    done = forked.run("-c", program, journeys, *others, env=environment, cwd=ROOT, ready=forked.WITH_BOTO3)
    if not hasattr(os, "fork"):
        return {titles[0]: (done.returncode, done.stdout + done.stderr)}
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("title", JOURNEYS)
def test_without_what_only_posix_has(title: str) -> None:
    if title == IMPORTING:
        status, said = made((title,), *OTHERS)[title]
    else:
        at_once = tuple(one for one in JOURNEYS if one != IMPORTING) if hasattr(os, "fork") else (title,)
        status, said = made(at_once)[title]
    assert status == 0, said
