"""What the server is asked and what it answers, as values: nothing here, nor in `application`, knows of a socket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lambda_states_mock.patterns import compile_later
from lambda_states_mock.wire.http import as_sent

JSON = "application/json"
_PER_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding"})
_TOKEN = compile_later(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKS = compile_later(r"[\x00-\x08\x0a-\x1f\x7f]")
LONGEST_BODY = 100 * 1024 * 1024
"""Bytes of a body that is read: more than the largest request that Lambda takes, CreateFunction with a zip of 50 MB."""


@dataclass(frozen=True)
class Asked:
    """One request.

    Parameters: *target*, from the first line, still percent-encoded; *headers*, as received, in their order; *body*,
    the whole of it.
    """

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def given(self) -> dict[str, str]:
        """The headers with names in lower case; of several with one name the last."""
        return {name.lower(): as_sent(value) for name, value in self.headers}

    def all(self, name: str) -> list[str]:
        """Return the values of all headers called *name*, which is in lower case."""
        return [as_sent(value) for given, value in self.headers if given.lower() == name]


@dataclass(frozen=True)
class Reply:
    """One answer: its status, its headers and its body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    def sendable(self) -> list[tuple[str, str]]:
        """Return the headers that can be sent: none that are the connection's own, none that would begin another."""
        return [
            (name, _BREAKS.sub(" ", value))
            for name, value in self.headers
            if name.lower() not in _PER_CONNECTION and _TOKEN.fullmatch(name)
        ]

    def having(self, *headers: tuple[str, str]) -> Reply:
        """Return this answer with more *headers*."""
        return Reply(self.status, (*self.headers, *headers), self.body)


def refused(status: int, kind: str, message: str, **more: Any) -> Reply:
    """Return an answer that SDKs raise as the error *kind*. Parameters: *more* members of its body."""
    body = json.dumps({"message": message, **more}).encode()
    return Reply(status, (("content-type", JSON), ("x-amzn-errortype", kind)), body)


def unframed(status: int, message: str) -> Reply:
    """Return the answer to what is no HTTP request, or one whose end nobody knows."""
    kind = "RequestEntityTooLargeException" if status in {413, 414, 431} else "BadRequest"
    return refused(status, kind, message)


def in_json(value: Any, status: int = 200) -> Reply:
    """Return an answer with *value* as JSON."""
    return Reply(status, (("content-type", JSON),), (json.dumps(value, default=str) + "\n").encode())
