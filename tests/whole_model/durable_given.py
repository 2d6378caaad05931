"""A durable function that sends the updates that a test names, one checkpoint for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lambda_states_mock import LambdaMock
from tests.deploying import create

PAUSE: dict[str, Any] = {"Type": "EXECUTION", "Action": "PAUSE"}
"""No update: the function lets its own execution be paused."""
_STEP, _CONTEXT = {"Id": "s", "Type": "STEP"}, {"Id": "x", "Type": "CONTEXT"}
_ERROR = {"ErrorType": "Busy"}
UPDATES: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "step": {**_STEP, "Action": "START"},
        "succeed": {**_STEP, "Action": "SUCCEED"},
        "fail": {**_STEP, "Action": "FAIL", "Error": _ERROR},
        "retry": {**_STEP, "Action": "RETRY", "Error": _ERROR, "StepOptions": {"NextAttemptDelaySeconds": 9}},
        "enter": {**_CONTEXT, "Action": "START"},
        "leave": {**_CONTEXT, "Action": "SUCCEED"},
        "leave_failed": {**_CONTEXT, "Action": "FAIL", "Error": _ERROR},
        "wait": {"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 9}},
        "cancel": {"Id": "w", "Type": "WAIT", "Action": "CANCEL"},
        "callback": {"Id": "c", "Type": "CALLBACK", "Action": "START", "CallbackOptions": {"TimeoutSeconds": 60}},
        "pause": PAUSE,
        "open_callback": {"Id": "c", "Type": "CALLBACK", "Action": "START"},
        "invoke": {
            "Id": "i",
            "Type": "CHAINED_INVOKE",
            "Action": "START",
            "ChainedInvokeOptions": {"FunctionName": "refunds:$LATEST"},
        },
    }
)
"""What the function can be told to send, by the names that rows use."""


@dataclass
class _Told:
    """The function ``orders`` and what it hears.

    Attributes: *heard*, the status that it was told of each operation last; *callbacks*, their ids; *statuses*,
    those of its execution while it ran.
    """

    m: LambdaMock
    client: Any
    heard: dict[str, str] = field(default_factory=dict)
    callbacks: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def begin(self, *updates: dict[str, Any], answer: dict[str, Any] | None = None) -> str:
        """Begin an execution whose first invocation sends *updates*, and return its ARN."""
        ends = answer or {"Status": "PENDING" if _waits(updates) else "SUCCEEDED"}

        def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
            known = event["InitialExecutionState"]["Operations"][1:]
            self._hear(known)
            if known:
                return {"Status": "SUCCEEDED"}
            self._send(event, updates)
            return ends

        self.m.handler("orders", call=handler)
        asked = {"FunctionName": "orders", "Qualifier": "$LATEST", "InvocationType": "Event"}
        arn = str(self.client.invoke(**asked)["DurableExecutionArn"])
        self.m.clock.advance(0)
        return arn

    def events(self, arn: str) -> list[dict[str, Any]]:
        """Return the history of an execution."""
        found: list[dict[str, Any]] = self.client.get_durable_execution_history(DurableExecutionArn=arn)["Events"]
        return found

    def _hear(self, operations: list[dict[str, Any]]) -> None:
        self.heard.update({one["Id"]: one["Status"] for one in operations})
        self.callbacks.extend(one["CallbackDetails"]["CallbackId"] for one in operations if "CallbackDetails" in one)

    def _send(self, event: dict[str, Any], updates: tuple[dict[str, Any], ...]) -> None:
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        for update in updates:
            if update == PAUSE:  # until the next checkpoint, which is none
                self.client.pause_durable_execution(DurableExecutionArn=arn)
                self.m.clock.advance(1)
                self.statuses.append(self.client.get_durable_execution(DurableExecutionArn=arn)["Status"])
                continue
            sent = {"DurableExecutionArn": arn, "CheckpointToken": token, "Updates": [update]}
            answer = self.client.checkpoint_durable_execution(**sent)
            token = answer["CheckpointToken"]
            self._hear(answer["NewExecutionState"]["Operations"])


def sends_updates(m: LambdaMock, client: Any) -> Mapping[str, Any]:
    """Make ``orders``, and ``refunds``, which waits for a callback; return what rows call."""

    def refunds(event: dict[str, Any], _context: object) -> dict[str, Any]:
        if len(event["InitialExecutionState"]["Operations"]) == 1:
            arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
            updates = [UPDATES["open_callback"]]
            client.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken=token, Updates=updates)
        return {"Status": "PENDING"}

    for name, seconds in (("orders", 600), ("refunds", 60)):
        create(client, name, DurableConfig={"ExecutionTimeout": seconds})
    m.handler("refunds", call=refunds)
    m.clock.run_until_idle()
    told = _Told(m, client)
    names = {name: getattr(told, name) for name in ("begin", "events", "heard", "callbacks", "statuses")}
    return {**UPDATES, **names}


def _waits(updates: tuple[dict[str, Any], ...]) -> bool:
    """Tell whether something ends without the function after the last of *updates*."""
    last = updates[-1] if updates else {"Type": "STEP", "Action": "SUCCEED"}
    return last["Action"] == "RETRY" or (last["Action"] == "START" and last["Type"] not in ("STEP", "CONTEXT"))
