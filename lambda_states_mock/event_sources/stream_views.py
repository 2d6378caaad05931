"""Streams of the test: ``m.source("arn:aws:kinesis:us-east-1:123456789012:stream/clicks").put(b"one", key="k")``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lambda_states_mock.errors import WrongStateError
from lambda_states_mock.event_sources.scripted_stream import ScriptedStream
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.sources import address_of
from lambda_states_mock.instants import length_of

_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})


class StreamView(SourceView):
    """A stream of the test."""

    @property
    def _stream(self) -> ScriptedStream:
        if self.sources.beside.stream(self.source) is not None:
            raise WrongStateError(
                f"a mock of another service has the stream {self.text}\n"
                "  Write to it with its own client: mappings see what you put there."
            )
        return self.sources.scripted_stream(self.source)

    def __repr__(self) -> str:
        return f"<stream {self.text}: {len(self.records)} records>"

    @property
    def shards(self) -> list[str]:
        """The ids of its shards, closed ones included."""
        return [shard.id for shard in self._stream.shards()]

    @property
    def records(self) -> list[Any]:
        """The data of the records that are still kept, shard by shard: those that were read, too."""
        stream = self._stream
        return [record.data for shard in stream.shards() for record in stream.read(shard.id, 0, 1_000_000)]

    def configure(self, *, shards: int | None = None, retention: float | timedelta | None = None) -> StreamView:
        """Set how many shards it begins with, and how long it keeps records: seconds or a timedelta.

        Raises ValueError for a number of shards once there are records.
        """
        __tracebackhide__ = True
        with self._told("configure"):
            if shards is not None:
                self._stream.set_shards(shards)
            if retention is not None:
                self._stream.keep_for(length_of("configure()", retention))
        return self

    def delete(self) -> None:
        """Let the stream be gone: polls of it fail from now on."""
        with self._told("delete"):
            self._stream.be_there(False)

    def restore(self) -> None:
        """Let the stream be there again, with the records that it had."""
        with self._told("restore"):
            self._stream.be_there(True)

    def _add(self, entries: Sequence[tuple[Any, str, str | None, Mapping[str, Any]]], method: str) -> list[str]:
        __tracebackhide__ = True
        with self._told(method, stir=False):
            put = [self._stream.put(data, key=key, shard=shard, more=more) for data, key, shard, more in entries]
            for shard in dict.fromkeys(record.shard for record in put):
                self.sources.stir(address_of(self.source), shard)
            return [record.sequence for record in put]


class KinesisView(StreamView):
    """A stream of Kinesis."""

    def put(self, *data: Any, key: str = "1", shard: str | None = None) -> list[str]:
        """Put records, in one go, and return their sequence numbers. A mapping that is Enabled sees them at once.

        Parameters: *data*, bytes, a text, or what becomes JSON; *key*, their partition key; *shard*, where they go, by
        default where the key leads.
        """
        __tracebackhide__ = True
        return self._add([(as_bytes(one), key, shard, {}) for one in data], "put")

    def split(self, shard: str) -> tuple[str, str]:
        """Close *shard*, and return the ids of its two children."""
        with self._told("split"):
            return self._stream.split(shard)

    def merge(self, shard: str, other: str) -> str:
        """Close two shards that lie side by side, and return the id of their child."""
        with self._told("merge"):
            return self._stream.merge(shard, other)


class TableStreamView(StreamView):
    """The stream of a DynamoDB table. Items are as DynamoDB has them, ``{"id": {"S": "1"}}``, or plain values."""

    def put(self, *items: Mapping[str, Any], keys: Sequence[str] = ("id",)) -> list[str]:
        """Let items be inserted, and return the sequence numbers. *keys*: which attributes are the table's keys."""
        __tracebackhide__ = True
        return self._change("put", [(None, item) for item in items], keys, {})

    def modify(self, old: Mapping[str, Any], new: Mapping[str, Any], *, keys: Sequence[str] = ("id",)) -> list[str]:
        """Let an item be changed; without a change there is no record (recorded)."""
        __tracebackhide__ = True
        return self._change("modify", [(old, new)], keys, {})

    def remove(self, *items: Mapping[str, Any], keys: Sequence[str] = ("id",), expired: bool = False) -> list[str]:
        """Let items be deleted. *expired*: by their time to live."""
        __tracebackhide__ = True
        identity = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
        return self._change(
            "remove", [(item, None) for item in items], keys, {"userIdentity": identity} if expired else {}
        )

    def _change(
        self,
        method: str,
        changes: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]],
        keys: Sequence[str],
        more: Mapping[str, Any],
    ) -> list[str]:
        __tracebackhide__ = True
        entries = []
        for old, new in changes:
            before, after = (None if item is None else {k: _typed(v) for k, v in item.items()} for item in (old, new))
            item = after if after is not None else before
            if before == after or item is None:
                continue
            missing = [key for key in keys if key not in item]
            if missing:
                raise ValueError(
                    f"{method}(): the item has no {', '.join(missing)}; say which attributes are keys:  keys=(...)"
                )
            images = {"Keys": {key: item[key] for key in keys}}
            if after is not None:
                images["NewImage"] = after
            if before is not None:
                images["OldImage"] = before
            name = "INSERT" if before is None else "REMOVE" if after is None else "MODIFY"
            entries.append((images, json.dumps(images["Keys"], default=str), None, {"eventName": name, **more}))
        return self._add(entries, method)


def as_bytes(data: Any) -> bytes:
    """Return *data* as a source keeps it: text as UTF-8, other values as JSON."""
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    return (data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))).encode()


def as_text(data: Any) -> str:
    """Return *data* as a broker's message: bytes that are no UTF-8 are kept as surrogates."""
    return as_bytes(data).decode("utf-8", "surrogateescape")


def _typed(value: Any) -> Mapping[str, Any]:
    """Return *value* as DynamoDB has it."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in _TYPES:
            return value
        return {"M": {name: _typed(inner) for name, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"L": [_typed(inner) for inner in value]}
    for kind, tag in ((bool, "BOOL"), (bytes, "B"), (str, "S")):
        if isinstance(value, kind):
            return {tag: value}
    return {"NULL": True} if value is None else {"N": str(value)}
