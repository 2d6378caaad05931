"""What rows of facts are checked with: a durable function whose handler speaks the protocol itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, error_of
from tests.operations.durable.workflows import PENDING, Update, done

STEP = {"Type": "STEP", "Id": "s"}
START_STEP: Update = {**STEP, "Action": "START"}
SUCCEED: Update = {**STEP, "Action": "SUCCEED", "Payload": "1"}
FAIL: Update = {**STEP, "Action": "FAIL", "Error": {"ErrorType": "No"}}
RETRY: Update = {**STEP, "Action": "RETRY", "Error": {"ErrorType": "No"}, "StepOptions": {"NextAttemptDelaySeconds": 9}}
WAIT: Update = {"Type": "WAIT", "Id": "w", "Action": "START", "WaitOptions": {"WaitSeconds": 60}}
CALLBACK: Update = {"Type": "CALLBACK", "Id": "c", "Action": "START"}
ENTER: Update = {"Type": "CONTEXT", "Id": "x", "Action": "START"}
LEAVE: Update = {"Type": "CONTEXT", "Id": "x", "Action": "SUCCEED", "Payload": "2"}
CALL: Update = {
    "Type": "CHAINED_INVOKE",
    "Id": "i",
    "Action": "START",
    "ChainedInvokeOptions": {"FunctionName": "prices"},
    "Payload": "7",
}


@dataclass
class Session:
    """One invocation: its *event*, and checkpoints with the tokens that they are due."""

    client: Any
    event: dict[str, Any]
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.event["CheckpointToken"]

    @property
    def arn(self) -> str:
        return str(self.event["DurableExecutionArn"])

    @property
    def operations(self) -> dict[str, Any]:
        """Those of the event, by id, without the execution itself."""
        return {one["Id"]: one for one in self.event["InitialExecutionState"]["Operations"][1:]}

    def send(self, *updates: Update, **more: Any) -> dict[str, Any]:
        """Send a checkpoint; return the operations of its answer, by id."""
        answer = self.client.checkpoint_durable_execution(
            DurableExecutionArn=self.arn, CheckpointToken=self.token, Updates=list(updates), **more
        )
        self.token = answer.get("CheckpointToken", "")
        return {one["Id"]: one for one in answer["NewExecutionState"]["Operations"]}

    def refused(self, *updates: Update, token: str | None = None, **more: Any) -> str:
        """Send a checkpoint that is refused; return the text."""
        params = {"DurableExecutionArn": self.arn, "CheckpointToken": token or self.token, "Updates": list(updates)}
        status, code, text = error_of(self.client.checkpoint_durable_execution, **params, **more)
        assert (status, code) == (400, "InvalidParameterValueException")
        return text

    def state(self, **more: Any) -> dict[str, Any]:
        """Return a page of GetDurableExecutionState."""
        page: dict[str, Any] = self.client.get_durable_execution_state(
            DurableExecutionArn=self.arn, CheckpointToken=self.token, **more
        )
        return page


Work = Callable[[Session], Any]


@dataclass
class World:
    """The durable function ``orders``, and the function ``prices``, which is not durable."""

    mock: LambdaMock
    client: Any
    sessions: list[Session] = field(default_factory=list)
    arn: str = ""
    request_id: str = ""

    def begin(self, *works: Work, payload: bytes = b'{"order": 7}', advance: float = 0, **params: Any) -> str:
        """Begin an execution whose invocations do *works*, one after the other, and say nothing special after."""
        waiting = list(works)

        def handler(event: dict[str, Any], _context: Any) -> Any:
            session = Session(self.client, event)
            self.sessions.append(session)
            return waiting.pop(0)(session) if waiting else done()

        self.mock.handler("orders", call=handler)
        asked = {"FunctionName": "orders", "Qualifier": "$LATEST", "InvocationType": "Event", "Payload": payload}
        answer = self.client.invoke(**{**asked, **params})
        self.arn, self.request_id = answer["DurableExecutionArn"], answer["ResponseMetadata"]["RequestId"]
        self.mock.clock.advance(advance)
        return self.arn

    @property
    def events(self) -> list[dict[str, Any]]:
        """The history of the execution that began last."""
        history: list[dict[str, Any]] = self.client.get_durable_execution_history(
            DurableExecutionArn=self.arn, MaxItems=1000
        )["Events"]
        return history

    @property
    def kinds(self) -> list[str]:
        return [str(one["EventType"]) for one in self.events]

    def details(self, kind: str) -> list[dict[str, Any]]:
        """Return the details of each event of *kind*."""
        return [one[f"{kind}Details"] for one in self.events if one["EventType"] == kind]

    @property
    def execution(self) -> dict[str, Any]:
        execution: dict[str, Any] = self.client.get_durable_execution(DurableExecutionArn=self.arn)
        return execution

    @property
    def status(self) -> str:
        return str(self.execution["Status"])


def sending(*updates: Update, answer: Any = PENDING) -> Work:
    """Return what sends *updates* as one checkpoint, and answers."""

    def work(session: Session) -> Any:
        session.send(*updates)
        return answer

    return work


Check = Callable[[World], None]


@dataclass
class Facts:
    """A table: the section of the facts about durable functions, what it says, and how that is seen."""

    rows: list[Any] = field(default_factory=list)

    def __call__(self, section: int, says: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            self.rows.append(pytest.param(check, id=f"{section}: {says}"))
            return check

        return keep


def furnish(mock: LambdaMock, client: Any) -> World:
    """Make both functions."""
    create(client, Timeout=30, DurableConfig={"ExecutionTimeout": 600, "RetentionPeriodInDays": 2})
    create(client, "prices")
    mock.handler("prices", call=lambda event, _context: event)
    mock.clock.run_until_idle()
    return World(mock, client)
