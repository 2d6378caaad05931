"""How the records of each kind of source stand in the event of a batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lambda_states_mock.event_sources.events.documentdb import documentdb_change, documentdb_event
from lambda_states_mock.event_sources.events.dynamodb import dynamodb_record
from lambda_states_mock.event_sources.events.kafka import bootstrap_servers_of, kafka_origin, kafka_record
from lambda_states_mock.event_sources.events.kinesis import kinesis_record
from lambda_states_mock.event_sources.events.mq import (
    RABBIT_MQ,
    active_mq_message,
    active_mq_origin,
    rabbit_mq_message,
    rabbit_mq_origin,
    rabbit_mq_queue,
)
from lambda_states_mock.event_sources.events.sqs import sqs_record
from lambda_states_mock.event_sources.messages import QueueMessage, StreamRecord
from lambda_states_mock.event_sources.polling import PolledRecord, records_event
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping


class SqsFormat:
    """``Records`` of SQS."""

    def record(self, message: QueueMessage, settings: PollSettings, now: datetime) -> tuple[Mapping[str, Any], Any]:  # noqa: ARG002
        shown = sqs_record(message, settings.mapping.source.arn or "", with_null_digest=settings.has_window)
        return shown, shown

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings) -> bytes:  # noqa: ARG002
        return records_event(one.text for one in records)


@dataclass(frozen=True, slots=True)
class BrokerFormat:
    """Messages of Amazon MQ. Parameters: *engine_of* returns which engine a mapping's broker has."""

    engine_of: Callable[[PollSettings], str]

    def record(self, message: QueueMessage, settings: PollSettings, now: datetime) -> tuple[Mapping[str, Any], Any]:
        if self.engine_of(settings) == RABBIT_MQ:
            shown = rabbit_mq_message(message)
        else:
            region = (settings.mapping.source.arn or "").split(":", 4)[3]
            shown = active_mq_message(message, settings.part, region, now)
        return shown, {**shown, "data": message.body}

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings) -> bytes:
        arn, texts = settings.mapping.source.arn or "", ",".join(one.text for one in records)
        if self.engine_of(settings) == RABBIT_MQ:
            queue = rabbit_mq_queue(settings.part, virtual_host_of(settings.mapping) or "/")
            return event_around(rabbit_mq_origin(arn), f'"rmqMessagesByQueue":{{{_json(queue)}:[{texts}]}}')
        return event_around(active_mq_origin(arn), f'"messages":[{texts}]')


def virtual_host_of(mapping: EventSourceMapping) -> str | None:
    """Return the virtual host that a mapping names; only RabbitMQ has such."""
    access = mapping.settings.get("SourceAccessConfigurations") or ()
    return next((one["URI"] for one in access if one.get("Type") == "VIRTUAL_HOST"), None)


class _InRecords:
    """What formats of streams have in common, where they have nothing of their own: ``Records``, by sequence number."""

    def prepare(self, settings: PollSettings) -> Any:  # noqa: ARG002
        """Nothing is the same for all."""
        return None

    def id_of(self, record: StreamRecord) -> str:
        return record.sequence

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:  # noqa: ARG002
        return records_event((one.text for one in records), more)


@dataclass(frozen=True)
class KinesisFormat(_InRecords):
    """``Records`` of Kinesis. Parameters: *role_of* returns the role of a mapping's function."""

    role_of: Callable[[PollSettings], str]

    def prepare(self, settings: PollSettings) -> str:
        return self.role_of(settings)

    def record(self, record: StreamRecord, settings: PollSettings, prepared: Any) -> tuple[Mapping[str, Any], Any]:
        shown = kinesis_record(record, settings.mapping.source.arn or "", prepared)
        if not settings.filters:
            return shown, shown
        return shown, {**shown, **shown["kinesis"], "data": record.data}  # its siblings are at the top level


class DynamodbFormat(_InRecords):
    """``Records`` of a DynamoDB stream."""

    def record(
        self,
        record: StreamRecord,
        settings: PollSettings,
        prepared: Any,  # noqa: ARG002
    ) -> tuple[Mapping[str, Any], Any]:
        shown = dynamodb_record(record, settings.mapping.source.arn or "")
        return shown, shown


class KafkaFormat(_InRecords):
    """``records`` of topics, by partition."""

    def record(
        self,
        record: StreamRecord,
        settings: PollSettings,
        prepared: Any,  # noqa: ARG002
    ) -> tuple[Mapping[str, Any], Any]:
        shown = kafka_record(record)
        if not settings.filters:
            return shown, shown
        decoded = {"key": record.more.get("key"), "value": record.data}
        return shown, {**shown, **{name: value for name, value in decoded.items() if value is not None}}

    def id_of(self, record: StreamRecord) -> str:
        return f"{record.shard}:{record.position}"

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:  # noqa: ARG002
        source = settings.mapping.source
        servers = ",".join(source.endpoints) if source.arn is None else bootstrap_servers_of(source.arn)
        by_partition: dict[str, list[str]] = {}
        for one in records:
            by_partition.setdefault(one.group, []).append(one.text)
        told = ",".join(f"{_json(name)}:[{','.join(texts)}]" for name, texts in by_partition.items())
        return event_around(kafka_origin(source.arn, servers), f'"records":{{{told}}}')


class DocumentFormat(_InRecords):
    """``events`` of change streams."""

    def record(
        self,
        record: StreamRecord,
        settings: PollSettings,
        prepared: Any,  # noqa: ARG002
    ) -> tuple[Mapping[str, Any], Any]:
        shown = documentdb_change(record, looks_up=settings.looks_up)
        return shown, shown

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:  # noqa: ARG002
        arn, texts = settings.mapping.source.arn, ",".join(one.text for one in records)
        around = _json(documentdb_event(arn or "", []))
        return around.replace('"events":[]', f'"events":[{texts}]', 1).encode("utf-8", "surrogatepass")


def event_around(origin: Mapping[str, Any], records: str) -> bytes:
    """Return the event that has the members *origin*, and behind them *records*, which is JSON already."""
    return f"{_json(origin)[:-1]},{records}}}".encode("utf-8", "surrogatepass")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
