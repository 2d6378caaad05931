"""Runs of functions: which version an invocation reaches, whether it may, and the run itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambda_states_mock.invocation import FunctionSpec, Outcome
from lambda_states_mock.invocation.requests import parse_client_context, parse_event
from lambda_states_mock.invocation.unlocking import unlocked
from lambda_states_mock.operations import function_spec
from lambda_states_mock.operations.names import Named
from lambda_states_mock.operations.provisioned_concurrency import is_provisioned
from lambda_states_mock.operations.world import Call, Invocation, World
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service_errors import REQUEST_TOO_LARGE, RESERVED_IN_USE
from lambda_states_mock.states.function import Event


@dataclass(frozen=True, slots=True)
class Admitted:
    """An invocation of *wanted* that may go ahead: the *version* it reaches, its *spec* and *payload*."""

    wanted: Named
    version: Version
    spec: FunctionSpec
    payload: bytes


def check_size(payload: bytes, limit: int, operation: str) -> None:
    """Raise RequestEntityTooLargeException for a payload of more than *limit* bytes; the text names *operation*."""
    if len(payload) > limit:
        raise REQUEST_TOO_LARGE.error(limit=limit, operation=operation)


def find(call: Call, wanted: Named, payload: bytes, *, client_context: str | None = None) -> Version:
    """Return the version that is to run. Raises what AWS answers before it looks at states."""
    version = route(call.world, wanted)
    parse_event(payload)  # refuses what is no JSON
    parse_client_context(client_context)
    check_concurrency(wanted)
    return version


def admit(world: World, wanted: Named, version: Version, payload: bytes) -> Admitted:
    """Let *version* be invoked: restart its idle period, or wake it. Raises what AWS answers where it cannot run."""
    spec = spec_of(world, version, wanted)
    if world.lives.can_run(version):
        world.invoker.ready(spec)
    world.obstacles.check_invoke(version)
    world.lives.invoke(version)
    return Admitted(wanted, version, spec, payload)


def try_out(call: Call, version: Version) -> None:
    """Raise what AWS answers to a DryRun; nothing changes."""
    call.world.lives.invoke(version, Event.DRY_RUN_ASKED)


def route(world: World, wanted: Named) -> Version:
    """Return the version that an Invoke of *wanted* reaches: an alias with weights asks the dice.

    Raises ResourceNotFoundException; Invoke's own words: without qualifier, ``:$LATEST`` is missing.
    """
    alias = wanted.alias()
    number = wanted.qualifier or LATEST
    if alias is not None:
        number = alias.function_version
        for other, weight in alias.weights.items():
            if world.chance.random() < weight:
                number = other
    version = wanted.partition.version(wanted.name, number)
    if version is None:
        raise wanted.not_found(LATEST)
    return version


def run(
    world: World,
    version: Version,
    spec: FunctionSpec,
    payload: bytes,
    request_id: str,
    *,
    client_context: str | None = None,
    kind: str = "RequestResponse",
    attempt: int = 1,
    streams: bool = False,
) -> Outcome:
    """Run *version* once and keep a record of it. Parameters: *streams*, whether the answer is wanted in parts."""
    with unlocked(world.driver.clock.lock):
        outcome = world.invoker.invoke(
            spec, payload, request_id=request_id, client_context=client_context, streams=streams
        )
    world.invocations.append(
        Invocation(version.name, version.number, spec.invoked_arn, payload, outcome, request_id, kind, attempt)
    )
    return outcome


def spec_of(world: World, version: Version, wanted: Named) -> FunctionSpec:
    """Return what an execution environment needs to know of *version*: what is live, not what an update brings."""
    spec = function_spec.spec_of(version, arn=wanted.arn, qualifier=wanted.qualifier)
    if version.snapshot or not is_provisioned(world, wanted.partition, version):
        return spec
    return replace(spec, initialization_type="provisioned-concurrency")


def check_concurrency(wanted: Named) -> None:
    """Raise TooManyRequestsException for a function whose reserved concurrency is 0."""
    if wanted.function().reserved_concurrency == 0:
        raise RESERVED_IN_USE.error()
