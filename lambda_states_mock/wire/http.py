"""The two messages that every adapter translates to and from: a request that came in, a response that goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it stands on the wire.

    *lower*: the headers with lower-case names and text values, where whoever makes the request has them so.
    """

    method: str  # upper-case
    path: str  # alone, still percent-encoded
    query: str  # without its question mark, still percent-encoded
    headers: Mapping[str, str | bytes]  # names in any case; values may be bytes, as botocore's signers leave some
    body: bytes = field(repr=False)  # the whole of it
    lower: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """Return the header *name*, in whichever case it was sent, or None."""
        return self.lower_headers().get(name.lower())

    def lower_headers(self) -> dict[str, str]:
        """Return all headers with lower-case names and text values."""
        if not self.lower:
            for name, value in self.headers.items():
                self.lower[name.lower()] = value if isinstance(value, str) else header_text(value)
        return self.lower


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer ready for the wire; header names have AWS's spelling, most of them lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


def header_text(value: object) -> str:
    """Return the name or value of a header as text: bytes that are no UTF-8 are Latin-1, which HTTP began with."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def as_received(value: str) -> str:
    """Return a header's value as clients see it that take what comes over the connection, UTF-8, as Latin-1."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("latin-1")


def as_sent(value: str) -> str:
    """Return the value that a client sent and that was received as Latin-1, as `header_text` returns it."""
    return value if value.isascii() else header_text(value.encode("latin-1", "replace"))


def body_bytes(body: Any) -> bytes:
    """Return the whole of a body as clients give it: text, bytes, a file, or an iterable of these; None is empty."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return body_bytes(body.read()) if hasattr(body, "read") else b"".join(map(body_bytes, body))
