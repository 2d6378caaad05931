"""Copies of namespaces, such as ``sys.modules`` or a module's own, to see what code has changed there."""

from __future__ import annotations

from typing import Any, NamedTuple


class NamesCopied(NamedTuple):
    """A copy of one or more namespaces: *spaces*, each by name, and all their values *in_order*."""

    spaces: tuple[dict[str, Any], ...]
    in_order: list[Any]

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
            values: list[Any] = []
            for now, before in zip(there, self.spaces, strict=True):
                if len(now) != len(before) or next(reversed(now), None) != next(reversed(before), None):
                    return False
                values += now.values()
            return values == self.in_order
        except Exception:  # a value of the code's own that cannot be compared
            return False


def copied(*there: dict[str, Any]) -> NamesCopied:
    """Return a copy of the namespaces *there*."""
    return NamesCopied(tuple([dict(one) for one in there]), [value for one in there for value in one.values()])
