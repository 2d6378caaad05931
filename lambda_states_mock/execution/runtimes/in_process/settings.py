"""Settings that a process has once, whoever changes them: a function's are its own, the test's stay as they are.

They are put back after each run, and laid over the test's again for the next one in the same environment.
"""

from __future__ import annotations

import gc
import locale
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import attrgetter, is_
from types import ModuleType
from typing import Any

from lambda_states_mock.execution.runtimes.in_process import noted
from lambda_states_mock.execution.runtimes.in_process.names_copied import LastCopy, NamesCopied, held_by
from lambda_states_mock.execution.runtimes.in_process.random_values import FOR_SECRETS
from lambda_states_mock.genuine import genuine
from lambda_states_mock.restoring import all_of

Settings = Mapping[str, Any]
Found = tuple[list[Any], dict[str, Any]]
"""Settings as they were found: the values of whole ones, in their order, and those in parts."""

# Code may have replaced these when they are needed.
_getcwd: Callable[[], str] = genuine(os, "getcwd")
_chdir = genuine(os, "chdir")
_setrecursionlimit = genuine(sys, "setrecursionlimit")


def _folder() -> str | None:
    try:
        return _getcwd()
    except FileNotFoundError:
        return None


def _enter_folder(folder: str | None) -> None:
    if folder is not None:
        with suppress(OSError):  # it may be gone by now
            _chdir(folder)


def _set_arguments(found: tuple[int, list[str], list[str]]) -> None:
    _, sys.argv, arguments = found
    sys.argv[:] = arguments


def _filters() -> tuple[int, Any, list[Any], Any]:
    return id(warnings.filters), warnings.filters, list(warnings.filters), warnings.showwarning


def _is_captured(shows: Any) -> bool:
    """Return True where *shows*, a ``warnings.showwarning``, is that of `logging`."""
    return bool(getattr(shows, "__module__", "") == logging.__name__)


def _set_filters(found: tuple[int, Any, list[Any], Any]) -> None:
    _, there, filters, shows = found
    if _is_captured(shows) != _is_captured(warnings.showwarning):
        logging.captureWarnings(_is_captured(shows))  # which remembers what showed them before
    warnings.showwarning = shows
    there[:] = filters
    vars(warnings)["filters"] = there
    with warnings.catch_warnings():  # its end says that they have changed: what was shown once is looked at anew
        pass


def _set_locale(found: str) -> None:
    with suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, found)


def _set_recursion_limit(found: int) -> None:
    with suppress(RecursionError):  # where the test is deeper already than the function was
        _setrecursionlimit(found)


def _socket_timeout() -> float | None:
    socket = sys.modules.get("socket")  # not imported for this alone
    return None if socket is None else socket.getdefaulttimeout()


def _set_socket_timeout(found: float | None) -> None:
    socket = sys.modules.get("socket")
    if socket is not None:
        socket.setdefaulttimeout(found)


_disabled = attrgetter("root.manager.disable")
_LEVELS = [name for name in ("_levelToName", "_nameToLevel") if hasattr(logging, name)]


def _level_names() -> tuple[dict[Any, Any], ...]:
    return tuple(map(dict, map(vars(logging).__getitem__, _LEVELS)))


def _set_level_names(found: tuple[dict[Any, Any], ...]) -> None:
    for name, names in zip(_LEVELS, found, strict=True):
        there = vars(logging)[name]
        there.clear()
        there.update(names)


def _differ(now: Any, before: Any) -> bool:
    try:
        return bool(now != before)
    except Exception:  # an object of the code's own that cannot be compared
        return True


class Row:
    """A setting: how to look at it, and how to set it."""

    def __init__(self, get: Callable[[], Any], set_: Callable[[Any], Any]) -> None:
        self.get = get
        self.set = set_

    def put_back(self, found: Any, _changed: Any) -> None:
        """Let it be as it was *found*, before it was *changed*."""
        self.set(found)


class _InParts(Row):
    """A setting of which code may change a part: the rest stays the test's."""

    def difference(self, since: Any) -> dict[Any, Any]:
        """Return the parts that have changed."""
        raise NotImplementedError


class _Loggers(_InParts):
    """What code does to loggers that are there for all, `logging.config` first of all: each logger is one by itself."""

    def __init__(self) -> None:
        super().__init__(self._read, self._write)
        self._forget()

    def _forget(self) -> None:
        self._there: Any = None
        self._containers: tuple[Any, ...] = ()  # a look would copy a list
        self._held: list[Any] = []
        self._last: tuple[list[logging.Logger], list[Any]] = [], []

    def _read(self) -> tuple[list[logging.Logger], list[Any]]:
        """Return all loggers, and for each what code does to it: the same objects as the last time if nothing has."""
        there = logging.root.manager.loggerDict
        try:
            are_as_before = self._there is there and held_by(*self._containers) == self._held
        except Exception:  # a value of the code's own that cannot be compared
            are_as_before = False
        if not are_as_before:
            loggers = [one for one in list(there.values()) if isinstance(one, logging.Logger)]
            self._containers = (there, *chain.from_iterable(map(_parts_of, loggers)))
            self._held = held_by(*self._containers)  # before the states, which another thread may change meanwhile
            self._last = loggers, [_state_of(one) for one in loggers]
            self._there = there
        return self._last

    def _write(self, wanted: Mapping[logging.Logger, Any]) -> None:
        self._forget()  # handlers of a function are not kept
        all_of([partial(self._set, logger, *value) for logger, value in wanted.items()])
        logging.root.setLevel(logging.root.level)  # logging forgets which levels it has found enabled

    @staticmethod
    def _set(logger: logging.Logger, disabled: bool, propagate: bool, level: int, handlers: Any) -> None:
        logger.handlers[:] = handlers
        logger.disabled, logger.propagate, logger.level = disabled, propagate, level

    def difference(self, since: Any) -> dict[Any, Any]:
        now = self._read()
        if now is since or not _differ(now, since):  # at once, as it is nearly always
            return {}
        before = dict(zip(*since, strict=True))
        return {one: value for one, value in zip(*now, strict=True) if _differ(value, before.get(one, _NEW))}

    def put_back(self, found: Any, changed: Any) -> None:
        before = dict(zip(*found, strict=True))
        self._write({one: before.get(one, _NEW) for one in changed})


def _parts_of(logger: logging.Logger) -> tuple[Any, ...]:
    if sys.version_info >= (3, 13):  # attributes are in the object itself, or in its dict
        return logger, vars(logger), logger.handlers
    return vars(logger), logger.handlers


def _state_of(logger: logging.Logger) -> tuple[bool, bool, int, tuple[logging.Handler, ...]]:
    return logger.disabled, logger.propagate, logger.level, tuple(logger.handlers)


_NEW: tuple[bool, bool, int, tuple[()]] = (False, True, logging.NOTSET, ())


class _Patches(_InParts):
    """What code replaces in modules that all code uses: found by their names, with a copy of what they have."""

    def __init__(self) -> None:
        super().__init__(self._read, self._write)
        self._last = LastCopy()
        self._modules: list[Any] = [None] * len(PATCHED)
        self._spaces: dict[str, dict[str, Any]] = {}

    def _read(self) -> tuple[dict[str, dict[str, Any]], NamesCopied]:
        there = self._there()
        return there, self._last.of(*there.values())

    def _there(self) -> dict[str, dict[str, Any]]:
        """Return the names that there are in each of the modules: the same dict as long as these are the same."""
        modules = list(map(sys.modules.get, PATCHED))
        if not all(map(is_, modules, self._modules)):
            found = {name: one for name, one in zip(PATCHED, modules, strict=True) if one is not None}
            if not all(type(one) is ModuleType for one in found.values()):
                # Python 3.13 keeps the attributes of what is no module, a fake of the test, outside of its dict.
                return {name: dict(vars(one)) for name, one in found.items()}
            self._modules, self._spaces = modules, {name: vars(one) for name, one in found.items()}
        return self._spaces

    def _write(self, wanted: Mapping[tuple[str, str], Any]) -> None:
        all_of([partial(_set_attribute, module, name, value) for (module, name), value in wanted.items()])

    def difference(self, since: Any) -> dict[Any, Any]:
        changed: dict[tuple[str, str], Any] = {}
        (names, copy), now = since, self._there()
        if names.keys() == now.keys() and copy.is_still(*now.values()):
            return changed
        for module, before in zip(names, copy.spaces, strict=True):
            there = now.get(module, before)
            for name in there.keys() | before.keys():
                value = there.get(name, _ABSENT)
                if value is not before.get(name, _ABSENT) and not _is_elsewhere(name, value):
                    changed[module, name] = value
        return changed

    def put_back(self, found: Any, changed: Any) -> None:
        names, copy = found
        before = dict(zip(names, copy.spaces, strict=True))
        self._write({(module, name): before[module].get(name, _ABSENT) for module, name in changed})


PATCHED = ("builtins", "json", "os", "random", "socket", "sys", "time")
"""The modules in which attributes that code in a zip replaces are its own."""


def _set_attribute(name_of_module: str, name: str, value: Any) -> None:
    module = sys.modules.get(name_of_module)
    if module is None:
        return  # the test has taken it away meanwhile
    if value is _ABSENT:
        vars(module).pop(name, None)
    else:
        setattr(module, name, value)


_ABSENT: Any = object()
_ELSEWHERE = frozenset(
    {
        *("stdout", "stderr", "argv", "path", "path_hooks", "meta_path", "modules", "dont_write_bytecode"),
        "breakpointhook",
        *("urandom", FOR_SECRETS, "environ", "environb"),
        *("_", "__import__", "__warningregistry__"),
    }
)


def _is_elsewhere(name: str, value: Any) -> bool:
    """Return True for what is put back in another way, or belongs to the interpreter, or is a part of a package."""
    return name in _ELSEWHERE or name.startswith("last_") or isinstance(value, ModuleType)


def _attribute(owner: Any, name: str) -> Row:
    return Row(partial(attrgetter(name), owner), partial(setattr, owner, name))


# Read without a step of Python, where that can be: each run reads all of them twice.
_WHOLE: dict[str, Row] = {
    "folder": Row(_folder, _enter_folder),
    "arguments": Row(lambda: (id(sys.argv), sys.argv, list(sys.argv)), _set_arguments),
    "recursion limit": Row(sys.getrecursionlimit, _set_recursion_limit),
    "switch interval": Row(sys.getswitchinterval, sys.setswitchinterval),
    "garbage": Row(gc.isenabled, lambda found: (gc.enable if found else gc.disable)()),
    "thresholds of garbage": Row(gc.get_threshold, lambda found: gc.set_threshold(*found)),
    "locale": Row(partial(locale.setlocale, locale.LC_ALL), _set_locale),
    "socket timeout": Row(_socket_timeout, _set_socket_timeout),
    "warnings": Row(_filters, _set_filters),
    "profile of threads": Row(threading.getprofile, threading.setprofile),
    "trace of threads": Row(threading.gettrace, threading.settrace),
    "class of loggers": Row(logging.getLoggerClass, logging.setLoggerClass),
    "factory of records": Row(logging.getLogRecordFactory, logging.setLogRecordFactory),
    "disabled levels": Row(partial(_disabled, logging), logging.disable),
    "hook of threads": _attribute(threading, "excepthook"),
    "errors of logging": _attribute(logging, "raiseExceptions"),
    "last handler": _attribute(logging, "lastResort"),
    "level names": Row(_level_names, _set_level_names),
    "noted": Row(noted.read, noted.write),
}


_OF_THE_THREAD: dict[str, Row] = {
    "signals": Row(*noted.SIGNALS),
    "profile": Row(sys.getprofile, sys.setprofile),
    "trace": Row(sys.gettrace, sys.settrace),
}


class SettingsTable:
    """Settings that are read, set and put back together: *whole* ones, and those of which a part may change."""

    def __init__(self, whole: Mapping[str, Row], in_parts: Mapping[str, _InParts] | None = None) -> None:
        self._in_parts = in_parts or {}
        self._rows: dict[str, Row] = {**whole, **self._in_parts}
        self._names = tuple(whole)
        self._look = [row.get for row in whole.values()]

    def read(self) -> Found:
        """Return all of them as they are."""
        in_parts = {name: row.get() for name, row in self._in_parts.items()} if self._in_parts else {}
        return [look() for look in self._look], in_parts

    def changed(self, since: Found) -> Settings:
        """Return what of them is not as it was."""
        found: dict[str, Any] = {}
        whole_before, in_parts = since
        whole = [look() for look in self._look]
        if _differ(whole, whole_before):  # all of them at once: most runs change nothing
            looks = zip(self._names, whole, whole_before, strict=True)
            found = {name: now for name, now, before in looks if now is not before and _differ(now, before)}
        for name, row in self._in_parts.items():
            if parts := row.difference(in_parts[name]):
                found[name] = parts
        return found

    def write(self, wanted: Settings) -> None:
        """Let them be as in *wanted*, which `changed` has returned."""
        if wanted:
            all_of([partial(self._rows[name].set, value) for name, value in wanted.items()])

    def put_back(self, found: Found, changed: Settings) -> None:
        """Let those that are *changed* be as they were *found*."""
        if changed:
            whole, in_parts = found
            before = {**dict(zip(self._names, whole, strict=True)), **in_parts}
            all_of([partial(self._rows[name].put_back, before[name], value) for name, value in changed.items()])


OF_THE_PROCESS = SettingsTable(_WHOLE, {"loggers": _Loggers(), "patches": _Patches()})
OF_THE_THREAD = SettingsTable(_OF_THE_THREAD)
"""What code on another thread cannot see, or cannot set: signals are those of the main thread."""


def handler_of(number: int, own: Settings) -> Callable[[int, Any], object] | None:
    """Return what a process with these *own* settings calls for the signal *number*; None for Python's way."""
    action = own.get("signals", {}).get(number)
    return action if callable(action) else None
