"""Whether an invocation may run. This is the one place that decides it, for every way in.

A synchronous, queued or streamed Invoke, a request to a function URL, a turn of a durable execution and a chained
invocation are asked the same questions in the same order:

===================  ================================================================================================
when                 question, and what AWS answers if it is refused
===================  ================================================================================================
`receive`: the call  1. Is the payload small enough? RequestTooLargeException
arrives              2. Which version is meant? ResourceNotFoundException
                     3. Is a tenant named where the function isolates them, and only there?
                        InvalidParameterValueException
                     4. Is the event JSON, and the client context base64 of JSON? InvalidRequestContentException
`admit`: it is to    5. Is the version Active? If it is idle, it wakes: ResourceConflictException and its like
run (a queued event: 6. Is there anything that could run? NoHandlerError, a mistake of the test
at each attempt)     7. Are its key, file system and network usable? KMS*, EFS*, ENI* and EC2* exceptions
                     8. Does it call itself in a circle? RecursiveInvocationException
                     9. Is there concurrency for it, and in which kind of environment? TooManyRequestsException
===================  ================================================================================================

Questions 1 to 4 come before states: a recorded Invoke of a Pending function with a broken event answers the event's
error. A DryRun and an event that goes into the queue are asked for their state too, which changes nothing else.
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, NamedTuple

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.things import Watch
from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.environment_spec import EnvironmentSpec, initialization_type_of
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.invocation.concurrency import Concurrency, Granted
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.invocation.requests import parse_client_context, parse_event
from lambda_states_mock.invocation.routing import Routing
from lambda_states_mock.lifecycles.functions import FunctionLifecycles
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import RECURSION_STOPPED, REQUEST_TOO_LARGE, TENANT_UNWANTED, TENANT_WANTED
from lambda_states_mock.states.function import FunctionEvent


@dataclass(frozen=True, slots=True)
class Received:
    """An invocation that has been received: all that can be said of it before states are looked at."""

    target: ResolvedName  # what was asked for
    version: Version  # which that reaches
    payload: bytes  # the event as it came
    event: Any  # parsed
    client_context: Mapping[str, Any] | None
    request_id: str
    trace: str | None = None  # the header of the chain of requests that has led here
    streams: bool = False  # whether the answer is wanted in parts
    tenant: str | None = None  # for whom, where the function isolates its tenants


class Entered(NamedTuple):
    """An invocation that is let in: the function as an environment needs to know it, and the handler that answers."""

    spec: EnvironmentSpec
    handler: Handler | None


@dataclass(eq=False, slots=True)
class Admission:
    """Decides. Parameters: what it asks, in the order of its questions; *metrics*, where dropped loops are counted."""

    clock: VirtualClock
    limits: Limits
    routing: Routing
    lifecycles: FunctionLifecycles
    pool: EnvironmentPool
    preconditions: Preconditions
    watch: Watch
    concurrency: Concurrency
    metrics: Metrics
    # by ARN as asked for; each serves as long as its record stays
    _specs: dict[str, EnvironmentSpec] = field(init=False, default_factory=dict)

    def receive(
        self,
        target: ResolvedName,
        payload: bytes,
        *,
        request_id: str,
        size: int,
        operation: str = "InvokeFunction",
        client_context: str | None = None,
        trace: str | None = None,
        streams: bool = False,
        is_queued: bool = False,
        tenant: str | None = None,
    ) -> Received:
        """Answer questions 1 to 4.

        Parameters: *size*, how many bytes *payload* may have; *operation*, what AWS calls the request in its answer to
        one that is too large; *client_context*, base64 of a JSON object, as in the API; *is_queued*: an event goes to
        an alias' main version here; each attempt then finds its own; *tenant*, as the caller has named it.
        """
        if len(payload) > size:
            raise REQUEST_TOO_LARGE.error(limit=size, operation=operation)
        version = self.routing.main_version_of(target) if is_queued else self.routing.version_of(target)
        _check_tenant(version, tenant)
        event = parse_event(payload)
        context = parse_client_context(client_context, self.limits.client_context_bytes) if client_context else None
        return Received(target, version, payload, event, context, request_id, trace, streams, tenant)

    def again(
        self,
        target: ResolvedName,
        payload: bytes,
        request_id: str,
        *,
        trace: str | None = None,
        tenant: str | None = None,
    ) -> Received:
        """Receive once more what was received before, or is known to be an event: an attempt, a chained invocation.

        Answers questions 2 and 3.
        """
        version = self.routing.version_of(target)
        _check_tenant(version, tenant)
        return Received(target, version, payload, parse_event(payload), None, request_id, trace, tenant=tenant)

    def check_state(self, received: Received) -> None:
        """Raise what AWS answers to a DryRun; nothing changes."""
        self.lifecycles.invoke(received.version, FunctionEvent.DRY_RUN_ASKED)

    def accept(self, received: Received) -> None:
        """Let an event into the queue. Raises what its state has against that; the rest shows at its attempts."""
        version = received.version
        if self.lifecycles.is_active(version):
            self.pool.ready(self._spec(version, version.arn, None))  # the attempt restarts its idle period
        else:
            self._wake(version)

    def enter(self, received: Received, event: FunctionEvent = FunctionEvent.INVOKE_ASKED) -> Entered:
        """Answer questions 5 to 7; the idle period begins again. Return what is to run.

        Parameters: *event*, what this is to the function: an Invoke, or a durable execution that goes on.
        """
        version, target = received.version, received.target
        is_active = self.lifecycles.is_active(version)
        if not is_active:  # it may be by the time at which it is asked for
            sleeping.rejoin(self.clock)
            is_active = self.lifecycles.is_active(version)
        arn = version.arn if target.qualifier is None else target.arn
        spec = self._spec(version, arn, target.qualifier)
        if received.tenant is not None:
            spec = replace(spec, tenant=received.tenant)
        if is_active:
            handler = self.pool.ready(spec)
            if self.watch.spoken or version.live_configuration.kms_key_arn:
                self.preconditions.check_invoke(version)
            self.lifecycles.invoke(version)
        else:
            self._wake(version, event)
            handler = self.pool.ready(spec)
        return Entered(spec, handler)

    def _wake(self, version: Version, event: FunctionEvent = FunctionEvent.INVOKE_ASKED) -> None:
        """Let *version*, which is not Active, be invoked. Raises what AWS answers."""
        if version.kind == "snapstart" and self.lifecycles.shown(version).state == "Inactive":
            self.lifecycles.check_snapshots(version.place, self.limits.concurrent_snapshots)
        self.lifecycles.invoke(version, event)

    def reserve(self, received: Received, entered: Entered, *, is_synchronous: bool = True) -> Granted:
        """Answer questions 8 and 9; the world's lock is to be held until its environment is taken."""
        if received.trace is not None or not self.limits.recursions:
            self._check_recursion(received, entered.spec)
        at = sleeping.standing(self.clock)
        return self.concurrency.take(received.version, *entered, at, is_synchronous=is_synchronous)

    def _spec(self, version: Version, arn: str, qualifier: str | None) -> EnvironmentSpec:
        spec = self._specs.get(arn)
        if spec is None or spec.version is not version:
            spec = self._specs[arn] = EnvironmentSpec(version, arn, qualifier, initialization_type_of(version))
        return spec

    def _check_recursion(self, received: Received, spec: EnvironmentSpec) -> None:
        version = received.version
        passes = trace_header.passes(received.trace, version.place.function_arn(version.name))
        if passes < self.limits.recursions:
            return
        if received.target.function().recursive_loop != "Allow":
            at = sleeping.now(self.clock)
            dropped = Measured(spec.version.name, spec.resource, at, {"RecursiveInvocationsDropped": 1})
            self.metrics.add(version.place, dropped)
            raise RECURSION_STOPPED.error()


def _check_tenant(version: Version, tenant: str | None) -> None:
    if (version.configuration.tenancy is None) is not (tenant is None):
        raise (TENANT_WANTED if tenant is None else TENANT_UNWANTED).error()
