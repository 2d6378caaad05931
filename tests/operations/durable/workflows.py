"""What durable functions are made to do in tests, and what is asked about their executions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

INVALID = "InvalidParameterValueException"
LATEST = {"FunctionName": "orders", "Qualifier": "$LATEST"}
PENDING = {"Status": "PENDING"}

Update = dict[str, Any]
Script = Generator[Any, Any, None]
Workflow = Callable[[Any], None]


def start(client: Any, name: str = "one", payload: bytes = b'{"order": 7}') -> str:
    """Start an execution asynchronously and return its ARN."""
    answer = client.invoke(**LATEST, InvocationType="Event", DurableExecutionName=name, Payload=payload)
    return str(answer["DurableExecutionArn"])


def status(client: Any, arn: str) -> str:
    return str(client.get_durable_execution(DurableExecutionArn=arn)["Status"])


def history(client: Any, arn: str, **params: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get_durable_execution_history(DurableExecutionArn=arn, **params)["Events"]
    return events


def types(client: Any, arn: str) -> list[str]:
    return [event["EventType"] for event in history(client, arn) if event["EventType"] != "InvocationCompleted"]


def done(result: str = '"done"') -> dict[str, Any]:
    return {"Status": "SUCCEEDED", "Result": result}


def waiting(seconds: int) -> Script:
    yield [{"Id": "nap", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": seconds}}]
    yield PENDING
    yield done()
