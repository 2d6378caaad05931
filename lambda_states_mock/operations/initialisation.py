"""Init phases that no caller waits for: of a snapshot when a version is published, and of provisioned concurrency."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.invocation.endings import Ending
from lambda_states_mock.operations.function_spec import spec_of
from lambda_states_mock.operations.world import World
from lambda_states_mock.resources.function import Version
from lambda_states_mock.states import reasons
from lambda_states_mock.states.machine import Reason


def watch_snapshots(world: World) -> None:
    """Let the snapshot of a version be made by its Init phase, and fail with it."""
    other_obstacle = world.lives.obstacle

    def obstacle(version: Version, phase: str) -> Reason | None:
        found = other_obstacle(version, phase)
        if found is None and phase == "snapshot":
            return failure(world, version, "snap-start")
        return found

    world.lives.obstacle = obstacle


def failure(world: World, version: Version, initialization_type: str) -> Reason | None:
    """Run the Init phase of an environment for *version*, and return why it has failed; None when all is well."""
    spec = replace(spec_of(version, arn=version.arn), initialization_type=initialization_type)
    ending = world.invoker.initialise(spec)
    return reasons.reason(_code(ending)) if ending is not None else None


def _code(ending: Ending) -> str:
    if ending.status.name == "timeout":
        return "FunctionError.InitTimeout"
    error_type = ending.status.error_type or ""
    if error_type.startswith("Extension."):
        return "FunctionError.ExtensionInitError"
    return "FunctionError.TooManyExtensions" if error_type == "TooManyExtensions" else "FunctionError"
