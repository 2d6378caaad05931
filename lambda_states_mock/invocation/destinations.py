"""What becomes of an asynchronous invocation in the end: a record for a destination, a dead letter.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import partial
from typing import Any

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.neighbours import NeighbourError, Neighbours
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.execution import trace_header
from lambda_states_mock.instants import date_path, iso_file_name, iso_milliseconds
from lambda_states_mock.invocation.async_queue import SUCCESS, QueuedEvent
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.resources.message import DEAD_LETTER, ON_FAILURE, ON_SUCCESS, Message
from lambda_states_mock.resources.metric import Measured

ERROR_MESSAGE_BYTES = 1024
_FUNCTION_ERROR_STATUS = 200  # recorded: a function that fails has answered
_STATUS = {"TooManyRequestsException": 429, "RecursiveInvocationException": 400}


@dataclass(frozen=True, slots=True)
class Sender:
    """The function whose results are sent, by *name* and *qualifier* as asked for."""

    place: Place
    name: str
    qualifier: str | None
    destinations: Mapping[str, str]  # ARNs by condition
    dead_letter_target: str | None  # an ARN

    @property
    def arn(self) -> str:
        return self.place.function_arn(self.name, self.qualifier or LATEST)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that goes to a dead-letter queue."""

    request_id: str
    payload: bytes
    trace: str | None


Forward = Callable[[Sender, Message], None]


@dataclass(eq=False, slots=True)
class Destinations:
    """Sends what came of events. What was sent can be read afterwards: ``m.destinations``.

    Parameters: *chance* names the objects in buckets.
    """

    clock: VirtualClock
    chance: Chance
    neighbours: Neighbours
    metrics: Metrics
    sent: list[Message] = field(init=False, default_factory=list)

    def send(self, sender: Sender, event: QueuedEvent, condition: str, *, forward: Forward) -> None:
        """Send what is to be sent about *event* of *sender*, which has ended in *condition*.

        Parameters: *forward* lets a message be the event of another function.
        """
        now = self.clock.now
        kind = ON_SUCCESS if condition == SUCCESS else ON_FAILURE
        target = sender.destinations.get(kind)
        if target is not None:
            self._deliver(sender, self._record(sender, event, condition, kind, target, now), event.trace, forward)
        if condition != SUCCESS and sender.dead_letter_target is not None:
            status, text = _failure_of(event)
            self.bury(sender, Letter(event.request_id, event.payload, event.trace), condition, text, status)

    def bury(
        self, sender: Sender, letter: Letter, condition: str, text: str, status: int = _FUNCTION_ERROR_STATUS
    ) -> None:
        """Send *letter* to the dead-letter queue of *sender*, which has one; *text* and *status* are of the error."""
        message = _dead_letter(sender, letter, condition, self.clock.now, text, status)
        self.post(sender.place, replace(message, trace=letter.trace))

    def _record(
        self, sender: Sender, event: QueuedEvent, condition: str, kind: str, target: str, now: datetime
    ) -> Message:
        key = None
        if target.split(":")[2] == "s3":
            name = f"{iso_file_name(now)}-{self.chance.uuid()}"
            key = f"aws/lambda/async/{sender.name}/{date_path(now)}/{name}"
        body = json.dumps(_envelope(sender, event, condition, now), separators=(",", ":"))
        return _message(sender, event.request_id, condition, now, kind=kind, target=target, key=key, body=body)

    def _deliver(self, sender: Sender, message: Message, trace: str | None, forward: Forward) -> None:
        deliver = partial(forward, sender) if message.service == "lambda" else None
        self.post(sender.place, replace(message, trace=trace), deliver)

    def post(self, place: Place, message: Message, deliver: Callable[[Message], object] | None = None) -> bool:
        """Hand *message* to its target, or let *deliver* do so, and keep it. Return whether it has arrived.

        It carries the trace on: each message that Lambda sends belongs to a chain of requests.
        """
        source = place.function_arn(message.function)
        trace = trace_header.continued(message.trace, source, chance=self.chance, now=message.at)
        message = replace(message, trace=trace)
        try:
            if deliver is not None:
                deliver(message)
            else:
                self.neighbours.deliver(place, message)
        except NeighbourError as error:
            message = replace(message, error=str(error))
            name = "DeadLetterErrors" if message.kind == DEAD_LETTER else "DestinationDeliveryFailures"
            self.metrics.add(place, Measured(message.function, None, message.at, {name: 1}))
        self.sent.append(message)
        return message.error is None


def _envelope(sender: Sender, event: QueuedEvent, condition: str, now: datetime) -> dict[str, Any]:
    attempts = event.errors + (condition == SUCCESS)
    envelope: dict[str, Any] = {
        "version": "1.0",
        "timestamp": iso_milliseconds(now),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": sender.arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": _parsed(event.payload or b"{}"),
    }
    if event.outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": event.outcome.version}
        if event.outcome.function_error is not None:
            context["functionError"] = event.outcome.function_error
        envelope["responseContext"] = context
        envelope["responsePayload"] = _parsed(event.outcome.payload)
    return envelope


def _failure_of(event: QueuedEvent) -> tuple[int, str]:
    """Return the HTTP status and the text of what *event* has failed with."""
    if event.error is not None:
        return event.error.status or _STATUS.get(event.error.code, 500), event.error.message or event.error.code
    if event.outcome is not None:
        return _FUNCTION_ERROR_STATUS, str((_parsed(event.outcome.payload) or {}).get("errorMessage", ""))
    return _FUNCTION_ERROR_STATUS, ""


def _dead_letter(sender: Sender, letter: Letter, condition: str, now: datetime, text: str, status: int) -> Message:
    attributes: dict[str, str | int] = {"RequestID": letter.request_id, "ErrorCode": status}
    if text:
        attributes["ErrorMessage"] = text.encode(errors="backslashreplace")[:ERROR_MESSAGE_BYTES].decode(
            "utf-8", "ignore"
        )
    body, target = (letter.payload or b"{}").decode("utf-8"), sender.dead_letter_target
    about = letter.request_id, condition, now
    return _message(sender, *about, kind=DEAD_LETTER, target=target, body=body, attributes=attributes)


def _message(sender: Sender, request_id: str, condition: str, now: datetime, **members: Any) -> Message:
    members |= {"function": sender.name, "source": sender.arn, "request_id": request_id}
    return Message(condition=condition, at=now, **members)


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:  # a handler may answer with bytes that are no JSON
        return payload.decode("utf-8", "replace")
