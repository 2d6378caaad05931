"""Which view a test gets of a source: ``m.source(...)``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.errors import nearest
from lambda_states_mock.event_sources.broker_view import BrokerView
from lambda_states_mock.event_sources.queue_view import QueueView
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.sources import Sources
from lambda_states_mock.event_sources.stream_views import KinesisView, TableStreamView
from lambda_states_mock.event_sources.topic_views import DocumentsView, TopicView
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.resources.event_source_mapping import (
    DOCUMENTDB,
    DYNAMODB,
    KAFKA,
    KINESIS,
    MQ,
    MSK,
    SQS,
    source_of,
)


def view_of_source(
    text: str, sources: Sources, clock: VirtualClock, ends: EndsWithMock, options: Mapping[str, Any]
) -> SourceView:
    """Return the view of the source *text*; *options*, which it is configured with.

    Raises ValueError for what is no source that Lambda polls.
    """
    __tracebackhide__ = True
    servers = [] if text.startswith("arn:") else re.findall(_SERVER, text)
    source = source_of(None if servers else text, {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}})
    if source is None:
        raise ValueError(
            f"Lambda polls no source {text!r}\n"
            "  Give the ARN of a queue, stream, cluster or broker, as\n"
            '  m.source("arn:aws:sqs:us-east-1:123456789012:jobs"),\n'
            '  or the servers of a cluster that is self-managed, as  m.source("kafka:9092").'
        )
    make: Any = _VIEWS[source.kind.name]
    view = make(source, sources, clock, ends)
    if options:
        _check(view, options)
        view.configure(**options)
    shown: SourceView = view
    return shown


def _check(view: Any, options: Mapping[str, Any]) -> None:
    __tracebackhide__ = True
    known = list(inspect.signature(view.configure).parameters)
    for name in options:
        if name not in known:
            raise TypeError(
                f"source({view.text!r}) has no setting {name!r}:{nearest(name, known)} It has: {', '.join(known)}."
            )


_SERVER = r"[^,:\s]+:\d+"

_VIEWS: Mapping[str, type[SourceView]] = {
    SQS.name: QueueView,
    KINESIS.name: KinesisView,
    DYNAMODB.name: TableStreamView,
    MSK.name: TopicView,
    KAFKA.name: TopicView,
    MQ.name: BrokerView,
    DOCUMENTDB.name: DocumentsView,
}
