"""Resource policies and tags of functions."""

from __future__ import annotations

import json
from typing import Any

import pytest


def allow(conn: Any, sid: str = "1", **more: Any) -> Any:
    return conn.add_permission(
        FunctionName="testFunction",
        StatementId=sid,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        **more,
    )


def statements(conn: Any, **more: Any) -> Any:
    return json.loads(conn.get_policy(FunctionName="testFunction", **more)["Policy"])["Statement"]


def test_add_permission(conn: Any, function: Any) -> None:
    statement = json.loads(allow(conn, SourceArn="arn:aws:events:us-west-2:123456789012:rule/r")["Statement"])
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:events:us-west-2:123456789012:rule/r"}}
    assert statements(conn) == [statement]


def test_add_permission_to_an_alias(conn: Any, function: Any) -> None:
    conn.create_alias(FunctionName="testFunction", Name="live", FunctionVersion="$LATEST")
    allow(conn, Qualifier="live")
    assert statements(conn, Qualifier="live")[0]["Resource"].endswith(":testFunction:live")
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_policy(FunctionName="testFunction")


def test_remove_permission(conn: Any, function: Any) -> None:
    allow(conn, "1")
    allow(conn, "2")
    conn.remove_permission(FunctionName="testFunction", StatementId="1")
    assert [one["Sid"] for one in statements(conn)] == ["2"]


def test_no_policy(conn: Any, function: Any) -> None:
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_policy(FunctionName="testFunction")


def test_tags(conn: Any, function: Any) -> None:
    arn = function["FunctionArn"]
    conn.tag_resource(Resource=arn, Tags={"spam": "eggs", "foo": "bar"})
    assert conn.list_tags(Resource=arn)["Tags"] == {"spam": "eggs", "foo": "bar"}
    conn.untag_resource(Resource=arn, TagKeys=["spam"])
    assert conn.get_function(FunctionName=arn)["Tags"] == {"foo": "bar"}


def test_tags_from_the_creation(conn: Any, role: str, package: bytes) -> None:
    created = conn.create_function(
        FunctionName="fn",
        Runtime="python3.11",
        Role=role,
        Handler="a.b",
        Code={"ZipFile": package},
        Tags={"key1": "value1"},
    )
    assert conn.list_tags(Resource=created["FunctionArn"])["Tags"] == {"key1": "value1"}


def test_tags_of_what_is_not_there(conn: Any, function: Any) -> None:
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.list_tags(Resource=function["FunctionArn"].replace("testFunction", "nothing"))
