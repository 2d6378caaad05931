"""What is told about executions, and how functions are made durable."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import ARN, create, error_of
from tests.operations.durable.workflows import (
    INVALID,
    LATEST,
    Workflow,
    done,
    history,
    start,
    waiting,
)


@pytest.mark.usefixtures("durable")
def test_an_execution_tells_its_input_result_and_configuration(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done())
    arn = client.invoke(**LATEST, DurableExecutionName="one", Payload=b'{"order": 7}')["DurableExecutionArn"]

    answer = client.get_durable_execution(DurableExecutionArn=arn)
    answer.pop("ResponseMetadata")

    assert answer == {
        "DurableExecutionArn": arn,
        "DurableExecutionName": "one",
        "FunctionArn": f"{ARN}orders:$LATEST",
        "Version": "$LATEST",
        "Status": "SUCCEEDED",
        "InputPayload": '{"order": 7}',
        "Result": '"done"',
        "StartTimestamp": mock.clock.now,
        "EndTimestamp": mock.clock.now,
        "ExecutionDataIncluded": True,
        "DurableConfig": {"ExecutionTimeout": 600, "RetentionPeriodInDays": 2},
    }


@pytest.mark.usefixtures("durable")
def test_data_can_be_left_out(mock: LambdaMock, client: Any) -> None:
    mock.handler("orders", returns=done())
    arn = client.invoke(**LATEST)["DurableExecutionArn"]

    execution = client.get_durable_execution(DurableExecutionArn=arn, IncludeExecutionData=False)
    events = history(client, arn, IncludeExecutionData=False)

    assert execution["ExecutionDataIncluded"] is False
    assert {"InputPayload", "Result"} & set(execution) == set()
    assert events[0]["ExecutionStartedDetails"]["Input"] == {"Truncated": False}


def test_a_history_is_numbered_and_pages_through(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    arn = start(client)
    mock.clock.run_until_idle()
    paginator = client.get_paginator("get_durable_execution_history")

    pages = list(paginator.paginate(DurableExecutionArn=arn, PaginationConfig={"PageSize": 4}))

    assert [[one["EventId"] for one in page["Events"]] for page in pages] == [[1, 2, 3, 4], [5, 6]]
    assert [one["EventId"] for one in history(client, arn, ReverseOrder=True)] == [6, 5, 4, 3, 2, 1]


def test_executions_are_listed_newest_first_and_page_through(mock: LambdaMock, client: Any, workflow: Workflow) -> None:
    workflow(lambda: waiting(60))
    for name in ("a", "b", "c"):
        start(client, name)
        mock.clock.advance(25)
    mid = datetime.fromisoformat("2026-01-01T00:00:20+00:00")

    def listed(**params: Any) -> list[str]:
        paginator = client.get_paginator("list_durable_executions_by_function")
        pages = paginator.paginate(FunctionName="orders", PaginationConfig={"PageSize": 2}, **params)
        return [one["DurableExecutionName"] for page in pages for one in page["DurableExecutions"]]

    assert listed() == ["c", "b", "a"]
    assert listed(ReverseOrder=True) == ["a", "b", "c"]
    assert listed(Statuses=["RUNNING"]) == ["c", "b"]
    assert listed(DurableExecutionName="b") == ["b"]
    assert (listed(StartedAfter=mid), listed(StartedBefore=mid)) == (["c", "b"], ["a"])
    assert listed(Qualifier="$LATEST") == ["c", "b", "a"]


@pytest.mark.parametrize(("newest_first", "expected"), [(True, [["c", "b"], ["a"]]), (False, [["a", "b"], ["c", "d"]])])
def test_an_execution_that_begins_between_two_pages_shifts_none(
    client: Any, workflow: Workflow, newest_first: bool, expected: list[list[str]]
) -> None:
    workflow(lambda: waiting(60))
    for name in ("a", "b", "c"):
        start(client, name)

    def page(**params: Any) -> tuple[list[str], str | None]:
        answer = client.list_durable_executions_by_function(
            FunctionName="orders", MaxItems=2, ReverseOrder=not newest_first, **params
        )
        return [one["DurableExecutionName"] for one in answer["DurableExecutions"]], answer.get("NextMarker")

    first, marker = page()
    start(client, "d")
    second, end = page(Marker=marker)

    assert ([first, second], end) == (expected, None)


def test_an_execution_that_is_gone_between_two_pages_shifts_none(
    mock: LambdaMock, client: Any, workflow: Workflow
) -> None:
    workflow(lambda: waiting(60))
    for name in ("a", "b", "c", "d"):
        start(client, name)
        mock.clock.advance(3600)
    mock.clock.advance(timedelta(hours=40))  # a marker is good for a day
    asked = {"FunctionName": "orders", "ReverseOrder": True, "MaxItems": 2}
    marker = client.list_durable_executions_by_function(**asked)["NextMarker"]
    mock.clock.advance(timedelta(hours=4.5))  # the first has been kept for as long as it is

    rest = client.list_durable_executions_by_function(**asked, Marker=marker)["DurableExecutions"]

    assert [one["DurableExecutionName"] for one in rest] == ["c", "d"]
    left = client.list_durable_executions_by_function(FunctionName="orders")["DurableExecutions"]
    assert "a" not in [one["DurableExecutionName"] for one in left]


def test_the_executions_of_an_unknown_function_cannot_be_listed(client: Any) -> None:
    answer = error_of(client.list_durable_executions_by_function, FunctionName="nobody")

    assert answer == (404, "ResourceNotFoundException", f"Function not found: {ARN}nobody")


def test_a_durable_function_says_how_long_it_may_take(client: Any) -> None:
    assert error_of(create, client=client, DurableConfig={"RetentionPeriodInDays": 1})[:2] == (400, INVALID)


def test_a_function_is_made_durable_at_its_creation_only(mock: LambdaMock, client: Any) -> None:
    create(client)
    mock.clock.run_until_idle()

    answer = error_of(
        client.update_function_configuration, FunctionName="orders", DurableConfig={"ExecutionTimeout": 60}
    )

    assert answer[:2] == (400, INVALID)


@pytest.mark.usefixtures("durable")
def test_the_configuration_of_a_durable_function_can_be_updated(client: Any) -> None:
    answer = client.update_function_configuration(FunctionName="orders", DurableConfig={"ExecutionTimeout": 60})

    assert answer["DurableConfig"] == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 2}


@pytest.mark.parametrize("emptied", ["created", "updated"])
def test_an_empty_key_of_the_data_is_none(mock: LambdaMock, client: Any, emptied: str) -> None:
    config = {"ExecutionTimeout": 60, "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k"}
    if emptied == "created":
        config["KMSKeyArn"] = ""
    create(client, DurableConfig=config)
    mock.clock.run_until_idle()
    if emptied == "updated":
        client.update_function_configuration(FunctionName="orders", DurableConfig={"KMSKeyArn": ""})

    assert client.get_function_configuration(FunctionName="orders")["DurableConfig"] == {"ExecutionTimeout": 60}


@pytest.mark.usefixtures("durable")
@pytest.mark.parametrize(("qualifier", "version"), [("live", "1"), ("1", "1"), ("$LATEST", "$LATEST")])
def test_an_execution_names_the_version_that_it_runs_on_whatever_it_was_invoked_by(
    mock: LambdaMock, client: Any, qualifier: str, version: str
) -> None:
    mock.handler("orders", returns=done())
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")

    arn = client.invoke(FunctionName="orders", Qualifier=qualifier)["DurableExecutionArn"]
    execution = client.get_durable_execution(DurableExecutionArn=arn)
    (listed,) = client.list_durable_executions_by_function(FunctionName="orders", Qualifier=qualifier)[
        "DurableExecutions"
    ]

    assert (execution["FunctionArn"], execution["Version"]) == (f"{ARN}orders:{version}", version)
    assert (listed["DurableExecutionArn"], listed["FunctionArn"]) == (arn, f"{ARN}orders:{version}")
