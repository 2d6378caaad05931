"""Queues of the test: ``m.source("arn:aws:sqs:us-east-1:123456789012:jobs").put("one")``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.execution import sleeping
from lambda_states_mock.instants import length_of


class QueueView(SourceView):
    """A queue of the test, or, where one of a service beside us has its ARN, that one."""

    def _queue(self, arn: str) -> Any:
        return self.sources.queue(arn)

    def __repr__(self) -> str:
        return f"<queue {self.text}: {len(self.waiting)} waiting, {len(self.in_flight)} in flight>"

    def put(
        self,
        *bodies: Any,
        delay: float | timedelta = 0,
        group: str | None = None,
        deduplication_id: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Send messages, in one go, and return their ids. A mapping that is Enabled sees them at once.

        Parameters:
            bodies: the bodies; what is no text is sent as JSON.
            delay: how long they cannot be received, in seconds or as a timedelta.
            group, deduplication_id: of a FIFO queue.
            attributes: message attributes by name: a text, a number, bytes, or a mapping as SQS has it
                (``{"DataType": "Number", "StringValue": "6"}``).
        """
        __tracebackhide__ = True
        wait = length_of("put()", delay) if delay else None
        shown = {name: _attribute(value) for name, value in (attributes or {}).items()}
        with self._told("put"):
            queue = self._queue(self.source.text)
            trace = os.environ.get("_X_AMZN_TRACE_ID") if sleeping.runs_here(self.clock) else None
            return [
                queue.put(
                    body if isinstance(body, str) else json.dumps(body, separators=(",", ":")),
                    delay=wait,
                    group=group,
                    deduplication_id=deduplication_id,
                    attributes=shown,
                    trace=trace,
                )
                for body in bodies
            ]

    def configure(
        self,
        *,
        visibility_timeout: float | timedelta | None = None,
        retention: float | timedelta | None = None,
        delay: float | timedelta | None = None,
        max_receive_count: int | None = None,
        dead_letters: str | None = None,
    ) -> QueueView:
        """Set attributes of the queue, and return it: lengths in seconds or as timedeltas.

        Parameters: *max_receive_count*, after which a message goes to *dead_letters*, the ARN of another queue; to one
        that is called ``<name>-dead`` by default.
        """
        __tracebackhide__ = True
        lengths = {"visibility": visibility_timeout, "retention": retention, "delay": delay}
        changes: dict[str, Any] = {
            name: length_of("configure()", value) for name, value in lengths.items() if value is not None
        }
        if max_receive_count is not None:
            changes["max_receives"] = max_receive_count
        if dead_letters is not None:
            changes["dead_letters"] = dead_letters
        with self._told("configure"):
            self._queue(self.source.text).configure(changes)
        return self

    @property
    def waiting(self) -> list[str]:
        """The bodies of the messages that are visible or delayed."""
        bodies: list[str] = self._queue(self.source.text).waiting
        return bodies

    @property
    def in_flight(self) -> list[str]:
        """The bodies of the messages that were received and are hidden."""
        bodies: list[str] = self._queue(self.source.text).in_flight
        return bodies

    @property
    def dead(self) -> list[str]:
        """The bodies of the messages that went to the dead-letter queue and are there still."""
        bodies: list[str] = self._queue(self._queue(self.source.text).dead_letters).waiting
        return bodies

    def purge(self) -> None:
        """Delete all messages."""
        with self._told("purge"):
            self._queue(self.source.text).purge()


def _attribute(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, bytes):
        return {"DataType": "Binary", "BinaryValue": value}
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"DataType": "Number" if number else "String", "StringValue": str(value)}
