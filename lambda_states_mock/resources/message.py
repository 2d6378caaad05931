"""What Lambda sends to other services about an asynchronous invocation: to a destination, or a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from lambda_states_mock.printing import printed_fields
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.function import NOTHING

TOPIC_TARGET = "kafka://"
"""What the target of a topic begins with; it is one of the cluster that a mapping reads."""

ON_SUCCESS, ON_FAILURE, DEAD_LETTER = "OnSuccess", "OnFailure", "DeadLetter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, delivered or not. *attributes* are those of a dead letter; a number is a Number there."""

    target: str  # the ARN of where it goes, or a topic: ``kafka://dead``
    kind: str  # OnSuccess, OnFailure or DeadLetter
    function: str  # the name of the function that was invoked
    source: str  # its ARN with the qualifier
    request_id: str  # of the invocation
    condition: str  # why it was sent, e.g. RetriesExhausted
    at: datetime  # when it was sent
    body: str  # the text of the message
    attributes: Mapping[str, str | int] = field(default_factory=lambda: NOTHING)
    key: str | None = None  # of the object in a bucket, else None
    trace: str | None = None  # the header of the chain of requests that it belongs to, for those who receive it
    error: str | None = None  # why it could not be delivered, or None

    def __repr__(self) -> str:
        return printed_fields(self)

    @property
    def record(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def service(self) -> str:
        """The service that it goes to, as in an ARN: ``sqs``, ``sns``, ``lambda``, ``events``, ``s3`` or ``kafka``."""
        if self.target.startswith(TOPIC_TARGET):
            return "kafka"
        return self.target.split(":")[2]
