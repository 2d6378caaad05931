"""moto's queues and streams as pollers see them: read through ordinary clients, so that their state is moto's own.

What no operation tells, when the next hidden message becomes visible, is looked up in moto's models.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from lambda_states_mock import private_names
from lambda_states_mock.adapters.moto_neighbours import NO_QUEUE, TEXTS, client_of, is_mocked
from lambda_states_mock.adapters.moto_time import now
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.messages import QueueMessage, StreamRecord
from lambda_states_mock.event_sources.queue_poller import QueueSource
from lambda_states_mock.event_sources.scripted_stream import Shard
from lambda_states_mock.event_sources.stream_source import StreamSource
from lambda_states_mock.instants import exact_milliseconds, of_milliseconds
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.event_source_mapping import Source
from lambda_states_mock.resources.function import NOTHING

_OURS = frozenset({"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"})
_EVERYTHING = 10_000


def _asked(client: Any, operation: str, **params: Any) -> Any:
    """Return what moto answers. Raises NeighbourError for its errors, and for what it has not built."""
    try:
        return getattr(client, operation)(**params)
    except ClientError as error:
        found = error.response["Error"]
        text = TEXTS.get(found["Code"], found.get("Message", ""))
        raise NeighbourError(operation, found["Code"], text) from None
    except (NotImplementedError, ResponseParserError, SyntaxError) as error:
        raise NeighbourError(operation, "NotImplemented", f"moto has not built it: {error}") from None


class MotoQueue:
    """A queue of moto. Parameters: its *arn*; *client_of*, which makes clients of a service in a region."""

    def __init__(self, arn: str, client_of: Callable[[str, str], Any] = client_of) -> None:
        self.region, self.account, self.name = arn.split(":")[3:6]
        self._client = client_of("sqs", self.region)
        self._url = ""

    @property
    def _model(self) -> Any:
        models: Any = sys.modules.get("moto.sqs.models")
        queue = models.sqs_backends[self.account][self.region].queues.get(self.name) if models is not None else None
        if queue is None:
            raise NeighbourError("ReceiveMessage", NO_QUEUE, TEXTS[NO_QUEUE])
        return queue

    def at_queue(self, operation: str, **params: Any) -> Any:
        """Return what an *operation* on this queue answers. Raises NeighbourError for its errors."""
        if not self._url:
            self._url = _asked(self._client, "get_queue_url", QueueName=self.name)["QueueUrl"]
        return _asked(self._client, operation, QueueUrl=self._url, **params)

    def receive(self, count: int, visibility: timedelta | None = None) -> Sequence[QueueMessage]:
        hidden = self.visibility() if visibility is None else visibility
        params = {} if visibility is None else {"VisibilityTimeout": int(visibility.total_seconds())}
        answer = self.at_queue(
            "receive_message",
            MaxNumberOfMessages=count,
            WaitTimeSeconds=0,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
            **params,
        )
        until = (now() or datetime.now(timezone.utc)) + hidden
        return [_message(one, until) for one in answer.get("Messages", ())]

    def delete(self, messages: Iterable[QueueMessage]) -> None:
        entries = [{"Id": str(number), "ReceiptHandle": one.handle} for number, one in enumerate(messages)]
        for first in range(0, len(entries), 10):
            self.at_queue("delete_message_batch", Entries=entries[first : first + 10])

    def leave(self, messages: Iterable[QueueMessage]) -> None:
        """They come back when their visibility ends."""

    def next_visible(self) -> datetime | None:
        moment = now()
        if moment is None:
            return None
        stands = exact_milliseconds(moment)
        ends = [max(one.visible_at, one.delayed_until) for one in self._model._messages]  # noqa: SLF001
        upcoming = min((end for end in ends if end > stands), default=None)
        return of_milliseconds(upcoming) if upcoming is not None else None

    def visibility(self) -> timedelta:
        return timedelta(seconds=int(self._model.visibility_timeout))

    # -- as a test sees it

    def put(
        self,
        body: str,
        *,
        delay: timedelta | None = None,
        group: str | None = None,
        deduplication_id: str | None = None,
        attributes: Mapping[str, Any] = NOTHING,
        trace: str | None = None,  # noqa: ARG002 - the client sends it along
    ) -> str:
        """Send a message, and return its id."""
        params: dict[str, Any] = {"MessageBody": body, "MessageAttributes": dict(attributes)}
        if delay:
            params["DelaySeconds"] = int(delay.total_seconds())
        if group is not None:
            params["MessageGroupId"] = group
        if deduplication_id is not None:
            params["MessageDeduplicationId"] = deduplication_id
        return str(self.at_queue("send_message", **params)["MessageId"])

    @property
    def waiting(self) -> list[str]:
        """The bodies of the messages that are visible or delayed."""
        return [one.body for one in self._model._messages if one.visible]  # noqa: SLF001

    @property
    def in_flight(self) -> list[str]:
        """The bodies of the messages that were received and are hidden."""
        return [one.body for one in self._model._messages if not one.visible]  # noqa: SLF001

    @property
    def dead_letters(self) -> str:
        """The ARN of the queue for what cannot be handled."""
        dead = self._model.dead_letter_queue
        if dead is None:
            raise NeighbourError("GetQueueAttributes", "NoRedrivePolicy", f"{self.name} has no dead-letter queue")
        return str(dead.queue_arn)

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Refuse to be set here: it is moto's."""
        raise NeighbourError(
            "configure", "NotOurs", f"moto has the queue {self.name}: set {', '.join(changes)} with its own client"
        )

    def purge(self) -> None:
        """Delete everything."""
        self.at_queue("purge_queue")


def _message(shown: Mapping[str, Any], hidden_until: datetime) -> QueueMessage:
    system = shown.get("Attributes", {})
    return QueueMessage(
        id=shown["MessageId"],
        body=shown["Body"],
        handle=shown["ReceiptHandle"],
        sent=of_milliseconds(float(system["SentTimestamp"])),
        first_received=of_milliseconds(float(system["ApproximateFirstReceiveTimestamp"])),
        receives=int(system["ApproximateReceiveCount"]),
        hidden_until=hidden_until,
        sender=system.get("SenderId", ""),
        attributes=shown.get("MessageAttributes", {}),
        system={name: value for name, value in system.items() if name not in _OURS},
    )


class _MotoStream:
    """A stream of moto. A position is a sequence number; 0 stands before all of them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def _iterator(self, shard: str, position: int) -> dict[str, Any]:
        """Return the terms of an iterator at *position*."""
        if position <= 0:
            return {"ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        after = str(position - 1)
        return {"ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}

    def _records(self, limit: int, **terms: Any) -> Sequence[Mapping[str, Any]]:
        iterator = _asked(self._client, "get_shard_iterator", **terms)["ShardIterator"]
        records: Sequence[Mapping[str, Any]] = _asked(self._client, "get_records", ShardIterator=iterator, Limit=limit)[
            "Records"
        ]
        return records

    def first(self, shard: str) -> int:  # noqa: ARG002
        return 0

    def read(self, shard: str, position: int, count: int) -> Sequence[StreamRecord]:
        raise NotImplementedError

    def at(self, shard: str, moment: datetime) -> int:
        records = self.read(shard, 0, _EVERYTHING)
        later = [record.position for record in records if record.arrived >= moment]
        return later[0] if later else self.end(shard)

    def end(self, shard: str) -> int:
        records = self.read(shard, 0, _EVERYTHING)
        return records[-1].position + 1 if records else 0


class MotoKinesisStream(_MotoStream):
    """A stream of moto's Kinesis. Parameters: its *arn*."""

    def __init__(self, arn: str) -> None:
        _, _, _, self.region, self.account, resource = arn.split(":", 5)
        self.name = resource.split("/")[1]
        super().__init__(client_of("kinesis", self.region))

    @property
    def retention(self) -> timedelta:
        models: Any = sys.modules.get("moto.kinesis.models")
        streams = models.kinesis_backends[self.account][self.region].streams if models is not None else {}
        stream = streams.get(self.name)
        return timedelta(hours=int(stream.retention_period_hours) if stream is not None else 24)

    def shards(self) -> Sequence[Shard]:
        listed = _asked(self._client, "list_shards", StreamName=self.name)["Shards"]
        return [
            Shard(
                one["ShardId"],
                tuple(one[parent] for parent in ("ParentShardId", "AdjacentParentShardId") if parent in one),
                "EndingSequenceNumber" not in one["SequenceNumberRange"],
            )
            for one in listed
        ]

    def read(self, shard: str, position: int, count: int) -> Sequence[StreamRecord]:
        terms = self._iterator(shard, position)
        records = self._records(min(count, _EVERYTHING), StreamName=self.name, **terms)
        return [
            StreamRecord(
                shard=shard,
                position=int(one["SequenceNumber"]),
                sequence=one["SequenceNumber"],
                arrived=one["ApproximateArrivalTimestamp"].astimezone(timezone.utc),
                data=one["Data"],
                key=one["PartitionKey"],
            )
            for one in records
        ]


class MotoTableStream(_MotoStream):
    """The stream of a table of moto's DynamoDB. Parameters: its *arn*."""

    retention = timedelta(days=1)

    def __init__(self, arn: str) -> None:
        self.arn = arn
        super().__init__(client_of("dynamodbstreams", arn.split(":")[3]))

    def shards(self) -> Sequence[Shard]:
        description = _asked(self._client, "describe_stream", StreamArn=self.arn)["StreamDescription"]
        return [Shard(one["ShardId"]) for one in description["Shards"]]

    def read(self, shard: str, position: int, count: int) -> Sequence[StreamRecord]:
        terms = self._iterator(shard, position)
        if "StartingSequenceNumber" in terms:
            terms["SequenceNumber"] = terms.pop("StartingSequenceNumber")
        records = self._records(min(count, 1_000), StreamArn=self.arn, **terms)
        return [_change(shard, one) for one in records]


def _change(shard: str, shown: Mapping[str, Any]) -> StreamRecord:
    change = shown["dynamodb"]
    return StreamRecord(
        shard=shard,
        position=int(change["SequenceNumber"]),
        sequence=change["SequenceNumber"],
        arrived=change["ApproximateCreationDateTime"].astimezone(timezone.utc),
        data={name: change[name] for name in ("Keys", "NewImage", "OldImage") if name in change},
        key=str(change["Keys"]),
        more={
            "eventName": shown["eventName"],
            "eventID": shown["eventID"],
            "StreamViewType": change["StreamViewType"],
            "userIdentity": shown.get("userIdentity"),
        },
    )


class MotoSources:
    """The queues and streams of the services that moto mocks just now."""

    def __init__(self) -> None:
        self._queues: dict[str, MotoQueue] = {}

    def queue(self, arn: str) -> QueueSource | None:
        region, account = arn.split(":")[3:5]
        if not is_mocked("sqs", Place(account, region)):
            return None
        private_names.allows("adapters.moto_sources", "queues")
        if arn not in self._queues:
            self._queues[arn] = MotoQueue(arn)
        return self._queues[arn]

    def stream(self, source: Source) -> StreamSource | None:
        make = _STREAMS.get(source.kind.name)
        if make is None or source.arn is None:
            return None
        region, account = source.arn.split(":")[3:5]
        return make(source.arn) if is_mocked(source.kind.name, Place(account, region)) else None


_STREAMS: Mapping[str, Any] = {"kinesis": MotoKinesisStream, "dynamodb": MotoTableStream}
