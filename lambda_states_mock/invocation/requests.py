"""What a caller sends along: the event and the client context, refused in the words of AWS when they cannot be read."""

from __future__ import annotations

import base64
import json
from typing import Any, NoReturn

from lambda_states_mock.service_errors import ServiceError

_PREFIX = "Could not parse request body into json: Could not parse payload into json: "
BAD_CLIENT_CONTEXT = "Client context must be a valid Base64-encoded JSON object."  # (I)
LONG_CLIENT_CONTEXT = (
    "Client context must be at most {limit} bytes of Base64-encoded data."  # (I) text; documented limit
)
NESTED_TOO_DEEPLY = "Document nesting depth exceeds the maximum allowed"  # (I)
NUMBER_TOO_LONG = "Number value length exceeds the maximum allowed"  # (I)


def parse_event(payload: bytes) -> Any:
    """Return the event in *payload*; no payload is an empty object.

    Raises ServiceError InvalidRequestContentException (400) for what is no JSON.
    """
    if not payload:
        return {}
    try:
        return _DECODER.decode(payload.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _unreadable(_problems().of_bytes(payload, error)) from None
    except json.JSONDecodeError as error:
        raise _unreadable(_problems().of_text(error)) from None
    except RecursionError:
        raise _unreadable(NESTED_TOO_DEEPLY) from None
    except _NonStandardToken as error:
        raise _unreadable(_problems().of_token(payload.decode("utf-8"), str(error))) from None
    except ValueError:  # of Python, for integers of thousands of digits; Jackson takes a thousand
        raise _unreadable(NUMBER_TOO_LONG) from None


def _problems() -> Any:
    from lambda_states_mock import json_problems  # few tests send what is no JSON

    return json_problems


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


class _NonStandardToken(Exception):  # noqa: N818 - never leaves this module
    """``NaN`` and its like: Python reads them, Jackson does not."""


def _refuse_constant(name: str) -> NoReturn:
    raise _NonStandardToken(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _unreadable(problem: str) -> ServiceError:
    return ServiceError("InvalidRequestContentException", _PREFIX + problem)
