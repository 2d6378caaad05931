"""Payloads that the platform sends in place of a function's: its process is gone, out of time, or said too much."""

from __future__ import annotations

import json
from typing import Any

RESPONSE_LIMIT = 6_291_556  # bytes
STREAM_LIMIT = 200 * 1024 * 1024  # bytes of a streamed response

Payload = dict[str, Any]


def compact(payload: Payload) -> bytes:
    """Return *payload* as the platform and the runtimes other than Python write it: without spaces."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair has no bytes: this is how JSON escapes it


def exited(request_id: str, status: int) -> Payload:
    """Return the payload for a process that exited with *status* while it should have answered."""
    how = f"with error: exit status {status}" if status else "without providing a reason"
    return process_ended("Runtime.ExitError", request_id, f"Runtime exited {how}")


def timed_out(request_id: str, timeout: float) -> Payload:
    """Return the payload for a function that was not done within *timeout* seconds."""
    return process_ended("Sandbox.Timedout", request_id, f"Task timed out after {timeout:.2f} seconds")


def process_ended(error_type: str, request_id: str, reason: str) -> Payload:
    """Return the payload for a function whose processes have ended for *reason*: a crash, or a failed extension."""
    return {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def too_large(limit: int = RESPONSE_LIMIT) -> Payload:
    """Return the payload that takes the place of a response above *limit* bytes."""
    # Sent with errorMessage first, unlike the platform's other errors.
    return {
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({limit} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
