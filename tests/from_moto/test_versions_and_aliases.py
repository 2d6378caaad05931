"""Versions, and aliases that lead to them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import REGION, zipped


def test_publish_versions_and_list_them(conn: Any, function: Any) -> None:
    first = conn.publish_version(FunctionName="testFunction", Description="v1")
    assert first["Version"] == "1"
    assert first["FunctionArn"].endswith(":testFunction:1")
    conn.update_function_code(FunctionName="testFunction", ZipFile=zipped("NEW = 1"))
    conn.publish_version(FunctionName="testFunction")
    versions = conn.list_versions_by_function(FunctionName="testFunction")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2"]


def test_publishing_without_a_change_makes_no_version(conn: Any, function: Any) -> None:
    assert conn.publish_version(FunctionName="testFunction")["Version"] == "1"
    assert conn.publish_version(FunctionName="testFunction")["Version"] == "1"


def test_create_with_publish(conn: Any, role: str, package: bytes) -> None:
    created = conn.create_function(
        FunctionName="fn", Runtime="python3.11", Role=role, Handler="a.b", Code={"ZipFile": package}, Publish=True
    )
    assert created["Version"] == "1"


def test_create_alias(conn: Any, function: Any) -> None:
    alias = conn.create_alias(FunctionName="testFunction", Name="alias1", FunctionVersion="$LATEST", Description="d")
    assert alias["AliasArn"] == f"arn:aws:lambda:{REGION}:123456789012:function:testFunction:alias1"
    assert (alias["Name"], alias["FunctionVersion"], alias["Description"]) == ("alias1", "$LATEST", "d")
    assert "RevisionId" in alias


def test_alias_with_weights(conn: Any, function: Any) -> None:
    conn.publish_version(FunctionName="testFunction")
    conn.update_function_code(FunctionName="testFunction", ZipFile=zipped("NEW = 1"))
    conn.publish_version(FunctionName="testFunction")
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    conn.create_alias(FunctionName="testFunction", Name="live", FunctionVersion="1", RoutingConfig=weights)
    assert conn.get_alias(FunctionName="testFunction", Name="live")["RoutingConfig"] == weights


def test_update_and_delete_alias(conn: Any, function: Any) -> None:
    conn.create_alias(FunctionName="testFunction", Name="alias1", FunctionVersion="$LATEST")
    conn.publish_version(FunctionName="testFunction")
    assert conn.update_alias(FunctionName="testFunction", Name="alias1", FunctionVersion="1")["FunctionVersion"] == "1"
    conn.delete_alias(FunctionName="testFunction", Name="alias1")
    with pytest.raises(conn.exceptions.ResourceNotFoundException, match="Cannot find alias arn"):
        conn.get_alias(FunctionName="testFunction", Name="alias1")


def test_alias_twice(conn: Any, function: Any) -> None:
    conn.create_alias(FunctionName="testFunction", Name="alias1", FunctionVersion="$LATEST")
    with pytest.raises(conn.exceptions.ResourceConflictException, match="Alias already exists"):
        conn.create_alias(FunctionName="testFunction", Name="alias1", FunctionVersion="$LATEST")


def test_get_function_by_alias(conn: Any, function: Any) -> None:
    conn.publish_version(FunctionName="testFunction")
    conn.create_alias(FunctionName="testFunction", Name="live", FunctionVersion="1")
    found = conn.get_function(FunctionName="testFunction", Qualifier="live")["Configuration"]
    assert found["Version"] == "1"
    assert found["FunctionArn"].endswith(":testFunction:live")


def test_delete_one_version(conn: Any, function: Any) -> None:
    conn.publish_version(FunctionName="testFunction")
    conn.delete_function(FunctionName="testFunction", Qualifier="1")
    versions = conn.list_versions_by_function(FunctionName="testFunction")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST"]
