"""Settings that a process has once, whoever changes them: a function's are its own, the test's stay as they are.

They are put back after each run, and laid over the test's again for the next one in the same environment.
"""

from __future__ import annotations

import locale
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.isolation import ProcessState

Settings = Mapping[str, Any]

# What code handles. Asked for where the answer is no enumeration, which takes longer than all the rest.
_HANDLED = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE")
_SIGNALS = tuple(getattr(signal, name) for name in _HANDLED if hasattr(signal, name))
_getsignal: Callable[[int], Any] = getattr(signal, "_signal", signal).getsignal

# As `catch_warnings` does, so that warnings which were shown once are looked at anew. It has no public name.
_filters_have_changed: Callable[[], object] = getattr(warnings, "_filters_mutated", lambda: None)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a Path would take ten times as long
    except FileNotFoundError:
        return None


def _enter_folder(folder: str | None) -> None:
    if folder is not None:
        with suppress(OSError):  # it may be gone by now
            os.chdir(folder)


def _set_arguments(found: tuple[int, list[str], list[str]]) -> None:
    _, sys.argv, arguments = found
    sys.argv[:] = arguments


def _filters() -> tuple[int, Any, list[Any], Any]:
    return id(warnings.filters), warnings.filters, list(warnings.filters), warnings.showwarning


def _set_filters(found: tuple[int, Any, list[Any], Any]) -> None:
    _, there, filters, warnings.showwarning = found
    there[:] = filters
    vars(warnings)["filters"] = there
    _filters_have_changed()


def _hooks() -> tuple[Any, ...]:
    return sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook


def _set_hooks(found: tuple[Any, ...]) -> None:
    sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook = found


def _set_locale(found: str) -> None:
    with suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, found)


def _set_signals(found: tuple[Any, ...]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # where nobody can set one either
    for number, action in zip(_SIGNALS, found, strict=True):
        if action is not None and _getsignal(number) is not action:
            signal.signal(number, action)


_ALL: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "folder": (_folder, _enter_folder),
    "arguments": (lambda: (id(sys.argv), sys.argv, list(sys.argv)), _set_arguments),
    "recursion limit": (sys.getrecursionlimit, sys.setrecursionlimit),
    "locale": (partial(locale.setlocale, locale.LC_ALL), _set_locale),
    "warnings": (_filters, _set_filters),
    "hooks": (_hooks, _set_hooks),
    "signals": (lambda: tuple(map(_getsignal, _SIGNALS)), _set_signals),
}


def read() -> Settings:
    """Return all of them as they are."""
    return {name: get() for name, (get, _) in _ALL.items()}


def write(wanted: Settings) -> None:
    """Let those that are in *wanted* be so; only what differs is touched."""
    for name, value in wanted.items():
        get, set_ = _ALL[name]
        if get() != value:
            set_(value)


def changed(since: Settings) -> Settings:
    """Return those that are not as they were."""
    return {name: value for name, value in read().items() if value != since[name]}


def handler_of(number: int, own: Settings) -> Callable[[int, Any], object] | None:
    """Return what a process with these *own* settings calls for the signal *number*; None for Python's way."""
    actions = own.get("signals")
    action = actions[_SIGNALS.index(number)] if actions is not None and number in _SIGNALS else None
    return action if callable(action) else None


SETTINGS: ProcessState[Any] = ProcessState("settings", read, write)
