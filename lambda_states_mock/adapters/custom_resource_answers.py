"""Where the functions of custom resources send their answers: a URL that CloudFormation has made for one request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

_awaited: dict[str, dict[str, Any]] = {}  # by request


@contextmanager
def awaited(request: str) -> Iterator[dict[str, Any]]:
    """Give what the answer to *request* is put into, which is empty until it comes."""
    answer = _awaited[request] = {}
    try:
        yield answer
    finally:
        del _awaited[request]


def take(path: str, body: bytes) -> int:
    """Take an answer, and return the HTTP status: 403 for a URL that nobody waits for, 400 for what is no answer."""
    answer = _awaited.get(unquote(path).rsplit("|", 1)[-1])
    if answer is None:
        return 403
    try:
        said = json.loads(body)
    except ValueError:
        return 400
    if not isinstance(said, dict) or said.get("Status") not in {"SUCCESS", "FAILED"}:
        return 400
    answer.update(said)
    return 200
