"""Init phases that no caller waits for: of a snapshot when a version is published, and of provisioned concurrency."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Version
from lambda_states_mock.states import reasons
from lambda_states_mock.states.execution_environment import InitializationType
from lambda_states_mock.states.lifecycle import Reason

if TYPE_CHECKING:
    from lambda_states_mock.execution.endings import Ending

# What AWS calls it in StateReasonCode; which error of Init is which is inferred from the names.
_REASON_CODES = {
    "Runtime.InvalidEntrypoint": "FunctionError.InvalidEntryPoint",
    "Runtime.InvalidWorkingDir": "FunctionError.InvalidWorkingDirectory",
    "TooManyExtensions": "FunctionError.TooManyExtensions",
}


@dataclass(eq=False, slots=True)
class Initialisation:
    """Runs such Init phases. Parameters: the *pool*, where the environments are kept."""

    _pool: EnvironmentPool

    def snapshot(self, version: Version) -> Reason | None:
        """Make the snapshot of *version* by an Init phase, and return why that has failed; None when all is well."""
        ending = self._pool.initialise(_ahead(version, InitializationType.SNAP_START))
        return reasons.reason(_code(ending)) if ending is not None else None

    def provision(self, version: Version, count: int) -> bool:
        """Run the Init phases of *count* environments for *version*; return whether all of them went well."""
        return self._pool.provision(_ahead(version, InitializationType.PROVISIONED), count) is None

    def keep_provisioned(self, place: Place, name: str, versions: Collection[str]) -> None:
        """End the provisioned environments of all versions of a function but *versions*."""
        self._pool.keep_provisioned(place, name, versions)


def _ahead(version: Version, initialization_type: InitializationType) -> EnvironmentSpec:
    return EnvironmentSpec(version, version.arn, initialization_type=initialization_type)


def _code(ending: Ending) -> str:
    from lambda_states_mock.execution.crashes import OutOfMemory  # few tests see a failed Init

    if ending.status.name == "timeout":
        return "FunctionError.InitTimeout"
    if isinstance(ending.error, OutOfMemory):
        return "FunctionError.InitResourceExhausted"
    error_type = ending.status.error_type or ""
    if error_type.startswith("Extension."):
        return "FunctionError.ExtensionInitError"
    return _REASON_CODES.get(error_type, "FunctionError")
