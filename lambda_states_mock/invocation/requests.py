"""What a caller sends along: the event and the client context, refused in the words of AWS when they cannot be read.

AWS reads the event with Jackson, and its words are in the answer. Which of them AWS was seen to use is said beside
each.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NoReturn

from lambda_states_mock.service_errors import ServiceError

_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_PREFIX = "Could not parse request body into json: Could not parse payload into json: "
BAD_CLIENT_CONTEXT = "Client context must be a valid Base64-encoded JSON object."  # (I)
NESTED_TOO_DEEPLY = "Document nesting depth exceeds the maximum allowed"  # (I)
NUMBER_TOO_LONG = "Number value length exceeds the maximum allowed"  # (I)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


def parse_event(payload: bytes) -> Any:
    """Return the event in *payload*; no payload is an empty object.

    Raises ServiceError InvalidRequestContentException (400) for what is no JSON.
    """
    if not payload:
        return {}
    try:
        return _DECODER.decode(payload.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _unreadable(_utf8_problem(error), payload[: error.start].decode("utf-8"), error.start) from None
    except json.JSONDecodeError as error:
        raise _unreadable(_json_problem(error), error.doc, error.pos) from None
    except RecursionError:
        raise ServiceError("InvalidRequestContentException", _PREFIX + NESTED_TOO_DEEPLY) from None
    except _NonStandardToken as error:
        text = payload.decode("utf-8")
        problem = f"Non-standard token '{error}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"  # (I)
        raise _unreadable(problem, text, text.find(str(error))) from None
    except ValueError:  # of Python, for integers of thousands of digits; Jackson takes a thousand
        raise ServiceError("InvalidRequestContentException", _PREFIX + NUMBER_TOO_LONG) from None


def parse_client_context(header: str | None) -> dict[str, Any] | None:
    """Return the object in *header*, base64 of a JSON object; None without one.

    Raises ServiceError InvalidRequestContentException (400) when it is something else.
    """
    if not header:
        return None
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


def _unreadable(problem: str, text: str, position: int) -> ServiceError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)  # 1 at the start of a line
    where = f"[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, "
    # Jackson names the place after the character that it could not use.
    return ServiceError("InvalidRequestContentException", f"{_PREFIX}{problem}\n at {where}column: {column + 1}]")


def _utf8_problem(error: UnicodeDecodeError) -> str:
    if error.reason == "invalid start byte":
        return f"Invalid UTF-8 start byte 0x{error.object[error.start]:x}"  # (R)
    if error.end < len(error.object):
        return f"Invalid UTF-8 middle byte 0x{error.object[error.end]:x}"  # (I)
    return "Unexpected end-of-input in a multi-byte UTF-8 character"  # (I)


# What Python calls it -> what Jackson was waiting for (I)
_EXPECTED = {
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
    "Illegal trailing comma before end of object": "was expecting double-quote to start field name",
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Expecting ',' delimiter": "was expecting comma to separate entries",
}


def _json_problem(error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Unterminated string"):
        return "Unexpected end-of-input: was expecting closing quote for a string value"
    if error.pos >= len(error.doc):
        return "Unexpected end-of-input"
    if error.msg.startswith("Invalid \\"):
        return f"Unrecognized character escape {_named(error.doc[error.pos + 1 : error.pos + 2])}"
    named = _named(error.doc[error.pos])
    if error.msg.startswith("Invalid control character"):
        return f"Illegal unquoted character ({named}): has to be escaped using backslash to be included in string value"
    word = _WORD.match(error.doc, error.pos) if error.msg not in _EXPECTED else None
    if word is not None:
        return f"Unrecognized token '{word.group()}': was expecting {_VALUES}"
    return f"Unexpected character ({named}): {_EXPECTED.get(error.msg, f'expected a valid value {_VALUES}')}"


def _named(character: str) -> str:
    code = ord(character or "\0")
    # Jackson counts the C1 controls among them: code 153 is recorded.
    if code < 32 or 127 <= code < 160:
        return f"(CTRL-CHAR, code {code})"
    return f"'{character}' (code {code})"
