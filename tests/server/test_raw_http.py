"""Both servers, asked by what hardly is HTTP: torn, pipelined, too long, framed wrongly.

Whatever comes, the answers are HTTP, one of 500 and above names its error, the connection ends when the client has
said all, nothing is printed, and the next client is answered.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_states_mock import mock_lambda
from lambda_states_mock.server import threaded
from lambda_states_mock.server.exchange import LONGEST_BODY
from tests.budget import sized
from tests.server.asking import FUNCTIONS, OURS
from tests.server.test_serve_command import serving

pytestmark = pytest.mark.usefixtures("allowed_to_connect")
HEAD = re.compile(rb"HTTP/1\.[01] (?P<status>\d{3})[^\r\n]*\r\n(?P<headers>(?:[^\r\n]+\r\n)*)\r\n")
LONGEST = 20.0
"""Seconds after which a connection counts as hanging."""
SETTINGS = settings(
    max_examples=sized(15, 3_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Sending = Callable[..., bytes]
"""What sends pieces over one connection, each by itself, and returns all that is answered."""


@pytest.fixture(scope="module", params=["long-lived", "threaded"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """The port of a server, and what the paths of its requests begin with."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "threaded":
            raised: list[BaseException] = []
            patch.setattr(threaded, "unexpected", raised.append)
            with mock_lambda(start="2026-01-01T00:00:00Z") as m:
                host, _, secret = m.serve().url.removeprefix("http://").partition("/")
                yield int(host.partition(":")[2]), f"/{secret}"
            assert raised == []
            return
        with serving("--start", "2026-01-01T00:00:00Z") as (process, port):
            yield port, ""
            process.terminate()
            assert process.stderr is not None
            assert process.stderr.read() == ""


@pytest.fixture
def send(address: tuple[int, str], allowed_to_connect: None) -> Sending:
    def sending(*pieces: bytes, ends: bool = True) -> bytes:
        seen = b""
        with socket.create_connection(("127.0.0.1", address[0]), timeout=LONGEST) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:  # it has heard enough
                pass
            try:
                while part := connection.recv(65_536):
                    seen += part
            except ConnectionError:
                pass
        return seen

    return sending


def asked(address: tuple[int, str], path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {address[1]}{path} HTTP/1.1", f"Host: 127.0.0.1:{address[0]}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def statuses(answered: bytes) -> list[int]:
    return [int(found["status"]) for found in HEAD.finditer(answered)]


def check(answered: bytes) -> None:
    """Check that what was answered is HTTP and no failure of ours."""
    assert not answered or HEAD.match(answered), answered
    assert b"Traceback" not in answered
    for found in HEAD.finditer(answered):
        assert int(found["status"]) < 500 or b"x-amzn-errortype:" in found["headers"].lower(), answered


# -- what is no HTTP at all, and what nearly is


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW", "get", "", "G T", "P" * 70_000])
PATHS = st.sampled_from(
    [
        "/",
        f"{FUNCTIONS}/",
        f"{FUNCTIONS}/orders/invocations",
        f"{OURS}/health",
        f"{OURS}/clock/advance",
        f"{OURS}/faults",
        "/2021-11-15/functions/orders/response-streaming-invocations",
        "*",
        "http://127.0.0.1/",
        "//",
        "",
        "/%",
        "/%ff%00",
        "/\xff",
        "/?a=%zz&b",
        "/worlds/../..",
        "/worlds/a%2Fb/",
        "/" + "a" * 70_000,
        "/#x",
    ]
)
VERSIONS = st.sampled_from(
    ["HTTP/1.1"] * 6 + ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.11", "HTTP/x", "", "FTP/1.1"]
)
HEADERS = st.sampled_from(
    [
        "Host: 127.0.0.1",
        "Host: evil.test",
        "Host:",
        "Host: abc.lambda-url.us-east-1.on.aws",
        "Connection: close",
        "Connection: keep-alive, upgrade",
        "Upgrade: websocket",
        "Expect: 100-continue",
        "Expect: the unexpected",
        "Content-Encoding: gzip",
        "Content-Type: application/json; charset=nowhere",
        "Authorization: AWS4-HMAC-SHA256 Credential=//////",
        "Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request, SignedHeaders=, Signature=",
        "X-Amz-Target: AmazonSQS.SendMessage",
        "X-Amz-Invocation-Type: Neither",
        "X-Amz-Client-Context: %%%",
        "x-lambda-states-mock-now: yesterday",
        "x-lambda-states-mock-operation: Nothing",
        "No colon here",
        ": no name",
        "Space : before",
        " Folded: at the beginning",
        "Two: lines\r\n of one",
        "Nul: \x00",
        "Latin: \xff\xe9",
        "Long: " + "b" * 70_000,
        *(
            f"Transfer-Encoding: {coding}"
            for coding in ("chunked", "gzip, chunked", "chunked, chunked", "identity", "")
        ),
        *(
            f"Content-Length: {size}"
            for size in ("0", "2", "-1", "+2", "2, 2", "2, 3", "1e3", "9" * 30, "", "2_0", "٢")
        ),
    ]
)
BODIES = st.sampled_from(
    [
        b"",
        b"{}",
        b"{",
        b'{"by": "15d"}',
        b"\xff\xfe",
        b"[" * 5_000,
        b"2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n",
        b"2;name=value\r\n{}\r\n0\r\n\r\n",
        b"g\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n{}\r\n",
        b"ffffffffffffffffffff\r\n{}",
        b"1\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"\r\n\r\n",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Requests of HTTP/1.1, or nearly."""
    end = draw(st.sampled_from(["\r\n"] * 8 + ["\n", "\r"]))
    first = f"{draw(METHODS)} {draw(PATHS)} {draw(VERSIONS)}"
    headers = draw(st.lists(HEADERS, max_size=5))
    if draw(st.booleans()):
        headers = ["Host: 127.0.0.1", *headers]
    lines = end.join([first, *headers, "", ""])
    return lines.encode("utf-8" if "٢" in lines else "latin-1") + draw(BODIES)


@st.composite
def torn(draw: st.DrawFn) -> list[bytes]:
    """What is sent over one connection: requests, in pieces that end anywhere, perhaps not to their ends."""
    whole = b"".join(draw(st.lists(requests() | st.binary(max_size=200), min_size=1, max_size=4)))
    cuts = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    return pieces if draw(st.booleans()) else pieces[:-1]


@SETTINGS
@given(pieces=torn())
def test_whatever_is_sent_the_answers_are_http_and_the_connection_ends(send: Sending, pieces: list[bytes]) -> None:
    check(send(*pieces))


@SETTINGS
@given(pieces=torn())
def test_whatever_is_sent_the_next_client_is_answered(
    send: Sending, address: tuple[int, str], pieces: list[bytes]
) -> None:
    send(*pieces)
    assert statuses(send(asked(address, f"{OURS}/health", "Connection: close"))) == [200]


@pytest.mark.parametrize("line", ["GET / HTTP/0.9", "GET / HTTP/0.1", "GET /", "GET / HTTP/2.0", "GET / HTTP/9.9"])
def test_a_version_that_is_not_spoken_here_gets_no_answer_of_that_version(send: Sending, line: str) -> None:
    answered = send(f"{line}\r\nHost: 127.0.0.1\r\n\r\n".encode())
    check(answered)
    assert all(400 <= status < 500 for status in statuses(answered))


# -- requests that are right, however they arrive


@SETTINGS
@given(
    kinds=st.lists(st.sampled_from(["plain", "sized", "chunked", "expecting"]), min_size=1, max_size=8),
    cuts=st.sets(st.integers(0, 2_000), max_size=12),
)
def test_right_requests_are_all_answered_in_their_order_however_torn(
    send: Sending, address: tuple[int, str], kinds: list[str], cuts: set[int]
) -> None:
    advance = f"{OURS}/clock/advance"
    each = {
        "plain": asked(address, f"{OURS}/clock"),
        "sized": asked(address, advance, "Content-Length: 9", method="POST", body=b'{"by": 1}'),
        "chunked": asked(
            address, advance, "Transfer-Encoding: chunked", method="POST", body=b'4\r\n{"by\r\n5\r\n": 1}\r\n0\r\n\r\n'
        ),
        "expecting": asked(
            address, advance, "Content-Length: 9", "Expect: 100-continue", method="POST", body=b'{"by": 1}'
        ),
    }
    whole = b"".join(each[kind] for kind in kinds)
    ends = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    answered = send(*(whole[start:end] for start, end in pairwise(ends)))
    check(answered)
    assert [status for status in statuses(answered) if status != 100] == [200] * len(kinds)
    times = re.findall(rb'"now": "([^"]+)"', answered)
    assert len(times) == len(kinds)
    assert times == sorted(times)


# -- framings that are wrong


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (["Content-Length: -1"], b""),
        (["Content-Length: +2"], b"{}"),
        (["Content-Length: two"], b"{}"),
        (["Content-Length: 2", "Content-Length: 3"], b"{}x"),
        (["Content-Length: " + "9" * 30], b"{}"),
        (["Transfer-Encoding: gzip"], b"{}"),
        (["Transfer-Encoding: chunked"], b"zz\r\n{}\r\n"),
        (["Transfer-Encoding: chunked"], b"1\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked", "Content-Length: 2"], b"2\r\n{}\r\n0\r\n\r\n"),
    ],
)
def test_a_body_whose_end_nobody_knows_gets_an_error_and_nothing_after_it_is_read(
    send: Sending, address: tuple[int, str], headers: list[str], body: bytes
) -> None:
    smuggled = asked(address, f"{OURS}/clock/advance", "Content-Length: 9", method="POST", body=b'{"by": 1}')
    answered = send(asked(address, f"{OURS}/clock/step", *headers, method="POST", body=body) + smuggled)
    check(answered)
    assert all(400 <= status < 500 for status in statuses(answered))
    assert len(statuses(answered)) == 1
    assert b"x-amzn-errortype:" in answered.lower()


def test_a_body_that_says_to_be_too_long_is_refused_before_it_is_sent(send: Sending, address: tuple[int, str]) -> None:
    answered = send(
        asked(address, f"{FUNCTIONS}/", f"Content-Length: {LONGEST_BODY + 1}", method="POST"),
        ends=False,
    )
    assert statuses(answered) == [413]
    assert b"RequestEntityTooLargeException" in answered


def test_a_body_in_chunks_that_becomes_too_long_is_refused(send: Sending, address: tuple[int, str]) -> None:
    size = 8 * 1024 * 1024
    chunk = f"{size:x}\r\n".encode() + bytes(size) + b"\r\n"
    head = asked(address, f"{FUNCTIONS}/", "Transfer-Encoding: chunked", method="POST")
    answered = send(head, *([chunk] * (LONGEST_BODY // size + 1)), b"0\r\n\r\n")
    assert statuses(answered) in ([413], [])  # where it is closed upon what is still sent, the answer may be lost


@pytest.mark.parametrize("size", [1_000, 5_000])
def test_as_many_headers_as_anybody_sends_are_no_failure(send: Sending, address: tuple[int, str], size: int) -> None:
    many = [f"X-{number}: {number}" for number in range(size)]
    answered = send(asked(address, f"{OURS}/health", *many, "Connection: close"))
    check(answered)
    assert statuses(answered)[0] < 500
