"""Putting back goes on: what cannot be put back keeps nothing else from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def all_of(actions: Iterable[Callable[[], object]]) -> None:
    """Do all of *actions*, even if one fails; then raise the first error."""
    first: BaseException | None = None
    for action in actions:
        try:
            action()
        except BaseException as error:
            if first is None:
                first = error
    if first is not None:
        try:
            raise first
        finally:
            del first  # it holds this frame
