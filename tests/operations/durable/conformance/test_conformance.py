"""AWS's conformance requirements for SDKs of durable functions: the SDK for Python meets them here as it does on AWS.

The requirements, and the matcher of histories, are those of the package ``aws-durable-execution-conformance-tests``;
CONTRIBUTING.md says how to install it.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create

pytest.importorskip("aws_durable_execution_sdk_python")
pytest.importorskip("aws_durable_execution_conformance_tests.history")

from aws_durable_execution_conformance_tests import cloudwatch, history, variables
from aws_durable_execution_sdk_python import DurableContext, durable_execution

from .functions import HANDLERS
from .handlers import Counted
from .plugins import PLUGINS

LONGEST = 300
"""Seconds in which the longest of them has ended."""


def _requirements() -> dict[str, Any]:
    found = importlib.util.find_spec("aws_durable_execution_conformance_tests")
    assert found is not None
    assert found.origin is not None
    files = Path(found.origin).with_name("test_requirements").glob("*/*.yaml")
    return {file.stem: history.load_yaml_file(file) for file in files}


REQUIREMENTS = _requirements()
RUN = sorted(REQUIREMENTS.keys() & HANDLERS.keys())


class Outside:
    """The external system, which answers callbacks as *actions* say."""

    def __init__(self, client: Any, actions: list[dict[str, Any]], context: Any) -> None:
        self._client = client
        self._actions = [{**one, "CallbackName": context.substitute(one["CallbackName"])} for one in actions]
        self._context = context
        self._due: list[tuple[float, str, dict[str, Any]]] = []
        self._seen: set[str] = set()

    def act(self, events: list[dict[str, Any]], now: float) -> None:
        """Do what is due *now*; *events* is the history so far."""
        for event in events:
            if event["EventType"] == "CallbackStarted" and event["Id"] not in self._seen:
                self._seen.add(event["Id"])
                self._plan(event, now)
        for due, callback, action in [one for one in self._due if one[0] <= now]:
            self._due.remove((due, callback, action))
            self._send(callback, action)

    def _plan(self, event: dict[str, Any], now: float) -> None:
        for action in list(self._actions):
            if action["CallbackName"] in ("*", event.get("Name")):
                self._actions.remove(action)
                due = now + action.get("Delay", 0)
                self._due.append((due, event["CallbackStartedDetails"]["CallbackId"], action))
                if action["Operation"] != "heartbeat":
                    return

    def _send(self, callback: str, action: dict[str, Any]) -> None:
        payload = self._context.substitute(action.get("Payload"))
        send = getattr(self._client, f"send_durable_execution_callback_{action['Operation']}")
        if action["Operation"] == "failure":
            send(CallbackId=callback, Error=payload)
        elif payload is None:
            send(CallbackId=callback)
        else:
            send(CallbackId=callback, Result=json.dumps(payload).encode())


@pytest.fixture
def targets(mock: LambdaMock, client: Any) -> None:
    """The function, in JSON logs, and those that it invokes."""
    logs = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    create(client, Timeout=30, DurableConfig={"ExecutionTimeout": 86_400}, LoggingConfig=logs)
    for name, more in {
        "echo": {},
        "fails": {},
        "tenants": {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}},
    }.items():
        create(client, name, DurableConfig={"ExecutionTimeout": 600}, **more)

    def echo(event: Any, _context: DurableContext) -> Any:
        return event

    def fails(_event: Any, _context: DurableContext) -> Any:
        raise ValueError("the target fails")

    for name, code in {"echo": echo, "fails": fails, "tenants": echo}.items():
        mock.handler(name, call=durable_execution(code))
    mock.clock.run_until_idle()


@pytest.mark.usefixtures("targets")
@pytest.mark.parametrize("requirement", RUN)
def test_the_requirement_holds(
    mock: LambdaMock, client: Any, requirement: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")  # of the root logger, which is the test's where the handler is
    wanted, context, remembered = REQUIREMENTS[requirement], variables.PlaceholderContext(), Counted()
    context.resolve_variables(wanted.get("Variables"))
    work = HANDLERS[requirement]
    plugins = PLUGINS.get(requirement, list)()
    code: Any = durable_execution(plugins=plugins)
    mock.handler("orders", call=code(lambda event, inner: work(event, inner, remembered)))
    system = Outside(client, wanted.get("CallbackActions", []), context)
    payload = json.dumps(context.substitute(wanted.get("Input"))).encode()
    asked = {"FunctionName": "orders", "Qualifier": "$LATEST", "InvocationType": "Event", "Payload": payload}
    arn = client.invoke(**asked)["DurableExecutionArn"]

    for second in range(LONGEST if "ExpectedResult" in wanted else 1):
        mock.clock.advance(0 if second == 0 else 1)
        execution = client.get_durable_execution(DurableExecutionArn=arn)
        if execution["Status"] != "RUNNING":
            break
        system.act(list(events_of(client, arn)), second)

    matched = history.EventHistoryMatcher(context).match(
        wanted["ExpectedExecutionHistory"], list(events_of(client, arn))
    )
    assert not matched.errors, "\n".join(matched.errors)
    expected = wanted.get("ExpectedResult", {})
    assert expected.get("ExecutionStatus", execution["Status"]) == execution["Status"]
    if execution["Status"] == "SUCCEEDED" and "Result" in expected:
        found = json.loads(execution.get("Result", "null"))
        assert found == context.substitute(_parsed(expected["Result"], found))
    logged = cloudwatch.CloudWatchLogValidator().validate(wanted.get("ExpectedLogs", []), log_of(mock), context)
    assert not logged.errors, "\n".join(logged.errors)


def events_of(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    paginator = client.get_paginator("get_durable_execution_history")
    for page in paginator.paginate(DurableExecutionArn=arn):
        yield from page["Events"]


def _parsed(expected: Any, found: Any) -> Any:
    """Return an expected result as it is once parsed; some requirements have it as JSON."""
    return json.loads(expected) if isinstance(expected, str) and expected.startswith('"') else expected


def log_of(mock: LambdaMock) -> list[dict[str, Any]]:
    """Return the lines of the function's log as CloudWatch Logs has them, each later than the one before."""
    lines = [line for one in mock.invocations("orders") for line in one.log.splitlines()]
    return [{"message": line, "timestamp": place} for place, line in enumerate(lines)]


def test_every_requirement_is_run() -> None:
    assert {*REQUIREMENTS} - {*HANDLERS} == set()
