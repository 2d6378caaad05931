"""What Lambda sends to other services about an asynchronous invocation: to a destination, or a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambda_states_mock.resources.function import NOTHING

ON_SUCCESS, ON_FAILURE, DEAD_LETTER = "OnSuccess", "OnFailure", "DeadLetter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, delivered or not.

    Attributes:
        target: the ARN of where it goes; kind: ``OnSuccess``, ``OnFailure`` or ``DeadLetter``.
        function: the name of the function that was invoked; source: its ARN with the qualifier; request_id: of the
            invocation.
        condition: why it was sent, e.g. ``RetriesExhausted``; at: when.
        body: the text of the message; attributes: of a dead letter; a number is a Number there.
        key: of the object in a bucket, else None.
        error: why it could not be delivered, or None.
    """

    target: str
    kind: str
    function: str
    source: str
    request_id: str
    condition: str
    at: datetime
    body: str
    attributes: Mapping[str, str | int] = field(default_factory=lambda: NOTHING)
    key: str | None = None
    error: str | None = None

    @property
    def record(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def service(self) -> str:
        """The service that it goes to, as in an ARN: ``sqs``, ``sns``, ``lambda``, ``events`` or ``s3``."""
        return self.target.split(":")[2]
