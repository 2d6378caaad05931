"""Makes the runtimes that are processes, and ends what they have in common."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection
from dataclasses import field

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.role_sessions import RoleSessions
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.folder_claims import delete_left
from lambda_states_mock.execution.folders import PREFIX, Folder
from lambda_states_mock.execution.process_record import ProcessRecord
from lambda_states_mock.execution.runtimes.choice import ProcessChoice
from lambda_states_mock.execution.runtimes.processes import programs
from lambda_states_mock.execution.runtimes.processes.environment_processes import (
    Endpoint,
    EnvironmentProcesses,
    ProcessTools,
)
from lambda_states_mock.execution.runtimes.processes.process_folders import ProcessFolders
from lambda_states_mock.execution.runtimes.processes.runtime import ProcessRuntime
from lambda_states_mock.execution.runtimes.processes.sandbox import is_contained
from lambda_states_mock.execution.runtimes.processes.wardship import Wardship
from lambda_states_mock.execution.runtimes.runtime import bad_zip
from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(slots=True, eq=False, repr=False)
class ProcessRuntimes:
    """Parameters: as `ProcessTools`, and the role *sessions* of the mock."""

    _clock: VirtualClock
    _sessions: RoleSessions
    _endpoint: Endpoint
    _hang_after: float | None
    _process_time: str
    _sandbox: str
    _hint: Callable[[str], object]
    _new_id: Callable[[], str]
    _tools: ProcessTools = field(init=False)
    _made: list[ProcessRuntime] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._tools = ProcessTools(
            self._clock,
            self._endpoint,
            Wardship(),
            self._sandbox,
            self._hang_after,
            self._process_time == "real",
            self._hint,
            self._new_id,
        )

    def reason_not_to_run(self, spec: EnvironmentSpec, choice: ProcessChoice) -> str | None:
        """Return, in words, why the code of *spec* cannot run in a process; None where it can."""
        return programs.reason_not_to_run(spec, choice)

    def make(
        self,
        spec: EnvironmentSpec,
        choice: ProcessChoice,
        *,
        folder: Folder,
        log_stream: str,
        processes: list[ProcessRecord],
        beside: Collection[str],
    ) -> ProcessRuntime:
        """Return a runtime for *spec*; *beside* are the extensions that the test has registered.

        Raises ServiceError for code that cannot be unpacked.
        """
        here = folder.make()
        if not self._made:
            delete_left(here.parent, PREFIX)
        self._tools.wardship.tell(str(here))
        try:
            surroundings = ProcessFolders(spec, here, is_contained(self._sandbox))
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise bad_zip() from error
        session = self._sessions.begin(spec.version.place, spec.configuration.role, spec.version.name)
        inside = EnvironmentProcesses(
            self._tools,
            spec,
            choice,
            surroundings,
            session,
            log_stream,
            processes,
            _executables(surroundings, beside),
            len(beside),
        )
        made = ProcessRuntime(inside, choice.duration)
        self._made.append(made)
        return made

    def end_running(self) -> None:
        """Let all threads that wait for processes end."""
        for one in self._made:
            one.end_running()

    def close(self) -> None:
        """End what is left: the folders are deleted by now."""
        self._tools.wardship.close()


def _executables(surroundings: ProcessFolders, beside: Collection[str]) -> tuple[str, ...]:
    """Return the names of the files in /opt/extensions for which no extension of the test stands, in their order."""
    folder = surroundings.layers / "extensions"
    if not folder.is_dir():
        return ()
    return tuple(sorted(one.name for one in folder.iterdir() if one.is_file() and one.name not in beside))
