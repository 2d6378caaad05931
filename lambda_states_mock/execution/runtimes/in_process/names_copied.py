"""Copies of namespaces, such as ``sys.modules`` or a module's own, to see what code has changed there."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import repeat
from typing import Any

held_by = gc.get_referents
"""Returns what containers hold, in their order and in one step: each run asks that of many.

Of a module's dict, that is all values. Attributes are held by the object since Python 3.13, and by its dict before.
"""


class NamesCopied:
    """A copy of one or more namespaces.

    Attributes: *by_name*, the first of them, which may be the only one; *spaces*, all of them.
    """

    __slots__ = ("_in_order", "_last_names", "by_name", "spaces")

    def __init__(self, *there: dict[str, Any]) -> None:
        self._last_names, self._in_order = _last_names(there), held_by(*there)
        # Last: what another thread changes meanwhile is seen the next time.
        self.spaces = tuple([dict(one) for one in there])
        self.by_name = self.spaces[0] if self.spaces else {}

    def is_still(self, *there: dict[str, Any]) -> bool:
        """Return whether the namespaces *there* are the same; False where it cannot be told.

        What is new comes last, and so does what gets another name. So values in the same order have the same names if
        the last one has: to look up each name would take twice as long, and each run asks this of several namespaces.
        """
        try:
            # All in one expression: each run asks this four times.
            return _last_names(there) == self._last_names and held_by(*there) == self._in_order
        except Exception:  # another thread changes them, or a value of the code's own cannot be compared
            return False


class LastCopy:
    """The last copy of namespaces: between most runs nothing changes there, and it is right still."""

    def __init__(self) -> None:
        self._copy = NOTHING_COPIED

    def of(self, *there: dict[str, Any]) -> NamesCopied:
        """Return a copy of the namespaces *there*: the last one, if they are the same."""
        if not self._copy.is_still(*there):
            self._copy = NamesCopied(*there)
        return self._copy

    def forget(self) -> None:
        """Let go of all that it holds."""
        self._copy = NOTHING_COPIED


def _last_names(there: Iterable[dict[str, Any]]) -> list[str | None]:
    """Return the last name of each; None of an empty one."""
    return list(map(next, map(reversed, there), repeat(None)))


NOTHING_COPIED = NamesCopied({})
