"""Events in their queue: how each is attempted, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lambda_states_mock.execution import sleeping, trace_header
from lambda_states_mock.execution.spec import Outcome
from lambda_states_mock.invocation import run
from lambda_states_mock.invocation.async_queue import (
    RETRIES_EXHAUSTED,
    SUCCESS,
    ZERO_RESERVED,
    QueuedEvent,
    Rejected,
    Settings,
)
from lambda_states_mock.invocation.destinations import Results
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.event_invoke_config import EventInvokeConfig
from lambda_states_mock.resources.function import NOTHING
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service import Call, LambdaService
from lambda_states_mock.service_errors import RECURSION_STOPPED, RESERVED_IN_USE, ServiceError

_MILLISECOND = timedelta(milliseconds=1)


def enqueue(call: Call, wanted: ResolvedName, payload: bytes) -> None:
    """Put an event for what is named into its queue; it is attempted as soon as the call has been answered."""
    put(call.service, wanted, payload, call.request_id, trace=call.trace)


def put(
    service: LambdaService, wanted: ResolvedName, payload: bytes, request_id: str, *, trace: str | None = None
) -> None:
    """Put an event for *wanted* into its queue.

    Parameters: *request_id*, of all its attempts; *trace*, the header of the chain of requests.
    """
    label = wanted.name if wanted.qualifier is None else f"{wanted.name}:{wanted.qualifier}"
    course = _ForFunction(service, wanted)
    course.count("AsyncEventsReceived", 1)
    service.queue.put(QueuedEvent(label, request_id, payload, sleeping.now(service.driver.clock), course, trace))


@dataclass(frozen=True, slots=True)
class _ForFunction:
    """The course of an event for *wanted*. What is there when it is needed counts, not what was when the event came."""

    service: LambdaService
    wanted: ResolvedName

    def settings(self) -> Settings:
        config = self._config()
        if config is None:
            return Settings()
        usual = Settings()
        retries, age = config.maximum_retry_attempts, config.maximum_event_age
        return Settings(
            usual.retries if retries is None else retries,
            usual.maximum_age if age is None else timedelta(seconds=age),
        )

    def attempt(self, event: QueuedEvent) -> Outcome | None:
        function = self.wanted.partition.functions.get(self.wanted.name)
        if function is None:
            self.count("AsyncEventsDropped", 1)
            return None
        now = self.service.driver.clock.now
        self.count("AsyncEventAge", (now - event.accepted) / _MILLISECOND)
        if function.reserved_concurrency == 0:
            raise Rejected(ZERO_RESERVED, RESERVED_IN_USE.error())
        try:
            return self._run(event)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":  # the version or alias is gone
                self.count("AsyncEventsDropped", 1)
                return None
            if error.code == RECURSION_STOPPED.code:
                raise Rejected(RETRIES_EXHAUSTED, error) from None
            raise

    def _run(self, event: QueuedEvent) -> Outcome:
        version = run.route(self.service, self.wanted)
        admitted = run.admit(self.service, self.wanted, version, event.payload)
        return run.run(
            self.service,
            version,
            admitted.spec,
            event.payload,
            event.request_id,
            kind="Event",
            attempt=event.attempt,
            trace=event.trace,
        )

    def ended(self, event: QueuedEvent, condition: str) -> None:
        if condition != SUCCESS:
            self.count("AsyncEventsDropped", 1)
        latest = self.wanted.partition.version(self.wanted.name, LATEST)
        if latest is None:  # deleted meanwhile, and its settings with it
            return
        config = self._config()
        try:
            target = self.wanted.version().live_configuration.dead_letter_target
        except ServiceError:
            target = latest.live_configuration.dead_letter_target
        results = Results(
            self.service,
            self.wanted.place,
            self.wanted.name,
            self.wanted.qualifier,
            config.destinations if config is not None else NOTHING,
            target,
            self._forward,
        )
        results.send(event, condition)

    def count(self, name: str, value: float) -> None:
        """Add to a metric of the function."""
        wanted = self.wanted
        resource = f"{wanted.name}:{wanted.qualifier}" if wanted.qualifier else wanted.name
        now = self.service.driver.clock.now
        self.service.metrics.add(wanted.place, Measured(wanted.name, resource, now, {name: value}))

    def _config(self) -> EventInvokeConfig | None:
        return self.wanted.partition.event_invoke_configs.get((self.wanted.name, self.wanted.qualifier or LATEST))

    def _forward(self, place: Place, arn: str, payload: bytes, trace: str | None) -> None:
        reference = function_reference(arn)
        assert reference is not None
        now, source = self.service.driver.clock.now, self.wanted.place.function_arn(self.wanted.name)
        trace = trace_header.continued(trace, source, chance=self.service.chance, now=now)
        target = ResolvedName(self.service.store.at(place), reference.name, reference.qualifier)
        put(self.service, target, payload, self.service.chance.uuid(), trace=trace)
