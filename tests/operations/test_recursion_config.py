"""Whether a function that invokes itself is stopped can be read and set (recorded; invocation-recursion.html)."""

from __future__ import annotations

from typing import Any

from tests.deploying import ARN, create, error_of


def test_recursion_is_stopped_unless_it_is_allowed(client: Any) -> None:
    create(client)
    assert client.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"] == "Terminate"

    allowed = client.put_function_recursion_config(FunctionName="orders", RecursiveLoop="Allow")
    assert allowed["RecursiveLoop"] == "Allow"
    assert client.get_function_recursion_config(FunctionName=ARN + "orders")["RecursiveLoop"] == "Allow"


def test_a_new_function_of_the_same_name_begins_anew(client: Any) -> None:
    create(client)
    client.put_function_recursion_config(FunctionName="orders", RecursiveLoop="Allow")
    client.delete_function(FunctionName="orders")
    create(client)

    assert client.get_function_recursion_config(FunctionName="orders")["RecursiveLoop"] == "Terminate"


def test_an_unknown_function_is_not_found(client: Any) -> None:
    refusal = (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody")

    assert error_of(client.get_function_recursion_config, FunctionName="nobody") == refusal
    assert error_of(client.put_function_recursion_config, FunctionName="nobody", RecursiveLoop="Allow") == refusal


def test_another_word_is_refused(client: Any) -> None:
    create(client)

    refusal = error_of(client.put_function_recursion_config, FunctionName="orders", RecursiveLoop="Never")
    assert refusal[:2] == (400, "ValidationException")
    assert "Value 'Never' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum" in refusal[2]
