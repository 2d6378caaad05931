"""Laws of polling, whatever the options, failures and steps of the clock: nothing is lost, nothing is out of order."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.engine.poll_faults import POLL_ERRORS, STOPS
from tests.budget import sized
from tests.deploying import create
from tests.kept_clients import kept_client

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
FIFO = f"{QUEUE}.fifo"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/2026-01-01T00:00:00.000"
CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/demo/6357e0b2-0e6a-4b86-a0b4-70df934c2e31-5"
BROKER = "arn:aws:mq:us-east-1:123456789012:broker:shop:b-1234a5b6-78cd-901e-2fgh-3i45j6k17819"
DOCUMENTS = "arn:aws:rds:us-east-1:123456789012:cluster:shop"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
ACCESS = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop"}]
COLLECTION = {"DatabaseName": "shop", "CollectionName": "orders"}
OF_KIND: dict[str, dict[str, Any]] = {
    CLUSTER: {"Topics": ["clicks"]},
    BROKER: {"Queues": ["jobs"], "SourceAccessConfigurations": ACCESS},
    DOCUMENTS: {"DocumentDBEventSourceConfig": COLLECTION, "SourceAccessConfigurations": ACCESS},
}
"""What a mapping of each source has to say of it."""
SUITE = settings(max_examples=sized(6, 200), deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Function:
    """A handler that follows a script: how each of its invocations ends. *runs* has the names of each batch.

    *done* has, in order, what it has not failed. It aggregates that over tumbling windows: *windows* has what each
    final call got.
    """

    script: list[str]
    reports: bool
    runs: list[list[str]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    windows: list[tuple[str, list[str]]] = field(default_factory=list)

    def __call__(self, event: Any, _context: Any) -> Any:
        records = list(_records(event))
        self.runs.append([name for name, _ in records])
        how = self.script.pop(0) if self.script else "ok"
        if how == "raise":
            raise RuntimeError("no")
        failed = records[len(records) // 2 :] if how == "report" and self.reports else []
        succeeded = [name for name, _ in records[: len(records) - len(failed)]]
        self.done += succeeded
        answer: dict[str, Any] = {"batchItemFailures": [{"itemIdentifier": one} for _, one in failed]}
        if "window" in event:
            names = [*event["state"].get("names", ()), *succeeded]
            answer["state"] = {"names": names}
            if event["isFinalInvokeForWindow"]:
                self.windows.append((event["window"]["start"], names))
        return answer


@dataclass(frozen=True)
class Outcome:
    """What came of a run: *left* in the queue or dead, *lost* to the destination; *told*, all that is to be seen."""

    function: Function
    names: list[str]
    left: list[str]
    lost: list[Any]
    told: str


def _records(event: Any) -> Any:
    """Yield the name of each record, and its identifier."""
    for record in event.get("Records", ()):
        if "body" in record:
            yield json.loads(record["body"])["name"], record["messageId"]
        elif "kinesis" in record:
            data = json.loads(base64.b64decode(record["kinesis"]["data"]))
            yield data["name"], record["kinesis"]["sequenceNumber"]
        else:
            yield record["dynamodb"]["NewImage"]["name"]["S"], record["dynamodb"]["SequenceNumber"]
    for partition, records in event.get("records", {}).items():
        for record in records:
            name = json.loads(base64.b64decode(record["value"]))["name"]
            yield name, {"partition": partition, "offset": record["offset"]}
    for message in event.get("messages", ()):
        yield json.loads(base64.b64decode(message["data"]))["name"], message["messageID"]
    for change in event.get("events", ()):
        yield change["event"]["fullDocument"]["name"], ""


scripts = st.lists(st.sampled_from(["ok", "ok", "raise", "report"]), max_size=12)
steps = st.lists(st.sampled_from([0.1, 1, 7, 31, 120]), min_size=1, max_size=6)
puts = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=25)
failing_polls = st.sampled_from(sorted(POLL_ERRORS - set(STOPS)))
troubles = st.lists(
    st.one_of(
        st.tuples(st.just("poll"), failing_polls),
        st.tuples(st.just("throttle"), st.just("")),
        st.tuples(st.just("toggle"), st.just("")),
    ),
    max_size=3,
)


def run(
    source: str, options: dict[str, Any], script: list[str], put: Any, waits: list[float], trouble: list[Any]
) -> Outcome:
    """Map *source*, put while the clock moves and things go wrong, wait for a day; return what there is to be seen."""
    function = Function(list(script), "FunctionResponseTypes" in options)
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", seed=1) as m:
        client: Any = kept_client()
        create(client, Timeout=3)
        m.handler("orders", call=function, duration=0.5)
        if source in (QUEUE, FIFO):
            m.source(source).configure(visibility_timeout=10, max_receive_count=4)
        if source == CLUSTER:
            m.source(source).configure(topic="clicks", partitions=2)
        said = {"FunctionName": "orders", "EventSourceArn": source, **OF_KIND.get(source, {}), **options}
        uuid = client.create_event_source_mapping(**said)["UUID"]
        names: list[str] = []
        for number, (key, keep) in enumerate(put):
            names.append(f"{key}{number}")
            _put(m, source, key, {"name": names[-1], "keep": keep})
            m.clock.advance(waits[number % len(waits)])
            if trouble and number % 5 == 0:
                _let_go_wrong(m, client, uuid, *trouble[number // 5 % len(trouble)])
        client.update_event_source_mapping(UUID=uuid, Enabled=True)
        m.clock.advance(3600)
        told = json.dumps([m.mapping(uuid).totals, function.runs, function.windows, str(m.timeline)], default=str)
        assert "Running" not in {batch.outcome for batch in m.mapping(uuid).batches}
        left = _left(m.source(source)) if source in (QUEUE, FIFO, BROKER) else []
        lost = [json.loads(body) for body in m.source(DEAD).waiting]
        return Outcome(function, names, [json.loads(body)["name"] for body in left], lost, told)


def _left(queue: Any) -> list[str]:
    """Return the bodies of all that is still there or dead."""
    if queue.text == BROKER:
        return [*queue.dead, *queue.waiting("jobs"), *queue.in_flight("jobs")]
    return [*queue.dead, *queue.waiting, *queue.in_flight]


def _put(m: LambdaMock, source: str, key: str, body: dict[str, Any]) -> None:
    if source == FIFO:
        m.source(source).put(body, group=key)
    elif source == QUEUE:
        m.source(source).put(body)
    elif source == BROKER:
        m.source(source).put(body, queue="jobs")
    elif source == DOCUMENTS:
        m.source(source).put({"_id": body["name"], **body}, database="shop", collection="orders")
    elif source == TABLE:
        m.source(source).put({"id": body["name"], **body})
    else:
        m.source(source).put(body, key=key)


def _let_go_wrong(m: LambdaMock, client: Any, uuid: str, what: str, which: str) -> None:
    if what == "poll":
        m.faults.on_poll().error(which, times=2, required=False)
    elif what == "throttle":
        client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
        m.clock.advance(3)
        client.delete_function_concurrency(FunctionName="orders")
    else:
        client.update_event_source_mapping(UUID=uuid, Enabled=False)
        m.clock.advance(5)
        client.update_event_source_mapping(UUID=uuid, Enabled=True)


@SUITE
@given(
    source=st.sampled_from([QUEUE, FIFO, BROKER]),
    size=st.integers(1, 10),
    window=st.sampled_from([0, 2]),
    reports=st.booleans(),
    filtered=st.booleans(),
    script=scripts,
    put=puts,
    waits=steps,
    trouble=troubles,
)
def test_each_message_ends_in_one_way_and_groups_stay_in_order(
    source: str, size: int, window: int, reports: bool, filtered: bool, script: Any, put: Any, waits: Any, trouble: Any
) -> None:
    options: dict[str, Any] = {"BatchSize": size}
    if reports and source != BROKER:
        options["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    if filtered:
        data = "data" if source == BROKER else "body"
        options["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps({data: {"keep": [True]}})}]}
    if source != FIFO and window:
        options["MaximumBatchingWindowInSeconds"] = window
    got = run(source, options, script, put, waits, trouble)
    function = got.function
    dropped = {name for name, (_, keep) in zip(got.names, put, strict=True) if filtered and not keep}
    assert Counter([*set(function.done), *dropped, *got.left]) == Counter(got.names)
    assert dropped.isdisjoint(name for batch in function.runs for name in batch)
    if source == FIFO:
        _assert_order(function.done, got.names)
    assert run(source, options, script, put, waits, trouble).told == got.told  # same seed, same bytes


@SUITE
@given(
    source=st.sampled_from([STREAM, TABLE, CLUSTER]),
    size=st.integers(1, 10),
    retries=st.sampled_from([-1, 0, 2]),
    bisects=st.booleans(),
    reports=st.booleans(),
    parallelization=st.sampled_from([1, 3]),
    script=scripts,
    put=puts,
    waits=steps,
    trouble=troubles,
)
def test_each_record_is_done_or_lost_to_the_destination_and_keys_stay_in_order(
    source: str,
    size: int,
    retries: int,
    bisects: bool,
    reports: bool,
    parallelization: int,
    script: Any,
    put: Any,
    waits: Any,
    trouble: Any,
) -> None:
    options: dict[str, Any] = {
        "BatchSize": size,
        "StartingPosition": "TRIM_HORIZON",
        "MaximumRetryAttempts": retries,
        "BisectBatchOnFunctionError": bisects,
        "DestinationConfig": {"OnFailure": {"Destination": DEAD}},
    }
    if reports:
        options["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    if source == CLUSTER:
        options["ProvisionedPollerConfig"] = {"MinimumPollers": 1, "MaximumPollers": parallelization}
    else:
        options["ParallelizationFactor"] = parallelization
    got = run(source, options, script, put, waits, trouble)
    done = got.function.done
    assert {name for batch in got.function.runs for name in batch} == set(got.names)  # at least once
    assert {record["requestContext"]["condition"] for record in got.lost} <= {"RetryAttemptsExhausted"}
    lost = sum(info["batchSize"] for record in got.lost for name, info in record.items() if name.endswith("BatchInfo"))
    assert len(set(done)) + lost == len(got.names)
    if source != TABLE:
        _assert_order(done, got.names)
    elif parallelization == 1:
        assert list(dict.fromkeys(done)) == [name for name in got.names if name in set(done)]
    assert run(source, options, script, put, waits, trouble).told == got.told  # same seed, same bytes


@SUITE
@given(size=st.integers(1, 10), window=st.sampled_from([0, 2]), script=scripts, put=puts, waits=steps, trouble=troubles)
def test_each_change_of_a_collection_is_done_in_its_order(
    size: int, window: int, script: Any, put: Any, waits: Any, trouble: Any
) -> None:
    options = {"BatchSize": size, "StartingPosition": "TRIM_HORIZON", "MaximumBatchingWindowInSeconds": window}
    got = run(DOCUMENTS, options, script, put, waits, trouble)
    assert list(dict.fromkeys(got.function.done)) == got.names
    assert run(DOCUMENTS, options, script, put, waits, trouble).told == got.told  # same seed, same bytes


@SUITE
@given(
    source=st.sampled_from([STREAM, TABLE, CLUSTER]),
    size=st.integers(1, 10),
    retries=st.sampled_from([-1, 2]),
    reports=st.booleans(),
    script=st.lists(st.sampled_from(["ok", "raise", "raise", "raise", "report"]), max_size=25),
    put=puts,
    waits=steps,
    trouble=troubles,
)
def test_each_record_is_done_or_too_old_or_tried_too_often(
    source: str, size: int, retries: int, reports: bool, script: Any, put: Any, waits: Any, trouble: Any
) -> None:
    options: dict[str, Any] = {
        "BatchSize": size,
        "StartingPosition": "TRIM_HORIZON",
        "MaximumRecordAgeInSeconds": 60,
        "MaximumRetryAttempts": retries,
        "DestinationConfig": {"OnFailure": {"Destination": DEAD}},
    }
    if reports:
        options["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    if source == CLUSTER:
        options["ProvisionedPollerConfig"] = {"MinimumPollers": 1, "MaximumPollers": 1}
    got = run(source, options, script, put, waits, trouble)
    done, delivered = got.function.done, {name for batch in got.function.runs for name in batch}
    lost = Counter[str]()
    for record in got.lost:
        condition = record["requestContext"]["condition"]
        lost[condition] += next(info["batchSize"] for name, info in record.items() if name.endswith("BatchInfo"))
        assert ("responseContext" in record) is (condition == "RetryAttemptsExhausted")
    assert lost.keys() <= {"RecordAgeExceeded", *(["RetryAttemptsExhausted"] if retries > -1 else [])}
    assert len(set(done)) + sum(lost.values()) == len(got.names)
    assert len(got.names) - len(delivered) <= lost["RecordAgeExceeded"]  # only what is too old is never delivered
    assert list(dict.fromkeys(done)) == [name for name in got.names if name in set(done)] or source == CLUSTER
    assert run(source, options, script, put, waits, trouble).told == got.told  # same seed, same bytes


@SUITE
@given(
    source=st.sampled_from([STREAM, TABLE]),
    size=st.integers(1, 10),
    length=st.sampled_from([1, 10, 60]),
    reports=st.booleans(),
    script=scripts,
    put=puts,
    waits=steps,
    trouble=troubles,
)
def test_each_record_is_aggregated_in_one_window_which_ends_once(
    source: str, size: int, length: int, reports: bool, script: Any, put: Any, waits: Any, trouble: Any
) -> None:
    options: dict[str, Any] = {
        "BatchSize": size,
        "StartingPosition": "TRIM_HORIZON",
        "TumblingWindowInSeconds": length,
    }
    if reports:
        options["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    got = run(source, options, script, put, waits, trouble)
    starts = [start for start, _ in got.function.windows]
    assert starts == sorted(set(starts))
    assert all(datetime.fromisoformat(start.replace("Z", "+00:00")).timestamp() % length == 0 for start in starts)
    assert [name for _, names in got.function.windows for name in names] == got.names
    assert all(names for _, names in got.function.windows)
    assert run(source, options, script, put, waits, trouble).told == got.told  # same seed, same bytes


def _assert_order(done: list[str], names: list[str]) -> None:
    """Assert that what is done of each key was done in the order of putting, the first time that it was."""
    for key in "abc":
        wanted = [name for name in names if name.startswith(key) and name in set(done)]
        assert [name for name in dict.fromkeys(done) if name.startswith(key)] == wanted
