"""One world for several processes: what ``run`` starts asks the world of ``run``, over a port of this machine.

A Python process that was started with the mock keeps its own clock and forwards its calls; each call brings the clock
of the caller along, and each answer that of the world: the later one counts for both. When the process ends, it says
once more how late it is. Any other program comes by the address in ``AWS_ENDPOINT_URL_LAMBDA``, and sleeps for real:
between its calls as much time passes in the world.

The address ends in a secret; `door` refuses whoever does not have it. What is wrong with a request, or with the test,
is answered with a status that no SDK asks again after.

A connection that a fault breaks is broken for the caller. A process with the mock learns how, so that its client raises
what it raises for that; for any other program the connection closes without an answer, at once.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lambda_states_mock import errors
from lambda_states_mock.backend import Backend
from lambda_states_mock.dependencies.signatures import signing_key
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError, NotActiveError
from lambda_states_mock.instants import iso, parse_instant
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.server.door import (
    ACCOUNT,
    BROKEN,
    HOST,
    KEY,
    MISTAKE,
    NOW,
    OPERATION,
    OURS,
    REGION,
    Door,
    wrong_value,
)
from lambda_states_mock.wire.framing import WITHOUT_BODY, BadFraming, Unfinished, read_body
from lambda_states_mock.wire.http import HttpRequest, HttpResponse, as_received, as_sent

if TYPE_CHECKING:
    from lambda_states_mock.mock import LambdaMock

Answer = tuple[int, list[tuple[str, str]], bytes]
"""The status, the headers and the body."""

_PER_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/([a-z0-9-]+)/lambda/")


# -- the side of the world


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

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

    def server_close(self) -> None:
        super().server_close()
        for connection in tuple(self._open):  # which clients keep for their next call
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _RequestHandler(BaseHTTPRequestHandler):
    """One connection of a client. Parameters: *let_in*, `Server.let_in`; the others are those of the base."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the rest of an answer waits until the client has confirmed its beginning
    wbufsize = -1  # one write for an answer

    def __init__(self, let_in: Callable[[str, str, Message, bytes], Answer], *of_the_connection: Any) -> None:
        self._let_in = let_in
        super().__init__(*of_the_connection)

    def answer(self) -> None:
        try:
            answer = self._let_in(self.command, self.path, self.headers, read_body(self.headers, self.rfile))
        except BadFraming as bad:
            self.close_connection = True  # nobody knows where the next request begins
            answer = _refused(400, "BadRequest", f"{bad}.")
        except (BrokenConnection, Unfinished):
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _PER_CONNECTION:
                self.send_header(name, as_received(value))
        if status not in WITHOUT_BODY:
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and status not in WITHOUT_BODY:
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 - looked up

    def handle_expect_100(self) -> bool:
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr, which is the test's."""


class Server:
    """A world that other processes can ask; a context manager.

    Attributes: *address*, of the form ``http://127.0.0.1:port/secret``. It lets in whoever knows it.
    """

    def __init__(self, mock: LambdaMock) -> None:
        self._mock = mock
        self._lock = threading.Lock()
        self._seen = time.monotonic()
        self._server = _Listener(("127.0.0.1", 0), partial(_RequestHandler, self.let_in))
        self._door = Door(f"127.0.0.1:{self._server.server_port}")
        self.address = self._door.address

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def let_in(self, method: str, url: str, headers: Message, body: bytes) -> Answer:
        """Answer one request if it may come in. Raises as `answer`."""
        refusal = self._door.refusal(url, headers)
        if refusal is not None:
            return _refused(403, "AccessDeniedException", f"Refused: {refusal}.")
        sent = {name: as_sent(value) for name, value in headers.items()}
        return self.answer(method, self._door.inside(url), sent, body)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request that was let in: a forwarded call, or one of a program that knows nothing of us.

        Parameters: *url*, from behind the secret on.
        Raises BrokenConnection where a fault breaks the connection of such a program.
        """
        given = {name.lower(): value for name, value in headers.items()}
        if (wrong := wrong_value(given)) is not None:
            return _refused(400, "BadRequest", f"{wrong}.")
        backend = self._mock.backend
        path, _, query = url.partition("?")
        others = {name: value for name, value in headers.items() if OURS not in name.lower()}
        request = method, path, query, others
        account = given.get(ACCOUNT)
        status, answered, content = 200, [], b""
        try:
            self._come_to(given.get(NOW))
            if HOST in given:
                found = backend.answer_url(given[HOST], UrlRequest(*request, body), account=account)
                status, answered, content = found.status, list(found.headers), found.body
            elif path != "/":  # which is asked for the time alone
                signed_for = _SIGNED_FOR.search(given.get("authorization", ""))
                region = given.get(REGION) or (signed_for[1] if signed_for else self._mock.options.region)
                key = given.get(KEY) or signing_key(given.get("authorization"), query)
                response = backend.handle(
                    given.get(OPERATION), HttpRequest(*request, body), region=region, account=account, access_key=key
                )
                status, answered, content = response.status, list(response.headers.items()), response.body
        except BrokenConnection as broken:
            if NOW not in given:
                raise
            answered = [(BROKEN, broken.how)]
        except Exception as mistake:
            is_ours = isinstance(mistake, LambdaMockError)
            kind, text = type(mistake).__name__, str(mistake)
            if not is_ours:
                kind, text = LambdaMockError.__name__, f"{kind}: {text}"
            status, answered, content = _refused(400, kind, text)
            answered.append((MISTAKE, kind))
        return status, [*answered, (NOW, iso(self._mock.clock.now))], content

    def _come_to(self, moment: str | None) -> None:
        """Let the clock come to the caller's time; without one, on by as much real time as has passed."""
        with self._lock:
            passed, self._seen = time.monotonic() - self._seen, time.monotonic()
            clock = self._mock.clock
            if moment is not None:
                clock.advance_to(max(clock.now, parse_instant(moment)))
            elif not self._mock.options.freeze:  # which stops that clock as well
                clock.advance(max(0.0, round(passed, 3)))


def _refused(status: int, kind: str, message: str) -> Answer:
    """Return an answer that SDKs raise as the error *kind*, and do not ask again after."""
    headers = [("content-type", "application/json"), ("x-amzn-errortype", kind)]
    return status, headers, json.dumps({"message": message}).encode()


# -- the other side


class Remote:
    """The world of another process. Parameters: *address*, as its `Server` has it."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        self._where, self._secret = split.netloc, split.path

    def now(self) -> datetime:
        """Return what time it is there."""
        headers, _ = self.ask("GET", "/", {NOW: iso(datetime.min.replace(tzinfo=timezone.utc))}, b"")[1:]
        return parse_instant(dict(headers)[NOW])

    def backend(self, **world: Any) -> Backend:
        """Return a backend, made as any other, that lets its calls be answered there."""
        return _RemoteBackend(self, **world)

    def ask(self, method: str, url: str, headers: dict[str, Any], body: bytes) -> Answer:
        """Send a request, and return the status, the headers and the body of its answer.

        Raises NotActiveError where nothing answers, LambdaMockError where the request is refused.
        """
        connection = http.client.HTTPConnection(self._where)
        try:
            as_bytes = {name: value.encode() if isinstance(value, str) else value for name, value in headers.items()}
            connection.request(method, self._secret + url, body, as_bytes)
            response = connection.getresponse()
            answered = [(name, as_sent(value)) for name, value in response.getheaders()]
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotActiveError(
                f"the world that this process was started in does not answer any more ({error})\n"
                "  It ends with the block  startup.shared(m)  or the command  run: wait for its processes there."
            ) from error
        finally:
            connection.close()
        told = dict(answered)
        if NOW not in told:
            raise LambdaMockError(f"the world that this process was started in refused a call: {content.decode()}")
        return response.status, answered, content


class _RemoteBackend(Backend):
    def __init__(self, remote: Remote, **world: Any) -> None:
        super().__init__(**world)
        self._remote = remote

    def handle(
        self,
        operation: str | None,
        request: HttpRequest,
        *,
        region: str | None = None,
        account: str | None = None,
        access_key: str | None = None,
    ) -> HttpResponse:
        known = self.service.neighbours.identity_of(access_key) if access_key else None  # to moto in this process
        asked = {REGION: region, ACCOUNT: account or (known.account if known else None), KEY: access_key}
        status, headers, body = self._send(request, {OPERATION: operation, **asked})
        return HttpResponse(status, dict(headers), body)

    def answer_url(self, host: str, request: UrlRequest, *, account: str | None = None) -> UrlResponse:
        status, headers, body = self._send(request, {HOST: host, ACCOUNT: account})
        return UrlResponse(status, tuple(headers), body)

    def close(self) -> None:
        """Tell the world how late it is here: a sleep that no call has followed counts there, too."""
        try:
            with suppress(NotActiveError):  # that world may have ended before
                self._send(HttpRequest("GET", "/", "", {}, b""), {})
        finally:
            super().close()

    def _send(self, request: HttpRequest | UrlRequest, more: dict[str, str | None]) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _PER_CONNECTION}
        extra = {name: value for name, value in more.items() if value is not None}
        sent = {**headers, **extra, NOW: iso(self.clock.now)}
        url = f"{request.path}?{request.query}" if request.query else request.path
        status, answered, body = self._remote.ask(request.method, url, sent, request.body)
        told: dict[str, Any] = dict(answered)
        self.clock.advance_to(max(self.clock.now, parse_instant(told[NOW])))
        if BROKEN in told:
            raise BrokenConnection(told[BROKEN])
        if MISTAKE in told:
            kind: type[LambdaMockError] = getattr(errors, told[MISTAKE], LambdaMockError)
            raise kind(json.loads(body)["message"])
        return status, [(name, value) for name, value in answered if name.lower() != NOW], body
