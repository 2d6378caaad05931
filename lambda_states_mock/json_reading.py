"""JSON as AWS reads it: without what Python alone knows, and with texts that UTF-8 can hold."""

from __future__ import annotations

import json
import re
from typing import Any

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str) -> Any:
    """Return what *text* is in JSON. Raises ValueError or RecursionError for what is none: Python alone knows NaN.

    Half of a surrogate pair, which JSON can escape and UTF-8 cannot encode, becomes "?", as it does in Java (I).
    """
    value = json.loads(text, parse_constant=_no_constant)
    return _encodable(value) if _ESCAPED_SURROGATE.search(text) else value


def _no_constant(token: str) -> None:
    raise ValueError(f"Non-standard token '{token}'")


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return list(map(_encodable, value))
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value
