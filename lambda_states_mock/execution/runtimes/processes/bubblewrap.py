"""A sandbox of bubblewrap: folders as in Lambda, processes and a network of its own, and nothing else to write to.

Its network reaches nobody. The port of the Runtime API listens within it, and the listening socket is handed out to
the mock: what connects to it there is answered here, without anything in between.
"""

from __future__ import annotations

import marshal
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lambda_states_mock.execution.runtimes.processes.group import LIMITS, ProcessGroup
from lambda_states_mock.execution.runtimes.processes.output import Output
from lambda_states_mock.execution.runtimes.processes.process_folders import INSIDE, ProcessFolders
from lambda_states_mock.execution.runtimes.processes.programs import ProcessStartError
from lambda_states_mock.execution.runtimes.processes.sandbox import bubblewrap, hidden
from lambda_states_mock.execution.runtimes.processes.wardship import Wardship

PORT = 9001
_RECORDS = 62  # as in Lambda
_USER = ("--uid", "993", "--gid", "990")  # (I) of LocalStack's runtime
_OF_ITS_OWN = ("proc", "dev", "sys", "tmp", "run", "var", "opt", "lost+found")
_ONCE = {  # recorded; beside those that programs have without a sandbox
    "RLIMIT_NPROC": (742, 742),
}
_ENDED_WITHIN = 5  # real seconds


class Bubblewrap:
    """Parameters: *folders*, of the environment; *needed*, paths of this machine that programs need."""

    is_contained = True
    address = f"127.0.0.1:{PORT}"

    def __init__(self, folders: ProcessFolders, needed: Sequence[str], wardship: Wardship) -> None:
        self._owner = os.getpid()
        self._wardship = wardship
        self._ended: dict[int, int] = {}
        program, reason = bubblewrap()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        init = (sys.executable, "-I", "-S", "/var/runtime/sandbox_init.py", str(theirs.fileno()), str(PORT))
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - found in PATH
                [str(program), *_arguments(folders, [*needed, sys.prefix, sys.base_prefix]), *init],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        wardship.tell(f"+{self._process.pid}")
        told, descriptors = self._hear()
        if told[0] != "listens":
            reason = self._end().decode("utf-8", "replace").strip()
            raise ProcessStartError(f"the sandbox of a function has not started: {reason}")
        self.listening = socket.socket(fileno=descriptors[0])
        (self._init,) = _children_of(self._process.pid)

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: str, output: Output
    ) -> ProcessGroup:
        import resource  # only POSIX has it, and every module can be imported everywhere

        limits = {getattr(resource, name): most for name, most in {**LIMITS, **_ONCE}.items()}
        program = _found(arguments[0], variables)
        given = ([program, *arguments[1:]], dict(variables), folder, limits)
        self._say(("start", *given), output.streams, output.records)
        told, _ = self._hear()
        if told[0] != "started":
            raise OSError(told[1], os.strerror(told[1]))
        pid = next(one for one in _children_of(self._init) if _number_within(one) == told[1])
        group = ProcessGroup(pid, lambda: self._status_of(told[1]))
        self._control.send(b".")
        return group

    def records_of(self, output: Output) -> int:  # noqa: ARG002
        return _RECORDS

    def connect(self, port: int) -> socket.socket:
        self._say(("connect", port))
        told, descriptors = self._hear()
        if told[0] != "connected":
            raise OSError(told[1], os.strerror(told[1]))
        return socket.socket(fileno=descriptors[0])

    def end_all(self) -> None:
        if os.getpid() == self._owner:
            with suppress(OSError):
                self._say(("kill",))

    def close(self) -> None:
        if os.getpid() == self._owner:
            self._end()
        else:
            self._control.close()

    def _end(self) -> bytes:
        self._control.close()
        process = self._process
        try:
            _, said = process.communicate(timeout=_ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            _, said = process.communicate()
        self._wardship.tell(f"-{process.pid}")
        return bytes(said)

    def _say(self, what: tuple[Any, ...], *descriptors: int) -> None:
        socket.send_fds(self._control, [marshal.dumps(what)], descriptors)

    def _hear(self) -> tuple[Any, list[int]]:
        """Return the next message that is no news of an end, and the descriptors that came with it."""
        while True:
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, 65_536, 1)
            except ConnectionResetError:
                message, descriptors = b"", []
            if not message:
                return ("gone", 5), []
            told = marshal.loads(message)  # noqa: S302 - of our own program
            if told[0] != "ended":
                return told, descriptors
            self._ended[told[1]] = told[2]

    def _status_of(self, pid: int) -> int:
        """Return how a program has ended that is no more."""
        while pid not in self._ended:
            try:
                message = self._control.recv(65_536)
            except OSError:
                message = b""
            if not message:
                return -9  # all of the sandbox is gone
            told = marshal.loads(message)  # noqa: S302 - of our own program
            if told[0] == "ended":
                self._ended[told[1]] = told[2]
        return self._ended.pop(pid)


def _arguments(folders: ProcessFolders, needed: Sequence[str]) -> list[str]:
    given = ["--unshare-user", *_USER, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--as-pid-1"]
    for place in sorted(Path("/").iterdir()):
        if place.name in _OF_ITS_OWN:
            continue
        if place.is_symlink():
            given += ["--symlink", str(place.readlink()), str(place)]
        else:
            given += ["--ro-bind-try", str(place), str(place)]
    size = folders.spec.configuration.ephemeral_storage * 1024 * 1024
    given += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", str(size), "--tmpfs", "/tmp"]  # noqa: S108
    given += ["--tmpfs", "/run", "--symlink", "/run", "/var/run", "--dir", "/var/tmp"]  # noqa: S108
    given += ["--ro-bind", str(folders.task), "/var/task", "--bind", str(folders.layers), "/opt"]
    given += ["--ro-bind", str(INSIDE), "/var/runtime", "--ro-bind", str(folders.clock), "/run/clock"]
    given += ["--ro-bind", str(folders.client), "/run/client"]
    given += ["--ro-bind", str(folders.hosts), "/etc/hosts"]
    for shown in hidden(needed, _OF_ITS_OWN):
        given += ["--ro-bind", shown, shown]
    return [*given, "--remount-ro", "/opt", "--remount-ro", "/run", "--remount-ro", "/", "--chdir", "/var/task", "--"]


def _found(program: str, variables: Mapping[str, str]) -> str:
    """Return the path of *program*, which may be found by the PATH of its own."""
    if "/" in program:
        return program
    folders = variables.get("PATH", "").split(":")
    return next((f"{one}/{program}" for one in folders if os.access(f"{one}/{program}", os.X_OK)), program)


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    for one in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, one.read_text().split())
    return found


def _number_within(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0
