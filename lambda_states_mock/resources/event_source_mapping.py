"""Event source mappings as frozen records, and what each kind of source accepts and shows by default.

Which members a kind has, and their defaults: botocore's documentation of CreateEventSourceMapping, and for SQS,
Kinesis, DynamoDB and self-managed Kafka the recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import NOTHING

COMMON = frozenset({"FunctionName", "Enabled", "BatchSize", "KMSKeyArn", "MetricsConfig", "Tags"})
"""Parameters that every kind of source takes. Those that name the source are checked when it is recognised."""

NAMES_THE_SOURCE = frozenset({"EventSourceArn", "SelfManagedEventSource", "UUID"})

_FILTERS = frozenset({"FilterCriteria"})  # not of DocumentDB (invocation-eventfiltering.html)
_WINDOW = frozenset({"MaximumBatchingWindowInSeconds"})
_START = frozenset({"StartingPosition", "StartingPositionTimestamp"})
_RETRY = frozenset(
    {"DestinationConfig", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "MaximumRetryAttempts"}
)
_STREAM = (
    _FILTERS | _WINDOW | _START | _RETRY | {"ParallelizationFactor", "TumblingWindowInSeconds", "FunctionResponseTypes"}
)
_KAFKA = (
    _FILTERS
    | _WINDOW
    | _START
    | _RETRY
    | {"Topics", "SourceAccessConfigurations", "FunctionResponseTypes", "LoggingConfig"}
)
_POLLERS = frozenset({"ProvisionedPollerConfig"})

STREAM_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "BisectBatchOnFunctionError": False,
        "TumblingWindowInSeconds": 0,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """A kind of event source."""

    name: str  # as timings and faults call it
    arn: re.Pattern[str] | None = None  # what its ARNs look like, None for a source without one
    takes: frozenset[str]  # the parameters beyond `COMMON`
    needs: tuple[str, ...] = ()  # those without which nothing is created
    defaults: Mapping[str, Any]  # what the answer shows of what was not asked for
    positions: tuple[str, ...] = ()  # the StartingPositions it knows, the default first
    needs_position: bool = False  # there is no default
    reason: str = "USER_INITIATED"  # its StateTransitionReason
    result: str | None = "No records processed"  # its LastProcessingResult at first, None where it shows none
    shows_arn: bool = True  # whether answers have the mapping's own ARN
    fewest_pollers: int = 1  # in provisioned mode, and as many as there are at least by default
    most_pollers: int = 10_000  # in provisioned mode
    groups_pollers: bool = False  # whether mappings can share their pollers


def _arn(service: str, resource: str) -> re.Pattern[str]:
    return re.compile(rf"arn:aws[a-z-]*:{service}:(?P<region>[a-z0-9-]+):(?P<account>\d{{12}}):{resource}")


_ANY_START = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")
_WITH_ACCESS = ("SourceAccessConfigurations",)

SQS = SourceKind(
    name="sqs",
    arn=_arn("sqs", r"(?P<name>[\w-]+(?:\.fifo)?)"),
    takes=_FILTERS | _WINDOW | _POLLERS | {"ScalingConfig", "FunctionResponseTypes"},
    defaults=MappingProxyType({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}),
    result=None,
    fewest_pollers=2,
)
KINESIS = SourceKind(
    name="kinesis",
    arn=_arn("kinesis", r"stream/(?P<name>[\w.-]+)(?:/consumer/[\w.-]+:\d+)?"),
    takes=_STREAM,
    defaults=STREAM_DEFAULTS,
    positions=_ANY_START,
    needs_position=True,
    reason="User action",
)
DYNAMODB = SourceKind(
    name="dynamodb",
    arn=_arn("dynamodb", r"table/(?P<name>[\w.-]+)/stream/.+"),
    takes=_STREAM,
    defaults=STREAM_DEFAULTS,
    positions=("TRIM_HORIZON", "LATEST"),
    needs_position=True,
    reason="User action",
)
MSK = SourceKind(
    name="msk",
    arn=_arn("kafka", r"(?:cluster|vpc-connection)/(?P<name>[^/]+)/.+"),
    takes=_KAFKA | _POLLERS | {"AmazonManagedKafkaEventSourceConfig"},
    needs=("Topics",),
    defaults=MappingProxyType({"BatchSize": 100}),
    positions=_ANY_START,
    most_pollers=2_000,
    groups_pollers=True,
)
KAFKA = SourceKind(
    name="kafka",
    takes=_KAFKA | _POLLERS | {"SelfManagedKafkaEventSourceConfig"},
    needs=(*_WITH_ACCESS, "Topics"),
    defaults=MappingProxyType({"BatchSize": 100}),
    positions=_ANY_START,
    shows_arn=False,  # recorded: neither EventSourceArn nor EventSourceMappingArn
    most_pollers=2_000,
    groups_pollers=True,
)
MQ = SourceKind(
    name="mq",
    arn=_arn("mq", r"broker:(?P<name>[\w-]+):.+"),
    takes=_FILTERS | _WINDOW | {"Queues", "SourceAccessConfigurations"},
    needs=(*_WITH_ACCESS, "Queues"),
    defaults=MappingProxyType({"BatchSize": 100}),
)
DOCUMENTDB = SourceKind(
    name="documentdb",
    arn=_arn("rds", r"cluster:(?P<name>[\w-]+)"),
    takes=_WINDOW | _START | {"DocumentDBEventSourceConfig", "SourceAccessConfigurations"},
    needs=(*_WITH_ACCESS, "DocumentDBEventSourceConfig"),
    defaults=MappingProxyType({"BatchSize": 100}),
    positions=_ANY_START,
)
SOURCE_KINDS = (SQS, KINESIS, DYNAMODB, MSK, KAFKA, MQ, DOCUMENTDB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where events come from: of a *kind*, in words for messages, and the *arn* and *name* where it has them."""

    kind: SourceKind
    text: str
    name: str
    arn: str | None = None
    endpoints: tuple[str, ...] = ()

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue of SQS."""
        return self.kind is SQS and self.name.endswith(".fifo")


def source_of(arn: str | None, self_managed: Mapping[str, Any] | None) -> Source | None:
    """Return the source that EventSourceArn or SelfManagedEventSource names; None: Lambda knows no such kind."""
    if arn:
        for kind in SOURCE_KINDS:
            match = kind.arn.fullmatch(arn) if kind.arn is not None else None
            if match is not None:
                return Source(kind=kind, text=arn, name=match["name"], arn=arn)
        return None
    endpoints = (self_managed or {}).get("Endpoints", {}).get("KAFKA_BOOTSTRAP_SERVERS")
    if not endpoints:
        return None
    text = ",".join(endpoints)
    return Source(kind=KAFKA, text=text, name=endpoints[0], endpoints=tuple(endpoints))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceMapping:
    """A mapping from *source* to the function, version or alias that *function_arn* names.

    *settings* are the members that answers show as they are, named as AWS names them.
    """

    place: Place
    uuid: str
    source: Source
    function_arn: str
    settings: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def arn(self) -> str:
        """The mapping's own ARN."""
        return self.place.arn(f"event-source-mapping:{self.uuid}")

    @property
    def function(self) -> str:
        """The function's name, with the qualifier if there is one."""
        return self.function_arn.split(":function:", 1)[1]

    def overlaps(self, source: Source, function_arn: str, topics: tuple[str, ...]) -> bool:
        """Tell whether it takes the same events to the same function; of Kafka, one server and topic in common do."""
        if function_arn != self.function_arn or source.kind is not self.source.kind:
            return False
        if source.kind.arn is None:
            same = bool(set(source.endpoints) & set(self.source.endpoints))
        else:
            same = source.arn == self.source.arn
        return same and (not topics or bool(set(topics) & set(self.settings.get("Topics", ()))))
