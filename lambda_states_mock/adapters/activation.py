"""Activate a mock and deactivate it: install the adapters that are due, and restore what no active mock needs."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import Any

from lambda_states_mock import private_names
from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.late_imports import ImportWatch
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.registry import ADAPTERS, Adapter
from lambda_states_mock.execution import folders
from lambda_states_mock.restoring import all_of

_lock = threading.RLock()
_installed: dict[Adapter, Patches] = {}  # in the order of installation
_besides: list[tuple[Adapter, Any, Patches]] = []  # each with its module, which somebody has imported anew meanwhile
_kept: dict[Adapter, tuple[Any, Patches]] = {}  # with the module that each was for: to repeat them is quick
waiting: list[str] = []
"""The modules whose adapters are installed as soon as somebody has imported them. Empty while no mock is active."""
_COPIED = tuple([adapter.after for adapter in ADAPTERS if adapter.after is not None and adapter.of_copies])
_LONGEST_WAIT = 1.0
"""Real seconds that an import waits for another thread, which may itself wait for that import."""


class _Progress:
    """Of installing: whether it is under way, and whether it is to look once more."""

    is_under_way = False
    look_again = False


def enter(mock: active_mocks.ActiveMock) -> None:
    """Make *mock* the one that answers. If that fails, nothing stays patched."""
    with _lock:
        active_mocks.push(mock)
        try:
            install_due()
        except BaseException:
            with suppress(BaseException):  # what has kept it from being entered is the first error
                leave(mock)
            raise


def leave(mock: active_mocks.ActiveMock) -> None:
    """Deactivate *mock*, and restore what no other active mock needs, in reverse order.

    Raises the first error of what could not be restored, after everything else was.
    """
    with _lock:
        active_mocks.remove(mock)
        needs, restoring = active_mocks.needs(), []
        for adapter in reversed(tuple(_installed)):
            if adapter.need not in needs:
                restoring.append(_installed.pop(adapter).restore)  # noqa: PERF401 - a call less than a list's
        if _besides:
            restoring += [patches.restore for adapter, _, patches in reversed(_besides) if adapter.need not in needs]
            _besides[:] = [one for one in _besides if one[0].need in needs]
        if not _installed:
            waiting.clear()
            _watch.end()
        all_of(restoring)


def install_due() -> None:
    """Install the adapters that are due and not installed yet. Those of libraries that are imported later follow."""
    with _lock:
        _Progress.look_again = True
        if _Progress.is_under_way:  # an adapter imports what another one waits for
            return
        _Progress.is_under_way = True
        try:
            while _Progress.look_again:
                _Progress.look_again = False
                _install_those_of_now()
        finally:
            _Progress.is_under_way = False


def _install_those_of_now() -> None:
    needs, later = active_mocks.needs(), []
    for adapter in ADAPTERS:
        if adapter.need not in needs:
            continue
        name, known = adapter.after, _kept.get(adapter)
        module = None if name is None else sys.modules.get(name)
        is_known = known is not None and known[0] is module
        if name is not None and not is_known and not _is_there(adapter, name, module):
            if adapter not in _installed:
                later.append(name)
            continue
        if adapter in _installed:
            if known is None or is_known or any(one[0] is adapter and one[1] is module for one in _besides):
                continue
            _besides.append((adapter, known[0], _installed.pop(adapter)))  # it may come back without an import
        _install(adapter, module)
    waiting[:] = later
    if _installed:
        _watch.watch_for((*later, *_COPIED))


def _is_there(adapter: Adapter, name: str, module: Any) -> bool:
    """Return True where *module*, the one that is called *name* now, is what *adapter* patches."""
    if not hasattr(module, adapter.having) or _watch.is_under_way(name):
        return False
    return not folders.hold(getattr(module, "__file__", None) or "")  # a copy, shown while code of a function runs


def _install_in_copy(package: str) -> None:
    needs, module = active_mocks.needs(), sys.modules.get(package)
    for adapter in ADAPTERS:
        is_wanted = adapter.of_copies and adapter.after == package and adapter.need in needs
        if is_wanted and hasattr(module, adapter.having):  # else it is the function's own of that name
            adapter.install_in_copy()


def _install_after_import() -> None:
    _Progress.look_again = True  # for another thread that installs, if it does so until this import is over
    if _lock.acquire(timeout=_LONGEST_WAIT):
        try:
            install_due()
        finally:
            _lock.release()


_watch = ImportWatch(_install_after_import, _install_in_copy)


def forget() -> None:
    """Let each adapter look anew at the library that it patches, when it is next installed."""
    _kept.clear()
    private_names.forget()


def _install(adapter: Adapter, module: Any) -> None:
    """Install *adapter*, as it was before where nothing that it patches has changed. Parameters: *module*, `after`."""
    known = _kept.get(adapter)
    if known is not None and known[0] is module:
        _installed[adapter] = known[1]  # before, so that it is restored where repeating fails in the middle
        if known[1].repeat():
            return
    elif known is not None:
        adapter.import_anew()
    patches = _installed[adapter] = Patches()
    try:
        for install in adapter.usable:
            install(patches)
    except BaseException:  # whoever imports the library is told of it each time
        _installed.pop(adapter).restore()
        raise
    _kept[adapter] = (module, patches)
