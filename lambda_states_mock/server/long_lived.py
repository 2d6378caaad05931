"""The application over aiohttp's server: for a server that lives long, and has many connections.

Each request is answered on a thread, since a world may wait: for code of a function, for a webhook.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, cast

from aiohttp import StreamReader, web

from lambda_states_mock.server.application import Answering
from lambda_states_mock.server.exchange import LONGEST_BODY, Asked, Reply, unframed

THREADS = 64
"""So many requests are answered at the same time; further ones wait."""
LONGEST_HEAD = 65_536
"""Bytes of the first line, and of one header."""
IDLE_AFTER = 0.05
"""Seconds after which a connection over which no more comes has no request that was not begun."""
ENDS_WITHIN = 0.25
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
    """A connection, which says of what is no request what the application would.

    A client may say that it sends no more, and still read: what it has sent is answered, and then the connection ends.
    """

    __slots__ = ("begun", "body", "has_heard_all", "under_way")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.begun = self.under_way = 0
        self.body: StreamReader | None = None  # the one that is being read
        self.has_heard_all = False

    def eof_received(self) -> bool:  # type: ignore[override] # the base class says None, and asyncio whether it goes on
        self._hear_no_more()
        self._end_if_idle(self.begun)
        return True

    def end_soon(self) -> None:
        """End now if nothing is under way, else once it is answered. What was not sent to its end is not waited for."""
        self._hear_no_more()
        self.close()

    def _hear_no_more(self) -> None:
        self.has_heard_all = True
        if self.body is not None:
            self.body.set_exception(_Unfinished())

    async def read(self, request: web.BaseRequest) -> Asked:
        """Return *request*, the whole of it. Raises _TooLong, and _Unfinished where the client sends no more."""
        if not request.body_exists:
            return _asked(request, b"")
        if self.has_heard_all and not request.content.is_eof():
            raise _Unfinished
        self.body = request.content
        try:
            return _asked(request, await _body(request))
        finally:
            self.body = None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer a request in the ``with`` block."""
        self.begun, self.under_way = self.begun + 1, self.under_way + 1
        try:
            yield
        finally:
            self.under_way -= 1
            if self.has_heard_all:
                self._end_if_idle(self.begun)

    def _end_if_idle(self, begun: int) -> None:
        """End the connection if no request begins soon: of several that were sent together, the next begins at once."""

        def end() -> None:
            if self.begun == begun and not self.under_way:
                self.force_close()

        asyncio.get_running_loop().call_later(IDLE_AFTER, end)

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
        response = _response(unframed(status, f"{' '.join(str(text).split()).rstrip('.')}."))
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
            connection = cast("_Connection", request.protocol)
            with connection.answering():
                if request.version.major != 1:  # aiohttp would answer with that version, which no client reads
                    _hang_up(request)
                    return web.Response()
                if request.version.minor and "Host" not in request.headers:  # newer ones of aiohttp say so themselves
                    return connection.handle_error(request, 400, message="Missing 'Host' header in request.")
                try:
                    asked = await connection.read(request)
                except _TooLong:
                    response = _response(unframed(413, f"a body has {LONGEST_BODY} bytes at most."))
                    response.force_close()
                    return response
                except _Unfinished:
                    answer = None
                else:
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
            for connection in protocols.connections:
                cast("_Connection", connection).end_soon()
            await protocols.shutdown(ENDS_WITHIN)
            self._pool.shutdown(wait=False, cancel_futures=True)


class _TooLong(Exception):  # noqa: N818 - never leaves this module
    """A body is longer than any that is read."""


class _Unfinished(Exception):  # noqa: N818 - never leaves this module
    """A body ends before its time."""


async def _body(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > LONGEST_BODY:
        raise _TooLong
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # nothing of the answer was sent
    parts, total = [], 0
    while part := await request.content.readany():
        total += len(part)
        if total > LONGEST_BODY:
            raise _TooLong
        parts.append(part)
    return b"".join(parts)


def _asked(request: web.BaseRequest, body: bytes) -> Asked:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
    return Asked(request.method, request.raw_path, headers, body)


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
