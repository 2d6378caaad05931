"""Whose surroundings are shown: those of one environment at a time, and the test's where no code of a zip runs.

An event that begins hides those of another one, and its end shows them again. Events run at the same time on several
threads: while there are several, each import of a name that some function brings along takes a turn, in which its
thread's surroundings are shown. To begin an event takes a turn, too, so that nobody's import is cut in two.

A turn lasts as long as an import. Whoever waits for one holds no lock. A thread that the code of a turn has started
need not wait, and nobody waits for longer than `LONGEST_WAIT`, so code that waits for other code cannot hang.
"""

from __future__ import annotations

import builtins
import importlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from lambda_states_mock.execution.runtimes.in_process.isolation import LOCK
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, owners
from lambda_states_mock.execution.runtimes.in_process.surroundings import RootLogger, Surroundings, root_logger
from lambda_states_mock.restoring import all_of

LONGEST_WAIT = 10
"""Real seconds."""


class _Holder(NamedTuple):
    thread: threading.Thread
    owners: tuple[Owner, ...]


class Turn:
    """One at a time, in a ``with`` block. Turns of one thread, and of those that it has started, are one."""

    _lock = threading.RLock()  # by itself, as nobody waits for most turns: the condition takes longer
    _ended = threading.Condition(_lock)
    _holders: list[_Holder] = []  # noqa: RUF012 - of the process
    _waiting: list[_Holder] = []  # noqa: RUF012 - of the process

    def __enter__(self) -> None:
        self._me = _Holder(threading.current_thread(), owners())
        with self._lock:
            if self._holders:
                self._waiting.append(self._me)
                try:
                    self._ended.wait_for(self._is_mine, LONGEST_WAIT)
                finally:
                    self._waiting.remove(self._me)
            self._holders.append(self._me)

    def _is_mine(self) -> bool:
        return all(
            other.thread is self._me.thread or (other.owners and other.owners[-1] in self._me.owners)
            for other in self._holders
        )

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._holders.remove(self._me)
            if self._waiting:
                self._ended.notify_all()

    @classmethod
    def begin_as_child(cls) -> None:
        """Forget the turns of threads that a fork has left behind."""
        cls._lock = threading.RLock()
        cls._ended = threading.Condition(cls._lock)
        for those in (cls._holders, cls._waiting):
            those[:] = [one for one in those if one.thread is threading.current_thread()]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Turn.begin_as_child)


class Showing:
    """Whose are shown, and whose events are running, the last one last."""

    now: Surroundings | None = None
    running: list[Surroundings] = []  # noqa: RUF012 - of the process


def enter(wanted: Surroundings) -> Surroundings | None:
    """Show *wanted* while an event runs; return what was shown, for `leave`."""
    with Turn(), LOCK:
        before = Showing.now
        if threading.active_count() > 1 and not _imports_by_thread.installed:
            _show(None)
            _imports_by_thread.install()
        Showing.running.append(wanted)
        _show(wanted)
        return before


def leave(left: Surroundings, before: Surroundings | None) -> None:
    """Hide what `enter` has shown, and show what was there *before*, if its event still runs."""
    with LOCK:
        if left in Showing.running:
            Showing.running.remove(left)
        try:
            if Showing.now is left:
                _show(_still_running(before))
        finally:
            if not Showing.running and _imports_by_thread.installed:
                _imports_by_thread.uninstall()


def restart(restarted: Surroundings) -> None:
    """Let *restarted* begin anew, between `enter` and `leave`."""
    with Turn(), LOCK:
        shown = Showing.now
        _show(None)
        restarted.forget()
        _show(shown)


def root_logger_of_the_test() -> RootLogger:
    """Return what the root logger has where no function's is shown."""
    return root_logger() if Showing.now is None else Showing.now.of_the_test


def _still_running(before: Surroundings | None) -> Surroundings | None:
    if before in Showing.running or not Showing.running:
        return before if Showing.running else None
    return Showing.running[-1]


def _show(wanted: Surroundings | None) -> None:
    shown, Showing.now = Showing.now, wanted
    if shown is wanted:
        return
    steps: list[Callable[[], object]] = [] if shown is None else [shown.hide]
    if wanted is not None:
        steps.append(wanted.show)
    all_of(steps)


class _ImportsByThread:
    """In place of ``import`` and `importlib.import_module`, while code of zips runs beside other threads."""

    installed = False

    def __init__(self) -> None:
        self._real: Callable[..., Any] = builtins.__import__
        self._real_module: Callable[..., Any] = importlib.import_module

    def install(self) -> None:
        self.installed = True
        self._real, self._real_module = builtins.__import__, importlib.import_module
        vars(builtins)["__import__"], vars(importlib)["import_module"] = self.import_, self.import_module

    def uninstall(self) -> None:
        self.installed = False
        vars(builtins)["__import__"], vars(importlib)["import_module"] = self._real, self._real_module

    def import_(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of ``__import__``
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        package = "" if not level or globals is None else str(globals.get("__package__") or globals.get("__name__"))
        if not _is_somebodys(package or name):
            return self._real(name, globals, locals, fromlist, level)
        with Turn():
            return _among_own(partial(self._real, name, globals, locals, fromlist, level))

    def import_module(self, name: str, package: str | None = None) -> Any:
        if not _is_somebodys(package or name if name.startswith(".") else name):
            return self._real_module(name, package)
        with Turn():
            return _among_own(partial(self._real_module, name, package))


_imports_by_thread = _ImportsByThread()


def _is_somebodys(name: str) -> bool:
    """Return True for the name of a module that a function which runs has brought along."""
    return any(one.space.has(name) for one in Showing.running)


def _among_own(work: Callable[[], Any]) -> Any:
    """Return what *work* does where this thread's surroundings are shown, those of the test for its threads."""
    mine = owners()
    owner = mine[-1] if mine else None
    with LOCK:
        before = Showing.now
        own = next((one for one in Showing.running if one.owner is owner), None)
        _show(own)
    try:
        return work()
    finally:
        if own is None:  # what the test's threads look up is there, shown or not
            with LOCK:
                _show(_still_running(before))
