"""Attributes of other people's modules and classes, replaced for a while and put back exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ABSENT: Any = object()


class Patches:
    """What one adapter has replaced.

    `restore` puts back each attribute that still has our value. An attribute that somebody else has replaced since is
    theirs.
    """

    _afterwards: tuple[Callable[[], None], ...] = ()

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Set *owner*.*name* to *value*, and return what a lookup gave before.

        Parameters: *owner*, a module, a class or an instance. `restore` deletes an attribute that it only inherits.
        """
        original = owner.__dict__.get(name, _ABSENT)
        found = getattr(owner, name) if original is _ABSENT else original
        setattr(owner, name, value)
        self._replaced.append((owner, name, value, original))
        return found

    def after_restoring(self, action: Callable[[], None]) -> None:
        """Have `restore` call *action* once the attributes are put back."""
        self._afterwards = (*self._afterwards, action)

    def restore(self) -> None:
        """Put everything back, the last one first."""
        for owner, name, value, original in reversed(self._replaced):
            if owner.__dict__.get(name, _ABSENT) is not value:
                continue
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._replaced.clear()
        for action in self._afterwards:
            action()
