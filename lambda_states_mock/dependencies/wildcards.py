"""The wildcards of IAM's policies: ``*`` stands for any characters, ``?`` for one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from functools import lru_cache

_WILDCARD = re.compile(r"(\*+|\?)")


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Return whether the whole of *text* is what *pattern* stands for."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == text.lower() if ignore_case else pattern == text
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts = _WILDCARD.split(pattern)  # wildcards are every second part
    regex = "".join(
        (("." if part == "?" else ".*") if index % 2 else re.escape(part)) for index, part in enumerate(parts)
    )
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
