"""Requests to Lambda that no botocore client makes, and requests to function URLs.

They come from `requests`, from urllib3 itself, or from botocore's own HTTP session with a signature made by hand. All
of them reach urllib3's connection pools, where we recognise Lambda by AWS's host names.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPHeaderDict  # type: ignore[attr-defined] # there in version 1, too

from lambda_states_mock.adapters import active_mocks, code_download, custom_resource_answers
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.http_framing import WITHOUT_BODY, BadFraming, content_length
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.wire.http import HttpRequest, HttpResponse, as_received, body_bytes, header_text

# https://docs.aws.amazon.com/general/latest/gr/lambda-service.html
_HOST = re.compile(r"lambda(?:-fips)?\.(?P<region>[a-z]{2}[a-z-]*-\d+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
_FETCHING = {"GET", "HEAD"}
_FRAMING = {"connection", "content-length", "transfer-encoding"}
_FUNCTION_URL = re.compile(r"[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws")


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


def is_answered(host: str | None) -> bool:
    """Tell whether a mock is active and answers requests to *host*: it is Lambda's, or that of a function URL."""
    if active_mocks.innermost() is None or host is None:
        return False
    host = _plain_name(host)
    return any(known.fullmatch(host) for known in (_HOST, _FUNCTION_URL, custom_resource_answers.HOST))


def is_ours(method: str, url: str) -> bool:
    """Tell whether a mock is active and answers a request to the whole *url*, that for code by a presigned one too."""
    host = urlsplit(url).hostname
    if host is None or active_mocks.innermost() is None:
        return False
    return is_answered(host) or (method.upper() in _FETCHING and code_download.keeps_code(_plain_name(host)))


def _plain_name(host: str) -> str:
    """Return *host* as it is compared: in lower case, and without the dot at the end of a name that is complete."""
    return host.lower().removesuffix(".")


def answer(host: str | None, method: str, url: str, body: Any, headers: Any) -> UrlResponse | None:
    """Let the innermost mock answer a request to *host*.

    Returns None if no mock is active, or if *host* is not Lambda's, not that of a function URL, and keeps no code.
    The answer has the length of its body, and none where HTTP allows none.

    Parameters: *url*, whole or from its path on; *body*, text, bytes, a file, or an iterable of these.

    Raises BrokenConnection where a test wants that, and where a server would go on waiting for the rest of *body*.
    """
    mock = active_mocks.innermost()
    if mock is None or host is None:
        return None
    host = _plain_name(host)
    if url.startswith("/"):  # a path, also one with two slashes, which is no host
        url = f"https://{host}{url}"
    split = urlsplit(url)
    method = method.upper()
    if not is_answered(host):  # another's body is not read: it may be a stream
        fetched = code_download.download(mock, host, split.path, split.query) if method in _FETCHING else None
        return _framed(method, _plain(fetched)) if fetched is not None else None
    named = {header_text(name): header_text(value) for name, value in dict(headers or {}).items()}
    try:
        content = _sent(body_bytes(body), {name.lower(): value for name, value in named.items()})
    except BadFraming as bad:
        return bad_request(bad)
    if custom_resource_answers.HOST.fullmatch(host):
        return _framed(method, UrlResponse(custom_resource_answers.take(split.path, content), (), b""))
    request = HttpRequest(method, split.path, split.query, named, content)
    lambdas = _HOST.fullmatch(host)
    if lambdas is None:
        to_url = UrlRequest(request.method, request.path or "/", request.query, request.lower_headers(), request.body)
        return _framed(method, mock.backend.answer_url(host, to_url))
    key = signing_key(named.get("Authorization") or named.get("authorization"), split.query)
    return _framed(method, _plain(mock.backend.handle(None, request, region=lambdas["region"], access_key=key)))


def _sent(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return what a server takes for the body: as much as the headers say."""
    if "content-length" not in headers or "transfer-encoding" in headers:
        return body
    length = content_length([headers["content-length"]])
    if length > len(body):
        raise BrokenConnection("read timed out")
    return body[:length]


def bad_request(bad: BadFraming) -> UrlResponse:
    """Return the answer to a request whose end cannot be found. What Lambda answers is not documented."""
    content = json.dumps({"message": f"{bad}."}).encode()
    headers, mock = [("content-type", "application/json")], active_mocks.innermost()
    if mock is not None:
        headers.append(("x-amzn-RequestId", mock.backend.chance.uuid()))
    return _framed("POST", UrlResponse(400, tuple(headers), content))


def _framed(method: str, response: UrlResponse) -> UrlResponse:
    headers = [(name, value) for name, value in response.headers if name.lower() not in _FRAMING]
    if response.status in WITHOUT_BODY:
        return UrlResponse(response.status, tuple(headers), b"")
    headers.append(("Content-Length", str(len(response.body))))
    return UrlResponse(response.status, tuple(headers), b"" if method == "HEAD" else response.body)


def _plain(response: HttpResponse) -> UrlResponse:
    return UrlResponse(response.status, tuple(response.headers.items()), response.body)


def _broken(pool: Any, url: str, broken: BrokenConnection) -> Exception:
    if broken.how == "read timed out":
        return urllib3.exceptions.ReadTimeoutError(pool, url, "Read timed out.")
    if broken.how == "connection timed out":
        reason = urllib3.exceptions.ConnectTimeoutError(pool, f"Connection to {pool.host} timed out.")
        return urllib3.exceptions.MaxRetryError(pool, url, reason)  # what requests knows it by
    return urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())
