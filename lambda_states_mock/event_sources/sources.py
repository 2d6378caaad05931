"""Where events come from: sources of the test, and those of services that are mocked beside us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.event_sources.queue_poller import QueueSource
from lambda_states_mock.event_sources.scripted_queue import ScriptedQueue
from lambda_states_mock.event_sources.scripted_stream import ScriptedStream
from lambda_states_mock.event_sources.stream_poller import StreamSource
from lambda_states_mock.execution import sleeping
from lambda_states_mock.resources.event_source_mapping import Source
from lambda_states_mock.resources.message import Message


class SourcesBeside(Protocol):
    """The services beside us that have queues and streams."""

    def queue(self, arn: str) -> QueueSource | None:
        """Return the queue, or None where nobody but us answers for it."""

    def stream(self, source: Source) -> StreamSource | None:
        """Return the stream, or None where nobody but us answers for it."""


class NoSourcesBeside:
    """All sources are those of the test."""

    def queue(self, arn: str) -> QueueSource | None:  # noqa: ARG002
        return None

    def stream(self, source: Source) -> StreamSource | None:  # noqa: ARG002
        return None


_KINESIS_SEQUENCES = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898  # 56 digits
_DYNAMODB_SEQUENCES = 100_000_000_000_000_000_000  # 21 digits
_RETENTION = {"kafka": timedelta(days=7), "msk": timedelta(days=7), "documentdb": timedelta(hours=3)}


@dataclass(eq=False, slots=True)
class Sources:
    """All of them. Sources of the test are there as soon as they are spoken of."""

    clock: VirtualClock
    chance: Chance
    beside: SourcesBeside
    _queues: dict[str, ScriptedQueue] = field(default_factory=dict)
    _streams: dict[str, ScriptedStream] = field(default_factory=dict)
    _watchers: dict[str, list[Callable[[str | None], object]]] = field(default_factory=dict)

    def queue(self, arn: str) -> QueueSource:
        """Return the queue *arn*: that of a service beside us, or else the test's."""
        return self.beside.queue(arn) or self.scripted_queue(arn)

    def scripted_queue(self, arn: str) -> ScriptedQueue:
        """Return the queue of the test."""
        found = self._queues.get(arn)
        if found is None:
            found = self._queues[arn] = ScriptedQueue(arn, lambda: sleeping.now(self.clock), self.chance, self._bury)
        return found

    def stream(self, source: Source) -> StreamSource:
        """Return the stream, topic or change stream *source*: that of a service beside us, or else the test's."""
        return self.beside.stream(source) or self.scripted_stream(source)

    def scripted_stream(self, source: Source) -> ScriptedStream:
        """Return the stream of the test."""
        text = stream_name(source.text)
        found = self._streams.get(text)
        if found is None:
            kind = source.kind.name
            sequence, name_of = _NAMES.get(kind, (str, str))
            found = self._streams[text] = ScriptedStream(
                text,
                lambda: sleeping.now(self.clock),
                sequence,
                name_of,
                _RETENTION.get(kind, timedelta(days=1)),
            )
        return found

    def deliver(self, message: Message) -> bool:
        """Take a message to a queue of the test; False where it is none of ours."""
        if message.service != "sqs" or self.beside.queue(message.target) is not None:
            return False
        shown = {
            name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
            for name, value in message.attributes.items()
        }
        self.scripted_queue(message.target).put(message.body, attributes=shown, trace=message.trace)
        self.stir(message.target)
        return True

    def _bury(self, dead_letters: str, body: str, more: Mapping[str, Any]) -> None:
        self.scripted_queue(dead_letters).put(body, deduplication_id=more["id"], **more)
        self.stir(dead_letters)

    def close(self) -> None:
        """Let go of whoever watches."""
        self._watchers.clear()

    def watch(self, text: str, look: Callable[[str | None], object]) -> None:
        """Call *look* whenever there may be something in the source *text*, with the shard, None for any."""
        self._watchers.setdefault(stream_name(text), []).append(look)

    def stir(self, text: str, shard: str | None = None) -> None:
        """Say that there may be something in the source *text*; *shard*, where it is known."""
        for look in tuple(self._watchers.get(stream_name(text), ())):
            look(shard)


def stream_name(text: str) -> str:
    """Return the ARN of the stream that *text* is, or is a consumer of."""
    return text.partition("/consumer/")[0]


_NAMES: Mapping[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "kinesis": (lambda number: str(_KINESIS_SEQUENCES + number * 2), lambda number: f"shardId-{number:012d}"),
    "dynamodb": (
        lambda number: str(_DYNAMODB_SEQUENCES + number),
        lambda number: f"shardId-{1_700_000_000_000 + number:020d}-{number:08x}",
    ),
}
"""By kind of stream: how the n-th record and the n-th shard are called."""
