"""Requests to Lambda and to function URLs that are made with aiohttp. Imported only after somebody else imported it.

Instead of opening a connection, we give aiohttp's own protocol a transport that the innermost mock answers.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from lambda_states_mock.adapters import answered_hosts
from lambda_states_mock.adapters.http_wire import Conversation
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.vain_waits import wait_in_vain
from lambda_states_mock.engine.call_faults import BrokenConnection

# Before aiohttp 3.10 both are ServerTimeoutError, of which they are kinds since.
READ_TIMED_OUT: type[Exception] = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)
CONNECTION_TIMED_OUT: type[Exception] = getattr(aiohttp, "ConnectionTimeoutError", aiohttp.ServerTimeoutError)


class Transport(asyncio.Transport):
    """As much of a transport as aiohttp asks for."""

    def __init__(self, host: str, protocol: ResponseHandler, loop: asyncio.AbstractEventLoop, timeout: Any) -> None:
        super().__init__()
        self._timeout = timeout
        self._conversation = Conversation(host)
        self._protocol = protocol
        self._loop = loop
        self._is_answering = self._is_closed = False

    def write(self, data: Any) -> None:
        """Take what is sent, and answer once it is all there."""
        self._conversation.feed(data)
        if self._conversation.is_complete:
            self.answer_soon()

    def answer_soon(self) -> None:
        """Answer what was sent; once."""
        if not self._is_answering:
            self._is_answering = True
            self._loop.call_soon(self._answer)

    def _answer(self) -> None:
        if self._is_closed:
            return
        try:
            try:
                self._protocol.data_received(self._conversation.answer())
            except BrokenConnection as broken:
                self._break_off(broken)
        except Exception as error:  # whatever it is: whoever waits for an answer must hear of it
            self._protocol.set_exception(error)

    def _break_off(self, broken: BrokenConnection) -> None:
        limits = self._timeout
        wait_in_vain(broken, read=limits.sock_read or limits.total, connect=limits.sock_connect or limits.connect)
        if broken.how == "read timed out":
            self._protocol.set_exception(READ_TIMED_OUT("Timeout on reading data from socket"))
        elif broken.how == "connection timed out":
            self._protocol.set_exception(CONNECTION_TIMED_OUT("Connection timeout to host"))
        else:
            self._protocol.connection_lost(ConnectionResetError("Connection reset by peer"))

    def is_closing(self) -> bool:
        """Tell whether it has been closed."""
        return self._is_closed

    def close(self) -> None:
        """Close it; the protocol hears of that, as it does from a real one."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Close it."""
        self.close()

    def pause_reading(self) -> None:
        """Do nothing: all of the answer is there."""

    def resume_reading(self) -> None:
        """Do nothing."""


class Protocol(ResponseHandler):
    """aiohttp's own protocol, which tells the transport when all was sent."""

    def start_timeout(self) -> None:
        """Begin to wait for the answer."""
        super().start_timeout()
        if isinstance(self.transport, Transport):
            self.transport.answer_soon()  # also a request that says it is longer: no more of it will come


def install(patches: Patches) -> None:
    """Answer every connection to Lambda's hosts until *patches* are restored."""
    original: Any = aiohttp.TCPConnector._create_connection  # noqa: SLF001 - the one place where one is opened

    async def _create_connection(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
        host = (req.url.raw_host or "").lower()
        if not answered_hosts.is_answered(host):
            return await original(self, req, traces, timeout)
        loop = asyncio.get_running_loop()
        protocol = Protocol(loop)
        protocol.connection_made(Transport(host, protocol, loop, timeout))
        return protocol

    patches.set(aiohttp.TCPConnector, "_create_connection", _create_connection)
