"""Polls the shards of a stream, or the partitions of a topic, each in order.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.failure_records import LostBatch
from lambda_states_mock.event_sources.journal import Journal
from lambda_states_mock.event_sources.lane import Lane
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import (
    CONNECTION_PROBLEM,
    PolledRecord,
    PollErrors,
    PollingTools,
    text_of,
)
from lambda_states_mock.event_sources.scripted_stream import Shard
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.event_sources.waking import Alarm

READ_AHEAD = 4  # batches of each lane that are read before the first of them is done


class StreamSource(Protocol):
    """A stream as its poller sees it. Each method raises NeighbourError with what the stream answers."""

    @property
    def retention(self) -> timedelta:
        """How long records are kept."""

    def shards(self) -> Sequence[Shard]:
        """Return the shards, parents first."""

    def read(self, shard: str, position: int, count: int) -> Sequence[StreamRecord]:
        """Return at most *count* records of *shard* from *position* on, or from the first that is kept."""

    def first(self, shard: str) -> int:
        """Return the position of the first record that is kept."""

    def end(self, shard: str) -> int:
        """Return the position that the next record will have."""

    def at(self, shard: str, moment: datetime) -> int:
        """Return the position of the first record that arrived at *moment* or later."""


class StreamFormat(Protocol):
    """How records of one kind of stream stand in an event."""

    def prepare(self, settings: PollSettings) -> Any:
        """Return what is the same for all records of a poll."""

    def record(self, record: StreamRecord, settings: PollSettings, prepared: Any) -> tuple[Mapping[str, Any], Any]:
        """Return the record as in the event, and as filters see it."""

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:
        """Return the event of *records*; *more*, further members of it."""


Lose = Callable[[PollSettings, LostBatch], None]
Delivered = Callable[[PollSettings, StreamRecord], None]


@dataclass(eq=False, slots=True)
class ShardReader:
    """Reads one shard into its lanes."""

    poller: StreamPoller
    shard: Shard
    position: int
    lanes: list[Lane] = field(default_factory=list)
    alarm: Alarm = field(init=False)
    errors: PollErrors = field(init=False)
    is_started: bool = False
    _is_finished: bool = False
    _has_more: bool = False  # than its lanes have taken

    def __post_init__(self) -> None:
        tools = self.poller.tools
        label = f"{self.poller.journal.label} {self.shard.id} poll"
        self.alarm = Alarm(tools.clock, label, self._poll)
        self.errors = PollErrors(tools.faults, self.alarm)

    def start(self, settings: PollSettings) -> None:
        """Read, or go on with other settings."""
        poller = self.poller
        if len(self.lanes) != settings.parallelization:
            for lane in self.lanes:
                lane.stop()
            self.lanes = [
                Lane(poller.tools, self, poller.journal, self.shard.id, poller.retention)
                for _ in range(settings.parallelization)
            ]
        self.is_started = True
        for lane in self.lanes:
            lane.start(settings)
        self.alarm.ring_soon()

    def stop(self) -> None:
        """Read no more, and begin with the first record that is not done when it goes on."""
        self.is_started = False
        self.alarm.silence()
        for lane in self.lanes:
            lane.stop()

    def change(self, shard: Shard) -> None:
        """Take notice of a change of the shard: it may be closed."""
        self.shard = shard

    @property
    def checkpoint(self) -> int:
        """The position up to which all is done."""
        undone = [one.position for lane in self.lanes for one in lane.undone()]
        return min([*undone, self.position])

    @property
    def is_drained(self) -> bool:
        """Whether the shard is closed, and all its records are done."""
        if self.shard.is_open or not all(lane.is_idle for lane in self.lanes):
            return False
        return self.position >= self.poller.stream().end(self.shard.id)

    def _poll(self) -> None:
        settings, clock = self.poller.settings, self.poller.tools.clock
        if settings is None or not self.is_started:
            return
        if self.errors.stands_against(settings, clock.standing, self.shard.id):
            if self.errors.is_failing:
                self.poller.say(CONNECTION_PROBLEM)
            return
        try:
            self._read(settings)
            self.errors.succeeded()
        except NeighbourError as error:
            self.errors.failed(error, clock.standing)
            self.poller.say(CONNECTION_PROBLEM)

    def _read(self, settings: PollSettings) -> None:
        stream, lanes = self.poller.stream(), self.lanes
        self._has_more = False
        room = settings.batch_size * READ_AHEAD
        while True:
            held = sum(len(lane.pending) for lane in lanes)
            count = min(settings.batch_size * len(lanes), room * len(lanes) - held)
            if count <= 0:
                self._has_more = True
                break  # a batch that ends reads on
            records = stream.read(self.shard.id, self.position, count)
            self._hand_out(records, settings)
            for lane in lanes:
                lane.advance()
            if len(records) < count:
                break
        if not self._is_finished and self.is_drained:
            self._is_finished = True
            self.poller.look()  # for its children

    def _hand_out(self, records: Sequence[StreamRecord], settings: PollSettings) -> None:
        if not records:
            return
        poller, format_, lanes = self.poller, self.poller.format, self.lanes
        prepared = format_.prepare(settings)
        filtered: list[str] = []
        for record in records:
            shown, subject = format_.record(record, settings, prepared)
            if settings.filters and not settings.filters.accept(subject):
                filtered.append(record.sequence)
                continue
            lane = lanes[0] if len(lanes) == 1 else lanes[zlib.crc32(record.key.encode()) % len(lanes)]
            lane.add(PolledRecord(record.sequence, text_of(shown), record, record.shard))
        self.position = records[-1].position + 1
        poller.journal.polled(len(records))
        poller.journal.filtered(filtered)

    # -- as its lanes say

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:
        return self.poller.format.payload(records, settings, more)

    def lose(self, settings: PollSettings, lost: LostBatch) -> None:
        self.poller.lose(settings, lost)

    def said(self, result: str) -> None:
        self.poller.say(result)

    def idle(self) -> None:
        if self.is_started and (self._has_more or not self.shard.is_open):
            self.alarm.ring_soon()

    def go_back(self, record: StreamRecord) -> None:
        self.position = min(self.position, record.position)

    def delivered(self, settings: PollSettings, last: StreamRecord) -> None:
        self.poller.delivered(settings, last)


@dataclass(eq=False, slots=True)
class StreamPoller:
    """The poller of one mapping. Parameters: *stream* returns the stream as it is now; *lose* and *delivered* are told
    what was given up, and when an invocation has ended.
    """

    tools: PollingTools
    stream: Callable[[], StreamSource]
    format: StreamFormat
    journal: Journal
    lose: Lose
    delivered: Delivered
    settings: PollSettings | None = None
    last_result: str | None = None
    _readers: dict[str, ShardReader] = field(default_factory=dict)
    _alarm: Alarm = field(init=False)
    _problem: str = ""
    _was_started: bool = False

    def __post_init__(self) -> None:
        self._alarm = Alarm(self.tools.clock, f"{self.journal.label} shards", self._find_shards)

    def start(self, settings: PollSettings) -> None:
        self.settings = settings
        for reader in self._readers.values():
            reader.start(settings)
        self._find_shards()

    def stop(self) -> None:
        self.settings = None
        self._alarm.silence()
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
        for reader in tuple(self._readers.values()):
            if reader.is_started:
                reader.alarm.ring_soon()
            else:
                reader.start(settings)

    def _meet(self, shard: Shard, settings: PollSettings) -> None:
        known = self._readers.get(shard.id)
        if known is not None:
            known.change(shard)
            return
        parents = [self._readers[parent] for parent in shard.parents if parent in self._readers]
        if not all(parent.is_drained for parent in parents):
            return
        self._readers[shard.id] = ShardReader(self, shard, self._first_position(shard, settings))

    def _first_position(self, shard: Shard, settings: PollSettings) -> int:
        stream = self.stream()
        if self._was_started or settings.starting_position == "TRIM_HORIZON":
            return stream.first(shard.id)  # a shard that came meanwhile is read from its beginning
        if settings.starting_position == "AT_TIMESTAMP" and settings.starting_at is not None:
            return stream.at(shard.id, settings.starting_at)
        return stream.end(shard.id)

    def say(self, result: str) -> None:
        """Keep the LastProcessingResult."""
        self.last_result = result

    # -- as views see it

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
    def in_flight(self) -> int:
        return sum(lane.count() for reader in self._readers.values() for lane in reader.lanes)

    @property
    def waits_for(self) -> str:
        lanes = [lane for reader in self._readers.values() for lane in reader.lanes]
        told = [reader.errors.problem for reader in self._readers.values()] + [lane.waits_for for lane in lanes]
        return self._problem or "; ".join(one for one in told if one)
