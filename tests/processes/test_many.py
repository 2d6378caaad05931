"""Many environments, one after the other and at once: nothing of them is left."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.processes.conftest import children

pytestmark = [pytest.mark.processes, pytest.mark.needs_program("python")]
contained = pytest.mark.needs_program("bubblewrap")
both = pytest.mark.parametrize("kind", [pytest.param("bubblewrap", marks=contained), "none"])

SMALL = """
import os, socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
connection = socket.create_connection((host, int(port)))
file = connection.makefile("rwb")
def call(head, body=b""):
    file.write(f"{head} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n".encode() + body)
    file.flush()
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers[name] = value
    return headers, file.read(int(headers["Content-Length"]))
while True:
    headers, event = call("GET /2018-06-01/runtime/invocation/next")
    call(f"POST /2018-06-01/runtime/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/response", event)
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    program = tmp_path / "small.py"
    program.write_text(SMALL)
    return [sys.executable, "-I", "-S", str(program)]


@both
def test_two_hundred_environments_one_after_the_other_leave_nothing(
    opened: Callable[..., Any], folder_for_all: Path, kind: str, command: list[str]
) -> None:
    with opened(sandbox=kind) as world:
        world.create({"app.rb": ""}, Runtime="ruby3.4")
        world.m.run_in_process("orders", command=command)
        seen = []
        for number in range(200):
            assert world.invoke(number) == (number, None)
            world.m.clock.advance(3600)
            files, folders = open_files(), list(folder_for_all.iterdir())
            seen.append(tuple(map(len, (children(), files, threads(), ports().intersection(files), folders))))
        for what, (early, late) in zip(
            ("children", "descriptors", "threads", "ports", "folders"),
            ((max(one[:10]), min(one[-20:])) for one in zip(*seen, strict=True)),  # a thread may be about to end
            strict=True,
        ):
            assert late <= early, what
        environments = world.m.function("orders").environments
        assert len(environments) == 200
        assert {one.state for one in environments} == {"Gone"}
        assert not [one for one in environments for each in one.processes if Path(f"/proc/{each.pid}").exists()]


def open_files() -> list[str]:
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # of this very look
            found.append(str(one.readlink()))
    return found


def ports() -> set[str]:
    """Return the sockets of this network that listen, as descriptors name them."""
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}


def threads() -> list[Path]:
    return list(Path("/proc/self/task").iterdir())


@both
def test_fifty_environments_at_once_answer_each_its_own(
    opened: Callable[..., Any], kind: str, command: list[str]
) -> None:
    answers: dict[int, Any] = {}
    with opened(sandbox=kind) as world:
        world.create({"app.rb": ""}, Runtime="ruby3.4", Timeout=60)
        world.m.run_in_process("orders", command=command)
        together = threading.Barrier(50)

        def invoke(number: int) -> None:
            together.wait()
            answers[number] = world.invoke(number)

        started = [threading.Thread(target=invoke, args=(number,)) for number in range(50)]
        for one in started:
            one.start()
        for one in started:
            one.join()
        assert answers == {number: (number, None) for number in range(50)}
        assert 1 < len(world.m.function("orders").environments) <= 50
