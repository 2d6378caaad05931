"""What the processes of an environment find: folders, variables, a clock."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from dataclasses import field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO

from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution import code_archive
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.environment_variables import CREDENTIALS_URI, RUNTIME_API, variables
from lambda_states_mock.execution.folder_claims import claim
from lambda_states_mock.instants import instant_of
from lambda_states_mock.quick_dataclasses import dataclass

INSIDE = Path(__file__).with_name("inside")
"""Where the files are that run within processes."""
_STARTERS = {"python_start.py": "/var/runtime/bootstrap.py", "node_start.cjs": "/var/runtime/index.mjs"}
_RUNTIME = "/var/runtime"
_CLOCK, _CLIENT = "/run/clock", "/run/client"
_HOSTS = "127.0.0.1 localhost sandbox sandbox.localdomain\n"
_installed = cache(sysconfig.get_paths)


@dataclass(slots=True)
class ProcessFolders:
    """The files of one environment: what is /var/task, /opt and /tmp in Lambda.

    Parameters: *folder*, an empty one of its own; *is_contained*, whether programs find them where they are in Lambda.

    Raises BadZipFile for code that cannot be unpacked.
    """

    spec: EnvironmentSpec
    folder: Path
    is_contained: bool
    task: Path = field(init=False)
    layers: Path = field(init=False)
    temporary: Path = field(init=False)
    clock: Path = field(init=False)
    hosts: Path = field(init=False)
    client: Path = field(init=False)
    _clock_file: int = field(init=False)
    _claim: IO[bytes] | None = field(init=False)

    def __post_init__(self) -> None:
        self._claim = claim(self.folder)
        try:
            self._fill()
        except BaseException:
            self._let_go()
            raise
        self._clock_file = os.open(self.clock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _fill(self) -> None:
        self.task, self.layers, self.temporary = (self.folder / name for name in ("task", "opt", "tmp"))
        self.client = self.folder / "client"
        for one in (self.task, self.layers, self.temporary, self.client):
            one.mkdir()
        if self.spec.code.zip is not None:
            code_archive.unpack(self.spec.code.zip, self.task, import_roots=())
        for layer in self.spec.layers:
            code_archive.unpack(layer, self.layers, import_roots=())
        self.clock = self.folder / "clock"
        self.hosts = self.folder / "hosts"
        if self.is_contained:
            self.hosts.write_text(_HOSTS)

    def take_client(self, client: Path) -> None:
        """Copy AWS's *client* for Node.js, and put a stand-in beside it for its native part."""
        for name in ("index.mjs", "package.json"):
            shutil.copyfile(client / name, self.client / name)
        native = self.client / "rapid-client.node"
        native.mkdir(exist_ok=True)
        (native / "package.json").write_text('{"type": "commonjs", "main": "index.cjs"}')
        shutil.copyfile(INSIDE / "rapid_client.cjs", native / "index.cjs")
        shutil.copyfile(INSIDE / "api_calls.cjs", native / "api_calls.cjs")

    def tell_time(self, now: datetime) -> None:
        """Let the processes know what time it is."""
        os.pwrite(self._clock_file, (instant_of(now) * 1000).to_bytes(8, "little"), 0)

    def close(self) -> None:
        """Let go of the clock and of the folder."""
        os.close(self._clock_file)
        self._let_go()

    def _let_go(self) -> None:
        if self._claim is not None:
            self._claim.close()

    @property
    def places(self) -> tuple[tuple[Path, str], ...]:
        """The folders here, and where they are in Lambda."""
        return (self.task, "/var/task"), (self.layers, "/opt"), (self.temporary, "/tmp")  # noqa: S108

    def inside(self, argument: str) -> str:
        """Return *argument* of a program with the folders where the program finds them."""
        if not self.is_contained:
            return argument
        for here, there in (*self.places, (INSIDE, _RUNTIME), (self.clock, _CLOCK), (self.client, _CLIENT)):
            if argument == str(here) or argument.startswith(f"{here}/"):
                return there + argument[len(str(here)) :]
        return argument

    def named(self, program: str) -> tuple[tuple[str, str], ...]:
        """Return what is named otherwise in Lambda: the folders, and those of the Python that is the *program*."""
        found = [] if self.is_contained else [(str(here), there) for here, there in self.places]
        found.append((f"{self.inside(str(self.client))}/index.mjs", "/var/runtime/index.mjs"))
        found += [(self.inside(str(INSIDE / name)), there) for name, there in _STARTERS.items()]
        if self.spec.runs_python and program == sys.executable:
            library, here = f"/var/lang/lib/{self.spec.configuration.runtime}", _installed()
            found += [(here["purelib"], f"{library}/site-packages"), (here["platlib"], f"{library}/site-packages")]
            found.append((here["stdlib"], library))
        return tuple(found)

    def modules(self) -> tuple[str, ...]:
        """Where Python finds modules, before its own."""
        packages = self.layers / "python" / "lib" / (self.spec.configuration.runtime or "") / "site-packages"
        return str(self.task), str(packages), str(self.layers / "python")

    def variables(self, *, session: RoleSession, log_stream: str, address: str) -> dict[str, str]:
        """Return the variables of the runtime's process. Parameters: *address*, of the Runtime API."""
        found = variables(self.spec, session=session, log_stream=log_stream)
        own = self.spec.configuration.environment or {}
        if not self.is_contained:
            places = [(there, str(here)) for here, there in self.places if there != "/tmp"]  # noqa: S108
            found |= {
                name: _moved(value, places)
                for name, value in found.items()
                if name not in own and name in {"LAMBDA_TASK_ROOT", "LD_LIBRARY_PATH", "NODE_PATH", "PATH", "PWD"}
            }
            found.setdefault("TMPDIR", str(self.temporary))
        found["AWS_LAMBDA_RUNTIME_API"] = address
        found.setdefault("AWS_ENDPOINT_URL", f"http://{address}")
        if found.get("AWS_CONTAINER_CREDENTIALS_FULL_URI") == CREDENTIALS_URI:
            found["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = CREDENTIALS_URI.replace(RUNTIME_API, address)
        if self.spec.runs_python and "PYTHONPATH" not in own:
            del found["PYTHONPATH"]  # /var/runtime, which is not here
        return found


def _moved(value: str, places: list[tuple[str, str]]) -> str:
    parts = []
    for part in value.split(":"):
        found = next((p for p in places if part == p[0] or part.startswith(f"{p[0]}/")), None)
        parts.append(part if found is None else found[1] + part[len(found[0]) :])
    return ":".join(parts)
