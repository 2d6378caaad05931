"""A test that forks, as pools of workers do: parent and child have a world each, and leave the other's files alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).parent.parent.parent

# Prints how many environments have a folder: in the parent, after the child, and after the mock.
FORKING = """
import io, multiprocessing, os, sys, tempfile, zipfile
import boto3
from lambda_states_mock import mock_lambda

CODE = '''
import os, tempfile
seen = os.path.join(tempfile.gettempdir(), "seen")
with open(seen, "a") as file:
    file.write("x")
def handler(event, context):
    return os.path.getsize(seen)
'''

def create(name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", CODE)
    client.create_function(FunctionName=name, Runtime="python3.12", Handler="app.handler",
                           Role="arn:aws:iam::123456789012:role/r", Code={"ZipFile": packed.getvalue()})

def invoke(name):
    answer = client.invoke(FunctionName=name)
    payload = answer["Payload"].read()
    assert payload == b"1", payload

def in_child():
    invoke("orders")
    create("refunds")
    invoke("refunds")

def folders():
    return [path for path, _, _ in os.walk(tempfile.gettempdir()) if path.endswith("tmp")]

with mock_lambda(timings="instant") as m:
    client = boto3.client("lambda", region_name="us-east-1")
    create("orders")
    invoke("orders")
    print(len(folders()), flush=True)
    parent = os.getpid()
    if "ENDING" == "multiprocessing":
        child = multiprocessing.get_context("fork").Process(target=in_child)
        child.start()
        child.join()
        status = child.exitcode
    elif child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    else:
        in_child()
        if "ENDING" == "os._exit":
            os._exit(0)
        if "ENDING" == "sys.exit":
            sys.exit()
    if os.getpid() == parent:
        assert status == 0, status
        invoke("orders")
        assert not m.function("refunds").exists
        print(len(folders()), flush=True)
if os.getpid() == parent:
    print(os.listdir(tempfile.gettempdir()))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.parametrize(
    ("ending", "left"), [("multiprocessing", 2), ("os._exit", 2), ("sys.exit", 1), ("leaving the block", 1)]
)
def test_parent_and_child_leave_nothing_behind_and_nothing_missing(tmp_path: Path, ending: str, left: int) -> None:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/nowhere", "TMPDIR": str(tmp_path)}
    done = forked.run("-c", FORKING.replace("ENDING", ending), env=environment)
    assert (done.stdout.split("\n"), done.returncode) == (["1", str(left), "[]", ""], 0), done.stderr


# A child that asks for a handler's folder after its parent has left the mock.
ASKING_LATE = """
import os, sys, tempfile
from tests.execution.stage import Stage, spec

stage = Stage()
stage.handlers.add("orders", call=lambda event, context: tempfile.gettempdir())
stage.invoke(spec(), "warm up") if "WARM" == "warm" else None
reading, writing = os.pipe()
if os.fork():
    stage.pool.close()
    os.write(writing, b"x")
    os.wait()
    print(os.listdir(tempfile.gettempdir()))
else:
    os.read(reading, 1)
    try:
        stage.invoke(spec())
    finally:
        os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.parametrize("begun", ["warm", "cold"])
def test_a_child_that_outlives_its_parents_mock_leaves_no_folder(tmp_path: Path, begun: str) -> None:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/nowhere", "TMPDIR": str(tmp_path)}
    done = forked.run("-c", ASKING_LATE.replace("WARM", begun), env=environment)
    assert done.stdout == "[]\n", done.stderr


# Within a handler: what the child does, and what its parent says of it.
CHILDREN = {
    "os._exit": ("os._exit(7)", 7),
    "return": ("return 'from the child'", 0),
    "exception": ("raise ValueError('from the child')", 1),
    "sys.exit": ("sys.exit(5)", 5),
    "signal": ("os.kill(os.getpid(), signal.SIGTERM)", -15),
    "abort": ("os.abort()", -6),
    "program": ("os.execv('/bin/sh', ['sh', '-c', 'test \"$WHOSE\" = mine && exit 9'])", 9),
    "variables": ("os._exit(3 if os.environ['WHOSE'] == 'mine' else 4)", 3),
    "function": ("os._exit(6 if invoke() == b'null' else 4)", 6),
}
IN_HANDLER = """
import os, sys
from tests.execution.stage import Stage, spec

CODE = '''
import os, signal, sys
def handler(event, context):
    invoke = sys.modules["__main__"].invoke_inner
    child = os.fork()
    if not child:
        {child}
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
'''
def invoke_inner():
    stage.handlers.add("inner", call=lambda event, context: os._exit(1) if event else None)
    stage.invoke(spec(name="inner"), "exit")
    return stage.invoke(spec(name="inner")).payload

stage = Stage()
function = spec(CODE, environment={"WHOSE": "mine"})
if "HOW" == "handler of the test":
    there = {}
    exec(CODE.replace("import os, signal, sys", "global os, signal, sys; import os, signal, sys"), there)
    os.environ["WHOSE"] = "mine"
    stage.handlers.add("orders", call=there["handler"])
print(stage.result(function), flush=True)
stage.pool.close()
"""
POOL = """
from tests.execution.stage import Stage, spec
stage = Stage()
print(stage.result(spec('''
import multiprocessing, os
def work(parent): return os.environ["WHOSE"], os.getpid() != parent
def handler(event, context):
    ours, theirs = multiprocessing.get_context("fork").Pipe()
    child = multiprocessing.get_context("fork").Process(target=lambda: theirs.send(work(os.getppid())))
    child.start()
    found = ours.recv()
    child.join()
    ours.close(), theirs.close()
    return [*found, child.exitcode]
''', environment={"WHOSE": "mine"})), flush=True)
stage.pool.close()
"""


def run(code: str) -> tuple[str, int]:
    """Return what *code* prints in a process of its own, and the status that it ends with."""
    done = forked.run("-c", code, cwd=ROOT)
    return done.stdout, done.returncode


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.parametrize(
    ("how", "child", "status"),
    [("zip", *row) for row in CHILDREN.values()] + [("handler of the test", *CHILDREN["os._exit"])],
    ids=[*CHILDREN, "of a handler of the test"],
)
def test_a_child_of_a_handler_ends_really_and_is_no_second_test_run(how: str, child: str, status: int) -> None:
    assert run(IN_HANDLER.replace("{child}", child).replace("HOW", how)) == (f"{status}\n", 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_multiprocessing_works_in_a_handler() -> None:
    assert run(POOL) == ("['mine', True, 0]\n", 0)
