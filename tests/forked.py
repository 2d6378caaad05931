"""Python processes that begin where a long start ends: forks of one process, which has imported what they need.

A process of Python with boto3 and the mock takes half a second of processor time before it does anything. Here one does
so for all: it forks for each that is wanted, and the fork runs its program as Python does, with arguments, environment,
folder and streams of its own, up to its ending. That a process starts as users start it is for other tests.

This is for who asks; `forking` is the process that forks.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

P = TypeVar("P", bound="Process")
ROOT = Path(__file__).parent.parent
IS_POSSIBLE = hasattr(os, "fork") and hasattr(socket, "send_fds")
LONGEST = 300
"""Real seconds after which a process is ended by a signal: it hangs."""
WITH_BOTO3 = (
    *("boto3", "requests", "botocore.retries.standard", "botocore.retries.adaptive", "botocore.useragent"),
    *("multiprocessing", "concurrent.futures.thread", "asyncio.proactor_events"),
)
WITH_THE_MOCK = (
    *("boto3", "pytest", "lambda_states_mock.opening", "lambda_states_mock.mock", "lambda_states_mock.assembly"),
    *("lambda_states_mock.server.remote", "lambda_states_mock.command.run", "lambda_states_mock.command.serve"),
    "lambda_states_mock.server.long_lived",
    *("lambda_states_mock.operations.invoke", "lambda_states_mock.execution.runtimes.chosen"),
    *("lambda_states_mock.execution.runtimes.in_process.runtime", "tests.execution.stage"),
)
WITH_THE_CLI = ("awscli.clidriver", *WITH_THE_MOCK)
WITH_OURS = (
    *WITH_BOTO3,
    *("lambda_states_mock.opening", "lambda_states_mock.mock", "lambda_states_mock.assembly"),
    *("lambda_states_mock.operations.invoke", "lambda_states_mock.execution.runtimes.chosen"),
    *("lambda_states_mock.execution.runtimes.in_process.runtime", "lambda_states_mock.invocation.durable.lifecycle"),
    *("lambda_states_mock.event_sources.pushes", "lambda_states_mock.event_sources.pollers"),
)
"""With what of ours touches none but Python's names when it is imported."""
BEGINS_AS = {WITH_OURS: WITH_BOTO3, WITH_THE_MOCK: WITH_BOTO3, WITH_THE_CLI: WITH_THE_MOCK}
"""What forks for some is itself a fork of what forks for others, which has imported most of it."""
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
_FOLDER = Path(os.environ.get("FORKS") or Path(tempfile.gettempdir(), f"forks-{_RUN[:12]}"))
"""Where all workers of a run find what forks, and so do programs that `interpreter` runs."""
LENGTH = 8
"""Bytes in which the length of a request is told."""


class Process:
    """A process that runs ``python`` with *arguments*: ``-c``, ``-m`` or a script. It inherits what is not given.

    Parameters: *streams*, its stdin, stdout and stderr; *ready*, the modules that are imported.
    Whatever hangs is ended after the same time, so that no wait needs one.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        streams: Sequence[int] = (0, 1, 2),
        ready: tuple[str, ...] = WITH_THE_MOCK,
    ) -> None:
        asked = {
            "arguments": [*arguments],
            "environment": dict(os.environ if env is None else env),
            "folder": os.fspath(cwd or Path.cwd()),
        }
        told, tell = os.pipe()
        _ask(_server(ready), asked, [*streams, tell])
        os.close(tell)
        self._lines = os.fdopen(told, encoding="ascii")
        self.pid = int(self._line())
        self.returncode: int | None = None

    def __enter__(self: P) -> P:
        return self

    def __exit__(self, *_error: object) -> None:
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Return the status with which it has ended, as `subprocess` has it."""
        if self.returncode is None:
            self.returncode = int(self._line())
            self._lines.close()
        return self.returncode

    def _line(self) -> str:
        if not (line := self._lines.readline()):
            self._lines.close()
            raise RuntimeError("the process that forks has ended: see what it has said on stderr")
        return line

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Told(Process):
    """A process whose stderr is read, `stderr`. It is ended with the ``with`` block."""

    def __init__(self, arguments: Sequence[str], *, env: Mapping[str, str] | None = None) -> None:
        reading, writing = os.pipe()
        super().__init__(arguments, env=env, streams=(0, 1, writing))
        os.close(writing)
        self.stderr = os.fdopen(reading)

    def __exit__(self, *_error: object) -> None:
        self.kill()
        self.stderr.close()
        self.wait()


def told(arguments: Sequence[str], *, env: Mapping[str, str] | None = None) -> Told | subprocess.Popen[str]:
    """Start ``python`` with *arguments*, and return the process, of which stderr is read."""
    if IS_POSSIBLE:
        return Told(arguments, env=env)
    return subprocess.Popen([sys.executable, *arguments], env=env, stderr=subprocess.PIPE, text=True)


def run(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    ready: tuple[str, ...] = WITH_THE_MOCK,
) -> subprocess.CompletedProcess[str]:
    """Run ``python`` with *arguments* as `subprocess.run` does, and return what it has printed and its status."""
    if not IS_POSSIBLE:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=LONGEST, check=False)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err, Path(os.devnull).open() as nothing:
        numbers = [stream.fileno() for stream in (nothing, out, err)]
        with Process(arguments, env=env, cwd=cwd, streams=numbers, ready=ready) as process:
            status = process.wait()
        out.seek(0), err.seek(0)
        return subprocess.CompletedProcess(["python", *arguments], status, out.read(), err.read())


def _ask(server: socket.socket, asked: Any, descriptors: Sequence[int]) -> None:
    content = json.dumps(asked).encode()
    socket.send_fds(server, [len(content).to_bytes(LENGTH, "big")], descriptors)
    server.sendall(content)


@cache
def _server(ready: tuple[str, ...]) -> socket.socket:
    """Return a connection to a process that forks, which all workers of a run share. It ends with the last of them."""
    base = _server(BEGINS_AS[ready]) if ready in BEGINS_AS else None
    connection, address = socket.socket(socket.AF_UNIX), _address(ready)
    with alone_in(address.parent):
        try:
            connection.connect(str(address))
        except OSError:
            _start(address, ready, base)
            connection.connect(str(address))
    atexit.register(connection.close)
    return connection


def _start(address: Path, ready: tuple[str, ...], base: socket.socket | None) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen()
        if base is not None:
            _ask(base, {"address": str(address), "ready": ready}, [listening.fileno()])
            return
        needless = ("COV_", "PYTEST_", "LAMBDA_STATES_MOCK")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(needless)}
        subprocess.run(  # it goes on in a fork
            [sys.executable, "-m", "tests.forking", str(listening.fileno()), str(address), *ready],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=[listening.fileno()],
            check=True,
        )


def _address(ready: tuple[str, ...]) -> Path:
    return _FOLDER / hashlib.sha256(repr(ready).encode()).hexdigest()[:12]


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let no other process begin or end one that forks meanwhile."""
    import fcntl

    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700, exist_ok=True)  # who was alone before may have removed it
        yield
    finally:
        os.close(descriptor)


STUB = """#!{python} -IS
import json, os, signal, socket, sys

passed_on = (signal.SIGINT, signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)  # until it is known to whom
arguments = [one for one in sys.argv[1:] if one != "-u"]
asked = {{"arguments": arguments, "environment": {{**os.environ, "FORKS": {folder!r}}}, "folder": os.getcwd()}}
content = json.dumps(asked).encode()
told, tell = os.pipe()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [len(content).to_bytes({length}, "big")], [0, 1, 2, tell])
    server.sendall(content)
    for descriptor in (0, 1, tell):
        os.close(descriptor)
    with open(told) as lines:
        process = int(lines.readline())
        for number in passed_on:
            signal.signal(number, lambda number, _: os.kill(process, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
        status = int(lines.readline())
if status < 0:
    if status != -signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


def interpreter(folder: Path, ready: tuple[str, ...] = WITH_THE_MOCK) -> Path:
    """Write a program into *folder* that does what Python does, in a fork, for who starts processes by itself."""
    if not IS_POSSIBLE:
        return Path(sys.executable)
    _server(ready)
    address, program = _address(ready), folder / "python"
    text = STUB.format(python=sys.executable, address=str(address), folder=str(address.parent), length=LENGTH)
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    return program


def command(folder: Path, module: str = "lambda_states_mock", ready: tuple[str, ...] = WITH_THE_MOCK) -> Path:
    """Write a program ``lambda-states-mock`` into *folder*, which runs *module*, for scripts of a shell."""
    (own := folder / "of-python").mkdir()
    (program := folder / "lambda-states-mock").write_text(
        f'#!/bin/sh\nexec "{interpreter(own, ready)}" -m {module} "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return program


def workers_of_xdist(count: int, folder: Path) -> list[str]:
    """Return the arguments by which pytest-xdist starts so many workers, in forks where these are possible."""
    if not IS_POSSIBLE:
        return ["-n", f"{count}"]
    return ["--tx", f"{count}*popen//python={interpreter(folder)}"]
