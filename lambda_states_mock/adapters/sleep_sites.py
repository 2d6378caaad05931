"""The places in loaded modules that hold a function itself rather than look it up: ``from time import sleep``,
``def wait(sleep=time.sleep)``, ``class Poller: pause = time.sleep``.

Looking through all modules takes a while, so each is looked at once, and only if it knows the function or its module
at all. What was found stays known and is replaced and put back at little cost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any
from weakref import ref


class SleepSites:
    """All places that hold one of some functions, or the substitute of one, in the modules that are loaded.

    Parameters: *substitutes*, pairs of the function and what stands in for it; *modules*, those that the functions
    live in: a module that holds neither is not looked into.
    """

    def __init__(self, substitutes: tuple[tuple[Any, Any], ...], modules: tuple[ModuleType, ...]) -> None:
        self._forward = {id(original): substitute for original, substitute in substitutes}
        self._back = {id(substitute): original for original, substitute in substitutes}
        self._wanted = frozenset(self._forward) | frozenset(self._back)
        self._telling = self._wanted | frozenset(map(id, modules))
        self._modules = modules
        self._seen: dict[int, Callable[[], Any]] = {}
        self._count = 0
        self._last: Any = None
        self._names: list[tuple[Any, str]] = []  # a module or a class, and the name there
        self._defaults: list[FunctionType] = []  # functions whose parameters have defaults

    def substitute(self) -> None:
        """Put the substitutes in."""
        self._replace(self._forward)

    def restore(self) -> None:
        """Put the functions back, also in modules that were imported meanwhile and took hold of a substitute."""
        self._replace(self._back)

    def _replace(self, values: Mapping[int, Any]) -> None:
        self._look()
        first: BaseException | None = None
        for owner, name in self._names:
            if (number := id(vars(owner).get(name))) in values:
                try:
                    setattr(owner, name, values[number])
                except BaseException as error:
                    first = first or error
        for function in self._defaults:
            if defaults := function.__defaults__:
                function.__defaults__ = tuple([values.get(id(held), held) for held in defaults])
            if by_name := function.__kwdefaults__:
                by_name.update({name: values[id(held)] for name, held in by_name.items() if id(held) in values})
        if first is not None:
            raise first

    def _look(self) -> None:
        loaded = sys.modules
        count, last = len(loaded), newest(loaded)
        if count == self._count and last is self._last:
            return
        self._count, self._last = count, last
        seen = self._seen
        for module in list(loaded.values()):
            known = seen.get(id(module))
            if known is not None and known() is module:  # a new module may get the number of one that is gone
                continue
            namespace = getattr(module, "__dict__", None)
            if not isinstance(namespace, dict) or not _is_being_imported(namespace):
                seen[id(module)] = reference(module)
            else:  # it may take hold of more: it is looked at once more
                self._count = 0
            if isinstance(namespace, dict) and module not in self._modules:
                self._look_into(module, namespace)

    def _look_into(self, module: Any, namespace: dict[str, Any]) -> None:
        held = list(namespace.items())
        if not self._telling.isdisjoint([id(value) for _, value in held]):
            name = namespace.get("__name__")
            self._find(module, held, module_name=name if isinstance(name, str) else "")

    def _find(self, owner: Any, held: list[tuple[str, Any]], *, module_name: str) -> None:
        for name, value in held:
            if id(value) in self._wanted:
                self._names.append((owner, name))
                continue
            function = value.__func__ if type(value) in {staticmethod, classmethod} else value
            if type(function) is FunctionType:
                defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
                if any(id(one) in self._wanted for one in defaults):
                    self._defaults.append(function)
            elif isinstance(value, type) and value is not owner and value.__module__ == module_name:
                self._find(value, list(vars(value).items()), module_name=module_name)


def newest(loaded: dict[str, Any]) -> Any:
    """Return the last of *loaded*, ``sys.modules``, which another thread may change meanwhile."""
    while True:
        try:
            return loaded[next(reversed(loaded))]
        except (KeyError, RuntimeError):
            continue


def _is_being_imported(namespace: dict[str, Any]) -> bool:
    return getattr(namespace.get("__spec__"), "_initializing", False) is True


def reference(module: Any) -> Callable[[], Any]:
    """Return what gives *module* as long as it lives: a weak reference, where it can have one."""
    try:
        return ref(module)
    except TypeError:  # not everything in sys.modules is a module
        return lambda: module
