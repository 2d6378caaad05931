"""Aliases and their routing (recorded)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, answering, create, error_of

INVALID = "InvalidParameterValueException"


@pytest.fixture
def published(client: Any, mock: LambdaMock) -> Any:
    """A client of a function with versions 1 and 2, which say their number."""
    create(client, Code={"ZipFile": answering("1")})
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    client.update_function_code(FunctionName="orders", ZipFile=answering("2"))
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    return client


def make(client: Any, name: str = "live", version: str = "1", **params: Any) -> Any:
    return client.create_alias(FunctionName="orders", Name=name, FunctionVersion=version, **params)


def test_an_alias_answers_with_its_members_and_no_routing_unless_there_is_some(published: Any) -> None:
    answer = make(published)

    del answer["ResponseMetadata"], answer["RevisionId"]
    assert answer == {"AliasArn": ARN + "orders:live", "Name": "live", "FunctionVersion": "1", "Description": ""}


def test_a_function_asked_for_by_alias_shows_the_version_under_the_aliass_arn(published: Any) -> None:
    make(published)

    answer = published.get_function_configuration(FunctionName="orders", Qualifier="live")

    version = published.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert (answer["FunctionArn"], answer["Version"]) == (ARN + "orders:live", "1")
    assert answer["RevisionId"] == version["RevisionId"]


WRONG = [
    ("2024", "1", {}, "ValidationException", "Value '2024' at 'name' failed to satisfy constraint"),
    (
        "live",
        "1",
        {"2": 0.1, "3": 0.1},
        INVALID,
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    ),
    ("live", "1", {"2": 2}, "ValidationException", "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights'"),
    ("live", "1", {"1": 0.5}, INVALID, "Invalid function version 1. Function version 1 is already included in routing"),
    ("live", "$LATEST", {"1": 0.5}, INVALID, "$LATEST is not supported for an alias pointing to more than 1 version"),
    ("live", "9", {}, "ResourceNotFoundException", f"Function not found: {ARN}orders:9"),
    ("live", "1", {"9": 0.5}, "ResourceNotFoundException", f"Function not found: {ARN}orders:9"),
]


@pytest.mark.parametrize(("name", "version", "weights", "code", "message"), WRONG)
def test_a_bad_alias_gets_awss_error_and_is_not_made(
    published: Any, name: str, version: str, weights: dict[str, float], code: str, message: str
) -> None:
    routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}

    found = error_of(make, client=published, name=name, version=version, **routing)

    assert found[1] == code
    assert message in found[2]
    assert published.list_aliases(FunctionName="orders")["Aliases"] == []


def test_an_alias_is_made_once(published: Any) -> None:
    make(published)

    assert error_of(make, client=published) == (
        409, "ResourceConflictException", f"Alias already exists: {ARN}orders:live",
    )  # fmt: skip


def test_missing_aliases_are_named_in_the_words_of_each_operation(published: Any) -> None:
    names = {"FunctionName": "orders", "Name": "live"}

    assert error_of(published.get_alias, **names)[2] == f"Cannot find alias arn: {ARN}orders:live"
    assert error_of(published.update_alias, **names)[2] == f"Alias not found: {ARN}orders:live"
    assert published.delete_alias(**names)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_an_update_without_a_change_is_a_revision_too(published: Any) -> None:
    before = make(published)["RevisionId"]

    assert published.update_alias(FunctionName="orders", Name="live")["RevisionId"] != before


def test_empty_weights_clear_the_routing(published: Any) -> None:
    make(published, RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})

    answer = published.update_alias(FunctionName="orders", Name="live", RoutingConfig={"AdditionalVersionWeights": {}})

    assert "RoutingConfig" not in answer


def test_weights_share_the_invokes_out(published: Any) -> None:
    make(published, RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}})

    ran = [published.invoke(FunctionName="orders", Qualifier="live")["ExecutedVersion"] for _ in range(200)]

    assert 30 < ran.count("2") < 70


def test_aliases_are_listed_by_the_version_that_they_lead_to(published: Any) -> None:
    make(published, "one", "1")
    make(published, "two", "2")

    answer = published.list_aliases(FunctionName="orders", FunctionVersion="2")

    assert [alias["Name"] for alias in answer["Aliases"]] == ["two"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("2", "Invalid function version 2. Function version 2 is already included in routing configuration."),
        ("$LATEST", "$LATEST is not supported for an alias pointing to more than 1 version"),
    ],
)
def test_an_alias_is_not_moved_to_where_its_weights_forbid_it(published: Any, version: str, message: str) -> None:
    make(published, RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})

    refusal = error_of(published.update_alias, FunctionName="orders", Name="live", FunctionVersion=version)

    assert refusal == (400, INVALID, message)
    assert published.get_alias(FunctionName="orders", Name="live")["FunctionVersion"] == "1"


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("execution role", {"Role": "arn:aws:iam::123456789012:role/other"}),
        (
            "dead-letter queue configuration",
            {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}},
        ),
    ],
)
def test_two_versions_of_an_alias_have_the_same_role_and_dead_letters(
    published: Any, mock: LambdaMock, what: str, changed: dict[str, Any]
) -> None:
    published.update_function_configuration(FunctionName="orders", **changed)
    mock.clock.run_until_idle()
    published.publish_version(FunctionName="orders")
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"3": 0.5}}}
    make(published, "live")

    for call, name in ((published.create_alias, "new"), (published.update_alias, "live")):
        refusal = error_of(call, FunctionName="orders", Name=name, FunctionVersion="1", **weights)
        assert refusal == (400, INVALID, f"Versions 1 and 3 of an alias must have the same {what}.")


def test_an_alias_is_not_moved_to_a_version_that_has_failed_or_is_pending(published: Any, mock: LambdaMock) -> None:
    make(published)
    mock.faults.on_phase("update").fail("InvalidImage")
    published.update_function_code(FunctionName="orders", ZipFile=answering("3"), Publish=True)

    def move() -> tuple[int, str, str]:
        return error_of(published.update_alias, FunctionName="orders", Name="live", FunctionVersion="3")

    pending = move()
    mock.clock.run_until_idle()
    failed = move()

    assert pending[:2] == failed[:2] == (409, "ResourceConflictException")
    assert "'Pending'. StateReasonCode: 'Creating'" in pending[2]
    assert "'Failed'. StateReasonCode: 'InvalidImage'" in failed[2]
    assert published.get_alias(FunctionName="orders", Name="live")["FunctionVersion"] == "1"
