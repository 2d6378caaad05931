"""Requests to Lambda that no botocore client makes, and requests to function URLs.

They come from `requests`, from urllib3 itself, or from botocore's own HTTP session with a signature made by hand. All
of them reach urllib3's connection pools, where we recognise Lambda by AWS's host names.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from http.client import HTTPMessage
from typing import Any

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPHeaderDict  # type: ignore[attr-defined] # there in version 1, too

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.engine.call_faults import BrokenConnection


class Original:
    """What `requests` looks at beneath urllib3's response: cookies in the headers of a closed connection."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        """Tell that nothing is left to be read from the connection."""
        return True

    def close(self) -> None:
        """Do nothing: there is no connection."""


def install(patches: Patches) -> None:
    """Catch every request to Lambda's hosts until *patches* are restored."""
    original = HTTPConnectionPool.urlopen

    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, *rest: Any, **options: Any
    ) -> Any:
        if active_mocks.innermost() is None:
            return original(self, method, url, body, headers, *rest, **options)
        from lambda_states_mock.adapters.http_answers import answer  # few tests ask without a client
        from lambda_states_mock.wire.http import as_received

        try:
            response = answer(self.host, method, url, body, headers if headers is not None else self.headers)
        except BrokenConnection as broken:
            timeout = options.get("timeout", self.timeout)
            read, connect = (getattr(timeout, f"{part}_timeout", timeout) for part in ("read", "connect"))
            wait_in_vain(broken, read=read, connect=connect)
            raise _broken(self, url, broken) from None
        if response is None:
            return original(self, method, url, body, headers, *rest, **options)
        return urllib3.HTTPResponse(
            body=io.BytesIO(response.body),
            headers=HTTPHeaderDict((name, as_received(value)) for name, value in response.headers),
            status=response.status,
            preload_content=bool(options.get("preload_content", True)),
            request_method=method,
            original_response=Original(response.headers),  # type: ignore[arg-type] # as much of it as is looked at
        )

    patches.set(HTTPConnectionPool, "urlopen", urlopen)


def _broken(pool: Any, url: str, broken: BrokenConnection) -> Exception:
    if broken.how == "read timed out":
        return urllib3.exceptions.ReadTimeoutError(pool, url, "Read timed out.")
    if broken.how == "connection timed out":
        reason = urllib3.exceptions.ConnectTimeoutError(pool, f"Connection to {pool.host} timed out.")
        return urllib3.exceptions.MaxRetryError(pool, url, reason)  # what requests knows it by
    return urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())
