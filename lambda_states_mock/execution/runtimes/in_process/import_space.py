"""The modules of one execution environment: in ``sys.modules`` while its function runs, and nowhere at other times.

Two functions may both have a ``handler.py``, and the test may have one too. The standard library and what is
installed are shared, as far as the zip has nothing of that name. A logger named like a module of the function belongs
to it, too.
"""

from __future__ import annotations

import importlib
import linecache
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.names_copied import NOTHING_COPIED, LastCopy, NamesCopied

# The locks of imports under way, by name: functions with modules of the same name must not wait for each other.
_locks: dict[str, Any] = getattr(importlib._bootstrap, "_module_locks", {})  # noqa: SLF001


_last = LastCopy()


def modules_now() -> NamesCopied:
    """Return a copy of ``sys.modules``."""
    return _last.of(sys.modules)


class ImportSpace:
    """Names that belong to one function.

    Parameters: *path*, the folders that come first on ``sys.path``; *names*, the top-level names that they provide;
    *entry*, the top-level module of the handler: it may even hide a module of the standard library.

    Attributes: *folders*, those of *path*; *has_left_all*, whether ``sys.modules`` was left as it
    was entered, but for what it has hidden there.
    """

    def __init__(self, path: Sequence[Path], *, names: Iterable[str], entry: str) -> None:
        self.folders = tuple(str(folder) for folder in path)
        self._path = list(self.folders)
        # The runtime has imported most of the standard library before /var/task is looked at.
        self._names = {name for name in names if name == entry or name not in sys.stdlib_module_names}
        self._modules: dict[str, Any] = {}
        self._provided: dict[str, Any] = {}
        self._lent: dict[str, Any] = {}  # what was found in the place of each, None where there was nothing
        self._finders: list[Any] = []
        self._loggers: dict[str, Any] = {}
        self._hidden_loggers: dict[str, Any] = {}
        self.has_left_all = False
        self._before = NOTHING_COPIED
        self._path_before: list[str] = []
        self._path_laid: list[str] = []
        self._finders_before: list[Any] = []

    def provide(self, name: str, module: ModuleType) -> None:
        """Let *module* be found as *name*, as something that the runtime has, unless the function brings its own."""
        if name not in self._names:
            self._provided[name] = module
            if name in self._lent:
                sys.modules[name] = module

    def enter(self, before: NamesCopied) -> None:
        """Put the function's modules and folders in place; what was there must be put back by others.

        Parameters: *before*, a copy of ``sys.modules`` as it is now.
        """
        self.has_left_all = False
        self._before = before
        self._path_before = list(sys.path)
        self._finders_before = list(sys.meta_path)
        if not before.by_name.keys().isdisjoint(self._names):
            rest = {name: module for name, module in before.by_name.items() if not self._is_named_here(name)}
            for name in before.by_name.keys() - rest.keys():
                del sys.modules[name]
            self._before = NamesCopied(rest)
        sys.modules.update(self._modules)
        self._lent = {name: sys.modules.get(name) for name in self._provided}
        sys.modules.update(self._provided)
        sys.meta_path.extend(self._finders)
        self._hidden_loggers = self._take_loggers()
        logging.root.manager.loggerDict.update(self._loggers)
        self._path_laid = sys.path[:] = [*self._path, *self._path_before]
        sys.dont_write_bytecode = True

    @property
    def leaving(self) -> tuple[Callable[[], object], ...]:
        """The steps that take the function's modules out again, and remember them for the next time."""
        return self._leave_modules, self._leave_finders, self._leave_loggers, self._leave_path

    def _leave_modules(self) -> None:
        for name, found in self._lent.items():
            if found is not None:
                sys.modules[name] = found
            else:
                sys.modules.pop(name, None)
        self._lent = {}
        self._modules = {name: sys.modules.pop(name) for name in self._modules if name in sys.modules}
        if self._before.is_still(sys.modules):
            self.has_left_all = True
        else:  # it has imported more, or changed what is there
            new = sys.modules.keys() - self._before.by_name.keys()
            own = {name: module for name in new if self._is_own(name, module := sys.modules[name])}
            for name in own:
                del sys.modules[name]
            self._modules |= own
        self._before = NOTHING_COPIED
        for name in [name for name in list(_locks) if self._is_named_here(name)]:
            _locks.pop(name, None)

    def _leave_finders(self) -> None:
        self._finders = self._take_finders() if sys.meta_path != self._finders_before else []

    def _leave_loggers(self) -> None:
        self._loggers = self._take_loggers()
        logging.root.manager.loggerDict.update(self._hidden_loggers)

    def _leave_path(self) -> None:
        if sys.path != self._path_laid:
            self._path = [entry for entry in sys.path if entry not in self._path_before]

    def forget(self) -> None:
        """Start anew, as a new process would: no module of the function is loaded. They must be taken out."""
        self._path = list(self.folders)
        self._modules = {}
        self._finders = []
        self._loggers = {}

    def close(self) -> None:
        """Remove what the interpreter remembers about the folders."""
        self._modules = {}
        _last.forget()
        caches: tuple[dict[str, Any], ...] = sys.path_importer_cache, linecache.cache
        for cache in caches:
            for cached in [cached for cached in cache if self._is_inside(cached)]:
                cache.pop(cached, None)

    def _take_loggers(self) -> dict[str, Any]:
        """Take the loggers that are named like the modules of the function out of logging."""
        known = logging.root.manager.loggerDict
        if known.keys().isdisjoint(self._names):
            return {}  # there is a place for "app" as soon as there is "app.part"
        own = {name: logger for name, logger in list(known.items()) if self._is_named_here(name)}
        for name in own:
            del known[name]
        return own

    def _is_own(self, name: str, module: object) -> bool:
        if name in self._modules or self._is_named_here(name):
            return True
        return self._is_inside(_members(module).get("__file__")) or _is_invented(name)

    def _take_finders(self) -> list[Any]:
        """Take the import hooks out that modules of the function have defined."""
        finders = [finder for finder in sys.meta_path if self._is_named_here(getattr(finder, "__module__", None) or "")]
        for finder in finders:
            sys.meta_path.remove(finder)
        return finders

    def has(self, name: str) -> bool:
        """Return True for the name of a module that the function may have brought along."""
        return self._is_named_here(name)

    def _is_named_here(self, name: str) -> bool:
        return name.partition(".")[0] in self._names

    def _is_inside(self, filename: object) -> bool:
        return isinstance(filename, str) and filename.startswith(self.folders)


def _is_invented(name: str) -> bool:
    """Return True for a module that was put into ``sys.modules`` by hand, not by an import."""
    members = _members(sys.modules.get(name.partition(".")[0]))
    return members.get("__spec__") is None and "__file__" not in members


def _members(module: object) -> Mapping[str, Any]:
    # Not getattr: there are modules that import things as soon as one asks them for something.
    return getattr(module, "__dict__", {})
