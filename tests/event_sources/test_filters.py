"""Filter criteria: each operator, and its traps, as documented and as recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from lambda_states_mock.event_sources.filters import Filters, is_pattern, pattern_matches

from .conftest import Connect, Seen

MATCHES: list[tuple[dict[str, Any], Any, bool]] = [
    # equals, empty, null, booleans, numbers
    ({"a": ["x"]}, {"a": "x"}, True),
    ({"a": ["x"]}, {"a": "X"}, False),
    ({"a": [""]}, {"a": ""}, True),
    ({"a": [""]}, {"a": None}, False),
    ({"a": [None]}, {"a": None}, True),
    ({"a": [None]}, {}, False),
    ({"a": [None]}, {"a": ""}, False),
    ({"a": [True]}, {"a": True}, True),
    ({"a": [True]}, {"a": 1}, False),
    ({"a": [1]}, {"a": True}, False),
    ({"a": [5]}, {"a": 5}, True),
    ({"a": [5]}, {"a": 5.0}, True),
    ({"a": [5]}, {"a": "5"}, False),
    ({"a": ["5"]}, {"a": 5}, False),
    # a key that is not there
    ({"a": ["x"]}, {"b": "x"}, False),
    ({"a": {"b": ["x"]}}, {"a": "x"}, False),
    ({"a": {"b": ["x"]}}, {}, False),
    ({}, {"a": 1}, True),
    # or in a list, and over all keys
    ({"a": ["x", "y"]}, {"a": "y"}, True),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "y"}, True),
    ({"a": ["x"], "b": ["y"]}, {"a": "x", "b": "z"}, False),
    # or over fields
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}, True),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y", "b": "x"}, False),
    ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "x", "c": "z"}, True),
    ({"c": ["z"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "x"}, False),
    ({"d": {"$or": [{"a": ["x"]}, {"b": ["y"]}]}}, {"d": {"b": "y"}}, True),
    # anything-but
    ({"a": [{"anything-but": "x"}]}, {"a": "y"}, True),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}, False),
    ({"a": [{"anything-but": "x"}]}, {}, False),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "y"}, False),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}, True),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 2}, False),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}, True),
    # numeric
    ({"a": [{"numeric": ["=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": ["=", 5]}]}, {"a": 6}, False),
    ({"a": [{"numeric": ["<", 5]}]}, {"a": 5}, False),
    ({"a": [{"numeric": ["<=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": [">", 5]}]}, {"a": 5}, False),
    ({"a": [{"numeric": [">=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}, True),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 0}, False),
    ({"a": [{"numeric": [">", 0]}]}, {"a": "1"}, False),
    ({"a": [{"numeric": [">", 0]}]}, {"a": True}, False),
    # exists: of leaves only (recorded)
    ({"a": [{"exists": True}]}, {"a": None}, True),
    ({"a": [{"exists": True}]}, {}, False),
    ({"a": [{"exists": False}]}, {}, True),
    ({"a": [{"exists": False}]}, {"a": 1}, False),
    ({"a": [{"exists": False}]}, {"a": {"S": "x"}}, True),
    ({"a": [{"exists": True}]}, {"a": {"S": "x"}}, False),
    ({"a": {"S": [{"exists": True}]}}, {"a": {"S": "x"}}, True),
    ({"a": {"S": [{"exists": False}]}}, {}, True),
    # prefix, suffix, without regard to case
    ({"a": [{"prefix": "us-"}]}, {"a": "us-east-1"}, True),
    ({"a": [{"prefix": "us-"}]}, {"a": "US-east-1"}, False),
    ({"a": [{"prefix": "u"}]}, {"a": 5}, False),
    ({"a": [{"suffix": ".png"}]}, {"a": "a.png"}, True),
    ({"a": [{"suffix": ".png"}]}, {"a": "a.PNG"}, False),
    ({"a": [{"equals-ignore-case": "ALICE"}]}, {"a": "alice"}, True),
    ({"a": [{"equals-ignore-case": "ALICE"}]}, {"a": "alices"}, False),
    ({"a": [{"prefix": {"equals-ignore-case": "US-"}}]}, {"a": "us-east-1"}, True),
    ({"a": [{"suffix": {"equals-ignore-case": ".png"}}]}, {"a": "a.PNG"}, True),
    # lists in the record: one member has to match
    ({"a": ["x"]}, {"a": ["y", "x"]}, True),
    ({"a": ["x"]}, {"a": ["y"]}, False),
    ({"a": {"b": [1]}}, {"a": [{"b": 2}, {"b": 1}]}, True),
    # values and operators beside each other
    ({"a": ["x", {"prefix": "y"}]}, {"a": "yz"}, True),
]


@pytest.mark.parametrize(("pattern", "subject", "matches"), MATCHES, ids=lambda value: json.dumps(value))
def test_a_record_matches_a_pattern_as_documented(pattern: dict[str, Any], subject: Any, matches: bool) -> None:
    assert is_pattern(json.dumps(pattern))
    assert pattern_matches(pattern, subject) is matches


@pytest.mark.parametrize(
    "rule",
    [
        {"wildcard": "a*"},
        {"cidr": "10.0.0.0/24"},
        {"anything-but": {"prefix": "a"}},
        {"anything-but": {"suffix": "a"}},
        {"anything-but": {"equals-ignore-case": "a"}},
        {"anything-but": {"wildcard": "a*"}},
        {"anything-but": ["a", 1]},
        {"anything-but": []},
        {"numeric": 5},
        {"numeric": ["=", "5"]},
        {"numeric": ["<>", 5]},
        {"numeric": ["="]},
        {"exists": "true"},
        {"prefix": 5},
        {"suffix": ["a"]},
        {"prefix": {"anything-but": "a"}},
        {"equals-ignore-case": 5},
        {"prefix": "a", "suffix": "b"},
        {"prefx": "a"},
        {},
        [1],
    ],
    ids=json.dumps,
)
def test_what_only_an_event_bus_knows_or_nobody_is_no_filter(rule: Any) -> None:
    assert not is_pattern(json.dumps({"a": [rule]}))
    assert not is_pattern(json.dumps({"$or": [{"a": [rule]}]}))


def test_of_a_key_that_is_there_twice_the_last_one_wins() -> None:
    filters = Filters({"Filters": [{"Pattern": '{"a": ["x"], "a": ["y"]}'}]})
    assert filters.accept({"a": "y"})
    assert not filters.accept({"a": "x"})


def test_filters_are_alternatives() -> None:
    filters = Filters({"Filters": [{"Pattern": '{"a": ["x"]}'}, {"Pattern": '{"b": ["y"]}'}]})
    assert filters.accept({"b": "y"})
    assert not filters.accept({"b": "x"})


@pytest.mark.parametrize(
    ("body", "pattern", "accepted"),
    [
        ('{"kind": "good"}', {"body": {"kind": ["good"]}}, True),
        ('{"kind": "bad"}', {"body": {"kind": ["good"]}}, False),
        ("plain", {"body": {"kind": ["good"]}}, False),
        ('{"kind": "good"}', {"body": ["good"]}, False),
        ("plain", {"body": ["plain"]}, True),
        ("plain", {"body": [{"prefix": "pl"}]}, True),
        ("other", {"body": ["plain"]}, False),
        ("plain", {"other": ["x"]}, True),
        ('{"kind": "good"}', {"other": ["x"]}, True),
        ('["good"]', {"body": {"kind": ["good"]}}, False),
    ],
)
def test_the_format_of_the_pattern_has_to_be_that_of_the_body(
    body: str, pattern: dict[str, Any], accepted: bool
) -> None:
    filters = Filters({"Filters": [{"Pattern": json.dumps(pattern)}]}, ("body",))
    assert filters.accept({"body": body, "other": "x"}) is accepted


@pytest.mark.parametrize(
    ("key", "structured", "is_one"), [("data", ("data",), False), ("data", (), True), ("partitionKey", ("data",), True)]
)
def test_plain_text_is_no_filter_where_a_record_never_has_it(
    key: str, structured: tuple[str, ...], is_one: bool
) -> None:
    assert is_pattern(json.dumps({key: ["text"]}), structured) is is_one


TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/items/stream/2026-01-01T00:00:00.000"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"


@pytest.mark.parametrize(
    ("pattern", "got"),
    [
        ({"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 100]}]}}}}, []),  # recorded: it is a text
        ({"dynamodb": {"NewImage": {"n": {"N": [{"anything-but": "101"}]}}}}, ["2"]),
        ({"dynamodb": {"NewImage": {"n": {"N": ["101"]}}}}, ["1"]),
        ({"dynamodb": {"NewImage": {"present": [{"exists": False}]}}}, ["1", "2"]),
        ({"dynamodb": {"NewImage": {"present": {"S": [{"exists": True}]}}}}, ["1"]),
        ({"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}, ["1", "2"]),
        ({"eventName": ["INSERT"], "eventSource": ["aws:dynamodb"]}, ["1", "2"]),
        ({"eventName": ["REMOVE"]}, []),
    ],
)
def test_changes_of_a_table_are_filtered_as_recorded(
    m: LambdaMock, connect: Connect, handle: Callable[..., Seen], pattern: dict[str, Any], got: list[str]
) -> None:
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    connect(TABLE, StartingPosition="TRIM_HORIZON", FilterCriteria=criteria)
    seen = handle()
    m.source(TABLE).put({"id": "1", "n": 101, "present": "yes"}, {"id": "2", "n": 5})
    found = [one["dynamodb"]["Keys"]["id"]["S"] for event in seen.events for one in event["Records"]]
    assert found == got


@pytest.mark.parametrize(
    ("pattern", "got"),
    [
        ({"data": {"kind": ["good"]}}, 1),
        ({"partitionKey": ["k"]}, 3),
        ({"partitionKey": ["other"]}, 0),
        ({"data": {"kind": ["good"]}, "partitionKey": ["k"]}, 1),
    ],
)
def test_records_of_kinesis_are_filtered_by_their_decoded_data_and_what_is_beside_it(
    m: LambdaMock, connect: Connect, handle: Callable[..., Seen], pattern: dict[str, Any], got: int
) -> None:
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    connect(STREAM, StartingPosition="TRIM_HORIZON", FilterCriteria=criteria)
    seen = handle()
    m.source(STREAM).put({"kind": "good"}, {"kind": "bad"}, "plain", key="k")
    assert sum(len(event["Records"]) for event in seen.events) == got
