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
from lambda_states_mock.adapters.sleep_sites import newest, reference


class _OtherModules:
    """The module `sys` for freezegun, with other loaded modules."""

    def __init__(self, modules: dict[str, Any]) -> None:
        self.modules = modules

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


class FrozenModules:
    """What freezegun has found in the modules that were loaded when it last started."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Callable[[], Any], bool]] = {}  # by number: the module, and whether it holds any
        self._holding: dict[str, Any] = {}  # those in which something was found
        self._count = 0
        self._last: Any = None

    def start(self, freezer: Any, api: Any) -> Any:
        """Start *freezer* and return its factory. Parameters: *api*, freezegun's module."""
        if not private_names.allows("adapters.frozen_modules", "start"):
            return freezer.start()
        patches, modules = Patches(), self._new_or_holding()
        patches.set(api, "sys", _OtherModules(modules))
        try:
            factory = freezer.start()
        finally:
            patches.restore()
        if freezer.modules_at_start:  # not where it was frozen already
            freezer.modules_at_start = set(sys.modules)
            changed = {id(module) for module, *_ in freezer.undo_changes}
            self._known.update({id(module): (reference(module), id(module) in changed) for module in modules.values()})
            self._holding = {name: module for name, module in modules.items() if id(module) in changed}
        return factory

    def _new_or_holding(self) -> dict[str, Any]:
        loaded = sys.modules
        count, last = len(loaded), newest(loaded)
        if (count, last) == (self._count, self._last) and all(
            loaded.get(name) is module for name, module in self._holding.items()
        ):
            return self._holding
        self._count, self._last = count, last
        return {name: module for name, module in list(loaded.items()) if self._may_hold(module)}

    def _may_hold(self, module: Any) -> bool:
        """Return False for a *module* that was looked through, and in which nothing was found."""
        known = self._known.get(id(module))
        return known is None or known[0]() is not module or known[1]  # a new one may get the number of one that is gone
