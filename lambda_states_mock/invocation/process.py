"""The imaginary process of an execution environment: variables, streams, loggers and modules of its own."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.invocation import isolation, own_threads, settings
from lambda_states_mock.invocation.import_space import ImportSpace
from lambda_states_mock.invocation.log_lines import TEXT, LogStyle
from lambda_states_mock.invocation.log_streams import LogStream, Outlet, RuntimeLogHandler, root_level
from lambda_states_mock.invocation.logs import InvocationLog


class Process:
    """What a function finds as its process, and leaves there for its next invocation.

    Its working directory is at first that of the test, whose threads share it.

    Parameters:
        variables: ``os.environ`` of a new process.
        space: its modules; None for a handler of the test, which lives among the test's modules and log levels.
        temporary: the folder that `tempfile` uses.
        style: how records are logged, and from which level.
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
        self._variables = self._first_variables
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
        self._borrowed: tuple[isolation.Belonging[Any], ...] = (
            isolation.ENVIRON,
            isolation.OUTPUT,
            isolation.LOGGING,
            isolation.TEMPDIR,
            isolation.EXIT,
            own_threads.THREADS,
            settings.SETTINGS,
        )
        if space is not None:
            self._borrowed += (isolation.IMPORTS,)

    @contextmanager
    def entered(self, log: InvocationLog) -> Iterator[None]:
        """Be this process in the ``with`` block; what is printed and logged there goes to *log*."""
        with isolation.borrowed(*self._borrowed) as found, own_threads.owned_by(self._outlet):
            self._outer_handlers = tuple(logging.root.handlers)
            self._settings_found = found[settings.SETTINGS]
            self._enter(log)
            try:
                yield
            finally:
                self._leave()
                self._settings = settings.changed(self._settings_found)

    def write_to(self, log: InvocationLog) -> None:
        """Let what is printed and logged go to *log* from now on."""
        self._outlet.log = log

    def restart(self) -> None:
        """End the process and begin a new one; to be called inside of `entered`."""
        isolation.set_environ(self._first_variables)
        settings.write(self._settings_found)
        if self._space is not None:
            for handler in self._added():
                logging.root.removeHandler(handler)
            logging.root.setLevel(self._first_log_level)

    def _enter(self, log: InvocationLog) -> None:
        self.write_to(log)
        isolation.set_environ(self._variables)
        sys.breakpointhook = isolation.debugging_on(sys.stdout, sys.stderr, sys.breakpointhook)
        sys.stdout, sys.stderr = self._streams
        settings.write(self._settings)
        tempfile.tempdir = self._temporary
        isolation.end_by_exception()
        logging.root.addHandler(self._runtime_handler)
        if self._space is not None:
            logging.root.handlers.extend(self._log_handlers)
            logging.root.setLevel(self._log_level)
            self._space.enter()

    def _leave(self) -> None:
        self._variables = isolation.environ()
        if self._space is not None:
            self._space.leave()
            self._log_handlers = self._added()
            self._log_level = logging.root.level

    def _added(self) -> list[logging.Handler]:
        known = {self._runtime_handler, *self._outer_handlers}
        return [handler for handler in logging.root.handlers if handler not in known]
