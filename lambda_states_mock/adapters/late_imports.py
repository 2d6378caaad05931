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
        self._untold: set[int] = set()  # threads that have imported one on the way to another
        self._before: list[Any] = []  # the list of finders that was there before
        self._laid: list[Any] = []  # the one in its place

    def await_(self, modules: Iterable[str]) -> None:
        """Watch the imports of *modules*, and of the packages that they are in."""
        self._names = _with_packages(tuple(modules))
        if self not in sys.meta_path:
            self._before, sys.meta_path = sys.meta_path, [self, *sys.meta_path]
            self._laid = sys.meta_path

    def end(self) -> None:
        """Watch no more.

        Another thread may go through the list just now: it would leave a finder out if one before that were removed.
        """
        self._names = frozenset()
        rest = [finder for finder in sys.meta_path if finder is not self]
        if sys.meta_path is self._laid:
            self._before[:] = rest
            sys.meta_path = self._before
        elif self in sys.meta_path:
            sys.meta_path = rest

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
        """Let *execute* run the code of *module*, and tell; where that fails, of what it has imported before."""
        name = module.__name__
        self._under_way[name] = threading.get_ident()
        try:
            execute(module)
        except BaseException:
            if threading.get_ident() in self._untold:  # it will not stay, so it is still under way; others will
                self._tell(but_for=name)
            raise
        finally:
            self._under_way.pop(name, None)
        package, _, last = name.rpartition(".")
        if package in sys.modules and name in sys.modules:  # as the import does next: what patches it may look there
            setattr(sys.modules[package], last, sys.modules[name])
        self._tell()

    def _tell(self, *, but_for: str = "") -> None:
        """Tell, unless this thread is importing another awaited module than *but_for*, which tells later."""
        me = threading.get_ident()
        if any(thread == me and name != but_for for name, thread in list(self._under_way.items())):
            self._untold.add(me)
        else:
            self._untold.discard(me)
            self._told()


class _TellingLoader:
    """In the place of a *loader*, until it has loaded its module: *execute* runs that, by the loader, and tells."""

    def __init__(self, loader: Any, execute: Callable[[ModuleType, Callable[[ModuleType], None]], None]) -> None:
        self._loader = loader
        self._execute = execute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Let a copy be one of the loader."""
        return self._loader.__reduce_ex__(protocol)

    def exec_module(self, module: Any) -> None:
        """Run the code of *module*, which finds itself as if nobody had watched."""
        module.__loader__ = module.__spec__.loader = self._loader
        self._execute(module, self._loader.exec_module)


@lru_cache(maxsize=256)
def _with_packages(modules: tuple[str, ...]) -> frozenset[str]:
    parts = [module.split(".") for module in modules]
    return frozenset({".".join(part[: length + 1]) for part in parts for length in range(len(part))})
