"""What Lambda answers to plain requests, those that no botocore client makes, and function URLs to theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock.adapters import active_mocks, code_download, custom_resource_answers
from lambda_states_mock.adapters.answered_hosts import CUSTOM_RESOURCE_ANSWERS, LAMBDA, is_answered, plain_name
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.http_framing import WITHOUT_BODY, BadFraming, content_length
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.wire.http import HttpRequest, HttpResponse, body_bytes, header_text

_FETCHING = {"GET", "HEAD"}
_FRAMING = {"connection", "content-length", "transfer-encoding"}


def is_ours(method: str, url: str) -> bool:
    """Tell whether a mock is active and answers a request to the whole *url*, that for code by a presigned one too."""
    host = urlsplit(url).hostname
    if host is None or active_mocks.innermost() is None:
        return False
    return is_answered(host) or (method.upper() in _FETCHING and code_download.keeps_code(plain_name(host)))


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
    host = plain_name(host)
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
    if CUSTOM_RESOURCE_ANSWERS.fullmatch(host):
        return _framed(method, UrlResponse(custom_resource_answers.take(split.path, content), (), b""))
    request = HttpRequest(method, split.path, split.query, named, content)
    lambdas = LAMBDA.fullmatch(host)
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
