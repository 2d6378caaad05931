"""How the records of each kind of source stand in the event of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambda_states_mock.event_sources.events.dynamodb import dynamodb_record
from lambda_states_mock.event_sources.events.kinesis import kinesis_record
from lambda_states_mock.event_sources.events.sqs import sqs_record
from lambda_states_mock.event_sources.messages import QueueMessage, StreamRecord
from lambda_states_mock.event_sources.polling import PolledRecord, records_event
from lambda_states_mock.event_sources.settings import PollSettings


class SqsFormat:
    """``Records`` of SQS."""

    def record(self, message: QueueMessage, settings: PollSettings) -> tuple[str, Mapping[str, Any]]:
        arn = settings.mapping.source.arn or ""
        return "", sqs_record(message, arn, with_null_digest=settings.has_window)

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings) -> bytes:  # noqa: ARG002
        return records_event(one.text for one in records)


@dataclass(frozen=True, slots=True)
class KinesisFormat:
    """``Records`` of Kinesis. Parameters: *role_of* returns the role of a mapping's function."""

    role_of: Callable[[PollSettings], str]

    def prepare(self, settings: PollSettings) -> str:
        return self.role_of(settings)

    def record(self, record: StreamRecord, settings: PollSettings, prepared: Any) -> tuple[Mapping[str, Any], Any]:
        shown = kinesis_record(record, settings.mapping.source.arn or "", prepared)
        if not settings.filters:
            return shown, shown
        return shown, {**shown, **shown["kinesis"], "data": record.data}  # its siblings are at the top level

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:  # noqa: ARG002
        return records_event((one.text for one in records), more)


class DynamodbFormat:
    """``Records`` of a DynamoDB stream."""

    def prepare(self, settings: PollSettings) -> None:
        """Nothing is the same for all."""

    def record(
        self,
        record: StreamRecord,
        settings: PollSettings,
        prepared: Any,  # noqa: ARG002
    ) -> tuple[Mapping[str, Any], Any]:
        shown = dynamodb_record(record, settings.mapping.source.arn or "")
        return shown, shown

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:  # noqa: ARG002
        return records_event((one.text for one in records), more)
