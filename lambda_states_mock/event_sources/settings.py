"""The settings of a mapping, as a poller goes by them. They stay the same until the mapping is Enabled again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.event_sources.filters import Filters
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping

DATA_KEYS: Mapping[str, tuple[str, ...]] = {
    "sqs": ("body",),
    "kinesis": ("data",),
    "msk": ("key", "value"),
    "kafka": ("key", "value"),
    "mq": ("data",),
}
"""By kind of source: the members of a record that hold data of the user's."""

_WINDOW_BY_DEFAULT = {"msk": 0.5, "kafka": 0.5, "mq": 0.5, "documentdb": 0.5}  # seconds (API reference)

TOPICS = frozenset({"msk", "kafka"})
"""The kinds of sources that have topics with partitions."""

_CONSUMER_GROUPS = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """What a mapping says of polling. *retries* and *record_age*: None for no limit; *pollers*, least and most.

    Attributes: *part*, the topic, the queue, or the database and collection that is read of the source, empty of
    sources that have none; *consumer_group*, of a topic; *looks_up*, whether updates of documents come with the whole
    document.
    """

    mapping: EventSourceMapping
    part: str
    consumer_group: str
    looks_up: bool
    filters: Filters
    batch_size: int
    window: timedelta
    window_from_first: bool
    reports_failures: bool
    parallelization: int
    retries: int | None
    record_age: timedelta | None
    bisects: bool
    tumbling: timedelta | None
    destination: str | None
    starting_position: str
    starting_at: datetime | None
    concurrency: int | None
    pollers: tuple[int, int] | None
    counts_events: bool

    @property
    def kind(self) -> str:
        """The kind of source."""
        return self.mapping.source.kind.name

    @property
    def has_window(self) -> bool:
        """Whether the mapping itself has set a window."""
        return bool(self.mapping.settings.get("MaximumBatchingWindowInSeconds"))


def poll_settings(mapping: EventSourceMapping) -> PollSettings:
    """Return what *mapping* says."""
    said, kind = mapping.settings, mapping.source.kind.name
    usual = _WINDOW_BY_DEFAULT.get(kind, 0)
    seconds = said.get("MaximumBatchingWindowInSeconds")
    provisioned: Mapping[str, Any] | None = said.get("ProvisionedPollerConfig")
    # Of topics, what is set of failures is in force in provisioned mode alone (kafka-retry-configurations).
    handling: Mapping[str, Any] = {} if kind in TOPICS and not provisioned else said
    documents: Mapping[str, str] = said.get("DocumentDBEventSourceConfig") or {}
    groups = [group for one in _CONSUMER_GROUPS if (group := (said.get(one) or {}).get("ConsumerGroupId"))]
    return PollSettings(
        mapping=mapping,
        part=part_of(said),
        consumer_group=groups[0] if groups else "",
        looks_up=documents.get("FullDocument") == "UpdateLookup",
        filters=Filters(said.get("FilterCriteria"), DATA_KEYS.get(kind, ())),
        batch_size=said["BatchSize"],
        window=timedelta(seconds=usual if seconds is None else seconds),
        window_from_first=kind in _WINDOW_BY_DEFAULT,
        reports_failures="ReportBatchItemFailures" in handling.get("FunctionResponseTypes", ()),
        parallelization=said.get("ParallelizationFactor", 1),
        retries=_unless_endless(handling.get("MaximumRetryAttempts", -1)),
        record_age=_length(_unless_endless(handling.get("MaximumRecordAgeInSeconds", -1))),
        bisects=handling.get("BisectBatchOnFunctionError", False),
        tumbling=_length(said.get("TumblingWindowInSeconds") or None),
        destination=(said.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination"),
        starting_position=said.get("StartingPosition", "TRIM_HORIZON"),
        starting_at=said.get("StartingPositionTimestamp"),
        concurrency=(said.get("ScalingConfig") or {}).get("MaximumConcurrency"),
        pollers=_pollers(provisioned, mapping.source.kind.fewest_pollers) if provisioned else None,
        counts_events="EventCount" in (said.get("MetricsConfig") or {}).get("Metrics", ()),
    )


def part_of(said: Mapping[str, Any]) -> str:
    """Return which part of its source a mapping with the settings *said* reads."""
    documents: Mapping[str, str] = said.get("DocumentDBEventSourceConfig") or {}
    names = (documents.get("DatabaseName"), documents.get("CollectionName"))
    named = [*(said.get("Topics") or ()), *(said.get("Queues") or ()), ".".join(name for name in names if name)]
    return str(named[0])


def _pollers(said: Mapping[str, int], fewest: int) -> tuple[int, int]:
    return said.get("MinimumPollers", fewest), said.get("MaximumPollers", 200)


def _unless_endless(value: int) -> int | None:
    return None if value < 0 else value


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
