"""A stream of the test: shards with records in order, for as long as they are kept."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.quick_dataclasses import dataclass

HASHES = 2**128


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard. Its records come after those of its *parents*; *is_open*: there may be more."""

    id: str
    parents: tuple[str, ...] = ()
    is_open: bool = True


@dataclass(slots=True, eq=False)
class _KeptShard:
    shown: Shard
    hashes: tuple[int, int]  # the first, and the one after the last
    records: list[StreamRecord] = field(default_factory=list)
    trimmed: int = 0  # how many are gone before the first of them

    @property
    def end(self) -> int:
        return self.trimmed + len(self.records)

    def close(self) -> None:
        self.shown = replace(self.shown, is_open=False)

    def trim(self, before: datetime) -> None:
        if self.records and self.records[0].arrived <= before:
            gone = bisect_left(self.records, True, key=lambda one: one.arrived > before)
            del self.records[:gone]
            self.trimmed += gone


@dataclass(eq=False, slots=True)
class ScriptedStream:
    """Parameters: *text*, its ARN; *now*, what time it is; *sequence*, names a record by its number in the stream and
    its position in the shard; *name_of*, names the n-th shard; *retention*, how long records are kept.
    """

    text: str
    now: Callable[[], datetime]
    sequence: Callable[[int, int], str]
    name_of: Callable[[int], str]
    retention: timedelta
    exists: bool = True
    _shards: dict[str, _KeptShard] = field(default_factory=dict)
    _records: int = 0

    def set_shards(self, count: int) -> None:
        """Have so many shards, while there is no record yet."""
        if self._records:
            raise ValueError(f"{self.text} has records already: split or merge its shards instead")
        self._shards = {}
        for number in range(count):
            bounds = HASHES * number // count, HASHES * (number + 1) // count
            self._add(Shard(self.name_of(number)), bounds)

    def _add(self, shard: Shard, bounds: tuple[int, int]) -> str:
        self._shards[shard.id] = _KeptShard(shard, bounds)
        return shard.id

    def grow_to(self, count: int) -> None:
        """Have at least so many shards, as a topic gets partitions: without parents, and beside what is there."""
        for number in range(len(self._shards), count):
            self._add(Shard(self.name_of(number)), (0, 0))

    def name_by_turns(self) -> str:
        """Return the shard whose turn it is, for a record without a key."""
        names = [shard.shown.id for shard in self._shards.values() if shard.shown.is_open] or [self.name_of(0)]
        return names[self._records % len(names)]

    def keep_for(self, retention: timedelta) -> None:
        """Keep records for so long."""
        self.retention = retention

    def be_there(self, exists: bool) -> None:
        """Be there, or not."""
        self.exists = exists

    def split(self, name: str) -> tuple[str, str]:
        """Close a shard; two children go on with its keys. Return their ids."""
        shard = self._of(name)
        shard.close()
        low, high = shard.hashes
        middle, count = (low + high) // 2, len(self._shards)
        first = self._add(Shard(self.name_of(count), (name,)), (low, middle))
        return first, self._add(Shard(self.name_of(count + 1), (name,)), (middle, high))

    def merge(self, one: str, other: str) -> str:
        """Close two shards that lie side by side; a child goes on with the keys of both. Return its id."""
        parts = [self._of(one), self._of(other)]
        bounds = min(part.hashes[0] for part in parts), max(part.hashes[1] for part in parts)
        for part in parts:
            part.close()
        return self._add(Shard(self.name_of(len(self._shards)), (one, other)), bounds)

    def _of(self, name: str) -> _KeptShard:
        if not self.exists:
            raise NeighbourError("GetRecords", "ResourceNotFoundException", f"{self.text} is not there")
        if name not in self._shards:
            raise ValueError(f"{self.text} has no shard {name!r}: it has {', '.join(self._shards)}")
        return self._shards[name]

    def shard_of(self, key: str) -> str:
        """Return the open shard that takes records with *key*, by its MD5 as Kinesis does."""
        value = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")
        for shard in self._shards.values():
            if shard.shown.is_open and shard.hashes[0] <= value < shard.hashes[1]:
                return shard.shown.id
        raise NeighbourError("PutRecord", "ResourceNotFoundException", f"{self.text} has no open shard")

    def put(
        self, data: Any, *, key: str = "", shard: str | None = None, more: Mapping[str, Any] | None = None
    ) -> StreamRecord:
        """Add a record, and return it."""
        if not self._shards:
            self.set_shards(1)
        name = shard if shard is not None else self.shard_of(key)
        kept, now = self._of(name), self.now()
        self._records += 1
        record = StreamRecord(
            shard=name,
            position=kept.end,
            sequence=self.sequence(self._records, kept.end),
            arrived=now,
            data=data,
            key=key,
            more=more or {},
        )
        kept.records.append(record)
        return record

    # -- as pollers see it

    def shards(self) -> Sequence[Shard]:
        """Return the shards, parents first."""
        if not self.exists:
            raise NeighbourError("ListShards", "ResourceNotFoundException", f"{self.text} is not there")
        if not self._shards:
            self.set_shards(1)
        return [shard.shown for shard in self._shards.values()]

    def read(self, shard: str, position: int, count: int) -> Sequence[StreamRecord]:
        """Return at most *count* records of *shard* from *position* on, or from the first that is kept."""
        kept = self._of(shard)
        kept.trim(self.now() - self.retention)
        first = max(position - kept.trimmed, 0)
        return kept.records[first : first + count]

    def first(self, shard: str) -> int:
        """Return the position of the first record that is kept."""
        kept = self._of(shard)
        kept.trim(self.now() - self.retention)
        return kept.trimmed

    def end(self, shard: str) -> int:
        """Return the position that the next record will have."""
        return self._of(shard).end

    def at(self, shard: str, moment: datetime) -> int:
        """Return the position of the first record that arrived at *moment* or later."""
        kept = self._of(shard)
        return kept.trimmed + bisect_left(kept.records, moment, key=lambda one: one.arrived)
