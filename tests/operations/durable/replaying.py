"""A replaying context as an SDK has it, in a few lines: it sends its checkpoints itself, one update at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

MOST_ATTEMPTS = 3


class Suspended(Exception):  # noqa: N818 - no error
    """There is nothing to do until something has ended."""


class StepFailed(Exception):  # noqa: N818 - AWS's word
    """A step has failed for good."""


class Replay:
    """One invocation. Parameters: *call*, which sends a checkpoint, and the *event* of the invocation."""

    def __init__(self, call: Callable[..., Any], event: dict[str, Any]) -> None:
        self._call = call
        self._arn = event["DurableExecutionArn"]
        self._token = event["CheckpointToken"]
        self._parent: dict[str, str] = {}
        self._operations: dict[str, dict[str, Any]] = {}
        self._hear(event["InitialExecutionState"]["Operations"])
        execution = event["InitialExecutionState"]["Operations"][0]
        self.input = json.loads(execution["ExecutionDetails"].get("InputPayload", "{}"))

    def _hear(self, operations: list[dict[str, Any]]) -> None:
        self._operations.update({one["Id"]: one for one in operations})

    def send(self, *updates: dict[str, Any]) -> None:
        answer = self._call(
            DurableExecutionArn=self._arn,
            CheckpointToken=self._token,
            Updates=[{**update, **self._parent} for update in updates],
        )
        if "CheckpointToken" not in answer:
            raise Suspended
        self._token = answer["CheckpointToken"]
        self._hear(answer["NewExecutionState"]["Operations"])

    def status(self, name: str) -> str | None:
        one = self._operations.get(name)
        return one["Status"] if one is not None else None

    def step(
        self,
        name: str,
        work: Callable[[int], Any],
        *,
        at_most_once: bool = False,
        delay: int = 5,
        most: int = MOST_ATTEMPTS,
    ) -> Any:
        """Return what *work* returns, called with the number of its attempt."""
        update = {"Id": name, "Name": name, "Type": "STEP"}
        status = self.status(name)
        if status == "SUCCEEDED":
            return json.loads(self._operations[name]["StepDetails"]["Result"])
        if status == "FAILED":
            raise StepFailed(self._operations[name]["StepDetails"]["Error"]["ErrorMessage"])
        if status == "PENDING":
            raise Suspended
        over = self._operations[name]["StepDetails"]["Attempt"] if status is not None else 0
        if status == "STARTED" and at_most_once:
            return self._failed(update, over + 1, "interrupted", delay, most)
        if status != "STARTED":
            self.send({**update, "Action": "START"})
        try:
            result = work(over + 1)
        except ArithmeticError as error:
            return self._failed(update, over + 1, str(error), delay, most)
        self.send({**update, "Action": "SUCCEED", "Payload": json.dumps(result)})
        return result

    def _failed(self, update: dict[str, Any], attempt: int, message: str, delay: int, most: int) -> Any:
        error = {"ErrorType": "StepFailed", "ErrorMessage": message}
        if attempt >= most:
            self.send({**update, "Action": "FAIL", "Error": error})
            raise StepFailed(message)
        self.send({**update, "Action": "RETRY", "Error": error, "StepOptions": {"NextAttemptDelaySeconds": delay}})
        raise Suspended

    def poll(self, name: str, check: Callable[[int], int], wanted: int, *, delay: int = 5) -> int:
        """Return the state once it is *wanted*: a wait for a condition, whose state *check* makes of the one before."""
        update = {"Id": name, "Name": name, "Type": "STEP", "SubType": "WaitForCondition"}
        status = self.status(name)
        details = self._operations[name]["StepDetails"] if status is not None else {}
        state = int(json.loads(details.get("Result", "0")))
        if status == "SUCCEEDED":
            return state
        if status == "PENDING":
            raise Suspended
        if status != "STARTED":
            self.send({**update, "Action": "START"})
        state = check(state)
        if state >= wanted:
            self.send({**update, "Action": "SUCCEED", "Payload": json.dumps(state)})
            return state
        again = {"StepOptions": {"NextAttemptDelaySeconds": delay}}
        self.send({**update, "Action": "RETRY", "Payload": json.dumps(state), **again})
        raise Suspended

    def wait(self, name: str, seconds: int) -> None:
        if self.status(name) is None:
            options = {"WaitOptions": {"WaitSeconds": seconds}}
            self.send({"Id": name, "Name": name, "Type": "WAIT", "Action": "START", **options})
        if self.status(name) != "SUCCEEDED":
            raise Suspended

    def send_context(self, name: str, work: Callable[[Replay], Any]) -> None:
        """Run *work* in a context, unless that is closed."""
        if self.status(name) is None:
            self.send({"Id": name, "Name": name, "Type": "CONTEXT", "Action": "START"})
        if self.status(name) == "STARTED":
            outer, self._parent = self._parent, {"ParentId": name}
            result = work(self)
            self._parent = outer
            self.send({"Id": name, "Name": name, "Type": "CONTEXT", "Action": "SUCCEED", "Payload": json.dumps(result)})

    def invoke(self, name: str, function: str, payload: Any, **options: str) -> dict[str, Any]:
        """Return the operation once the other function has ended."""
        if self.status(name) is None:
            chained = {"ChainedInvokeOptions": {"FunctionName": function, **options}, "Payload": json.dumps(payload)}
            self.send({"Id": name, "Name": name, "Type": "CHAINED_INVOKE", "Action": "START", **chained})
        if self.status(name) == "STARTED":
            raise Suspended
        return self._operations[name]

    def callback(self, name: str, **options: int) -> dict[str, Any]:
        """Return the operation once it has ended."""
        if self.status(name) is None:
            self.send({"Id": name, "Name": name, "Type": "CALLBACK", "Action": "START", "CallbackOptions": options})
        if self.status(name) == "STARTED":
            raise Suspended
        return self._operations[name]


def replaying(call: Callable[..., Any], work: Callable[[Replay], Any]) -> Callable[[Any, Any], Any]:
    """Return a handler that runs *work* as a workflow. Parameters: *call*, which sends checkpoints."""

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        try:
            return {"Status": "SUCCEEDED", "Result": json.dumps(work(Replay(call, event)))}
        except Suspended:
            return {"Status": "PENDING"}
        except StepFailed as error:
            return {"Status": "FAILED", "Error": {"ErrorType": "StepFailed", "ErrorMessage": str(error)}}
        except ClientError as error:
            if "Invalid Checkpoint Token" in str(error):
                raise
            return {"Status": "FAILED", "Error": {"ErrorType": "ClientError", "ErrorMessage": str(error)}}

    return handler
