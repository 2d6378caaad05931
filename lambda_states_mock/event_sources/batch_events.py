"""Batches of queues, streams, topics, brokers and change streams, as pollers send them: part of ``m.events``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambda_states_mock.event_sources.event_maker import Event, EventMaker, Records, names_its_fields
from lambda_states_mock.event_sources.events.documentdb import documentdb_change, documentdb_event, resume_token
from lambda_states_mock.event_sources.events.dynamodb import dynamodb_record
from lambda_states_mock.event_sources.events.kafka import (
    bootstrap_servers_of,
    kafka_origin,
    kafka_record,
    partition_name,
)
from lambda_states_mock.event_sources.events.kinesis import kinesis_record
from lambda_states_mock.event_sources.events.mq import (
    active_mq_message,
    active_mq_origin,
    rabbit_mq_message,
    rabbit_mq_origin,
    rabbit_mq_queue,
)
from lambda_states_mock.event_sources.events.pipes import pipe_records
from lambda_states_mock.event_sources.events.sqs import sqs_record
from lambda_states_mock.event_sources.messages import QueueMessage, StreamRecord
from lambda_states_mock.event_sources.pushes import Pusher
from lambda_states_mock.event_sources.stream_views import as_bytes, as_text
from lambda_states_mock.instants import iso_seconds

_POLLER = "lambda.amazonaws.com"
_CLUSTER = "5e4b7a8f-2c3d-4e5f-8a9b-0c1d2e3f4a5b-1"  # the unique part of a cluster's or broker's ARN


class BatchEvents(EventMaker):
    """Makes the events of sources that are polled."""

    @names_its_fields
    def sqs(self, queue: str, *bodies: str, attributes: Mapping[str, Mapping[str, Any]] | None = None) -> Event:
        """A batch of a queue. Parameters: *queue*, a name or an ARN; *attributes*, of each, as in SendMessage."""
        arn = self._arn("sqs", queue)
        records = [sqs_record(self._message(body, attributes), arn, with_null_digest=False) for body in bodies]
        return self._now({"Records": records}, Pusher("SQS", _POLLER, arn, has_role=True))

    @names_its_fields
    def kinesis(self, stream: str, *data: str | bytes, partition_key: str = "key", role: str = "role") -> Event:
        """A batch of a stream. Parameters: *stream*, a name or an ARN; *role*, the name of the function's."""
        arn = self._arn("kinesis", stream if ":" in stream else f"stream/{stream}")
        role_arn = f"arn:aws:iam::{self._home.account}:role/{role}"
        records = [
            kinesis_record(self._record(index, as_bytes(one), key=partition_key), arn, role_arn)
            for index, one in enumerate(data)
        ]
        return self._now({"Records": records}, Pusher("Kinesis", _POLLER, arn, has_role=True))

    @names_its_fields
    def dynamodb(
        self,
        table: str,
        keys: Mapping[str, Mapping[str, Any]],
        *,
        new: Mapping[str, Mapping[str, Any]] | None = None,
        old: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Event:
        """One change of an item: an INSERT, a MODIFY or a REMOVE, as the images *new* and *old* are there."""
        name = "MODIFY" if new and old else "REMOVE" if old else "INSERT"
        data = {"Keys": keys, **({"NewImage": new} if new else {}), **({"OldImage": old} if old else {})}
        label = f"table/{table}/stream/{iso_seconds(self._clock.now).removesuffix('Z')}.000"
        arn = table if table.startswith("arn:") else self._arn("dynamodb", label)
        record = dynamodb_record(self._record(0, data, more={"eventName": name}), arn)
        return self._now({"Records": [record]}, Pusher("DynamoDB", _POLLER, arn, has_role=True))

    @names_its_fields
    def kafka(
        self,
        topic: str,
        *values: Any,
        cluster: str | None = "cluster",
        servers: str = "kafka:9092",
        partition: int = 0,
        key: Any = None,
        headers: Mapping[str, str | bytes] | None = None,
    ) -> Event:
        """A batch of a topic.

        Parameters: *values* and *key*, bytes, a text, or what becomes JSON; *cluster*, a name or the ARN of one of MSK,
        None of one that is self-managed, which has *servers*.
        """
        arn = None if cluster is None else self._arn("kafka", _resource(cluster, f"cluster/{cluster}/{_CLUSTER}"))
        name = partition_name(topic, partition)
        more = {
            "key": None if key is None else as_bytes(key),
            "headers": {header: as_bytes(value) for header, value in (headers or {}).items()},
        }
        records = [
            kafka_record(
                StreamRecord(
                    shard=name,
                    position=index,
                    sequence=str(index),
                    arrived=self._clock.now,
                    data=None if value is None else as_bytes(value),
                    more=more,
                )
            )
            for index, value in enumerate(values)
        ]
        origin = kafka_origin(arn, servers if arn is None else bootstrap_servers_of(arn))
        return self._now({**origin, "records": {name: records}}, Pusher("Kafka", _POLLER, arn, has_role=True))

    @names_its_fields
    def active_mq(self, queue: str, *bodies: Any, broker: str = "broker") -> Event:
        """A batch of a queue of ActiveMQ. Parameters: *bodies*, texts, bytes, or what becomes JSON; *broker*, a name
        or an ARN.
        """
        arn = self._broker(broker)
        messages = [
            active_mq_message(self._message(as_text(one)), queue, self._home.region, self._clock.now) for one in bodies
        ]
        return self._now(
            {**active_mq_origin(arn), "messages": messages}, Pusher("Amazon MQ", _POLLER, arn, has_role=True)
        )

    @names_its_fields
    def rabbit_mq(self, queue: str, *bodies: Any, broker: str = "broker", virtual_host: str = "/") -> Event:
        """A batch of a queue of RabbitMQ. Parameters: as `active_mq`."""
        arn = self._broker(broker)
        messages = {
            rabbit_mq_queue(queue, virtual_host): [rabbit_mq_message(self._message(as_text(one))) for one in bodies]
        }
        made = {**rabbit_mq_origin(arn), "rmqMessagesByQueue": messages}
        return self._now(made, Pusher("Amazon MQ", _POLLER, arn, has_role=True))

    @names_its_fields
    def documentdb(
        self,
        collection: str,
        *documents: Mapping[str, Any],
        database: str = "database",
        cluster: str = "cluster",
        operation: str = "insert",
    ) -> Event:
        """A batch of a change stream: documents that were inserted, or *operation*. Each has its ``_id``."""
        arn = self._arn("rds", _resource(cluster, f"cluster:{cluster}"))
        changes: list[Mapping[str, Any]] = []
        for index, document in enumerate(documents):
            data = {
                "documentKey": {"_id": document["_id"]},
                "ns": {"db": database, "coll": collection},
                "operationType": operation,
                **({} if operation == "delete" else {"fullDocument": dict(document)}),
            }
            record = StreamRecord(
                shard="", position=index, sequence=resume_token(index + 1), arrived=self._clock.now, data=data
            )
            changes.append(documentdb_change(record))
        return self._now(documentdb_event(arn, changes), Pusher("DocumentDB", _POLLER, arn, has_role=True))

    @names_its_fields
    def pipe(self, batch: Mapping[str, Any], *, pipe: str = "pipe", waits: bool = True) -> Records:
        """What a pipe of EventBridge hands to its target or its enrichment: an array of records.

        Parameters: *batch*, the event of its source, as in ``pipe(m.events.sqs("jobs", "a"))``; *pipe*, its name;
        *waits*, whether it waits for the result: ``REQUEST_RESPONSE``, and not ``FIRE_AND_FORGET``.

        Raises ValueError for the event of what no pipe reads.
        """
        pusher = Pusher("EventBridge Pipes", "pipes.amazonaws.com", self._arn("pipes", f"pipe/{pipe}"), has_role=True)
        return Records(pipe_records(batch), self._result_of(pusher) if waits else self._queued(pusher))

    def _message(self, body: str, attributes: Mapping[str, Mapping[str, Any]] | None = None) -> QueueMessage:
        now = self._clock.now
        return QueueMessage(
            id=self._chance.uuid(),
            body=body,
            handle=self._chance.token(60),
            sent=now,
            first_received=now,
            attributes=attributes or {},
        )

    def _broker(self, broker: str) -> str:
        return self._arn("mq", _resource(broker, f"broker:{broker}:b-{_CLUSTER[:-2]}"))


def _resource(given: str, made: str) -> str:
    return given if given.startswith("arn:") else made
