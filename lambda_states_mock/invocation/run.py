"""Runs of functions: which version an invocation reaches, whether it may, and the run itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lambda_states_mock.clock.unlocking import unlocked
from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.spec import FunctionSpec, Outcome
from lambda_states_mock.invocation import concurrency
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.invocation.requests import parse_client_context, parse_event
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Alias, Version
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service import Call, Invocation, LambdaService
from lambda_states_mock.service_errors import RECURSION_STOPPED, REQUEST_TOO_LARGE, RESERVED_IN_USE
from lambda_states_mock.states.function import FunctionEvent


@dataclass(frozen=True, slots=True)
class Admitted:
    """An invocation of *wanted* that may go ahead: the *version* it reaches, its *spec* and *payload*."""

    wanted: ResolvedName
    version: Version
    spec: FunctionSpec
    payload: bytes


def check_size(payload: bytes, limit: int, operation: str) -> None:
    """Raise RequestEntityTooLargeException for a payload of more than *limit* bytes; the text names *operation*."""
    if len(payload) > limit:
        raise REQUEST_TOO_LARGE.error(limit=limit, operation=operation)


def find(
    call: Call, wanted: ResolvedName, payload: bytes, *, client_context: str | None = None, is_queued: bool = False
) -> Version:
    """Return the version that is to run. Raises what AWS answers before it looks at states.

    Parameters: *is_queued*, for an event: where an alias sends it is decided when it is attempted.
    """
    version = _main_version(wanted) if is_queued else route(call.service, wanted)
    parse_event(payload)  # refuses what is no JSON
    parse_client_context(client_context)
    return version


def admit(service: LambdaService, wanted: ResolvedName, version: Version, payload: bytes) -> Admitted:
    """Let *version* be invoked: restart its idle period, or wake it. Raises what AWS answers where it cannot run."""
    if not service.lifecycles.can_run(version):
        sleeping.rejoin(service.driver.clock)  # it may be ready by the time at which it is asked for
    spec = service.specs.of(version, arn=wanted.arn, qualifier=wanted.qualifier)
    if service.lifecycles.can_run(version):
        service.pool.ready(spec)
    service.preconditions.check_invoke(version)
    service.lifecycles.invoke(version)
    return Admitted(wanted, version, spec, payload)


def accept(service: LambdaService, version: Version) -> None:
    """Let an event for *version* into the queue. Raises what its state has against that; the rest shows later."""
    if service.lifecycles.can_run(version):
        service.pool.ready(service.specs.of(version, arn=version.arn))  # its idle period is restarted by the attempt
    else:
        service.lifecycles.invoke(version)


def try_out(call: Call, version: Version) -> None:
    """Raise what AWS answers to a DryRun; nothing changes."""
    call.service.lifecycles.invoke(version, FunctionEvent.DRY_RUN_ASKED)


def route(service: LambdaService, wanted: ResolvedName) -> Version:
    """Return the version that an Invoke of *wanted* reaches: an alias with weights asks the dice.

    Raises ResourceNotFoundException; Invoke's own words: without qualifier, ``:$LATEST`` is missing.
    """
    alias = wanted.alias()
    if alias is None:
        return _version(wanted, wanted.qualifier or LATEST)
    return _version(wanted, service.routes.next(wanted.place, wanted.name, alias) or _by_the_dice(service, alias))


def _main_version(wanted: ResolvedName) -> Version:
    alias = wanted.alias()
    return _version(wanted, alias.function_version if alias is not None else wanted.qualifier or LATEST)


def _version(wanted: ResolvedName, number: str) -> Version:
    version = wanted.partition.version(wanted.name, number)
    if version is None:
        raise wanted.not_found(LATEST)
    return version


def _by_the_dice(service: LambdaService, alias: Alias) -> str:
    number = alias.function_version
    for other, weight in alias.weights.items():
        if service.chance.random() < weight:
            number = other
    return number


def admit_and_run(
    call: Call,
    wanted: ResolvedName,
    version: Version,
    payload: bytes,
    client_context: str | None,
    *,
    streams: bool = False,
) -> Outcome:
    """Run *version* for the caller who waits for it. Raises what AWS answers where it cannot run."""
    spec = admit(call.service, wanted, version, payload).spec
    return run(
        call.service,
        version,
        spec,
        payload,
        call.request_id,
        client_context=client_context,
        trace=call.trace,
        streams=streams,
    )


def run(
    service: LambdaService,
    version: Version,
    spec: FunctionSpec,
    payload: bytes,
    request_id: str,
    *,
    client_context: str | None = None,
    kind: str = "RequestResponse",
    attempt: int = 1,
    trace: str | None = None,
    streams: bool = False,
) -> Outcome:
    """Run *version* once and keep a record of it.

    Parameters: *trace*, the header of the chain of requests that has led here; *streams*, whether the answer is wanted
    in parts.
    Raises TooManyRequestsException where there is no room for it, RecursiveInvocationException in a loop.
    """
    clock = service.driver.clock
    with clock.lock:
        _check_recursion(service, version, spec, trace)
        spec = concurrency.admit(service, version, spec, kind=kind)
        start = service.pool.begin(
            spec, payload, request_id=request_id, client_context=client_context, trace=trace, streams=streams
        )
    with unlocked(clock.lock):
        outcome = start()
    invocation = Invocation(
        version.name,
        version.number,
        spec.invoked_arn,
        payload,
        outcome,
        request_id,
        kind,
        attempt,
        version.place,
    )
    if outcome.ended <= clock.standing:
        service.has_run(version.place, spec, invocation)
    else:  # it ran detached: the clock has still to come to its end
        label = f"{spec.name} invocation ends"
        clock.call_at(outcome.ended, partial(service.has_run, version.place, spec, invocation), label=label)
    return outcome


def _check_recursion(service: LambdaService, version: Version, spec: FunctionSpec, trace: str | None) -> None:
    if trace_header.passes(trace, version.place.function_arn(version.name)) < service.limits.recursions:
        return
    function = service.store.at(version.place).functions[version.name]
    if function.recursive_loop != "Allow":
        at = sleeping.now(service.driver.clock)
        service.metrics.add(version.place, Measured(spec.name, spec.resource, at, {"RecursiveInvocationsDropped": 1}))
        raise RECURSION_STOPPED.error()


def check_concurrency(wanted: ResolvedName) -> None:
    """Raise TooManyRequestsException for a function whose reserved concurrency is 0."""
    if wanted.function().reserved_concurrency == 0:
        raise RESERVED_IN_USE.error()
