"""Worlds that the page is shown with: those of the screenshots, and a long one."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.engine.timeline import Entry, Timeline, Transition, instant_text
from tests.deploying import answering, create

START = "2026-01-01T00:00:00Z"
JOBS = "arn:aws:sqs:us-east-1:123456789012:jobs"
DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
VPC = {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]}


def client_of_lambda() -> Any:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return boto3.client("lambda", region_name="us-east-1", config=config)


def invoke(client: Any, **params: Any) -> None:
    """Invoke ``orders``, and let a refusal pass."""
    with suppress(ClientError):
        client.invoke(FunctionName="orders", Payload=b'{"order": 1}', **params)


def demo() -> LambdaMock:
    """What ``lambda-states-mock demo`` does: a function in a VPC is made, updated, left alone and woken."""
    with mock_lambda(start=START, seed=7) as m:
        client = client_of_lambda()
        create(client, Code={"ZipFile": answering("old")}, VpcConfig=VPC)
        invoke(client)
        client.get_waiter("function_active_v2").wait(FunctionName="orders", WaiterConfig={"Delay": 25})
        invoke(client)
        client.update_function_code(FunctionName="orders", ZipFile=answering("new"))
        invoke(client)
        client.get_waiter("function_updated_v2").wait(FunctionName="orders")
        invoke(client)
        m.clock.advance(timedelta(days=15))
        invoke(client)
        m.clock.advance_until(lambda: m.function("orders").state == "Active", within=600)
        invoke(client)
    return m


def idle_life() -> LambdaMock:
    """A function falls idle and is woken, falls idle again, and cannot be woken: its subnet has no address left."""
    with mock_lambda(start=START, seed=7) as m:
        client = client_of_lambda()
        create(client, VpcConfig=VPC)
        m.clock.run_until_idle()
        m.handler("orders", returns={"ok": True}, init=0.8, duration=0.2)
        invoke(client)
        m.clock.advance(timedelta(days=14, minutes=1))
        invoke(client)
        m.clock.run_until_idle()
        invoke(client)
        m.clock.advance(timedelta(days=20))
        m.world.subnets["subnet-0a1b2c3d"].exhaust()
        invoke(client)
        m.clock.run_until_idle()
        invoke(client)
    return m


def poison_message() -> LambdaMock:
    """A message that its function can never handle goes round and round; an event ends in the dead-letter queue."""
    with mock_lambda(start=START, seed=7) as m:
        client = client_of_lambda()
        m.faults.on_call("CreateEventSourceMapping").error("TooManyRequestsException", times=1)
        create(client, DeadLetterConfig={"TargetArn": DEAD}, Timeout=10)
        m.clock.run_until_idle()

        @m.handler("orders", init=0.6, duration=0.3)
        def orders(event: Any, context: Any) -> Any:
            bodies = [record["body"] for record in event.get("Records", [])] or [json.dumps(event)]
            print("handling", bodies)
            if any("poison" in body for body in bodies):
                raise ValueError("cannot read the order: poison")
            return {"handled": len(bodies)}

        for _ in range(2):
            with suppress(ClientError):
                client.create_event_source_mapping(FunctionName="orders", EventSourceArn=JOBS)
        m.clock.run_until_idle()
        jobs = m.source(JOBS)
        jobs.put('{"order": 1}')
        m.clock.advance(5)
        jobs.put('{"order": "poison"}')
        m.clock.advance(timedelta(seconds=75))
        client.invoke(FunctionName="orders", Payload=b'{"order": "poison"}', InvocationType="Event")
        m.clock.advance(timedelta(minutes=4))
    return m


def long_life(count: int) -> Timeline:
    """Return a timeline of *count* rows and more: functions that are updated and invoked again and again."""
    began = datetime(2026, 1, 1, tzinfo=timezone.utc)
    changes, entries = [], []
    for number in range(count // 4):
        at, name = began + timedelta(seconds=number * 7), f"function-{number % 12}"
        for after, later in (("InProgress", 0), ("Failed" if number % 50 == 0 else "Successful", 3)):
            changes.append(
                Transition(at + timedelta(seconds=later), name, "LastUpdateStatus", None, after, "UpdateFunctionCode")
            )
        call = {"kind": "call", "at": instant_text(at), "subject": name, "operation": "UpdateFunctionCode"}
        entries.append(Entry(at, None, {**call, "params": {"FunctionName": name}, "response": {"number": number}}))
        until = at + timedelta(seconds=1.5)
        run = {
            "kind": "invocation",
            "at": instant_text(at),
            "until": instant_text(until),
            "subject": name,
            "attempt": 1,
        }
        entries.append(
            Entry(at, None, {**run, "error": None, "request_id": f"request {number}", "log": f"line {number}\n"})
        )
    return Timeline(changes, beside=lambda *, secrets: entries)


def durable_execution() -> LambdaMock:
    """An order that is charged at the second try, waits for an approval and for a night, and is delivered."""
    from aws_durable_execution_sdk_python import DurableContext, durable_execution
    from aws_durable_execution_sdk_python.config import Duration

    charges: list[str] = []

    def charge(_step: Any) -> str:
        charges.append("tried")
        if len(charges) == 1:
            raise ConnectionError("the bank does not answer")
        return "paid"

    def handle(event: Any, context: DurableContext) -> Any:
        paid = context.step(charge, name="charge")
        approval = context.wait_for_callback(lambda _id, _context: None, name="approval")
        context.wait(Duration.from_days(1), name="night")
        return [paid, approval, context.step(lambda _step: "delivered", name="deliver")]

    with mock_lambda(start=START, seed=7) as m:
        client = client_of_lambda()
        create(client, DurableConfig={"ExecutionTimeout": 864_000})
        m.clock.run_until_idle()
        m.handler("orders", call=durable_execution(handle), init=0.4)
        execution = m.durable("orders").run({"order": 7})
        m.clock.advance(timedelta(hours=3))
        m.durable("orders").callback("approval").succeed("yes")
        execution.go_on()
    return m


STORIES = {
    "demo": demo,
    "idle-life": idle_life,
    "poison-message": poison_message,
    "durable-execution": durable_execution,
}
