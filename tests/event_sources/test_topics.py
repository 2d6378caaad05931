"""Topics of Kafka, managed and not: order by partition, consumers and their offsets, failures, and what stops them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock

from .conftest import Connect, Seen, client

CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/demo/6357e0b2-0e6a-4b86-a0b4-70df934c2e31-5"
SERVERS = ["kafka-1:9092", "kafka-2:9092"]
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
REPORT = ["ReportBatchItemFailures"]
PROVISIONED: Any = {"ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 1}}
ACCESS = [{"Type": "SASL_SCRAM_512_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka"}]
WINDOW = 0.5

Handle = Callable[..., Seen]


def fail(_event: Any) -> None:
    raise RuntimeError("no")


def values(event: Any) -> dict[str, list[str]]:
    return {
        name: [base64.b64decode(one["value"]).decode() for one in records] for name, records in event["records"].items()
    }


def all_values(seen: Seen) -> list[dict[str, list[str]]]:
    return [values(event) for event in seen.events]


@pytest.fixture(autouse=True)
def _slow(m: LambdaMock) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=60)


@pytest.fixture
def topic(m: LambdaMock, connect: Connect) -> Callable[..., Any]:
    """Map the topic ``clicks`` of a cluster, and return the cluster."""

    def make(**members: Any) -> Any:
        connect(CLUSTER, Topics=["clicks"], **members)
        return m.source(CLUSTER)

    return make


# -- events


def test_a_record_of_msk_is_an_event_as_documented(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    cluster, seen = topic(), handle()
    assert cluster.put("one", key="k", headers={"name": "hi"}) == [0]
    m.clock.advance(WINDOW)
    brokers = [f"b-{number}.demo.6357e0.c1.kafka.us-east-1.amazonaws.com:9092" for number in (1, 2, 3)]
    assert seen.events == [
        {
            "eventSource": "aws:kafka",
            "eventSourceArn": CLUSTER,
            "bootstrapServers": ",".join(brokers),
            "records": {
                "clicks-0": [
                    {
                        "topic": "clicks",
                        "partition": 0,
                        "offset": 0,
                        "timestamp": 1767225600000,
                        "timestampType": "CREATE_TIME",
                        "key": "aw==",
                        "value": "b25l",
                        "headers": [{"name": [104, 105]}],
                    }
                ]
            },
        }
    ]


def test_a_record_of_a_self_managed_cluster_has_no_arn(m: LambdaMock, handle: Handle) -> None:
    client().create_event_source_mapping(
        FunctionName="orders",
        SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": SERVERS}},
        SourceAccessConfigurations=ACCESS,
        Topics=["clicks"],
    )
    seen = handle()
    m.source(SERVERS[0]).put("one")
    m.clock.advance(WINDOW)
    (event,) = seen.events
    assert {name: event[name] for name in event if name != "records"} == {
        "eventSource": "SelfManagedKafka",
        "bootstrapServers": "kafka-1:9092,kafka-2:9092",
    }
    assert m.mapping(SERVERS[0]).totals["succeeded"] == 1


def test_a_record_without_key_or_value_has_none(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    cluster, seen = topic(), handle()
    cluster.put(None, timestamp=5)
    m.clock.advance(WINDOW)
    (record,) = seen.events[0]["records"]["clicks-0"]
    assert {"key", "value"}.isdisjoint(record)
    assert record["timestamp"] == 5


# -- batches


def test_the_window_of_a_topic_begins_with_its_first_record(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    cluster, seen = topic(), handle()
    m.clock.advance(10.3)
    cluster.put("one")
    m.clock.advance(0.4)
    cluster.put("two")
    assert seen.events == []
    m.clock.advance(0.1)
    assert all_values(seen) == [{"clicks-0": ["one", "two"]}]


def test_a_consumer_reads_several_partitions_in_one_batch(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    m.source(CLUSTER).configure(topic="clicks", partitions=3)
    cluster, seen = topic(), handle()
    for number in range(6):
        cluster.put(str(number), partition=number % 3)
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ["0", "3"], "clicks-1": ["1", "4"], "clicks-2": ["2", "5"]}]
    assert m.mapping(CLUSTER).position == {"clicks-0": "1", "clicks-1": "1", "clicks-2": "1"}


def test_the_same_key_goes_to_the_same_partition_and_no_key_to_each_in_turn(m: LambdaMock) -> None:
    cluster = m.source(CLUSTER).configure(topic="clicks", partitions=4)
    assert cluster.put("a", "b", "c", topic="clicks", key="same") == [0, 1, 2]
    cluster = m.source(CLUSTER).configure(topic="others", partitions=4)
    assert cluster.put("a", "b", "c", "d", topic="others") == [0, 0, 0, 0]


def test_a_filter_sees_key_and_value_decoded(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    pattern = json.dumps({"value": {"kind": ["good"]}, "key": ["k"], "partition": [0]})
    cluster = topic(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    seen = handle()
    cluster.put({"kind": "good"}, {"kind": "bad"}, "no JSON", key="k")
    cluster.put({"kind": "good"}, key="other")
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ['{"kind":"good"}']}]
    assert m.mapping(CLUSTER).totals["filtered"] == 3


# -- positions


@pytest.mark.parametrize(("start", "got"), [("TRIM_HORIZON", ["0", "1", "2"]), ("LATEST", ["2"])])
def test_a_topic_is_read_from_where_its_mapping_says(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle, start: str, got: list[str]
) -> None:
    m.source(CLUSTER).put("0", "1", topic="clicks")
    seen = handle()
    topic(StartingPosition=start).put("2")
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": got}]


def test_a_topic_is_read_from_a_timestamp(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    m.source(CLUSTER).put("0", topic="clicks")
    m.clock.advance(60)
    moment = m.clock.now
    m.source(CLUSTER).put("1", topic="clicks")
    seen = handle()
    topic(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ["1"]}]


def test_the_offsets_of_a_consumer_group_win_over_the_starting_position(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    cluster = m.source(CLUSTER)
    cluster.put("0", "1", "2", topic="clicks")
    cluster.commit("readers", 2, topic="clicks")
    seen = handle()
    topic(StartingPosition="TRIM_HORIZON", AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "readers"})
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ["2"]}]
    assert cluster.committed("readers") == {0: 3}


def test_offsets_are_committed_after_the_invocation_and_for_what_is_filtered_out(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    handle(duration=5)
    cluster = topic(
        FilterCriteria={"Filters": [{"Pattern": '{"value": ["good"]}'}]},
        AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "readers"},
    )
    cluster.put("bad")
    assert cluster.committed("readers") == {0: 1}
    cluster.put("good")
    m.clock.advance(3)
    assert cluster.committed("readers") == {0: 1}
    m.clock.advance(3)
    assert cluster.committed("readers") == {0: 2}


def test_a_mapping_that_is_made_anew_goes_on_where_its_group_was(
    m: LambdaMock, handle: Handle, connect: Connect
) -> None:
    seen = handle()
    members: Any = {"Topics": ["clicks"], "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "readers"}}
    uuid = connect(CLUSTER, **members)
    m.source(CLUSTER).put("0")
    m.clock.advance(WINDOW)
    client().delete_event_source_mapping(UUID=uuid)
    m.source(CLUSTER).put("1")
    connect(CLUSTER, **members)
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ["0"]}, {"clicks-0": ["1"]}]


# -- failures


def test_without_provisioned_pollers_a_batch_is_tried_until_it_expires(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    handle(fail)
    cluster = topic(
        MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": DEAD}}
    )
    cluster.configure(retention=300)
    cluster.put("0", "1")
    m.clock.advance(200)
    (batch,) = m.mapping(CLUSTER).batches
    assert (len(batch), batch.outcome) == (2, "Running")
    assert len(batch.attempts) > 5
    m.clock.advance(200)
    assert m.mapping(CLUSTER).batches[-1].outcome == "RecordAgeExceeded"
    (record,) = (json.loads(body) for body in m.source(DEAD).waiting)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"


def test_in_provisioned_mode_retries_end_and_the_batch_goes_to_the_destination(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    handle(fail)
    cluster = topic(MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": DEAD}}, **PROVISIONED)
    cluster.put("0", "1")
    m.clock.advance(60)
    (record,) = (json.loads(body) for body in m.source(DEAD).waiting)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    info = record["KafkaBatchInfo"]
    assert (info["batchSize"], info["eventSourceArn"]) == (2, CLUSTER)
    assert info["recordInfo"] == {"offset": "0", "timestamp": "2026-01-01T00:00:00.000Z"}
    assert "payload" not in record


def test_a_topic_of_the_cluster_can_be_the_destination(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    handle(fail)
    to_topic = {"OnFailure": {"Destination": "kafka://lost"}}
    cluster = topic(MaximumRetryAttempts=0, DestinationConfig=to_topic, **PROVISIONED)
    cluster.put("0", topic="clicks")
    m.clock.advance(60)
    (body,) = cluster.records("lost")
    record = json.loads(body)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert values(record["payload"]) == {"clicks-0": ["0"]}


def test_in_provisioned_mode_a_batch_is_bisected(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    def poison(event: Any) -> None:
        if "bad" in values(event)["clicks-0"]:
            raise RuntimeError("bad")

    seen = handle(poison)
    topic(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0, **PROVISIONED).put("0", "1", "bad", "3")
    m.clock.advance(60)
    got = [batch["clicks-0"] for batch in all_values(seen)]
    assert got == [["0", "1", "bad", "3"], ["0", "1"], ["bad", "3"], ["bad"], ["3"]]


def test_each_partition_has_its_own_checkpoint(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    def report(event: Any) -> Any:
        bad = [
            {"itemIdentifier": {"partition": name, "offset": one["offset"]}}
            for name, records in event["records"].items()
            for one in records
            if base64.b64decode(one["value"]) == b"bad"
        ]
        return {"batchItemFailures": bad}

    m.source(CLUSTER).configure(topic="clicks", partitions=2)
    seen = handle(report)
    cluster = topic(FunctionResponseTypes=REPORT, MaximumRetryAttempts=0, **PROVISIONED)
    cluster.put("0", "bad", "2", partition=0)
    cluster.put("3", "4", partition=1)
    m.clock.advance(60)
    assert all_values(seen) == [
        {"clicks-0": ["0", "bad", "2"], "clicks-1": ["3", "4"]},
        {"clicks-0": ["bad", "2"]},
    ]
    assert m.mapping(CLUSTER).totals == {"polled": 5, "filtered": 0, "succeeded": 3, "dropped": 2}


def test_an_identifier_that_is_not_in_the_batch_fails_all_of_it(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    handle(lambda _event: {"batchItemFailures": [{"itemIdentifier": {"partition": "clicks-0", "offset": 7}}]})
    topic(FunctionResponseTypes=REPORT, MaximumRetryAttempts=0, **PROVISIONED).put("0")
    m.clock.advance(60)
    assert m.mapping(CLUSTER).totals["dropped"] == 1


# -- consumers


def in_ten_seconds(m: LambdaMock, seen: Seen) -> int:
    before = len(seen.events)
    m.clock.advance(10)
    return len(seen.events) - before


def test_there_is_one_consumer_at_first_and_more_when_it_stays_behind(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    m.source(CLUSTER).configure(topic="clicks", partitions=4)
    cluster, seen = topic(BatchSize=1, MaximumBatchingWindowInSeconds=0), handle(duration=10)
    for number in range(240):
        cluster.put(str(number), partition=number % 4)
    m.clock.advance(200)
    assert len(seen.events) == 21
    m.clock.advance(200)  # a minute until it is judged, three more until there are two
    assert in_ten_seconds(m, seen) == 2
    m.clock.advance(240)
    assert in_ten_seconds(m, seen) == 4


def test_a_partition_stays_in_order_while_consumers_are_added(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    m.source(CLUSTER).configure(topic="clicks", partitions=4)
    cluster, seen = topic(BatchSize=3, MaximumBatchingWindowInSeconds=0), handle(duration=7)
    for number in range(300):
        cluster.put(str(number), partition=number % 4)
    m.clock.advance(3600)
    got: dict[str, list[int]] = {}
    for batch in all_values(seen):
        for name, found in batch.items():
            got.setdefault(name, []).extend(int(one) for one in found)
    assert got == {f"clicks-{number}": list(range(number, 300, 4)) for number in range(4)}


def test_provisioned_pollers_are_at_least_as_many_as_is_said(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    m.source(CLUSTER).configure(topic="clicks", partitions=4)
    pollers = {"MinimumPollers": 2, "MaximumPollers": 3}
    cluster = topic(BatchSize=1, MaximumBatchingWindowInSeconds=0, ProvisionedPollerConfig=pollers)
    seen = handle(duration=10)
    for number in range(160):
        cluster.put(str(number), partition=number % 4)
    assert in_ten_seconds(m, seen) == 2
    m.clock.advance(300)
    assert in_ten_seconds(m, seen) == 3


def test_a_partition_that_is_added_is_read_from_its_beginning(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    cluster, seen = topic(StartingPosition="LATEST"), handle()
    cluster.configure(partitions=2)
    cluster.put("0", partition=1)
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-1": ["0"]}]


def test_how_far_a_topic_is_behind_is_a_metric(m: LambdaMock, topic: Callable[..., Any], handle: Handle) -> None:
    cluster = topic(BatchSize=1, MaximumBatchingWindowInSeconds=0)
    handle(duration=1)
    cluster.put("0", "1", "2")
    m.clock.advance(60)
    lags = (m.metrics.maximum("OffsetLag", "orders"), m.metrics.sum("OffsetLag", "orders"))
    assert lags == (3, 3 + 2 + 1)


# -- what stops a consumer


@pytest.mark.parametrize(
    ("said", "reason", "result"),
    [
        ("Cluster failed to authorize Lambda", "EVENT_SOURCE_AUTHZ_ERROR", "Cluster failed to authorize Lambda"),
        ("SASL authentication failed", "EVENT_SOURCE_AUTHN_ERROR", "SASL authentication failed"),
        ("Server failed to authenticate Lambda", "EVENT_SOURCE_AUTHN_ERROR", "Server failed to authenticate Lambda"),
        (
            "Provided certificate or private key is invalid",
            "ESM_CONFIG_NOT_VALID",
            "Provided certificate or private key is invalid",
        ),
        ("EVENT_SOURCE_AUTHN_ERROR", "EVENT_SOURCE_AUTHN_ERROR", "SASL authentication failed"),
    ],
)
def test_a_consumer_that_cannot_log_in_stops_until_its_mapping_is_enabled_anew(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle, said: str, reason: str, result: str
) -> None:
    cluster, seen = topic(), handle()
    m.faults.on_poll(CLUSTER).error(said, times=1)
    cluster.put("0")
    m.clock.advance(3600)
    uuid = m.mapping(CLUSTER).uuid
    shown = client().get_event_source_mapping(UUID=uuid)
    assert (shown["State"], shown["StateTransitionReason"]) == ("Enabled", reason)
    assert shown["LastProcessingResult"] == f"PROBLEM: {result}"
    assert reason in m.mapping(CLUSTER).why
    assert seen.events == []
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    m.clock.advance(WINDOW)
    assert all_values(seen) == [{"clicks-0": ["0"]}]
    assert client().get_event_source_mapping(UUID=uuid)["StateTransitionReason"] == "USER_INITIATED"


def test_a_function_with_a_timeout_above_14_minutes_stops_the_consumer(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=841)
    cluster, seen = topic(), handle()
    cluster.put("0", topic="clicks")
    m.clock.advance(60)
    uuid = m.mapping(CLUSTER).uuid
    reason = client().get_event_source_mapping(UUID=uuid)["StateTransitionReason"]
    assert (reason, seen.events) == ("FUNCTION_CONFIG_NOT_VALID", [])
    assert "FUNCTION_CONFIG_NOT_VALID" in m.mapping(CLUSTER).why
    client().update_function_configuration(FunctionName="orders", Timeout=840)
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    m.clock.advance(WINDOW)
    assert len(seen.events) == 1


def test_a_cluster_that_is_gone_is_a_problem_of_the_connection(
    m: LambdaMock, topic: Callable[..., Any], handle: Handle
) -> None:
    cluster, seen = topic(), handle()
    cluster.delete()
    m.clock.advance(61)
    problem = "PROBLEM: Connection error. Please check your event source connection configuration."
    assert m.mapping(CLUSTER).last_result == problem
    cluster.restore()
    cluster.put("0")
    m.clock.advance(61)
    assert len(seen.events) == 1


# -- what a test got wrong


def test_a_put_that_does_not_know_its_topic_says_how_to_name_it(m: LambdaMock) -> None:
    with pytest.raises(TypeError, match=r'does not know which topic\. No mapping .* Say  topic="\.\.\."'):
        m.source(CLUSTER).put("0")
    m.source(CLUSTER).put("0", topic="a")
    m.source(CLUSTER).put("0", topic="b")
    with pytest.raises(TypeError, match=r"Several are known: a, b"):
        m.source(CLUSTER).put("0")


def test_a_partition_that_is_not_there_is_named(m: LambdaMock) -> None:
    with pytest.raises(ValueError, match=r'the topic "clicks" has no partition 3: it has 1'):
        m.source(CLUSTER).put("0", topic="clicks", partition=3)
    with pytest.raises(ValueError, match="never loses any"):
        m.source(CLUSTER).configure(topic="clicks", partitions=3).configure(partitions=2)
