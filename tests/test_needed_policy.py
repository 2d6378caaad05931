"""What a call is about: in the answer to one that is denied, and for what is denied on one function alone."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of

LAMBDA = ARN.removesuffix("function:")
EXECUTION = f"{ARN}orders:$LATEST/durable-execution/one/two"
UUID = "12345678-1234-1234-1234-123456789012"
SIGNING = f"{LAMBDA}code-signing-config:csc-0123456789abcdefg"

ABOUT: list[tuple[str, dict[str, Any], str]] = [
    ("get_function", {"FunctionName": "orders"}, f"{ARN}orders"),
    ("get_function", {"FunctionName": "orders", "Qualifier": "1"}, f"{ARN}orders:1"),
    ("invoke", {"FunctionName": "orders:live"}, f"{ARN}orders:live"),
    ("list_tags", {"Resource": f"{ARN}orders"}, f"{ARN}orders"),
    ("tag_resource", {"Resource": f"{ARN}orders", "Tags": {"a": "b"}}, f"{ARN}orders"),
    ("get_durable_execution", {"DurableExecutionArn": EXECUTION}, EXECUTION),
    ("get_durable_execution_history", {"DurableExecutionArn": EXECUTION}, EXECUTION),
    ("stop_durable_execution", {"DurableExecutionArn": EXECUTION}, EXECUTION),
    ("list_durable_executions_by_function", {"FunctionName": "orders"}, f"{ARN}orders"),
    ("get_layer_version", {"LayerName": "tools", "VersionNumber": 2}, f"{LAMBDA}layer:tools:2"),
    ("get_layer_version_by_arn", {"Arn": f"{LAMBDA}layer:tools:2"}, f"{LAMBDA}layer:tools:2"),
    ("get_event_source_mapping", {"UUID": UUID}, f"{LAMBDA}event-source-mapping:{UUID}"),
    ("get_code_signing_config", {"CodeSigningConfigArn": SIGNING}, SIGNING),
    ("get_capacity_provider", {"CapacityProviderName": "fleet"}, f"{LAMBDA}capacity-provider:fleet"),
    ("list_functions", {}, "*"),
    ("get_account_settings", {}, "*"),
]
OF_ORDERS = [(call, params) for call, params, resource in ABOUT if ":orders" in resource]


@pytest.mark.parametrize(("call", "params", "resource"), ABOUT)
def test_who_may_not_is_told_on_what(
    mock: LambdaMock, client: Any, call: str, params: dict[str, Any], resource: str
) -> None:
    mock.world.deny("lambda:*")

    status, code, text = error_of(getattr(client, call), **params)

    assert (status, code) == (403, "AccessDeniedException")
    assert f" on resource: {resource} because " in text


@pytest.mark.parametrize(("call", "params"), OF_ORDERS)
def test_what_is_denied_on_a_function_is_so_however_that_is_named(
    mock: LambdaMock, client: Any, call: str, params: dict[str, Any]
) -> None:
    mock.world.deny("lambda:*", function="orders")

    assert error_of(getattr(client, call), **params)[:2] == (403, "AccessDeniedException")


def test_what_is_denied_on_a_function_is_allowed_on_others(mock: LambdaMock, client: Any) -> None:
    create(client, "refunds")
    mock.world.deny("lambda:*", function="orders")

    assert client.list_tags(Resource=f"{ARN}refunds")["Tags"] == {}
