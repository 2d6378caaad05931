"""Chooses what runs the code of a function: the imitation within the test's process, or processes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.extensions import Extension
from lambda_states_mock.execution.folders import Folder
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.runtimes.choice import ProcessChoice, ProcessChoices
from lambda_states_mock.made_later import MadeLater
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.execution.process_record import ProcessRecord
    from lambda_states_mock.execution.runtimes.processes.making import ProcessRuntimes
    from lambda_states_mock.execution.runtimes.runtime import Runtime, Runtimes

_REMEDY = "; it can run in a process:  m.run_in_process({name!r})  or  mock_lambda(processes=True)"
_RUNS_IN_PROCESSES = ("nodejs", "provided")


@dataclass(eq=False, repr=False)
class ChosenRuntimes:
    """Both kinds of runtimes are made when there is code to run: many a test never calls a function.

    Parameters: *imitation*, the default; *choices*, of the test; *processes*, for what it chooses.
    """

    _imitation: MadeLater[Runtimes]
    _choices: ProcessChoices
    _processes: MadeLater[ProcessRuntimes]

    def choice(self, spec: EnvironmentSpec) -> ProcessChoice | None:
        return self._choices.find(spec)

    def reason_not_to_run(self, spec: EnvironmentSpec) -> str | None:
        choice = self._choices.find(spec)
        if choice is not None:
            return self._processes().reason_not_to_run(spec, choice)
        reason = self._imitation().reason_not_to_run(spec)
        if reason is not None and (spec.configuration.runtime or "").startswith(_RUNS_IN_PROCESSES):
            return reason + _REMEDY.format(name=spec.version.name)
        return reason

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
        choice = self._choices.find(spec) if handler is None else None
        if choice is None:
            return self._imitation().make(
                spec, handler, folder=folder, log_stream=log_stream, processes=processes, extensions=extensions
            )
        beside = frozenset(one.name for one in extensions if not one.stands_in)
        return self._processes().make(
            spec, choice, folder=folder, log_stream=log_stream, processes=processes, beside=beside
        )

    def begin_snapshot(self, spec: EnvironmentSpec) -> None:
        self._imitation().begin_snapshot(spec)

    def end_running(self) -> None:
        if self._processes.made is not None:
            self._processes.made.end_running()

    def await_end(self) -> list[str]:
        if self._processes.made is not None:
            self._processes.made.close()
        return [] if self._imitation.made is None else self._imitation.made.await_end()
