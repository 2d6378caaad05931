"""The library `responses` beside us: we answer a request to Lambda that the user's own mock has no answer for.

`responses` refuses a request that it does not know. We let Lambda's requests pass as its passthroughs do: they reach
urllib3, where `urllib3_hook` answers them. What the user has registered comes first.
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters import answered_hosts
from lambda_states_mock.adapters.patching import Patches


def install(patches: Patches) -> None:
    """Let Lambda's requests pass until *patches* are restored."""
    responses: Any = sys.modules["responses"]
    original = responses.RequestsMock._find_match  # noqa: SLF001 - the one place where a request finds its answer

    def _find_match(self: Any, request: Any) -> Any:
        match, reasons = original(self, request)
        host = urlsplit(request.url).hostname
        if match is None and answered_hosts.is_answered(host):
            match = responses.PassthroughResponse(request.method, request.url)
        return match, reasons

    patches.set(responses.RequestsMock, "_find_match", _find_match)
