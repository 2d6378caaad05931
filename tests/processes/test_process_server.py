"""The port at which processes reach Lambda: what comes in over a socket, well-formed or not."""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from lambda_states_mock.execution.runtimes.processes.mailbox import Mailbox
from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest, RuntimeApi
from lambda_states_mock.execution.runtimes.processes.server import EnvironmentServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes need POSIX")
BASE = "/2018-06-01/runtime"
ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
RESPONSE = f"{BASE}/invocation/{ID}/response"


class Port:
    """A port behind which a runtime has an event, and whoever handles what comes in."""

    def __init__(self) -> None:
        self.api = RuntimeApi()
        self.api.ask(ProcessRequest("GET", f"{BASE}/invocation/next"))
        self.api.offer(ID, b"{}", {})
        self.requests: list[ProcessRequest] = []
        self._mailbox = Mailbox()
        listening = socket.create_server(("127.0.0.1", 0))
        self._address = listening.getsockname()
        self._server = EnvironmentServer(self._mailbox, listening)
        self._is_open = True
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while self._is_open:
            for letter in self._mailbox.take():
                self.requests.append(letter.request)
                letter.answer(self.api.ask(letter.request))
            select.select([self._mailbox.descriptor], [], [], 0.05)

    def send(self, data: bytes) -> bytes:
        """Send *data* and no more; return all that comes back until the connection ends."""
        with socket.create_connection(self._address, 10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def close(self) -> None:
        self._is_open = False
        self._reader.join()
        self._server.close()
        self._mailbox.close()


@pytest.fixture
def port() -> Iterator[Port]:
    made = Port()
    yield made
    made.close()


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


CHUNKED = "Transfer-Encoding: chunked"


def test_chunks_and_trailers_come_as_they_were_sent(port: Port) -> None:
    body = b"3\r\none\r\n3;more=x\r\ntwo\r\n0\r\nLambda-Runtime-Function-Error-Type: Bad\r\n\r\n"
    assert status(port.send(head("POST", RESPONSE, CHUNKED) + body)) == 202
    (request,) = port.requests
    assert (request.body, request.chunks) == (b"onetwo", (b"one", b"two"))
    assert request.trailers == {"lambda-runtime-function-error-type": "Bad"}


def test_two_requests_on_one_connection_are_answered_in_their_order(port: Port) -> None:
    first = head("GET", "/2018-06-01/ping")
    answer = port.send(first + head("POST", RESPONSE, "Content-Length: 2") + b"{}")
    assert answer.count(b"HTTP/1.1 ") == 2
    assert answer.index(b"pong") < answer.index(b"202 Accepted")


@pytest.mark.parametrize(
    ("lines", "body", "came"),
    [
        (("Content-Length: 10",), b"half", b"half"),
        (("Content-Length: 10",), b"", b""),
        ((CHUNKED,), b"5\r\nfirst\r\n5\r\nse", b"firstse"),
        ((CHUNKED,), b"5\r\nfirst\r", b"first"),
        ((CHUNKED,), b"5\r\nfirst\r\n", b"first"),
        ((CHUNKED,), b"5\r\nfirst\r\n0\r\nTrailer", b"first"),
    ],
)
def test_a_response_that_is_cut_off_is_refused_and_what_came_is_kept(
    port: Port, lines: tuple[str, ...], body: bytes, came: bytes
) -> None:
    answer = port.send(head("POST", RESPONSE, *lines) + body)
    assert (status(answer), b"TruncatedHTTPRequest" in answer) == (400, True)
    assert port.api.told is not None
    assert (port.api.told.payload, port.api.told.error_type) == (came, "Runtime.TruncatedResponse")


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (("Content-Length: two",), b"{}"),
        (("Content-Length: -1",), b""),
        (("Content-Length: 1", "Content-Length: 2"), b"{}"),
        (("Content-Length: 2", CHUNKED), b"0\r\n\r\n"),
        (("Transfer-Encoding: gzip",), b"{}"),
        ((CHUNKED,), b"x\r\n"),
        ((CHUNKED,), b"-1\r\n"),
        ((CHUNKED,), b"2\r\nlonger\r\n0\r\n\r\n"),
    ],
)
def test_a_body_without_an_end_that_can_be_found_is_a_bad_request(
    port: Port, lines: tuple[str, ...], body: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = port.send(head("POST", RESPONSE, *lines) + body)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert port.requests == []
    assert port.api.told is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["PUT", "PURGE", "SOMETHING-ELSE"])
def test_a_method_that_nobody_knows_is_not_allowed_either(port: Port, method: str) -> None:
    answer = port.send(head(method, RESPONSE))
    assert answer == b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"


def test_a_head_gets_the_length_and_no_body(port: Port) -> None:
    reply = ProcessReply(404, b"404 page not found\n")
    answer = port.send(head("HEAD", "/nothing"))
    assert answer.endswith(b"\r\n\r\n")
    assert f"Content-Length: {len(reply.body)}".encode() in answer
