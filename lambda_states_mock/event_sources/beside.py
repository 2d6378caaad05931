"""Queues and streams of the services beside us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # few tests need them
    from lambda_states_mock.event_sources.queue_poller import QueueSource
    from lambda_states_mock.event_sources.stream_source import StreamSource
    from lambda_states_mock.resources.event_source_mapping import Source


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
