"""What a process has only one of, lent to a function while it runs and put back exactly afterwards.

Each run is a layer on top of the others (handlers invoke handlers). Threads may take layers away in any order: a
layer that is not on top hands what it found to the next one above, which restores that in place of what it found
itself. So no lock is held while a handler runs, and two threads that wait for each other in their handlers do not
hang.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, TextIO, TypeVar

from lambda_states_mock.execution.crashes import ProcessExit, Signalled, is_fatal
from lambda_states_mock.execution.logs import InvocationLog

T = TypeVar("T")
_lock = threading.RLock()


@dataclass(frozen=True, slots=True, eq=False)
class ProcessState(Generic[T]):
    """One thing that a process has: how to look at it, and how to put it back."""

    name: str
    save: Callable[[], T]
    restore: Callable[[T], None]


Environ = dict[Any, Any]
"""Environment variables as ``os.environ`` keeps them inside: to swap the dict costs nothing."""

_environ: Any = os.environ
_twin: Any = getattr(os, "environb", None)  # of bytes; it shares the dict


def environ() -> Environ:
    """Return what ``os.environ`` has now: the dict itself."""
    variables: Environ = _environ._data  # noqa: SLF001 - there is no quick public way
    return variables


def encoded(variables: Mapping[str, str]) -> Environ:
    """Return *variables* as ``os.environ`` would keep them."""
    key: Any = os.environ.encodekey
    value: Any = os.environ.encodevalue
    return {key(name): value(text) for name, text in variables.items()}


_real_putenv, _real_unsetenv = os.putenv, os.unsetenv


@dataclass(slots=True, eq=False)
class _Programs:
    """What programs that are started inherit, while ``os.environ`` shows a function something else.

    Attributes: *variables*, None where that is what ``os.environ`` has; *touched*, the names of those that code has set
    or deleted since, for programs, too.
    """

    variables: Environ | None = None
    touched: set[Any] = field(default_factory=set)

    def noting(self, real: Callable[..., None]) -> Callable[..., None]:
        """Return what stands in for *real*, ``os.putenv`` or ``os.unsetenv``, which ``os.environ`` calls."""

        def change(name: Any, /, *value: Any) -> None:
            self.touched.add(os.fsencode(name))
            real(name, *value)

        return change


_programs = _Programs()
_noting_putenv, _noting_unsetenv = _programs.noting(os.putenv), _programs.noting(os.unsetenv)


def show_environ(wanted: Environ) -> None:
    """Let ``os.environ`` have *wanted*, for Python alone, at next to no cost."""
    with _lock:
        if _programs.variables is None:
            _programs.variables = environ()
            os.putenv, os.unsetenv = _noting_putenv, _noting_unsetenv
        _show(wanted)


def set_environ(wanted: Environ) -> None:
    """Let ``os.environ`` have *wanted*, and programs as well; for them only what differs is touched."""
    with _lock:
        touched = _programs.touched
        there = environ() if _programs.variables is None else _programs.variables
        if touched or there is not wanted:
            for name in (there.keys() | touched) - wanted.keys():
                _real_unsetenv(name)
            for name, value in wanted.items():
                if there.get(name) != value or name in touched:
                    _real_putenv(name, value)
        _show(wanted)
        _programs.variables = None
        touched.clear()
        os.putenv, os.unsetenv = _real_putenv, _real_unsetenv


def set_variable(name: str, value: str) -> None:
    """Set ``os.environ[name]``; for programs only where they find what ``os.environ`` has."""
    if _programs.variables is None:
        os.environ[name] = value
    else:
        _environ._data[os.environ.encodekey(name)] = os.environ.encodevalue(value)  # noqa: SLF001


def _show(wanted: Environ) -> None:
    _environ._data = wanted  # noqa: SLF001
    if _twin is not None:
        _twin._data = wanted  # noqa: SLF001


_BORROWED = (
    *((sys, "stdout"), (sys, "stderr"), (sys, "breakpointhook"), (tempfile, "tempdir"), (threading.Thread, "start")),
    *((os, "_exit"), (os, "abort"), (os, "kill"), (signal, "raise_signal")),
)
"""What a process has for all of its code: borrowed as one thing, since every run borrows all of it."""

_OWNERS_OF_IT: tuple[Any, ...] = tuple(owner for owner, _ in _BORROWED)
_NAMES_OF_IT = tuple(name for _, name in _BORROWED)
Found = tuple[Environ, list[logging.Handler], int, tuple[Any, ...]]


def _save_process() -> Found:
    values = tuple(map(getattr, _OWNERS_OF_IT, _NAMES_OF_IT))
    return _environ._data, list(logging.root.handlers), logging.root.level, values  # noqa: SLF001 - as in `environ`


def _restore_process(found: Found) -> None:
    variables, handlers, level, values = found
    set_environ(variables)
    logging.root.handlers[:] = handlers
    if logging.root.level != level:
        logging.root.setLevel(level)
    for (owner, name), value in zip(_BORROWED, values, strict=True):
        setattr(owner, name, value)


def _save_imports() -> tuple[list[str], list[str], dict[str, Any], bool]:
    return sys.path, list(sys.path), dict(sys.modules), sys.dont_write_bytecode


def _restore_imports(saved: tuple[list[str], list[str], dict[str, Any], bool]) -> None:
    sys.path, entries, modules, sys.dont_write_bytecode = saved
    sys.path[:] = entries
    for name, module in modules.items():
        if sys.modules.get(name) is not module:
            sys.modules[name] = module


PROCESS: ProcessState[Any] = ProcessState("process", _save_process, _restore_process)
IMPORTS: ProcessState[Any] = ProcessState("imports", _save_imports, _restore_imports)


_layers: list[dict[ProcessState[Any], Any]] = []


class Borrowed:
    """Lets the ``with`` block change *states* of the process as it likes: they are put back at its end.

    It gives what was found. A class, since a generator takes longer than most of what is borrowed.
    """

    __slots__ = ("_found", "_states")

    def __init__(self, *states: ProcessState[Any]) -> None:
        self._states = states

    def __enter__(self) -> Mapping[ProcessState[Any], Any]:
        with _lock:
            self._found: dict[ProcessState[Any], Any] = {}
            for state in self._states:
                self._found[state] = state.save()
            _layers.append(self._found)
            return self._found

    def __exit__(self, *_: object) -> None:
        with _lock:
            if _layers[-1] is not self._found:
                _hand_up(self._found)
                return
            _layers.pop()
            for state, found in self._found.items():
                state.restore(found)


def output_of_the_test(number: int) -> TextIO | None:
    """Return what stood for the stream *number*, 0 for stdout and 1 for stderr, before anything was borrowed."""
    with _lock:
        found: Found | None = next((layer[PROCESS] for layer in _layers if PROCESS in layer), None)
    if found is None:
        return None
    stream: TextIO = found[-1][number]
    return stream


def _hand_up(layer: dict[ProcessState[Any], Any]) -> None:
    """Take *layer* out from below others: who is next above it restores what it had found."""
    place = next(index for index, other in enumerate(_layers) if other is layer)
    above = _layers[place + 1 :]
    del _layers[place]
    for state, found in layer.items():
        heir = next((other for other in above if state in other), None)
        if heir is None:
            state.restore(found)
        else:
            heir[state] = found


_real_kill = os.kill


def _exit(status: int) -> NoReturn:
    raise ProcessExit(status)


def _abort() -> NoReturn:
    raise Signalled(signal.SIGABRT)


def _kill(pid: int, number: int, /) -> None:
    if pid == os.getpid() and is_fatal(number) and signal.getsignal(number) in (signal.SIG_DFL, None):
        raise Signalled(number)
    _real_kill(pid, number)


def _raise_signal(number: int, /) -> None:
    _kill(os.getpid(), number)


ENDED_BY_EXCEPTION = _exit, _abort, _kill, _raise_signal
"""In place of what ends a process: it ends the function, not the test run."""


def debugging_on(stdout: TextIO, stderr: TextIO, hook: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``sys.breakpointhook`` that gives the terminal back first: a debugger's prompt must be seen."""

    def breakpoint_in_handler(*args: Any, **kwargs: Any) -> Any:
        sys.stdout, sys.stderr = stdout, stderr
        return hook(*args, **kwargs)

    return breakpoint_in_handler


# -- which threads are a function's: the one on which it runs, and those that are started from there. Streams and
# logging are there for all threads: what other threads of the test print meanwhile is not that function's.


class Outlet:
    """Where all that an execution environment puts out goes: to `log`. Its threads belong to it."""

    log: InvocationLog | None = None

    def lead_to(self, log: InvocationLog | None) -> None:
        """From now on, what is put out goes to *log*."""
        self.log = log


OWNERS = "_lambda_states_mock_owners"
"""The attribute of a thread that says whose it is, outermost first: handlers invoke handlers."""

_real_start = threading.Thread.start


def owners() -> tuple[Outlet, ...]:
    """Return whose the running thread is."""
    found: tuple[Any, ...] = getattr(threading.current_thread(), OWNERS, ())
    return found


def pass_on() -> None:
    """Let threads belong to the owners of the thread that starts them; `PROCESS` must be borrowed."""
    global _real_start  # noqa: PLW0603 - other libraries, too, may have replaced it
    if threading.Thread.start is not start:
        _real_start = threading.Thread.start
        setattr(threading.Thread, "start", start)  # noqa: B010 - a type checker would not have it assigned


def start(thread: threading.Thread) -> None:
    """In place of ``Thread.start``: the thread has the owners of the one that starts it."""
    setattr(thread, OWNERS, owners())
    _real_start(thread)
