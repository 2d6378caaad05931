"""Durable functions behind sources: what polls, and what waits for an answer, begins an execution and waits for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create
from tests.operations.durable.workflows import PENDING, done

from .conftest import client

QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
STAYS = {"ExecutionTimeout": 900}


@pytest.fixture
def workflow(m: LambdaMock) -> str:
    """A durable function."""
    create(client(), "workflow", DurableConfig=STAYS)
    return "workflow:$LATEST"


def connect(function: str, source: str, **members: Any) -> None:
    client().create_event_source_mapping(FunctionName=function, EventSourceArn=source, **members)


def napping(m: LambdaMock, seconds: int, end: dict[str, Any]) -> list[Any]:
    """Let the workflow wait for so long, and end so. Return the inputs of its executions."""
    inputs: list[Any] = []

    def handler(event: Any, _context: Any) -> Any:
        operations = event["InitialExecutionState"]["Operations"]
        if len(operations) > 1:
            return end
        inputs.append(json.loads(operations[0]["ExecutionDetails"]["InputPayload"]))
        nap = {"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": seconds}}
        client().checkpoint_durable_execution(
            DurableExecutionArn=event["DurableExecutionArn"], CheckpointToken=event["CheckpointToken"], Updates=[nap]
        )
        return PENDING

    m.handler("workflow", call=handler)
    return inputs


def test_a_batch_is_done_when_its_execution_has_succeeded(m: LambdaMock, workflow: str) -> None:
    inputs = napping(m, 20, done("null"))
    connect(workflow, QUEUE)

    m.source(QUEUE).put("one")
    m.clock.advance(10)
    assert (m.source(QUEUE).in_flight, m.durable("workflow").latest.status) == (["one"], "RUNNING")
    m.clock.advance(11)

    assert [record["body"] for event in inputs for record in event["Records"]] == ["one"]
    assert (m.source(QUEUE).in_flight, m.durable("workflow").latest.status) == ([], "SUCCEEDED")
    assert m.mapping(QUEUE).totals["succeeded"] == 1


def test_messages_return_when_an_execution_has_failed(m: LambdaMock, workflow: str) -> None:
    inputs = napping(m, 5, {"Status": "FAILED", "Error": {"ErrorType": "Boom", "ErrorMessage": "no"}})
    m.source(QUEUE).configure(visibility_timeout=30)
    connect(workflow, QUEUE)

    m.source(QUEUE).put("one")
    m.clock.advance(40)

    counts = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in inputs]
    assert counts == ["1", "2"]
    assert m.mapping(QUEUE).batches[0].attempts[0].detail == "Boom: no"


def test_an_execution_that_times_out_has_failed_its_batch(m: LambdaMock) -> None:
    create(client(), "workflow", DurableConfig={"ExecutionTimeout": 60})
    napping(m, 3600, done())
    connect("workflow:$LATEST", QUEUE)

    m.source(QUEUE).put("one")
    m.clock.advance(61)

    assert m.durable("workflow").executions[0].status == "TIMED_OUT"
    assert m.mapping(QUEUE).batches[0].outcome == "Left"


def test_an_execution_reports_which_of_its_messages_have_failed(m: LambdaMock, workflow: str) -> None:
    def handler(event: Any, _context: Any) -> Any:
        records = json.loads(event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"]["InputPayload"])
        bad = [one["messageId"] for one in records["Records"] if one["body"] == "bad"]
        return done(json.dumps({"batchItemFailures": [{"itemIdentifier": one} for one in bad]}))

    m.handler("workflow", call=handler)
    connect(workflow, QUEUE, FunctionResponseTypes=["ReportBatchItemFailures"])

    m.source(QUEUE).put("good", "bad")
    m.clock.advance(1)

    assert m.source(QUEUE).in_flight == ["bad"]


def test_the_next_batch_of_a_shard_waits_for_the_end_of_the_execution(m: LambdaMock, workflow: str) -> None:
    napping(m, 60, done())
    connect(workflow, STREAM, StartingPosition="TRIM_HORIZON", BatchSize=1)

    m.source(STREAM).put("a", "b")
    m.clock.advance(59)
    assert len(m.durable("workflow").executions) == 1
    m.clock.advance(70)

    assert [one.status for one in m.durable("workflow").executions] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_batch_whose_executions_fail_is_lost_to_the_destination(m: LambdaMock, workflow: str) -> None:
    napping(m, 1, {"Status": "FAILED", "Error": {"ErrorType": "Boom", "ErrorMessage": "no"}})
    members = {"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": DEAD}}}
    connect(workflow, STREAM, StartingPosition="TRIM_HORIZON", **members)

    m.source(STREAM).put("a")
    m.clock.advance(60)

    (record,) = map(json.loads, m.source(DEAD).waiting)
    assert len(m.durable("workflow").executions) == 2
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}


@pytest.mark.parametrize(
    ("function", "config", "why"),
    [
        ("workflow", STAYS, "unqualified ARN"),
        ("workflow:$LATEST", {"ExecutionTimeout": 901}, "greater than 15 minutes"),
    ],
    ids=["unqualified", "too long"],
)
def test_a_mapping_says_why_no_execution_can_begin(m: LambdaMock, function: str, config: Any, why: str) -> None:
    create(client(), "workflow", DurableConfig=config)
    m.handler("workflow", returns=done())
    connect(function, QUEUE)

    m.source(QUEUE).put("one")
    m.clock.advance(5)

    assert m.durable("workflow").executions == []
    assert why in str(m.mapping(QUEUE))


def test_a_service_that_waits_is_answered_with_the_result_of_an_execution(m: LambdaMock, workflow: str) -> None:
    napping(m, 30, done('{"ok": true}'))
    before = m.clock.now

    assert m.events.sqs(QUEUE, "one").send(workflow) == {"ok": True}
    assert (m.clock.now - before).total_seconds() >= 30


def test_a_destination_that_is_durable_begins_an_execution(m: LambdaMock, workflow: str) -> None:
    napping(m, 30, done())
    m.handler("orders", returns={"total": 7})
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{workflow}"
    client().put_function_event_invoke_config(
        FunctionName="orders", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )

    client().invoke(FunctionName="orders", InvocationType="Event", Payload=b"{}")
    m.clock.advance(60)

    (execution,) = m.durable("workflow").executions
    assert (execution.status, execution.input["responsePayload"]) == ("SUCCEEDED", {"total": 7})


def test_a_destination_that_is_durable_and_unqualified_is_not_reached(m: LambdaMock, workflow: str) -> None:
    m.handler("orders", returns={"total": 7})
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{workflow.partition(':')[0]}"
    client().put_function_event_invoke_config(
        FunctionName="orders", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )

    client().invoke(FunctionName="orders", InvocationType="Event", Payload=b"{}")
    m.clock.advance(1)

    (message,) = m.destinations
    assert "unqualified ARN" in (message.error or "")
