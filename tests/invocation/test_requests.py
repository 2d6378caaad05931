"""The event and the client context, and what AWS says when it cannot read them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lambda_states_mock.invocation.requests import parse_client_context, parse_event
from lambda_states_mock.service_errors import ServiceError

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@pytest.mark.parametrize(
    ("payload", "event"),
    [(b"", {}), (b"{}", {}), (b" [1] ", [1]), (b"null", None), (b'"\xc3\xa9"', "é"), (b"0.5", 0.5)],
)
def test_an_event_is_any_json(payload: bytes, event: Any) -> None:
    assert parse_event(payload) == event


UNREADABLE = [
    # recorded
    (b"{\x87", "Invalid UTF-8 start byte 0x87", 1, 3),
    (b" \xc2\x99", f"Unexpected character ((CTRL-CHAR, code 153)): expected a valid value {VALUES}", 1, 3),
    # inferred
    (b'"\xc3("', "Invalid UTF-8 middle byte 0x28", 1, 3),
    (b'"\xc3', "Unexpected end-of-input in a multi-byte UTF-8 character", 1, 3),
    (b"hello", f"Unrecognized token 'hello': was expecting {VALUES}", 1, 2),
    (b"{} x", f"Unrecognized token 'x': was expecting {VALUES}", 1, 5),
    (b"{a: 1}", "Unexpected character ('a' (code 97)): was expecting double-quote to start field name", 1, 3),
    (b'{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 1, 7),
    (b'{"a": 1\n "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate entries", 2, 3),
    (b'"abc', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 2),
    (b"[1,", "Unexpected end-of-input", 1, 5),
    (
        b'"a\tb"',
        (
            "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included "
            "in string value"
        ),
        1,
        4,
    ),
    (b'"a\\x"', "Unrecognized character escape 'x' (code 120)", 1, 4),
    (b"[NaN]", "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 3),
]


@pytest.mark.parametrize(("payload", "problem", "line", "column"), UNREADABLE)
def test_what_is_no_json_is_refused_in_the_words_of_jackson(
    payload: bytes, problem: str, line: int, column: int
) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_event(payload)
    assert (caught.value.code, caught.value.type) == ("InvalidRequestContentException", "User")
    assert caught.value.message == (
        f"Could not parse request body into json: Could not parse payload into json: {problem}\n"
        " at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
        f"line: {line}, column: {column}]"
    )


def test_a_client_context_is_an_object_in_base64() -> None:
    assert parse_client_context(base64.b64encode(b'{"custom": {"a": "b"}}').decode()) == {"custom": {"a": "b"}}


@pytest.mark.parametrize("header", [None, ""])
def test_no_client_context_is_none(header: str | None) -> None:
    assert parse_client_context(header) is None


@pytest.mark.parametrize("header", ["not base64!", base64.b64encode(b"{").decode(), base64.b64encode(b"[]").decode()])
def test_a_client_context_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(ServiceError, match=r"Client context must be a valid Base64-encoded JSON object\."):
        parse_client_context(header)
