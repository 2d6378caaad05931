"""Tasks of state machines that moto's interpreter runs: what they get of a function, and of one that fails (recorded).

What moto's interpreter itself leaves out of a task's output, such as ``SdkHttpMetadata``, stays left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import ARN, create
from tests.neighbours.conftest import client, create_role

pytestmark = pytest.mark.needs("antlr4-python3-runtime", "jsonpath-ng")  # moto[stepfunctions]

FUNCTION = f"{ARN}orders"
INVOKE = "arn:aws:states:::lambda:invoke"
BY_ARN: dict[str, Any] = {"Resource": FUNCTION}


def by_invoke(function: str = "orders", **payload: Any) -> dict[str, Any]:
    return {"Resource": INVOKE, "Parameters": {"FunctionName": function, **(payload or {"Payload.$": "$"})}}


class CustomError(Exception):
    """As a function raises it."""


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config), mock_lambda(timings="instant") as mock:
        create_role()
        create(client("lambda"), Timeout=3)
        yield mock


def run(task: dict[str, Any], payload: Any) -> tuple[dict[str, Any], list[str]]:
    """Run a machine of one task. Return its execution and the types of the task's own events."""
    machines = client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "End": True, **task}}})
    role = "arn:aws:iam::123456789012:role/orders"
    machine = machines.create_state_machine(name="one", definition=definition, roleArn=role)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine, input=json.dumps(payload))["executionArn"]
    answer = machines.describe_execution(executionArn=execution)
    until = time.time() + 600
    while answer["status"] == "RUNNING" and time.time() < until:
        time.sleep(1)
        answer = machines.describe_execution(executionArn=execution)
    events = machines.get_execution_history(executionArn=execution)["events"]
    return answer, [
        one["type"] for one in events if one["type"].startswith(("Task", "Lambda")) and "State" not in one["type"]
    ]


@pytest.mark.parametrize(
    ("task", "sent", "came"),
    [
        (by_invoke(), {"a": 1}, {"a": 1}),
        (by_invoke(Payload=None), {"a": 1}, {}),
        (by_invoke(Payload="text"), {"a": 1}, "text"),
        (by_invoke(FUNCTION), ["a"], ["a"]),
    ],
)
def test_an_invoke_task_has_the_payload_in_its_output(
    m: LambdaMock, task: dict[str, Any], sent: Any, came: Any
) -> None:
    m.handler("orders", call=lambda event, _context: event)
    answer, events = run(task, sent)
    output = json.loads(answer["output"])
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == (came, 200, "$LATEST")
    assert events == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


def test_a_task_of_a_function_has_the_payload_as_its_output(m: LambdaMock) -> None:
    m.handler("orders", call=lambda event, _context: event)
    answer, events = run(BY_ARN, {"a": 1})
    assert json.loads(answer["output"]) == {"a": 1}
    assert events == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]


@pytest.mark.parametrize("error", [CustomError, ValueError])
@pytest.mark.parametrize(
    ("task", "failed"),
    [(by_invoke(), "TaskFailed"), (BY_ARN, "LambdaFunctionFailed")],
    ids=["invoke", "function"],
)
def test_a_function_that_raises_fails_its_task_with_the_type_and_all_of_the_error(
    m: LambdaMock, task: dict[str, Any], failed: str, error: type[Exception]
) -> None:
    m.handler("orders", side_effect=error("no"))
    answer, events = run(task, {})
    assert (answer["status"], answer["error"], events[-1]) == ("FAILED", error.__name__, failed)
    cause = json.loads(answer["cause"])
    assert (cause["errorMessage"], cause["errorType"]) == ("no", error.__name__)
    assert cause.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}


def test_a_function_that_is_not_there_is_an_error_of_lambda(m: LambdaMock) -> None:
    del m
    answer, _ = run(by_invoke(f"{FUNCTION}-gone"), {})
    assert answer["error"] == "Lambda.ResourceNotFoundException"
    head, _, rest = answer["cause"].partition("; Request ID: ")
    assert head == (
        f"Function not found: {FUNCTION}-gone:$LATEST (Service: AWSLambda; Status Code: 404; "
        "Error Code: ResourceNotFoundException"
    )
    assert rest.endswith("; Proxy: null)")


def test_a_throttled_function_is_an_error_of_lambda(m: LambdaMock) -> None:
    m.handler("orders", returns=None)
    client("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=0)
    assert run(by_invoke(), {})[0]["error"] == "Lambda.TooManyRequestsException"


def test_a_function_that_times_out_fails_its_task(m: LambdaMock) -> None:
    m.handler("orders", call=lambda _event, _context: time.sleep(10))
    assert run(by_invoke(), {})[0]["error"] == "Sandbox.Timedout"
