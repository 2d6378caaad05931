"""The account's settings follow what there is (gettingstarted-limits.html; recorded members and sizes)."""

from __future__ import annotations

from typing import Any

import boto3

from lambda_states_mock import LambdaMock
from tests.deploying import answering, create, error_of, zip_of
from tests.operations.test_layer import publish


def used(client: Any) -> tuple[int, int]:
    """Return how many functions there are, and how many bytes of code."""
    usage = client.get_account_settings()["AccountUsage"]
    return usage["FunctionCount"], usage["TotalCodeSize"]


def test_a_new_account_has_awss_limits_and_uses_nothing(client: Any) -> None:
    answer = client.get_account_settings()

    assert answer["AccountLimit"] == {
        "TotalCodeSize": 322_122_547_200,
        "CodeSizeUnzipped": 262_144_000,
        "CodeSizeZipped": 52_428_800,
        "ConcurrentExecutions": 1_000,
        "UnreservedConcurrentExecutions": 1_000,
    }
    assert answer["AccountUsage"] == {"TotalCodeSize": 0, "FunctionCount": 0}


def test_limits_that_a_test_sets_are_the_accounts(client: Any, mock: LambdaMock) -> None:
    mock.backend.limits.concurrent_executions = 10
    mock.backend.limits.code_storage_bytes = 1_000

    limit = client.get_account_settings()["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["TotalCodeSize"]) == (10, 1_000)


def test_what_functions_reserve_is_no_longer_unreserved(client: Any) -> None:
    create(client)
    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=100)

    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 900


def test_what_is_provisioned_is_no_longer_unreserved_unless_it_is_reserved_anyway(
    client: Any, mock: LambdaMock
) -> None:
    def unreserved() -> int:
        left: int = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
        return left

    create(client, Publish=True)
    create(client, "refunds")
    mock.clock.run_until_idle()
    client.put_provisioned_concurrency_config(FunctionName="orders", Qualifier="1", ProvisionedConcurrentExecutions=30)
    assert unreserved() == 970

    answer = error_of(client.put_function_concurrency, FunctionName="refunds", ReservedConcurrentExecutions=871)
    assert answer[:2] == (400, "InvalidParameterValueException")
    client.put_function_concurrency(FunctionName="refunds", ReservedConcurrentExecutions=870)
    assert unreserved() == 100

    client.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=30)
    assert unreserved() == 100


def test_each_published_version_stores_its_code_again(client: Any, mock: LambdaMock) -> None:
    size = len(zip_of())
    create(client)
    assert used(client) == (1, size)

    mock.clock.run_until_idle()
    client.update_function_code(FunctionName="orders", ZipFile=zip_of(), Publish=True)
    assert used(client) == (1, 2 * size)


def test_code_that_is_replaced_is_stored_no_longer(client: Any, mock: LambdaMock) -> None:
    create(client)
    mock.clock.run_until_idle()
    client.update_function_code(FunctionName="orders", ZipFile=answering("other"))

    assert used(client) == (1, len(answering("other")))


def test_each_layer_version_is_stored_until_it_is_deleted(client: Any) -> None:
    sizes = [publish(client)["Content"]["CodeSize"] for _ in range(2)]
    assert used(client) == (0, sum(sizes))

    client.delete_layer_version(LayerName="tools", VersionNumber=2)
    assert used(client) == (0, sizes[0])


def test_a_deleted_function_uses_nothing(client: Any) -> None:
    create(client, Publish=True)
    client.delete_function(FunctionName="orders")

    assert used(client) == (0, 0)


def test_each_region_is_counted_by_itself(client: Any) -> None:
    create(client)

    assert used(boto3.client("lambda", region_name="eu-west-1")) == (0, 0)
