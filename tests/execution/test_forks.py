"""A test that forks, as pools of workers do: parent and child have a world each, and leave the other's files alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING.replace("ENDING", ending)],
        env={"PYTHONPATH": str(ROOT), "PATH": "/nowhere", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.split("\n"), done.returncode) == (["1", str(left), "[]", ""], 0), done.stderr
