"""Regular expressions that are compiled when they are first used: most of a process's first mock needs few of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["compile_later"]
_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")

if TYPE_CHECKING:
    from re import compile as compile_later
else:

    class compile_later:  # noqa: N801 - it stands for a function
        """As `re.compile` returns it. What is wrong with *text* is found when it is first used."""

        def __init__(self, text: str | bytes, flags: int = 0) -> None:
            self._given = text, flags

        def __getattr__(self, name: str) -> Any:
            compiled = re.compile(*self._given)
            vars(self).update({method: getattr(compiled, method) for method in _METHODS})
            return getattr(compiled, name)
