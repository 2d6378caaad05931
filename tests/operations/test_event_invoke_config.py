"""Settings of asynchronous invocation are put, merged, read, listed and deleted as AWS does it (recorded answers)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

INVALID = "InvalidParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
NOWHERE: dict[str, Any] = {"OnSuccess": {}, "OnFailure": {}}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failures"


@pytest.fixture(autouse=True)
def orders(client: Any, mock: LambdaMock) -> None:
    """A function that is Active, with version 1 and the alias live."""
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")


def put(client: Any, **params: Any) -> dict[str, Any]:
    """Put the settings of ``orders`` and return them."""
    answer: dict[str, Any] = client.put_function_event_invoke_config(FunctionName="orders", **params)
    return settings_of(answer)


def get(client: Any, **params: Any) -> dict[str, Any]:
    """Return the settings of ``orders``."""
    return settings_of(client.get_function_event_invoke_config(FunctionName="orders", **params))


def settings_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return *answer* without what is the same each time."""
    return {member: value for member, value in answer.items() if member not in ("ResponseMetadata", "LastModified")}


def listed(client: Any) -> list[str]:
    """Return the ARNs of what has settings."""
    answer = client.list_function_event_invoke_configs(FunctionName="orders")
    return [config["FunctionArn"] for config in answer["FunctionEventInvokeConfigs"]]


def test_the_answer_has_both_destinations_and_only_the_settings_that_were_sent(client: Any, mock: LambdaMock) -> None:
    answer = client.put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=0)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["LastModified"] == mock.clock.now
    assert settings_of(answer) == {
        "FunctionArn": ARN + "orders:$LATEST",
        "DestinationConfig": NOWHERE,
        "MaximumRetryAttempts": 0,
    }


def test_put_replaces_what_was_there(client: Any) -> None:
    put(client, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": QUEUE}})

    assert put(client, MaximumEventAgeInSeconds=60) == {
        "FunctionArn": ARN + "orders:$LATEST",
        "DestinationConfig": NOWHERE,
        "MaximumEventAgeInSeconds": 60,
    }


def test_update_keeps_what_it_does_not_name(client: Any) -> None:
    put(client, MaximumEventAgeInSeconds=60, DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    answer = client.update_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=1)

    assert settings_of(answer) == {
        "FunctionArn": ARN + "orders:$LATEST",
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}},
        "MaximumEventAgeInSeconds": 60,
        "MaximumRetryAttempts": 1,
    }


def test_the_function_itself_is_latest(client: Any) -> None:
    put(client, MaximumRetryAttempts=1)

    assert get(client) == get(client, Qualifier="$LATEST")


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_a_version_and_an_alias_have_their_own(client: Any, qualifier: str) -> None:
    put(client, MaximumRetryAttempts=1)
    put(client, MaximumRetryAttempts=2, Qualifier=qualifier)

    assert get(client, Qualifier=qualifier)["FunctionArn"] == f"{ARN}orders:{qualifier}"
    assert [get(client)["MaximumRetryAttempts"], get(client, Qualifier=qualifier)["MaximumRetryAttempts"]] == [1, 2]


@pytest.mark.parametrize("operation", ["get_function_event_invoke_config", "delete_function_event_invoke_config"])
@pytest.mark.parametrize(
    ("params", "arn"),
    [
        ({"FunctionName": "orders"}, "orders:$LATEST"),
        ({"FunctionName": "orders", "Qualifier": "1"}, "orders:1"),
        ({"FunctionName": "orders", "Qualifier": "1221"}, "orders:1221"),
        ({"FunctionName": "nobody"}, "nobody:$LATEST"),
    ],
)
def test_without_settings_the_answer_is_the_same_whether_the_function_exists_or_not(
    client: Any, operation: str, params: dict[str, str], arn: str
) -> None:
    text = f"The function {ARN}{arn} doesn't have an EventInvokeConfig"
    assert error_of(getattr(client, operation), **params) == (404, NOT_FOUND, text)


def test_there_is_nothing_to_update_until_something_was_put(client: Any) -> None:
    text = f"The function {ARN}orders:$LATEST doesn't have an EventInvokeConfig"
    update = client.update_function_event_invoke_config
    assert error_of(update, FunctionName="orders", MaximumRetryAttempts=1) == (404, NOT_FOUND, text)


@pytest.mark.parametrize("params", [{"FunctionName": "nobody"}, {"FunctionName": "orders", "Qualifier": "7"}])
def test_what_is_not_there_cannot_be_configured(client: Any, params: dict[str, str]) -> None:
    refusal = error_of(client.put_function_event_invoke_config, **params, MaximumRetryAttempts=1)
    assert refusal == (404, NOT_FOUND, "The function doesn't exist.")


def test_the_settings_of_an_unknown_function_cannot_be_listed(client: Any) -> None:
    refusal = error_of(client.list_function_event_invoke_configs, FunctionName="nobody")
    assert refusal == (404, NOT_FOUND, "The function doesn't exist.")


@pytest.mark.parametrize("operation", ["put_function_event_invoke_config", "update_function_event_invoke_config"])
def test_something_has_to_be_set(client: Any, operation: str) -> None:
    text = "You must specify at least one of error handling or destination setting."
    assert error_of(getattr(client, operation), FunctionName="orders") == (400, INVALID, text)


def test_qualifiers_that_disagree_are_refused(client: Any) -> None:
    text = "The derived qualifier from the function name does not match the specified qualifier."
    refusal = error_of(client.get_function_event_invoke_config, FunctionName="orders:live", Qualifier="1")
    assert refusal == (400, INVALID, text)


@pytest.mark.parametrize(
    "arn",
    [
        QUEUE,
        "arn:aws:sns:us-east-1:123456789012:results",
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
        "arn:aws:lambda:us-east-1:123456789012:function:results",
        "arn:aws:lambda:us-east-1:111122223333:function:elsewhere",
    ],
)
def test_results_can_go_to_queues_topics_buses_and_functions(client: Any, arn: str) -> None:
    create(client, "results")
    destinations = {"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}}

    assert put(client, DestinationConfig=destinations)["DestinationConfig"] == destinations


def test_failures_alone_can_go_to_a_bucket(client: Any) -> None:
    bucket = {"Destination": "arn:aws:s3:::failures"}

    assert put(client, DestinationConfig={"OnFailure": bucket})["DestinationConfig"]["OnFailure"] == bucket
    with pytest.raises(client.exceptions.InvalidParameterValueException, match=r"onFailure=null\) is invalid"):
        put(client, DestinationConfig={"OnSuccess": bucket})


@pytest.mark.parametrize("arn", [f"{QUEUE}.fifo", "arn:aws:dynamodb:us-east-1:123456789012:table/results"])
def test_results_cannot_go_anywhere_else(client: Any, arn: str) -> None:
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="The provided destination config"):
        put(client, DestinationConfig={"OnFailure": {"Destination": arn}})


def test_results_cannot_go_to_a_function_that_is_not_there(client: Any) -> None:
    text = f"The destination ARN {ARN}nobody is invalid."
    destinations = {"OnSuccess": {"Destination": ARN + "nobody"}}
    refusal = error_of(client.put_function_event_invoke_config, FunctionName="orders", DestinationConfig=destinations)
    assert refusal == (400, INVALID, text)


def test_results_cannot_go_to_the_function_itself(client: Any) -> None:
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="as a destination for itself"):
        put(client, DestinationConfig={"OnSuccess": {"Destination": ARN + "orders:live"}})


def test_settings_page_through_with_the_paginator(client: Any) -> None:
    for qualifier in ("live", "1", "$LATEST"):
        put(client, MaximumRetryAttempts=1, Qualifier=qualifier)
    paginator = client.get_paginator("list_function_event_invoke_configs")
    pages = list(paginator.paginate(FunctionName="orders", MaxItems=2))

    arns = [[config["FunctionArn"] for config in page["FunctionEventInvokeConfigs"]] for page in pages]
    assert arns == [[ARN + "orders:$LATEST", ARN + "orders:1"], [ARN + "orders:live"]]


def test_deleting_those_of_latest_leaves_those_of_a_version(client: Any) -> None:
    put(client, MaximumRetryAttempts=1)
    put(client, MaximumRetryAttempts=1, Qualifier="1")
    answer = client.delete_function_event_invoke_config(FunctionName="orders")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert listed(client) == [ARN + "orders:1"]


def test_settings_go_with_the_alias_the_version_and_the_function_they_are_of(client: Any) -> None:
    for qualifier in ("$LATEST", "1", "live"):
        put(client, MaximumRetryAttempts=1, Qualifier=qualifier)

    client.delete_alias(FunctionName="orders", Name="live")
    assert listed(client) == [ARN + "orders:$LATEST", ARN + "orders:1"]
    client.delete_function(FunctionName="orders", Qualifier="1")
    assert listed(client) == [ARN + "orders:$LATEST"]
    client.delete_function(FunctionName="orders")
    create(client)
    assert listed(client) == []
