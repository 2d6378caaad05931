"""Event source mappings of queues, streams and tables that moto has."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from .conftest import REGION


@pytest.fixture
def queue() -> str:
    sqs: Any = boto3.resource("sqs", region_name=REGION)
    arn: str = sqs.create_queue(QueueName="test-sqs-queue1").attributes["QueueArn"]
    return arn


def test_create_event_source_mapping(conn: Any, function: Any, queue: str) -> None:
    created = conn.create_event_source_mapping(EventSourceArn=queue, FunctionName=function["FunctionArn"])
    assert created["EventSourceArn"] == queue
    assert created["FunctionArn"] == function["FunctionArn"]
    assert created["BatchSize"] == 10
    assert created["State"] == "Creating"  # moto says Enabled
    assert conn.get_event_source_mapping(UUID=created["UUID"])["State"] == "Enabled"


def test_list_event_source_mappings(conn: Any, function: Any, queue: str) -> None:
    created = conn.create_event_source_mapping(EventSourceArn=queue, FunctionName="testFunction")
    (found,) = conn.list_event_source_mappings(EventSourceArn=queue)["EventSourceMappings"]
    assert found["UUID"] == created["UUID"]
    assert conn.list_event_source_mappings(EventSourceArn=f"{queue}-other")["EventSourceMappings"] == []


def test_update_event_source_mapping(conn: Any, function: Any, queue: str) -> None:
    uuid = conn.create_event_source_mapping(EventSourceArn=queue, FunctionName="testFunction")["UUID"]
    conn.get_event_source_mapping(UUID=uuid)
    conn.update_event_source_mapping(UUID=uuid, BatchSize=2, Enabled=False)
    found = conn.get_event_source_mapping(UUID=uuid)
    assert (found["BatchSize"], found["State"]) == (2, "Disabled")


def test_delete_event_source_mapping(conn: Any, function: Any, queue: str) -> None:
    uuid = conn.create_event_source_mapping(EventSourceArn=queue, FunctionName="testFunction")["UUID"]
    conn.get_event_source_mapping(UUID=uuid)
    assert conn.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    with pytest.raises(conn.exceptions.ResourceNotFoundException):
        conn.get_event_source_mapping(UUID=uuid)


def test_a_mapping_for_a_function_that_is_not_there(conn: Any, queue: str) -> None:
    with pytest.raises(conn.exceptions.ClientError):
        conn.create_event_source_mapping(EventSourceArn=queue, FunctionName="nothing")
