"""Attributes of other people's modules and classes, replaced for a while and put back exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ABSENT: Any = object()


class Patches:
    """What one adapter has replaced.

    `restore` puts back each attribute that still has our value. An attribute that somebody else has replaced since is
    theirs. `repeat` replaces everything once more.
    """

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any, Any]] = []
        self._after_setting: tuple[Callable[[], None], ...] = ()
        self._after_restoring: tuple[Callable[[], None], ...] = ()

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Set *owner*.*name* to *value*, and return what a lookup gave before.

        Parameters: *owner*, a module, a class or an instance. `restore` deletes an attribute that it only inherits.
        """
        original = owner.__dict__.get(name, _ABSENT)
        found = getattr(owner, name) if original is _ABSENT else original
        setattr(owner, name, value)
        self._replaced.append((owner, name, value, original, found))
        return found

    def also(self, now: Callable[[], None], undo: Callable[[], None]) -> None:
        """Call *now*, here and at the end of each `repeat`, and *undo* at the end of each `restore`."""
        self._after_setting = (*self._after_setting, now)
        self._after_restoring = (*self._after_restoring, undo)
        now()

    def repeat(self) -> bool:
        """Set everything again after `restore`, if all is as `set` found it. Return whether it was; if not, do nothing.

        What stands in for an attribute may call what it found there, so it must not outlive that.
        """
        for owner, name, _, original, found in self._replaced:
            if owner.__dict__.get(name, _ABSENT) is not original:
                return False
            if original is _ABSENT and getattr(owner, name, _ABSENT) is not found:
                return False
        for owner, name, value, _, _ in self._replaced:
            setattr(owner, name, value)
        for action in self._after_setting:
            action()
        return True

    def restore(self) -> None:
        """Put everything back, the last one first; then raise the first error of what could not be."""
        first: BaseException | None = None
        for owner, name, value, original, _ in reversed(self._replaced):
            try:  # not `all_of`: a call for each takes longer than putting it back
                if owner.__dict__.get(name, _ABSENT) is not value:
                    continue
                if original is _ABSENT:
                    delattr(owner, name)
                else:
                    setattr(owner, name, original)
            except BaseException as error:
                first = first or error
        for action in self._after_restoring:
            try:
                action()
            except BaseException as error:
                first = first or error
        if first is not None:
            raise first
