"""What happens to the messages of a queue: recorded of AWS, row by row."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.errors import NoHandlerError

from .conftest import Connect, Seen, client

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
FIFO = f"{QUEUE}.fifo"
REPORT = ["ReportBatchItemFailures"]

Handle = Callable[..., Seen]


def fail(_event: Any) -> None:
    raise RuntimeError("no")


# -- events


def test_a_message_is_an_event_as_recorded(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE)
    seen = handle()
    m.source(QUEUE).put("text")
    ((record,),) = (event["Records"] for event in seen.events)
    assert list(record) == [
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource",
        "eventSourceARN", "awsRegion",
    ]  # fmt: skip
    assert list(record["attributes"]) == [
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp",
    ]  # fmt: skip
    assert record["body"] == "text"
    assert record["messageAttributes"] == {}
    assert record["md5OfBody"] == hashlib.md5(b"text").hexdigest()
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ("aws:sqs", QUEUE, "us-east-1")
    assert record["attributes"]["SentTimestamp"] == "1767225600000"
    assert all(isinstance(value, str) for value in record["attributes"].values())


def test_a_mapping_with_a_window_shows_a_null_digest_of_attributes(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE, MaximumBatchingWindowInSeconds=1)
    seen = handle()
    m.source(QUEUE).put("text")
    m.clock.advance(1)
    record = seen.events[0]["Records"][0]
    assert list(record)[5:7] == ["md5OfMessageAttributes", "md5OfBody"]
    assert record["md5OfMessageAttributes"] is None


def test_message_attributes_are_shown_with_their_digest(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE)
    seen = handle()
    m.source(QUEUE).put("text", attributes={"n": 6, "b": b"\x00\x01"})
    record = seen.events[0]["Records"][0]
    empty: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert record["messageAttributes"] == {
        "n": {"stringValue": "6", **empty, "dataType": "Number"},
        "b": {"binaryValue": "AAE=", **empty, "dataType": "Binary"},
    }
    assert record["md5OfMessageAttributes"] == "6526e8353725859a6604c584bba30d5b"  # as boto3 and moto compute it


def test_a_message_of_a_fifo_queue_shows_group_and_sequence(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(FIFO)
    seen = handle()
    m.source(FIFO).put("text", group="g", deduplication_id="d")
    attributes = seen.events[0]["Records"][0]["attributes"]
    assert (attributes["MessageGroupId"], attributes["MessageDeduplicationId"]) == ("g", "d")
    assert len(attributes["SequenceNumber"]) == 20


# -- what becomes of a batch


@pytest.mark.parametrize("answer", [None, "anything", {"batchItemFailures": "nonsense"}, 5])
def test_whatever_a_function_returns_its_messages_are_deleted(
    m: LambdaMock, connect: Connect, handle: Handle, answer: Any
) -> None:
    connect(QUEUE)
    handle(lambda _event: answer)
    queue = m.source(QUEUE)
    queue.put("one", "two")
    assert (queue.waiting, queue.in_flight) == ([], [])


def _times_out(_event: Any) -> None:
    time.sleep(10)


def _crashes(_event: Any) -> None:
    sys.exit(1)


@pytest.mark.parametrize("does", [fail, _times_out, _crashes])
def test_messages_of_a_failed_batch_are_visible_again_after_the_timeout_and_not_earlier(
    m: LambdaMock, connect: Connect, handle: Handle, does: Callable[[Any], None]
) -> None:
    connect(QUEUE)
    seen = handle(does)
    m.source(QUEUE, visibility_timeout=30).put("one")
    m.clock.advance(29.999)
    assert seen.counts == [["1"]]
    m.clock.advance(0.001)
    assert seen.counts == [["1"], ["2"]]


@pytest.mark.parametrize(
    "answer", [None, {}, "", [], {"other": 1}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_an_answer_that_reports_nothing_is_a_complete_success(
    m: LambdaMock, connect: Connect, handle: Handle, answer: Any
) -> None:
    connect(QUEUE, FunctionResponseTypes=REPORT)
    handle(lambda _event: answer)
    queue = m.source(QUEUE)
    queue.put("one", "two")
    assert queue.in_flight == []


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        *(
            {"batchItemFailures": report}
            for report in (
                *("text", {"itemIdentifier": "1"}, [{"foo": "notvalid"}], [{"foo": None}], [{"itemIdentifier": ""}]),
                *([{"itemIdentifier": None}], [{"itemIdentifier": "other"}], [{"itemIdentifier": 5}]),
            )
        ),
    ],
)
def test_a_report_that_is_no_list_of_messages_of_the_batch_is_a_complete_failure(
    m: LambdaMock, connect: Connect, handle: Handle, answer: Any
) -> None:
    connect(QUEUE, FunctionResponseTypes=REPORT)
    handle(lambda _event: answer)
    queue = m.source(QUEUE)
    queue.put("one", "two")
    assert queue.in_flight == ["one", "two"]


def test_reported_messages_stay_and_the_others_are_deleted(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE, FunctionResponseTypes=REPORT)

    def reports_bad(event: Any) -> Any:
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}

    seen = handle(reports_bad)
    queue = m.source(QUEUE)
    queue.put("good", "bad", "fine")
    assert queue.in_flight == ["bad"]
    m.clock.advance(30)
    assert seen.bodies == [["good", "bad", "fine"], ["bad"]]


def test_a_function_that_raises_leaves_the_whole_batch_although_it_may_report(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE, FunctionResponseTypes=REPORT)
    handle(fail)
    queue = m.source(QUEUE)
    queue.put("good", "bad")
    assert queue.in_flight == ["good", "bad"]


def test_after_its_receives_a_message_goes_to_the_dead_letter_queue_as_it_was(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    dead, of_function = f"{QUEUE}-dead", f"{QUEUE}-function-dead"
    client().update_function_configuration(FunctionName="orders", DeadLetterConfig={"TargetArn": of_function})
    connect(QUEUE)
    seen = handle(fail)
    queue = m.source(QUEUE, max_receive_count=2, dead_letters=dead)
    (one,) = queue.put("bad", attributes={"n": 6})
    m.clock.advance(29)
    assert queue.dead == []
    m.clock.advance(31)
    assert seen.counts == [["1"], ["2"]]
    assert queue.dead == ["bad"]
    assert m.source(of_function).waiting == []

    late = handle()
    connect(dead)
    record, first = late.events[0]["Records"][0], seen.events[0]["Records"][0]
    assert (record["messageId"], first["messageId"]) == (one, one)
    for member in ("body", "md5OfBody", "messageAttributes", "md5OfMessageAttributes"):
        assert record[member] == first[member]


def test_a_good_message_of_a_failing_batch_dies_with_the_bad_one_in_the_order_of_sending(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE)
    handle(fail)
    queue = m.source(QUEUE, max_receive_count=2)
    queue.put("good", "bad")
    m.clock.advance(60)
    assert queue.dead == ["good", "bad"]


# -- FIFO


def test_failed_messages_of_a_group_come_again_in_order_before_the_rest_of_it(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(FIFO, FunctionResponseTypes=REPORT)
    failing = iter([{"2", "3", "4"}, {"4"}, {"4"}])

    def reports(event: Any) -> Any:
        bad = next(failing)
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] in bad]}

    seen = handle(reports)
    queue = m.source(FIFO, max_receive_count=2)
    queue.put("1", "2", "3", "4", group="g")
    queue.put("5", group="g")
    assert seen.bodies == [["1", "2", "3", "4"]]
    m.clock.advance(30)
    assert seen.bodies[1] == ["2", "3", "4", "5"]
    assert seen.counts[1] == ["2", "2", "2", "1"]
    m.clock.advance(30)
    assert queue.dead == ["4"]


def test_a_group_is_handled_by_one_environment_at_a_time(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(FIFO, BatchSize=1)
    client().update_function_configuration(FunctionName="orders", Timeout=30)
    handle(duration=5)
    m.source(FIFO).put(*"abcde", group="g")
    m.clock.run_until_idle()
    starts = [one.start for one in m.invocations("orders")]
    assert len({one.environment for one in m.invocations("orders")}) == 1
    assert [(start - starts[0]).total_seconds() for start in starts] == [0, 5, 10, 15, 20]


def test_groups_are_handled_side_by_side_up_to_the_maximum_concurrency(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(FIFO, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    client().update_function_configuration(FunctionName="orders", Timeout=30)
    handle(duration=5)
    queue = m.source(FIFO)
    for group in "abc":
        queue.put(group, group=group)
    m.clock.run_until_idle()
    starts = [one.start for one in m.invocations("orders")]
    assert [(start - starts[0]).total_seconds() for start in starts] == [0, 0, 5]


def test_groups_are_handled_side_by_side(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(FIFO, BatchSize=1)
    client().update_function_configuration(FunctionName="orders", Timeout=30)
    handle(duration=5)
    queue = m.source(FIFO)
    for group in "ab":
        queue.put(f"{group}1", f"{group}2", group=group)
    m.clock.run_until_idle()
    starts = [one.start for one in m.invocations("orders")]
    assert [(start - starts[0]).total_seconds() for start in starts] == [0, 0, 5, 5]


# -- batches


def test_thirty_messages_in_batches_of_twenty_are_two_invocations(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE, BatchSize=20, MaximumBatchingWindowInSeconds=1, ScalingConfig={"MaximumConcurrency": 2})
    seen = handle()
    m.source(QUEUE).put(*map(str, range(30)))
    m.clock.advance(1)
    assert [len(batch) for batch in seen.bodies] == [20, 10]


@pytest.mark.parametrize("size", [15, 100, 1_000, 10_000])
def test_fifteen_messages_within_a_window_all_arrive(
    m: LambdaMock, connect: Connect, handle: Handle, size: int
) -> None:
    connect(QUEUE, BatchSize=size, MaximumBatchingWindowInSeconds=10)
    seen = handle()
    queue = m.source(QUEUE)
    for number in range(15):
        queue.put(str(number))
    m.clock.advance(10)
    assert seen.bodies == [[str(number) for number in range(15)]]


def test_without_a_window_what_the_poll_brought_is_sent_at_once(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE)
    seen = handle()
    queue = m.source(QUEUE)
    queue.put("one")
    queue.put("two")
    assert seen.bodies == [["one"], ["two"]]


def test_a_batch_is_full_at_six_megabytes(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE, BatchSize=100, MaximumBatchingWindowInSeconds=60)
    seen = handle()
    m.source(QUEUE).put(*(str(number) + "x" * 1_000_000 for number in range(8)))
    assert [len(batch) for batch in seen.bodies] == [6]
    m.clock.advance(60)
    assert [len(batch) for batch in seen.bodies] == [6, 2]


def test_with_a_window_messages_stay_hidden_for_window_and_timeout(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE, MaximumBatchingWindowInSeconds=30)  # 30 + 3 s of the function > 30 s of the queue
    seen = handle(fail)
    m.source(QUEUE).put("one")
    m.clock.advance(30)
    assert seen.counts == [["1"]]
    m.clock.advance(33 + 29 - 30)
    assert m.source(QUEUE).waiting == []
    m.clock.advance(1 + 30)
    assert seen.counts == [["1"], ["2"]]


# -- filters


def test_what_no_filter_matches_is_deleted_at_once_and_never_delivered(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(QUEUE, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]})
    seen = handle()
    queue = m.source(QUEUE)
    queue.put({"kind": "order"}, {"kind": "other"}, "text")
    assert seen.bodies == [['{"kind":"order"}']]
    assert (queue.waiting, queue.in_flight) == ([], [])
    assert m.mapping(uuid).totals["filtered"] == 2


# -- the mapping's life


def test_a_mapping_that_is_disabled_delivers_nothing_until_it_is_enabled(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(QUEUE, Enabled=False)
    seen = handle()
    m.source(QUEUE).put("one")
    assert seen.bodies == []
    assert m.mapping(uuid).why == "it is Disabled, and polls only while it is Enabled"
    client().update_event_source_mapping(UUID=uuid, Enabled=True)
    assert seen.bodies == [["one"]]
    client().update_event_source_mapping(UUID=uuid, Enabled=False)
    m.source(QUEUE).put("two")
    assert seen.bodies == [["one"]]


def test_while_an_update_is_under_way_the_old_function_gets_the_messages(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    from tests.deploying import create

    create(client(), "others")
    uuid = connect(QUEUE)
    seen = handle()
    others = Seen()
    m.handler("others", call=others)
    m.timings["mapping_update"] = 10
    m.function("others").timings["mapping_update"] = 10
    answer = client().update_event_source_mapping(UUID=uuid, FunctionName="others")
    assert (answer["State"], answer["FunctionArn"].rsplit(":", 1)[1]) == ("Updating", "others")
    m.source(QUEUE).put("old")
    m.clock.advance(10)
    m.source(QUEUE).put("new")
    assert (seen.bodies, others.bodies) == ([["old"]], [["new"]])


def test_a_batch_under_way_when_the_mapping_is_deleted_is_finished(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(QUEUE)
    handle(duration=2)
    queue = m.source(QUEUE)
    queue.put("one")
    client().delete_event_source_mapping(UUID=uuid)
    queue.put("two")
    m.clock.advance(5)
    assert (queue.waiting, queue.in_flight) == (["two"], [])


def test_a_queue_shows_no_last_processing_result(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(QUEUE)
    handle()
    m.source(QUEUE).put("one")
    assert "LastProcessingResult" not in client().get_event_source_mapping(UUID=uuid)


@pytest.mark.needs("botocore>=1.36")  # MetricsConfig
@pytest.mark.parametrize(
    ("members", "counts"),
    [({"MetricsConfig": {"Metrics": ["EventCount"]}}, [2, 1, 1, 1]), ({}, [0, 0, 0, 0])],
    ids=["counted", "not counted"],
)
def test_each_event_of_a_queue_is_counted_where_the_mapping_says_so(
    m: LambdaMock, connect: Connect, handle: Handle, members: dict[str, Any], counts: list[int]
) -> None:
    connect(QUEUE, FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}, **members)
    handle()
    m.source(QUEUE).put({"kind": "order"}, {"kind": "other"})
    names = ("PolledEventCount", "FilteredOutEventCount", "InvokedEventCount", "DeletedEventCount")
    assert [m.metrics.sum(name, "orders") for name in names] == counts


def test_an_idle_mapping_costs_no_timers(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE)
    handle()
    m.source(QUEUE).put("one")
    before = m.clock.scheduled
    m.clock.advance(14 * 86_400)
    assert m.clock.scheduled - before <= 5


# -- a function that is not ready


def test_a_function_that_is_throttled_gets_its_batch_again_with_back_off(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    uuid = connect(QUEUE)
    seen = handle()
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    m.source(QUEUE).put("one")
    assert "Throttled" in str(m.timeline)
    assert "TooManyRequestsException" in m.mapping(uuid).why
    client().delete_function_concurrency(FunctionName="orders")
    m.clock.advance(1)
    assert seen.counts == [["1"]]


def test_a_batch_that_is_throttled_too_long_returns_to_the_queue(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE)
    handle()
    client().put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    queue = m.source(QUEUE, max_receive_count=2)
    queue.put("one")
    m.clock.advance(60)
    assert queue.dead == ["one"]


def test_messages_for_a_pending_function_wait_for_it(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    from tests.deploying import create

    m.function("late").timings["create"] = 5
    create(client(), "late")
    late = Seen()
    m.handler("late", call=late)
    client().create_event_source_mapping(FunctionName="late", EventSourceArn=QUEUE)
    m.source(QUEUE).put("one")
    assert late.counts == []
    m.clock.advance(10)
    assert late.counts == [["1"]]


def test_an_idle_function_is_woken_and_gets_its_batch(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE)
    seen = handle()
    m.function("orders").idle()
    m.source(QUEUE).put("one")
    m.clock.advance(10)
    assert seen.bodies == [["one"]]
    assert m.function("orders").state == "Active"


def test_messages_for_a_function_that_is_gone_come_and_go_until_redrive(m: LambdaMock, connect: Connect) -> None:
    uuid = connect(QUEUE)
    client().delete_function(FunctionName="orders")
    queue = m.source(QUEUE, max_receive_count=3)
    queue.put("one")
    m.clock.advance(90)
    assert queue.dead == ["one"]
    assert m.mapping(uuid).state == "Enabled"


def test_a_function_that_nothing_can_run_is_a_mistake_that_is_raised(m: LambdaMock, connect: Connect) -> None:
    from tests.deploying import create

    create(client(), "go", Runtime="provided.al2023", Handler="bootstrap")
    client().create_event_source_mapping(FunctionName="go", EventSourceArn=QUEUE)
    queue = m.source(QUEUE)
    with pytest.raises(NoHandlerError, match="go"):
        queue.put("one")
    assert queue.in_flight == ["one"]


# -- scaling


def test_a_standard_queue_begins_with_five_batches_and_gains_three_hundred_each_minute(
    m: LambdaMock, connect: Connect, handle: Handle
) -> None:
    connect(QUEUE, BatchSize=1)
    client().update_function_configuration(FunctionName="orders", Timeout=900)
    handle(duration=600)
    m.source(QUEUE, visibility_timeout=1_000).put(*map(str, range(310)))
    assert m.mapping(QUEUE).in_flight == 5
    m.clock.advance(60)
    assert m.mapping(QUEUE).in_flight == 305
    m.clock.advance(60)
    assert m.mapping(QUEUE).in_flight == 310


def test_maximum_concurrency_is_a_limit_of_the_mapping(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    handle(duration=2)
    m.source(QUEUE).put(*map(str, range(6)))
    assert m.mapping(QUEUE).in_flight == 2
    m.clock.advance(120)
    assert m.metrics.maximum("ConcurrentExecutions", "orders") == 2


def test_provisioned_pollers_make_ten_invocations_each(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE, BatchSize=1, ProvisionedPollerConfig={"MinimumPollers": 3, "MaximumPollers": 5})
    handle(duration=2)
    m.source(QUEUE).put(*map(str, range(40)))
    assert m.mapping(QUEUE).in_flight == 30


# -- faults


def test_a_poll_that_fails_is_made_again_later(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(QUEUE)
    seen = handle()
    m.faults.on_poll("jobs").error("RequestThrottled", times=2)
    m.source(QUEUE).put("one")
    assert (seen.bodies, "RequestThrottled" in m.mapping(uuid).why) == ([], True)
    m.clock.advance(5)
    assert seen.bodies == [["one"]]


def test_polls_that_hang_go_on_when_they_are_released(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    uuid = connect(QUEUE)
    seen = handle()
    fault = m.faults.on_poll(QUEUE, function="orders").hang()
    m.source(QUEUE).put("one")
    m.clock.advance(3_600)
    assert (seen.bodies, "brings nothing" in m.mapping(uuid).why) == ([], True)
    fault.remove()
    m.clock.advance(0)
    assert seen.bodies == [["one"]]


def test_a_poll_may_take_longer(m: LambdaMock, connect: Connect, handle: Handle) -> None:
    connect(QUEUE)
    seen = handle()
    m.faults.on_poll("jobs").delay(7, times=1)
    m.source(QUEUE).put("one")
    m.clock.advance(6)
    assert seen.bodies == []
    m.clock.advance(1)
    assert seen.bodies == [["one"]]
