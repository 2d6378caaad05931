"""Readers that are late: Get and List see the world as it was a moment ago, everybody else sees it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda

CREATE: dict[str, Any] = {
    "FunctionName": "orders",
    "Role": "arn:aws:iam::123456789012:role/orders",
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Code": {"S3Bucket": "code", "S3Key": "k"},
}


@pytest.fixture
def mock() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=1, consistency=3, timings={"create": 5, "update": 5}) as m:
        yield m


def seen(client: Any) -> tuple[str | None, str | None] | None:
    try:
        view = client.get_function_configuration(FunctionName="orders")
    except client.exceptions.ResourceNotFoundException:
        return None
    return view["State"], view.get("LastUpdateStatus")


def test_a_new_function_is_not_found_until_the_time_has_passed(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    assert seen(client) is None
    assert client.list_functions()["Functions"] == []
    mock.clock.advance(2.9)
    assert seen(client) is None
    mock.clock.advance(0.1)

    assert seen(client) == ("Pending", None)
    assert [one["FunctionName"] for one in client.list_functions()["Functions"]] == ["orders"]


def test_states_are_seen_late_too(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    mock.clock.advance(5)
    assert mock.function("orders").state == "Active"  # the mock's own view tells the truth
    assert seen(client) == ("Pending", None)
    mock.clock.advance(3)

    assert seen(client) == ("Active", "Successful")


def test_a_writer_sees_at_once_what_a_reader_does_not(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)

    with pytest.raises(client.exceptions.ResourceConflictException, match="Function already exist"):
        client.create_function(**CREATE)
    with pytest.raises(client.exceptions.ResourceConflictException, match="Pending"):
        client.invoke(FunctionName="orders")


def test_readers_see_an_update_late_with_its_old_values(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    mock.clock.advance(10)
    answer = client.update_function_configuration(FunctionName="orders", Description="new")
    assert (answer["Description"], answer["LastUpdateStatus"]) == ("new", "InProgress")
    before = client.get_function_configuration(FunctionName="orders")
    assert (before["Description"], before["LastUpdateStatus"]) == ("", "Successful")
    assert before["RevisionId"] != answer["RevisionId"]
    mock.clock.advance(3)

    after = client.get_function_configuration(FunctionName="orders")
    assert (after["Description"], after["LastUpdateStatus"]) == ("new", "InProgress")
    assert after["LastUpdateStatusReasonCode"] == "Creating"
    assert after["RevisionId"] == answer["RevisionId"]


def test_tags_are_listed_late(mock: LambdaMock, client: Any) -> None:
    function = client.create_function(**CREATE)["FunctionArn"]
    mock.clock.advance(5)
    client.tag_resource(Resource=function, Tags={"team": "blue"})
    assert client.list_tags(Resource=function)["Tags"] == {}
    mock.clock.advance(3)
    assert client.list_tags(Resource=function)["Tags"] == {"team": "blue"}


def test_layers_are_seen_late(mock: LambdaMock, client: Any) -> None:
    client.publish_layer_version(LayerName="helpers", Content={"S3Bucket": "code", "S3Key": "k"})
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_layer_version(LayerName="helpers", VersionNumber=1)
    assert client.list_layer_versions(LayerName="helpers")["LayerVersions"] == []
    mock.clock.advance(3)
    assert client.get_layer_version(LayerName="helpers", VersionNumber=1)["Version"] == 1


def test_a_tool_that_trusts_a_late_reader_updates_too_soon(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    mock.clock.advance(10)
    client.update_function_configuration(FunctionName="orders", Description="new")
    client.get_waiter("function_updated_v2").wait(FunctionName="orders")  # sees the update before this one

    with pytest.raises(client.exceptions.ResourceConflictException, match="An update is in progress"):
        client.update_function_configuration(FunctionName="orders", Description="newer")


def test_a_deleted_function_is_still_seen_for_a_while(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    mock.clock.advance(10)
    client.publish_version(FunctionName="orders")
    mock.clock.advance(10)
    client.delete_function(FunctionName="orders")

    assert seen(client) == ("Active", "Successful")
    assert len(client.list_versions_by_function(FunctionName="orders")["Versions"]) == 2
    mock.clock.advance(3)
    assert seen(client) is None


def test_a_function_that_is_made_again_is_seen_as_the_old_one_first(mock: LambdaMock, client: Any) -> None:
    client.create_function(**CREATE)
    mock.clock.advance(10)
    client.delete_function(FunctionName="orders")
    client.create_function(**CREATE, Description="again")
    view = client.get_function_configuration(FunctionName="orders")
    assert (view["State"], view["Description"]) == ("Active", "")
    mock.clock.advance(3)
    view = client.get_function_configuration(FunctionName="orders")

    assert (view["State"], view["Description"]) == ("Pending", "again")


def test_without_the_option_nobody_is_late() -> None:
    with mock_lambda():
        client = boto3.client("lambda", region_name="us-east-1")
        client.create_function(**CREATE)
        assert seen(client) == ("Pending", None)


@pytest.mark.parametrize(("value", "error"), [(-1, ValueError), ("3", TypeError), (True, TypeError)])
def test_a_delay_that_cannot_be_is_refused_at_once(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="consistency"):
        mock_lambda(consistency=value)


def test_the_delay_may_be_a_timedelta() -> None:
    with mock_lambda(consistency=timedelta(seconds=1)) as m:
        assert m.options.consistency == timedelta(seconds=1)
