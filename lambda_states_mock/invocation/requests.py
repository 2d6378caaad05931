"""What a caller sends along: the event and the client context, refused in the words of AWS when they cannot be read."""

from __future__ import annotations

import base64
import json
from typing import Any

from lambda_states_mock.json_reading import no_constant
from lambda_states_mock.service_errors import ServiceError

_PREFIX = "Could not parse request body into json: Could not parse payload into json: "
BAD_CLIENT_CONTEXT = "Client context must be a valid Base64-encoded JSON object."  # (I)
LONG_CLIENT_CONTEXT = (
    "Client context must be at most {limit} bytes of Base64-encoded data."  # (I) text; documented limit
)


def parse_event(payload: bytes) -> Any:
    """Return the event in *payload*; no payload is an empty object.

    Raises ServiceError InvalidRequestContentException (400) for what is no JSON.
    """
    if not payload:
        return {}
    try:
        return _DECODER.decode(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        from lambda_states_mock import json_problems  # few tests send what is no JSON

        problem = _PREFIX + json_problems.of(payload, error)
        raise ServiceError("InvalidRequestContentException", problem) from None


def parse_client_context(header: str | None, limit: int) -> dict[str, Any] | None:
    """Return the object in *header*, base64 of a JSON object; None without one.

    Raises ServiceError InvalidRequestContentException (400) when it is something else, or has more than *limit* bytes.
    """
    if not header:
        return None
    if len(header) > limit:
        raise ServiceError("InvalidRequestContentException", LONG_CLIENT_CONTEXT.format(limit=limit))
    try:
        context = json.loads(base64.b64decode(header, validate=True))
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        raise ServiceError("InvalidRequestContentException", BAD_CLIENT_CONTEXT)
    return context


_DECODER = json.JSONDecoder(parse_constant=no_constant)
