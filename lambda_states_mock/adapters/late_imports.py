"""Notice what is imported while a mock is active, so that it is patched before the import returns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from lambda_states_mock.execution import folders

RunCode = Callable[[ModuleType], None]
"""Runs the code of a module, as `exec_module` of a loader."""


class ImportWatch:
    """A finder that finds nothing by itself: it lets those behind it do so, and notices when a module is there.

    Parameters: *on_import*, called after the import of a watched module. Where that has imported other watched ones, it
    is called once, after the outer one: who patches them may need both. *on_import_of_copy*, called with the name of a
    watched package of which a function has brought its own copy along: nobody else ever sees that.
    """

    def __init__(self, on_import: Callable[[], object], on_import_of_copy: Callable[[str], object]) -> None:
        self._on_import = on_import
        self._on_import_of_copy = on_import_of_copy
        self._names: frozenset[str] = frozenset()
        self._under_way: dict[str, int] = {}  # the thread that imports it, by the name of a module
        self._before: list[Any] = []  # the list of finders that was there before
        self._laid: list[Any] = []  # the one in its place

    def watch_for(self, modules: Iterable[str]) -> None:
        """Watch the imports of *modules*, and of the packages that they are in."""
        self._names = _with_packages(tuple(modules))
        if not sys.meta_path or sys.meta_path[0] is not self:
            others = self._others()
            if sys.meta_path is not self._laid:
                self._before = sys.meta_path
            sys.meta_path = self._laid = [self, *others]

    def end(self) -> None:
        """Watch no more.

        Another thread may go through the finders just now. It would leave one out if the one before that was removed
        from its list, so the list that was there before comes back.
        """
        self._names = frozenset()  # somebody may put the finders back that were there before
        others = self._others()
        if sys.meta_path is self._laid:
            self._before[:] = others
            sys.meta_path = self._before
        elif len(others) < len(sys.meta_path):
            sys.meta_path = others

    def _others(self) -> list[Any]:
        return [finder for finder in sys.meta_path if finder is not self]

    def is_under_way(self, module: str) -> bool:
        """Return True while *module*, or a package that it is in, is being imported: it may lack names."""
        return bool(self._under_way) and not self._under_way.keys().isdisjoint(_with_packages((module,)))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders behind this one find, with a loader that notices. None for what is not watched."""
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
            noticing: Any = _NoticingLoader(spec.loader, execute)
            spec.loader = noticing
        return spec

    def execute_copy(self, module: ModuleType, run_code: RunCode) -> None:
        """Let *run_code* run the code of *module*, and say so once its package is there."""
        run_code(module)
        if "." not in module.__name__:
            self._on_import_of_copy(module.__name__)

    def execute(self, module: ModuleType, run_code: RunCode) -> None:
        """Let *run_code* run the code of *module*, and say so if no other watched module waits for it."""
        me, name = threading.get_ident(), module.__name__
        self._under_way[name] = me
        try:
            run_code(module)
        except BaseException:
            if list(self._under_way.values()).count(me) == 1:
                self._on_import()  # what it has imported stays; half of a module is nothing to patch
            raise
        finally:
            self._under_way.pop(name, None)
        if me not in list(self._under_way.values()):
            package, _, last = name.rpartition(".")
            if package in sys.modules and name in sys.modules:
                # As the import does next: what patches the module may look for it there.
                setattr(sys.modules[package], last, sys.modules[name])
            self._on_import()


class _NoticingLoader:
    """In the place of a *loader*, until it has loaded its module: *execute* runs the module's code, by that loader."""

    def __init__(self, loader: Any, execute: Callable[[ModuleType, RunCode], None]) -> None:
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
