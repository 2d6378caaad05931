"""Topics and change streams of the test: ``m.source("arn:aws:kafka:...").put(b"one", topic="clicks")``."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lambda_states_mock.event_sources.events.kafka import partition_name
from lambda_states_mock.event_sources.scripted_stream import ScriptedStream
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.sources import address_of
from lambda_states_mock.event_sources.stream_views import as_bytes
from lambda_states_mock.instants import length_of


class _PartedView(SourceView):
    """A source that has topics, or collections."""

    def __repr__(self) -> str:
        return f"<source {self.text}: {', '.join(self._parts) or 'empty'}>"

    @property
    def _streams(self) -> list[ScriptedStream]:
        return [self.sources.scripted_stream(self.source, part) for part in self._parts]

    def delete(self) -> None:
        """Let the source be gone: polls of it fail from now on."""
        self._be_there("delete", is_there=False)

    def restore(self) -> None:
        """Let the source be there again, with the records that it had."""
        self._be_there("restore", is_there=True)

    def _be_there(self, method: str, *, is_there: bool) -> None:
        with self._told(method):
            for part, stream in zip(self._parts, self._streams, strict=True):
                stream.be_there(is_there)
                self.sources.stir(address_of(self.source, part))


class TopicView(_PartedView):
    """A cluster of Kafka with its topics. Where *topic* is left out, the only one that a mapping reads is meant."""

    def _topic(self, topic: str | None, method: str) -> ScriptedStream:
        __tracebackhide__ = True
        stream = self.sources.scripted_stream(self.source, self._part(topic, "topic", method))
        stream.grow_to(1)
        return stream

    def put(
        self,
        *values: Any,
        topic: str | None = None,
        key: Any = None,
        partition: int | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        timestamp: int | None = None,
    ) -> list[int]:
        """Produce records, in one go, and return their offsets. A mapping that is Enabled sees them at once.

        Parameters:
            values: bytes, a text, what becomes JSON, or None.
            key: as a value; by default there is none.
            partition: where they go; by default where the key leads, and without a key to each in turn.
            headers: by name.
            timestamp: in milliseconds; the clock's time by default.
        """
        __tracebackhide__ = True
        shown = {name: as_bytes(value) for name, value in (headers or {}).items()}
        raw = None if key is None else as_bytes(key)
        name = self._part(topic, "topic", "put")
        with self._told("put", part=name):
            stream, offsets = self._topic(name, "put"), []
            for value in values:
                shard = _partition_of(stream, name, raw, partition)
                more = {"key": raw, "headers": shown, "timestamp": timestamp}
                data = None if value is None else as_bytes(value)
                offsets.append(stream.put(data, key=str(raw or ""), shard=shard, more=more).position)
            return offsets

    def records(self, topic: str | None = None) -> list[Any]:
        """Return the values of the records that are still kept, partition by partition: those that were read, too."""
        stream = self._topic(topic, "records")
        return [record.data for shard in stream.shards() for record in stream.read(shard.id, 0, 1_000_000)]

    def configure(
        self, *, topic: str | None = None, partitions: int | None = None, retention: float | timedelta | None = None
    ) -> TopicView:
        """Set how many partitions a topic has, and how long it keeps records: seconds or a timedelta.

        Partitions may be added at any time. Raises ValueError for fewer than there are.
        """
        __tracebackhide__ = True
        name = self._part(topic, "topic", "configure")
        with self._told("configure", part=name):
            stream = self._topic(name, "configure")
            if partitions is not None:
                have = len(stream.shards())
                if partitions < have:
                    raise ValueError(f'the topic "{name}" has {have} partitions, and a topic never loses any')
                stream.grow_to(partitions)
            if retention is not None:
                stream.keep_for(length_of("configure()", retention))
        return self

    def commit(self, group: str, offset: int, *, topic: str | None = None, partition: int = 0) -> None:
        """Let the consumer *group* have committed *offset*, the next one that it reads.

        A mapping with this ConsumerGroupId goes on there, whatever its StartingPosition.
        """
        __tracebackhide__ = True
        name = self._part(topic, "topic", "commit")
        with self._told("commit", stir=False):
            self.sources.offsets(self.source, name, group)[partition_name(name, partition)] = offset

    def committed(self, group: str, *, topic: str | None = None) -> dict[int, int]:
        """Return the offset that the consumer *group* reads next, by partition."""
        __tracebackhide__ = True
        found = self.sources.offsets(self.source, self._part(topic, "topic", "committed"), group)
        return {int(name.rpartition("-")[2]): offset for name, offset in found.items()}


def _partition_of(stream: ScriptedStream, topic: str, key: bytes | None, partition: int | None) -> str:
    __tracebackhide__ = True
    names = [shard.id for shard in stream.shards()]
    if partition is not None:
        wanted = partition_name(topic, partition)
        if wanted not in names:
            raise ValueError(
                f'the topic "{topic}" has no partition {partition}: it has {len(names)}.\n'
                f"  Give it more:  configure(partitions={partition + 1})"
            )
        return wanted
    if key is None:
        return stream.name_by_turns()
    return names[zlib.crc32(key) % len(names)]  # Kafka's own hash does not matter: the same key, the same partition


class DocumentsView(_PartedView):
    """A cluster of DocumentDB. Documents are plain values; ``_id`` becomes the key of the change."""

    def put(self, *documents: Mapping[str, Any], database: str, collection: str) -> list[str]:
        """Let documents be inserted, and return the tokens of the changes. An Enabled mapping sees them at once."""
        __tracebackhide__ = True
        return self._change("put", [(None, one) for one in documents], database, collection)

    def modify(self, old: Mapping[str, Any], new: Mapping[str, Any], *, database: str, collection: str) -> list[str]:
        """Let a document be updated."""
        __tracebackhide__ = True
        return self._change("modify", [(old, new)], database, collection)

    def remove(self, *documents: Mapping[str, Any], database: str, collection: str) -> list[str]:
        """Let documents be deleted."""
        __tracebackhide__ = True
        return self._change("remove", [(one, None) for one in documents], database, collection)

    def configure(self, *, database: str, collection: str | None = None, retention: float | timedelta) -> DocumentsView:
        """Set how long the change stream of a database, or of one collection, is kept: seconds or a timedelta."""
        __tracebackhide__ = True
        with self._told("configure", stir=False):
            for part in (database, f"{database}.{collection}") if collection else (database,):
                self.sources.scripted_stream(self.source, part).keep_for(length_of("configure()", retention))
        return self

    def _change(
        self,
        method: str,
        changes: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]],
        database: str,
        collection: str,
    ) -> list[str]:
        __tracebackhide__ = True
        tokens: list[str] = []
        with self._told(method, stir=False):
            for old, new in changes:
                change = {**_change_of(old, new, method), "ns": {"db": database, "coll": collection}}
                for part in (database, f"{database}.{collection}"):  # a mapping reads either
                    stream = self.sources.scripted_stream(self.source, part)
                    (shard,) = stream.shards()
                    record = stream.put(change, shard=shard.id)
                tokens.append(record.sequence)
            for part in (database, f"{database}.{collection}"):
                self.sources.stir(address_of(self.source, part))
        return tokens


def _change_of(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, method: str) -> dict[str, Any]:
    __tracebackhide__ = True
    document = new if new is not None else old
    assert document is not None
    if "_id" not in document:
        raise ValueError(f"{method}(): the document has no _id:  {dict(document)!r}")
    change: dict[str, Any] = {"documentKey": {"_id": document["_id"]}}
    if new is None:
        return {**change, "operationType": "delete"}
    change["fullDocument"] = dict(new)
    if old is None:
        return {**change, "operationType": "insert"}
    change["updateDescription"] = {
        "updatedFields": {name: value for name, value in new.items() if old.get(name, _change_of) != value},
        "removedFields": [name for name in old if name not in new],
    }
    return {**change, "operationType": "update"}
