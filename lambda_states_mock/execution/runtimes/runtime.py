"""What a runtime is to an execution environment: an event goes in, an ending comes out.

The environment decides on phases, time limits, extensions and logs. A runtime runs the code of the function: it loads
it, hands it one event after the other, and says how each ended: with a payload, an error, a crash, or out of time.
What the code sleeps moves the clock while it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from lambda_states_mock.execution.endings import Ending
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.extension_host import ExtensionPrograms, Ran
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.invocation_event import InvocationEvent
from lambda_states_mock.execution.logs import InvocationLog
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.sleeping import Running
from lambda_states_mock.service_errors import ServiceError

BAD_ZIP = "Lambda could not unzip the deployment package."  # (I)


class Runtime(Protocol):
    """Runs the code of one environment.

    Attributes: *is_guarded*, whether code of it runs within the test's process, where the hang guard has to watch it;
    *memory_used*, the most that its processes have used, in MB, None where nothing is measured; *beside*, extensions
    that are processes, too, None where there can be none.

    All methods but `close` are called in the ``with`` block of `entered`, and by one thread at a time. Mistakes of the
    test, pytest's outcomes and KeyboardInterrupt come out of them as they are.
    """

    @property
    def is_guarded(self) -> bool: ...

    @property
    def beside(self) -> ExtensionPrograms | None: ...

    @property
    def memory_used(self) -> int | None: ...

    def entered(self, log: InvocationLog) -> AbstractContextManager[object]:
        """Let the function's process be there in the ``with`` block; what it prints and logs goes to *log*."""

    def write_to(self, log: InvocationLog) -> None:
        """Let what is printed and logged go to *log* from now on."""

    def in_text(self, text: str) -> str:
        """Return *text* with the folders of this machine named as they are on AWS."""

    def load(self, invocation: InvocationEvent, running: Running) -> Ending:
        """Start the process and load the function's code, for no longer than *running* may take."""

    def set_trace(self, header: str) -> None:
        """Let the function and its internal extensions find *header* in ``_X_AMZN_TRACE_ID`` from now on."""

    def invoke(self, invocation: InvocationEvent, running: Running) -> Ending:
        """Let the function answer one event."""

    def settle(self, invocation: InvocationEvent, running: Running) -> Ran:
        """Let the extensions `beside` it come to the end of the event that the function has answered."""

    def restore(self, invocation: InvocationEvent, running: Running) -> Ending:
        """Resume from a snapshot: run the hooks that the function has registered for it."""

    def restart(self) -> None:
        """End the process. The next thing to come is `load`."""

    @property
    def handles_sigterm(self) -> bool:
        """Whether the function has a handler of SIGTERM."""

    def terminate(self, limit: timedelta) -> timedelta:
        """Let the function handle SIGTERM for no longer than *limit*; return how long that takes."""

    def close(self) -> None:
        """Leave nothing of it behind."""


class Runtimes(Protocol):
    """Makes runtimes: the one place that chooses among them."""

    def reason_not_to_run(self, spec: EnvironmentSpec) -> str | None:
        """Return, in words, why the code of *spec* cannot run; None where it can."""

    def choice(self, spec: EnvironmentSpec) -> object:
        """Return what says how the code of *spec* runs: an environment that was made for another one does not fit."""

    def make(
        self,
        spec: EnvironmentSpec,
        handler: Handler | None,
        *,
        folder: Folder,
        log_stream: str,
        processes: list[ProcessRecord],
        extensions: Sequence[Extension],
    ) -> Runtime:
        """Return a runtime for *spec* in a new environment.

        Parameters: *handler*, of the test, which answers in place of the function's code; *folder*, of its files;
        *processes*, to which it adds each real process that it starts; *extensions*, of the test and of layers.

        Raises ServiceError for code that cannot be unpacked.
        """

    def end_running(self) -> None:
        """Let all that waits for code elsewhere end: the mock is left."""

    def begin_snapshot(self, spec: EnvironmentSpec) -> None:
        """The next `load` of *spec* makes a new snapshot: nothing of an older one counts."""

    def await_end(self) -> list[str]:
        """Wait for what is to end with the runtimes that were closed; return what does not within a second."""


def bad_zip() -> ServiceError:
    """Return the answer to code that cannot be unpacked."""
    return ServiceError("InvalidZipFileException", BAD_ZIP, type="Service")
