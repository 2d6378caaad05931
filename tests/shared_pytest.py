"""What pytest finds out anew for each run inside a test, and is the same each time: found once for all runs.

Nothing here changes what a run does.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache, lru_cache
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import _pytest._code.source
import _pytest.fixtures
import pluggy._manager
import pytest

_with_fixtures: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()
_with_hooks: WeakKeyDictionary[ModuleType, list[str]] = WeakKeyDictionary()


def share(patch: pytest.MonkeyPatch) -> None:
    """Let a run have what the runs before it have found, as long as *patch* lasts."""
    source: Any = SimpleNamespace(**{**vars(ast), "parse": _parsed})
    patch.setattr(_pytest.fixtures, "dir", _names_of_fixtures, raising=False)
    patch.setattr(pluggy._manager, "dir", _names_of_hooks, raising=False)
    patch.setattr(_pytest._code.source, "ast", source)
    if static := getattr(pluggy._manager, "_static_hook_attr", None):  # new in pluggy 1.7
        patch.setattr(pluggy._manager, "_static_hook_attr", _known_of_modules(static))


def _names_of_fixtures(holder: object) -> list[str]:
    """Return what could be fixtures of a plugin: pytest would look closely at hundreds of other names."""
    looked_at = holder if isinstance(holder, (ModuleType, type)) else type(holder)  # as pytest does
    if (found := _with_fixtures.get(looked_at)) is None:
        found = [name for name in dir(looked_at) if _may_be_a_fixture(inspect.getattr_static(looked_at, name, None))]
        _with_fixtures[looked_at] = found
    return found


def _may_be_a_fixture(value: object) -> bool:
    if isinstance(value, (FunctionType, staticmethod, classmethod)):
        return bool(vars(value))  # in which a pytest before 8.4 notes it
    return type(value).__module__ == _pytest.fixtures.__name__


def _names_of_hooks(plugin: object) -> list[str]:
    """Return what could be hooks of a plugin: pytest looks at no other names."""
    if not isinstance(plugin, ModuleType):
        return dir(plugin)
    if (found := _with_hooks.get(plugin)) is None:
        found = _with_hooks[plugin] = [name for name in dir(plugin) if name.startswith("pytest_")]
    return found


@cache
def _known_of_modules(look_up: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Return what looks a hook of a module up once, and all others anew."""
    known: WeakKeyDictionary[ModuleType, dict[str, Any]] = WeakKeyDictionary()

    def found(plugin: Any, name: str) -> Any:
        if not isinstance(plugin, ModuleType):
            return look_up(plugin, name)
        of_module = known.setdefault(plugin, {})
        if name not in of_module:
            of_module[name] = look_up(plugin, name)
        return of_module[name]

    return found


@lru_cache(maxsize=32)
def _parsed(*arguments: Any) -> Any:
    """Parse a source for the lines of a traceback, which changes nothing in what it gets: libraries are large."""
    return ast.parse(*arguments)
