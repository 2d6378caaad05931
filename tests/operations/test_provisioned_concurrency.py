"""Provisioned concurrency of versions and aliases (api-validation, section 8; invocation, section 10)."""

from __future__ import annotations

import os
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of, publish_twice, refused

INVALID = "InvalidParameterValueException"
CONFLICT = "ResourceConflictException"
NOT_FOUND = "ResourceNotFoundException"

ON_ONE: dict[str, Any] = {"FunctionName": "orders", "Qualifier": "1"}
ON_LIVE: dict[str, Any] = {"FunctionName": "orders", "Qualifier": "live"}


@pytest.fixture
def published(mock: LambdaMock, client: Any) -> None:
    """The function ``orders`` with versions 1 and 2, and the alias ``live`` of version 1."""
    publish_twice(client, mock)


def put(client: Any, executions: int = 5, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.put_provisioned_concurrency_config(
        ProvisionedConcurrentExecutions=executions, **params
    )
    return answer


def numbers(answer: dict[str, Any]) -> tuple[int, int, int, str]:
    """Return requested, allocated, available and the status."""
    kinds = ("Requested", "Allocated", "Available")
    requested, allocated, available = (answer[f"{kind}ProvisionedConcurrentExecutions"] for kind in kinds)
    return requested, allocated, available, answer["Status"]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("target", [ON_ONE, ON_LIVE], ids=["version", "alias"])
def test_it_is_in_progress_first_and_ready_later(mock: LambdaMock, client: Any, target: dict[str, Any]) -> None:
    answer = put(client, **target)
    mock.clock.run_until_idle()

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert numbers(answer) == (5, 0, 0, "IN_PROGRESS")
    assert numbers(client.get_provisioned_concurrency_config(**target)) == (5, 5, 5, "READY")


@pytest.mark.usefixtures("published")
def test_the_allocation_takes_what_timings_say(mock: LambdaMock, client: Any) -> None:
    mock.timings["provision"] = 30
    put(client, **ON_ONE)

    mock.clock.advance(29)
    before = client.get_provisioned_concurrency_config(**ON_ONE)["Status"]
    mock.clock.advance(1)

    assert (before, client.get_provisioned_concurrency_config(**ON_ONE)["Status"]) == ("IN_PROGRESS", "READY")


@pytest.mark.usefixtures("published")
def test_last_modified_has_no_fraction_of_a_second(client: Any) -> None:
    assert put(client, **ON_ONE)["LastModified"] == "2026-01-01T00:00:04+0000"


@pytest.mark.usefixtures("published")
def test_a_failed_allocation_says_why(mock: LambdaMock, client: Any) -> None:
    mock.faults.on_phase("provision", function="orders").fail("FUNCTION_ERROR_INIT_FAILURE")
    put(client, **ON_ONE)
    mock.clock.run_until_idle()

    answer = client.get_provisioned_concurrency_config(**ON_ONE)

    assert (numbers(answer), answer["StatusReason"]) == ((5, 0, 0, "FAILED"), "FUNCTION_ERROR_INIT_FAILURE")


@pytest.mark.usefixtures("published")
def test_another_number_is_allocated_anew(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_ONE)
    mock.clock.run_until_idle()

    during = put(client, 8, **ON_ONE)
    mock.clock.run_until_idle()

    assert numbers(during) == (8, 5, 5, "IN_PROGRESS")
    assert numbers(client.get_provisioned_concurrency_config(**ON_ONE)) == (8, 8, 8, "READY")


@pytest.mark.usefixtures("published")
def test_it_moves_with_its_alias(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_LIVE)
    mock.clock.run_until_idle()

    client.update_alias(FunctionName="orders", Name="live", FunctionVersion="2")
    during = client.get_provisioned_concurrency_config(**ON_LIVE)
    mock.clock.run_until_idle()

    assert numbers(during) == (5, 5, 5, "IN_PROGRESS")
    assert numbers(client.get_provisioned_concurrency_config(**ON_LIVE)) == (5, 5, 5, "READY")


@pytest.mark.usefixtures("published")
def test_an_alias_that_stays_where_it_is_keeps_it_ready(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_LIVE)
    mock.clock.run_until_idle()

    client.update_alias(FunctionName="orders", Name="live", Description="the one that customers see")

    assert client.get_provisioned_concurrency_config(**ON_LIVE)["Status"] == "READY"


@pytest.mark.usefixtures("published")
def test_the_version_has_a_new_revision_when_it_is_ready(mock: LambdaMock, client: Any) -> None:
    before = client.get_function_configuration(**ON_ONE)["RevisionId"]
    put(client, **ON_LIVE)
    during = client.get_function_configuration(**ON_ONE)["RevisionId"]
    mock.clock.run_until_idle()

    assert before == during
    assert client.get_function_configuration(**ON_ONE)["RevisionId"] != before


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_an_alias_and_its_version_run_in_the_environments_that_are_ready(
    mock: LambdaMock, client: Any, qualifier: str
) -> None:
    kinds = []
    mock.handler("orders", call=lambda _event, _context: kinds.append(_initialization()))
    put(client, **ON_LIVE)
    client.invoke(FunctionName="orders", Qualifier=qualifier)
    mock.clock.run_until_idle()
    client.invoke(FunctionName="orders", Qualifier=qualifier)
    client.invoke(FunctionName="orders", Qualifier="2")

    assert kinds == ["on-demand", "provisioned-concurrency", "on-demand"]


def _initialization() -> str:
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]


@pytest.mark.usefixtures("published")
def test_an_alias_of_a_provisioned_version_cannot_have_its_own(client: Any) -> None:
    put(client, **ON_ONE)

    assert error_of(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=1, **ON_LIVE) == (
        409,
        CONFLICT,
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    )


@pytest.mark.usefixtures("published")
def test_a_version_behind_a_provisioned_alias_cannot_have_its_own(client: Any) -> None:
    put(client, **ON_LIVE)

    answer = error_of(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=1, **ON_ONE)

    assert answer == (409, CONFLICT, "Version is pointed by a Provisioned Concurrency alias")


@pytest.mark.usefixtures("published")
def test_an_alias_that_routes_to_two_versions_cannot_have_any(client: Any) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    client.update_alias(FunctionName="orders", Name="live", RoutingConfig=weights)

    answer = error_of(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=1, **ON_LIVE)

    assert answer == (400, INVALID, "Invalid alias configuration for Provisioned Concurrency")


UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."


@pytest.mark.usefixtures("published")
def test_an_alias_of_the_unpublished_version_cannot_have_any(client: Any) -> None:
    client.update_alias(FunctionName="orders", Name="live", FunctionVersion="$LATEST")

    answer = error_of(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=1, **ON_LIVE)

    assert answer == (400, INVALID, UNPUBLISHED)


@pytest.mark.usefixtures("published")
def test_an_alias_cannot_take_its_own_to_the_unpublished_version(client: Any) -> None:
    put(client, **ON_LIVE)
    move = {"FunctionName": "orders", "Name": "live", "FunctionVersion": "$LATEST"}

    assert error_of(client.update_alias, **move) == (400, INVALID, UNPUBLISHED)
    assert client.get_alias(FunctionName="orders", Name="live")["FunctionVersion"] == "1"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("holder", ["2", "next"], ids=["itself", "another alias"])
def test_an_alias_cannot_take_its_own_to_a_version_that_is_provisioned(client: Any, holder: str) -> None:
    client.create_alias(FunctionName="orders", Name="next", FunctionVersion="2")
    put(client, **ON_LIVE)
    put(client, FunctionName="orders", Qualifier=holder)

    assert error_of(client.update_alias, FunctionName="orders", Name="live", FunctionVersion="2") == (
        409,
        CONFLICT,
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    )


@pytest.mark.usefixtures("published")
def test_an_alias_without_any_can_move_to_a_version_that_is_provisioned(client: Any) -> None:
    put(client, FunctionName="orders", Qualifier="2")

    answer = client.update_alias(FunctionName="orders", Name="live", FunctionVersion="2")

    assert answer["FunctionVersion"] == "2"


GET, PUT, DELETE = "get", "put", "delete"


def asked(client: Any, verb: str, **params: Any) -> tuple[int, str, str]:
    more = {"ProvisionedConcurrentExecutions": 1} if verb == PUT else {}
    return error_of(getattr(client, f"{verb}_provisioned_concurrency_config"), **more, **params)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("verb", "message"),
    [
        (PUT, "Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
        (GET, "The function resource provided must be an alias or a published version."),
        (DELETE, "The function resource provided must be an alias or a published version."),
    ],
)
def test_the_unpublished_version_can_have_none(client: Any, verb: str, message: str) -> None:
    assert asked(client, verb, FunctionName="orders", Qualifier="$LATEST") == (400, INVALID, message)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("verb", [GET, PUT, DELETE])
@pytest.mark.parametrize("function", ["orders", "nobody"])
def test_what_is_not_there_is_named_by_its_qualifier(client: Any, verb: str, function: str) -> None:
    alias = asked(client, verb, FunctionName=function, Qualifier="noalias")
    neither = [asked(client, verb, FunctionName=function, Qualifier=qualifier) for qualifier in ("10", "$latest")]

    assert alias == (404, NOT_FOUND, f"Cannot find alias arn: {ARN}{function}:noalias")
    assert neither == [
        (404, NOT_FOUND, f"Function not found: {ARN}{function}:{qualifier}") for qualifier in ("10", "$latest")
    ]


@pytest.mark.usefixtures("published")
def test_a_version_without_any_says_so(client: Any) -> None:
    code = "ProvisionedConcurrencyConfigNotFoundException"

    assert asked(client, GET, **ON_ONE) == (404, code, "No Provisioned Concurrency Config found for this function")


@pytest.mark.usefixtures("published")
def test_none_is_too_few() -> None:
    unchecked = boto3.client("lambda", region_name="us-east-1", config=Config(parameter_validation=False))

    assert error_of(unchecked.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=0, **ON_ONE) == (
        400,
        "ValidationException",
        (
            "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        ),
    )


@pytest.mark.usefixtures("published")
def test_deleting_what_is_not_there_succeeds(client: Any) -> None:
    answer = client.delete_provisioned_concurrency_config(**ON_ONE)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.usefixtures("published")
def test_deleting_it_ends_its_allocation(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_ONE)
    client.delete_provisioned_concurrency_config(**ON_ONE)

    assert [timer for timer in mock.clock.pending if "provision" in timer.label] == []
    assert asked(client, GET, **ON_ONE)[0] == 404


@pytest.mark.usefixtures("published")
def test_it_goes_with_its_alias(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_LIVE)
    client.delete_alias(FunctionName="orders", Name="live")

    assert asked(client, GET, **ON_LIVE) == (404, NOT_FOUND, f"Cannot find alias arn: {ARN}orders:live")
    assert client.list_provisioned_concurrency_configs(FunctionName="orders")["ProvisionedConcurrencyConfigs"] == []
    assert [timer for timer in mock.clock.pending if "provision" in timer.label] == []


@pytest.mark.usefixtures("published")
def test_it_goes_with_its_function(mock: LambdaMock, client: Any) -> None:
    put(client, **ON_ONE)
    client.delete_function(FunctionName="orders")
    create(client)
    mock.clock.run_until_idle()

    assert client.list_provisioned_concurrency_configs(FunctionName="orders")["ProvisionedConcurrencyConfigs"] == []


@pytest.mark.usefixtures("published")
def test_a_list_names_versions_and_aliases_and_pages_through(mock: LambdaMock, client: Any) -> None:
    put(client, 1, **ON_LIVE)
    put(client, 2, FunctionName="orders", Qualifier="2")
    paginator = client.get_paginator("list_provisioned_concurrency_configs")
    pages = list(paginator.paginate(FunctionName="orders", PaginationConfig={"PageSize": 1}))

    found = [one for page in pages for one in page["ProvisionedConcurrencyConfigs"]]
    assert [len(page["ProvisionedConcurrencyConfigs"]) for page in pages] == [1, 1]
    assert {one["FunctionArn"]: one["RequestedProvisionedConcurrentExecutions"] for one in found} == {
        f"{ARN}orders:live": 1,
        f"{ARN}orders:2": 2,
    }


def test_the_list_of_an_unknown_function_is_refused(client: Any) -> None:
    answer = error_of(client.list_provisioned_concurrency_configs, FunctionName="nobody")

    assert answer == (404, NOT_FOUND, f"Function not found: {ARN}nobody")


@pytest.mark.usefixtures("published")
def test_it_cannot_exceed_what_the_function_has_reserved(client: Any) -> None:
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=5)
    put(client, 3, **ON_ONE)

    answer = error_of(
        client.put_provisioned_concurrency_config,
        FunctionName="orders",
        Qualifier="2",
        ProvisionedConcurrentExecutions=3,
    )

    assert answer == (
        400,
        INVALID,
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    )


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("executions", "accepted"), [(900, True), (901, False)])
def test_it_leaves_a_hundred_to_the_account(client: Any, executions: int, accepted: bool) -> None:
    if accepted:
        assert put(client, executions, **ON_ONE)["Status"] == "IN_PROGRESS"
    else:
        answer = error_of(
            client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=executions, **ON_ONE
        )
        assert answer[:2] == (400, INVALID)
        assert answer[2].endswith("below its minimum value of [100].")


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("reserved_elsewhere", [0, 300])
def test_more_than_the_account_has_left_is_refused_with_what_it_has(client: Any, reserved_elsewhere: int) -> None:
    create(client, "refunds")
    client.put_function_concurrency(FunctionName="refunds", ReservedConcurrentExecutions=reserved_elsewhere)
    left = 1000 - reserved_elsewhere

    answer = refused(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=left + 1, **ON_ONE)

    assert answer["Error"]["Message"] == (
        f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{left}]."
    )
    assert "Type" not in answer
    answer = refused(client.put_provisioned_concurrency_config, ProvisionedConcurrentExecutions=left, **ON_ONE)
    assert answer["Error"]["Message"].endswith("below its minimum value of [100].")
    assert "Type" not in answer


@pytest.mark.usefixtures("published")
def test_less_cannot_be_reserved_than_is_provisioned(client: Any) -> None:
    put(client, 5, **ON_ONE)

    answer = refused(client.put_function_concurrency, FunctionName="orders", ReservedConcurrentExecutions=4)

    text = " ReservedConcurrentExecutions  4 should not be lower than function's total provisioned concurrency [5]."
    assert answer["Error"] == {"Code": INVALID, "Message": text}
    assert "Type" not in answer


def test_a_version_with_a_snapshot_can_have_none(mock: LambdaMock, client: Any) -> None:
    create(client, SnapStart={"ApplyOn": "PublishedVersions"}, Publish=True)
    mock.clock.run_until_idle()

    assert asked(client, PUT, **ON_ONE)[:2] == (400, INVALID)
