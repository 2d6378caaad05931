"""When the Condition of a statement holds, operator by operator."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock.dependencies.policies import ANONYMOUS, Decision, Principal
from tests.dependencies.test_policies import ACCOUNT, ROLE, SERVICE, SESSION, USER, allows, decide, statement


def holds(operator: str, wanted: Any, value: Any = None) -> bool:
    """Return whether *operator* holds between *wanted* and the request's *value* of a key; None: it has no such key."""
    keys = {} if value is None else {"aws:Test": value}
    allowed = statement(Condition={operator: {"aws:Test": wanted}})
    return decide(allowed, keys=keys) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", [], "b", False),
        ("StringEquals", 7, "7", True),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEqualsIgnoreCase", "a", "A", False),
        ("StringLike", "a*?d", "abcd", True),
        ("StringLike", "a*", "Ab", False),
        ("StringNotLike", "a*", "Ab", True),
        ("NumericEquals", "7", "7.0", True),
        ("NumericEquals", 7, "7", True),
        ("NumericEquals", "seven", "7", False),
        ("NumericNotEquals", "7", "8", True),
        ("NumericLessThan", "7", "6.9", True),
        ("NumericLessThan", "7", "7", False),
        ("NumericLessThanEquals", "7", "7", True),
        ("NumericGreaterThan", "7", "10", True),
        ("NumericGreaterThanEquals", "7", "6", False),
        ("NumericLessThan", "NaN", "7", False),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateEquals", "2026-01-01", "1767225600", True),
        ("DateNotEquals", "2026-01-01", "2026-01-02", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", True),
        ("DateLessThan", "tomorrow", "2026-01-01T00:00:00Z", False),
        ("Bool", "true", "true", True),
        ("Bool", True, "true", True),
        ("Bool", "False", "false", True),
        ("Bool", "true", "false", False),
        ("Bool", "yes", "yes", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "AAAA", False),
        ("BinaryEquals", "no base64", "no base64", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.9/24", "203.0.113.7", True),
        ("IpAddress", "203.0.113.0/24", "198.51.100.7", False),
        ("IpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("IpAddress", "home", "203.0.113.7", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.7", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
        ("ArnEquals", "arn:aws:s3:::photos", "arn:aws:s3:::photos", True),
        ("ArnEquals", "arn:aws:s3:::ph*", "arn:aws:s3:::photos", True),
        ("ArnLike", "arn:aws:sns:*:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:new:one", True),
        ("ArnLike", "arn:aws:sns:*", "arn:aws:sns:eu-west-1:123456789012:new", False),  # each part is matched by itself
        ("ArnLike", "arn:aws:*:new", "arn:aws:sns:eu-west-1:123456789012:new", False),
        ("ArnNotEquals", "arn:aws:s3:::photos", "arn:aws:s3:::films", True),
        ("ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::films", False),
        ("Null", "true", "present", False),
        ("Null", "false", "present", True),
        ("Null", True, "present", False),
    ],
)
def test_an_operator_compares(operator: str, wanted: Any, value: str, expected: bool) -> None:
    assert holds(operator, wanted, value) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("NumericLessThan", False),
        ("DateGreaterThan", False),
        ("Bool", False),
        ("BinaryEquals", False),
        ("IpAddress", False),
        ("ArnLike", False),
        ("StringNotEquals", True),
        ("StringNotEqualsIgnoreCase", True),
        ("StringNotLike", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("NotIpAddress", True),
        ("ArnNotEquals", True),
        ("ArnNotLike", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("ArnLikeIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_key_that_the_request_does_not_have(operator: str, expected: bool) -> None:
    assert holds(operator, "1") is expected


@pytest.mark.parametrize(("wanted", "expected"), [("true", True), ("false", False), (True, True), ("maybe", False)])
def test_null_asks_whether_a_key_is_missing(wanted: Any, expected: bool) -> None:
    assert holds("Null", wanted) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], [], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringLike", ["a*"], ["a1", "a2"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "d"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], [], False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAnyValue:StringLikeIfExists", ["a*"], ["b"], False),
        ("StringEquals", ["a"], ["a", "c"], True),
    ],
)
def test_a_key_with_several_values(operator: str, wanted: list[str], value: list[str], expected: bool) -> None:
    assert holds(operator, wanted, value) is expected


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqual": {"aws:Test": "a"}},
        {"stringequals": {"aws:Test": "a"}},
        {"NullIfExists": {"aws:Test": "false"}},
        {"ForSomeValues:StringEquals": {"aws:Test": "a"}},
        {"StringEquals": "a"},
        "StringEquals",
        [],
    ],
)
def test_a_statement_with_a_condition_that_is_none_does_not_match(effect: str, condition: Any) -> None:
    found = decide(statement(Effect=effect, Condition=condition), keys={"aws:Test": "a"})

    assert found is Decision.NOT_MENTIONED


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"StringEquals": {"AWS:TEST": "a", "aws:other": "b"}}, True),
        ({"StringEquals": {"aws:test": "a", "aws:other": "c"}}, False),
        ({"StringEquals": {"aws:test": "a"}, "StringLike": {"aws:other": "c*"}}, False),
    ],
)
def test_all_keys_and_operators_have_to_hold(condition: Any, expected: bool) -> None:
    found = decide(statement(Condition=condition), keys={"aws:Test": "a", "aws:Other": "b"})

    assert (found is Decision.ALLOWED) is expected


@pytest.mark.parametrize(
    ("principal", "key", "value"),
    [
        (USER, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/shop/ann"),
        (USER, "aws:PrincipalAccount", ACCOUNT),
        (USER, "aws:PrincipalOrgID", "o-abcdefghij"),
        (USER, "aws:PrincipalType", "User"),
        (USER, "aws:username", "ann"),
        (USER, "aws:PrincipalIsAWSService", "false"),
        (ROLE, "aws:PrincipalOrgID", None),
        (ROLE, "aws:PrincipalType", "AssumedRole"),
        (ROLE, "aws:username", None),
        (SESSION, "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/ci"),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        (SERVICE, "aws:PrincipalServiceName", "s3.amazonaws.com"),
        (SERVICE, "aws:PrincipalIsAWSService", "true"),
        (SERVICE, "aws:PrincipalAccount", None),
        (ANONYMOUS, "aws:PrincipalType", "Anonymous"),
        (ANONYMOUS, "aws:PrincipalArn", None),
        (Principal.of(f"arn:aws:iam::{ACCOUNT}:root"), "aws:PrincipalType", "Account"),
    ],
)
def test_conditions_know_the_principal(principal: Principal, key: str, value: str | None) -> None:
    condition = {"Null": {key: "true"}} if value is None else {"StringEquals": {key: value}}

    assert allows(principal, Condition=condition)
