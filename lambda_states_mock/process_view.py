"""What a mock says of functions that run in real processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambda_states_mock.backend import Backend
    from lambda_states_mock.execution.runtimes.choice import Interpreters


class RunsProcesses:
    """A part of `LambdaMock`."""

    @property
    def backend(self) -> Backend:
        """The world that this is said of."""
        raise NotImplementedError

    def run_in_process(
        self, target: str, *, command: Sequence[str | Path] = (), duration: float | timedelta = 0
    ) -> None:
        """Run the code of the function *target* in real processes from now on. A handler of the test still wins.

        Parameters:
            target: a name, ``name:alias``, ``name:version`` or an ARN; the most specific one takes precedence.
            command: a program of the test and its arguments, which talks to the Runtime API in place of the function's
                own runtime.
            duration: the length of each invocation beyond what it sleeps, in seconds or as a timedelta.

        Raises ValueError for a target that is no name, TypeError for a command that is a string, ClockError for a
        length that is negative or infinite, NotActiveError after the mock has ended.
        """
        __tracebackhide__ = True
        self.backend.processes.add(target, command=command, duration=duration)

    @property
    def runtimes(self) -> Interpreters:
        """Which program runs a runtime's functions in processes: ``m.runtimes["nodejs22.x"] = "/path/to/node"``.

        ``m.runtimes["aws-lambda-ric"]`` is the folder of AWS's client for Node.js. From Node.js 24 on, one in a layer
        or in a folder of ``NODE_PATH`` is used by default.

        Setting one raises ValueError for a file that is not there, and for runtimes that are no interpreters.
        """
        return self.backend.processes.interpreters
