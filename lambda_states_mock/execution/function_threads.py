"""Threads that code of functions has started, whichever runtime runs it: their environment freezes and ends them."""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakSet

from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution.hang_guard import raise_in
from lambda_states_mock.execution.sleeping import EnvironmentEnded

OWNERS = "_lambda_states_mock_owners"
"""The attribute of a thread that says whose it is, outermost first: handlers invoke handlers."""


class _Running(threading.local):
    """The running thread, looked for once in each.

    Attributes: *thread*, None where `threading` does not know it. `threading.current_thread` would let everybody see
    such a one from then on.
    """

    def __init__(self) -> None:
        me = threading.get_ident()
        self.thread = next((one for one in threading.enumerate() if one.ident == me), None)


RUNNING = _Running()


def known_thread() -> threading.Thread:
    """Return the running thread, which `threading` knows from now on: code of a function is about to run there."""
    RUNNING.thread = thread = threading.current_thread()
    return thread


_started: WeakSet[threading.Thread] = WeakSet()


def note(thread: threading.Thread, owners: tuple[Any, ...]) -> None:
    """Note that *thread* is started by code of *owners*; the attribute ``runs`` of each says whether it runs now."""
    setattr(thread, OWNERS, owners)
    _started.add(thread)


def role_session_of_this_thread() -> RoleSession | None:
    """Return the role session of the function whose code runs on this thread; None where it is the test's."""
    owners: tuple[Any, ...] = getattr(RUNNING.thread, OWNERS, ())
    session: RoleSession | None = owners[-1].session if owners else None
    return session


def libraries_of_this_thread() -> dict[str, Any] | None:
    """Return what libraries keep for the process of the function whose code runs on this thread; else None."""
    owners: tuple[Any, ...] = getattr(RUNNING.thread, OWNERS, ())
    kept: dict[str, Any] | None = owners[-1].of_libraries if owners else None
    return kept


def runs_code_of_a_function() -> bool:
    """Return True on a thread on which a handler runs, or which one has started."""
    return bool(getattr(RUNNING.thread, OWNERS, ()))


def is_frozen(thread: threading.Thread) -> bool:
    """Return True for a *thread* that a function has started whose environment is frozen."""
    owners: tuple[Any, ...] = getattr(thread, OWNERS, ())
    return bool(owners) and not owners[-1].runs


def end_threads_of(owner: object) -> list[threading.Thread]:
    """Let the threads that code of *owner* has started end at their next instruction, and return them."""
    threads = [one for one in list(_started) if one.is_alive() and getattr(one, OWNERS)[-1] is owner]
    for thread in threads:
        raise_in(thread.ident or 0, EnvironmentEnded)
    return threads
