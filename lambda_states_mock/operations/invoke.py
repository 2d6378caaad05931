"""Invoke: to a version, and to whatever runs there."""

from __future__ import annotations

from lambda_states_mock.invocation import FunctionSpec, Outcome, QueuedEvent
from lambda_states_mock.invocation.requests import parse_event
from lambda_states_mock.invocation.unlocking import unlocked
from lambda_states_mock.operations.names import Named, named
from lambda_states_mock.operations.provisioned_concurrency import is_provisioned
from lambda_states_mock.operations.world import Call, Invocation, Params, View, World, operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service_errors import REQUEST_TOO_LARGE, RESERVED_IN_USE
from lambda_states_mock.states.function import Event


@operation("Invoke")
def invoke(call: Call, params: Params) -> View:
    wanted = named(call, params)
    kind = params.get("InvocationType", "RequestResponse")
    payload = _payload(call, params, kind)
    version = route(call, wanted)
    parse_event(payload)  # refuses what is no JSON
    _check_concurrency(wanted)
    if kind == "DryRun":
        call.world.lives.invoke(version, Event.DRY_RUN_ASKED)
        return {"StatusCode": 204}
    spec = spec_of(call.world, version, wanted)
    if call.world.lives.can_run(version):
        call.world.invoker.ready(spec)
    call.world.lives.invoke(version)
    if kind == "Event":
        _enqueue(call, wanted, payload)
        return {"StatusCode": 202}
    outcome = run(call.world, version, spec, payload, call.request_id, client_context=params.get("ClientContext"))
    view: View = {"StatusCode": 200, "ExecutedVersion": version.number, "Payload": outcome.payload}
    if outcome.function_error is not None:
        view["FunctionError"] = outcome.function_error
    if params.get("LogType") == "Tail":
        view["LogResult"] = outcome.log_result
    return view


def route(call: Call, wanted: Named) -> Version:
    """Return the version that an Invoke of *wanted* reaches: an alias with weights asks the dice.

    Raises ResourceNotFoundException; Invoke's own words: without qualifier, ``:$LATEST`` is missing.
    """
    alias = wanted.alias()
    number = wanted.qualifier or LATEST
    if alias is not None:
        number = alias.function_version
        for other, weight in alias.weights.items():
            if call.world.chance.random() < weight:
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
) -> Outcome:
    """Run *version* once and keep a record of it."""
    with unlocked(world.driver.clock.lock):
        outcome = world.invoker.invoke(spec, payload, request_id=request_id, client_context=client_context)
    world.invocations.append(
        Invocation(version.name, version.number, spec.invoked_arn, payload, outcome, request_id, kind, attempt)
    )
    return outcome


def spec_of(world: World, version: Version, wanted: Named) -> FunctionSpec:
    """Return what an execution environment needs to know of *version*: what is live, not what an update brings."""
    configuration, code = version.live_configuration, version.live_code
    group = configuration.logging.group if configuration.logging else f"/aws/lambda/{version.name}"
    return FunctionSpec(
        account=version.place.account,
        region=version.place.region,
        name=version.name,
        version=version.number,
        invoked_arn=wanted.arn,
        runtime=configuration.runtime,
        handler=configuration.handler,
        package_type=configuration.package_type,
        memory_size=configuration.memory_size,
        timeout=configuration.timeout,
        environment=dict(configuration.environment or {}),
        role=configuration.role,
        code=code.zip,
        code_sha256=code.sha256,
        log_group=group,
        layers_code=tuple(layer.content for layer in configuration.layers if layer.content is not None),
        qualifier=wanted.qualifier,
        initialization_type=_initialization(world, version, wanted),
    )


def _initialization(world: World, version: Version, wanted: Named) -> str:
    if version.snapshot:
        return "snap-start"
    return "provisioned-concurrency" if is_provisioned(world, wanted.partition, version) else "on-demand"


def _payload(call: Call, params: Params, kind: str) -> bytes:
    payload: bytes = params.get("Payload") or b""
    limits = call.world.limits
    limit = limits.async_payload_bytes if kind == "Event" else limits.sync_payload_bytes
    if len(payload) > limit:
        raise REQUEST_TOO_LARGE.error(limit=limit, operation="InvokeFunction")
    return payload


def _check_concurrency(wanted: Named) -> None:
    if wanted.function().reserved_concurrency == 0:
        raise RESERVED_IN_USE.error()


def _enqueue(call: Call, wanted: Named, payload: bytes) -> None:
    def attempt(event: QueuedEvent) -> Outcome:
        # What is live when the event is taken from the queue runs, not what was live when it came (recorded).
        version = route(call, wanted)
        _check_concurrency(wanted)
        call.world.lives.invoke(version)
        spec = spec_of(call.world, version, wanted)
        return run(call.world, version, spec, payload, event.request_id, kind="Event", attempt=event.attempt)

    label = wanted.name if wanted.qualifier is None else f"{wanted.name}:{wanted.qualifier}"
    call.world.queue.put(QueuedEvent(label, call.request_id, payload, call.now, attempt))
