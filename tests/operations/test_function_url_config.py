"""Function URLs are created, read, updated, listed and deleted as AWS does it (recorded answers; urls-*.html)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

NO_FUNCTION = (404, "ResourceNotFoundException", "Function does not exist")
NO_SUCH = (404, "ResourceNotFoundException", "The resource you requested does not exist.")
MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
CORS = {"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"], "MaxAge": 60, "AllowCredentials": True}
OPERATIONS = {
    "create_function_url_config": {"AuthType": "NONE"},
    "get_function_url_config": {},
    "update_function_url_config": {"AuthType": "AWS_IAM"},
    "delete_function_url_config": {},
}


@pytest.fixture(autouse=True)
def orders(client: Any, mock: LambdaMock) -> None:
    """A function that is Active, with version 1 and the alias live, one minute after the mock's start."""
    create(client, Publish=True)
    mock.clock.advance_to("2026-01-01T00:01:00Z")
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")


def new_url(client: Any, **params: Any) -> dict[str, Any]:
    """Create the URL of ``orders``."""
    answer: dict[str, Any] = client.create_function_url_config(
        **{"FunctionName": "orders", "AuthType": "NONE", **params}
    )
    return answer


def listed(client: Any) -> list[str]:
    """Return the ARNs of what has a URL."""
    return [url["FunctionArn"] for url in client.list_function_url_configs(FunctionName="orders")["FunctionUrlConfigs"]]


def test_a_creation_answers_201_with_exactly_these_members(client: Any) -> None:
    answer = new_url(client)

    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 201
    assert re.fullmatch(r"https://[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws/", answer["FunctionUrl"])
    assert answer == {
        "FunctionUrl": answer["FunctionUrl"],
        "FunctionArn": ARN + "orders",
        "AuthType": "NONE",
        "CreationTime": "2026-01-01T00:01:00.000000Z",
    }


def test_a_url_reads_back_with_its_mode_and_its_last_change(client: Any) -> None:
    created = new_url(client)
    got = client.get_function_url_config(FunctionName="orders")

    del created["ResponseMetadata"], got["ResponseMetadata"]
    assert got == {**created, "InvokeMode": "BUFFERED", "LastModifiedTime": created["CreationTime"]}


def test_an_update_keeps_what_it_does_not_name_and_tells_the_mode_only_once_it_was_sent(
    client: Any, mock: LambdaMock
) -> None:
    created = new_url(client, Cors=CORS)
    mock.clock.advance(60)
    updated = client.update_function_url_config(FunctionName="orders", AuthType="AWS_IAM")
    streaming = client.update_function_url_config(FunctionName="orders", InvokeMode="RESPONSE_STREAM")

    for answer in (created, updated, streaming):
        del answer["ResponseMetadata"]
    assert updated == {**created, "AuthType": "AWS_IAM", "LastModifiedTime": "2026-01-01T00:02:00.000000Z"}
    assert streaming == {**updated, "InvokeMode": "RESPONSE_STREAM"}


def test_cors_are_replaced_as_a_whole_and_taken_away_by_none(client: Any) -> None:
    assert new_url(client, Cors=CORS)["Cors"] == CORS

    replaced = client.update_function_url_config(FunctionName="orders", Cors={"AllowOrigins": ["*"]})
    assert replaced["Cors"] == {"AllowOrigins": ["*"]}
    assert "Cors" not in client.update_function_url_config(FunctionName="orders", Cors={})


def test_a_second_url_is_a_conflict(client: Any) -> None:
    new_url(client)

    text = (
        f"Failed to create function url config for [functionArn = {ARN}orders]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )
    refusal = error_of(client.create_function_url_config, FunctionName="orders", AuthType="NONE")
    assert refusal == (409, "ResourceConflictException", text)


def test_an_alias_has_a_url_of_its_own(client: Any) -> None:
    of_function, of_alias = new_url(client), new_url(client, Qualifier="live")

    assert of_alias["FunctionArn"] == ARN + "orders:live"
    assert of_alias["FunctionUrl"] != of_function["FunctionUrl"]
    got = client.get_function_url_config(FunctionName="orders:live")
    assert got["FunctionUrl"] == of_alias["FunctionUrl"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("function", ["orders", "nobody"])
@pytest.mark.parametrize("qualifier", ["1", "$LATEST"])
def test_a_version_cannot_have_a_url(client: Any, operation: str, function: str, qualifier: str) -> None:
    refusal = error_of(getattr(client, operation), FunctionName=function, Qualifier=qualifier, **OPERATIONS[operation])
    assert refusal[:2] == (400, "ValidationException")
    assert f"Value '{qualifier}' at 'qualifier' failed to satisfy constraint" in refusal[2]


@pytest.mark.parametrize("operation", ["create_function_url_config", "update_function_url_config"])
@pytest.mark.parametrize("params", [{"FunctionName": "nobody"}, {"FunctionName": "orders", "Qualifier": "dead"}])
def test_a_url_needs_its_function_or_alias(client: Any, operation: str, params: dict[str, str]) -> None:
    assert error_of(getattr(client, operation), **params, **OPERATIONS[operation]) == NO_FUNCTION


@pytest.mark.parametrize("operation", ["get_function_url_config", "delete_function_url_config"])
@pytest.mark.parametrize(
    "params",
    [{"FunctionName": "nobody"}, {"FunctionName": "orders"}, {"FunctionName": "orders", "Qualifier": "dead"}],
)
def test_a_url_that_is_not_there_is_not_found(client: Any, operation: str, params: dict[str, str]) -> None:
    assert error_of(getattr(client, operation), **params) == NO_SUCH


def test_a_url_that_is_not_there_cannot_be_updated(client: Any) -> None:
    assert error_of(client.update_function_url_config, FunctionName="orders", AuthType="NONE") == NO_SUCH


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if not name.startswith("delete")])
def test_qualifiers_that_disagree_are_refused(client: Any, operation: str) -> None:
    refusal = error_of(
        getattr(client, operation), FunctionName="orders:live", Qualifier="dead", **OPERATIONS[operation]
    )
    assert refusal == (400, "InvalidParameterValueException", MISMATCH)


def test_a_deletion_with_qualifiers_that_disagree_fails_inside_aws(client: Any) -> None:
    refusal = error_of(client.delete_function_url_config, FunctionName="orders:live", Qualifier="dead")
    assert refusal[:2] == (500, "ServiceException")


def test_deleting_answers_204(client: Any) -> None:
    new_url(client)
    answer = client.delete_function_url_config(FunctionName="orders")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(client.get_function_url_config, FunctionName="orders") == NO_SUCH


def test_urls_page_through_with_the_paginator(client: Any) -> None:
    client.create_alias(FunctionName="orders", Name="blue", FunctionVersion="1")
    created = [new_url(client), new_url(client, Qualifier="blue"), new_url(client, Qualifier="live")]
    paginator = client.get_paginator("list_function_url_configs")
    pages = list(paginator.paginate(FunctionName="orders", MaxItems=2))

    urls = [[config["FunctionUrl"] for config in page["FunctionUrlConfigs"]] for page in pages]
    assert urls == [[url["FunctionUrl"] for url in created[:2]], [created[2]["FunctionUrl"]]]
    assert {"InvokeMode", "LastModifiedTime"} <= pages[0]["FunctionUrlConfigs"][0].keys()


def test_the_urls_of_an_unknown_function_cannot_be_listed(client: Any) -> None:
    assert error_of(client.list_function_url_configs, FunctionName="nobody") == NO_FUNCTION


def test_urls_go_with_the_alias_and_the_function_they_lead_to(client: Any) -> None:
    new_url(client)
    new_url(client, Qualifier="live")

    client.delete_alias(FunctionName="orders", Name="live")
    assert listed(client) == [ARN + "orders"]
    client.delete_function(FunctionName="orders")
    create(client)
    assert listed(client) == []
