"""How ``lambda-states-mock serve`` ends: told to, and killed."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploying import zip_of
from tests.server.asking import FUNCTIONS, OURS
from tests.server.test_serve_command import ask, serving

pytestmark = [pytest.mark.usefixtures("allowed_to_connect")]
SOON = 5.0
"""Seconds in which a busy machine does what takes a tenth of one."""
CODE = "import os\n\ndef handler(event, context):\n    return os.path.dirname(__file__)\n"


def idle_connections(port: int) -> Iterator[Any]:
    for _ in range(200):
        yield socket.create_connection(("127.0.0.1", port))


def half_a_request(port: int) -> Iterator[Any]:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
    yield connection


def function_that_hangs(port: int) -> Iterator[Any]:
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    ask(port, f"{OURS}/handlers/orders", "PUT", {"webhook": address})
    ask(port, f"{FUNCTIONS}/", "POST", function())
    ask(port, f"{OURS}/clock/run_until_idle", "POST", {})
    waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    waiting.request("POST", f"{FUNCTIONS}/orders/invocations", "{}")
    yield listener.accept()[0]
    yield waiting


def function(**code: str) -> dict[str, Any]:
    return {
        "FunctionName": "orders",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/r",
        "Code": code or {"S3Bucket": "code", "S3Key": "zip"},
    }


@pytest.mark.parametrize("busy", [idle_connections, half_a_request, function_that_hangs])
def test_told_to_end_it_waits_for_nobody(busy: Callable[[int], Iterator[Any]]) -> None:
    with serving() as (process, port):
        kept = list(busy(port))
        began = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert time.perf_counter() - began < SOON
        for one in kept:
            one.close()


def test_a_request_that_was_begun_is_answered_before_it_ends() -> None:
    with serving() as (process, port), socket.create_server(("127.0.0.1", 0)) as webhook:
        address = f"http://127.0.0.1:{webhook.getsockname()[1]}/"
        ask(port, f"{OURS}/handlers/orders", "PUT", {"webhook": address})
        ask(port, f"{FUNCTIONS}/", "POST", function())
        ask(port, f"{OURS}/clock/run_until_idle", "POST", {})
        waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        waiting.request("POST", f"{FUNCTIONS}/orders/invocations", "{}")
        asked, _ = webhook.accept()
        asked.recv(65_536)
        process.send_signal(signal.SIGTERM)
        asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42")
        with waiting.getresponse() as answer:
            assert answer.read() == b"42"
        asked.close()
        waiting.close()
        assert process.wait(timeout=20) == 0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def deploy(port: int) -> None:
    """Create a function whose code is unpacked, and run it."""
    code = base64.b64encode(zip_of(CODE)).decode()
    ask(port, f"{FUNCTIONS}/", "POST", function(ZipFile=code))
    ask(port, f"{OURS}/clock/run_until_idle", "POST", {})
    status, _, body = ask(port, f"{FUNCTIONS}/orders/invocations", "POST", {})
    assert (status, json.loads(body)) == (200, "/var/task")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_leaves_no_folder(temporary: Path, number: signal.Signals) -> None:
    with serving() as (process, port):
        deploy(port)
        assert list(temporary.iterdir())
        process.send_signal(number)
        process.wait(timeout=20)
    assert list(temporary.iterdir()) == []


def test_the_next_start_removes_what_a_killed_one_has_left_and_nothing_else(temporary: Path) -> None:
    (temporary / "lambda-states-mock-of-somebody").mkdir()
    with serving() as (living, living_port):
        deploy(living_port)
        others = set(temporary.iterdir())
        with serving() as (killed, port):
            deploy(port)
            killed.kill()
            killed.wait(timeout=20)
            (left,) = set(temporary.iterdir()) - others
        with serving("--port", str(port)) as (_, again):  # the port is free
            assert again == port
            assert left not in set(temporary.iterdir())
            assert others < set(temporary.iterdir())
            assert ask(living_port, f"{FUNCTIONS}/orders/invocations", "POST", {})[0] == 200
        living.terminate()
        living.wait(timeout=20)
