"""The pollers of a mock: one for each mapping, from when it is Enabled for the first time.

A mapping polls while it is Enabled, Updating or Disabling. What was set last is in force when it is Enabled again.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Mapping
from dataclasses import field
from datetime import timedelta
from functools import partial

from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.engine.timeline import Changes
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.event_sources.events.mq import RABBIT_MQ
from lambda_states_mock.event_sources.failure_records import LostBatch, failure_message
from lambda_states_mock.event_sources.formats import (
    BrokerFormat,
    DocumentFormat,
    DynamodbFormat,
    KafkaFormat,
    KinesisFormat,
    SqsFormat,
    virtual_host_of,
)
from lambda_states_mock.event_sources.journal import Journal
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import Poller, PollingTools
from lambda_states_mock.event_sources.queue_poller import QueueFormat, QueuePoller
from lambda_states_mock.event_sources.settings import TOPICS, PollSettings, poll_settings
from lambda_states_mock.event_sources.sources import Sources, address_of
from lambda_states_mock.event_sources.stream_poller import StreamPoller
from lambda_states_mock.event_sources.stream_source import StreamFormat
from lambda_states_mock.invocation.destinations import Destinations
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.message import TOPIC_TARGET, Message
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.states.event_source_mapping import MappingEvent, MappingState

_POLLS = frozenset({MappingState.ENABLED, MappingState.UPDATING, MappingState.DISABLING})

LONGEST_TIMEOUT = timedelta(minutes=14)
"""Of functions that read a topic or a broker: with a longer one the consumer stops (with-kafka, with-mq)."""

_OF_CONSUMERS = frozenset({*TOPICS, "mq"})


@dataclass(eq=False, slots=True)
class Polled:
    """A mapping that has been Enabled: its settings in force, its *poller*, and the *journal* of what it did."""

    settings: PollSettings
    journal: Journal
    poller: Poller
    unfit: str | None = None  # why its function cannot be called, as a StateTransitionReason

    @property
    def stopped(self) -> str | None:
        """Why it polls no more until the mapping is Enabled anew, as a StateTransitionReason; None while it polls."""
        return self.unfit or self.poller.stopped

    def stop(self, unfit: str) -> None:
        """Poll no more."""
        self.unfit = unfit
        self.poller.stop()

    def go_by(self, settings: PollSettings) -> None:
        """Go by other settings from now on."""
        self.settings, self.unfit = settings, None
        self.poller.start(settings)


@dataclass(eq=False, slots=True)
class Pollers:
    """All of them. Parameters: *disable*, lets a mapping become Disabled by itself."""

    tools: PollingTools
    sources: Sources
    changes: Changes
    timings: FunctionTimings
    metrics: Metrics
    destinations: Destinations
    disable: Callable[[EventSourceMapping], object]
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
            polled = self._polled.get(uuid)
            if polled is None:
                polled = self._polled[uuid] = self._make(settings, machine.label)
                self.sources.watch(mapping.source, settings.part, polled.poller.look)
            timeout = self._timeout_of(uuid)
            if settings.kind in _OF_CONSUMERS and timeout is not None and timeout > LONGEST_TIMEOUT:
                polled.stop("FUNCTION_CONFIG_NOT_VALID")
            else:
                polled.go_by(settings)
        elif machine.state not in _POLLS and uuid in self._polled:
            self._polled[uuid].poller.stop()

    def _make(self, settings: PollSettings, label: str) -> Polled:
        uuid = settings.mapping.uuid
        clock = self.tools.clock
        journal = Journal(label, self.changes, lambda: clock.standing, partial(self._count, uuid))
        source, part, tools = settings.mapping.source, settings.part, self.tools
        if settings.kind in ("sqs", "mq"):
            address = address_of(source, part)
            if virtual_host_of(settings.mapping) is not None:
                self.sources.have_engine(source.text, RABBIT_MQ)
            form: QueueFormat = SqsFormat() if settings.kind == "sqs" else BrokerFormat(self._engine_of)
            queue = partial(self.sources.queue, address)
            poller: Poller = QueuePoller(tools, queue, form, journal, partial(self._timeout_of, uuid))
        else:
            is_topic = settings.kind in TOPICS
            poller = StreamPoller(
                tools,
                partial(self.sources.stream, source, part),
                self._formats[settings.kind],
                journal,
                self._give_up if settings.kind == "documentdb" else self._lose,
                self._lagged if is_topic else self._delivered,
                self._fell_behind,
                self.sources.offsets(source, part, settings.consumer_group) if is_topic else None,
            )
        return Polled(settings, journal, poller)

    @property
    def _formats(self) -> Mapping[str, StreamFormat]:
        topics = KafkaFormat()
        return {
            "kinesis": KinesisFormat(self._role_of),
            "dynamodb": DynamodbFormat(),
            "msk": topics,
            "kafka": topics,
            "documentdb": DocumentFormat(),
        }

    def _engine_of(self, settings: PollSettings) -> str:
        return self.sources.engine_of(settings.mapping.source.text)

    def _fell_behind(self, settings: PollSettings) -> None:
        """Take notice that records were gone before they were read: a change stream cannot be resumed then."""
        if settings.kind == "documentdb":
            self.disable(settings.mapping)

    def _give_up(self, settings: PollSettings, lost: LostBatch) -> None:  # noqa: ARG002
        self._fell_behind(settings)

    def _lose(self, settings: PollSettings, lost: LostBatch) -> None:
        """Send the record of a batch that is given up to the mapping's destination."""
        mapping, chance, target = settings.mapping, self.tools.chance, settings.destination
        if target is None:
            return
        now = self.tools.clock.standing
        message = failure_message(mapping, target, lost, now, chance.uuid(), chance.uuid())
        deliver = partial(self._to_topic, mapping) if message.service == "kafka" else None
        if self.destinations.post(mapping.place, message, deliver):
            self._count(mapping.uuid, "OnFailureDestinationDeliveredEventCount", len(lost.records))

    def _to_topic(self, mapping: EventSourceMapping, message: Message) -> None:
        """Put *message* into a topic of the mapping's own cluster."""
        topic = message.target.removeprefix(TOPIC_TARGET)
        stream = self.sources.scripted_stream(mapping.source, topic)
        record = stream.put(message.body.encode(), shard=stream.name_by_turns())
        self.sources.stir(address_of(mapping.source, topic), record.shard)

    def _delivered(self, settings: PollSettings, last: StreamRecord) -> None:
        age = (self.tools.clock.standing - last.arrived) / timedelta(milliseconds=1)
        self._measure(settings.mapping, "IteratorAge", age, of_mapping=False)

    def _lagged(self, settings: PollSettings, last: StreamRecord) -> None:  # noqa: ARG002
        poller = self._polled[settings.mapping.uuid].poller
        assert isinstance(poller, StreamPoller)
        self._measure(settings.mapping, "OffsetLag", poller.lag, of_mapping=False)

    def _role_of(self, settings: PollSettings) -> str:
        version = self._version_of(settings.mapping)
        return "" if version is None else version.configuration.role

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
        version = self._version_of(self._polled[uuid].settings.mapping)
        return None if version is None else timedelta(seconds=version.configuration.timeout)

    def _version_of(self, mapping: EventSourceMapping) -> Version | None:
        """Return the version that a mapping invokes now; None where there is none."""
        try:
            return self.tools.dispatcher.target(mapping.place, mapping.function_arn).version()
        except ServiceError:
            return None
