"""What an invocation of a durable function says of its execution. Pure.

It answers ``{"Status": "SUCCEEDED", "Result": text}``, ``{"Status": "FAILED", "Error": {...}}`` or ``{"Status":
"PENDING"}``. An execution fails by the answer FAILED alone: an exception, a crash, a time-out or any other answer is a
failed invocation, which is tried again as often as a limit says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lambda_states_mock.service_errors import PAYLOAD_TOO_LARGE

_ERROR_MEMBERS = (("ErrorType", "errorType"), ("ErrorMessage", "errorMessage"), ("StackTrace", "stackTrace"))
_PAYLOAD_MEMBERS = (("ErrorMessage", "errorMessage"), ("ErrorType", "errorType"), ("StackTrace", "stackTrace"))
NO_STATUS = "Response status is required"
RESULT_OF_FAILURE = "Cannot provide a Result for FAILED status."
ERROR_OF_SUCCESS = "Cannot provide an Error for SUCCEEDED status."
NOTHING_PENDING = "Cannot return PENDING status with no pending operations."


@dataclass(frozen=True, slots=True)
class DurableAnswer:
    """What was answered: *status* is SUCCEEDED, FAILED or PENDING; None: the invocation has failed with *error*.

    *limit* names the limit for how many of those there may be in a row.
    """

    status: str | None
    result: str | None = None
    error: Mapping[str, Any] | None = None
    limit: str = "durable_failed_invocations"


def understood(payload: bytes, *, has_failed: bool) -> DurableAnswer:
    """Return what the *payload* of an invocation says; *has_failed*, whether it is a function error."""
    if has_failed:
        return DurableAnswer(None, error=error_object(payload))
    try:
        said = json.loads(payload or b"null")
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("Status") not in ("SUCCEEDED", "FAILED", "PENDING"):
        return invalid(NO_STATUS)
    status, result, error = said["Status"], said.get("Result"), said.get("Error")
    wrong = (
        (status == "FAILED" and result is not None, RESULT_OF_FAILURE),
        (status == "SUCCEEDED" and error is not None, ERROR_OF_SUCCESS),
        (result is not None and not isinstance(result, str), "Result must be a string."),  # (I) the texts
        (error is not None and not isinstance(error, dict), "Error must be an object."),
    )
    for is_wrong, message in wrong:
        if is_wrong:
            return invalid(message)
    return DurableAnswer(status, result, MappingProxyType(error) if error is not None else None)


def invalid(message: str, limit: str = "durable_invalid_answers") -> DurableAnswer:
    """Return a failed invocation: its answer was none."""
    error = {"ErrorType": "InvalidParameterValueException", "ErrorMessage": message}
    return DurableAnswer(None, error=error, limit=limit)


def within(answer: DurableAnswer, limit_bytes: int) -> DurableAnswer:
    """Return *answer*, or FAILED where its result has more than *limit_bytes*, as a checkpoint of it would be."""
    if answer.result is None or len(answer.result.encode()) <= limit_bytes:
        return answer
    refusal = PAYLOAD_TOO_LARGE.error(what="Execution output", limit=limit_bytes)
    return DurableAnswer("FAILED", error={"ErrorMessage": refusal.message})


def error_object(payload: bytes) -> dict[str, Any]:
    """Return a function's error payload as the API's ErrorObject."""
    try:
        error = json.loads(payload)
    except ValueError:
        error = None
    if not isinstance(error, dict):
        return {"ErrorMessage": payload.decode(errors="replace")}
    return {member: error[key] for member, key in _ERROR_MEMBERS if error.get(key)}


def error_payload(error: Mapping[str, Any]) -> bytes:
    """Return an ErrorObject as the payload of a function error."""
    return json.dumps({key: error[member] for member, key in _PAYLOAD_MEMBERS if member in error}).encode()
