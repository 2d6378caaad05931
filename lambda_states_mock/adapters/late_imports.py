"""Modules that somebody imports while a mock is active: what is patched there is, before the import returns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from lambda_states_mock.execution import folders


class ImportWatch:
    """A finder that finds nothing by itself: it lets those behind it do so, and tells when a module was imported.

    Parameters: *told*, which is called after the import of awaited ones. A module that another awaited one imports is
    told of with that, since they may need each other. *told_of_copy* is called with the name of a package of which a
    function has brought a copy along: that is another one, which nobody else ever sees.
    """

    def __init__(self, told: Callable[[], object], told_of_copy: Callable[[str], object]) -> None:
        self._told = told
        self._told_of_copy = told_of_copy
        self._names: frozenset[str] = frozenset()
        self._under_way: dict[str, int] = {}  # the thread that imports it, by the name of a module

    def await_(self, modules: Iterable[str]) -> None:
        """Watch the imports of *modules*, and of the packages that they are in."""
        self._names = _with_packages(tuple(modules))
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Watch no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def is_under_way(self, module: str) -> bool:
        """Return True while *module*, or a package that it is in, is being imported: it may lack names."""
        return bool(self._under_way) and not self._under_way.keys().isdisjoint(_with_packages((module,)))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders behind this one find, with a loader that tells. None for what nobody awaits."""
        if name not in self._names:
            return None
        finders = iter(list(sys.meta_path))
        if all(finder is not self for finder in finders):  # it goes on behind this one
            return None
        for finder in finders:
            if not hasattr(finder, "find_spec"):  # one of an older kind, which Python knows how to ask
                return None
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                break
        else:
            return None
        if hasattr(spec.loader, "exec_module"):
            execute = self.execute_copy if folders.hold(spec.origin or "") else self.execute
            telling: Any = _TellingLoader(spec.loader, execute)
            spec.loader = telling
        return spec

    def execute_copy(self, module: ModuleType, execute: Callable[[ModuleType], None]) -> None:
        """Let *execute* run the code of *module*, and tell once its package is there."""
        execute(module)
        if "." not in module.__name__:
            self._told_of_copy(module.__name__)

    def execute(self, module: ModuleType, execute: Callable[[ModuleType], None]) -> None:
        """Let *execute* run the code of *module*, and tell."""
        me = threading.get_ident()
        self._under_way[module.__name__] = me
        try:
            execute(module)
        finally:
            self._under_way.pop(module.__name__, None)
        if me not in list(self._under_way.values()):
            package, _, name = module.__name__.rpartition(".")
            if package in sys.modules:  # as the import does next: what patches the module may look for it there
                setattr(sys.modules[package], name, sys.modules[module.__name__])
            self._told()


class _TellingLoader:
    """In the place of a *loader*, until it has loaded its module: *execute* runs that, by the loader, and tells."""

    def __init__(self, loader: Any, execute: Callable[[ModuleType, Callable[[ModuleType], None]], None]) -> None:
        self._loader = loader
        self._execute = execute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: Any) -> None:
        """Run the code of *module*, which finds itself as if nobody had watched."""
        module.__loader__ = module.__spec__.loader = self._loader
        self._execute(module, self._loader.exec_module)


@lru_cache(maxsize=256)
def _with_packages(modules: tuple[str, ...]) -> frozenset[str]:
    parts = [module.split(".") for module in modules]
    return frozenset({".".join(part[: length + 1]) for part in parts for length in range(len(part))})
