"""Filter patterns of event source mappings: whether a text is one (invocation-eventfiltering.html)."""

from __future__ import annotations

import json
from typing import Any


def is_filter_pattern(text: str | None) -> bool:
    """Tell whether *text* is a filter pattern: a JSON object whose leaves are lists of values or of operators."""
    try:
        pattern = json.loads(text or "")
        return isinstance(pattern, dict) and _is_level(pattern)
    except (ValueError, RecursionError):
        return False


def _is_level(level: dict[str, Any]) -> bool:
    return all(_is_rule(key, value) for key, value in level.items())


def _is_rule(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return _is_level(value)
    if not isinstance(value, list) or not value:
        return False
    if key == "$or":
        return all(isinstance(one, dict) and _is_level(one) for one in value)
    return all(_is_condition(one) for one in value)


def _is_condition(value: Any) -> bool:
    """A value to equal, or one operator such as ``{"prefix": "a"}``."""
    return len(value) == 1 if isinstance(value, dict) else not isinstance(value, list)
