"""Python processes that begin where a long start ends: forks of one process, which has imported what they need.

A process of Python with boto3 and the mock takes half a second of processor time before it does anything. Here one does
so for all: it forks for each that is wanted, and the fork runs its program as Python does, with arguments, environment,
folder and streams of its own, up to its ending. That a process starts as users start it is for other tests.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, NoneType
from typing import Any, NoReturn, TypeVar

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
_LENGTH = 8
_for_good = ExitStack()


# -- for tests


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
    socket.send_fds(server, [len(content).to_bytes(_LENGTH, "big")], descriptors)
    server.sendall(content)


@cache
def _server(ready: tuple[str, ...]) -> socket.socket:
    """Return a connection to a process that forks, which all workers of a run share. It ends with the last of them."""
    base = _server(BEGINS_AS[ready]) if ready in BEGINS_AS else None
    connection, address = socket.socket(socket.AF_UNIX), _address(ready)
    with _alone_in(address.parent):
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
            [sys.executable, "-m", "tests.forked", str(listening.fileno()), str(address), *ready],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=[listening.fileno()],
            check=True,
        )


def _address(ready: tuple[str, ...]) -> Path:
    return _FOLDER / hashlib.sha256(repr(ready).encode()).hexdigest()[:12]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
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
    text = STUB.format(python=sys.executable, address=str(address), folder=str(address.parent), length=_LENGTH)
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


# -- the process that forks


def _get_ready(names: Sequence[str]) -> dict[str, str]:
    """Import what forks need, and return the variables that this has set: the AWS CLI sets where its models are."""
    before = set(os.environ)
    for name in names:
        with suppress(ImportError):  # of what is not installed
            import_module(name)
    _share()
    import boto3
    import botocore.session

    options: Any = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    boto3.client("lambda", **options).get_waiter("function_active_v2")
    botocore.session.get_session().create_client("lambda", **options)  # which looks in fewer folders for models
    if set(WITH_THE_MOCK) <= set(names):
        begin: Any = sys.modules["lambda_states_mock.mock"].mock_lambda
        with begin():  # the first one looks through all modules. It runs no function: see `test_genuine`
            boto3.client("lambda", **options).list_functions()
    if "awscli.clidriver" in names:
        with redirect_stdout(io.StringIO()):  # what it asks nobody for
            sys.modules["awscli.clidriver"].create_clidriver().main(
                ["lambda", "list-functions", "--generate-cli-skeleton"]
            )
    gc.disable()
    gc.freeze()  # or each fork would copy all of it
    return {name: value for name, value in os.environ.items() if name not in before}


@cache
def _share() -> None:
    _for_good.enter_context(import_module("tests.shared_botocore").shared())


def _asked(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return what *connection* asks for, with the descriptors that it sends along; None where it asks no more."""
    content, descriptors = b"", list[int]()
    with suppress(ConnectionError):  # who has asked may be killed
        length, descriptors, _, _ = socket.recv_fds(connection, _LENGTH, 4)
        wanted = int.from_bytes(length, "big")
        while len(content) < wanted and (more := connection.recv(wanted - len(content))):
            content += more
        if 0 < wanted == len(content):
            return json.loads(content), descriptors
    for descriptor in descriptors:
        os.close(descriptor)
    return None


class _Forks:
    """The forks that live, each with where to tell its status, if anybody asks for it. *ended* can be read if one has.

    They are waited for in the loop of the process that forks. In a handler of signals, several that end at once would
    be waited for twice.
    """

    def __init__(self) -> None:
        self._living: dict[int, int | None] = {}
        self.ended, self._end = socket.socketpair()
        for one in (self.ended, self._end):
            one.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # what is ignored is not written to the socket, either
        signal.set_wakeup_fd(self._end.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for who has started this

    def begin(self, tell: int | None) -> bool:
        """Fork, and return whether this is the child, which holds on to none of the others. Its status is told."""
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for kept in (tell, *self._living.values()):
                if kept is not None:
                    os.close(kept)
            self.ended.close()
            self._end.close()
            return True
        if tell is not None:
            with suppress(OSError):  # nobody may wait for it
                os.write(tell, f"{child}\n".encode())
        self._living[child] = tell
        return False

    def tell_of_ended(self) -> None:
        """Tell the status of each that has ended."""
        with suppress(BlockingIOError):
            self.ended.recv(1_000)
        for child in tuple(self._living):
            found, status = os.waitpid(child, os.WNOHANG)
            if found and (tell := self._living.pop(child)) is not None:
                with suppress(OSError), os.fdopen(tell, "w") as told:  # the same
                    told.write(f"{os.waitstatus_to_exitcode(status)}\n")


def _fork_for_each(listening: socket.socket, address: Path) -> tuple[dict[str, Any], list[int]]:
    """Return, in each fork, what it was asked for. In the process that forks this ends where nobody asks any more."""
    forks, connections = _Forks(), list[socket.socket]()
    select.select([listening], [], [], LONGEST)
    while connections or not _is_over(listening, address):
        for one in select.select([listening, forks.ended, *connections], [], [])[0]:
            if one is listening:
                connections.append(listening.accept()[0])
            elif one is forks.ended:
                forks.tell_of_ended()
            elif (found := _asked(one)) is None:
                connections.remove(one)
                one.close()
            else:
                asked, descriptors = found
                is_program = "ready" not in asked
                if forks.begin(descriptors.pop() if is_program else None):
                    for connection in connections:
                        connection.close()
                    return asked, descriptors
                for descriptor in descriptors:
                    os.close(descriptor)
    sys.exit()


def _is_over(listening: socket.socket, address: Path) -> bool:
    """Return True where nobody connects, and nobody will."""
    with _alone_in(address.parent):
        if select.select([listening], [], [], 0)[0]:
            return False
        address.unlink(missing_ok=True)
        with suppress(OSError):  # others are there
            address.parent.rmdir()
        return True


def _main() -> NoReturn:
    """Fork for each program that is asked for, and run it there."""
    descriptor, address, *names = sys.argv[1:]
    if os.fork():  # who has started this need not wait for it
        os._exit(0)
    were_set: dict[str, str] = {}
    while True:
        were_set |= _get_ready(names)
        with socket.socket(fileno=int(descriptor)) as listening:
            asked, descriptors = _fork_for_each(listening, Path(address))
        if "ready" not in asked:
            break
        descriptor, address, names = str(descriptors[0]), asked["address"], asked["ready"]
    for number, stream in enumerate(descriptors):
        os.dup2(stream, number)
        os.close(stream)
    asked["environment"].update(were_set)
    _end_of(partial(_begin, **asked))


def _begin(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Run a program as Python does."""
    signal.alarm(LONGEST)
    gc.enable()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    added = [one for one in environment.get("PYTHONPATH", "").split(os.pathsep) if one]
    sys.path[:] = [*added, *(one for one in sys.path if one not in {"", str(ROOT)})]
    sys.orig_argv[:] = [sys.executable, *arguments]
    tempfile.tempdir = None  # what TMPDIR says here
    customize = next((one for folder in added if (one := Path(folder, "sitecustomize.py")).exists()), None)
    if customize is not None:
        runpy.run_path(str(customize))
    if arguments[0] == "-c":
        code, sys.argv[:] = arguments[1], ["-c", *arguments[2:]]
        sys.path.insert(0, "")
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), vars(main))
    elif arguments[0] == "-m":
        sys.argv[:] = arguments[1:]
        sys.path.insert(0, folder)
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = arguments
        sys.path.insert(0, str(Path(arguments[0]).parent))
        runpy.run_path(arguments[0], run_name="__main__")


def _end_of(run: Callable[[], object]) -> NoReturn:
    """End as Python does when it has *run* a program, but for clearing away what the system clears away as well."""
    status = 0
    try:
        run()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if not isinstance(ended.code, (int, NoneType)):
            print(ended.code, file=sys.stderr)
    except BaseException as error:
        status = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
        sys.excepthook(type(error), error, error.__traceback__)
    threading._shutdown()  # type: ignore[attr-defined] # what waits for threads at the end; nothing public does
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):  # the program may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    _main()
