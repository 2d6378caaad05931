"""The library `responses` beside us: a request to Lambda that a user's own mock has no answer for is ours to answer.

`responses` refuses what it does not know. Let pass as one of its passthroughs, such a request reaches urllib3, where
`urllib3_hook` has it. What the user has registered comes first.
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters import active_mocks, urllib3_hook
from lambda_states_mock.adapters.patching import Patches

MODULE = "responses"

_patches = Patches()


def install_late() -> None:
    """Let Lambda's requests pass if `responses` was imported and it was not done yet."""
    if not _patches and (responses := sys.modules.get(MODULE)) is not None and hasattr(responses, "RequestsMock"):
        _install(responses)


def _install(responses: Any) -> None:
    original = responses.RequestsMock._find_match  # noqa: SLF001 - the one place where a request finds its answer

    def _find_match(self: Any, request: Any) -> Any:
        match, reasons = original(self, request)
        host = urlsplit(request.url).hostname
        if match is None and active_mocks.innermost() is not None and urllib3_hook.is_answered(host):
            match = responses.PassthroughResponse(request.method, request.url)
        return match, reasons

    _patches.set(responses.RequestsMock, "_find_match", _find_match)


def uninstall() -> None:
    """Put everything back."""
    _patches.restore()
