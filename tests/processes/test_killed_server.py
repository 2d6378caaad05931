"""``serve --processes``: functions of programs in any language, and what is left of them when the server is killed."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest

from tests.processes.functions import BASH, zipped
from tests.server.asking import FUNCTIONS, OURS
from tests.server.conftest import allowed_to_connect
from tests.server.test_serve_command import ask, serving

__all__ = ["allowed_to_connect"]
pytestmark = [
    pytest.mark.processes,
    pytest.mark.needs_program("bash"),
    pytest.mark.usefixtures("allowed_to_connect"),
]
LONGEST = 20.0


def descendants(pid: int) -> set[int]:
    """Return the processes that *pid* has started, and those that they have started."""
    found: set[int] = set()
    for one in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, one.read_text(encoding="ascii").split()):
            found |= {child} | descendants(child)
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_server_leaves_no_process_no_socket_and_no_folder_of_a_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    new = {
        "FunctionName": "orders",
        "Runtime": "provided.al2023",
        "Handler": "any",
        "Role": "arn:aws:iam::123456789012:role/r",
        "Code": {"ZipFile": base64.b64encode(zipped({"bootstrap": BASH})).decode()},
    }
    with serving("--processes", "--timings", "instant") as (process, port):
        assert ask(port, f"{FUNCTIONS}/", "POST", new)[0] == 201
        ask(port, f"{OURS}/clock/run_until_idle", "POST", {})
        status, _, body = ask(port, f"{FUNCTIONS}/orders/invocations", "POST", {"id": 7})
        assert (status, json.loads(body)) == (200, {"got": {"id": 7}})
        started = descendants(process.pid)
        assert started
        process.kill()
        process.wait(timeout=LONGEST)
        end = time.monotonic() + LONGEST
        while time.monotonic() < end and any(map(is_alive, started)):
            os.sched_yield()
        assert [pid for pid in started if is_alive(pid)] == []
    with serving("--port", str(port)) as (again, _):
        again.terminate()
        again.wait(timeout=LONGEST)
    assert list(tmp_path.iterdir()) == []
