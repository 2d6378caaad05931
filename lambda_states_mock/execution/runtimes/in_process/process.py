"""The imaginary process of an execution environment: variables, streams, loggers and modules of its own."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution.log_lines import TEXT, LogStyle
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.runtimes.in_process import isolation, settings
from lambda_states_mock.execution.runtimes.in_process.import_space import ImportSpace
from lambda_states_mock.execution.runtimes.in_process.isolation import Outlet
from lambda_states_mock.execution.runtimes.in_process.log_streams import LogStream, RuntimeLogHandler, root_level


class Process:
    """What a function finds as its process, and leaves there for its next invocation.

    Its working directory is at first that of the test, whose threads share it.

    Parameters: *variables*, ``os.environ`` of a new process; *space*, its modules, None for a handler of the test,
    which lives among the test's modules and log levels; *temporary*, the folder that `tempfile` uses.
    """

    def __init__(
        self,
        *,
        clock: VirtualClock,
        variables: Mapping[str, str],
        space: ImportSpace | None,
        temporary: Path,
        style: LogStyle = TEXT,
    ) -> None:
        self._first_variables = isolation.encoded(variables)
        self._variables = dict(self._first_variables)
        self._space = space
        self._temporary = str(temporary)
        self._outlet = Outlet()
        self._streams = LogStream(self._outlet, 0), LogStream(self._outlet, 1)
        self._runtime_handler = RuntimeLogHandler(clock, style, outlet=self._outlet)
        self._settings: settings.Settings = {}  # those that the function has changed
        self._settings_found: settings.Settings = {}
        self._log_handlers: list[logging.Handler] = []  # those that the function has added
        self._outer_handlers: tuple[logging.Handler, ...] = ()
        self._log_level = self._first_log_level = root_level(style)
        self._borrowed: tuple[isolation.ProcessState[Any], ...] = (isolation.PROCESS,)
        if space is not None:
            self._borrowed += (isolation.IMPORTS, settings.SETTINGS)

    def entered(self, log: InvocationLog) -> AbstractContextManager[object]:
        """Be this process in the ``with`` block; what is printed and logged there goes to *log*."""
        return _Entered(self, log, self._borrowed)

    def write_to(self, log: InvocationLog) -> None:
        """Let what is printed and logged go to *log* from now on."""
        self._outlet.lead_to(log)

    @property
    def on_sigterm(self) -> Callable[[int, Any], object] | None:
        """What the function has registered for SIGTERM, if anything."""
        return settings.handler_of(signal.SIGTERM, self._settings)

    def restart(self) -> None:
        """End the process and begin a new one; to be called inside of `entered`."""
        self._show_variables(dict(self._first_variables))
        if self._space is not None:
            settings.write(self._settings_found)
            for handler in self._added():
                logging.root.removeHandler(handler)
            logging.root.setLevel(self._first_log_level)

    def enter(self, log: InvocationLog, found: Mapping[isolation.ProcessState[Any], Any]) -> Outlet:
        """Take the place of the test's process, and return where its output goes. *found* is what was borrowed."""
        self._outlet.lead_to(log)
        self._show_variables(self._variables)
        sys.breakpointhook = isolation.debugging_on(sys.stdout, sys.stderr, sys.breakpointhook)
        sys.stdout, sys.stderr = self._streams
        tempfile.tempdir = self._temporary
        os._exit, os.abort, os.kill, signal.raise_signal = isolation.ENDED_BY_EXCEPTION
        self._outer_handlers = tuple(logging.root.handlers)
        logging.root.handlers.append(self._runtime_handler)
        if self._space is not None:
            self._settings_found = found[settings.SETTINGS]
            settings.write(self._settings)
            logging.root.handlers.extend(self._log_handlers)
            logging.root.setLevel(self._log_level)
            self._space.enter()
        return self._outlet

    def leave(self) -> None:
        """Keep what the function has made of its process."""
        self._variables = isolation.environ()
        if self._space is not None:
            self._space.leave()
            self._log_handlers = self._added()
            self._log_level = logging.root.level
            self._settings = settings.changed(self._settings_found)

    def _show_variables(self, variables: isolation.Environ) -> None:
        # A handler of the test is the test's code: the programs that it starts find the test's variables.
        (isolation.show_environ if self._space is None else isolation.set_environ)(variables)

    def _added(self) -> list[logging.Handler]:
        known = {self._runtime_handler, *self._outer_handlers}
        return [handler for handler in logging.root.handlers if handler not in known]


class _Entered(isolation.Borrowed):
    """Being a *process*: its streams and variables, and the running thread and those that it starts are its own."""

    __slots__ = ("_log", "_outer", "_process", "_thread")

    def __init__(self, process: Process, log: InvocationLog, borrowed: tuple[isolation.ProcessState[Any], ...]) -> None:
        self._states = borrowed
        self._process = process
        self._log = log

    def __enter__(self) -> Mapping[isolation.ProcessState[Any], Any]:
        found = super().__enter__()
        self._thread = threading.current_thread()
        self._outer = getattr(self._thread, isolation.OWNERS, ())
        try:
            if threading.Thread.start is not isolation.start:
                isolation.pass_on()
            outlet = self._process.enter(self._log, found)
            setattr(self._thread, isolation.OWNERS, (*self._outer, outlet))
        except BaseException:
            self._put_back()
            raise
        return found

    def __exit__(self, *_: object) -> None:
        try:
            self._process.leave()
        finally:
            self._put_back()

    def _put_back(self) -> None:
        setattr(self._thread, isolation.OWNERS, self._outer)
        super().__exit__()
