"""Which threads are a function's: the one on which it runs, and those that are started from there.

What a process has for all of its code is a function's for its own threads alone. All others are the test's, which goes
on meanwhile, or another function's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution import function_threads
from lambda_states_mock.execution.function_threads import OWNERS, RUNNING
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.in_process.ephemeral_storage import EphemeralStorage
from lambda_states_mock.execution.sleeping import EnvironmentEnded
from lambda_states_mock.genuine import genuine

Environ = dict[Any, Any]
"""Environment variables as ``os.environ`` keeps them inside."""


class Outlet:
    """Where all that an execution environment puts out goes: to `log`."""

    log: InvocationLog | None = None


class Owner(Outlet):
    """An execution environment, as its threads find it.

    Parameters: *variables*, what ``os.environ`` has for them; *session*, of the function's role; *storage*, its
    /tmp; *is_of_the_test*, whether its code is a handler of the test, which shares the process of the test; *folders*,
    where its code is otherwise; *named_folders*, by their names in Lambda, those that it finds by these names.

    Attributes: *for_programs*, the variables that its code has set for programs, None where it has deleted one;
    *recurses_slowly*, whether its code has asked for more recursion than it gets; *of_libraries*, what libraries keep
    for the whole of a process, by library; *tempdir_found*, what was in ``tempfile.tempdir`` when its event began;
    *runs*, what runs in it now: without that it is frozen, with all of its threads.
    """

    def __init__(
        self,
        variables: Environ,
        *,
        session: RoleSession,
        storage: EphemeralStorage,
        is_of_the_test: bool,
        folders: tuple[str, ...] = (),
        named_folders: dict[str, str] | None = None,
    ) -> None:
        self.named_folders = named_folders or {}
        self.variables = variables
        self.session = session
        self.storage = storage
        self.is_of_the_test = is_of_the_test
        self.tempdir_found: Any = None
        self.runs: list[Any] = []
        self._folders = folders
        self.for_programs: Environ = {}
        self.recurses_slowly = False
        self.of_libraries: dict[str, Any] = {}

    def has_file(self, filename: str) -> bool:
        """Return True for a source file of its code."""
        return filename.startswith(self._folders)

    def restart(self, variables: Environ) -> None:
        """Begin with *variables*, as a new process does."""
        self.variables = variables
        self.for_programs = {}
        self.recurses_slowly = False
        self.of_libraries = {}


PARENTS: list[Owner] = []
"""In a process that was forked in a handler: those that run in the parent, outermost first. Empty in any other."""


def owners() -> tuple[Owner, ...]:
    """Return whose the running thread is."""
    found: tuple[Owner, ...] = getattr(RUNNING.thread, OWNERS, ())
    return found


def is_child() -> bool:
    """Return True in a process that the function which runs on this thread has forked: it is a real one."""
    return bool(PARENTS) and owners()[-1:] == (PARENTS[-1],)


def _before_fork() -> None:
    for owner in owners():
        owner.storage.make()  # a child may ask, and write there


def _begin_as_child() -> None:
    PARENTS[:] = owners()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_begin_as_child)


class Substitute:
    """Stands for a function of the process while functions run: their own threads get something else.

    `isolation.lend` puts it there. Where somebody has replaced the function already, as tests do with a fake, it is
    that one which counts.

    Parameters: *place* and *name*, where the function is; *own*, what is called in its place, with the owner of the
    thread and the real function first; *others*, what is called on other threads, with the real function first, if it
    is not that alone; *insists*, whether it counts in place of a fake, too; *spares_the_test*, whether
    a handler of the test gets the real one, so that it stays where no zip's code runs.

    Attributes: *genuine*, the function of the library; *real*, what others than a function's threads get; *function*,
    what takes the place.
    """

    __slots__ = ("function", "genuine", "insists", "name", "place", "real", "spares_the_test")

    def __init__(
        self,
        place: Any,
        name: str,
        own: Callable[..., Any],
        *,
        others: Callable[..., Any] | None = None,
        insists: bool = False,
        spares_the_test: bool = False,
    ) -> None:
        self.place = place
        self.name = name
        self.insists = insists
        self.spares_the_test = spares_the_test
        self.genuine = self.real = genuine(place, name)

        @wraps(self.genuine)
        def function(*args: Any, **kwargs: Any) -> Any:
            mine = owners()
            if not mine or (spares_the_test and mine[-1].is_of_the_test):
                return self.real(*args, **kwargs) if others is None else others(self.real, *args, **kwargs)
            return own(mine[-1], self.real, *args, **kwargs)

        self.function = function

    def instead_of(self, found: Any) -> Any:
        """Return what is to stand where *found* is: its function, or *found* itself, a fake that counts."""
        if found is self.function or not (found is self.genuine or self.insists):
            return found
        self.real = found
        return self.function


def substitutes(
    place: Any, own: dict[str, Callable[..., Any]], *, insists: bool = False, spares_the_test: bool = False
) -> tuple[Substitute, ...]:
    """Return substitutes for what there is on this system of the names in *own*."""
    return tuple(
        Substitute(place, name, function, insists=insists, spares_the_test=spares_the_test)
        for name, function in own.items()
        if genuine(place, name, None) is not None
    )


def _start(_owner: Owner, real: Callable[..., None], thread: threading.Thread) -> None:
    """Start *thread*: it has the owners of the one that starts it, and ends without a word where they do."""
    run = thread.run

    def run_until_the_end() -> None:
        del thread.run  # as if it had never been replaced
        with suppress(EnvironmentEnded):
            run()

    thread.run = run_until_the_end  # type: ignore[method-assign]
    function_threads.note(thread, owners())
    real(thread)


SUBSTITUTES = (Substitute(threading.Thread, "start", _start, insists=True),)
