"""Copies of namespaces, such as ``sys.modules`` or a module's own, to see what code has changed there."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any, NamedTuple

held_by = gc.get_referents
"""Returns all values that containers hold, in their order and in one step: each run asks that of many."""


class NamesCopied(NamedTuple):
    """A copy of one or more namespaces: *spaces*, each by name, all their values *in_order*, and their *last_names*."""

    spaces: tuple[dict[str, Any], ...]
    in_order: list[Any]
    last_names: list[str]

    @property
    def by_name(self) -> dict[str, Any]:
        """The first of them, which may be the only one."""
        return self.spaces[0]

    def is_still(self, *there: dict[str, Any]) -> bool:
        """Return whether the namespaces *there* are the same; False where it cannot be told.

        What is new comes last, and so does what gets another name. So values in the same order have the same names if
        the last one has: to look up each name would take twice as long, and each run asks this of several namespaces.
        """
        try:
            return _last_names(there) == self.last_names and held_by(*there) == self.in_order
        except Exception:  # a value of the code's own that cannot be compared
            return False


def copied(*there: dict[str, Any]) -> NamesCopied:
    """Return a copy of the namespaces *there*."""
    last_names, in_order = _last_names(there), held_by(*there)
    # Last: what another thread changes meanwhile is seen the next time.
    return NamesCopied(tuple([dict(one) for one in there]), in_order, last_names)


def _last_names(there: Iterable[dict[str, Any]]) -> list[str]:
    """Return the last name of each, as far as none is empty."""
    return list(map(next, map(reversed, there)))
