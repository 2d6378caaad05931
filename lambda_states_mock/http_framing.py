"""The body of an HTTP/1.1 request, as its headers frame it (RFC 9112, section 6)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import NamedTuple, Protocol

LONGEST_LINE = 65_536
MOST_TRAILERS = 100
WITHOUT_BODY = frozenset({*range(100, 200), 204, 304})
"""The statuses of answers that have no body."""


class BadFraming(Exception):  # noqa: N818 - what is wrong with a request, not with this program
    """The headers, or the sizes of chunks, do not say where the body ends, or it is too long. Its text is one line.

    Parameters: *status*, of the answer.
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Unfinished(Exception):  # noqa: N818
    """What was sent ends before the body does. *parts*, what came of it."""

    def __init__(self, parts: Sequence[bytes] = ()) -> None:
        super().__init__()
        self.parts = tuple(parts)


class Stream(Protocol):
    """Where a body is read from."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class Framed(NamedTuple):
    """A body: its *parts*, one alone where it is not *chunked*; and the *trailers*, by their names in lower case."""

    parts: tuple[bytes, ...]
    trailers: Mapping[str, str]
    is_chunked: bool


def read_body(headers: Message, stream: Stream, longest: int = sys.maxsize) -> bytes:
    """Return the body that follows *headers*, as `read_framed` does, in one piece and without trailers."""
    return b"".join(read_framed(headers, stream, longest).parts)


def read_framed(headers: Message, stream: Stream, longest: int = sys.maxsize) -> Framed:
    """Return the body that follows *headers*, of *longest* bytes at most.

    Raises BadFraming, and Unfinished where *stream* ends in its middle.
    """
    codings = headers.get_all("Transfer-Encoding", [])
    if codings:
        if [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise BadFraming(f"Transfer-Encoding is chunked, or absent, not {', '.join(codings)!r}")
        if "Content-Length" in headers:  # by which others may have found another end
            raise BadFraming("Transfer-Encoding and Content-Length exclude each other")
        return _chunked(stream, longest)
    size = _checked(content_length(headers.get_all("Content-Length", [])), longest)
    return Framed((_exactly(stream, size),) if size else (), {}, is_chunked=False)


def _checked(size: int, longest: int) -> int:
    if size > longest:
        raise BadFraming(f"a body has {longest} bytes at most", 413)
    return size


def content_length(given: Sequence[str]) -> int:
    """Return the length that the values of Content-Length tell; 0 without any. Raises BadFraming."""
    values = {value.strip() for joined in given for value in joined.split(",")} or {"0"}
    text = values.pop()
    if values or not _is_number(text, "0123456789"):
        raise BadFraming(f"Content-Length is a number of bytes, not {', '.join(given)!r}")
    return int(text)


def _chunked(stream: Stream, longest: int) -> Framed:
    parts: list[bytes] = []
    total = 0
    try:
        while size := _chunk_size(_line(stream)):
            total = _checked(total + size, longest)
            parts.append(_exactly(stream, size))
            if (end := stream.read(2)) != b"\r\n":
                raise BadFraming(f"a chunk of {size} bytes does not end where it says") if len(end) == 2 else Unfinished
        return Framed(tuple(parts), _trailers(stream), is_chunked=True)
    except Unfinished as cut:
        raise Unfinished((*parts, *cut.parts)) from None


def _trailers(stream: Stream) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(MOST_TRAILERS):
        line = _line(stream).strip()
        if not line:
            return found
        name, _, value = line.decode("latin-1").partition(":")
        found[name.strip().lower()] = value.strip()
    raise BadFraming(f"there are {MOST_TRAILERS} trailers at most")


def _chunk_size(line: bytes) -> int:
    text = line.partition(b";")[0].strip().decode("latin-1")
    if not _is_number(text, "0123456789abcdefABCDEF"):
        raise BadFraming(f"the size of a chunk is a hexadecimal number, not {text!r}")
    return int(text, 16)


def _is_number(text: str, digits: str) -> bool:
    return 0 < len(text) <= 18 and not text.strip(digits)


def _line(stream: Stream) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise BadFraming("a line is too long") if len(line) == LONGEST_LINE else Unfinished
    return line


def _exactly(stream: Stream, size: int) -> bytes:
    body = stream.read(size) if size else b""
    if len(body) < size:
        raise Unfinished([body] if body else [])
    return body
