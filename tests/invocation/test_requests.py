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


AT = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: {column}]"
START_NAME = "was expecting double-quote to start field name"
IN_NUMBER = "Unexpected character ({}) in numeric value: {}"
AFTER_MINUS = "expected digit (0-9) to follow minus sign, for valid numeric value"
CTRL = "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in "
NAN = "Non-standard token '{}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
COLON = "was expecting a colon to separate field name and value"
CLOSE = "Unexpected end-of-input: expected close marker for {} (start marker at {})"

UNREADABLE = [
    # recorded
    (b"n\x87r", "Invalid UTF-8 start byte 0x87", 1, 3),
    ("\x99".encode(), f"Unexpected character ((CTRL-CHAR, code 153)): expected a valid value {VALUES}", 1, 1),
    ("\x99\xe9".encode(), f"Unexpected character ((CTRL-CHAR, code 153)): expected a valid value {VALUES}", 1, 1),
    (b"\x99", "Invalid UTF-8 start byte 0x99", 1, 2),
    # bytes that are no UTF-8
    (b"{\x87", "Invalid UTF-8 start byte 0x87", 1, 3),
    (b"hello\x87", "Invalid UTF-8 start byte 0x87", 1, 7),
    (b"hello \x87", f"Unrecognized token 'hello': was expecting {VALUES}", 1, 7),
    (b"{a\x87", f"Unexpected character ('a' (code 97)): {START_NAME}", 1, 2),
    (b'"\xc3("', "Invalid UTF-8 middle byte 0x28", 1, 4),
    (b'"\xc3', "Unexpected end-of-input in a multi-byte UTF-8 character", 1, 3),
    # where a value is to begin
    (b"hello", f"Unrecognized token 'hello': was expecting {VALUES}", 1, 6),
    (b"hello world", f"Unrecognized token 'hello': was expecting {VALUES}", 1, 7),
    (b"True", f"Unrecognized token 'True': was expecting {VALUES}", 1, 5),
    (b"nulls", f"Unrecognized token 'nulls': was expecting {VALUES}", 1, 6),
    (b"x" * 300, f"Unrecognized token '{'x' * 256}...': was expecting {VALUES}", 1, 257),
    (b"'a'", f"Unexpected character (''' (code 39)): expected a valid value {VALUES}", 1, 1),
    (b" \n %", f"Unexpected character ('%' (code 37)): expected a valid value {VALUES}", 2, 2),
    (b" \r\n%", f"Unexpected character ('%' (code 37)): expected a valid value {VALUES}", 2, 1),
    ("€".encode(), f"Unexpected character ('€' (code 8364 / 0x20ac)): expected a valid value {VALUES}", 1, 1),
    (b"\x00", f"Unexpected character ((CTRL-CHAR, code 0)): expected a valid value {VALUES}", 1, 1),
    (b"[1,]", "Unexpected character (']' (code 93)): expected a value", 1, 4),
    (b"[,1]", "Unexpected character (',' (code 44)): expected a value", 1, 2),
    (b'{"a":}', "Unexpected character ('}' (code 125)): expected a value", 1, 6),
    (b"/* */ 1", "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? "
     "(not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)", 1, 1),
    (b"{} x", f"Unrecognized token 'x': was expecting {VALUES}", 1, 5),
    (b"[NaN]", NAN.format("NaN"), 1, 5),
    # in objects and arrays
    (b"{a: 1}", f"Unexpected character ('a' (code 97)): {START_NAME}", 1, 2),
    (b'{"a": 1,}', f"Unexpected character ('}}' (code 125)): {START_NAME}", 1, 9),
    (b'{"a" 1}', f"Unexpected character ('1' (code 49)): {COLON}", 1, 6),
    (b'{"a": 1\n "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
     2, 2),
    (b"[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 4),
    (b'{"a": 1]', f"Unexpected close marker ']': expected '}}' (for Object starting at {AT.format(column=1)})", 1, 9),
    (b" [1}", f"Unexpected close marker '}}': expected ']' (for Array starting at {AT.format(column=2)})", 1, 5),
    (b"]", f"Unexpected close marker ']': expected '}}' (for root starting at {AT.format(column=0)})", 1, 2),
    # numbers
    (b"-", f"Unexpected end-of-input in numeric value: {AFTER_MINUS}", 1, 2),
    (b"-a", IN_NUMBER.format("'a' (code 97)", AFTER_MINUS), 1, 2),
    (b"+1", IN_NUMBER.format("'+' (code 43)", "JSON spec does not allow numbers to have plus signs: enable "
     "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"), 1, 1),
    (b"012", "Invalid numeric value: Leading zeroes not allowed", 1, 3),
    (b"[1.]", IN_NUMBER.format("']' (code 93)", "Decimal point not followed by a digit"), 1, 4),
    (b"[1e+]", IN_NUMBER.format("']' (code 93)", "Exponent indicator not followed by a digit"), 1, 5),
    (b"1a", "Unexpected character ('a' (code 97)): Expected space separating root-level values", 1, 2),
    # what ends too early
    (b" ", "No content to map due to end-of-input", 1, 2),
    (b'"abc', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 5),
    (b'{"abc', "Unexpected end-of-input in field name", 1, 6),
    (b'"abc\\', "Unexpected end-of-input in character escape sequence", 1, 6),
    (b"{", CLOSE.format("Object", AT.format(column=1)), 1, 2),
    (b'{"a": [1', CLOSE.format("Array", AT.format(column=7)), 1, 9),
    (b'{"a": 1', CLOSE.format("Object", AT.format(column=1)), 1, 8),
    (b'{"a": "b"', CLOSE.format("Object", AT.format(column=1)), 1, 10),
    (b"[1,", "Unexpected end-of-input within/between Array entries", 1, 4),
    (b'{"a":', "Unexpected end-of-input within/between Object entries", 1, 6),
    (b'{"a"', "Unexpected end-of-input within/between Object entries", 1, 5),
    # in strings
    (b'"a\tb"', f"{CTRL}string value", 1, 4),
    (b'{"a\tb": 1}', f"{CTRL}name", 1, 5),
    (b'"a\\x"', "Unrecognized character escape 'x' (code 120)", 1, 5),
    (b'"\\u12g4"', "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence", 1, 6),
    # columns count bytes
    ('{"é" 1}'.encode(), f"Unexpected character ('1' (code 49)): {COLON}", 1, 7),
]  # fmt: skip


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
    assert parse_client_context(base64.b64encode(b'{"custom": {"a": "b"}}').decode(), 100) == {"custom": {"a": "b"}}


@pytest.mark.parametrize("header", [None, ""])
def test_no_client_context_is_none(header: str | None) -> None:
    assert parse_client_context(header, 100) is None


@pytest.mark.parametrize("header", ["not base64!", base64.b64encode(b"{").decode(), base64.b64encode(b"[]").decode()])
def test_a_client_context_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(ServiceError, match=r"Client context must be a valid Base64-encoded JSON object\."):
        parse_client_context(header, 100)
