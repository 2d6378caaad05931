"""How the records of each kind of source stand in the event of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lambda_states_mock.event_sources.events.sqs import sqs_record
from lambda_states_mock.event_sources.messages import QueueMessage
from lambda_states_mock.event_sources.polling import PolledRecord, records_event
from lambda_states_mock.event_sources.settings import PollSettings


class SqsFormat:
    """``Records`` of SQS."""

    returns_after: timedelta | None = None

    def record(self, message: QueueMessage, settings: PollSettings) -> tuple[str, Mapping[str, Any]]:
        arn = settings.mapping.source.arn or ""
        return "", sqs_record(message, arn, with_null_digest=settings.has_window)

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings) -> bytes:  # noqa: ARG002
        return records_event(one.text for one in records)
