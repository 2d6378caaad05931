"""Published versions: when they are ready, when they are the same, what they show."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, answering, create, error_of


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Code={"ZipFile": answering("one")})
    mock.clock.run_until_idle()
    return client


def test_a_version_of_a_settled_function_is_active_at_once(settled: Any) -> None:
    answer = settled.publish_version(FunctionName="orders")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (answer["FunctionArn"], answer["Version"]) == (ARN + "orders:1", "1")
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "Successful")


def test_publishing_twice_without_a_change_gives_the_same_version(settled: Any) -> None:
    first, second = (settled.publish_version(FunctionName="orders") for _ in range(2))

    assert (second["Version"], second["RevisionId"]) == ("1", first["RevisionId"])


def test_a_change_of_the_configuration_alone_makes_a_new_version(settled: Any, mock: LambdaMock) -> None:
    first = settled.publish_version(FunctionName="orders")
    settled.update_function_configuration(FunctionName="orders", Timeout=30)
    mock.clock.run_until_idle()

    second = settled.publish_version(FunctionName="orders")

    assert (second["Version"], second["CodeSha256"]) == ("2", first["CodeSha256"])


def test_a_description_given_when_publishing_is_the_versions_alone(settled: Any) -> None:
    settled.publish_version(FunctionName="orders", Description="first")

    assert settled.get_function_configuration(FunctionName="orders", Qualifier="1")["Description"] == "first"
    assert settled.get_function_configuration(FunctionName="orders")["Description"] == ""


def test_publishing_is_a_revision_of_the_function(settled: Any) -> None:
    before = settled.get_function_configuration(FunctionName="orders")["RevisionId"]
    settled.publish_version(FunctionName="orders")

    assert settled.get_function_configuration(FunctionName="orders")["RevisionId"] != before


def test_other_code_than_the_one_named_is_not_published(settled: Any, mock: LambdaMock) -> None:
    actual = settled.get_function_configuration(FunctionName="orders")["CodeSha256"]

    assert error_of(settled.publish_version, FunctionName="orders", CodeSha256="other") == (
        400,
        "InvalidParameterValueException",
        f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({actual}). "
        "Please try again with the CodeSHA256 in $LATEST.",
    )
    assert mock.function("orders").versions == []


def test_a_stale_revision_is_not_published(settled: Any) -> None:
    assert error_of(settled.publish_version, FunctionName="orders", RevisionId="stale")[:2] == (
        412, "PreconditionFailedException",
    )  # fmt: skip


def test_publishing_is_refused_while_the_function_is_pending(client: Any) -> None:
    create(client)

    assert error_of(client.publish_version, FunctionName="orders") == (
        409,
        "ResourceConflictException",
        f"The operation cannot be performed at this time. The resource {ARN}orders is currently in the following "
        "state: 'Pending'. StateReasonCode: 'Creating'",
    )


def test_a_creation_with_publish_answers_with_version_1_under_the_unqualified_arn(
    client: Any, mock: LambdaMock
) -> None:
    answer = create(client, Publish=True)

    assert (answer["FunctionArn"], answer["Version"], answer["State"]) == (ARN + "orders", "1", "Pending")
    client.get_waiter("published_version_active").wait(FunctionName="orders", Qualifier="1")
    assert mock.function("orders").version(1).state == "Active"


def test_a_version_keeps_the_code_that_it_was_published_with(settled: Any, mock: LambdaMock) -> None:
    settled.publish_version(FunctionName="orders")
    settled.update_function_code(FunctionName="orders", ZipFile=answering("two"))
    mock.clock.run_until_idle()

    said = [
        settled.invoke(FunctionName="orders", Qualifier=qualifier)["Payload"].read() for qualifier in ("1", "$LATEST")
    ]

    assert said == [b'"one"', b'"two"']


def test_versions_are_listed_latest_first_and_then_by_number(settled: Any, mock: LambdaMock) -> None:
    for timeout in range(4, 16):
        settled.update_function_configuration(FunctionName="orders", Timeout=timeout)
        mock.clock.run_until_idle()
        settled.publish_version(FunctionName="orders")

    pages = list(settled.get_paginator("list_versions_by_function").paginate(FunctionName="orders", MaxItems=5))
    listed = [version for page in pages for version in page["Versions"]]

    assert [version["Version"] for version in listed] == ["$LATEST", *map(str, range(1, 13))]
    assert listed[0]["FunctionArn"] == ARN + "orders:$LATEST"
    assert [len(page["Versions"]) for page in pages] == [5, 5, 3]


def test_a_snapstart_version_is_pending_until_its_snapshot_is_there(settled: Any, mock: LambdaMock) -> None:
    settled.update_function_configuration(FunctionName="orders", SnapStart={"ApplyOn": "PublishedVersions"})
    mock.clock.run_until_idle()

    answer = settled.publish_version(FunctionName="orders")
    assert answer["State"] == "Pending"
    assert mock.function("orders").state == "Active"
    mock.clock.run_until_idle()

    ready = settled.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert ready["State"] == "Active"
    assert ready["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    latest = settled.get_function_configuration(FunctionName="orders")
    assert latest["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}


def test_a_version_published_by_an_update_is_ready_when_the_update_is(settled: Any, mock: LambdaMock) -> None:
    mock.timings["update"] = 30
    settled.update_function_code(FunctionName="orders", ZipFile=answering("two"), Publish=True)
    states = []
    for _ in range(2):
        states.append((mock.function("orders").last_update_status, mock.function("orders").version(1).state))
        mock.clock.advance(30)

    assert states == [("InProgress", "Pending"), ("Successful", "Active")]


def test_a_version_published_by_a_creation_that_fails_fails_with_it(client: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("create").fail("InvalidSecurityGroup")
    create(client, Publish=True)
    mock.clock.run_until_idle()

    version = client.get_function_configuration(FunctionName="orders", Qualifier="1")

    assert (version["State"], version["StateReasonCode"]) == ("Failed", "InvalidSecurityGroup")


def test_a_version_published_by_an_update_that_fails_fails_with_it(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("update").fail("InvalidImage")
    settled.update_function_code(FunctionName="orders", ZipFile=answering("two"), Publish=True)
    mock.clock.run_until_idle()

    assert mock.function("orders").version(1).state == "Failed"
    assert mock.function("orders").state == "Active"


def test_a_publication_that_failed_is_not_made_anew_until_its_version_is_gone(settled: Any, mock: LambdaMock) -> None:
    """Inferred: nothing is published when nothing has changed, and AWS makes no exception for what failed."""
    mock.faults.on_phase("update").fail("InvalidImage", times=1)
    update = {"FunctionName": "orders", "ZipFile": answering("two"), "Publish": True}
    assert settled.update_function_code(**update)["Version"] == "1"
    mock.clock.run_until_idle()

    again = settled.update_function_code(**update)
    mock.clock.run_until_idle()
    assert (again["Version"], again["State"]) == ("1", "Failed")
    assert mock.function("orders").last_update_status == "Successful"

    settled.delete_function(FunctionName="orders", Qualifier="1")
    assert settled.publish_version(FunctionName="orders")["Version"] == "2"
    assert mock.function("orders").version(2).state == "Active"


def test_a_function_that_was_freed_from_being_stuck_can_be_published(client: Any, mock: LambdaMock) -> None:
    """Inferred: AWS says of such a function only that it may be updated."""
    mock.faults.on_phase("create").hang()
    create(client)
    mock.clock.advance(361)
    assert error_of(client.publish_version, FunctionName="orders")[1] == "ResourceConflictException"
    assert mock.function("orders").state == "Failed"

    assert client.publish_version(FunctionName="orders")["Version"] == "1"
