"""Dataclasses of our own, made several times as quickly: a process makes a hundred of them for its first mock.

To type checkers this is Python's own decorator. Python's writes and compiles up to six methods for each class. Here it
writes ``__init__`` alone, and the classes share the others.

``frozen`` is what a type checker holds you to. Nothing looks at it at run time, so these objects are also made more
quickly. What a test gets to see is a dataclass of Python's own, and frozen for good.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from dataclasses import dataclass as _dataclass

    def dataclass(cls=None, *, eq=True, repr=True, frozen=False, **options):  # noqa: A002 - the names are Python's
        """As Python's own, but for ``order``, ``unsafe_hash`` and what a frozen object does when it is changed."""

        def made(cls: type) -> type:
            result: Any = _dataclass(eq=False, repr=False, **options)(cls)
            own = vars(cls)
            if repr and "__repr__" not in own:
                result.__repr__ = _repr
            if eq:
                compared = [field.name for field in fields(result) if field.compare]
                # Without any, all are equal, as all have one class.
                result._compared = attrgetter(*compared or ("__class__",))  # noqa: SLF001 - of this module
                if "__eq__" not in own:
                    result.__eq__ = _eq
                if "__hash__" not in own:
                    result.__hash__ = _hash if frozen else None
            return result

        return made if cls is None else made(cls)


def _repr(self: Any) -> str:
    shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    compared = self._compared
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self._compared(self))
