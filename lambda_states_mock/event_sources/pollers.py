"""The pollers of a mock: one for each mapping, from when it is Enabled for the first time.

A mapping polls while it is Enabled, Updating or Disabling. What was set last is in force when it is Enabled again.
"""

from __future__ import annotations

from collections.abc import ItemsView
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.engine.timeline import Timeline
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.event_sources.failure_records import LostBatch, failure_message
from lambda_states_mock.event_sources.formats import DynamodbFormat, KinesisFormat, SqsFormat
from lambda_states_mock.event_sources.journal import Journal
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import Poller, PollingTools
from lambda_states_mock.event_sources.queue_poller import QueuePoller
from lambda_states_mock.event_sources.settings import PollSettings, poll_settings
from lambda_states_mock.event_sources.sources import Sources
from lambda_states_mock.event_sources.stream_poller import StreamPoller
from lambda_states_mock.invocation.destinations import Destinations
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.event_source_mapping import MappingEvent, MappingState

_POLLS = frozenset({MappingState.ENABLED, MappingState.UPDATING, MappingState.DISABLING})

POLLED = frozenset({"sqs", "kinesis", "dynamodb"})
"""The kinds of sources that are polled. Mappings of the others have their states, and no poller."""


@dataclass(eq=False, slots=True)
class Polled:
    """A mapping that has been Enabled: its settings in force, its *poller*, and the *journal* of what it did."""

    settings: PollSettings
    journal: Journal
    poller: Poller

    def go_by(self, settings: PollSettings) -> None:
        """Go by other settings from now on."""
        self.settings = settings
        self.poller.start(settings)


@dataclass(eq=False, slots=True)
class Pollers:
    """All of them."""

    tools: PollingTools
    sources: Sources
    timeline: Timeline
    timings: FunctionTimings
    metrics: Metrics
    destinations: Destinations
    _polled: dict[str, Polled] = field(default_factory=dict)  # by UUID

    def __post_init__(self) -> None:
        self.tools.faults.observe_polls(self.look)

    def look(self) -> None:
        """Let all look whether there is something."""
        for polled in self._polled.values():
            polled.poller.look()

    def items(self) -> ItemsView[str, Polled]:
        """All of them, by the UUID of the mapping."""
        return self._polled.items()

    def of(self, uuid: str) -> Polled | None:
        """Return what is known of the polling of a mapping; None before it was Enabled."""
        return self._polled.get(uuid)

    def follow(self, mapping: EventSourceMapping | None, machine: StateMachine[MappingState, MappingEvent]) -> None:
        """Do what the state of a mapping wants; *mapping* is None where it is gone."""
        uuid = machine.arn.rsplit(":", 1)[1]
        if machine.state is MappingState.ENABLED and mapping is not None:
            settings = poll_settings(mapping)
            if settings.kind not in POLLED:
                return
            polled = self._polled.get(uuid)
            if polled is None:
                polled = self._polled[uuid] = self._make(settings, machine.label)
                self.sources.watch(mapping.source.text, polled.poller.look)
            polled.go_by(settings)
        elif machine.state not in _POLLS and uuid in self._polled:
            self._polled[uuid].poller.stop()

    def _make(self, settings: PollSettings, label: str) -> Polled:
        uuid = settings.mapping.uuid
        clock = self.tools.clock
        journal = Journal(label, self.timeline, lambda: clock.standing, partial(self._count, uuid))
        source, tools = settings.mapping.source, self.tools
        if settings.kind == "sqs":
            queue = partial(self.sources.queue, source.text)
            poller: Poller = QueuePoller(tools, queue, SqsFormat(), journal, partial(self._timeout_of, uuid))
        else:
            stream = partial(self.sources.stream, source)
            format_ = KinesisFormat(self._role_of) if settings.kind == "kinesis" else DynamodbFormat()
            poller = StreamPoller(tools, stream, format_, journal, self._lose, self._delivered)
        return Polled(settings, journal, poller)

    def _lose(self, settings: PollSettings, lost: LostBatch) -> None:
        """Send the record of a batch that is given up to the mapping's destination."""
        mapping, chance = settings.mapping, self.tools.chance
        if settings.destination is None:
            return
        now = self.tools.clock.standing
        message = failure_message(mapping, settings.destination, lost, now, chance.uuid(), chance.uuid())
        if self.destinations.post(mapping.place, message):
            self._count(mapping.uuid, "OnFailureDestinationDeliveredEventCount", len(lost.records))

    def _delivered(self, settings: PollSettings, last: StreamRecord) -> None:
        age = (self.tools.clock.standing - last.arrived) / timedelta(milliseconds=1)
        self._measure(settings.mapping, "IteratorAge", age, of_mapping=False)

    def _role_of(self, settings: PollSettings) -> str:
        mapping = settings.mapping
        try:
            version = self.tools.dispatcher.target(mapping.place, mapping.function_arn).version()
        except ServiceError:
            return ""
        return version.configuration.role

    def _count(self, uuid: str, name: str, count: int) -> None:
        settings = self._polled[uuid].settings
        if settings.counts_events and count:
            self._measure(settings.mapping, name, count)

    def _measure(self, mapping: EventSourceMapping, name: str, value: float, *, of_mapping: bool = True) -> None:
        reference = function_reference(mapping.function_arn)
        function = reference.name if reference is not None else None
        at = self.tools.clock.standing
        uuid = mapping.uuid if of_mapping else None
        self.metrics.add(mapping.place, Measured(function, mapping.function, at, {name: value}, uuid))

    def _timeout_of(self, uuid: str) -> timedelta | None:
        mapping = self._polled[uuid].settings.mapping
        try:
            version = self.tools.dispatcher.target(mapping.place, mapping.function_arn).version()
        except ServiceError:
            return None
        return timedelta(seconds=version.configuration.timeout)
