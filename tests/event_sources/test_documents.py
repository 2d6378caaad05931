"""Change streams of DocumentDB: events, order, and what happens when a stream cannot be resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock

from .conftest import Connect, Seen, client

CLUSTER = "arn:aws:rds:us-east-1:123456789012:cluster:shop"
ACCESS = [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:docs"}]
WHERE: Any = {"database": "shop", "collection": "orders"}
WINDOW = 0.5

Handle = Callable[..., Seen]


@pytest.fixture
def documents(m: LambdaMock, connect: Connect) -> Callable[..., Any]:
    """Map the collection ``orders`` of a cluster, and return the cluster."""

    def make(*, collection: str | None = "orders", full: str | None = None, **members: Any) -> Any:
        config = {"DatabaseName": "shop", "CollectionName": collection, "FullDocument": full}
        said = {name: value for name, value in config.items() if value is not None}
        connect(CLUSTER, DocumentDBEventSourceConfig=said, SourceAccessConfigurations=ACCESS, **members)
        return m.source(CLUSTER)

    return make


def keys(seen: Seen) -> list[list[Any]]:
    return [[one["event"]["documentKey"]["_id"] for one in event["events"]] for event in seen.events]


def test_an_insert_is_an_event_as_documented(m: LambdaMock, documents: Callable[..., Any], handle: Handle) -> None:
    cluster, seen = documents(), handle()
    (token,) = cluster.put({"_id": {"$oid": "63"}, "name": "a"}, **WHERE)
    m.clock.advance(WINDOW)
    assert seen.events == [
        {
            "eventSourceArn": CLUSTER,
            "events": [
                {
                    "event": {
                        "_id": {"_data": token},
                        "clusterTime": {"$timestamp": {"t": 1767225600, "i": 1}},
                        "documentKey": {"_id": {"$oid": "63"}},
                        "fullDocument": {"_id": {"$oid": "63"}, "name": "a"},
                        "ns": {"db": "shop", "coll": "orders"},
                        "operationType": "insert",
                    }
                }
            ],
            "eventSource": "aws:docdb",
        }
    ]


@pytest.mark.parametrize(("full", "is_whole"), [("UpdateLookup", True), ("Default", False), (None, False)])
def test_an_update_has_the_whole_document_where_the_mapping_looks_it_up(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle, full: str | None, is_whole: bool
) -> None:
    cluster, seen = documents(full=full), handle()
    cluster.modify({"_id": 1, "a": 1, "b": 1}, {"_id": 1, "a": 2}, **WHERE)
    cluster.remove({"_id": 1, "a": 2}, **WHERE)
    m.clock.advance(WINDOW)
    update, delete = (one["event"] for one in seen.events[0]["events"])
    assert ("fullDocument" in update) is is_whole
    assert update["updateDescription"] == {"updatedFields": {"a": 2}, "removedFields": ["b"]}
    assert (delete["operationType"], "fullDocument" in delete) == ("delete", False)


def test_a_mapping_of_a_database_reads_all_its_collections(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle
) -> None:
    cluster, seen = documents(collection=None), handle()
    cluster.put({"_id": 1}, database="shop", collection="orders")
    cluster.put({"_id": 2}, database="shop", collection="refunds")
    cluster.put({"_id": 3}, database="other", collection="orders")
    m.clock.advance(WINDOW)
    assert keys(seen) == [[1, 2]]


def test_one_batch_runs_at_a_time_and_fails_as_a_whole(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle
) -> None:
    def once(_event: Any) -> None:
        if len(seen.events) == 1:
            raise RuntimeError("once")

    seen = handle(once)
    cluster = documents(BatchSize=2)
    cluster.put(*({"_id": number} for number in range(3)), **WHERE)
    m.clock.advance(60)
    assert keys(seen) == [[0, 1], [0, 1], [2]]


@pytest.mark.parametrize("start", ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"])
def test_a_change_stream_is_read_from_where_its_mapping_says(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle, start: str
) -> None:
    m.source(CLUSTER).put({"_id": 1}, **WHERE)
    m.clock.advance(60)
    at = {"StartingPositionTimestamp": m.clock.now} if start == "AT_TIMESTAMP" else {}
    seen = handle()
    documents(StartingPosition=start, **at).put({"_id": 2}, **WHERE)
    m.clock.advance(WINDOW)
    assert keys(seen) == [[1, 2] if start == "TRIM_HORIZON" else [2]]


def test_a_mapping_whose_change_stream_has_expired_becomes_disabled(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle
) -> None:
    def fail(_event: Any) -> None:
        raise RuntimeError("no")

    handle(fail)
    documents().put({"_id": 1}, {"_id": 2}, **WHERE)
    m.clock.advance(3 * 3600 - 1)
    assert m.mapping(CLUSTER).state == "Enabled"
    m.clock.advance(61)
    assert m.mapping(CLUSTER).state == "Disabled"
    assert m.mapping(CLUSTER).totals["dropped"] > 0


def test_so_does_one_that_could_not_read_for_so_long_and_it_goes_on_when_it_is_enabled(
    m: LambdaMock, documents: Callable[..., Any], handle: Handle
) -> None:
    seen = handle()
    cluster = documents()
    stuck = m.faults.on_poll(CLUSTER).hang()
    cluster.put({"_id": 1}, **WHERE)
    m.clock.advance(4 * 3600)
    cluster.put({"_id": 2}, **WHERE)
    stuck.release()
    m.clock.advance(1)
    assert (m.mapping(CLUSTER).state, seen.events) == ("Disabled", [])
    client().update_event_source_mapping(UUID=m.mapping(CLUSTER).uuid, Enabled=True)
    m.clock.advance(WINDOW)
    assert keys(seen) == [[2]]


def test_a_change_stream_has_no_filters(documents: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="Unsupported FilterCriteria parameter for given event source mapping type"):
        documents(FilterCriteria={"Filters": [{"Pattern": '{"a": ["b"]}'}]})


def test_a_document_without_an_id_is_refused(m: LambdaMock) -> None:
    with pytest.raises(ValueError, match="the document has no _id"):
        m.source(CLUSTER).put({"name": "a"}, **WHERE)
