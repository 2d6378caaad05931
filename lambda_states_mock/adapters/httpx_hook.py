"""Requests to Lambda and to function URLs that are made with httpx. Imported only after somebody else imported it."""

from __future__ import annotations

import httpx

from lambda_states_mock.adapters import answered_hosts, http_answers
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.http_framing import BadFraming, content_length


def install(patches: Patches) -> None:
    """Catch every request to Lambda's hosts and to function URLs until *patches* are restored."""
    send, send_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if not answered_hosts.is_answered(request.url.host):
            return send(self, request)
        return _answer(request, request.read())

    async def handle_async_request(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if not answered_hosts.is_answered(request.url.host):
            return await send_async(self, request)
        return _answer(request, await request.aread())

    patches.set(httpx.HTTPTransport, "handle_request", handle_request)
    patches.set(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def _answer(request: httpx.Request, body: bytes) -> httpx.Response:
    url = str(request.url)
    _check_length(request, body)
    try:
        answer = http_answers.answer(request.url.host, request.method, url, body, dict(request.headers))
    except BrokenConnection as broken:
        timeout = request.extensions.get("timeout", {})
        wait_in_vain(broken, read=timeout.get("read"), connect=timeout.get("connect"))
        if broken.how == "read timed out":
            raise httpx.ReadTimeout("The read operation timed out", request=request) from None
        if broken.how == "connection timed out":
            raise httpx.ConnectTimeout("The connection timed out", request=request) from None
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request) from None
    assert answer is not None
    headers = [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in answer.headers]
    # Not as its content, which would be read already: a client may stream it.
    return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body), request=request)


def _check_length(request: httpx.Request, body: bytes) -> None:
    """Raise what httpx's own transport raises for a Content-Length that is not that of the body."""
    if "transfer-encoding" in request.headers or "content-length" not in request.headers:
        return
    try:
        length = content_length([request.headers["content-length"]])
    except BadFraming:
        raise httpx.LocalProtocolError("bad Content-Length", request=request) from None
    if length != len(body):
        much = "little" if length > len(body) else "much"
        raise httpx.LocalProtocolError(f"Too {much} data for declared Content-Length", request=request)
