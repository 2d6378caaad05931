"""Functions with instrumentation plugins of the SDK, which write what they hear of into the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.plugin import DurableInstrumentationPlugin, OperationType

from .handlers import ONCE, Busy, Counted, failing, handles, tried

PLUGINS: dict[str, Callable[[], list[Any]]] = {}
"""Makes the plugins of a function, by the id of the requirement."""


class Telling(DurableInstrumentationPlugin):  # type: ignore[misc] # the SDK is not there in all checks
    """Writes a line for each hook of *hooks*. Parameters: its *name*; *is_faulty*, whether each hook then raises.

    It is its own factory: the SDK takes plugins up to its version 2, and factories since.
    """

    def __init__(self, name: str, *hooks: str, is_faulty: bool = False) -> None:
        self._name = name
        self._hooks = hooks
        self._is_faulty = is_faulty
        self._arn = ""

    def create_plugin(self, _info: Any) -> Telling:
        return self

    def _tell(self, hook: str, **more: Any) -> None:
        if hook in self._hooks:
            print(json.dumps({"plugin": self._name, "hook": hook, "durableExecutionArn": self._arn, **more}))
            if self._is_faulty:
                raise RuntimeError(hook)

    def _tell_of(self, hook: str, info: Any, **more: Any) -> None:
        if info.operation_type is OperationType.STEP:
            self._tell(hook, op=info.operation_id, **more)

    def on_invocation_start(self, info: Any) -> None:
        self._arn = info.execution_arn
        self._tell("invocation-start", first=info.is_first_invocation)

    def on_invocation_end(self, info: Any) -> None:
        self._tell("invocation-end", status=info.status.value)

    def on_operation_start(self, info: Any) -> None:
        self._tell_of("operation-start", info)

    def on_operation_end(self, info: Any) -> None:
        self._tell_of("operation-end", info, status=info.status.value)

    def on_user_function_start(self, info: Any) -> None:
        self._tell_of("attempt-start", info, n=info.attempt)

    def on_user_function_end(self, info: Any) -> None:
        self._tell_of("attempt-end", info, n=info.attempt, outcome=info.outcome.value)


_INVOCATION = ("invocation-start", "invocation-end")
_OPERATION = ("operation-start", "operation-end")
_ATTEMPT = ("attempt-start", "attempt-end")
PLUGINS.update(
    dict.fromkeys(("10-1", "10-6", "10-7"), lambda: [Telling("CONFPLUGIN", *_INVOCATION)])
    | {
        "10-2": lambda: [Telling("CONFPLUGIN", *_OPERATION)],
        "10-3": lambda: [Telling("CONFPLUGIN", *_ATTEMPT)],
        "10-4": lambda: [Telling("CONFPLUGIN-FAULTY", *_INVOCATION, *_OPERATION, *_ATTEMPT, is_faulty=True)],
        "10-5": lambda: [Telling(f"CONFPLUGIN-{which}", *_INVOCATION) for which in "AB"],
    }
)


@handles("10-1", "10-2", "10-4", "10-5")
def _(event: Any, context: Any, _remembered: Counted) -> Any:
    def greet(step: Any) -> str:
        step.logger.info(f"Greeting step running for: {event}")
        return f"Hello, {event}!"

    return context.step(greet)


@handles("10-3")
def _(_event: Any, context: Any, remembered: Counted) -> Any:
    def unreliable(_step: Any) -> str:
        if remembered.once_more() == 1:
            raise Busy("not yet")
        return "Operation succeeded"

    return context.step(unreliable, config=tried(2))


@handles("10-6")
def _(_event: Any, context: Any, _remembered: Counted) -> None:
    context.wait(Duration.from_seconds(2))


@handles("10-7")
def _(_event: Any, context: Any, _remembered: Counted) -> Any:
    return context.step(failing, config=ONCE)
