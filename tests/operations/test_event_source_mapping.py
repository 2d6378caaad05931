"""Event source mappings, against the recorded answers and botocore's documentation (api-validation, section 13)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import ARN, create, error_of

INVALID = "InvalidParameterValueException"
CONFLICT = "ResourceConflictException"
IN_USE = "ResourceInUseException"
UNKNOWN = "e0d0ca85-053e-4e3b-a93d-49a2bfabd66a"

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
FIFO = f"{QUEUE}.fifo"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/2026-01-01T00:00:00.000"
MSK = "arn:aws:kafka:us-east-1:123456789012:cluster/events/11111111-2222-3333-4444-555555555555-1"
BROKER = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-11111111-2222-3333-4444-555555555555"
DOCUMENTS = "arn:aws:rds:us-east-1:123456789012:cluster:documents"
ACCESS = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:broker"}]
SERVERS = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}}
KAFKA: dict[str, Any] = {"SelfManagedEventSource": SERVERS, "Topics": ["topic"], "SourceAccessConfigurations": ACCESS}

EVERY_KIND: dict[str, dict[str, Any]] = {
    "sqs": {"EventSourceArn": QUEUE},
    "kinesis": {"EventSourceArn": STREAM, "StartingPosition": "LATEST"},
    "dynamodb": {"EventSourceArn": TABLE, "StartingPosition": "LATEST"},
    "msk": {"EventSourceArn": MSK, "Topics": ["topic"]},
    "kafka": KAFKA,
    "mq": {"EventSourceArn": BROKER, "Queues": ["orders"], "SourceAccessConfigurations": ACCESS},
    "documentdb": {
        "EventSourceArn": DOCUMENTS,
        "DocumentDBEventSourceConfig": {"DatabaseName": "shop"},
        "SourceAccessConfigurations": ACCESS,
    },
}
every_kind = pytest.mark.parametrize("params", EVERY_KIND.values(), ids=EVERY_KIND.keys())


@pytest.fixture
def mapped(mock: LambdaMock, client: Any) -> Any:
    """Return a function that maps a source to the function ``orders``, which is there."""
    create(client)
    mock.clock.run_until_idle()

    def create_mapping(**params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = client.create_event_source_mapping(**{"FunctionName": "orders", **params})
        answer.pop("ResponseMetadata")
        return answer

    return create_mapping


@every_kind
def test_a_mapping_is_created_and_enabled_later(
    mock: LambdaMock, client: Any, mapped: Any, params: dict[str, Any]
) -> None:
    created = mapped(**params)
    mock.clock.run_until_idle()

    assert created["State"] == "Creating"
    assert client.get_event_source_mapping(UUID=created["UUID"])["State"] == "Enabled"


@pytest.mark.needs("botocore>=1.36")  # EventSourceMappingArn
def test_a_queue_answers_with_its_defaults(mapped: Any) -> None:
    answer = mapped(EventSourceArn=QUEUE)

    assert answer == {
        "UUID": answer["UUID"],
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": QUEUE,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:123456789012:event-source-mapping:{answer['UUID']}",
        "FunctionArn": ARN + "orders",
        "FunctionResponseTypes": [],
        "LastModified": answer["LastModified"],
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }


@pytest.mark.parametrize("arn", [STREAM, TABLE], ids=["kinesis", "dynamodb"])
def test_a_stream_answers_with_its_defaults(mapped: Any, arn: str) -> None:
    answer = mapped(EventSourceArn=arn, StartingPosition="LATEST", FilterCriteria={"Filters": []})

    assert answer == {
        "UUID": answer["UUID"],
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": arn,
        "EventSourceMappingArn": answer["EventSourceMappingArn"],
        "FunctionArn": ARN + "orders",
        "FunctionResponseTypes": [],
        "LastModified": answer["LastModified"],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }


def test_self_managed_kafka_answers_without_arns_and_with_its_uuid_as_consumer_group(mapped: Any) -> None:
    answer = mapped(**KAFKA)

    assert answer == {
        "UUID": answer["UUID"],
        "BatchSize": 100,
        "FunctionArn": ARN + "orders",
        "LastModified": answer["LastModified"],
        "LastProcessingResult": "No records processed",
        "SelfManagedEventSource": SERVERS,
        "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": answer["UUID"]},
        "SourceAccessConfigurations": ACCESS,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
        "Topics": ["topic"],
    }


def test_a_consumer_group_that_is_given_is_kept(mapped: Any) -> None:
    answer = mapped(**KAFKA, SelfManagedKafkaEventSourceConfig={"ConsumerGroupId": "mine"})

    assert answer["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "mine"}


def test_the_function_is_shown_as_it_was_asked_for(mock: LambdaMock, client: Any, mapped: Any) -> None:
    client.publish_version(FunctionName="orders")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    assert mapped(EventSourceArn=QUEUE, FunctionName="orders:live")["FunctionArn"] == ARN + "orders:live"


def test_what_is_sent_is_what_is_shown(mapped: Any) -> None:
    answer = mapped(
        EventSourceArn=QUEUE,
        BatchSize=500,
        MaximumBatchingWindowInSeconds=5,
        ScalingConfig={"MaximumConcurrency": 7},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]},
    )

    assert (answer["BatchSize"], answer["MaximumBatchingWindowInSeconds"]) == (500, 5)
    assert answer["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert answer["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert answer["FilterCriteria"] == {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}


def test_a_mapping_that_is_created_disabled_is_disabled_at_once(mapped: Any) -> None:
    assert mapped(EventSourceArn=QUEUE, Enabled=False)["State"] == "Disabled"


UPDATES = [
    (True, {"Enabled": False}, "Disabling", "Disabled"),
    (True, {"Enabled": True}, "Updating", "Enabled"),
    (True, {"BatchSize": 5}, "Updating", "Enabled"),
    (False, {"Enabled": True}, "Enabling", "Enabled"),
    (False, {"Enabled": False}, "Updating", "Disabled"),
    (False, {"BatchSize": 5}, "Updating", "Disabled"),
]


@pytest.mark.parametrize("case", UPDATES)
def test_an_update_passes_through_its_state(
    mock: LambdaMock, client: Any, mapped: Any, case: tuple[bool, dict[str, Any], str, str]
) -> None:
    enabled, update, during, after = case
    uuid = mapped(EventSourceArn=QUEUE, Enabled=enabled)["UUID"]
    mock.clock.run_until_idle()

    updated = client.update_event_source_mapping(UUID=uuid, **update)
    mock.clock.run_until_idle()

    assert (updated["State"], updated["ResponseMetadata"]["HTTPStatusCode"]) == (during, 202)
    assert client.get_event_source_mapping(UUID=uuid)["State"] == after


def test_a_mapping_that_is_being_created_cannot_be_updated(client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]

    status, code, _ = error_of(client.update_event_source_mapping, UUID=uuid, BatchSize=5)

    assert (status, code) == (400, IN_USE)


def test_a_mapping_that_is_being_updated_cannot_be_deleted(mock: LambdaMock, client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    mock.clock.run_until_idle()
    client.update_event_source_mapping(UUID=uuid, BatchSize=5)

    status, code, _ = error_of(client.delete_event_source_mapping, UUID=uuid)

    assert (status, code) == (400, IN_USE)


def test_a_deleted_mapping_is_deleting_for_a_while_and_then_gone(mock: LambdaMock, client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    mock.clock.run_until_idle()

    answer = client.delete_event_source_mapping(UUID=uuid)
    during = client.get_event_source_mapping(UUID=uuid)["State"]
    mock.clock.run_until_idle()

    assert (answer["State"], answer["ResponseMetadata"]["HTTPStatusCode"], during) == ("Deleting", 202, "Deleting")
    assert error_of(client.get_event_source_mapping, UUID=uuid)[0] == 404


def test_last_modified_is_the_time_of_the_last_change_of_state(mock: LambdaMock, client: Any, mapped: Any) -> None:
    mock.timings["mapping_create"] = 25
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    created = mock.clock.now
    mock.clock.run_until_idle()
    mock.clock.advance(100)

    answer = client.get_event_source_mapping(UUID=uuid)

    assert (answer["LastModified"] - created).total_seconds() == 25


def test_a_mapping_outlives_its_function(client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    client.delete_function(FunctionName="orders")

    assert client.get_event_source_mapping(UUID=uuid)["FunctionArn"] == ARN + "orders"


def test_an_update_can_lead_to_another_function(mock: LambdaMock, client: Any, mapped: Any) -> None:
    create(client, "refunds")
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    mock.clock.run_until_idle()

    assert client.update_event_source_mapping(UUID=uuid, FunctionName="refunds")["FunctionArn"] == ARN + "refunds"


def test_empty_filters_take_the_filters_away(mock: LambdaMock, client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE, FilterCriteria={"Filters": [{"Pattern": '{"body": ["a"]}'}]})["UUID"]
    mock.clock.run_until_idle()

    assert "FilterCriteria" not in client.update_event_source_mapping(UUID=uuid, FilterCriteria={"Filters": []})


@pytest.mark.parametrize("operation", ["get_event_source_mapping", "delete_event_source_mapping"])
def test_an_unknown_mapping_does_not_exist(client: Any, operation: str) -> None:
    expected = (404, "ResourceNotFoundException", "The resource you requested does not exist.")

    assert error_of(getattr(client, operation), UUID=UNKNOWN) == expected


def _with(base: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**base, **more}


REFUSED = {
    "no source": ({}, "Unrecognized event source."),
    "a source of another service": ({"EventSourceArn": "arn:aws:s3:::bucket"}, "Unrecognized event source."),
    "a table instead of its stream": (
        {"EventSourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/items", "StartingPosition": "LATEST"},
        "Unrecognized event source.",
    ),
    "a function that is not there": ({"EventSourceArn": QUEUE, "FunctionName": "nobody"}, "Function does not exist"),
    "an alias that is not there": ({"EventSourceArn": QUEUE, "FunctionName": "orders:live"}, "Function does not exist"),
    "a destination for a queue, before the function": (
        {"EventSourceArn": QUEUE, "FunctionName": "nobody", "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    ),
    "a destination for what went well": (
        _with(EVERY_KIND["kinesis"], DestinationConfig={"OnSuccess": {"Destination": QUEUE}}),
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    ),
    "a stream without a starting position, before the function": (
        {"EventSourceArn": STREAM, "FunctionName": "nobody"},
        (
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        ),
    ),
    "Kafka without access, before the function": (
        {"SelfManagedEventSource": SERVERS, "Topics": ["topic"], "FunctionName": "nobody"},
        "Required 'sourceAccessConfigurations' parameter is missing.",
    ),
    "a pattern that is none, before the function": (
        {"EventSourceArn": QUEUE, "FunctionName": "nobody", "FilterCriteria": {"Filters": [{"Pattern": "{"}]}},
        "Invalid filter pattern definition.",
    ),
    "more pollers than topics have": (
        {"EventSourceArn": MSK, "Topics": ["topic"], "ProvisionedPollerConfig": {"MaximumPollers": 2_001}},
        "MaximumPollers must be at most 2000.",
    ),
    "shards of a queue": (
        {"EventSourceArn": QUEUE, "ParallelizationFactor": 2},
        "Unsupported ParallelizationFactor parameter for given event source mapping type.",
    ),
    "scaling of a stream": (
        _with(EVERY_KIND["kinesis"], ScalingConfig={"MaximumConcurrency": 2}),
        "Unsupported ScalingConfig parameter for given event source mapping type.",
    ),
    "a starting position of a queue": (
        {"EventSourceArn": QUEUE, "StartingPosition": "LATEST"},
        "StartingPosition is not valid for SQS event sources.",
    ),
    "a stream without a starting position": (
        {"EventSourceArn": STREAM},
        (
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        ),
    ),
    "a time in a table's stream": (
        {"EventSourceArn": TABLE, "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1},
        f"Unsupported starting position for arn type: {TABLE}",
    ),
    "a time that is not given": (
        {"EventSourceArn": STREAM, "StartingPosition": "AT_TIMESTAMP"},
        "StartingPositionTimestamp must be provided when StartingPosition is AT_TIMESTAMP.",
    ),
    "a time in the future": (
        {
            "EventSourceArn": STREAM,
            "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": datetime(2027, 1, 1, tzinfo=timezone.utc),
        },
        "StartingPositionTimestamp cannot be in the future.",
    ),
    "a large batch without a window": (
        {"EventSourceArn": QUEUE, "BatchSize": 11},
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    ),
    "a large batch of a FIFO queue": (
        {"EventSourceArn": FIFO, "BatchSize": 11},
        "Maximum batch size must be less than or equal to 10 for FIFO queues.",
    ),
    "a window for a FIFO queue": (
        {"EventSourceArn": FIFO, "MaximumBatchingWindowInSeconds": 1},
        "Batching window is not supported for FIFO queues.",
    ),
    "records that are too young to be old": (
        _with(EVERY_KIND["kinesis"], MaximumRecordAgeInSeconds=59),
        "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.",
    ),
    "Kafka without access": (
        {"SelfManagedEventSource": SERVERS, "Topics": ["topic"]},
        "Required 'sourceAccessConfigurations' parameter is missing.",
    ),
    "Kafka without topics": ({"EventSourceArn": MSK}, "Required 'topics' parameter is missing."),
    "a broker without queues": (
        {"EventSourceArn": BROKER, "SourceAccessConfigurations": ACCESS},
        "Required 'queues' parameter is missing.",
    ),
    "six filters": (
        {"EventSourceArn": QUEUE, "FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}] * 6}},
        "Number of filters exceeds the limit of 5.",
    ),
    "51 tags": (
        {"EventSourceArn": QUEUE, "Tags": {f"key-{number}": "" for number in range(51)}},
        "Number of tags exceeds resource tag limit.",
    ),
}


@pytest.mark.parametrize(("params", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mapping_is_refused(client: Any, mapped: Any, params: dict[str, Any], message: str) -> None:
    params = {"FunctionName": "orders", **params}

    assert error_of(client.create_event_source_mapping, **params) == (400, INVALID, message)
    assert client.list_event_source_mappings()["EventSourceMappings"] == []


UPDATE_REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a large batch without a window": (
        "sqs",
        {"BatchSize": 11},
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    ),
    "a window for a FIFO queue": (
        "fifo",
        {"MaximumBatchingWindowInSeconds": 1},
        "Batching window is not supported for FIFO queues.",
    ),
    "a large batch of a FIFO queue": (
        "fifo",
        {"BatchSize": 11},
        "Maximum batch size must be less than or equal to 10 for FIFO queues.",
    ),
    "a destination for a queue": (
        "sqs",
        {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}},
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    ),
    "a destination for what went well": (
        "kinesis",
        {"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    ),
    "a virtual host": (
        "mq",
        {"SourceAccessConfigurations": [*ACCESS, {"Type": "VIRTUAL_HOST", "URI": "/orders"}]},
        "The source access type VIRTUAL_HOST cannot be specified in an update.",
    ),
    "more pollers than topics have": (
        "msk",
        {"ProvisionedPollerConfig": {"MaximumPollers": 2_001}},
        "MaximumPollers must be at most 2000.",
    ),
    "scaling of a stream": (
        "kinesis",
        {"ScalingConfig": {"MaximumConcurrency": 2}},
        "Unsupported ScalingConfig parameter for given event source mapping type.",
    ),
    "shards of a queue": (
        "sqs",
        {"ParallelizationFactor": 2},
        "Unsupported ParallelizationFactor parameter for given event source mapping type.",
    ),
    "records that are too young to be old": (
        "dynamodb",
        {"MaximumRecordAgeInSeconds": 59},
        "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.",
    ),
    "six filters": (
        "sqs",
        {"FilterCriteria": {"Filters": [{"Pattern": '{"body": ["a"]}'}] * 6}},
        "Number of filters exceeds the limit of 5.",
    ),
    "a function that is not there": ("sqs", {"FunctionName": "nobody"}, "Function does not exist"),
}


@pytest.mark.parametrize(("kind", "params", "message"), UPDATE_REFUSED.values(), ids=UPDATE_REFUSED.keys())
def test_an_update_is_refused_as_a_creation_is(
    mock: LambdaMock, client: Any, mapped: Any, kind: str, params: dict[str, Any], message: str
) -> None:
    uuid = mapped(**{"fifo": {"EventSourceArn": FIFO}, **EVERY_KIND}[kind])["UUID"]
    mock.clock.run_until_idle()
    before = client.get_event_source_mapping(UUID=uuid)

    refused = error_of(client.update_event_source_mapping, UUID=uuid, **params)

    assert refused == (400, INVALID, message)
    after = client.get_event_source_mapping(UUID=uuid)
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}


BEYOND = {
    "BatchSize": (10_001, "batchSize", 10_000),
    "MaximumBatchingWindowInSeconds": (301, "maximumBatchingWindowInSeconds", 300),
    "MaximumRecordAgeInSeconds": (604_801, "maximumRecordAgeInSeconds", 604_800),
    "MaximumRetryAttempts": (10_001, "maximumRetryAttempts", 10_000),
    "ParallelizationFactor": (11, "parallelizationFactor", 10),
    "TumblingWindowInSeconds": (901, "tumblingWindowInSeconds", 900),
}


@pytest.mark.parametrize("member", BEYOND)
def test_a_number_beyond_its_range_is_refused_by_the_model(client: Any, mapped: Any, member: str) -> None:
    value, name, most = BEYOND[member]

    answer = error_of(mapped, **EVERY_KIND["kinesis"], **{member: value})

    assert answer == (
        400,
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must have value less than or equal to {most}",
    )


def test_empty_scaling_takes_the_limit_away(mock: LambdaMock, client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE, ScalingConfig={"MaximumConcurrency": 5})["UUID"]
    mock.clock.run_until_idle()

    assert "ScalingConfig" not in client.update_event_source_mapping(UUID=uuid, ScalingConfig={})


@pytest.mark.needs("botocore>=1.36")  # ProvisionedPollerConfig
def test_a_queue_scales_in_one_way_at_a_time(mock: LambdaMock, client: Any, mapped: Any) -> None:
    limit: dict[str, Any] = {"ScalingConfig": {"MaximumConcurrency": 5}}
    pollers: dict[str, Any] = {"ProvisionedPollerConfig": {"MinimumPollers": 2}}
    refused = (400, INVALID, "ScalingConfig and ProvisionedPollerConfig cannot be used together.")

    assert error_of(mapped, EventSourceArn=QUEUE, **limit, **pollers) == refused
    uuid = mapped(EventSourceArn=QUEUE, **limit)["UUID"]
    mock.clock.run_until_idle()
    assert error_of(client.update_event_source_mapping, UUID=uuid, **pollers) == refused
    answer = client.update_event_source_mapping(UUID=uuid, ScalingConfig={}, **pollers)
    assert answer["ProvisionedPollerConfig"] == {"MinimumPollers": 2}


@pytest.mark.needs("botocore>=1.36")  # ProvisionedPollerConfig
def test_there_are_at_most_as_many_pollers_as_at_least_or_more(mock: LambdaMock, client: Any, mapped: Any) -> None:
    refused = (400, INVALID, "MaximumPollers (2) must be greater than or equal to MinimumPollers (3).")
    fewer = {"MinimumPollers": 3, "MaximumPollers": 2}

    assert error_of(mapped, **EVERY_KIND["msk"], ProvisionedPollerConfig=fewer) == refused
    uuid = mapped(**EVERY_KIND["msk"], ProvisionedPollerConfig={"MinimumPollers": 2, "MaximumPollers": 2})["UUID"]
    mock.clock.run_until_idle()
    assert error_of(client.update_event_source_mapping, UUID=uuid, ProvisionedPollerConfig=fewer) == refused


@pytest.mark.needs("botocore>=1.36")  # ProvisionedPollerConfig
@pytest.mark.parametrize("member", ["MinimumPollers", "MaximumPollers"])
def test_a_queue_has_two_pollers_or_more(mock: LambdaMock, client: Any, mapped: Any, member: str) -> None:
    refused = (400, INVALID, f"{member} must be at least 2.")

    assert error_of(mapped, EventSourceArn=QUEUE, ProvisionedPollerConfig={member: 1}) == refused
    uuid = mapped(EventSourceArn=QUEUE, ProvisionedPollerConfig={member: 2})["UUID"]
    mock.clock.run_until_idle()
    assert error_of(client.update_event_source_mapping, UUID=uuid, ProvisionedPollerConfig={member: 1}) == refused
    assert mapped(**EVERY_KIND["msk"], ProvisionedPollerConfig={member: 1})["ProvisionedPollerConfig"] == {member: 1}


@pytest.mark.parametrize(
    ("kind", "pattern"), [("kinesis", '{"data": ["text"]}'), ("dynamodb", '{"dynamodb": ["text"]}')]
)
def test_plain_text_is_no_filter_of_a_stream(
    mock: LambdaMock, client: Any, mapped: Any, kind: str, pattern: str
) -> None:
    criteria = {"Filters": [{"Pattern": pattern}]}
    refused = (400, INVALID, "Invalid filter pattern definition.")

    assert error_of(mapped, **EVERY_KIND[kind], FilterCriteria=criteria) == refused
    uuid = mapped(**EVERY_KIND[kind])["UUID"]
    mock.clock.run_until_idle()
    assert error_of(client.update_event_source_mapping, UUID=uuid, FilterCriteria=criteria) == refused


@pytest.mark.parametrize(
    "pattern",
    [
        None, "", "null", "simple", '{"a": ', "[]", '{"eventSource": "aws:sqs"}', '{"eventSource": []}', '{"a": [[1]]}',
        '{"a": [NaN]}', '{"a": [{"numeric": ["=", Infinity]}]}',
    ],
)  # fmt: skip
def test_what_is_no_filter_pattern_is_refused(mock: LambdaMock, client: Any, mapped: Any, pattern: str | None) -> None:
    criteria = {"Filters": [{} if pattern is None else {"Pattern": pattern}]}
    refused = (400, INVALID, "Invalid filter pattern definition.")

    assert error_of(mapped, EventSourceArn=QUEUE, FilterCriteria=criteria) == refused
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]
    mock.clock.run_until_idle()
    assert error_of(client.update_event_source_mapping, UUID=uuid, FilterCriteria=criteria) == refused


@pytest.mark.parametrize(
    "pattern",
    ["{}", '{"body": {"a": [1, null, "x"]}}', '{"a": [{"prefix": "x"}, {"exists": false}]}', '{"$or": [{"a": [1]}]}'],
)
def test_a_filter_pattern_is_an_object_of_lists(mapped: Any, pattern: str) -> None:
    assert mapped(EventSourceArn=QUEUE, FilterCriteria={"Filters": [{"Pattern": pattern}]})["State"] == "Creating"


def test_a_bad_starting_position_is_refused_by_the_model(client: Any, mapped: Any) -> None:
    status, code, message = error_of(
        client.create_event_source_mapping, FunctionName="orders", EventSourceArn=STREAM, StartingPosition="invalid"
    )

    assert (status, code) == (400, "ValidationException")
    assert message.endswith("Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]")


def test_a_queue_is_mapped_to_a_function_once(client: Any, mapped: Any) -> None:
    uuid = mapped(EventSourceArn=QUEUE)["UUID"]

    assert error_of(client.create_event_source_mapping, FunctionName="orders", EventSourceArn=QUEUE) == (
        409,
        CONFLICT,
        (
            f'An event source mapping with SQS arn (" {QUEUE} ") and function (" orders ") already exists. '
            f"Please update or delete the existing mapping with UUID {uuid}"
        ),
    )


def test_a_queue_may_be_mapped_to_two_functions(client: Any, mapped: Any) -> None:
    create(client, "refunds")
    mapped(EventSourceArn=QUEUE)

    assert mapped(EventSourceArn=QUEUE, FunctionName="refunds")["State"] == "Creating"


@pytest.mark.parametrize("servers", [["kafka:1000"], ["kafka:1000", "kafka:2000"]])
def test_one_server_and_topic_in_common_make_two_mappings_of_kafka_the_same(
    client: Any, mapped: Any, servers: list[str]
) -> None:
    uuid = mapped(**KAFKA)["UUID"]
    params = {**KAFKA, "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}}}

    assert error_of(client.create_event_source_mapping, FunctionName="orders", **params) == (
        409,
        CONFLICT,
        (
            f'An event source mapping with event source ("{",".join(servers)}"), function ("{ARN}orders"), '
            f'topics ("topic") already exists. Please update or delete the existing mapping with UUID {uuid}'
        ),
    )


def test_another_topic_is_another_source(mapped: Any) -> None:
    mapped(**KAFKA)

    assert mapped(**{**KAFKA, "Topics": ["topic_2"]})["State"] == "Creating"


def test_mappings_are_listed_by_source_and_function(client: Any, mapped: Any) -> None:
    create(client, "refunds")
    jobs = mapped(EventSourceArn=QUEUE)["UUID"]
    clicks = mapped(EventSourceArn=STREAM, StartingPosition="LATEST", FunctionName="refunds")["UUID"]

    def listed(**params: Any) -> set[str]:
        return {one["UUID"] for one in client.list_event_source_mappings(**params)["EventSourceMappings"]}

    assert listed() == {jobs, clicks}
    assert listed(FunctionName="orders") == listed(FunctionName=ARN + "orders") == {jobs}
    assert listed(EventSourceArn=STREAM) == {clicks}
    assert listed(FunctionName="nobody") == listed(EventSourceArn=TABLE) == set()


def test_a_list_pages_through(client: Any, mapped: Any) -> None:
    uuids = {mapped(EventSourceArn=f"{QUEUE}-{number}")["UUID"] for number in range(5)}
    pages = list(client.get_paginator("list_event_source_mappings").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["EventSourceMappings"]) for page in pages] == [2, 2, 1]
    assert {one["UUID"] for page in pages for one in page["EventSourceMappings"]} == uuids


@pytest.mark.parametrize(("kind", "seconds"), [("sqs", 10), ("msk", 60)])
def test_the_timeline_tells_what_a_mapping_did(mock: LambdaMock, mapped: Any, kind: str, seconds: int) -> None:
    mapped(**EVERY_KIND[kind])
    before = mock.clock.now
    mock.clock.run_until_idle()

    assert (mock.clock.now - before).total_seconds() == seconds
    label = {"sqs": "jobs", "msk": "events"}[kind]
    assert mock.timeline.of(f"{label} -> orders").states == ["Creating", "Enabled"]


@pytest.fixture
def beside_moto(aws_credentials: None) -> Any:
    """A mock and a client of it, with moto's mocks of the other services beside them."""
    with mock_aws(), mock_lambda(start="2026-01-01T00:00:00Z") as m:
        client = boto3.client("lambda", region_name="us-east-1")
        role = boto3.client("iam", region_name="us-east-1").create_role(
            RoleName="orders",
            AssumeRolePolicyDocument='{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
            '"Principal": {"Service": "lambda.amazonaws.com"}}]}',
        )
        create(client, Role=role["Role"]["Arn"], Timeout=60)
        m.clock.run_until_idle()
        yield client


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


def test_a_queue_that_is_not_there_is_refused(beside_moto: Any) -> None:
    assert error_of(beside_moto.create_event_source_mapping, FunctionName="orders", EventSourceArn=QUEUE) == (
        400,
        INVALID,
        (
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        ),
    )


@pytest.mark.parametrize("arn", [STREAM, TABLE], ids=["kinesis", "dynamodb"])
def test_a_stream_that_is_not_there_is_refused(beside_moto: Any, arn: str) -> None:
    params = {"FunctionName": "orders", "EventSourceArn": arn, "StartingPosition": "LATEST"}

    assert error_of(beside_moto.create_event_source_mapping, **params) == (400, INVALID, f"Stream not found: {arn}")


def test_a_stream_that_is_there_is_mapped(beside_moto: Any) -> None:
    boto3.client("kinesis", region_name="us-east-1").create_stream(StreamName="clicks", ShardCount=1)

    answer = beside_moto.create_event_source_mapping(
        FunctionName="orders", EventSourceArn=STREAM, StartingPosition="LATEST"
    )

    assert answer["State"] == "Creating"


@pytest.mark.parametrize(("visibility", "accepted"), [("59", False), ("60", True)])
def test_a_queue_hides_messages_for_as_long_as_the_function_may_run(
    beside_moto: Any, visibility: str, accepted: bool
) -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": visibility})
    params = {"FunctionName": "orders", "EventSourceArn": QUEUE}

    if accepted:
        assert beside_moto.create_event_source_mapping(**params)["State"] == "Creating"
    else:
        text = "Queue visibility timeout: 59 seconds is less than Function timeout: 60 seconds"
        assert error_of(beside_moto.create_event_source_mapping, **params) == (400, INVALID, text)
