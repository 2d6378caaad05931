"""What AWS checks of an event source mapping before it makes or changes one, and what it tells it by default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources.filters import is_pattern
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.resources.event_source_mapping import (
    COMMON,
    DYNAMODB,
    KAFKA,
    KINESIS,
    MSK,
    NAMES_THE_SOURCE,
    SQS,
    Source,
)
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.shapes.configuration import check_not_isolating

Settings = Mapping[str, Any]

_LARGEST_WITHOUT_WINDOW = 10
_LARGEST_FIFO_BATCH = 10
_LEAST_RECORD_AGE = 60
_ENDLESS = -1
_DROPPED_WHEN_EMPTY = frozenset(
    {"KMSKeyArn", "LoggingConfig", "MetricsConfig", "ProvisionedPollerConfig", "ScalingConfig"}
)
_NO_SETTINGS = frozenset({"Enabled", "EventSourceArn", "FunctionName", "Tags", "UUID"})
_CONSUMER_GROUP = {KAFKA.name: "SelfManagedKafkaEventSourceConfig", MSK.name: "AmazonManagedKafkaEventSourceConfig"}


def check_supported(source: Source, params: Params) -> None:
    """Raise InvalidParameterValueException for a parameter that this kind of source does not take."""
    kind = source.kind
    if "StartingPosition" in params and kind is SQS:
        raise texts.STARTING_POSITION_OF_QUEUE.error()
    for member in params:
        if member not in COMMON | NAMES_THE_SOURCE | kind.takes:
            raise texts.UNSUPPORTED_BY_SOURCE.error(member=member)
    if ((params.get("DestinationConfig") or {}).get("OnSuccess") or {}).get("Destination"):
        raise texts.UNSUPPORTED_BY_SOURCE.error(member="DestinationConfig")  # documented: of no source; recorded of SQS
    if (params.get("ProvisionedPollerConfig") or {}).get("PollerGroupName") and not kind.groups_pollers:
        raise texts.UNSUPPORTED_BY_SOURCE.error(member="PollerGroupName")
    if source.is_fifo and params.get("MaximumBatchingWindowInSeconds"):
        raise texts.FIFO_WITH_WINDOW.error()


def check_needed(source: Source, params: Params) -> None:
    """Raise InvalidParameterValueException where a parameter is missing without which there is no such mapping."""
    for member in source.kind.needs:
        if not params.get(member):
            raise texts.SOURCE_PARAMETER_MISSING.error(member=member[0].lower() + member[1:])


_NEEDED_BESIDE: Mapping[str, tuple[str, ...]] = {
    "OAUTHBEARER_SCOPE": ("OAUTHBEARER_AUTH",),
    "OAUTHBEARER_AUDIENCE": ("OAUTHBEARER_AUTH", "IAM_OAUTHBEARER_AUTH"),
    "OAUTHBEARER_LOGICAL_CLUSTER": ("OAUTHBEARER_AUTH",),
    "OAUTHBEARER_IDENTITY_POOL": ("OAUTHBEARER_AUTH",),
    "IAM_OAUTHBEARER_AUTH": ("OAUTHBEARER_AUDIENCE",),
}
"""Ways of access that need another one, any of those named."""

_NOT_BESIDE: Mapping[str, frozenset[str]] = {
    "IAM_OAUTHBEARER_AUTH": frozenset(
        {"OAUTHBEARER_AUTH", "OAUTHBEARER_SCOPE", "OAUTHBEARER_LOGICAL_CLUSTER", "OAUTHBEARER_IDENTITY_POOL"}
    )
}
"""Ways of access that exclude others."""

_AT_CREATION = "VIRTUAL_HOST"  # the one that an update cannot have


def check_access(params: Params, *, is_update: bool) -> None:
    """Raise InvalidParameterValueException for ways of access to a source that do not go together.

    The rules are documented in the model (``SourceAccessConfiguration``); (I) the texts.
    """
    ways = [one.get("Type") for one in params.get("SourceAccessConfigurations") or ()]
    if is_update and _AT_CREATION in ways:
        raise texts.ACCESS_AT_CREATION.error(way=_AT_CREATION)
    for way in ways:
        needed, excluded = _NEEDED_BESIDE.get(way, ()), _NOT_BESIDE.get(way, frozenset())
        for other in ways:
            if other in excluded:
                raise texts.ACCESS_EXCLUDED.error(way=way, other=other)
        if needed and not any(one in ways for one in needed):
            raise texts.ACCESS_WANTED.error(way=way, needed=" or ".join(needed))


def check_start(source: Source, params: Params, now: datetime) -> None:
    """Raise InvalidParameterValueException for a StartingPosition that is missing or not to be had from *source*."""
    position, moment = params.get("StartingPosition"), params.get("StartingPositionTimestamp")
    if position is None and source.kind.needs_position:
        raise texts.STARTING_POSITION_WANTED.error()
    if position is not None and position not in source.kind.positions:
        raise texts.STARTING_POSITION_UNSUPPORTED.error(source=source.text)
    if position == "AT_TIMESTAMP" and moment is None:
        raise texts.STARTING_TIMESTAMP_WANTED.error()
    if position != "AT_TIMESTAMP" and moment is not None:
        raise texts.STARTING_TIMESTAMP_UNWANTED.error()
    if moment is not None and moment > now:
        raise texts.STARTING_TIMESTAMP_IN_FUTURE.error()


def check_batches(source: Source, settings: Settings) -> None:
    """Raise InvalidParameterValueException where sizes and times do not go together."""
    size, window = settings["BatchSize"], settings.get("MaximumBatchingWindowInSeconds", 0)
    if source.is_fifo and size > _LARGEST_FIFO_BATCH:
        raise texts.FIFO_BATCH_TOO_LARGE.error()
    # The model's text names streams too, but their own default is 100 records without a window (recorded).
    if source.kind is SQS and size > _LARGEST_WITHOUT_WINDOW and not window:
        raise texts.BATCH_WITHOUT_WINDOW.error()
    age = settings.get("MaximumRecordAgeInSeconds", _ENDLESS)
    if age != _ENDLESS and age < _LEAST_RECORD_AGE:
        raise texts.RECORD_AGE_OUT_OF_RANGE.error()


def check_scaling(source: Source, settings: Settings) -> None:
    """Raise InvalidParameterValueException for two ways of scaling at once, or numbers of pollers out of range.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    """
    pollers = settings.get("ProvisionedPollerConfig")
    if pollers is None:
        return
    if "ScalingConfig" in settings:
        raise texts.SCALED_TWICE.error()
    least, most = pollers.get("MinimumPollers"), pollers.get("MaximumPollers")
    for member, number in (("MinimumPollers", least), ("MaximumPollers", most)):
        if number is not None and number < source.kind.fewest_pollers:
            raise texts.TOO_FEW_POLLERS.error(member=member, fewest=source.kind.fewest_pollers)
        if number is not None and number > source.kind.most_pollers:
            raise texts.TOO_MANY_POLLERS.error(member=member, most=source.kind.most_pollers)
    if least is not None and most is not None and most < least:
        raise texts.FEWER_POLLERS_AT_MOST.error(least=least, most=most)


_STRUCTURED = {KINESIS.name: ("data",), DYNAMODB.name: ("dynamodb",)}  # plain text is refused there (documented)


def check_filters(source: Source, params: Params, limit: int) -> None:
    """Raise InvalidParameterValueException for filters that are none, or too many."""
    filters = (params.get("FilterCriteria") or {}).get("Filters") or ()
    if len(filters) > limit:
        raise texts.TOO_MANY_FILTERS.error(limit=limit)
    structured = _STRUCTURED.get(source.kind.name, ())
    if not all(is_pattern(one.get("Pattern"), structured) for one in filters):
        raise texts.INVALID_FILTER.error()


def mapped_function(call: Call, params: Params) -> tuple[ResolvedName, Version]:
    """Return the function meant, and the version behind it.

    Raises InvalidParameterValueException if there is none, or if it isolates its tenants: a mapping names none.
    """
    try:
        wanted = call.named(params)
        version = wanted.version()
    except ServiceError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise texts.NO_FUNCTION_TO_MAP.error() from None
    check_not_isolating(version.configuration, "An event source mapping")
    return wanted, version


def check_source(call: Call, source: Source, version: Version) -> None:
    """Raise InvalidParameterValueException if the queue or stream is not there, or returns messages too early."""
    if source.arn is None:
        return
    try:
        if source.kind is SQS:
            visibility = call.service.neighbours.queue_visibility(source.arn)
            timeout = version.configuration.timeout
            if visibility is not None and visibility < timeout:
                raise texts.VISIBILITY_TOO_SHORT.error(visibility=visibility, timeout=timeout)
        elif source.kind in (KINESIS, DYNAMODB):
            call.service.neighbours.check_stream(source.arn)
    except NeighbourError as error:
        if source.kind is SQS:
            raise texts.MESSAGE_NOT_RECEIVED.error(code=error.code, message=error.message) from None
        raise texts.STREAM_NOT_FOUND.error(source=source.text) from None


def check_unmapped(call: Call, source: Source, wanted: ResolvedName, settings: Settings, *, but: str = "") -> None:
    """Raise ResourceConflictException if another mapping than *but* takes the same events to the same function."""
    topics = tuple(settings.get("Topics") or ())
    for mapping in call.partition.event_source_mappings:
        if mapping.uuid != but and mapping.overlaps(source, wanted.arn, topics):
            if source.kind in (KAFKA, MSK):
                raise texts.KAFKA_MAPPED_TWICE.error(
                    source=source.text, function=wanted.arn, topics=",".join(topics), uuid=mapping.uuid
                )
            answer = texts.QUEUE_MAPPED_TWICE if source.kind is SQS else texts.SOURCE_MAPPED_TWICE
            raise answer.error(source=source.text, function=mapping.function, uuid=mapping.uuid)


def settings_of(source: Source, params: Params, before: Settings, uuid: str) -> dict[str, Any]:
    """Return what answers show of a mapping: *before*, with what *params* set."""
    settings = dict(before)
    for member, value in params.items():
        if member in _NO_SETTINGS:
            continue
        if (member in _DROPPED_WHEN_EMPTY and not value) or (
            member == "FilterCriteria" and not (value or {}).get("Filters")
        ):
            settings.pop(member, None)
        elif member == "DestinationConfig":
            settings[member] = {"OnFailure": dict(value.get("OnFailure") or {})}  # recorded: streams have no other
        else:
            settings[member] = value
    group = _CONSUMER_GROUP.get(source.kind.name)
    if group is not None:  # recorded: the UUID by default
        settings[group] = {"ConsumerGroupId": uuid, **before.get(group, {}), **settings.get(group, {})}
        if _is_share_group(settings):
            settings.pop("StartingPosition", None)
    return settings


def _is_share_group(settings: Settings) -> bool:
    """Tell whether a topic is read by a share group, in which records have no order."""
    return bool((settings.get(_CONSUMER_GROUP[KAFKA.name]) or {}).get("ConsumptionMode") == "Queue")


def check_consumption(source: Source, params: Params, before: Settings) -> None:
    """Raise InvalidParameterValueException for what does not go with how a topic is read, or would change that.

    The rules are documented in the model (``SelfManagedKafkaEventSourceConfig``); (I) the texts. *before*: the settings
    until now, none when the mapping is created.
    """
    group = _CONSUMER_GROUP.get(source.kind.name)
    if group is None:
        return
    given, kept = params.get(group) or {}, before.get(group) or {}
    for member, default in (("ConsumerGroupId", None), ("ConsumptionMode", "Stream")):
        if before and member in given and given[member] != kept.get(member, default):
            raise texts.CONSUMPTION_FIXED.error(member=member)
    if _is_share_group({group: {**kept, **given}}):
        for member in ("StartingPosition", "StartingPositionTimestamp", "MaximumBatchingWindowInSeconds"):
            if params.get(member) is not None:
                raise texts.NOT_WITH_SHARE_GROUP.error(member=member)
        if params.get("MaximumRetryAttempts") == _ENDLESS:
            raise texts.NOT_WITH_SHARE_GROUP.error(member=f"MaximumRetryAttempts {_ENDLESS}")


def defaults_of(source: Source) -> dict[str, Any]:
    """Return the settings of a mapping that the caller leaves out."""
    defaults = dict(source.kind.defaults)
    if source.kind.positions and not source.kind.needs_position:
        defaults["StartingPosition"] = source.kind.positions[0]
    return defaults
