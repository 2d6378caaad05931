"""freezegun, started with a look at the modules that are new alone: what it found in the others stays known.

freezegun looks through all loaded modules for what they hold of `time` and `datetime`, each time that it starts: 10 to
150 ms with many modules. Most hold nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.sleep_sites import reference

_LOOK = "_get_cached_module_attributes"


class _OtherModules:
    """The module `sys` for freezegun, with other loaded modules."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self.modules = modules

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


class FrozenModules:
    """What freezegun has found in the modules that were loaded when it last started."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Callable[[], Any], Any]] = {}  # by number: the module, and what was found
        self._holding: dict[str, Any] = {}  # those in which something was found
        self._count = 0
        self._last: Any = None

    def start(self, freezer: Any, api: Any) -> Any:
        """Start *freezer* and return its factory. Parameters: *api*, freezegun's module."""
        if not private_names.allows("adapters.frozen_modules", "start"):
            return freezer.start()
        look, patches = getattr(api, _LOOK), Patches()
        modules = self._new_or_holding()

        def remembered(module: Any) -> Any:
            known = self._known.get(id(module))
            if known is not None and known[0]() is module:
                return known[1]
            found = look(module)
            self._known[id(module)] = reference(module), found
            return found

        patches.set(api, _LOOK, remembered)
        patches.set(api, "sys", _OtherModules(modules))
        try:
            factory = freezer.start()
        finally:
            patches.restore()
        if freezer.modules_at_start:  # not where it was frozen already
            freezer.modules_at_start = set(sys.modules)
            self._holding = {name: module for name, module in modules.items() if self._holds(module)}
        return factory

    def _new_or_holding(self) -> dict[str, Any]:
        loaded = sys.modules
        count, last = len(loaded), loaded[next(reversed(loaded))]
        if (count, last) == (self._count, self._last) and all(
            loaded.get(name) is module for name, module in self._holding.items()
        ):
            return self._holding
        self._count, self._last = count, last
        return {name: module for name, module in list(loaded.items()) if self._holds(module, unless_known=True)}

    def _holds(self, module: Any, *, unless_known: bool = False) -> bool:
        """Return whether something was found in *module*; *unless_known*, for one that was not looked through."""
        known = self._known.get(id(module))
        if known is None or known[0]() is not module:  # a new module may get the number of one that is gone
            return unless_known
        return bool(known[1])
