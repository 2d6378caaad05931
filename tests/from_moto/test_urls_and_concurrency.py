"""Function URLs, reserved concurrency, and settings of asynchronous invocation."""

from __future__ import annotations

from typing import Any

import pytest
import requests


@pytest.mark.parametrize("key", ["FunctionName", "FunctionArn"])
def test_create_get_and_delete_url(conn: Any, function: Any, key: str) -> None:
    created = conn.create_function_url_config(AuthType="NONE", FunctionName=function[key])
    assert created["FunctionArn"] == function["FunctionArn"]
    found = conn.get_function_url_config(FunctionName=function[key])
    assert (found["FunctionUrl"], found["AuthType"]) == (created["FunctionUrl"], "NONE")
    conn.delete_function_url_config(FunctionName=function[key])
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_function_url_config(FunctionName=function[key])


def test_url_with_cors_is_updated(conn: Any, function: Any) -> None:
    conn.create_function_url_config(
        AuthType="NONE", FunctionName="testFunction", Cors={"AllowOrigins": ["https://a.example"]}
    )
    changed = conn.update_function_url_config(
        FunctionName="testFunction", AuthType="AWS_IAM", Cors={"AllowCredentials": True}
    )
    assert (changed["AuthType"], changed["Cors"]) == ("AWS_IAM", {"AllowCredentials": True})


def test_a_url_can_be_called(conn: Any, function: Any) -> None:  # moto's cannot
    url = conn.create_function_url_config(AuthType="NONE", FunctionName="testFunction")["FunctionUrl"]
    common = {"FunctionName": "testFunction", "Principal": "*"}
    conn.add_permission(**common, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    conn.add_permission(**common, StatementId="run", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    assert requests.post(url, json={"id": 7}, timeout=5).json()["body"] == '{"id": 7}'


def test_put_get_and_delete_concurrency(conn: Any, function: Any) -> None:
    conn.put_function_concurrency(FunctionName="testFunction", ReservedConcurrentExecutions=15)
    found = conn.get_function_concurrency(FunctionName="testFunction")
    assert found["ReservedConcurrentExecutions"] == 15
    assert conn.get_function(FunctionName="testFunction")["Concurrency"] == {"ReservedConcurrentExecutions": 15}
    conn.delete_function_concurrency(FunctionName="testFunction")
    assert "ReservedConcurrentExecutions" not in conn.get_function_concurrency(FunctionName="testFunction")


def test_too_much_concurrency(conn: Any, function: Any) -> None:
    with pytest.raises(conn.exceptions.InvalidParameterValueException, match="UnreservedConcurrentExecution"):
        conn.put_function_concurrency(FunctionName="testFunction", ReservedConcurrentExecutions=999)


def test_event_invoke_config(conn: Any, function: Any) -> None:
    conn.put_function_event_invoke_config(
        FunctionName="testFunction", MaximumRetryAttempts=1, MaximumEventAgeInSeconds=100
    )
    found = conn.get_function_event_invoke_config(FunctionName="testFunction")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (1, 100)
    conn.delete_function_event_invoke_config(FunctionName="testFunction")
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_function_event_invoke_config(FunctionName="testFunction")
