"""Copies of namespaces, such as ``sys.modules`` or a module's own, to see what code has changed there."""

from __future__ import annotations

from typing import Any, NamedTuple


class NamesCopied(NamedTuple):
    """A copy of a namespace: *by_name*, and all values *in_order*."""

    by_name: dict[str, Any]
    in_order: list[Any]

    def is_still(self, there: dict[str, Any]) -> bool:
        """Return whether the namespace *there* is the same; False where it cannot be told.

        What is new comes last, and so does what gets another name. So values in the same order have the same names if
        the last one has: to look up each name would take twice as long, and each run asks this of several namespaces.
        """
        try:
            return (
                len(there) == len(self.in_order)
                and next(reversed(there), None) == next(reversed(self.by_name), None)
                and list(there.values()) == self.in_order
            )
        except Exception:  # a value of the code's own that cannot be compared
            return False


def copied(there: dict[str, Any]) -> NamesCopied:
    """Return a copy of the namespace *there*."""
    return NamesCopied(dict(there), list(there.values()))
