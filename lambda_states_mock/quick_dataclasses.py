"""Dataclasses of our own, made many times as quickly: a process makes a hundred of them for its first mock.

To type checkers this is Python's own decorator. Python's looks at each field of a class, and writes and compiles up to
six methods for it. Here a class gets methods that all share, its first objects are filled step by step, and
``__init__`` is written for those with more of them. What `dataclasses.fields` tells is Python's own, once it is asked.

``frozen`` is what a type checker holds you to. Nothing looks at it at run time, so these objects are also made more
quickly. What a test gets to see is a dataclass of Python's own, and frozen for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, replace
from dataclasses import dataclass as _dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]
_MADE = object()
_FILLED_BY_STEPS = 8
"""The objects of a class that are made before it is worth to compile ``__init__``, which takes as long as a hundred."""

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, *, init=True, eq=True, repr=True, frozen=False, slots=False, kw_only=False):  # noqa: A002 - the names are Python's
        """As Python's own, but for ``order``, ``unsafe_hash`` and what a frozen object does when it is changed.

        There is no `InitVar`, `ClassVar` and `KW_ONLY`, and no class above it is one of Python's own dataclasses.
        """

        def made(cls: type) -> type:
            own = vars(cls)
            fields = {name: own.get(name, MISSING) for name in cls.__annotations__}
            result: Any = (_with_slots if slots else _with_defaults)(cls, fields)
            result.__own_fields__ = fields, kw_only
            for name, find in _FOUND_LATER.items():
                setattr(result, name, _FoundLater(result, name, find))
            result.__replace__ = replace
            if repr and "__repr__" not in own:
                result.__repr__ = _repr
            if eq:
                if "__eq__" not in own:
                    result.__eq__ = _eq
                if "__hash__" not in own:
                    result.__hash__ = _hash if frozen else None
            if init and "__init__" not in own:
                result.__init__ = _first_init(result)
            return result

        return made if cls is None else made(cls)


class _FoundLater:
    """What a class has, found when somebody asks for it."""

    def __init__(self, of: type, name: str, find: Callable[[Any], Any]) -> None:
        self._of = of
        self._name = name
        self._find = find

    def __get__(self, _instance: object, _owner: type) -> Any:
        found = self._find(self._of)
        setattr(self._of, self._name, found)
        return found


class _Attribute:
    """A field as our methods need it. Each without a default has `MISSING` for it."""

    def __init__(self, name: str, default: Any, *, kw_only: bool) -> None:
        whole: Any = default if isinstance(default, Field) else None
        self.name = name
        self.default = default if whole is None else whole.default
        self.factory: Any = MISSING if whole is None else whole.default_factory
        self.is_given = whole is None or whole.init
        self.is_shown = whole is None or whole.repr
        self.is_compared = whole is None or (whole.repr if whole.compare is None else whole.compare)
        self.kw_only = kw_only if whole is None or whole.kw_only is MISSING else whole.kw_only


def _attributes(cls: Any) -> dict[str, _Attribute]:
    found = {}
    for one in reversed(cls.__mro__):
        fields, kw_only = vars(one).get("__own_fields__", ({}, False))
        found.update({name: _Attribute(name, default, kw_only=kw_only) for name, default in fields.items()})
    return found


def _by_place(cls: Any) -> list[str]:
    return [one.name for one in cls.__attributes__.values() if one.is_given and not one.kw_only]


def _compared(cls: Any) -> Callable[[Any], Any]:
    # Without any, all are equal, as all have one class.
    return attrgetter(*[one.name for one in cls.__attributes__.values() if one.is_compared] or ("__class__",))


def _of_pythons(cls: Any) -> Any:
    """Return a dataclass of Python's own with the fields that *cls* adds to those of the classes above it."""
    fields, kw_only = cls.__own_fields__
    defaults = {name: default for name, default in fields.items() if default is not MISSING}
    # Python looks annotations up in the module, which may be gone from `sys.modules`.
    module = _dataclass.__module__
    own = {"__module__": module, "__doc__": "", "__annotations__": dict(cls.__annotations__), **defaults}
    return _dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(type(cls.__name__, (), own))


def _fields(cls: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in reversed(cls.__mro__[1:]):
        found.update(getattr(one, "__dataclass_fields__", {}))
    return {**found, **_of_pythons(cls).__dataclass_fields__}


_FOUND_LATER: dict[str, Callable[[Any], Any]] = {
    "__attributes__": _attributes,
    "__compared__": _compared,
    "__dataclass_fields__": _fields,
    "__dataclass_params__": lambda cls: _of_pythons(cls).__dataclass_params__,
    "__match_args__": lambda cls: tuple(_by_place(cls)),
}


def _with_defaults(cls: Any, fields: Mapping[str, Any]) -> Any:
    """Let *cls* have the defaults of its fields, in place of what says so."""
    for name, default in fields.items():
        if isinstance(default, Field):
            if default.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, default.default)
    return cls


def _with_slots(cls: Any, names: Iterable[str]) -> Any:
    """Return *cls* made anew, with slots for its fields: a class cannot get them later."""
    left_out = {"__dict__", "__weakref__", *names}
    namespace = {name: value for name, value in vars(cls).items() if name not in left_out}
    inherited = {name for one in cls.__mro__[1:-1] for name in vars(one).get("__slots__", ())}
    namespace["__slots__"] = tuple([name for name in names if name not in inherited])
    result = type(cls)(cls.__name__, cls.__bases__, namespace)
    result.__qualname__ = cls.__qualname__
    return result


# -- methods


def _first_init(cls: Any) -> Callable[..., None]:
    """Return ``__init__`` for the first objects of *cls*. The one that is written refuses what is wrong."""
    left = _FILLED_BY_STEPS

    def first(self: Any, /, *args: Any, **values: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0 or not _fill(cls, self, args, values):
            cls.__init__ = written = _init_of(cls)
            written(self, *args, **values)

    return first


def _fill(cls: Any, self: Any, args: tuple[Any, ...], values: dict[str, Any]) -> bool:
    """Give *self* what ``__init__`` would; False, and nothing, where that would refuse the arguments."""
    attributes, by_place = cls.__attributes__.values(), _by_place(cls)
    given = dict(zip(by_place, args))  # noqa: B905 - there may be fewer
    if len(args) > len(by_place) or not given.keys().isdisjoint(values):
        return False
    given.update(values)
    usual = [one for one in attributes if not (one.is_given and one.name in given)]
    if len(given) + len(usual) != len(attributes):
        return False
    if any(one.is_given and one.default is one.factory is MISSING for one in usual):
        return False
    for name, value in given.items():
        setattr(self, name, value)
    for one in usual:
        if one.factory is not MISSING:
            setattr(self, one.name, one.factory())
        elif one.default is not MISSING:  # else something else sets it
            setattr(self, one.name, one.default)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()
    return True


def _init_of(cls: Any) -> Any:
    """Write ``__init__`` for *cls*, as Python's own decorator does."""
    scope: dict[str, Any] = {"__name__": cls.__module__, "MADE": _MADE}
    by_place, by_name, lines = ["self"], ["*"], ["pass"]
    for one in cls.__attributes__.values():
        name, value, usual = one.name, one.name if one.is_given else "", ""
        if one.factory is not MISSING:
            scope[f"make_{name}"], usual = one.factory, "=MADE"
            value = f"make_{name}() if {name} is MADE else {name}" if one.is_given else f"make_{name}()"
        elif one.default is not MISSING:
            scope[f"usual_{name}"], usual = one.default, f"=usual_{name}"
            value = value or f"usual_{name}"
        if one.is_given:
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
    shown = [one.name for one in self.__attributes__.values() if one.is_shown]
    return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    compared = self.__compared__
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self.__compared__(self))
