"""Copies of namespaces, such as ``sys.modules`` or a module's own, to see what code has changed there."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import repeat
from typing import Any, NamedTuple

held_by = gc.get_referents
"""Returns what containers hold, in their order and in one step: each run asks that of many.

Of a module's dict, that is all values. Attributes are held by the object since Python 3.13, and by its dict before.
"""


def hold(containers: Iterable[Any], held: list[Any]) -> bool:
    """Return whether *containers* hold what `held_by` has found there, *held*; False where it cannot be told."""
    try:
        return held_by(*containers) == held
    except Exception:  # a value of the code's own that cannot be compared
        return False


class NamesCopied(NamedTuple):
    """A copy of one or more namespaces: *spaces*, each by name, all their values *in_order*, and their *last_names*."""

    spaces: tuple[dict[str, Any], ...]
    in_order: list[Any]
    last_names: list[str | None]

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
            last_names = _last_names(there)
        except RuntimeError:  # another thread changes them
            return False
        return last_names == self.last_names and hold(there, self.in_order)


class LastCopy:
    """The last copy of namespaces: between most runs nothing changes there, and it is right still."""

    def __init__(self) -> None:
        self._copy = NOTHING_COPIED

    def of(self, *there: dict[str, Any]) -> NamesCopied:
        """Return a copy of the namespaces *there*: the last one, if they are the same."""
        if not self._copy.is_still(*there):
            self._copy = copied(*there)
        return self._copy

    def forget(self) -> None:
        """Let go of all that it holds."""
        self._copy = NOTHING_COPIED


def copied(*there: dict[str, Any]) -> NamesCopied:
    """Return a copy of the namespaces *there*."""
    last_names, in_order = _last_names(there), held_by(*there)
    # Last: what another thread changes meanwhile is seen the next time.
    return NamesCopied(tuple([dict(one) for one in there]), in_order, last_names)


def _last_names(there: Iterable[dict[str, Any]]) -> list[str | None]:
    """Return the last name of each; None of an empty one."""
    return list(map(next, map(reversed, there), repeat(None)))


NOTHING_COPIED = copied({})
