"""The application over aiohttp's server: for a server that lives long, and has many connections.

Each request is answered on a thread, since a world may wait: for code of a function, for a webhook.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from aiohttp import web

from lambda_states_mock.server.application import Answering
from lambda_states_mock.server.exchange import LONGEST_BODY, Asked, Reply, unframed

THREADS = 64
"""So many requests are answered at the same time; further ones wait."""
LONGEST_HEAD = 65_536
"""Bytes of the first line, and of one header."""
ENDS_WITHIN = 0.5
"""Seconds for which requests that are being answered are waited for when the server is to end."""
_SETTINGS: dict[str, Any] = {
    "access_log": None,
    "auto_decompress": False,
    "keepalive_timeout": 600.0,
    "lingering_time": 0.5,
    "max_field_size": LONGEST_HEAD,
    "max_line_size": LONGEST_HEAD,
}


class _Connection(web.RequestHandler):
    """A connection, which says of what is no request what the application would."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - as the base class has it
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        text = getattr(exc, "message", None) or message or "this is no request of HTTP/1.1"
        if status >= 500:
            status, text = 400, f"the request could not be answered ({exc!r})"
        response = _response(unframed(status, f"{' '.join(str(text).split())}."))
        response.force_close()
        return response


class _Protocols(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **_SETTINGS)


class LongLivedServer:
    """Serves an application until it is told to end. Made before any mock begins: its threads are none of a mock's."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="lambda-states-mock")
        ready = threading.Barrier(2, timeout=30)
        self._pool.submit(ready.wait)
        ready.wait()

    def run(self, answering: Answering, host: str, port: int, started: Callable[[int], object]) -> None:
        """Listen on *host* and *port* until a signal says to end (SIGTERM, SIGINT).

        Parameters: *answering*, the application; *started*, called with the port once it listens.

        Raises OSError where it cannot listen there.
        """
        asyncio.run(self._serve(answering, host, port, started))

    async def _serve(self, answering: Answering, host: str, port: int, started: Callable[[int], object]) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            try:
                asked = await _asked(request)
            except _TooLong:
                response = _response(unframed(413, f"a body has {LONGEST_BODY} bytes at most."))
                response.force_close()
                return response
            answer = await loop.run_in_executor(self._pool, answering, asked)
            if answer is None:
                _hang_up(request)
                return web.Response()
            return _response(answer)

        protocols = _Protocols(handle, **_SETTINGS)
        listener = await loop.create_server(protocols, host, port, backlog=256)
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt
                loop.add_signal_handler(number, ended.set)
        try:
            started(listener.sockets[0].getsockname()[1])
            await ended.wait()
        finally:
            listener.close()
            await protocols.shutdown(ENDS_WITHIN)
            self._pool.shutdown(wait=False, cancel_futures=True)


class _TooLong(Exception):  # noqa: N818 - never leaves this module
    """A body is longer than any that is read."""


async def _asked(request: web.BaseRequest) -> Asked:
    parts, total = [], request.content_length or 0
    if total > LONGEST_BODY:
        raise _TooLong
    if request.body_exists:
        total = 0
        while part := await request.content.readany():
            total += len(part)
            if total > LONGEST_BODY:
                raise _TooLong
            parts.append(part)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
    return Asked(request.method, request.raw_path, headers, b"".join(parts))


def _response(answer: Reply) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body)
    for name, value in answer.sendable():
        if name.lower() == "content-type":
            response.headers[name] = value
        else:
            response.headers.add(name, value)
    return response


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
