"""Lambda requests that are made without a client of botocore: with `requests`, with urllib3 itself, or with botocore's
own HTTP session and a signature made by hand. All of them end at urllib3's connection pools, where only AWS's host
names tell Lambda.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from lambda_states_mock.adapters import worlds
from lambda_states_mock.adapters.code_download import download
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

# https://docs.aws.amazon.com/general/latest/gr/lambda-service.html
_HOST = re.compile(r"lambda(?:-fips)?\.(?P<region>[a-z]{2}[a-z-]*-\d+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")


def install(patches: Patches) -> None:
    """Have every request to Lambda's hosts caught until *patches* are restored."""
    original = HTTPConnectionPool.urlopen

    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, *rest: Any, **options: Any
    ) -> Any:
        try:
            response = answer(self.host, method, url, body, headers if headers is not None else self.headers)
        except BrokenConnection as broken:
            raise _broken(self, url, broken) from None
        if response is None:
            return original(self, method, url, body, headers, *rest, **options)
        return urllib3.HTTPResponse(
            body=io.BytesIO(response.body),
            headers=response.headers,
            status=response.status,
            preload_content=bool(options.get("preload_content", True)),
            request_method=method,
        )

    patches.set(HTTPConnectionPool, "urlopen", urlopen)


def answer(host: str | None, method: str, url: str, body: Any, headers: Any) -> HttpResponse | None:
    """Let the innermost mock answer a request to *host*; None when no mock is active, or it is none of Lambda's hosts
    and none that keeps its code.

    Parameters: *url*, whole or from its path on; *body*, text, bytes, a file, or an iterable of these.
    """
    world = worlds.innermost()
    if world is None or host is None:
        return None
    lambdas = _HOST.fullmatch(host)
    if lambdas is None:
        split = urlsplit(url)
        return download(world, host, split.path, split.query) if method.upper() == "GET" else None
    request = _request(method, url, body, headers)
    if request.method != "GET":
        world.guard.happened()
    return world.backend.handle(None, request, region=lambdas["region"], account=world.account)


def _broken(pool: Any, url: str, broken: BrokenConnection) -> Exception:
    if broken.how == "read timed out":
        return urllib3.exceptions.ReadTimeoutError(pool, url, "Read timed out.")
    return urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())


def _request(method: str, url: str, body: Any, headers: Any) -> HttpRequest:
    split = urlsplit(url)
    return HttpRequest(
        method=method.upper(), path=split.path, query=split.query, headers=dict(headers or {}), body=_bytes(body)
    )


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8")
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return _bytes(body.read()) if hasattr(body, "read") else b"".join(map(_bytes, body))
