"""The wildcards of IAM's policies: ``*`` stands for any characters, ``?`` for one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from lambda_states_mock.patterns import compile_later

_STARS = compile_later(r"\*+")


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Return whether the whole of *text* is what *pattern* stands for."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == text.lower() if ignore_case else pattern == text
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    # As in the standard library's fnmatch: each piece between two stars is matched where it comes first, and not
    # elsewhere later on, so that many stars do not take many times as long.
    first, *others = (".".join(map(re.escape, piece.split("?"))) for piece in _STARS.split(pattern))
    *middle, last = others or [""]
    found = "".join(f"(?=(?P<g{index}>.*?{piece}))(?P=g{index})" for index, piece in enumerate(middle))
    regex = first + (found + ".*" + last if others else "")
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
