"""Asynchronous invocations: how each event in the queue is attempted, and how it ends."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.dependencies.permissions import Permissions
from lambda_states_mock.dependencies.role_sessions import role_session_arn
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import sleeping
from lambda_states_mock.invocation.admission import Admission, Received
from lambda_states_mock.invocation.async_queue import (
    RETRIES_EXHAUSTED,
    SUCCESS,
    ZERO_RESERVED,
    AsyncQueue,
    QueuedEvent,
    Rejected,
    RetrySettings,
)
from lambda_states_mock.invocation.destinations import Destinations, Sender
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.invocation.names import ResolvedName, named_in
from lambda_states_mock.invocation.run import Runner
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import NOTHING
from lambda_states_mock.resources.message import ON_SUCCESS, Message
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import RECURSION_STOPPED, RESERVED_IN_USE, TENANT_WANTED, ServiceError
from lambda_states_mock.store import Store

if TYPE_CHECKING:
    from lambda_states_mock.execution.outcome import Outcome
    from lambda_states_mock.invocation.durable.execution import DurableRuns
    from lambda_states_mock.made_later import MadeLater
    from lambda_states_mock.resources.event_invoke_config import EventInvokeConfig

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(eq=False, slots=True)
class AsyncInvocations:
    """Takes events, attempts them on the clock, and sends what comes of them."""

    clock: VirtualClock
    chance: Chance
    store: Store
    admission: Admission
    runner: Runner
    permissions: Permissions
    metrics: Metrics
    destinations: Destinations
    durable: MadeLater[DurableRuns]
    _queue: AsyncQueue = field(init=False)

    def __post_init__(self) -> None:
        self._queue = AsyncQueue(self.clock)

    def accept(self, received: Received) -> None:
        """Put an event into the queue, unless the state of its function is against that.

        It is attempted as soon as the call has been answered.
        """
        self.admission.accept(received)
        self._put(received.target, received.payload, received.request_id, received.trace, received.tenant)

    def _put(
        self, target: ResolvedName, payload: bytes, request_id: str, trace: str | None, tenant: str | None = None
    ) -> None:
        label = target.name if target.qualifier is None else f"{target.name}:{target.qualifier}"
        delivery = _ToFunction(self, target)
        delivery.count("AsyncEventsReceived", 1)
        self._queue.put(QueuedEvent(label, request_id, payload, sleeping.now(self.clock), delivery, trace, tenant))

    def forward(self, sender: Sender, message: Message) -> None:
        """Let *message* be the event of another function.

        Raises NeighbourError where there is no such function, where the test denies the role of the one that sends to
        invoke it, and where it isolates its tenants: a destination names none (I).
        """
        target = named_in(self.store, message.target, sender.place)
        if target is None or target.name not in target.partition.functions:
            raise NeighbourError("Invoke", "ResourceNotFoundException", f"Function not found: {message.target}")
        latest = target.partition.version(target.name, LATEST)
        if latest is not None and latest.configuration.tenancy is not None:
            refusal = TENANT_WANTED.error()
            raise NeighbourError("Invoke", refusal.code, str(refusal.message))
        if self.permissions.denied:
            self._check_role(sender, target.name, message.target)
        if latest is not None and latest.configuration.durable is not None:
            self._begin_execution(target, message)
            return
        self._put(target, message.body.encode(), self.chance.uuid(), message.trace)

    def _begin_execution(self, target: ResolvedName, message: Message) -> None:
        from lambda_states_mock.invocation.durable.invoke import invoke_durable  # few functions are durable

        try:
            received = self.admission.again(target, message.body.encode(), self.chance.uuid(), trace=message.trace)
            invoke_durable(self.durable(), received, name=None, waits=False)
        except ServiceError as error:
            raise NeighbourError("Invoke", error.code, str(error.message)) from None

    def _check_role(self, sender: Sender, name: str, target: str) -> None:
        latest = self.store.at(sender.place).version(sender.name, LATEST)
        if latest is None:  # deleted meanwhile
            return
        try:
            self.permissions.check(
                "Invoke", target, role_session_arn(sender.place, latest.live_configuration.role, sender.name), name
            )
        except ServiceError as error:
            raise NeighbourError("Invoke", error.code, str(error.message)) from None


@dataclass(eq=False, slots=True)
class _ToFunction:
    """The delivery of an event to *target*. What is there when it is needed counts, not what was when it came."""

    invocations: AsyncInvocations
    target: ResolvedName

    def settings(self) -> RetrySettings:
        config, usual = self._config(), RetrySettings()
        if config is None:
            return usual
        retries, age = config.maximum_retry_attempts, config.maximum_event_age
        return RetrySettings(
            usual.retries if retries is None else retries, usual.maximum_age if age is None else timedelta(seconds=age)
        )

    def attempt(self, event: QueuedEvent) -> Outcome | None:
        function = self.target.partition.functions.get(self.target.name)
        if function is None:
            self.count("AsyncEventsDropped", 1)
            return None
        self.count("AsyncEventAge", (self.invocations.clock.standing - event.accepted) / _MILLISECOND)
        if function.reserved_concurrency == 0:
            raise Rejected(ZERO_RESERVED, RESERVED_IN_USE.error())
        try:
            received = self.invocations.admission.again(
                self.target, event.payload, event.request_id, trace=event.trace, tenant=event.tenant
            )
            return self.invocations.runner.run(received, kind="Event", attempt=event.attempt)
        except ServiceError as error:
            # The version or alias is gone, or there is another function of this name.
            if error.code in ("ResourceNotFoundException", TENANT_WANTED.code):
                self.count("AsyncEventsDropped", 1)
                return None
            if error.code == RECURSION_STOPPED.code:
                raise Rejected(RETRIES_EXHAUSTED, error) from None
            raise

    def ended(self, event: QueuedEvent, condition: str) -> None:
        if condition != SUCCESS:
            self.count("AsyncEventsDropped", 1)
        target, config = self.target, self._config()
        destinations = config.destinations if config is not None else NOTHING
        if condition == SUCCESS and ON_SUCCESS not in destinations:
            return  # as most events end
        latest = target.partition.version(target.name, LATEST)
        if latest is None:  # deleted meanwhile, and its settings with it
            return
        try:
            dead_letter_target = target.version().live_configuration.dead_letter_target
        except ServiceError:
            dead_letter_target = latest.live_configuration.dead_letter_target
        sender = Sender(target.place, target.name, target.qualifier, destinations, dead_letter_target)
        self.invocations.destinations.send(sender, event, condition, forward=self.invocations.forward)

    def count(self, name: str, value: float) -> None:
        """Add to a metric of the function."""
        target = self.target
        resource = f"{target.name}:{target.qualifier}" if target.qualifier else target.name
        measured = Measured(target.name, resource, self.invocations.clock.standing, {name: value})
        self.invocations.metrics.add(target.place, measured)

    def _config(self) -> EventInvokeConfig | None:
        return self.target.partition.event_invoke_configs.get((self.target.name, self.target.qualifier or LATEST))
