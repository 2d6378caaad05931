"""``lambda-states-mock run -- COMMAND``: what the user types, with the mock active.

A Python command (a console script, ``python x.py``, ``python -m x``, ``python -c x``) runs in this process, so that
several commands share one world and one clock. Anything else is a process of its own: its children ask this world.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lambda_states_mock.command.python_commands import PythonCommands, has_folder
from lambda_states_mock.reporting.lanes import shown
from lambda_states_mock.startup import VARIABLE, begin, given, in_one_line, options_of, shared, written

THEN = "--then"
# The statuses with which a shell says so.
NOT_RUNNABLE, NOT_FOUND, BY_SIGNAL = 126, 127, 128

_PYTHON = PythonCommands.of_this_process()
_NOT_THE_USERS = {__file__, runpy.run_path.__code__.co_filename}


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


def run(commands: Sequence[Sequence[str]], options: str, *, timeline: bool = False) -> int:
    """Run *commands* one after the other in one world, up to the first that fails; return its status, or 0.

    Parameters: *options*, from `options_from`; *timeline*, whether the timeline is printed to stderr in the end.
    """
    activation, mock = begin(options)
    try:
        with shared(mock) as environment, _as_environment(environment):
            for command in commands:
                if status := _run_one(command):
                    return status
        return 0
    finally:
        if timeline:
            print(shown(mock.timeline, sys.stderr), file=sys.stderr)
        activation.stop(check_faults=False)


@contextmanager
def _as_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Let commands, and what they start themselves, have *variables*, and find this Python and its scripts first."""
    path = os.pathsep.join([_PYTHON.search_path, os.environ.get("PATH", os.defpath)])
    changed = {name: value for name, value in {**variables, "PATH": path}.items() if os.environ.get(name) != value}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:  # what a command has set besides stays: modules count on it that stay as well
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _run_one(command: Sequence[str]) -> int:
    name, *arguments = command
    try:
        if _PYTHON.is_python(name):
            return _in_process(arguments)
        path = _PYTHON.find(name)
        if path is None:
            return _not_run(name)
        if script := _PYTHON.script_of(path):
            return _in_process([script, *arguments])
        status = subprocess.run([path, *arguments], check=False).returncode  # noqa: S603 - as asked for
    except KeyboardInterrupt:
        return BY_SIGNAL + signal.SIGINT
    except OSError as error:  # of starting it: what a command raises itself is caught in `_in_process`
        if isinstance(error, BrokenPipeError):
            raise
        return _say(f"{name}: {error.strerror}", NOT_RUNNABLE)
    return status if status >= 0 else BY_SIGNAL - status


def _not_run(name: str) -> int:
    if not has_folder(name) or not Path(name).exists():
        return _say(f"{name}: command not found", NOT_FOUND)
    return _say(f"{name}: {'is a directory' if Path(name).is_dir() else 'permission denied'}", NOT_RUNNABLE)


def _say(what: str, status: int) -> int:
    print(f"lambda-states-mock: {what}", file=sys.stderr)
    return status


# -- in this process


def _in_process(arguments: Sequence[str]) -> int:
    """Do in this process what the interpreter does with *arguments*; return the status that it would end with."""
    if not arguments:
        return _say("python wants a script, -m or -c here", 2)
    with _as_if_started():
        try:
            _execute(*arguments)
        except SystemExit as ended:
            return _status(ended.code)
        except Exception as error:
            return _failed(error, arguments[0])
    return 0


def _failed(error: Exception, first: str) -> int:
    """Say of *error* what the interpreter says, without what is ours; return the status that it ends with."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in _NOT_THE_USERS:
        trace = trace.tb_next
    if trace is not None or isinstance(error, SyntaxError):
        traceback.print_exception(type(error), error, trace)
        return 1
    if isinstance(error, OSError):
        return _say(f"python: can't open file {first!r}: {error.strerror}", 2)
    return _say(f"python: {error}", 1)


def _execute(first: str, *rest: str) -> None:
    if first in {"-m", "-c"} and not rest:
        raise SystemExit(f"lambda-states-mock: python {first} wants an argument")
    if first == "-m":
        sys.argv, sys.path[0] = list(rest), str(Path.cwd())
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv, sys.path[0] = ["-c", *rest[1:]], ""
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - as asked for
    elif first.startswith("-"):
        raise SystemExit(f"lambda-states-mock: python {first} is not known here: a script, -m and -c are")
    else:
        sys.argv, sys.path[0] = [first, *rest], str(Path(os.path.realpath(first)).parent)
        runpy.run_path(first, run_name="__main__")


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return int(code or 0)
    print(code, file=sys.stderr)
    return 1


@contextmanager
def _as_if_started() -> Iterator[None]:
    """Give what runs inside the process's own arguments and path to change, and take them back."""
    arguments, path = sys.argv, sys.path
    sys.path = ["", *path]
    try:
        yield
    finally:
        sys.argv, sys.path = arguments, path
        sys.stdout.flush()
        sys.stderr.flush()
