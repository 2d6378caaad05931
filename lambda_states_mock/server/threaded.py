"""The application over the standard library's HTTP server, a thread for each connection: within a test, and `run`."""

from __future__ import annotations

import socket
import sys
import threading
import traceback
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from lambda_states_mock.http_framing import WITHOUT_BODY, BadFraming, Unfinished, read_body
from lambda_states_mock.server.application import Answering, Application
from lambda_states_mock.server.door import LAST_PORT, Door
from lambda_states_mock.server.exchange import LONGEST_BODY, Asked, Reply, unframed
from lambda_states_mock.server.worlds import Worlds
from lambda_states_mock.wire.http import as_received

LOOPBACK = "127.0.0.1"


def unexpected(error: BaseException) -> None:
    """Print what went wrong with a connection, and is nobody's fault but ours."""
    traceback.print_exception(error)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's would look the name of this machine up
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Say nothing on stderr of a client that has gone, but say what is wrong with this server."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            unexpected(error)

    def server_close(self) -> None:
        super().server_close()
        for connection in tuple(self._open):  # which clients keep for their next call
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _RequestHandler(BaseHTTPRequestHandler):
    """One connection of a client. Parameters: *answering*, the application; the others are those of the base."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the rest of an answer waits until the client has confirmed its beginning
    wbufsize = -1  # one write for an answer

    def __init__(self, answering: Answering, *of_the_connection: Any) -> None:
        self._answering = answering
        super().__init__(*of_the_connection)

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if not self.request_version.startswith("HTTP/1."):  # older ones have no status line to answer with
            self.send_error(505)
            return False
        return True

    def answer(self) -> None:
        try:
            body = read_body(self.headers, self.rfile, LONGEST_BODY)
            answer = self._answering(Asked(self.command, self.path, tuple(self.headers.items()), body))
        except BadFraming as bad:
            self.close_connection = True  # nobody knows where the next request begins
            answer = unframed(bad.status, f"{bad}.")
        except Unfinished:
            answer = None
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Reply) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.sendable():
            self.send_header(name, as_received(value))
        if answer.status not in WITHOUT_BODY:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in WITHOUT_BODY:
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - looked up

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Reply what is no request of HTTP/1, as the base class finds it."""
        self.close_connection = True
        if not self.request_version.startswith("HTTP/1."):
            self.request_version = self.protocol_version  # or there would be no status
        self.command = getattr(self, "command", None) or ""
        status = 400 if code == 505 else code
        self._send(unframed(int(status), f"{message or 'this is no request of HTTP/1.1'}."))

    def handle_expect_100(self) -> bool:
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr, which is the test's."""


class Server:
    """The worlds of a process for others on this machine; a context manager.

    Parameters: *worlds*; *port*, 0 for any that is free.

    Raises ValueError for what is no port.

    Attributes: *address*, of the form ``http://127.0.0.1:port/secret``. It lets in whoever knows it.
    """

    def __init__(self, worlds: Worlds, *, port: int = 0) -> None:
        if port not in range(LAST_PORT + 1):
            raise ValueError(f"port is a number from 0 to {LAST_PORT}, 0 for any that is free, not {port!r}")
        self._server = _Listener((LOOPBACK, port), partial(_RequestHandler, self._answer))
        door = Door(f"{LOOPBACK}:{self._server.server_port}")
        self.address = door.address
        self._application = Application(worlds, door)
        self._thread: threading.Thread | None = None

    def _answer(self, asked: Asked) -> Reply | None:
        return self._application.answer(asked)

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
