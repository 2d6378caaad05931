"""Where the programs of one environment run: in a sandbox of their own, or beside the test on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from lambda_states_mock.execution.runtimes.processes.group import LIMITS, ProcessGroup
from lambda_states_mock.execution.runtimes.processes.output import Output
from lambda_states_mock.execution.runtimes.processes.programs import ProcessStartError

_PROBED_WITHIN = 10  # real seconds
_PROBE = ("--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev")


class Sandbox(Protocol):
    """Attributes: *address*, ``host:port`` of the Runtime API for the programs; *is_contained*, whether /var/task, /opt
    and /tmp are there as in Lambda; *listening*, the socket at that address.
    """

    address: str
    is_contained: bool
    listening: socket.socket

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: str, output: Output
    ) -> ProcessGroup:
        """Start a program. Raises OSError where the system cannot execute it."""

    def records_of(self, output: Output) -> int:
        """Return the descriptor by which a program will know the pipe for its records."""

    def connect(self, port: int) -> socket.socket:
        """Return a connection to what listens at *port* there. Raises OSError where nobody does."""

    def end_all(self) -> None:
        """Kill whatever has left its group."""

    def close(self) -> None:
        """End all of it."""


class NoSandbox:
    """Programs run beside the test, with nothing between them and the machine."""

    is_contained = False

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: str, output: Output
    ) -> ProcessGroup:
        process = subprocess.Popen(  # noqa: S603 - the function's own
            arguments,
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output.streams,
            stderr=output.streams,
            pass_fds=(output.records,),
            start_new_session=True,
        )
        group = ProcessGroup(process.pid, process.wait)
        group.limit(LIMITS)
        return group

    def records_of(self, output: Output) -> int:
        return output.records

    def connect(self, port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=1)

    def end_all(self) -> None:
        """Each group has ended what it knows."""

    def close(self) -> None:
        """The server closes its socket."""


@cache
def bubblewrap() -> tuple[str | None, str]:
    """Return the path of ``bwrap``, None where it does not work here; and why that is."""
    found = shutil.which("bwrap")
    if found is None:
        return None, "there is no  bwrap  in PATH"
    try:
        tried = subprocess.run(  # noqa: S603 - found in PATH
            [found, *_PROBE, found, "--version"], capture_output=True, text=True, check=False, timeout=_PROBED_WITHIN
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    return (found, "") if tried.returncode == 0 else (None, tried.stderr.strip())


def is_contained(wanted: str) -> bool:
    """Return whether programs run in a sandbox where a test has said *wanted*: auto, bubblewrap or none.

    Raises ProcessStartError where it insists on one, and there is none here.
    """
    if wanted == "none":
        return False
    found, reason = bubblewrap()
    if found is None and wanted == "bubblewrap":
        raise ProcessStartError(
            f'the mock is to run functions in bubblewrap (sandbox="bubblewrap"), which does not work here: {reason}\n'
            "  Install it:  apt-get install bubblewrap  (a container may have to be allowed user namespaces),\n"
            '  or leave it to the machine:  sandbox="auto",  sandbox="none".'
        )
    return found is not None


def hidden(paths: Iterable[str], tops: Iterable[str]) -> list[str]:
    """Return those of *paths* that lie under *tops*, which the sandbox has of its own, without those within others."""
    own = {f"/{top}" for top in tops}
    found = sorted({one for one in paths if f"/{one.split('/')[1]}" in own and one not in own and Path(one).exists()})
    return [one for one in found if not any(one.startswith(f"{other}/") for other in found)]
