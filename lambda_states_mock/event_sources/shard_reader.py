"""Reads the shards of a stream, or the partitions of a topic, into the lanes that deliver them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.failure_records import LostBatch
from lambda_states_mock.event_sources.lane import Lane
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import CONNECTION_PROBLEM, PolledRecord, PollErrors, text_of
from lambda_states_mock.event_sources.scripted_stream import Shard
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.event_sources.waking import Alarm
from lambda_states_mock.quick_dataclasses import dataclass

if TYPE_CHECKING:
    from lambda_states_mock.event_sources.stream_poller import StreamPoller

READ_AHEAD = 4  # batches of each lane that are read before the first of them is done


@dataclass(eq=False, slots=True)
class LaneGroup:
    """Lanes with the readers that fill them: those of a shard, whose keys are divided among them, or the consumers of
    a topic, among which its partitions are.

    Parameters: *name*, of the shard or topic; *by_shard*: each reader fills one lane.
    """

    poller: StreamPoller
    name: str
    by_shard: bool
    lanes: list[Lane] = field(default_factory=list)
    readers: list[ShardReader] = field(default_factory=list)
    _leaving: list[Lane] = field(default_factory=list)  # what they run is not over

    def lanes_of(self, reader: ShardReader) -> list[Lane]:
        """Return the lanes that *reader* fills."""
        if self.by_shard and self.lanes:
            return [self.lanes[self.readers.index(reader) % len(self.lanes)]]
        return self.lanes

    def have(self, count: int) -> None:
        """Have so many lanes. What the others have not begun is read anew; what they run ends first."""
        if len(self.lanes) == count:
            return
        poller = self.poller
        for lane in self.lanes:
            lane.stop()
        self._leaving += [lane for lane in self.lanes if lane.running is not None]
        self.lanes = [
            Lane(poller.tools, self, poller.journal, self.name, poller.retention) for _ in range(max(count, 1))
        ]

    def start(self, settings: PollSettings) -> None:
        """Deliver."""
        for lane in self.lanes:
            lane.start(settings)

    def stop(self) -> None:
        """Deliver no more."""
        for lane in self.lanes:
            lane.stop()

    @property
    def is_settled(self) -> bool:
        """Whether no batch of lanes that are no longer there is under way."""
        self._leaving = [lane for lane in self._leaving if lane.running is not None]
        return not self._leaving

    def undone(self, shard: str) -> list[int]:
        """Return the position of the first record of *shard* in each lane that has some which are not done."""
        found = [lane.undone(shard) for lane in (*self.lanes, *self._leaving)]
        return [position for position in found if position is not None]

    # -- as its lanes say

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:
        return self.poller.format.payload(records, settings, more)

    def lose(self, settings: PollSettings, lost: LostBatch) -> None:
        self.poller.lose(settings, lost)

    def say(self, result: str) -> None:
        self.poller.say(result)

    def idle(self) -> None:
        for reader in self.readers:
            reader.go_on()

    def is_caught_up(self) -> bool:
        return all(reader.is_caught_up for reader in self.readers)

    def has_ended(self) -> bool:
        return not any(reader.shard.is_open for reader in self.readers)

    def go_back(self, record: StreamRecord) -> None:
        for reader in self.readers:
            if reader.shard.id == record.shard:
                reader.go_back(record.position)

    def delivered(self, settings: PollSettings, last: StreamRecord) -> None:
        self.poller.delivered(settings, last)


@dataclass(eq=False, slots=True)
class ShardReader:
    """Reads one shard."""

    group: LaneGroup
    shard: Shard
    position: int
    alarm: Alarm = field(init=False)
    errors: PollErrors = field(init=False)
    is_started: bool = False
    has_more: bool = False  # than its lanes have taken
    _is_finished: bool = False

    def __post_init__(self) -> None:
        self.group.readers.append(self)
        tools, journal = self.poller.tools, self.poller.journal
        self.alarm = Alarm(tools.clock, f"{journal.label} {self.shard.id} poll", self._poll)
        self.errors = PollErrors(tools.faults, self.alarm)

    @property
    def poller(self) -> StreamPoller:
        """Whose it is."""
        return self.group.poller

    def start(self) -> None:
        """Read, or go on."""
        self.is_started = True
        self.errors.start()
        self.alarm.ring_soon()

    def stop(self) -> None:
        """Read no more, and begin with the first record that is not done when it goes on."""
        self.is_started = False
        self.alarm.silence()

    def change(self, shard: Shard) -> None:
        """Take notice of a change of the shard: it may be closed."""
        self.shard = shard

    def go_back(self, position: int) -> None:
        """Begin there when polling goes on."""
        self.position = min(self.position, position)

    def go_on(self) -> None:
        """A batch has ended: read on, if there is more."""
        self.poller.commit(self)
        if self.is_started and (self.has_more or not self.shard.is_open):
            self.alarm.ring_soon()

    @property
    def checkpoint(self) -> int:
        """The position up to which all is done."""
        return min([*self.group.undone(self.shard.id), self.position])

    @property
    def is_caught_up(self) -> bool:
        """Whether all that has arrived was read; not while that cannot be found out."""
        try:
            return self.position >= self.poller.stream().end(self.shard.id)
        except NeighbourError:
            return False

    @property
    def is_drained(self) -> bool:
        """Whether the shard is closed, and all its records are done."""
        if self.shard.is_open or not all(lane.is_idle for lane in self.group.lanes_of(self)):
            return False
        return self.position >= self.poller.stream().end(self.shard.id)

    def _poll(self) -> None:
        settings, clock = self.poller.settings, self.poller.tools.clock
        if settings is None or not self.is_started:
            return
        if self.errors.stands_against(settings, clock.standing, self.shard.id):
            if self.errors.result is not None:
                self.poller.say(self.errors.result)
            return
        if not self.group.is_settled:
            self.has_more = True
            return
        try:
            self._read(settings)
            self.errors.succeeded()
        except NeighbourError as error:
            self.errors.failed(error, clock.standing)
            self.poller.say(CONNECTION_PROBLEM)

    def _read(self, settings: PollSettings) -> None:
        stream, lanes = self.poller.stream(), self.group.lanes_of(self)
        self.has_more = False
        first = stream.first(self.shard.id)
        if self.position < first:
            self.position = first
            self.poller.fell_behind(settings)
            if not self.is_started:
                return
        room = settings.batch_size * READ_AHEAD * len(lanes)
        while True:
            count = min(settings.batch_size * len(lanes), room - self._held(lanes))
            if count <= 0:
                self.has_more = True
                break  # a batch that ends reads on
            records = stream.read(self.shard.id, self.position, count)
            self._hand_out(records, settings, lanes)
            for lane in lanes:
                lane.advance()
            if len(records) < count:
                break
        self.poller.commit(self)
        self.poller.note_lag(settings)
        if not self._is_finished and self.is_drained:
            self._is_finished = True
            self.poller.look()  # for its children

    def _held(self, lanes: Sequence[Lane]) -> int:
        if self.group.by_shard:  # others fill them too
            return sum(lane.held(self.shard.id) for lane in lanes)
        return sum(len(lane.pending) for lane in lanes)

    def _hand_out(self, records: Sequence[StreamRecord], settings: PollSettings, lanes: Sequence[Lane]) -> None:
        if not records:
            return
        poller, format_ = self.poller, self.poller.format
        prepared = format_.prepare(settings)
        filtered: list[str] = []
        for record in records:
            shown, subject = format_.record(record, settings, prepared)
            identifier = format_.id_of(record)
            if settings.filters and not settings.filters.accept(subject):
                filtered.append(identifier)
                continue
            lane = lanes[0] if len(lanes) == 1 else lanes[zlib.crc32(record.key.encode()) % len(lanes)]
            lane.add(PolledRecord(identifier, text_of(shown), record, record.shard))
        self.position = records[-1].position + 1
        poller.journal.polled(len(records))
        poller.journal.filtered(filtered)
