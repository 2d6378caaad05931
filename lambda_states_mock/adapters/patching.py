"""Attributes of other people's modules and classes, replaced for a while and put back exactly."""

from __future__ import annotations

from typing import Any

_ABSENT: Any = object()


class Patches:
    """A pile of replaced attributes.

    `restore` puts back each attribute that still has our value: what somebody else has replaced since is theirs.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def __len__(self) -> int:
        return len(self._replaced)

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Set *owner*.*name* to *value*, and return what a lookup gave before.

        Parameters: *owner*, a module, a class or an instance; an attribute that it only inherits is deleted again
        later.
        """
        original = vars(owner).get(name, _ABSENT)
        found = getattr(owner, name) if original is _ABSENT else original
        setattr(owner, name, value)
        self._replaced.append((owner, name, value, original))
        return found

    def restore(self) -> None:
        """Put everything back, the last one first."""
        while self._replaced:
            owner, name, value, original = self._replaced.pop()
            if vars(owner).get(name, _ABSENT) is not value:
                continue
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
