"""What happens to the records of a stream: recorded of AWS, row by row, for Kinesis and DynamoDB."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock

from .conftest import Connect, Seen, client

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/2026-01-01T00:00:00.000"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
REPORT = ["ReportBatchItemFailures"]
TO_DEAD = {"OnFailure": {"Destination": DEAD}}
INFO = {STREAM: "KinesisBatchInfo", TABLE: "DDBStreamBatchInfo"}
GOOD = {STREAM: '{"data": {"id": ["good"]}}', TABLE: '{"dynamodb": {"Keys": {"id": {"S": ["good"]}}}}'}
EVENT_COUNTS = (
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DroppedEventCount",
    "OnFailureDestinationDeliveredEventCount",
)
BOTH = pytest.mark.parametrize("stream", [STREAM, TABLE], ids=["kinesis", "dynamodb"])

Handle = Callable[..., Seen]


def fail(_event: Any) -> None:
    raise RuntimeError("no")


def put(m: LambdaMock, stream: str, *names: str) -> None:
    m.source(stream).put(*([{"id": name} for name in names] if stream == TABLE else names))


def name_of(record: Any) -> str:
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return str(record["dynamodb"]["Keys"]["id"]["S"])


def sequence_of(record: Any) -> str:
    inner = record.get("kinesis") or record["dynamodb"]
    return str(inner.get("sequenceNumber") or inner["SequenceNumber"])


def batches(seen: Seen) -> list[list[str]]:
    return [[name_of(record) for record in event["Records"]] for event in seen.events]


def reporting(*names: str) -> Callable[[Any], Any]:
    def report(event: Any) -> Any:
        bad = [sequence_of(record) for record in event["Records"] if name_of(record) in names]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}

    return report


def lost(m: LambdaMock) -> list[Any]:
    return [json.loads(body) for body in m.source(DEAD).waiting]


# -- events


def test_a_record_of_kinesis_is_an_event_as_recorded(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.clock.advance(0.123)
    (sequence,) = m.source(STREAM).put("data", key="k")
    assert seen.events == [
        {
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "k",
                        "sequenceNumber": sequence,
                        "data": "ZGF0YQ==",
                        "approximateArrivalTimestamp": 1767225600.123,
                    },
                    "eventSource": "aws:kinesis",
                    "eventVersion": "1.0",
                    "eventID": f"shardId-000000000000:{sequence}",
                    "eventName": "aws:kinesis:record",
                    "invokeIdentityArn": "arn:aws:iam::123456789012:role/orders",
                    "awsRegion": "us-east-1",
                    "eventSourceARN": STREAM,
                }
            ]
        }
    ]
    assert len(sequence) == 56


def test_a_change_of_a_table_is_an_event_as_recorded(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(TABLE, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.clock.advance(0.9)
    m.source(TABLE).modify({"id": "1", "b": b"\x00"}, {"id": "1", "b": b"\x01", "n": 5})
    record = seen.events[0]["Records"][0]
    assert list(record) == [
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN",
    ]  # fmt: skip
    assert (len(record["eventID"]), record["eventName"], record["eventVersion"]) == (32, "MODIFY", "1.1")
    change = record["dynamodb"]
    assert change == {
        "ApproximateCreationDateTime": 1767225600.0,
        "Keys": {"id": {"S": "1"}},
        "NewImage": {"id": {"S": "1"}, "b": {"B": "AQ=="}, "n": {"N": "5"}},
        "OldImage": {"id": {"S": "1"}, "b": {"B": "AA=="}},
        "SequenceNumber": change["SequenceNumber"],
        "SizeBytes": 3 + (3 + 2 + 3) + (3 + 2),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    assert len(change["SequenceNumber"]) == 21


def test_an_item_written_twice_without_a_change_makes_no_second_record(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(TABLE, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.source(TABLE).put({"id": "1"})
    m.source(TABLE).modify({"id": "1"}, {"id": "1"})
    assert batches(seen) == [["1"]]


def test_what_a_time_to_live_deletes_says_who_deleted_it(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(TABLE, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.source(TABLE).remove({"id": "1"}, expired=True)
    record = seen.events[0]["Records"][0]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


# -- positions


@BOTH
def test_from_the_trim_horizon_all_records_come_in_order(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    names = [str(number) for number in range(30)]
    put(m, stream, *names)
    seen = handle()
    connect(stream, StartingPosition="TRIM_HORIZON", BatchSize=10)
    assert batches(seen) == [names[:10], names[10:20], names[20:]]


@BOTH
def test_from_the_latest_only_what_is_put_after_it_is_enabled(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    m.timings["mapping_create"] = 10
    put(m, stream, "before")
    seen = handle()
    connect(stream, StartingPosition="LATEST")
    put(m, stream, "too early")
    m.clock.advance(10)
    put(m, stream, "after")
    assert batches(seen) == [["after"]]


def test_at_a_timestamp_from_that_instant_on(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    for name in "abc":
        put(m, STREAM, name)
        m.clock.advance(10)
    seen = handle()
    at = m.clock.now - timedelta(seconds=20)
    connect(STREAM, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=at)
    assert batches(seen) == [["b", "c"]]


@BOTH
def test_two_functions_on_one_stream_each_get_every_record(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    from tests.deploying import create

    create(client(), "others")
    others = Seen()
    m.handler("others", call=others)
    seen = handle()
    connect(stream, StartingPosition="TRIM_HORIZON")
    client().create_event_source_mapping(FunctionName="others", EventSourceArn=stream, StartingPosition="TRIM_HORIZON")
    put(m, stream, "a")
    assert (batches(seen), batches(others)) == ([["a"]], [["a"]])


@BOTH
def test_a_disabled_mapping_goes_on_after_its_last_checkpoint(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    uuid = connect(stream, StartingPosition="TRIM_HORIZON")
    seen = handle()
    put(m, stream, "a")
    client().update_event_source_mapping(UUID=uuid, Enabled=False)
    put(m, stream, "b")
    assert batches(seen) == [["a"]]
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    assert batches(seen) == [["a"], ["b"]]


def test_what_waits_for_another_try_when_the_mapping_is_disabled_comes_again_when_it_is_enabled(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON")
    handle(fail)
    put(m, STREAM, "a", "b")
    client().update_event_source_mapping(UUID=uuid, Enabled=False)
    m.clock.advance(100)
    seen = handle()
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    assert batches(seen) == [["a", "b"]]


# -- batches


@BOTH
def test_the_next_batch_of_a_shard_waits_for_the_end_of_the_running_one(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=30)
    handle(duration=5)
    put(m, stream, "a", "b")
    connect(stream, StartingPosition="TRIM_HORIZON", BatchSize=1)
    m.clock.run_until_idle()
    first, second = (one.start for one in m.invocations("orders"))
    assert second - first == timedelta(seconds=5)


def test_a_batch_holds_records_of_one_shard(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    m.source(STREAM, shards=2)
    connect(STREAM, StartingPosition="TRIM_HORIZON")
    seen = handle()
    for number in range(20):
        m.source(STREAM).put(str(number), key=str(number))
    shards = [{record["eventID"].split(":")[0] for record in event["Records"]} for event in seen.events]
    assert all(len(of_batch) == 1 for of_batch in shards)
    assert len(set.union(*shards)) == 2


def test_parallelization_keeps_each_key_in_order(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    client().update_function_configuration(FunctionName="orders", Timeout=30)
    seen = handle(duration=1)
    for number in range(30):
        m.source(STREAM).put(f"{number % 6}-{number:02}", key=str(number % 6))
    connect(STREAM, StartingPosition="TRIM_HORIZON", BatchSize=2, ParallelizationFactor=4)
    assert len(seen.events) > 1
    m.clock.run_until_idle()
    order = [name for batch in batches(seen) for name in batch]
    for key in range(6):
        mine = [name for name in order if name.startswith(f"{key}-")]
        assert mine == sorted(mine)
        assert len(mine) == 5


def test_a_window_gathers_records(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", MaximumBatchingWindowInSeconds=10)
    seen = handle()
    put(m, STREAM, "a")
    assert "waiting for the window until 2026-01-01T00:00:10.000Z" in m.mapping(uuid).why
    m.clock.advance(9)
    put(m, STREAM, "b")
    assert batches(seen) == []
    m.clock.advance(1)
    assert batches(seen) == [["a", "b"]]


def test_children_of_a_shard_begin_when_it_is_finished(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(STREAM, StartingPosition="TRIM_HORIZON", BatchSize=1)
    seen = handle(duration=1)
    stream = m.source(STREAM)
    put(m, STREAM, "1", "2", "3")
    stream.split("shardId-000000000000")
    for number in range(4, 8):
        stream.put(str(number), key=str(number))
    m.clock.run_until_idle()
    assert batches(seen)[:3] == [["1"], ["2"], ["3"]]
    assert sorted(name for batch in batches(seen) for name in batch) == list("1234567")


# -- failures


@BOTH
def test_retries_are_counted_and_then_the_batch_is_dropped_with_a_record(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    connect(stream, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1, DestinationConfig=TO_DEAD, BatchSize=1)
    seen = handle(lambda event: fail(event) if name_of(event["Records"][0]) == "bad" else None)
    put(m, stream, "bad")
    put(m, stream, "good")
    m.clock.run_until_idle()
    assert batches(seen) == [["bad"], ["bad"], ["good"]]
    (record,) = lost(m)
    sequence, is_kinesis = sequence_of(seen.events[0]["Records"][0]), stream == STREAM
    info = record.pop(INFO[stream])
    arrival = "2026-01-01T00:00:00.000Z" if is_kinesis else "2026-01-01T00:00:00Z"
    assert record == {
        "requestContext": {
            "requestId": m.invocations("orders")[1].request_id,
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:01.000Z",
    }
    assert info == {
        "shardId": info["shardId"],
        "startSequenceNumber": sequence,
        "endSequenceNumber": sequence,
        "approximateArrivalOfFirstRecord": arrival,
        "approximateArrivalOfLastRecord": arrival,
        "batchSize": 1,
        "streamArn": stream,
    }


@BOTH
@pytest.mark.parametrize(("qualifier", "version"), [("live", "1"), ("1", "1")])
def test_a_failure_record_names_the_function_as_its_mapping_does(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str, qualifier: str, version: str
) -> None:
    aws = client()
    aws.publish_version(FunctionName="orders")
    aws.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    handle(fail)
    arn = aws.create_event_source_mapping(
        FunctionName=f"orders:{qualifier}",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig=TO_DEAD,
    )["FunctionArn"]
    put(m, stream, "a")
    (record,) = lost(m)
    assert arn.endswith(f":orders:{qualifier}")
    assert record["requestContext"]["functionArn"] == arn
    assert record["responseContext"]["executedVersion"] == version


@BOTH
def test_a_function_that_raises_has_failed_its_batch_although_it_may_report(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=REPORT,
        MaximumRetryAttempts=1,
        DestinationConfig=TO_DEAD,
    )
    seen = handle(fail)
    put(m, stream, "a", "b")
    m.clock.run_until_idle()
    (record,) = lost(m)
    assert batches(seen) == [["a", "b"]] * 2
    assert record["responseContext"]["functionError"] == "Unhandled"


@BOTH
@pytest.mark.parametrize("answer", ["", None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, []])
def test_an_answer_that_reports_nothing_is_a_success(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str, answer: Any
) -> None:
    uuid = connect(stream, StartingPosition="TRIM_HORIZON", FunctionResponseTypes=REPORT, MaximumRetryAttempts=0)
    handle(lambda _event: answer)
    put(m, stream, "a")
    assert m.mapping(uuid).totals == {"polled": 1, "filtered": 0, "succeeded": 1, "dropped": 0}
    assert client().get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK"


@BOTH
@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": ""},
        {"itemIdentifier": None},
        {"itemIdentifier": 123},
        {"itemIdentifier": "other"},
        {"foo": 123},
        {"foo": None},
    ],
)
def test_an_item_that_names_no_record_is_a_complete_failure_without_a_function_error(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str, item: Any
) -> None:
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=REPORT,
        MaximumRetryAttempts=2,
        DestinationConfig=TO_DEAD,
    )
    seen = handle(lambda _event: {"batchItemFailures": [item]})
    put(m, stream, "a")
    m.clock.run_until_idle()
    (record,) = lost(m)
    assert len(seen.events) == record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}


@BOTH
def test_the_lowest_reported_record_is_a_checkpoint_at_which_retries_begin_anew(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    put(m, stream, *"012345")
    seen = handle(reporting("5"))
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        BatchSize=3,
        MaximumRetryAttempts=3,
        FunctionResponseTypes=REPORT,
        DestinationConfig=TO_DEAD,
    )
    m.clock.run_until_idle()
    assert batches(seen) == [["0", "1", "2"], ["3", "4", "5"], ["5"], ["5"], ["5"], ["5"]]
    (record,) = lost(m)
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["responseContext"]["functionError"] is None
    assert record[INFO[stream]]["batchSize"] == 1


@BOTH
def test_a_record_that_always_fails_is_attempted_eight_times_in_a_minute(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    connect(stream, StartingPosition="TRIM_HORIZON", MaximumRecordAgeInSeconds=60, DestinationConfig=TO_DEAD)
    seen = handle(fail)
    put(m, stream, "a")
    m.clock.run_until_idle()
    (record,) = lost(m)
    assert len(seen.events) == 8
    assert record["requestContext"] == {
        "requestId": m.invocations("orders")[-1].request_id,
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders",
        "condition": "RecordAgeExceeded",
        "approximateInvokeCount": 8,
    }
    assert "responseContext" not in record
    assert record["timestamp"] == "2026-01-01T00:01:00.000Z"


@BOTH
def test_the_expired_head_of_a_batch_is_cut_off_and_reported_alone(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    put(m, stream, "old")
    m.clock.advance(70)
    put(m, stream, *"12345")
    seen = handle()
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRecordAgeInSeconds=60,
        MaximumRetryAttempts=0,
        DestinationConfig=TO_DEAD,
    )
    assert batches(seen) == [list("12345")]
    (record,) = lost(m)
    assert record[INFO[stream]]["batchSize"] == 1
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert "responseContext" not in record


def test_a_bad_record_blocks_its_shard_until_the_stream_forgets_it(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", BatchSize=1)
    client().update_function_configuration(FunctionName="orders", Timeout=900)
    # It takes its time, so that it is tried a hundred times in a day, and not a thousand.
    seen = handle(lambda event: fail(event) if name_of(event["Records"][0]) == "bad" else None, duration=800)
    put(m, STREAM, "bad", "good")
    m.clock.advance(timedelta(hours=23))
    assert {name for batch in batches(seen) for name in batch} == {"bad"}
    put(m, STREAM, "new")
    m.clock.advance(timedelta(hours=1, seconds=800))  # the last try may have begun just before
    assert batches(seen)[-1] == ["new"]
    assert m.mapping(uuid).totals["dropped"] >= 1


@BOTH
def test_bisecting_finds_the_bad_record_without_using_up_retries(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    put(m, stream, *"01234567")
    seen = handle(lambda event: fail(event) if "5" in map(name_of, event["Records"]) else None)
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig=TO_DEAD,
    )
    m.clock.run_until_idle()
    assert batches(seen) == [
        list("01234567"), list("0123"), list("4567"), list("45"), ["4"], ["5"], ["5"], list("67"),
    ]  # fmt: skip
    (record,) = lost(m)
    assert record[INFO[stream]]["batchSize"] == 1


@BOTH
def test_with_a_report_a_batch_is_cut_at_the_reported_record_and_not_halved(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    put(m, stream, *"0123")
    seen = handle(reporting("3"))
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=REPORT,
        MaximumRetryAttempts=0,
    )
    m.clock.run_until_idle()
    assert batches(seen) == [list("0123"), ["3"]]


@BOTH
def test_throttles_do_not_count_as_retries(m: LambdaMock, connect: Connect, handle: Handle, stream: str) -> None:
    uuid = connect(stream, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=0)
    seen = handle()
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    put(m, stream, "a")
    m.clock.advance(600)
    assert "TooManyRequestsException" in m.mapping(uuid).why
    client().delete_function_concurrency(FunctionName="orders")
    m.clock.advance(60)
    assert batches(seen) == [["a"]]


def test_a_failure_record_for_a_bucket_has_the_records_too(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    destination = {"OnFailure": {"Destination": "arn:aws:s3:::lost"}}
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=0, DestinationConfig=destination)
    seen = handle(fail)
    put(m, STREAM, "a")
    (message,) = m.destinations
    assert message.record["payload"] == seen.events[0]
    assert message.key is not None
    assert message.key.startswith(f"aws/lambda/{uuid}/shardId-000000000000/2026/01/01/2026-01-01T00.00.00-")


@BOTH
def test_a_failure_record_carries_a_trace(m: LambdaMock, connect: Connect, handle: Handle, stream: str) -> None:
    connect(stream, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=0, DestinationConfig=TO_DEAD)
    handle(fail)
    put(m, stream, "a")
    (message,) = m.destinations
    assert message.trace is not None
    assert message.trace.startswith("Root=1-")


def test_what_is_filtered_out_counts_as_read_and_is_in_no_failure_record(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(
        STREAM,
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": '{"data": {"kind": ["order"]}}'}]},
        MaximumRetryAttempts=0,
        DestinationConfig=TO_DEAD,
    )
    handle(fail)
    m.source(STREAM).put({"kind": "other"}, {"kind": "order"}, "text")
    (record,) = lost(m)
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    assert m.mapping(uuid).totals == {"polled": 3, "filtered": 2, "succeeded": 0, "dropped": 1}


# -- what is shown


@BOTH
def test_the_last_processing_result_tells_how_it_went(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    uuid = connect(stream, StartingPosition="TRIM_HORIZON")

    def result() -> Any:
        return client().get_event_source_mapping(UUID=uuid)["LastProcessingResult"]

    handle(fail)
    assert result() == "No records processed"
    put(m, stream, "a")
    assert result() == "PROBLEM: Function call failed"
    handle()
    m.clock.advance(2)
    assert result() == "OK"


@BOTH
def test_records_that_no_filter_lets_through_are_not_processed(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    criteria = {"Filters": [{"Pattern": '{"eventSource": ["another"], "partitionKey": ["another"]}'}]}
    uuid = connect(stream, StartingPosition="TRIM_HORIZON", FilterCriteria=criteria)
    handle()
    put(m, stream, "a")
    assert m.mapping(uuid).totals["filtered"] == 1
    assert client().get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "No records processed"


def test_a_stream_that_is_gone_is_a_connection_problem_and_the_mapping_stays(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON")
    seen = handle()
    stream = m.source(STREAM)
    put(m, STREAM, "a")
    stream.delete()
    m.clock.advance(60)
    view = client().get_event_source_mapping(UUID=uuid)
    assert (view["State"], view["LastProcessingResult"].split(".")[0]) == ("Enabled", "PROBLEM: Connection error")
    stream.restore()
    put(m, STREAM, "b")
    m.clock.advance(60)
    assert batches(seen) == [["a"], ["b"]]


def test_a_stuck_shard_does_not_hold_up_the_others(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    m.source(STREAM, shards=2)
    connect(STREAM, StartingPosition="TRIM_HORIZON")
    seen = handle()
    stuck, other = m.source(STREAM).shards
    m.faults.on_poll(STREAM, shard=stuck).hang()
    m.source(STREAM).put("a", shard=stuck)
    m.source(STREAM).put("b", shard=other)
    assert batches(seen) == [["b"]]


def test_the_age_of_records_and_the_counts_of_events_are_metrics(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    put(m, STREAM, "a")
    m.clock.advance(5)
    handle()
    connect(STREAM, StartingPosition="TRIM_HORIZON", MetricsConfig={"Metrics": ["EventCount"]})
    assert m.metrics.maximum("IteratorAge", "orders") == 5_000
    assert m.metrics.sum("PolledEventCount", "orders") == m.metrics.sum("InvokedEventCount", "orders") == 1


@pytest.mark.needs("botocore>=1.36")  # MetricsConfig
@BOTH
def test_each_event_of_a_stream_is_counted_where_the_mapping_says_so(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    connect(
        stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        DestinationConfig=TO_DEAD,
        MetricsConfig={"Metrics": ["EventCount"]},
        FilterCriteria={"Filters": [{"Pattern": GOOD[stream]}]},
    )
    handle(fail)
    m.source(stream).put({"id": "good"}, {"id": "bad"})
    m.clock.run_until_idle()
    assert {name: m.metrics.sum(name, "orders") for name in EVENT_COUNTS} == {
        "PolledEventCount": 2,
        "FilteredOutEventCount": 1,
        "InvokedEventCount": 2,
        "FailedInvokeEventCount": 2,
        "DroppedEventCount": 1,
        "OnFailureDestinationDeliveredEventCount": 1,
    }


@BOTH
def test_events_of_a_stream_are_not_counted_unless_the_mapping_says_so(
    m: LambdaMock, connect: Connect, handle: Handle, stream: str
) -> None:
    connect(stream, StartingPosition="TRIM_HORIZON")
    handle()
    put(m, stream, "a")
    assert [m.metrics.sum(name, "orders") for name in EVENT_COUNTS] == [0] * len(EVENT_COUNTS)


def test_sets_of_an_item_are_told_in_one_order(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(TABLE, StartingPosition="TRIM_HORIZON")
    seen = handle()
    m.source(TABLE).put({"id": {"S": "a"}, "tags": {"SS": {"c", "a", "b"}}})
    assert seen.events[0]["Records"][0]["dynamodb"]["NewImage"]["tags"] == {"SS": ["a", "b", "c"]}


def test_a_batch_that_waits_for_its_next_attempt_is_left_when_the_mapping_is_disabled(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON")
    handle(fail)
    put(m, STREAM, "a")
    client().update_event_source_mapping(UUID=uuid, Enabled=False)
    m.clock.advance(1)
    assert [batch.outcome for batch in m.mapping(uuid).batches] == ["Left"]


def test_a_batch_the_head_of_which_is_too_old_is_divided(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(STREAM, StartingPosition="TRIM_HORIZON", MaximumRecordAgeInSeconds=60, Enabled=False)
    handle(fail)
    put(m, STREAM, "a")
    m.clock.advance(30)
    put(m, STREAM, "b")
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    m.clock.advance(31)
    outcomes = [(len(batch), batch.outcome) for batch in m.mapping(uuid).batches]
    assert outcomes == [(2, "Bisected"), (1, "RecordAgeExceeded"), (1, "Running")]
