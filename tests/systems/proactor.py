"""The event loop of Windows, on any system: that of the standard library, on a proactor made of a selector."""

from __future__ import annotations

import asyncio
import select
import socket
from asyncio import proactor_events
from typing import Any


class IocpProactor:
    """As `asyncio.windows_events.IocpProactor`: it is asked like a selector, finishes futures and is no selector."""

    def __init__(self) -> None:
        self._cache: dict[int, tuple[asyncio.Future[bytes], socket.socket, int]] = {}
        self._results: list[asyncio.Future[bytes]] = []
        self._loop: Any = None

    def set_loop(self, loop: Any) -> None:
        self._loop = loop

    def recv(self, connection: socket.socket, size: int) -> asyncio.Future[bytes]:
        future = self._loop.create_future()
        self._cache[connection.fileno()] = future, connection, size
        return future  # type: ignore[no-any-return]

    def select(self, timeout: float | None = None) -> list[asyncio.Future[bytes]]:
        if not self._results:
            self._poll(timeout)
        found, self._results = self._results, []
        return found

    def _poll(self, timeout: float | None) -> None:
        for number in select.select(list(self._cache), [], [], timeout)[0]:
            future, connection, size = self._cache.pop(number)
            if not future.cancelled():
                future.set_result(connection.recv(size))
            self._results.append(future)

    def forget(self, connection: socket.socket) -> None:
        self._cache.pop(connection.fileno(), None)

    def close(self) -> None:
        self._cache.clear()


class ProactorEventLoop(proactor_events.BaseProactorEventLoop):
    """As `asyncio.ProactorEventLoop`."""

    def __init__(self) -> None:
        self._iocp = IocpProactor()
        super().__init__(self._iocp)

    def run_forever(self) -> None:
        loop: Any = self
        try:
            self.call_soon(loop._loop_self_reading)
            super().run_forever()
        finally:
            if loop._self_reading_future is not None:
                loop._self_reading_future.cancel()
                self._iocp.forget(loop._ssock)
                loop._self_reading_future = None
