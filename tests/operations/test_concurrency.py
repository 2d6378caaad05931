"""Reserved concurrency (recorded)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of, refused


def reserve(client: Any, number: int, name: str = "orders") -> Any:
    return client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)


@pytest.fixture
def created(client: Any) -> Any:
    create(client)
    return client


def test_what_is_reserved_is_shown_and_can_be_taken_back(created: Any) -> None:
    assert "ReservedConcurrentExecutions" not in created.get_function_concurrency(FunctionName="orders")

    assert reserve(created, 5)["ReservedConcurrentExecutions"] == 5
    assert created.get_function_concurrency(FunctionName="orders")["ReservedConcurrentExecutions"] == 5
    assert created.get_function(FunctionName="orders")["Concurrency"] == {"ReservedConcurrentExecutions": 5}

    created.delete_function_concurrency(FunctionName="orders")
    assert "ReservedConcurrentExecutions" not in created.get_function_concurrency(FunctionName="orders")


def test_one_hundred_stay_unreserved(created: Any) -> None:
    answer = refused(reserve, client=created, number=901)

    assert answer["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].",
    }
    assert "Type" not in answer
    assert reserve(created, 900)["ReservedConcurrentExecutions"] == 900


def test_what_others_have_reserved_counts(created: Any) -> None:
    create(created, "refunds")
    reserve(created, 500)

    assert error_of(reserve, client=created, number=401, name="refunds")[0] == 400
    assert reserve(created, 400, "refunds")["ReservedConcurrentExecutions"] == 400


def test_the_accounts_limit_can_be_set(created: Any, mock: LambdaMock) -> None:
    mock.backend.limits.concurrent_executions = 110

    assert error_of(reserve, client=created, number=11)[0] == 400
    assert reserve(created, 10)["ReservedConcurrentExecutions"] == 10


@pytest.mark.parametrize("name", ["orders:1", "orders:live", "orders:$LATEST", "nothing:1", ARN + "orders:live"])
def test_versions_and_aliases_reserve_nothing_of_their_own(created: Any, name: str) -> None:
    text = (
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN."
    )

    assert error_of(reserve, client=created, number=1, name=name) == (400, "InvalidParameterValueException", text)
    assert error_of(created.delete_function_concurrency, FunctionName=name)[2] == text
    assert "ReservedConcurrentExecutions" not in created.get_function_concurrency(FunctionName="orders")
