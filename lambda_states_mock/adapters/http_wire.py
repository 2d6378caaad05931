"""HTTP/1.1 as it goes over a connection, for clients that can be caught only there: `http.client` and aiohttp."""

from __future__ import annotations

import http.client
import io
from email.message import Message
from http import HTTPStatus

from lambda_states_mock.adapters import urllib3_hook

_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_OUR_OWN = {"connection", "content-length", "transfer-encoding"}


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
        """Whether the client has sent the whole of its request."""
        return self._request() is not None

    def answer(self) -> bytes:
        """Return the answer to the request, after which the connection is closed.

        Raises BrokenConnection where a test wants that, and mistakes of the test author.
        """
        request, self._sent = self._request(), bytearray()
        if request is None:
            raise http.client.IncompleteRead(b"")
        method, url, headers, body = request
        response = urllib3_hook.answer(self._host, method, url, body, dict(headers.items()))
        if response is None:  # the mock was left in the middle of the request
            raise ConnectionResetError("Connection reset by peer")
        lines = [f"HTTP/1.1 {response.status} {http.client.responses.get(response.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in response.headers if name.lower() not in _OUR_OWN]
        if response.status not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {len(response.body)}")
        head = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
        return head + (b"" if method == "HEAD" or response.status in _WITHOUT_BODY else response.body)

    def _request(self) -> tuple[str, str, Message, bytes] | None:
        head, end, rest = bytes(self._sent).partition(b"\r\n\r\n")
        first, _, fields = head.partition(b"\r\n")
        if not end:
            return None
        method, url, _version = first.decode("latin-1").split(" ", 2)
        headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
        if headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = _joined(rest)
        else:
            length = int(headers.get("Content-Length", "0"))
            body = rest if len(rest) >= length else None
        return None if body is None else (method, url, headers, body)


def _joined(chunks: bytes) -> bytes | None:
    """Return what is in *chunks*; None if the last one is not there yet."""
    body = b""
    while True:
        size, end, chunks = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0] or b"0", 16)
        if not end or len(chunks) < length + 2:
            return None
        if not length:
            return body
        body, chunks = body + chunks[:length], chunks[length + 2 :]
