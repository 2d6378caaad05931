"""What Jackson says of JSON that it cannot read: AWS reads events with it, and its words are in the answer.

Python finds the place. The words are those of Jackson's sources (2.17, ``UTF8StreamJsonParser``); recorded (R) are the
texts for a byte that begins no character and for an unexpected character, with their columns. A column counts bytes
from 1. It is that of an unexpected character, and else of what follows all that was read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from lambda_states_mock.json_reading import NonStandardTokenError
from lambda_states_mock.patterns import compile_later

_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_COMMENT = (
    "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)"
)
_PLUS = (
    "JSON spec does not allow numbers to have plus signs: enable "
    "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
)
NESTED_TOO_DEEPLY = "Document nesting depth exceeds the maximum allowed"  # (I)
NUMBER_TOO_LONG = "Number value length exceeds the maximum allowed"  # (I)
_LONGEST_TOKEN = 256
_PART = compile_later(r"[\w$\x00-\x08\x0e-\x1b\x7f-\x9f]")  # of an identifier of Java's
_TOKEN = compile_later(rf"(?:[^\W\d]|\$){_PART.pattern}*")
_LITERAL = compile_later(r"(?:null|true|false)\Z")
_LINE_END = compile_later(rb"\r\n|\r|\n")
_STRING = compile_later(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER = compile_later(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\Z")


class Problem(NamedTuple):
    """What is wrong, in words, and how many characters were read when that showed."""

    text: str
    read: int


class _Opened(NamedTuple):
    """An array or object that is not closed yet, and where it began."""

    bracket: str
    position: int

    @property
    def kind(self) -> str:
        return "Object" if self.bracket == "{" else "Array"

    @property
    def close(self) -> str:
        return "}" if self.bracket == "{" else "]"


def of(document: bytes, error: Exception) -> str:
    """Return what is wrong with *document*, by the *error* that Python has raised of it."""
    if isinstance(error, UnicodeDecodeError):
        return of_bytes(document, error)
    if isinstance(error, json.JSONDecodeError):
        return of_text(error)
    if isinstance(error, NonStandardTokenError):
        return of_token(document.decode("utf-8"), error.token)
    # Else Python has met an integer of thousands of digits; Jackson takes a thousand.
    return NESTED_TOO_DEEPLY if isinstance(error, RecursionError) else NUMBER_TOO_LONG


def of_text(error: json.JSONDecodeError) -> str:
    """Return what is wrong with the text that *error* is about, and where."""
    text, read = _problem(error)
    return _with_place(text, error.doc[:read].encode("utf-8", "surrogatepass"))


def of_token(document: str, token: str) -> str:
    """Return what is wrong with a *token* of Python's own: ``NaN`` and its like."""
    text = f"Non-standard token '{token}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
    return _with_place(text, document[: document.find(token) + len(token)].encode("utf-8", "surrogatepass"))


def of_bytes(payload: bytes, error: UnicodeDecodeError) -> str:
    """Return what is wrong with a *payload* that is no UTF-8, and where. What is no JSON before that comes first."""
    before = payload[: error.start].decode("utf-8")
    try:
        json.loads(before)
    except json.JSONDecodeError as earlier:
        if _shows_before_the_end(_problem(earlier), before):
            return of_text(earlier)
    except (ValueError, RecursionError):
        pass
    if error.reason == "invalid start byte":
        return _with_place(f"Invalid UTF-8 start byte 0x{payload[error.start]:x}", payload[: error.start + 1])  # (R)
    if error.end < len(payload):
        return _with_place(f"Invalid UTF-8 middle byte 0x{payload[error.end]:x}", payload[: error.end + 1])
    return _with_place("Unexpected end-of-input in a multi-byte UTF-8 character", payload)  # (I) the text


def _shows_before_the_end(problem: Problem, text: str) -> bool:
    """Tell whether *problem* is one of *text*, whatever follows it."""
    if problem.text.startswith("Unrecognized token"):
        return problem.read < len(text) or _PART.fullmatch(text[-1]) is None
    return problem.read < len(text) and not problem.text.startswith("Unexpected end")


def _with_place(problem: str, read: bytes) -> str:
    return f"{problem}\n at {_place(read)}"


def _place(read: bytes) -> str:
    lines = _LINE_END.split(read)
    return _SOURCE.format(line=len(lines), column=len(lines[-1]) + 1)


class _Fault(NamedTuple):
    """Where Python stopped reading *document*, what it said, and what was not closed by then."""

    document: str
    position: int
    said: str
    opened: list[_Opened]

    @property
    def character(self) -> str:
        return self.document[self.position]


def _problem(error: json.JSONDecodeError) -> Problem:
    position = error.pos
    if error.msg.startswith("Illegal trailing comma"):  # how Python says it since 3.13; what follows is the matter
        position = _after_blanks(error.doc, position + 1)
    fault = _Fault(error.doc, position, error.msg, _opened(error.doc[:position]))
    return next(problem for look in _LOOKS if (problem := look(fault)) is not None)


def _at_the_end(fault: _Fault) -> Problem | None:
    if fault.said.startswith("Unterminated string"):
        return Problem(_unterminated(fault.document, fault.position, fault.opened), len(fault.document))
    if fault.position >= len(fault.document):
        return Problem(_end_of_input(fault.document, fault.opened), len(fault.document))
    return None


def _in_a_string(fault: _Fault) -> Problem | None:
    document, position, said, opened = fault
    if said.startswith("Invalid control character"):
        where = "name" if _is_name(document, position, opened) else "string value"
        text = f"Illegal unquoted character ({_named(fault.character)})"
        return Problem(f"{text}: has to be escaped using backslash to be included in {where}", position + 1)
    if said.startswith("Invalid \\u"):
        return _bad_digit(document, position)
    if said.startswith("Invalid \\"):
        return Problem(f"Unrecognized character escape {_named(document[position + 1])}", position + 2)
    return None


def _after_a_literal(fault: _Fault) -> Problem | None:
    """``nulls``: Python has read its first four letters."""
    literal = _LITERAL.search(fault.document, 0, fault.position)
    token = _TOKEN.match(fault.document, literal.start()) if literal is not None else None
    if token is None or token.end() <= fault.position:
        return None
    return _unknown_token(fault.document, token[0], token.start())


def _in_a_number(fault: _Fault) -> Problem | None:
    """What is wrong with the number that ends, or should go on, at the place."""
    document, position, _, opened = fault
    begin = position
    while begin and document[begin - 1] in "0123456789+-.eE":
        begin -= 1
    number, character = document[begin:position], fault.character
    if (number and _NUMBER.match(number) is None) or (not number and character != "-"):
        return None
    if number in ("0", "-0") and character.isdecimal():
        return Problem("Invalid numeric value: Leading zeroes not allowed", position + 1)
    if character in _DIGIT_WANTED:
        signed = character in "eE" and document[position + 1 : position + 2] in ("+", "-")
        return _digit_wanted(document, position + 1 + signed, _DIGIT_WANTED[character])
    if not opened:
        return _unexpected(character, position, "Expected space separating root-level values")
    return None


_DIGIT_WANTED = {
    "-": "expected digit (0-9) to follow minus sign, for valid numeric value",
    ".": "Decimal point not followed by a digit",
    "e": "Exponent indicator not followed by a digit",
    "E": "Exponent indicator not followed by a digit",
}


def _between(fault: _Fault) -> Problem | None:
    """What separates the parts of an array or object is not there."""
    document, position, said, opened = fault
    if fault.character == "/":
        return _unexpected(fault.character, position, _COMMENT)
    if said.startswith("Expecting ':'"):
        return _unexpected(fault.character, position, "was expecting a colon to separate field name and value")
    if said.startswith("Expecting ','") and opened:
        if fault.character in "]}":
            return _mismatched(document, fault.character, position, opened)
        return _unexpected(fault.character, position, f"was expecting comma to separate {opened[-1].kind} entries")
    return None


def _no_name_or_value(fault: _Fault) -> Problem:
    document, position, said, opened = fault
    is_name = said.startswith(("Expecting property name", "Illegal trailing comma before end of object"))
    return (_no_name if is_name else _no_value)(document, fault.character, position, opened)


_LOOKS: tuple[Callable[[_Fault], Problem | None], ...] = (
    _at_the_end, _in_a_string, _after_a_literal, _in_a_number, _between, _no_name_or_value,
)  # fmt: skip


def _no_name(document: str, character: str, position: int, opened: list[_Opened]) -> Problem:
    if character == "]" and document[:position].rstrip(" \t\r\n").endswith("{"):
        return _mismatched(document, character, position, opened)
    return _unexpected(character, position, "was expecting double-quote to start field name")


def _no_value(document: str, character: str, position: int, opened: list[_Opened]) -> Problem:
    before = document[:position].rstrip(" \t\r\n")[-1:]
    if character in "]}" and before in ("", "["):
        return _mismatched(document, character, position, opened)
    if character in ",}" or (character == "]" and opened and opened[-1].bracket == "["):
        return _unexpected(character, position, "expected a value")
    token = _TOKEN.match(document, position)
    if token is not None:
        return _unknown_token(document, token[0], position)
    if character == "+":
        return Problem(f"Unexpected character ({_named(character)}) in numeric value: {_PLUS}", position)
    return _unexpected(character, position, f"expected a valid value {_VALUES}")  # (R)


def _unknown_token(document: str, token: str, position: int) -> Problem:
    shown, read = token, position + len(token) + 1  # the character after it has been read, too
    if len(token) >= _LONGEST_TOKEN:
        shown, read = f"{token[:_LONGEST_TOKEN]}...", position + _LONGEST_TOKEN
    return Problem(f"Unrecognized token '{shown}': was expecting {_VALUES}", min(read, len(document)))


def _unexpected(character: str, position: int, expected: str) -> Problem:
    return Problem(f"Unexpected character ({_named(character)}): {expected}", position)


def _mismatched(document: str, character: str, position: int, opened: list[_Opened]) -> Problem:
    other = "]" if character == "}" else "}"
    if not opened:
        begun = f"root starting at {_SOURCE.format(line=1, column=0)}"
    else:
        begun = f"{opened[-1].kind} starting at {_place(document[: opened[-1].position].encode())}"
    return Problem(f"Unexpected close marker '{character}': expected '{other}' (for {begun})", position + 1)


def _bad_digit(document: str, position: int) -> Problem:
    digits = re.compile("u+|[0-9a-fA-F]*")
    start = document.index("u", position - 1) + 1
    match = digits.match(document, start)
    place = match.end() if match is not None else start
    if place >= len(document):
        return Problem("Unexpected end-of-input in character escape sequence", len(document))
    return _unexpected(document[place], place, "expected a hex-digit for character escape sequence")


def _digit_wanted(document: str, place: int, comment: str) -> Problem:
    if place >= len(document):
        return Problem(f"Unexpected end-of-input in numeric value: {comment}", len(document))  # (I) the text
    return Problem(f"Unexpected character ({_named(document[place])}) in numeric value: {comment}", place)


def _unterminated(document: str, position: int, opened: list[_Opened]) -> str:
    if (len(document) - len(document.rstrip("\\"))) % 2:
        return "Unexpected end-of-input in character escape sequence"
    if _is_name(document, position, opened):
        return "Unexpected end-of-input in field name"
    return "Unexpected end-of-input: was expecting closing quote for a string value"


def _is_name(document: str, position: int, opened: list[_Opened]) -> bool:
    """Tell whether the string around *position* is the name of an object's member."""
    if not opened or opened[-1].bracket != "{":
        return False
    begun = document.rfind('"', 0, position + 1)
    return document[:begun].rstrip(" \t\r\n")[-1:] in ("{", ",")


def _end_of_input(document: str, opened: list[_Opened]) -> str:
    if not opened:
        return "No content to map due to end-of-input"
    innermost = opened[-1]
    if document.rstrip(" \t\r\n")[-1:] in (",", ":") or _ends_in_a_name(document, innermost):
        return f"Unexpected end-of-input within/between {innermost.kind} entries"
    begun = _place(document[: innermost.position].encode("utf-8", "surrogatepass"))
    return f"Unexpected end-of-input: expected close marker for {innermost.kind} (start marker at {begun})"


def _ends_in_a_name(document: str, innermost: _Opened) -> bool:
    if innermost.bracket != "{":
        return False
    strings = list(_STRING.finditer(document, innermost.position))
    if not strings or document[strings[-1].end() :].strip():
        return False
    return document[: strings[-1].start()].rstrip(" \t\r\n")[-1:] in ("{", ",")


def _opened(text: str) -> list[_Opened]:
    """Return the arrays and objects in *text* that are not closed, outermost first."""
    found: list[_Opened] = []
    blanked = _STRING.sub(lambda match: " " * len(match[0]), text)
    for position, character in enumerate(blanked):
        if character in "[{":
            found.append(_Opened(character, position))
        elif character in "]}" and found:
            found.pop()
    return found


def _after_blanks(document: str, position: int) -> int:
    while position < len(document) and document[position] in " \t\r\n":
        position += 1
    return position


def _named(character: str) -> str:
    code = ord(character)
    if code < 32 or 127 <= code < 160:  # the C1 controls, too: code 153 is recorded
        return f"(CTRL-CHAR, code {code})"
    return f"'{character}' (code {code} / 0x{code:x})" if code > 255 else f"'{character}' (code {code})"
