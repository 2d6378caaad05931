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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TextIO, TypeVar

from lambda_states_mock.crashes import Signalled, is_fatal

T = TypeVar("T")


class ProcessExit(BaseException):
    """``os._exit`` was called inside a function. *status* is what it was called with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, eq=False)
class Belonging(Generic[T]):
    """One thing that a process has: how to look at it, and how to put it back."""

    name: str
    save: Callable[[], T]
    restore: Callable[[T], None]


Environ = dict[Any, Any]
"""Environment variables as ``os.environ`` keeps them inside, where to swap all of them costs a tenth."""

_environ: Environ = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001 - there is no quick public way


def environ() -> Environ:
    """Return what ``os.environ`` has now."""
    return dict(_environ)


def encoded(variables: Mapping[str, str]) -> Environ:
    """Return *variables* as ``os.environ`` would keep them."""
    key: Any = os.environ.encodekey
    value: Any = os.environ.encodevalue
    return {key(name): value(text) for name, text in variables.items()}


def set_environ(wanted: Environ) -> None:
    """Make ``os.environ`` equal to *wanted*; only what differs is touched."""
    there = _environ
    if there == wanted:
        return
    for name in [name for name in there if name not in wanted]:
        os.unsetenv(name)
        del there[name]
    for name, value in wanted.items():
        if there.get(name) != value:
            os.putenv(name, value)
            there[name] = value


def _save_output() -> tuple[TextIO, TextIO, Callable[..., Any]]:
    return sys.stdout, sys.stderr, sys.breakpointhook


def _restore_output(saved: tuple[TextIO, TextIO, Callable[..., Any]]) -> None:
    sys.stdout, sys.stderr, sys.breakpointhook = saved


def _save_logging() -> tuple[list[logging.Handler], int]:
    return list(logging.root.handlers), logging.root.level


def _restore_logging(saved: tuple[list[logging.Handler], int]) -> None:
    logging.root.handlers[:] = saved[0]
    if logging.root.level != saved[1]:
        logging.root.setLevel(saved[1])


def _save_imports() -> tuple[list[str], list[str], dict[str, Any], bool]:
    return sys.path, list(sys.path), dict(sys.modules), sys.dont_write_bytecode


def _restore_imports(saved: tuple[list[str], list[str], dict[str, Any], bool]) -> None:
    sys.path, entries, modules, sys.dont_write_bytecode = saved
    sys.path[:] = entries
    for name, module in modules.items():
        if sys.modules.get(name) is not module:
            sys.modules[name] = module


ENVIRON: Belonging[Any] = Belonging("environ", environ, set_environ)
OUTPUT: Belonging[Any] = Belonging("output", _save_output, _restore_output)
LOGGING: Belonging[Any] = Belonging("logging", _save_logging, _restore_logging)
IMPORTS: Belonging[Any] = Belonging("imports", _save_imports, _restore_imports)
TEMPDIR: Belonging[Any] = Belonging(
    "tempdir", lambda: tempfile.tempdir, lambda saved: setattr(tempfile, "tempdir", saved)
)
EXIT: Belonging[Any] = Belonging("exit", lambda: (os._exit, os.abort, os.kill), lambda saved: _set_exits(*saved))


_lock = threading.Lock()
_layers: list[dict[Belonging[Any], Any]] = []


@contextmanager
def borrowed(*belongings: Belonging[Any]) -> Iterator[Mapping[Belonging[Any], Any]]:
    """Let the ``with`` block change *belongings* of the process as it likes: they are put back at its end.

    What it is given is how they were found.
    """
    with _lock:
        layer = {belonging: belonging.save() for belonging in belongings}
        _layers.append(layer)
    try:
        yield dict(layer)
    finally:
        with _lock:
            _take_away(layer)


def output_of_the_test(number: int) -> TextIO | None:
    """Return what stood for the stream *number*, 0 for stdout and 1 for stderr, before anything was borrowed."""
    with _lock:
        found = next((layer[OUTPUT] for layer in _layers if OUTPUT in layer), None)
    return None if found is None else found[number]


def _take_away(layer: dict[Belonging[Any], Any]) -> None:
    place = next(index for index, other in enumerate(_layers) if other is layer)
    above = _layers[place + 1 :]
    del _layers[place]
    for belonging, found in layer.items():
        heir = next((other for other in above if belonging in other), None)
        if heir is None:
            belonging.restore(found)
        else:
            heir[belonging] = found


_real_kill = os.kill


def _set_exits(leave: Any, abort: Any, kill: Any) -> None:
    os._exit, os.abort, os.kill = leave, abort, kill


def end_by_exception() -> None:
    """Let ``os._exit``, ``os.abort`` and ``os.kill`` end the function, not the test run; `EXIT` must be borrowed."""
    _set_exits(_exit, _abort, _kill)


def _exit(status: int) -> NoReturn:
    raise ProcessExit(status)


def _abort() -> NoReturn:
    raise Signalled(signal.SIGABRT)


def _kill(pid: int, number: int, /) -> None:
    if pid == os.getpid() and is_fatal(number) and signal.getsignal(number) in (signal.SIG_DFL, None):
        raise Signalled(number)
    _real_kill(pid, number)


def debugging_on(stdout: TextIO, stderr: TextIO, hook: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``sys.breakpointhook`` that gives the terminal back first: a debugger's prompt must be seen."""

    def breakpoint_in_handler(*args: Any, **kwargs: Any) -> Any:
        sys.stdout, sys.stderr = stdout, stderr
        return hook(*args, **kwargs)

    return breakpoint_in_handler
