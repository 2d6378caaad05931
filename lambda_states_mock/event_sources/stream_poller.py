"""Polls the shards of a stream, or the partitions of a topic, each in order.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import field
from datetime import timedelta
from functools import partial

from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.consumers import CHANGED_AFTER, JUDGED_EACH, consumers_of, judged
from lambda_states_mock.event_sources.failure_records import LostBatch
from lambda_states_mock.event_sources.journal import Journal
from lambda_states_mock.event_sources.lane import Lane
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import CONNECTION_PROBLEM, PollingTools
from lambda_states_mock.event_sources.scripted_stream import Shard
from lambda_states_mock.event_sources.settings import TOPICS, PollSettings
from lambda_states_mock.event_sources.shard_reader import LaneGroup, ShardReader
from lambda_states_mock.event_sources.stream_source import StreamFormat, StreamSource
from lambda_states_mock.event_sources.waking import Alarm
from lambda_states_mock.quick_dataclasses import dataclass

Lose = Callable[[PollSettings, LostBatch], None]
Delivered = Callable[[PollSettings, StreamRecord], None]


@dataclass(eq=False, slots=True)
class StreamPoller:
    """The poller of one mapping.

    Parameters: *stream* returns the stream as it is now; *lose* and *delivered* are told what was given up, and when an
    invocation has ended; *behind*, that records were gone before they were read; *offsets*, those that a consumer group
    has committed, by partition, None where there is no such thing.
    """

    tools: PollingTools
    stream: Callable[[], StreamSource]
    format: StreamFormat
    journal: Journal
    lose: Lose
    delivered: Delivered
    behind: Callable[[PollSettings], object]
    offsets: MutableMapping[str, int] | None = None
    settings: PollSettings | None = None
    last_result: str | None = None
    _readers: dict[str, ShardReader] = field(default_factory=dict)
    _groups: dict[str, LaneGroup] = field(default_factory=dict)
    _consumers: int = 0  # of a topic
    _alarm: Alarm = field(init=False)
    _lag_alarm: Alarm = field(init=False)
    _problem: str = ""
    _was_started: bool = False

    def __post_init__(self) -> None:
        clock, label = self.tools.clock, self.journal.label
        self._alarm = Alarm(clock, f"{label} shards", self._find_shards)
        self._lag_alarm = Alarm(clock, f"{label} consumers", self._judge_lag)

    def start(self, settings: PollSettings) -> None:
        self.settings = settings
        for reader in self._readers.values():
            reader.start()
        self._find_shards()

    def stop(self) -> None:
        self.settings = None
        self._alarm.silence()
        self._lag_alarm.silence()
        for group in self._groups.values():
            group.stop()
        for reader in self._readers.values():
            reader.stop()

    def look(self, shard: str | None = None) -> None:
        if self.settings is None:
            return
        latency = self.tools.latency(self.settings.mapping)
        reader = self._readers.get(shard) if shard is not None else None
        if reader is not None:
            reader.alarm.ring_soon(latency)
            return
        self._alarm.ring_soon(latency)

    def retention(self) -> timedelta:
        """Return how long the source keeps records."""
        try:
            return self.stream().retention
        except NeighbourError:
            return timedelta(days=1)

    def _find_shards(self) -> None:
        settings = self.settings
        if settings is None:
            return
        try:
            shards = self.stream().shards()
            for shard in shards:
                self._meet(shard, settings)
            self._problem, self._was_started = "", True
        except NeighbourError as error:
            self._problem = str(error)
            self.say(CONNECTION_PROBLEM)
            self._alarm.ring_at(self.tools.clock.standing + timedelta(minutes=1))
            return
        self._share(settings)
        for reader in tuple(self._readers.values()):
            if reader.is_started:
                reader.alarm.ring_soon()
            else:
                reader.start()

    def _meet(self, shard: Shard, settings: PollSettings) -> None:
        known = self._readers.get(shard.id)
        if known is not None:
            known.change(shard)
            return
        parents = [self._readers[parent] for parent in shard.parents if parent in self._readers]
        if not all(parent.is_drained for parent in parents):
            return
        is_topic = settings.kind in TOPICS
        name = settings.part if is_topic else shard.id
        group = self._groups.setdefault(name, LaneGroup(self, name, is_topic))
        self._readers[shard.id] = ShardReader(group, shard, self._first_position(shard, settings))

    def _share(self, settings: PollSettings) -> None:
        """Have as many lanes as there are to be."""
        least, most = consumers_of(settings, len(self._readers))
        self._consumers = min(max(self._consumers, least), most)
        for group in self._groups.values():
            group.have(self._consumers or settings.parallelization)
            group.start(settings)

    def _first_position(self, shard: Shard, settings: PollSettings) -> int:
        stream = self.stream()
        if self.offsets is not None and shard.id in self.offsets:
            return self.offsets[shard.id]  # those of a consumer group win over the StartingPosition
        if self._was_started or settings.starting_position == "TRIM_HORIZON":
            return stream.first(shard.id)  # a shard that came meanwhile is read from its beginning
        if settings.starting_position == "AT_TIMESTAMP" and settings.starting_at is not None:
            return stream.at(shard.id, settings.starting_at)
        return stream.end(shard.id)

    # -- as its readers say

    def say(self, result: str) -> None:
        """Keep the LastProcessingResult."""
        self.last_result = result

    def fell_behind(self, settings: PollSettings) -> None:
        """Records were gone before they were read."""
        self.behind(settings)

    def commit(self, reader: ShardReader) -> None:
        """Commit how far *reader* is done, where that is kept."""
        if self.offsets is not None:
            self.offsets[reader.shard.id] = reader.checkpoint

    def note_lag(self, settings: PollSettings) -> None:
        """Judge in a minute how many consumers are wanted, if the reader that has read now is behind."""
        _, most = consumers_of(settings, len(self._readers))
        if self._lag_alarm.due is None and (self._consumers < most and self._is_behind):
            self._lag_alarm.ring_at(self.tools.clock.standing + JUDGED_EACH)

    @property
    def _is_behind(self) -> bool:
        return any(reader.has_more for reader in self._readers.values())

    def _judge_lag(self) -> None:
        settings, clock = self.settings, self.tools.clock
        if settings is None:
            return
        least, most = consumers_of(settings, len(self._readers))
        wanted = judged(self._consumers, least, most, is_behind=self._is_behind)
        if wanted != self._consumers:
            label = f"{self.journal.label} consumers change"
            clock.call_at(clock.standing + CHANGED_AFTER, partial(self._change, wanted), label=label, background=True)
        elif self._consumers > least:
            self._lag_alarm.ring_at(clock.standing + JUDGED_EACH)

    def _change(self, consumers: int) -> None:
        self._consumers = consumers
        self._find_shards()
        self._lag_alarm.ring_at(self.tools.clock.standing + JUDGED_EACH)

    @property
    def lag(self) -> int:
        """How many records are there that are not done."""
        stream = self.stream()
        return sum(stream.end(shard) - reader.checkpoint for shard, reader in self._readers.items())

    # -- as views see it

    @property
    def stopped(self) -> str | None:
        return next((why for reader in self._readers.values() if (why := reader.errors.stopped)), None)

    @property
    def positions(self) -> Mapping[str, str]:
        found = {}
        for shard, reader in self._readers.items():
            try:
                done = self.stream().read(shard, reader.checkpoint - 1, 1) if reader.checkpoint else ()
            except NeighbourError:
                done = ()
            found[shard] = done[0].sequence if done and done[0].position < reader.checkpoint else ""
        return found

    @property
    def _lanes(self) -> Sequence[Lane]:
        return [lane for group in self._groups.values() for lane in group.lanes]

    @property
    def in_flight(self) -> int:
        return sum(lane.count() for lane in self._lanes)

    @property
    def waits_for(self) -> str:
        told = [reader.errors.problem for reader in self._readers.values()] + [lane.waits_for for lane in self._lanes]
        return self._problem or "; ".join(one for one in told if one)
