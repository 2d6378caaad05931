"""The process that forks: it has imported what others need, and runs each program that it is asked for in a fork.

`forked` starts it, and asks it.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stdout, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, NoneType
from typing import Any, NoReturn

from tests.forked import LENGTH, LONGEST, ROOT, WITH_THE_MOCK, alone_in

_for_good = ExitStack()


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
        length, descriptors, _, _ = socket.recv_fds(connection, LENGTH, 4)
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
    with alone_in(address.parent):
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
