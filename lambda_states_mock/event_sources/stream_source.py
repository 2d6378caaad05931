"""A stream, topic or change stream, and how its records stand in an event: what its pollers go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import PolledRecord
from lambda_states_mock.event_sources.scripted_stream import Shard
from lambda_states_mock.event_sources.settings import PollSettings


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

    def id_of(self, record: StreamRecord) -> str:
        """Return by what a function reports the record as failed."""

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:
        """Return the event of *records*; *more*, further members of it."""
