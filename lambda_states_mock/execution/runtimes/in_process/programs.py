"""What runs inside an execution environment: a function of the test, or the Python code in the zip."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.runtimes.in_process.import_space import ImportSpace
from lambda_states_mock.execution.runtimes.in_process.stack_traces import LambdaPaths


class Program(Protocol):
    """A runtime with a function in it. What the function raises comes out as it is, and so does a `RuntimeFault`."""

    @property
    def paths(self) -> LambdaPaths:
        """Where the folders of the function would be in Lambda."""

    @property
    def space(self) -> ImportSpace | None:
        """The modules of the function; None for those of the test itself."""

    def load(self) -> None:
        """Do what the Init phase does."""

    def call(self, event: Any, context: Any) -> Any:
        """Answer one event."""

    def before_snapshot(self) -> None:
        """Get ready for a SnapStart snapshot."""

    def after_restore(self) -> None:
        """Get going again after one."""

    def unload(self) -> None:
        """The process is gone; the next thing to come is `load`."""


class HandlerProgram:
    """A handler that the test has registered.

    Parameters: *temporary*, the folder that stands for /tmp.
    """

    space = None

    def __init__(self, handler: Handler, spec: EnvironmentSpec, *, clock: VirtualClock, temporary: Path) -> None:
        self._handler = handler
        self._clock = clock
        source = getattr(getattr(handler.function, "__code__", None), "co_filename", None)
        folders = [(temporary, "/tmp")]  # noqa: S108 - a name to show
        if source is not None and Path(source).is_absolute():  # no "<string>", whose folder would be "."
            folders.append((Path(source).parent, "/var/task"))
        self.paths = LambdaPaths(folders, runtime=spec.configuration.runtime if spec.runs_python else None)

    def load(self) -> None:
        """Start as the handler says, and take as long as it says."""
        length = self._handler.start()
        if length:
            sleeping.sleep(self._clock, length)

    def call(self, event: Any, context: Any) -> Any:
        """Call the handler, and then take as long as it says; an exception, too, comes at the end of that time."""
        try:
            return self._handler.answer(event, context)
        finally:
            ended_by = sys.exc_info()[1]
            if self._handler.duration and (ended_by is None or isinstance(ended_by, Exception)):
                sleeping.sleep(self._clock, self._handler.duration)

    def before_snapshot(self) -> None:
        """Nothing: the handler has no hooks."""

    def after_restore(self) -> None:
        """Take as long as the handler says that resuming a snapshot takes."""
        if self._handler.restore:
            sleeping.sleep(self._clock, self._handler.restore)

    def unload(self) -> None:
        """Nothing: what the test has defined stays."""
