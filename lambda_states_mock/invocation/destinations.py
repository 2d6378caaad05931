"""What becomes of an asynchronous invocation in the end: a record for a destination, a dead letter.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.invocation.async_queue import SUCCESS, QueuedEvent
from lambda_states_mock.resources.arn import LATEST, Place, function_reference
from lambda_states_mock.resources.message import DEAD_LETTER, ON_FAILURE, ON_SUCCESS, Message
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service import LambdaService

ERROR_MESSAGE_BYTES = 1024
_FUNCTION_ERROR_STATUS = 200  # recorded: a function that fails has answered
_STATUS = {"TooManyRequestsException": 429, "RecursiveInvocationException": 400}

Forward = Callable[[Place, str, bytes, str | None], None]
"""Invokes the function of an ARN with an event: (place of the sender, ARN, payload, trace)."""


@dataclass(frozen=True, slots=True)
class Results:
    """Sends what came of the events for one function.

    Parameters: *name* and *qualifier* as asked for; *destinations*, ARNs by condition; *dead_letter_target*, of the
    function; *durable*: its executions have no destinations; *forward*, to other functions.
    """

    service: LambdaService
    place: Place
    name: str
    qualifier: str | None
    destinations: Mapping[str, str]
    dead_letter_target: str | None
    forward: Forward

    def send(self, event: QueuedEvent, condition: str) -> None:
        """Send what is to be sent about *event*, which has ended in *condition*."""
        now = self.service.driver.clock.now
        kind = ON_SUCCESS if condition == SUCCESS else ON_FAILURE
        if kind in self.destinations:
            self._deliver(self._record(event, condition, kind, self.destinations[kind], now), event.trace)
        if condition != SUCCESS and self.dead_letter_target is not None:
            self._deliver(self._dead_letter(event, condition, self.dead_letter_target, now), event.trace)

    def _record(self, event: QueuedEvent, condition: str, kind: str, target: str, now: datetime) -> Message:
        key = None
        if target.split(":")[2] == "s3":
            name = f"{now:%Y-%m-%dT%H.%M.%S}-{self.service.chance.uuid()}"
            key = f"aws/lambda/async/{self.name}/{now:%Y/%m/%d}/{name}"
        body = json.dumps(self._envelope(event, condition, now), separators=(",", ":"))
        return self._message(event, condition, now, kind=kind, target=target, key=key, body=body)

    def _envelope(self, event: QueuedEvent, condition: str, now: datetime) -> dict[str, Any]:
        attempts = event.errors + (condition == SUCCESS)
        envelope: dict[str, Any] = {
            "version": "1.0",
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": self._source,
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

    def _dead_letter(self, event: QueuedEvent, condition: str, target: str, now: datetime) -> Message:
        status, text = _FUNCTION_ERROR_STATUS, ""
        if event.error is not None:
            status = event.error.status or _STATUS.get(event.error.code, 500)
            text = event.error.message or event.error.code
        elif event.outcome is not None:
            text = str((_parsed(event.outcome.payload) or {}).get("errorMessage", ""))
        attributes: dict[str, str | int] = {"RequestID": event.request_id, "ErrorCode": status}
        if text:
            attributes["ErrorMessage"] = text.encode()[:ERROR_MESSAGE_BYTES].decode("utf-8", "ignore")
        body = (event.payload or b"{}").decode("utf-8")
        return self._message(event, condition, now, kind=DEAD_LETTER, target=target, body=body, attributes=attributes)

    def _message(self, event: QueuedEvent, condition: str, now: datetime, **members: Any) -> Message:
        return Message(
            function=self.name,
            source=self._source,
            request_id=event.request_id,
            condition=condition,
            at=now,
            **members,
        )

    @property
    def _source(self) -> str:
        return self.place.function_arn(self.name, self.qualifier or LATEST)

    def _deliver(self, message: Message, trace: str | None) -> None:
        try:
            if message.service == "lambda":
                self._forward(message, trace)
            else:
                self.service.neighbours.deliver(self.place, message)
        except NeighbourError as error:
            message = replace(message, error=str(error))
            name = "DeadLetterErrors" if message.kind == DEAD_LETTER else "DestinationDeliveryFailures"
            self.service.metrics.add(self.place, Measured(self.name, None, message.at, {name: 1}))
        self.service.destinations.append(message)

    def _forward(self, message: Message, trace: str | None) -> None:
        reference = function_reference(message.target)
        place = Place(
            (reference.account if reference is not None else None) or self.place.account,
            (reference.region if reference is not None else None) or self.place.region,
        )
        if reference is None or reference.name not in self.service.store.at(place).functions:
            raise NeighbourError("Invoke", "ResourceNotFoundException", f"Function not found: {message.target}")
        self.forward(place, message.target, message.body.encode(), trace)


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:  # a handler may answer with bytes that are no JSON
        return payload.decode("utf-8", "replace")
