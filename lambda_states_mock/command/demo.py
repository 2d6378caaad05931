"""The main job, told as it runs: a function goes through its life on a virtual clock."""

from __future__ import annotations

import io
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

from lambda_states_mock.instants import date_and_time
from lambda_states_mock.mock import LambdaMock, mock_lambda
from lambda_states_mock.reporting.lanes import shown

ROLE = "arn:aws:iam::123456789012:role/orders"
OLD = "def handler(event, context):\n    return {'code': 'old', 'order': event['order']}\n"
NEW = "def handler(event, context):\n    return {'code': 'new', 'order': event['order']}\n"


def zipped(source: str) -> bytes:
    """Return a zip that holds *source* as ``app.py``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), source)
    return content.getvalue()


def run(say: Callable[[str], None] = print) -> None:
    """Take the function ``orders`` through its life and tell each step with *say*; the timeline comes last."""
    started = time.perf_counter()
    with mock_lambda(start="2026-01-01T00:00:00Z", seed=7) as mock:
        _live(mock, say)
        slept = (mock.clock.now - mock.timeline[0].at).days
    took = time.perf_counter() - started
    say("")
    say("The timeline:")
    say(shown(mock.timeline, sys.stdout))
    say("")
    say(f"{slept} days of a function's life, in {took:.2f} s.")


def _live(mock: LambdaMock, say: Callable[[str], None]) -> None:
    from botocore.session import Session

    client: Any = Session().create_client("lambda")
    orders = mock.function("orders")

    def told(text: str) -> None:
        say(f"{date_and_time(mock.clock.now)}  {text}")

    def invoke() -> str:
        try:
            answer = client.invoke(FunctionName="orders", Payload=b'{"order": 1}')
        except client.exceptions.ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return str(answer["Payload"].read().decode())

    created = client.create_function(
        FunctionName="orders",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": zipped(OLD)},
        VpcConfig={"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]},
    )
    told(f"created in a VPC: {created['State']} ({created['StateReason']})")
    told(f"invoked at once: {invoke()}")
    _wait(client, "function_active_v2")
    told(f"waited for: {orders.state}")
    told(f"invoked: {invoke()}")
    client.update_function_code(FunctionName="orders", ZipFile=zipped(NEW))
    told(f"updated: {orders.state}, last update {orders.last_update_status}")
    told(f"invoked, and the old code answers: {invoke()}")
    _wait(client, "function_updated_v2")
    told(f"invoked, and the new code answers: {invoke()}")
    mock.clock.advance(15 * 86_400)
    told(f"left alone for fifteen days: {orders.state} ({orders.state_reason_code})")
    told(f"invoked, which wakes it: {invoke()}")
    mock.clock.advance_until(lambda: orders.state == "Active", within=600)
    told(f"restored: {orders.state}")
    told(f"invoked: {invoke()}")


def _wait(client: Any, waiter: str) -> None:
    client.get_waiter(waiter).wait(FunctionName="orders")
