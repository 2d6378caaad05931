"""Where events come from: sources of the test, and those of services that are mocked beside us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import field
from datetime import timedelta
from functools import partial
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.event_sources.beside import SourcesBeside
from lambda_states_mock.event_sources.brokers import settings_of
from lambda_states_mock.event_sources.events.documentdb import resume_token
from lambda_states_mock.event_sources.events.kafka import partition_name
from lambda_states_mock.event_sources.events.mq import ACTIVE_MQ
from lambda_states_mock.event_sources.queue_poller import QueueSource
from lambda_states_mock.event_sources.scripted_queue import ScriptedQueue
from lambda_states_mock.event_sources.scripted_stream import ScriptedStream
from lambda_states_mock.event_sources.stream_source import StreamSource
from lambda_states_mock.execution import sleeping
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import Source
from lambda_states_mock.resources.message import Message

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
    _engines: dict[str, str] = field(default_factory=dict)  # of brokers
    _offsets: dict[tuple[str, str], MutableMapping[str, int]] = field(default_factory=dict)
    _watchers: dict[str, list[Callable[[str | None], object]]] = field(default_factory=dict)

    def queue(self, address: str) -> QueueSource:
        """Return the queue at *address*: that of a service beside us, or else the test's."""
        return (None if "#" in address else self.beside.queue(address)) or self.scripted_queue(address)

    def scripted_queue(self, address: str) -> ScriptedQueue:
        """Return the queue of the test."""
        found = self._queues.get(address)
        if found is None:
            found = ScriptedQueue(address, lambda: sleeping.now(self.clock), self.chance, self._bury)
            broker, hash_, _ = address.partition("#")
            if hash_:
                found.be_like(settings_of(self.engine_of(broker), broker))
            self._queues[address] = found
        return found

    def engine_of(self, broker: str) -> str:
        """Return the engine of a broker: ActiveMQ, unless something is said of it."""
        return self._engines.get(broker, ACTIVE_MQ)

    def have_engine(self, broker: str, engine: str) -> None:
        """Let *broker* have *engine*."""
        if self.engine_of(broker) != engine:
            self._engines[broker] = engine
            for queue in self.queues_of(broker):
                queue.be_like(settings_of(engine, broker))

    def queues_of(self, broker: str) -> Sequence[ScriptedQueue]:
        """Return the queues of a broker."""
        return [queue for address, queue in self._queues.items() if address.startswith(f"{broker}#")]

    def stream(self, source: Source, part: str = "") -> StreamSource:
        """Return the stream, topic or change stream *source*: that of a service beside us, or else the test's."""
        return self.beside.stream(source) or self.scripted_stream(source, part)

    def scripted_stream(self, source: Source, part: str = "") -> ScriptedStream:
        """Return the stream of the test. Parameters: *part*, the topic, or the database and collection."""
        address = address_of(source, part)
        found = self._streams.get(address)
        if found is None:
            kind = source.kind.name
            naming = _NAMES[kind]
            found = self._streams[address] = ScriptedStream(
                address,
                lambda: sleeping.now(self.clock),
                naming.record,
                partial(naming.shard, part),
                _RETENTION.get(kind, timedelta(days=1)),
            )
        return found

    def parts_of(self, source: Source) -> list[str]:
        """Return which topics, queues or collections of *source* were spoken of."""
        start = f"{address_of(source)}#"
        return [address.removeprefix(start) for address in (*self._streams, *self._queues) if address.startswith(start)]

    def offsets(self, source: Source, topic: str, group: str) -> MutableMapping[str, int]:
        """Return the offsets that a consumer group has committed, by partition."""
        return self._offsets.setdefault((address_of(source, topic), group), {})

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

    def watch(self, source: Source, part: str, look: Callable[[str | None], object]) -> None:
        """Call *look* whenever there may be something in *part* of *source*, with the shard, None for any."""
        self._watchers.setdefault(address_of(source, part), []).append(look)

    def stir(self, address: str, shard: str | None = None) -> None:
        """Say that there may be something at *address*; *shard*, where it is known."""
        for look in tuple(self._watchers.get(address, ())):
            look(shard)


def address_of(source: Source, part: str = "") -> str:
    """Return how *part* of *source* is called here. A consumer has the address of its stream.

    A cluster that is self-managed goes by its first server.
    """
    name = source.name if source.arn is None else source.arn.partition("/consumer/")[0]
    return f"{name}#{part}" if part else name


@dataclass(frozen=True, slots=True)
class _Naming:
    """How a kind of stream names a record, by its number and position, and a shard, by the part and its number."""

    record: Callable[[int, int], str]
    shard: Callable[[str, int], str]


_TOPIC = _Naming(lambda _number, position: str(position), partition_name)
_NAMES: Mapping[str, _Naming] = {
    "kinesis": _Naming(
        lambda number, _position: str(_KINESIS_SEQUENCES + number * 2), lambda _part, number: f"shardId-{number:012d}"
    ),
    "dynamodb": _Naming(
        lambda number, _position: str(_DYNAMODB_SEQUENCES + number),
        lambda _part, number: f"shardId-{1_700_000_000_000 + number:020d}-{number:08x}",
    ),
    "msk": _TOPIC,
    "kafka": _TOPIC,
    "documentdb": _Naming(lambda number, _position: resume_token(number), lambda part, _number: part),
}
