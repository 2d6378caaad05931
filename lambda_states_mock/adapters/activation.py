"""Entering and leaving: what is patched while any mock is active, and put back when none is."""

from __future__ import annotations

import sys
import threading

from lambda_states_mock.adapters import (
    active_mocks,
    botocore_hook,
    http_client_hook,
    iam_hook,
    moto_passthrough,
    name_lookups,
    responses_mocks,
    retries,
    sleeping,
    urllib3_hook,
    user_agents,
)
from lambda_states_mock.adapters.patching import Patches

_lock = threading.RLock()
_patches = Patches()
_late_patches = Patches()
_httpx_patches = Patches()
_aiohttp_patches = Patches()


def enter(mock: active_mocks.ActiveMock) -> None:
    """Make *mock* the one that answers. When that fails, nothing stays patched."""
    with _lock:
        is_first = active_mocks.innermost() is None
        active_mocks.push(mock)
        try:
            if is_first:
                botocore_hook.install(_patches, late=_install_late)
                iam_hook.register_once()
                urllib3_hook.install(_patches)
                http_client_hook.install(_patches)
                name_lookups.install(_patches)
                retries.install(_patches)
                user_agents.install(_patches)
                _install_late()
            if mock.sleep_mode != "real":
                sleeping.install()
        except BaseException:
            leave(mock)
            raise


def leave(mock: active_mocks.ActiveMock) -> None:
    """Take *mock* out; with the last one, put everything back."""
    with _lock:
        active_mocks.remove(mock)
        if not active_mocks.any_virtual_sleep():
            sleeping.uninstall()
        if active_mocks.innermost() is None:
            moto_passthrough.uninstall()
            responses_mocks.uninstall()
            _httpx_patches.restore()
            _aiohttp_patches.restore()
            _late_patches.restore()
            _patches.restore()


def _install_late() -> None:
    """Catch the libraries that were imported since."""
    moto_passthrough.install_late()
    responses_mocks.install_late()
    if not _httpx_patches and "httpx" in sys.modules:
        from lambda_states_mock.adapters import httpx_hook

        httpx_hook.install(_httpx_patches)
    if not _aiohttp_patches and "aiohttp.client" in sys.modules:
        from lambda_states_mock.adapters import aiohttp_hook

        aiohttp_hook.install(_aiohttp_patches)
    if not _late_patches and "aiobotocore.session" in sys.modules:
        from lambda_states_mock.adapters import aiobotocore_hook

        aiobotocore_hook.install(_late_patches)
        retries.install_aiobotocore(_late_patches)
