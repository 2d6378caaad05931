"""Dataclasses of our own, made several times as quickly: a process makes a hundred of them for its first mock.

To type checkers this is Python's own decorator. Python's writes and compiles up to six methods for each class. Here it
writes ``__init__`` alone, for the first object: many a test needs half of the classes. All share the other methods.

``frozen`` is what a type checker holds you to. Nothing looks at it at run time, so these objects are also made more
quickly. What a test gets to see is a dataclass of Python's own, and frozen for good.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]
_MADE = object()

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from dataclasses import dataclass as _dataclass

    def dataclass(cls=None, *, init=True, eq=True, repr=True, frozen=False, **options):  # noqa: A002 - the names are Python's
        """As Python's own, but for ``order``, ``unsafe_hash`` and what a frozen object does when it is changed.

        There is no `InitVar`.
        """

        def made(cls: type) -> type:
            result: Any = _dataclass(init=False, eq=False, repr=False, **options)(cls)
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
            if init and "__init__" not in own:

                def first(self: Any, /, *args: Any, **values: Any) -> None:
                    result.__init__ = written = _init_of(result)
                    written(self, *args, **values)

                result.__init__ = first
            return result

        return made if cls is None else made(cls)


def _init_of(cls: Any) -> Any:
    """Write ``__init__`` for *cls*, as Python's own decorator does."""
    scope: dict[str, Any] = {"__name__": cls.__module__, "MADE": _MADE}
    by_place, by_name, lines = ["self"], ["*"], ["pass"]
    for one in fields(cls):
        name, value, usual = one.name, one.name if one.init else "", ""
        if one.default_factory is not MISSING:
            scope[f"make_{name}"], usual = one.default_factory, "=MADE"
            value = f"make_{name}() if {name} is MADE else {name}" if one.init else f"make_{name}()"
        elif one.default is not MISSING:
            scope[f"usual_{name}"], usual = one.default, f"=usual_{name}"
            value = value or f"usual_{name}"
        if one.init:
            (by_name if one.kw_only else by_place).append(name + usual)
        if value:  # else something else sets it
            lines.append(f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters = ", ".join(by_place + by_name if len(by_name) > 1 else by_place)
    # Compiled first: to run a text resets what Python has noted of an interrupt, and an interrupted program would end
    # with status 1 where a class has its first object at exit.
    code = compile(f"def __init__({parameters}):\n  " + "\n  ".join(lines), "<string>", "exec")
    exec(code, scope)  # noqa: S102 - the text is ours
    scope["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return scope["__init__"]


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
