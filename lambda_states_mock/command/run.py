"""``lambda-states-mock run -- COMMAND``: what the user types, with the mock active.

Each command is a process of its own. The world is in this one, and they ask it over a port: so they share one world and
one clock, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from lambda_states_mock.command.own_folder import own_folder
from lambda_states_mock.command.saying import Saying
from lambda_states_mock.reporting.lanes import shown
from lambda_states_mock.reporting.progress import Progress
from lambda_states_mock.startup import (
    VARIABLE,
    begin,
    given,
    in_one_line,
    options_of,
    shared,
    written,
)

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock

THEN = "--then"
SAYS_AFTER, SAYS_EVERY = 5.0, 10.0
"""Seconds of real time after which a run says what it does, and between that."""
# The statuses with which a shell says so.
NOT_RUNNABLE, NOT_FOUND, BY_SIGNAL = 126, 127, 128

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
PASSED_ON = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""The signals that go on to the command that runs."""


def split(words: Sequence[str]) -> list[list[str]]:
    """Return the commands in *words*, divided by ``--then``. Raises ValueError where one is empty."""
    commands: list[list[str]] = [[]]
    for word in words:
        if word == THEN:
            commands.append([])
        else:
            commands[-1].append(word)
    if not all(commands):
        raise ValueError(f"there is no command before or after {THEN}" if len(commands) > 1 else "there is no command")
    return commands


def options_from(texts: Mapping[str, str]) -> str:
    """Return the options of the mock as the variable ``LAMBDA_STATES_MOCK`` has them.

    Parameters: *texts*, those of the command line; without any, those of the variable itself count.
    Raises ValueError, with the option's name, for what the mock cannot have.
    """
    for name, text in texts.items():
        _check(f"argument --{name}", written({name: text}))
    options = written(texts) if texts else given() or written({})
    _check(VARIABLE, options)
    return options


def _check(where: str, options: str) -> None:
    from lambda_states_mock.options import MockOptions

    try:
        MockOptions.parse("run", options_of(options))
    except (TypeError, ValueError, LookupError) as error:
        raise ValueError(f"{where}: {in_one_line(error)}") from None


def run(commands: Sequence[Sequence[str]], options: str, *, timeline: bool = False, says: bool = False) -> int:
    """Run *commands* one after the other in one world, up to the first that fails; return its status, or 0.

    Parameters: *options*, from `options_from`; *timeline*, whether the timeline is printed to stderr in the end;
    *says*, whether it says on stderr what happens in a run that takes long.
    """
    long_run = _LongRun()
    saying = Saying(sys.stderr, long_run.lines, first=SAYS_AFTER, every=SAYS_EVERY) if says else nullcontext()
    with own_folder(), saying:  # its thread is none of the mock's
        activation, mock = begin(options)
        try:
            long_run.begins(mock)
            with shared(mock) as environment:
                environment["PATH"] = os.pathsep.join([_own_scripts(), environment.get("PATH", os.defpath)])
                for command in commands:
                    if status := _run_one(command, environment):
                        return status
            return 0
        finally:
            if timeline:
                print(shown(mock.timeline, sys.stderr), file=sys.stderr)
            activation.stop(check_faults=False)


class _LongRun:
    """What a run that takes long has done since it said so, and where it stands."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def begins(self, mock: LambdaMock) -> None:
        self._progress = Progress(mock)

    def lines(self) -> Iterator[str]:
        if self._progress is not None:
            yield from self._progress.lines()
            yield f"lambda-states-mock: still running; {self._progress.standing()}"


def _own_scripts() -> str:
    """Return, as ``PATH`` has it, where this Python is and the scripts that are installed for it."""
    folders = dict.fromkeys((str(Path(sys.executable).parent), sysconfig.get_path("scripts")))
    return os.pathsep.join(folders)


def _run_one(command: Sequence[str], environment: Mapping[str, str]) -> int:
    name, *arguments = command
    path = shutil.which(name, path=environment["PATH"])
    if path is None:
        return _not_run(name)
    try:
        with _passing_signals_on() as begin_with, _started(path, arguments, environment) as process:
            begin_with(process)
            status = process.wait()
    except OSError as error:
        return _say(f"{name}: {error.strerror}", NOT_RUNNABLE)
    return status if status >= 0 else BY_SIGNAL - status


def _started(path: str, arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([path, *arguments], env=environment)  # noqa: S603 - as asked for


@contextmanager
def _passing_signals_on() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Pass signals on, in the ``with`` block, to the process with which the callable that this yields is called.

    This process waits for what becomes of that. A Ctrl-C in a terminal has reached it already.
    """
    started: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, _frame: object = None) -> None:
        if not started:
            early.append(number)
        elif number != signal.SIGINT or not _is_in_the_foreground():
            started[0].send_signal(number)

    def begin_with(process: subprocess.Popen[bytes]) -> None:
        started.append(process)
        for number in early:
            pass_on(number)

    before = {}
    with suppress(ValueError):  # not in a thread: signals are the main one's
        for number in PASSED_ON:
            before[number] = signal.signal(number, pass_on)
    try:
        yield begin_with
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_the_foreground() -> bool:
    """Tell whether the terminal sends its signals to this process and to those that it has started."""
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp()  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):  # no terminal; on Windows there are no groups
        return os.name == "nt"


def _not_run(name: str) -> int:
    if PurePath(name).name == name or not Path(name).exists():
        return _say(f"{name}: command not found", NOT_FOUND)
    return _say(f"{name}: {'is a directory' if Path(name).is_dir() else 'permission denied'}", NOT_RUNNABLE)


def _say(what: str, status: int) -> int:
    print(f"lambda-states-mock: {what}", file=sys.stderr)
    return status
