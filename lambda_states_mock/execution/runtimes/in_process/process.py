"""The imaginary process of an execution environment: variables, streams, loggers and modules of its own."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from operator import is_
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSession
from lambda_states_mock.execution.function_threads import OWNERS, known_thread
from lambda_states_mock.execution.log_lines import TEXT, LogStyle
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.in_process import exits, isolation, settings, showing
from lambda_states_mock.execution.runtimes.in_process.ephemeral_storage import EphemeralStorage
from lambda_states_mock.execution.runtimes.in_process.import_space import ImportSpace
from lambda_states_mock.execution.runtimes.in_process.log_streams import LogStream, RuntimeLogHandler, root_level
from lambda_states_mock.execution.runtimes.in_process.own_threads import PARENTS, Owner
from lambda_states_mock.execution.runtimes.in_process.showing import Showing
from lambda_states_mock.execution.runtimes.in_process.surroundings import RootLogger, Surroundings
from lambda_states_mock.execution.runtimes.in_process.thread_state import ThreadState
from lambda_states_mock.execution.runtimes.in_process.variables import encoded
from lambda_states_mock.genuine import ENVIRON
from lambda_states_mock.restoring import all_of

# Of the standard library, and so not among the functions that an event goes through.
_encode_value: Callable[[str], Any] = ENVIRON.encodevalue
_TRACE: Any = ENVIRON.encodekey("_X_AMZN_TRACE_ID")


class Process:
    """What a function finds as its process, and leaves there for its next invocation.

    Its working directory is at first that of the test, whose threads share it.

    Parameters: *session*, of the function's role; *variables*, ``os.environ`` of a new process; *space*, its modules,
    None for a handler of the test, which lives among the test's modules and settings; *storage*, with the folder that
    `tempfile` uses; *named_folders*, by their names in Lambda, those that it finds by these names.
    """

    def __init__(
        self,
        *,
        clock: VirtualClock,
        session: RoleSession,
        variables: Mapping[str, str],
        space: ImportSpace | None,
        storage: EphemeralStorage,
        named_folders: dict[str, str] | None = None,
        style: LogStyle = TEXT,
    ) -> None:
        self._first_variables = encoded(variables)
        self.owner = Owner(
            dict(self._first_variables),
            session=session,
            storage=storage,
            is_of_the_test=space is None,
            folders=space.folders if space is not None else (),
            named_folders=named_folders,
        )
        self._streams = LogStream(self.owner, 0), LogStream(self.owner, 1)
        self._runtime_handler = RuntimeLogHandler(clock, style, outlet=self.owner)
        self._surroundings = Surroundings(self.owner, space, root_level(style)) if space is not None else None
        self._shown_before: Surroundings | None = None
        self._thread_state = ThreadState()
        self._root_logger: RootLogger | None = None
        self._terminal: tuple[Any, ...] = None, None, None
        self._debugging: Callable[..., Any] = sys.breakpointhook

    def entered(self, log: InvocationLog) -> AbstractContextManager[object]:
        """Be this process in the ``with`` block; what is printed and logged there goes to *log*."""
        return _Entered(self, log)

    def leave_at_the_end(self) -> None:
        """Put back what a run has left that an interrupt has kept from doing so."""
        all_of([run.put_back for run in reversed(self.owner.runs)])

    def write_to(self, log: InvocationLog) -> None:
        """Let what is printed and logged go to *log* from now on."""
        self.owner.log = log

    def set_trace(self, header: str) -> None:
        """Let the function find *header* in its environment variables."""
        self.owner.variables[_TRACE] = _encode_value(header)

    @property
    def on_sigterm(self) -> Callable[[int, Any], object] | None:
        """What the function has registered for SIGTERM, if anything."""
        return settings.handler_of(signal.SIGTERM, self._thread_state.changed)

    def restart(self) -> None:
        """End the process and begin a new one; to be called inside of `entered`."""
        self.owner.restart(dict(self._first_variables))
        if self._surroundings is not None:
            self._thread_state.restart()
            showing.restart(self._surroundings)

    @property
    def borrowed(self) -> tuple[isolation.ProcessState[Any], ...]:
        """What its code has of its own in place of the test's."""
        return isolation.FOR_THE_TEST if self._surroundings is None else isolation.FOR_ZIPS

    def take_place(self, found: Mapping[isolation.ProcessState[Any], Any]) -> None:
        """Let threads of the function find what is its own.

        `isolation.LOCK` must be held since the process was borrowed, where *found* was there.
        """
        isolation.lend(found)
        terminal = sys.stdout, sys.stderr, sys.breakpointhook
        if not all(map(is_, terminal, self._terminal)):  # another hook at each run would be a change of `sys`
            self._terminal, self._debugging = terminal, isolation.debugging_on(*terminal)
        sys.breakpointhook = self._debugging
        sys.stdout, sys.stderr = self._streams
        self.owner.tempdir_found = tempfile.tempdir
        root = logging.root
        if self._surroundings is None:
            own = RootLogger(root.handlers[:], root.level)
            self._root_logger = own if Showing.now is None else showing.root_logger_of_the_test()
        root.handlers.append(self._runtime_handler)

    def enter(self) -> None:
        """Show what code in a zip finds around it."""
        if self._surroundings is not None:
            self._thread_state.enter()
            self._shown_before = showing.enter(self._surroundings)

    def leave(self) -> None:
        """Keep what the function has made of its process."""
        if self._surroundings is None:
            self._leave_root_logger()
        else:
            hide = partial(showing.leave, self._surroundings, self._shown_before)
            all_of((hide, self._thread_state.leave, self._leave_root_logger))

    def _leave_root_logger(self) -> None:
        with isolation.LOCK:
            root, found = logging.root, self._root_logger
            if self._runtime_handler in root.handlers:
                root.handlers.remove(self._runtime_handler)
            if found is not None and Showing.now is None and found != (root.handlers, root.level):
                found.put_back()


class _Entered(isolation.Borrowed):
    """Being a *process*: its streams and variables, and the running thread and those that it starts are its own."""

    __slots__ = ("_log", "_outer", "_process", "_thread")

    def __init__(self, process: Process, log: InvocationLog) -> None:
        super().__init__(*process.borrowed)
        self._process = process
        self._log = log

    def __enter__(self) -> Mapping[isolation.ProcessState[Any], Any]:
        self._thread = known_thread()
        self._outer = getattr(self._thread, OWNERS, ())
        self._process.owner.runs.append(self)
        self._process.write_to(self._log)
        with isolation.LOCK:  # as one: another thread that ends in between would put back what this one has found
            found = super().__enter__()
            self._process.take_place(found)
        try:
            setattr(self._thread, OWNERS, (*self._outer, self._process.owner))
            self._process.enter()
        except BaseException:
            self.put_back()
            raise
        return found

    def __exit__(self, *ended_by: object) -> None:
        error = ended_by[1]
        if PARENTS:
            exits.end_child(error if isinstance(error, BaseException) else None)
        self.put_back()

    def put_back(self) -> None:
        """Give the place of the test's process back, once."""
        if self not in self._process.owner.runs:
            return
        first: BaseException | None = None
        give_thread_back = partial(setattr, self._thread, OWNERS, self._outer)
        end_run = partial(self._process.owner.runs.remove, self)
        for step in (self._process.leave, give_thread_back, super().__exit__, end_run):
            try:  # not `all_of`: each run does this
                step()
            except BaseException as error:
                first = first or error
        if first is not None:
            raise first
