"""boto3 with ``endpoint_url``, in a process without a mock: this one."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.real_clients.conftest import World
from tests.server.conftest import allowed_to_connect

__all__ = ["allowed_to_connect"]
pytestmark = pytest.mark.real_clients


@pytest.fixture
def client(world: World, allowed_to_connect: None) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=world.url,
        region_name="eu-west-1",
        aws_access_key_id="AKIDMADEUP",
        aws_secret_access_key="made-up",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
    )


@pytest.fixture
def orders(client: Any, world: World, archive: bytes) -> Any:
    """A function that is Pending, until the test is over."""
    world.ask("PUT", "/handlers/orders", {"returns": {"ok": True}})
    made = client.create_function(
        FunctionName="orders",
        Runtime="python3.13",
        Handler="app.handler",
        Role="arn:aws:iam::123456789012:role/orders",
        Code={"ZipFile": archive},
    )
    yield made
    client.delete_function(FunctionName="orders")


def test_a_waiter_ends_with_its_second_look(client: Any, orders: Any) -> None:
    assert orders["State"] == "Pending"
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.update_function_configuration(FunctionName="orders", Timeout=9)
    waiter = client.get_waiter("function_active_v2")
    waiter.wait(FunctionName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    assert client.get_function(FunctionName="orders")["Configuration"]["State"] == "Active"


@pytest.mark.usefixtures("orders")
def test_it_invokes_and_reads_the_event_stream(client: Any) -> None:
    client.get_waiter("function_active_v2").wait(FunctionName="orders", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    invoked = client.invoke(FunctionName="orders", Payload=b'{"id": 7}', LogType="Tail")
    assert json.loads(invoked["Payload"].read()) == {"ok": True}
    events = list(client.invoke_with_response_stream(FunctionName="orders", Payload=b"{}")["EventStream"])
    assert b"".join(one["PayloadChunk"]["Payload"] for one in events[:-1]) == b'{"ok": true}'
    assert events[-1] == {"InvokeComplete": {}}


@pytest.mark.usefixtures("orders")
def test_it_tries_again_after_throttles_and_broken_connections(client: Any, world: World) -> None:
    for fault in ({"error": "TooManyRequestsException"}, {"disconnect": True}):
        world.ask("POST", "/faults", {"call": "GetFunction", "times": 2, **fault})
        told = client.get_function(FunctionName="orders")["ResponseMetadata"]
        assert told["RetryAttempts"] == 2


def test_a_function_that_is_not_there_raises_its_error(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found: "):
        client.get_function(FunctionName="nobody")
