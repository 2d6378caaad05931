"""The port at which the processes of one environment reach Lambda: requests become letters, and wait for replies.

It listens on this machine alone, before the first process starts, and ends with its environment: then whatever waits
for a reply is disconnected.
"""

from __future__ import annotations

import socket
import sys
import traceback
from _thread import start_new_thread
from collections.abc import Mapping
from contextlib import suppress
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any

from lambda_states_mock.execution.runtimes.processes.mailbox import Mailbox, ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest

_LONGEST_LINE = 65_536
_MOST = 256 * 1024 * 1024  # bytes of a body: beyond, whoever sends it is disconnected


class _Cut(Exception):  # noqa: N818 - an end, and no fault
    """The connection has ended in the middle of a body, of which this is what came."""

    def __init__(self, chunks: list[bytes]) -> None:
        super().__init__()
        self.chunks = chunks


class EnvironmentServer:
    """Parameters: *mailbox*, which gets the letters; *listening*, a socket, which is closed with this."""

    def __init__(self, mailbox: Mailbox, listening: socket.socket) -> None:
        self._mailbox = mailbox
        self._open: set[socket.socket] = set()
        self._listening = listening
        # Not by `threading`: no thread of the test's is started here, and none that the clock would wait for.
        start_new_thread(self._accept, ())

    def close(self) -> None:
        """Disconnect all, and listen no more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # which wakes its thread, as closing would not
        self._listening.close()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, address = self._listening.accept()
                self._open.add(connection)
                start_new_thread(self._serve, (connection, address))

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            _ProcessConnection(self._mailbox, connection, address, None)
        except OSError:
            pass  # the process is gone
        except Exception:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            self._open.discard(connection)
            connection.close()


class _ProcessConnection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one write for an answer

    def __init__(self, mailbox: Mailbox, *of_the_connection: Any) -> None:
        self._mailbox = mailbox
        super().__init__(*of_the_connection)

    def answer(self) -> None:
        chunks: list[bytes] = []
        trailers: Mapping[str, str] = {}
        is_cut = False
        try:
            chunks, trailers = self._body()
        except _Cut as cut:
            chunks, is_cut = cut.chunks, True
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_chunked = "transfer-encoding" in headers
        letter = ProcessLetter(
            ProcessRequest(
                self.command,
                self.path,
                headers,
                b"".join(chunks),
                trailers,
                tuple(chunks) if is_chunked else (),
                is_cut,
            )
        )
        self._mailbox.put(letter)
        reply = letter.wait()
        if reply is None or is_cut:
            self.close_connection = True
            return
        self._write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - looked up

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr, which is the test's."""

    def _write(self, reply: ProcessReply) -> None:
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items() if name.lower() != "content-length"]
        lines.append(f"Content-Length: {len(reply.body)}")
        head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)

    def _body(self) -> tuple[list[bytes], Mapping[str, str]]:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            size = int(self.headers.get("Content-Length") or 0)
            return ([self._exactly(size, [])] if size else []), {}
        chunks: list[bytes] = []
        total = 0
        while size := int(self._line(chunks).partition(b";")[0], 16):
            total += size
            chunks.append(self._exactly(size, chunks))
            self._exactly(2, chunks)
        trailers = {}
        while line := self._line(chunks).strip():
            name, _, value = line.decode("latin-1").partition(":")
            trailers[name.strip().lower()] = value.strip()
        return chunks, trailers

    def _line(self, chunks: list[bytes]) -> bytes:
        line = self.rfile.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise _Cut(chunks)
        return line

    def _exactly(self, size: int, chunks: list[bytes]) -> bytes:
        if size + sum(map(len, chunks)) > _MOST:
            raise _Cut(chunks)
        data = self.rfile.read(size)
        if len(data) < size:
            raise _Cut([*chunks, data])
        return data
