"""Which view a test gets of a source: ``m.source(...)``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.errors import nearest
from lambda_states_mock.event_sources.queue_view import QueueView
from lambda_states_mock.event_sources.source_view import SourceView
from lambda_states_mock.event_sources.sources import Sources
from lambda_states_mock.event_sources.stream_views import KinesisView, TableStreamView
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.resources.event_source_mapping import DYNAMODB, KINESIS, SQS, source_of


def view_of_source(
    text: str, sources: Sources, clock: VirtualClock, ends: EndsWithMock, options: Mapping[str, Any]
) -> SourceView:
    """Return the view of the source *text*; *options*, which it is configured with.

    Raises ValueError for what is no source that Lambda polls.
    """
    __tracebackhide__ = True
    source = source_of(text, None)
    if source is None or source.kind.name not in _VIEWS:
        raise ValueError(
            f"Lambda polls no source {text!r}\n"
            '  Give the ARN of a queue or a stream, as  m.source("arn:aws:sqs:us-east-1:123456789012:jobs").'
        )
    make: Any = _VIEWS[source.kind.name]
    view = make(text, sources, clock, ends)
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


_VIEWS: Mapping[str, type[SourceView]] = {
    SQS.name: QueueView,
    KINESIS.name: KinesisView,
    DYNAMODB.name: TableStreamView,
}
