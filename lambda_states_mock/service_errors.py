"""Answers that AWS gives instead of a result: one error type, and the exact texts beside each other.

Raised by operations and by the lifecycle tables, turned into HTTP by `wire`. Mistakes of the test author are in `errors`.
Texts marked (R) are recorded from AWS, (D) documented by AWS, (I) inferred: AWS's text is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An error answer of the Lambda API.

    Parameters:
        code: the error code as on the wire, e.g. ``ResourceConflictException``.
        message: the text, or None for an answer without one.
        type: the ``Type`` member: ``"User"``, ``"Service"``, or None where AWS sends none.
        status: the HTTP status; None takes it from botocore's model (400 for unmodelled codes).
        members: further members of the modelled error, e.g. ``Reason``.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        type: str | None = "User",  # noqa: A002 - the name of the member on the wire
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.type = type
        self.status = status
        self.members: dict[str, Any] = dict(members or {})
