"""What an invocation of a durable function says of its execution. Pure.

It answers ``{"Status": "SUCCEEDED", "Result": text}``, ``{"Status": "FAILED", "Error": {...}}`` or ``{"Status":
"PENDING"}``. An execution fails by the answer FAILED alone: an exception, a crash, a time-out or any other answer is a
failed invocation, which is tried again as often as a limit says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lambda_states_mock.invocation.durable.rules import check_error, check_payload
from lambda_states_mock.json_reading import encodable, read_json
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.service_errors import ServiceError

_IN_PAYLOADS = {
    "ErrorMessage": "errorMessage",
    "ErrorType": "errorType",
    "ErrorData": "errorData",
    "StackTrace": "stackTrace",
}
"""The members of an ErrorObject, and what a function error calls them (AWS's SDK for tests)."""
_TEXTS_OF_ERROR = ("ErrorMessage", "ErrorType", "ErrorData")
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
    said = _read(payload)
    if not isinstance(said, dict) or said.get("Status") not in ("SUCCEEDED", "FAILED", "PENDING"):
        return invalid(NO_STATUS)
    status, result, error = said["Status"], said.get("Result"), said.get("Error")
    told = _as_error_object(error) if error is not None else {}
    wrong = (
        (status == "FAILED" and result is not None, RESULT_OF_FAILURE),
        (status == "SUCCEEDED" and error is not None, ERROR_OF_SUCCESS),
        (result is not None and not isinstance(result, str), "Result must be a string."),  # (I) the texts
        (told is None, "Error must be an object of texts."),
    )
    for is_wrong, message in wrong:
        if is_wrong:
            return invalid(message)
    return DurableAnswer(status, result, MappingProxyType(told) if error is not None and told is not None else None)


def _read(payload: bytes) -> Any:
    """Return what a function has answered; None for what is no JSON."""
    try:
        return encodable(read_json(payload.decode()))
    except (ValueError, RecursionError):
        return None


def _as_error_object(said: object) -> dict[str, Any] | None:
    """Return *said* with the members of the model's ErrorObject; None where it is none.

    (I) Other members are not read, as in other JSON that AWS is sent.
    """
    if not isinstance(said, dict):
        return None
    told = {member: said[member] for member in _TEXTS_OF_ERROR if said.get(member) is not None}
    texts: list[object] = list(told.values())
    if (trace := said.get("StackTrace")) is not None:
        if not isinstance(trace, list):
            return None
        told["StackTrace"] = trace
        texts += trace
    return told if all(isinstance(text, str) for text in texts) else None


def invalid(message: str, limit: str = "durable_invalid_answers") -> DurableAnswer:
    """Return a failed invocation: its answer was none."""
    error = {"ErrorType": "InvalidParameterValueException", "ErrorMessage": message}
    return DurableAnswer(None, error=error, limit=limit)


def within(answer: DurableAnswer, limits: Limits, *, is_awaited: bool) -> DurableAnswer:
    """Return *answer*, or FAILED where its result or its error is larger than a checkpoint of it might be.

    Parameters: *is_awaited*, whether a caller waits for the execution: then a result may be as large as any answer.
    """
    if answer.status not in ("SUCCEEDED", "FAILED"):
        return answer
    try:
        check_error(answer.error, limits)
        if answer.result is not None and not is_awaited:
            check_payload("Execution output", answer.result, limits.durable_payload_bytes)
    except ServiceError as refusal:
        return DurableAnswer("FAILED", error={"ErrorMessage": refusal.message})
    return answer


def error_object(payload: bytes) -> dict[str, Any]:
    """Return a function's error payload as the API's ErrorObject; what is none is the message of one."""
    said, error = _read(payload), None
    if isinstance(said, dict):
        error = _as_error_object({member: said[key] for member, key in _IN_PAYLOADS.items() if said.get(key)})
    return error if error is not None else {"ErrorMessage": payload.decode(errors="replace")}


def error_payload(error: Mapping[str, Any]) -> bytes:
    """Return an ErrorObject as the payload of a function error."""
    return json.dumps({key: error[member] for member, key in _IN_PAYLOADS.items() if member in error}).encode()
