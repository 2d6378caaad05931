"""The last net: a client that no adapter catches has to look Lambda's host names up before it can reach it."""

from __future__ import annotations

import socket
from typing import Any

from lambda_states_mock.adapters import answered_hosts
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.errors import UncaughtRequestError


def install(patches: Patches) -> None:
    """Refuse to look up Lambda's host names until *patches* are restored."""
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if isinstance(name, str) and answered_hosts.is_answered(name.rstrip(".")):
            raise UncaughtRequestError(
                f"a request to {name} would leave this process\n"
                "  It comes from a client that lambda_states_mock does not catch: not botocore, boto3, aiobotocore,\n"
                "  requests, urllib3, httpx, aiohttp or urllib.request.\n"
                "  (Or from a copy of one of these that a function brings along, of a version that it does not know.)\n"
                "  Send it with one of these in the test, or put the answer in at your own seam, e.g. with\n"
                "  m.backend.answer_url(host, UrlRequest(...))  or  m.backend.handle(None, HttpRequest(...))."
            )
        return original(host, *rest, **options)

    patches.set(socket, "getaddrinfo", getaddrinfo)
