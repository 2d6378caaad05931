"""The world of another process, asked over its port, for a process that was started with the mock.

It keeps its own clock and forwards its calls; each call brings the clock of the caller along, and each answer that of
the world: the later one counts for both. When the process ends, it says once more how late it is. A connection that a
fault breaks is broken for the caller: it is told how, so that its client raises what it raises for that.
"""

from __future__ import annotations

import http.client
import json
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from lambda_states_mock import errors
from lambda_states_mock.backend import Backend
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.errors import LambdaMockError, NotActiveError
from lambda_states_mock.http_exchange import exchange
from lambda_states_mock.instants import iso, parse_instant
from lambda_states_mock.invocation.url_format import UrlRequest, UrlResponse
from lambda_states_mock.server.control_table import PREFIX
from lambda_states_mock.server.door import ACCOUNT, BROKEN, HOST, KEY, MISTAKE, NOW, OPERATION, REGION
from lambda_states_mock.wire.http import HttpRequest, HttpResponse, as_sent

_CLOCK = f"{PREFIX}/clock"
_PER_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_Told = tuple[int, list[tuple[str, str]], bytes]
"""The status, the headers and the body of an answer."""


class Remote:
    """The world of another process. Parameters: *address*, as its `Server` has it."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        self._where, self._secret = split.netloc, split.path

    def now(self) -> datetime:
        """Return what time it is there."""
        headers, _ = self.ask("GET", _CLOCK, {NOW: iso(datetime.min.replace(tzinfo=timezone.utc))}, b"")[1:]
        return parse_instant(dict(headers)[NOW])

    def backend(self, **world: Any) -> Backend:
        """Return a backend, made as any other, that lets its calls be answered there."""
        return _RemoteBackend(self, **world)

    def ask(self, method: str, url: str, headers: dict[str, Any], body: bytes) -> _Told:
        """Send a request, and return the status, the headers and the body of its answer.

        Raises NotActiveError where nothing answers, LambdaMockError where the request is refused.
        """
        as_bytes = {name: value.encode() if isinstance(value, str) else value for name, value in headers.items()}
        try:
            status, given, content = exchange("http", self._where, method, self._secret + url, body, as_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise NotActiveError(
                f"the world that this process was started in does not answer any more ({error})\n"
                "  It ends with the block  startup.shared(m)  or the command  run: wait for its processes there."
            ) from error
        answered = [(name, as_sent(value)) for name, value in given]
        told = dict(answered)
        if NOW not in told:
            raise LambdaMockError(f"the world that this process was started in refused a call: {content.decode()}")
        return status, answered, content


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
        # To moto in this process. What stands behind the API here is not asked: it is not even made.
        known = self._neighbours.identity_of(access_key) if access_key else None
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
                self._send(HttpRequest("GET", _CLOCK, "", {}, b""), {})
        finally:
            super().close()

    def _send(self, request: HttpRequest | UrlRequest, more: dict[str, str | None]) -> _Told:
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
