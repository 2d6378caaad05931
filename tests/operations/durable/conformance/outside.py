"""Functions that wait for others: for callbacks, and for functions that they invoke."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, InvokeConfig, WaitForCallbackConfig

from .handlers import Counted, coded, failing, handles, tried

SECOND = Duration.from_seconds(1)


def seconds(number: int) -> Duration:
    return Duration.from_seconds(number)


def asked(context: Any, name: str, **config: Any) -> Any:
    return context.create_callback(name=name, config=CallbackConfig(**config))


@handles("4-1")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, event).result()


@handles("4-2")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, "approval").result()


@handles("4-3")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, event, timeout=seconds(5)).result()


@handles("4-4")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, event, heartbeat_timeout=seconds(5)).result()


@handles("4-5")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, event, heartbeat_timeout=seconds(10)).result()


@handles("4-6")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return asked(context, event).result()


@handles("4-7")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    callback = asked(context, event)
    context.step(lambda _: "between")
    return callback.result()


@handles("4-8")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    callback = asked(context, event, timeout=seconds(5))
    context.step(lambda _: "between")
    return callback.result()


@handles("4-9", "4-10")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    callback = asked(context, event)
    context.wait(seconds(5))
    return callback.result()


@handles("4-11")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    callback = asked(context, event, timeout=seconds(3))
    context.wait(seconds(6))
    return callback.result()


@handles("4-12")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    result = asked(context, event).result()
    context.wait(seconds(2))
    return result


def _caught(event: Any, context: Any, **config: Any) -> Any:
    try:
        found = asked(context, event, **config).result()
    except Exception as error:
        found = f"caught {type(error).__name__}"
    context.wait(seconds(2))
    return found


@handles("4-13")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _caught(event, context)


@handles("4-14")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return _caught(event, context, timeout=seconds(3))


def _in_seconds(text: str) -> dict[str, Any]:
    found = json.loads(text)
    moment = datetime.fromisoformat(found["timestamp"].replace("Z", "+00:00"))
    return {**found, "timestamp": int(moment.timestamp())}


@handles("4-15")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return {"received": asked(context, event, serdes=coded(json.dumps, _in_seconds)).result()}


@handles("4-16")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    count = asked(context, event, serdes=coded(str, int)).result()
    return {"count": count, "doubled": count * 2}


@handles("4-17")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return [asked(context, name).result() for name in event]


@handles("4-18")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    first, second = [asked(context, name) for name in event]
    return [first.result(), second.result()]


@handles("4-19")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    first, second = [asked(context, name) for name in event]
    later = second.result()
    return [first.result(), later]


def submit(_callback_id: str, _context: Any) -> None:
    """Nothing is registered anywhere: the test looks the callback up."""


def waited(context: Any, name: str | None, submitter: Any = submit, **config: Any) -> Any:
    return context.wait_for_callback(submitter, name=name, config=WaitForCallbackConfig(**config))


@handles("7-1", "7-4", "7-15")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, event)


@handles("7-2")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, "approval")


@handles("7-3")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, None, lambda _callback_id, _context: None)


@handles("7-5")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, event, timeout=seconds(3))


@handles("7-6")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        return waited(context, event)
    except Exception:
        return "recovered"


@handles("7-7")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    strategy = tried(2).retry_strategy
    return waited(context, event, lambda _callback_id, inner: failing(inner), retry_strategy=strategy)


@handles("7-8")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.run_in_child_context(lambda inner: waited(inner, event), name="wrapper")


@handles("7-9")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    waited(context, "first")
    return waited(context, "second")


@handles("7-10")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    context.wait(SECOND)
    context.step(lambda _: {"fixed": True})
    return waited(context, event)


@handles("7-11")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, event, serdes=coded(json.dumps, json.loads))["status"]


@handles("7-12")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, event, heartbeat_timeout=seconds(5))


@handles("7-13")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return waited(context, event, heartbeat_timeout=seconds(10))


@handles("7-14")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        return waited(context, event, timeout=seconds(3))
    except Exception:
        return "timed-out-handled"


ECHO, FAILS, TENANTS = "echo:$LATEST", "fails:$LATEST", "tenants:$LATEST"


@handles("5-1", "5-3", "5-4")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(ECHO, event)


@handles("5-2")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(ECHO, event["payload"], name=event["name"])


@handles("5-5")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(FAILS, {})


@handles("5-6")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        return context.invoke(FAILS, {})
    except Exception:
        return "fallback"


@handles("5-7")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return len(context.invoke(ECHO, "x" * 200_000))


@handles("5-8")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    config: InvokeConfig[Any, Any] = InvokeConfig(tenant_id=event["tenantId"])
    return context.invoke(TENANTS, event["payload"], config=config)


@handles("5-9")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    result = context.invoke(ECHO, "once")
    context.wait(SECOND)
    return result


@handles("5-10")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    try:
        result = context.invoke(FAILS, {})
    except Exception:
        result = "caught"
    context.wait(SECOND)
    return result


@handles("5-11")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(ECHO, context.step(lambda _: "of the step"))


@handles("5-12")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    found = context.invoke(ECHO, "of the target")
    return context.step(lambda _: found)


@handles("5-13")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.run_in_child_context(lambda inner: inner.invoke(ECHO, "inside"))


@handles("5-14")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return [context.invoke(ECHO, "one"), context.invoke(ECHO, "two")]


UPPER = coded(lambda value: json.dumps(value).upper(), lambda text: json.loads(text.upper()))


@handles("5-15")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(ECHO, event, config=InvokeConfig(serdes_payload=UPPER))


@handles("5-16")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    return context.invoke(ECHO, event, config=InvokeConfig(serdes_result=UPPER))
