"""JSON as AWS reads it: without what Python alone knows, and, where it is kept as UTF-8, with what that can hold."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_json(text: str) -> Any:
    """Return what *text* is in JSON. Raises ValueError or RecursionError for what is none: Python alone knows NaN."""
    return json.loads(text, parse_constant=no_constant)


class NonStandardTokenError(ValueError):
    """``NaN`` and its like: Python reads them, AWS does not."""

    def __init__(self, token: str) -> None:
        super().__init__(f"Non-standard token '{token}'")
        self.token = token


def no_constant(token: str) -> NoReturn:
    """Refuse *token*, which Python alone reads as a number. Raises NonStandardTokenError."""
    raise NonStandardTokenError(token)


def encodable(value: Any) -> Any:
    """Return *value*, as JSON has it, with texts that UTF-8 can hold.

    Half of a surrogate pair, which JSON can escape and UTF-8 cannot encode, becomes "?", as it does in Java (I).
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, list):
        return list(map(encodable, value))
    if isinstance(value, dict):
        return {encodable(key): encodable(item) for key, item in value.items()}
    return value
