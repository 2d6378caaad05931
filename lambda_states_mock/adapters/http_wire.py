"""HTTP/1.1 as it goes over a connection, for clients that can be caught only there: `http.client` and aiohttp."""

from __future__ import annotations

import http.client
import io

from lambda_states_mock.adapters import http_answers
from lambda_states_mock.engine.call_faults import BrokenConnection
from lambda_states_mock.http_framing import BadFraming, Unfinished, read_body
from lambda_states_mock.wire.http import as_received, as_sent


class Conversation:
    """One request to *host* and its answer, byte by byte."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._sent = bytearray()

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take what the client sends next."""
        self._sent += data

    @property
    def is_complete(self) -> bool:
        """Whether the client has sent the whole of its request, or what is none."""
        try:
            self._request()
        except Unfinished:
            return False
        except BadFraming:
            return True
        return True

    def answer(self) -> bytes:
        """Return the answer to the request, after which the connection is closed.

        Raises BrokenConnection where a test wants that, and where the server would wait for the rest of the request;
        and mistakes of the test author.
        """
        try:
            method, url, headers, body = self._request()
        except Unfinished:
            raise BrokenConnection("read timed out") from None
        except BadFraming as bad:
            response = http_answers.bad_request(bad)
        else:
            found = http_answers.answer(self._host, method, url, body, headers)
            if found is None:  # the mock was left in the middle of the request
                raise ConnectionResetError("Connection reset by peer")
            response = found
        finally:
            self._sent.clear()
        lines = [f"HTTP/1.1 {response.status} {http.client.responses.get(response.status, 'Unknown')}"]
        lines += [f"{name}: {as_received(value)}" for name, value in response.headers]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1", "replace") + response.body

    def _request(self) -> tuple[str, str, dict[str, str], bytes]:
        """Return the method, URL, headers and body of the request. Raises Unfinished and BadFraming."""
        head, end, rest = bytes(self._sent).partition(b"\r\n\r\n")
        if not end:
            raise Unfinished
        first, _, fields = head.partition(b"\r\n")
        method, url, _version = first.decode("latin-1").split(" ", 2)
        headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
        named = {name: as_sent(value) for name, value in headers.items()}
        return method, url, named, read_body(headers, io.BytesIO(rest))
