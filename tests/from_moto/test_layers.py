"""Layers, and functions that use them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import REGION


@pytest.fixture
def layer(conn: Any, package: bytes) -> Any:
    return conn.publish_layer_version(
        LayerName="testLayer",
        Content={"ZipFile": package},
        CompatibleRuntimes=["python3.11"],
        LicenseInfo="MIT",
        Description="a layer",
    )


def test_publish_and_get_layer_versions(conn: Any, layer: Any, package: bytes) -> None:
    assert layer["Version"] == 1
    assert layer["LayerVersionArn"] == f"arn:aws:lambda:{REGION}:123456789012:layer:testLayer:1"
    found = conn.get_layer_version(LayerName="testLayer", VersionNumber=1)
    assert found["Content"]["CodeSize"] == len(package)
    assert found["CompatibleRuntimes"] == ["python3.11"]


def test_list_layers_shows_the_latest_version(conn: Any, layer: Any, package: bytes) -> None:
    conn.publish_layer_version(LayerName="testLayer", Content={"ZipFile": package})
    (one,) = conn.list_layers()["Layers"]
    assert (one["LayerName"], one["LatestMatchingVersion"]["Version"]) == ("testLayer", 2)
    versions = conn.list_layer_versions(LayerName="testLayer")["LayerVersions"]
    assert [version["Version"] for version in versions] == [2, 1]


def test_a_function_uses_a_layer(conn: Any, layer: Any, function: Any) -> None:
    conn.update_function_configuration(FunctionName="testFunction", Layers=[layer["LayerVersionArn"]])
    found = conn.get_function_configuration(FunctionName="testFunction")
    assert [one["Arn"] for one in found["Layers"]] == [layer["LayerVersionArn"]]


def test_a_layer_that_is_not_there(conn: Any, function: Any) -> None:
    arn = f"arn:aws:lambda:{REGION}:123456789012:layer:nothing:1"
    with pytest.raises(conn.exceptions.InvalidParameterValueException, match="Layer version"):
        conn.update_function_configuration(FunctionName="testFunction", Layers=[arn])


def test_delete_layer_version(conn: Any, layer: Any) -> None:
    conn.delete_layer_version(LayerName="testLayer", VersionNumber=1)
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_layer_version(LayerName="testLayer", VersionNumber=1)


def test_layer_permissions(conn: Any, layer: Any) -> None:
    conn.add_layer_version_permission(
        LayerName="testLayer", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )
    policy = conn.get_layer_version_policy(LayerName="testLayer", VersionNumber=1)["Policy"]
    assert '"Sid":"all"' in policy
