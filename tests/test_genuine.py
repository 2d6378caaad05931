"""The genuine functions of the standard library are known, whoever has replaced them before the first function runs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

import pytest

from lambda_states_mock.genuine import genuine
from tests import forked
from tests.deploying import zip_of


def test_a_fake_of_a_test_is_not_genuine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.getcwd
    monkeypatch.setattr(os, "getcwd", lambda: "/elsewhere")

    assert genuine(os, "getcwd") is real


def test_what_this_system_lacks_is_what_the_caller_says() -> None:
    assert genuine(signal, "no_such_function", None) is None
    with pytest.raises(KeyError):
        genuine(signal, "no_such_function")


def test_a_place_that_is_not_looked_through_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        genuine(subprocess, "run", None)


def test_a_method_of_a_class_is_found() -> None:
    assert genuine(threading.Thread, "join") is threading.Thread.join


WRITES = """
def handler(event, context):
    with open("/tmp/note", "w") as note:
        note.write("a note")
    return open("/tmp/note").read()
"""
FAKED = """
import builtins, os, sys
from unittest import mock
import boto3
from lambda_states_mock import mock_lambda

def life():
    client = boto3.client("lambda", region_name="us-east-1")
    client.create_function(
        FunctionName="orders", Role="arn:aws:iam::123456789012:role/r", Runtime="python3.13", Handler="app.handler",
        Code={"ZipFile": CODE},
    )
    return client

with mock_lambda(timings="instant"):
    client = life()
    with FAKE:
        client.invoke(FunctionName="orders")
with mock_lambda(timings="instant"):
    print(life().invoke(FunctionName="orders")["Payload"].read().decode(), os.path.exists("/tmp/note"))
"""


@pytest.mark.parametrize(
    "fake",
    [
        "mock.patch('builtins.open', mock.mock_open(read_data='a fake'))",
        "mock.patch('os.getcwd', lambda: '/elsewhere')",
        "mock.patch('os.stat', mock.Mock(wraps=os.stat))",
        "mock.patch('os.environ', {'A': 'B'})",
    ],
)
def test_a_fake_that_is_there_when_the_first_function_runs_leaves_later_ones_alone(fake: str) -> None:
    program = FAKED.replace("FAKE", fake).replace("CODE", repr(zip_of(WRITES)))
    done = forked.run("-c", program, env={**os.environ, "PYTHONPATH": str(forked.ROOT)})
    assert (done.stdout, done.stderr) == ('"a note" False\n', "")
