"""The context object of a Python handler."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.execution.stage import REQUEST_ID, Stage, spec

MEMBERS = [
    "aws_request_id",
    "function_name",
    "function_version",
    "invoked_function_arn",
    "log_group_name",
    "memory_limit_in_mb",
    "tenant_id",
    "client_context",
]


def test_the_context_tells_what_was_invoked(stage: Stage) -> None:
    code = f"def handler(event, context): return {{name: getattr(context, name) for name in {MEMBERS}}}"
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    assert stage.result(spec(code, version="3", qualifier="live", invoked_arn=arn, memory_size=512)) == {
        "aws_request_id": REQUEST_ID,
        "function_name": "orders",
        "function_version": "3",
        "invoked_function_arn": arn,
        "log_group_name": "/aws/lambda/orders",
        "memory_limit_in_mb": "512",
        "tenant_id": None,
        "client_context": None,
    }


def test_the_log_stream_is_that_of_the_environment(stage: Stage) -> None:
    outcome = stage.invoke(spec("def handler(event, context): return context.log_stream_name", version="3"))
    assert json.loads(outcome.payload) == outcome.environment
    date, _, rest = outcome.environment.partition("[3]")
    assert date == "2026/01/01/"
    assert len(rest) == 32
    assert set(rest) <= set("0123456789abcdef")


def test_there_is_an_identity_even_if_nobody_is_known(stage: Stage) -> None:
    code = "def handler(e, c): return [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id]"
    assert stage.result(spec(code)) == [None, None]


def test_a_client_context_arrives_as_an_object(stage: Stage) -> None:
    seen: list[Any] = []
    stage.handlers.add("orders", call=lambda event, context: seen.append(context.client_context))
    given = {"custom": {"a": "b"}, "env": {"c": "d"}, "client": {"app_title": "shop"}}
    stage.invoke(spec(), client_context=base64.b64encode(json.dumps(given).encode()).decode())
    (client_context,) = seen
    assert (client_context.custom, client_context.env) == ({"a": "b"}, {"c": "d"})
    assert (client_context.client.app_title, client_context.client.installation_id) == ("shop", None)


def test_the_remaining_time_goes_down_with_the_clock(stage: Stage) -> None:
    seen: list[int] = []

    def handler(event: Any, context: Any) -> None:
        seen.append(context.get_remaining_time_in_millis())
        stage.sleep(1.25)
        seen.append(context.get_remaining_time_in_millis())
        stage.clock.advance(60)
        seen.append(context.get_remaining_time_in_millis())

    stage.handlers.add("orders", call=handler)
    stage.invoke(spec(timeout=3))
    assert seen == [3000, 1750, 0]


def test_a_context_prints_like_that_of_the_runtime(stage: Stage) -> None:
    log = stage.invoke(spec("def handler(event, context): print(context)")).log
    assert f"\nLambdaContext([aws_request_id={REQUEST_ID},log_group_name=/aws/lambda/orders,log_stream_name=" in log
    assert (
        "client_context=None,identity=CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None]),"
        "tenant_id=None])\n"
    ) in log


def test_the_context_can_log(stage: Stage) -> None:
    assert "\nas it is\nEND" in stage.invoke(spec("def handler(event, context): context.log('as it is\\n')")).log
