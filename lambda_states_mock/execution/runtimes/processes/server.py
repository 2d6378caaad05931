"""The port at which the processes of one environment reach Lambda: requests become letters, and wait for replies.

It listens on this machine alone, before the first process starts, and ends with its environment: then whatever waits
for a reply is disconnected.
"""

from __future__ import annotations

import socket
import sys
import traceback
from _thread import start_new_thread
from contextlib import suppress
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any

from lambda_states_mock.execution.runtimes.processes.mailbox import Mailbox, ProcessLetter
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.http_framing import BadFraming, Framed, Unfinished, read_framed

_MOST = 256 * 1024 * 1024  # bytes of a body: beyond, whoever sends it is disconnected
_TOO_LARGE = 413


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
        is_cut = False
        try:
            framed = read_framed(self.headers, self.rfile, _MOST)
        except Unfinished as cut:
            framed, is_cut = Framed(cut.parts, {}, "Transfer-Encoding" in self.headers), True
        except BadFraming as bad:
            if bad.status != _TOO_LARGE:  # nobody can say what it was about
                self.close_connection = True
                self._write(ProcessReply(bad.status, b"400 Bad Request", {"Content-Type": "text/plain"}))
                return
            framed, is_cut = Framed((), {}, is_chunked=False), True
        letter = ProcessLetter(
            ProcessRequest(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                b"".join(framed.parts),
                framed.trailers,
                framed.parts if framed.is_chunked else (),
                is_cut,
            )
        )
        self._mailbox.put(letter)
        reply = letter.wait()
        if reply is None or is_cut:
            self.close_connection = True
        if reply is not None:
            self._write(reply)

    def __getattr__(self, name: str) -> Any:
        """Answer whatever the method is: it is looked up as ``do_GET`` and the like."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr, which is the test's."""

    def _write(self, reply: ProcessReply) -> None:
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items() if name.lower() != "content-length"]
        lines.append(f"Content-Length: {len(reply.body)}")
        head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)
