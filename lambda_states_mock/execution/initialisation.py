"""Init phases that no caller waits for: of a snapshot when a version is published, and of provisioned concurrency."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.execution.crashes import OutOfMemory
from lambda_states_mock.execution.endings import Ending
from lambda_states_mock.execution.environment import PROVISIONED
from lambda_states_mock.execution.function_spec import spec_of
from lambda_states_mock.execution.spec import FunctionSpec
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import LambdaService
from lambda_states_mock.states import reasons
from lambda_states_mock.states.lifecycle import Reason

# What AWS calls it in StateReasonCode; which error of Init is which is inferred from the names.
_REASON_CODES = {
    "Runtime.InvalidEntrypoint": "FunctionError.InvalidEntryPoint",
    "Runtime.InvalidWorkingDir": "FunctionError.InvalidWorkingDirectory",
    "TooManyExtensions": "FunctionError.TooManyExtensions",
}


def watch_snapshots(service: LambdaService) -> None:
    """Let the snapshot of a version be made by its Init phase, and fail with it."""
    other_precondition = service.lifecycles.precondition

    def precondition(version: Version, phase: str) -> Reason | None:
        found = other_precondition(version, phase)
        if found is None and phase == "snapshot":
            return failure(service, version)
        return found

    service.lifecycles.precondition = precondition


def failure(service: LambdaService, version: Version) -> Reason | None:
    """Make the snapshot of *version* by an Init phase, and return why that has failed; None when all is well."""
    ending = service.pool.initialise(_ahead(version, "snap-start"))
    return reasons.reason(_code(ending)) if ending is not None else None


def provision(service: LambdaService, version: Version, count: int) -> bool:
    """Run the Init phases of *count* environments for *version*; return whether all of them went well."""
    return service.pool.provision(_ahead(version, PROVISIONED), count) is None


def _ahead(version: Version, initialization_type: str) -> FunctionSpec:
    return replace(spec_of(version, arn=version.arn), initialization_type=initialization_type)


def _code(ending: Ending) -> str:
    if ending.status.name == "timeout":
        return "FunctionError.InitTimeout"
    if isinstance(ending.error, OutOfMemory):
        return "FunctionError.InitResourceExhausted"
    error_type = ending.status.error_type or ""
    if error_type.startswith("Extension."):
        return "FunctionError.ExtensionInitError"
    return _REASON_CODES.get(error_type, "FunctionError")
