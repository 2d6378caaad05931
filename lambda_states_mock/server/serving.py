"""One world for several processes: what ``run`` starts asks the world of ``run``, over a port of this machine.

A Python process that was started with the mock keeps its own clock and forwards its calls; each call brings the clock
of the caller along, and each answer that of the world: the later one counts for both. Any other program comes by the
address in ``AWS_ENDPOINT_URL_LAMBDA``, and sleeps for real: between its calls as much time passes in the world.

A connection that a fault breaks is broken for the caller. A process with the mock learns how, so that its client raises
what it raises for that; for any other program the connection closes without an answer, at once.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lambda_states_mock import errors
from lambda_states_mock.backend import Backend
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError
from lambda_states_mock.instants import iso, parse_instant
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock

Answer = tuple[int, list[tuple[str, str]], bytes]
"""The status, the headers and the body."""

_OURS = "x-lambda-states-mock-"
_NOW, _HOST, _OPERATION, _REGION, _ACCOUNT, _MISTAKE, _BROKEN = (
    f"{_OURS}{name}" for name in ("now", "host", "operation", "region", "account", "mistake", "broken")
)
_PER_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/lambda/")


# -- the side of the world


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's would look the name of this machine up
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]


class Server:
    """A world that other processes can ask; a context manager. Attributes: *address*, of the form ``http://...``."""

    def __init__(self, mock: LambdaMock) -> None:
        self._mock = mock
        self._lock = threading.Lock()
        self._seen = time.monotonic()
        self._server = _Listener(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                try:
                    status, headers, content = server.answer(self.command, self.path, dict(self.headers.items()), body)
                except BrokenConnection:
                    self.close_connection = True
                    return
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in _PER_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - looked up

        return RequestHandler

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request: a forwarded call, or one of a program that knows nothing of us.

        Raises BrokenConnection where a fault breaks the connection of such a program.
        """
        given = {name.lower(): value for name, value in headers.items()}
        self._come_to(given.get(_NOW))
        split, backend = urlsplit(url), self._mock.backend
        others = {name: value for name, value in headers.items() if _OURS not in name.lower()}
        request = method, split.path, split.query, others
        account = given.get(_ACCOUNT)
        status, answered, content = 200, [], b""
        try:
            if _HOST in given:
                found = backend.answer_url(given[_HOST], UrlRequest(*request, body), account=account)
                status, answered, content = found.status, list(found.headers), found.body
            elif split.path != "/":  # which is asked for the time alone
                signed_for = _SIGNED_FOR.search(given.get("authorization", ""))
                region = given.get(_REGION) or (signed_for[1] if signed_for else self._mock.options.region)
                response = backend.handle(
                    given.get(_OPERATION), HttpRequest(*request, body), region=region, account=account
                )
                status, answered, content = response.status, list(response.headers.items()), response.body
        except BrokenConnection as broken:
            if _NOW not in given:
                raise
            answered = [(_BROKEN, broken.how)]
        except LambdaMockError as mistake:
            status, answered = 500, [(_MISTAKE, type(mistake).__name__), ("content-type", "application/json")]
            content = json.dumps({"message": str(mistake)}).encode()
        return status, [*answered, (_NOW, iso(self._mock.clock.now))], content

    def _come_to(self, moment: str | None) -> None:
        """Let the clock come to the caller's time; without one, on by as much real time as has passed."""
        with self._lock:
            passed, self._seen = time.monotonic() - self._seen, time.monotonic()
            clock = self._mock.clock
            if moment is not None:
                clock.advance_to(max(clock.now, parse_instant(moment)))
            elif not self._mock.options.freeze:  # which stops that clock as well
                clock.advance(max(0.0, round(passed, 3)))


# -- the other side


class Remote:
    """The world of another process. Parameters: *address*, as its `Server` has it."""

    def __init__(self, address: str) -> None:
        self._where = urlsplit(address).netloc

    def now(self) -> datetime:
        """Return what time it is there."""
        headers, _ = self.ask("GET", "/", {_NOW: iso(datetime.min.replace(tzinfo=timezone.utc))}, b"")[1:]
        return parse_instant(dict(headers)[_NOW])

    def backend(self, **world: Any) -> Backend:
        """Return a backend, made as any other, that lets its calls be answered there."""
        return _RemoteBackend(self, **world)

    def ask(self, method: str, url: str, headers: dict[str, Any], body: bytes) -> Answer:
        """Send a request, and return the status, the headers and the body of its answer."""
        connection = http.client.HTTPConnection(self._where)
        try:
            connection.request(method, url, body, headers)
            response = connection.getresponse()
            answered, content = response.getheaders(), response.read()
        finally:
            connection.close()
        return response.status, answered, content


class _RemoteBackend(Backend):
    def __init__(self, remote: Remote, **world: Any) -> None:
        super().__init__(**world)
        self._remote = remote

    def handle(
        self, operation: str | None, request: HttpRequest, *, region: str | None = None, account: str | None = None
    ) -> HttpResponse:
        status, headers, body = self._send(request, {_OPERATION: operation, _REGION: region, _ACCOUNT: account})
        return HttpResponse(status, dict(headers), body)

    def answer_url(self, host: str, request: UrlRequest, *, account: str | None = None) -> UrlResponse:
        status, headers, body = self._send(request, {_HOST: host, _ACCOUNT: account})
        return UrlResponse(status, tuple(headers), body)

    def _send(self, request: HttpRequest | UrlRequest, more: dict[str, str | None]) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _PER_CONNECTION}
        extra = {name: value for name, value in more.items() if value is not None}
        sent = {**headers, **extra, _NOW: iso(self.clock.now)}
        url = f"{request.path}?{request.query}" if request.query else request.path
        status, answered, body = self._remote.ask(request.method, url, sent, request.body)
        told: dict[str, Any] = dict(answered)
        self.clock.advance_to(max(self.clock.now, parse_instant(told[_NOW])))
        if _BROKEN in told:
            raise BrokenConnection(told[_BROKEN])
        if _MISTAKE in told:
            kind: type[LambdaMockError] = getattr(errors, told[_MISTAKE], LambdaMockError)
            raise kind(json.loads(body)["message"])
        return status, [(name, value) for name, value in answered if name.lower() != _NOW], body
