"""Who is let in to the world of a test over its port, and what anybody else is told."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from lambda_states_mock import LambdaMock, NoHandlerError, NotActiveError, mock_lambda
from lambda_states_mock.adapters import activation
from lambda_states_mock.adapters.active_mocks import stack
from lambda_states_mock.api_model import lambda_model
from lambda_states_mock.server.clock_policies import policy_maker
from lambda_states_mock.server.door import Door
from lambda_states_mock.server.exchange import Asked, Reply
from lambda_states_mock.server.remote import Remote
from lambda_states_mock.server.threaded import Server
from lambda_states_mock.server.worlds import Worlds
from lambda_states_mock.wire import HttpRequest, HttpResponse, route
from tests.adapters.test_function_urls import public_url
from tests.aio_clients import get_session
from tests.test_mock import create
from tests.wire.test_routes import required_params

LISTING = "/2015-03-31/functions/"
CLOCK = "x-lambda-states-mock-now"
EVIL = b"""{"FunctionName": "evil", "Runtime": "python3.13", "Role": "arn:aws:iam::123456789012:role/r",
"Handler": "a.b", "Code": {"S3Bucket": "code", "S3Key": "zip"}}"""


pytestmark = pytest.mark.usefixtures("allowed_to_connect")


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", freeze=True) as mock:
        yield mock


def served(m: LambdaMock) -> Server:
    """Return a server for processes that a test starts."""
    return Server(Worlds(policy_maker("frozen"), first=m))


@pytest.fixture
def server(m: LambdaMock) -> Iterator[Server]:
    with served(m) as server:
        yield server


def ask(
    server: Server, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], Any]:
    """Send a request to the port of *server*; return the status, the headers and the JSON of the answer."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    with connection.getresponse() as answer:
        content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(content or b"null")


def secret_of(server: Server) -> str:
    return urlsplit(server.address).path


def test_whoever_has_the_address_is_let_in(m: LambdaMock, server: Server) -> None:
    assert ask(server, secret_of(server) + LISTING)[0] == 200
    assert m.calls.operations == ["ListFunctions"]


def test_each_server_has_a_secret_of_its_own(m: LambdaMock, server: Server) -> None:
    with served(m) as other:
        assert secret_of(other) != secret_of(server)
        assert len(secret_of(server)) > 30


@pytest.mark.parametrize(
    ("path", "headers", "said"),
    [
        (LISTING, {}, "AWS_ENDPOINT_URL_LAMBDA"),
        ("/", {}, "AWS_ENDPOINT_URL_LAMBDA"),
        ("/wrong" + LISTING, {}, "AWS_ENDPOINT_URL_LAMBDA"),
        ("{secret}x" + LISTING, {}, "AWS_ENDPOINT_URL_LAMBDA"),
        ("/%77rong" + LISTING, {}, "AWS_ENDPOINT_URL_LAMBDA"),
        ("{secret}" + LISTING, {"Host": "evil.example.com"}, "the Host is evil.example.com"),
        ("{secret}" + LISTING, {"Host": "localhost"}, "the Host is localhost"),
        ("{secret}" + LISTING, {"Origin": "https://evil.example.com"}, "from a web page (https://evil.example.com)"),
        ("{secret}" + LISTING, {"Origin": "null"}, "from a web page (null)"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET"])
def test_anybody_else_is_refused_and_changes_nothing(
    m: LambdaMock, server: Server, path: str, headers: dict[str, str], said: str, method: str
) -> None:
    before = m.clock.now
    headers = {"Content-Type": "text/plain", CLOCK: "2027-01-01T00:00:00Z", **headers}
    status, answered, body = ask(server, path.replace("{secret}", secret_of(server)), method, EVIL, **headers)
    assert (status, answered["x-amzn-errortype"]) == (403, "AccessDeniedException")
    assert said in body["message"]
    assert secret_of(server)[1:] not in body["message"]
    assert "access-control-allow-origin" not in answered
    assert (m.clock.now, len(m.calls), len(m.timeline)) == (before, 0, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("now", value)
            for value in ("NaN", "-5", "1e400", "", "inf", "2026-01-01", "2026-01-01T00:00:00", "10000-01-01T00:00:00Z")
        ),
        ("now", "0001-01-01T00:00:00+14:00"),
        ("operation", "Nonsense"),
        ("operation", "__class__"),
        ("account", "1"),
        ("account", "-23456789012"),
        ("region", "mars/.."),
        ("host", "a host"),
    ],
)
def test_a_header_of_ours_that_makes_no_sense_is_refused_and_changes_nothing(
    m: LambdaMock, server: Server, name: str, value: str
) -> None:
    before = m.clock.now
    given = {CLOCK: "2027-01-01T00:00:00Z"} | {f"x-lambda-states-mock-{name}": value}
    status, answered, body = ask(server, secret_of(server) + LISTING, "GET", b"", **given)
    assert (status, answered["x-amzn-errortype"]) == (400, "BadRequest")
    assert f"the header x-lambda-states-mock-{name} is " in body["message"]
    assert (m.clock.now, len(m.calls)) == (before, 0)


@pytest.mark.parametrize("url", ["http://[::1/", "//[/", "", "*", "?", "/\xff/"])
def test_what_is_no_path_is_refused_as_any_other(url: str) -> None:
    refusal = Door("127.0.0.1:1").enter(Asked("GET", url, ()))
    assert isinstance(refusal, Reply)
    assert b"AWS_ENDPOINT_URL_LAMBDA" in refusal.body


# -- clients that go by the address


@pytest.fixture
def outside(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, with the mock active for it alone: clients of this process go by its address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    (mock,) = stack
    activation.leave(mock)
    yield server
    activation.enter(mock)


class Recorder:
    """Stands in for a backend's ``handle``: notes to which operation each request leads."""

    def __init__(self) -> None:
        self.routed: list[str] = []

    def __call__(self, operation: str | None, request: HttpRequest, **_: object) -> HttpResponse:
        self.routed.append(route(request))
        return HttpResponse(200, {"content-type": "application/json"}, b"{}")


@pytest.mark.parametrize("way", ["over the port", "in a process with the mock"])
def test_the_secret_stands_before_the_path_of_every_operation_of_botocore(
    m: LambdaMock, server: Server, request: pytest.FixtureRequest, way: str
) -> None:
    if way == "over the port":
        request.getfixturevalue("outside")
    vars(m.backend)["handle"] = recorder = Recorder()
    config = Config(parameter_validation=False)
    client: Any = boto3.client("lambda", region_name="us-east-1", endpoint_url=server.address, config=config)
    known = set(client.meta.service_model.operation_names) - {"InvokeWithResponseStream"}
    names = [name for name in lambda_model().operation_names if name in known]
    for name in names:
        getattr(client, xform_name(name))(**required_params(name))
    assert recorder.routed == names


def test_a_client_of_botocore_calls_by_the_address(outside: Server) -> None:
    client: Any = boto3.client("lambda", region_name="us-east-1")
    create()
    assert client.get_function_configuration(FunctionName="orders")["State"] == "Active"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_function(FunctionName="refunds")


def test_a_client_of_aiobotocore_calls_by_the_address(outside: Server) -> None:
    async def names() -> list[str]:
        async with get_session().create_client("lambda", region_name="us-east-1") as client:
            create()
            return [one["FunctionName"] for one in (await client.list_functions())["Functions"]]

    assert asyncio.run(names()) == ["orders"]


def test_a_mistake_of_the_test_is_asked_once_and_said(m: LambdaMock, outside: Server) -> None:
    asked: list[None] = []

    def mistake(*_: Any, **__: Any) -> Any:
        asked.append(None)
        raise NoHandlerError("nothing to run")

    vars(m.backend)["handle"] = mistake
    with pytest.raises(ClientError, match=r"\(NoHandlerError\).*nothing to run"):
        boto3.client("lambda", region_name="us-east-1").list_functions()
    assert len(asked) == 1


def test_an_exception_of_the_test_is_asked_once_and_said(m: LambdaMock, outside: Server) -> None:
    asked: list[Any] = []

    def broken(params: Any) -> bool:
        asked.append(params)
        raise KeyError("Nmae")

    m.faults.on_call("ListFunctions", when=broken).error("ServiceException", required=False)
    with pytest.raises(ClientError, match=r"\(LambdaMockError\).*KeyError: 'Nmae'"):
        boto3.client("lambda", region_name="us-east-1").list_functions()
    assert len(asked) == 1


def test_a_mock_that_was_left_says_so_to_whoever_still_asks() -> None:
    with mock_lambda() as m:
        server = served(m)
    with server:
        status, answered, body = ask(server, secret_of(server) + LISTING)
    assert (status, answered["x-amzn-errortype"]) == (400, "NotActiveError")
    assert "after the mock was left" in body["message"]


# -- HTTP


def connection_to(server: Server) -> socket.socket:
    host, port = urlsplit(server.address).netloc.split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def head(server: Server, *lines: str, method: str = "POST", path: str = LISTING) -> bytes:
    first = f"{method} {secret_of(server)}{path} HTTP/1.1", f"Host: {urlsplit(server.address).netloc}"
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


def test_an_answer_goes_out_in_one_piece(server: Server) -> None:
    with connection_to(server) as connection:
        for _ in range(2):  # a second call on a connection that was kept
            connection.sendall(head(server, method="GET"))
            answered, _, rest = connection.recv(65_536).partition(b"\r\n\r\n")
            assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
            assert json.loads(rest) == {"Functions": []}


@pytest.mark.parametrize(
    ("lines", "body", "said"),
    [
        (["Content-Length: abc"], b"", "Content-Length is a number of bytes, not 'abc'"),
        (["Content-Length: -1"], b"", "not '-1'"),
        (["Content-Length: 1", "Content-Length: 2"], b"{}", "not '1, 2'"),
        (["Transfer-Encoding: chunked"], b"zz\r\n", "the size of a chunk is a hexadecimal number, not 'zz'"),
        (["Transfer-Encoding: chunked"], b"-1\r\n", "not '-1'"),
        (["Transfer-Encoding: chunked"], b"2\r\n{}}\r\n", "does not end where it says"),
        (["Transfer-Encoding: gzip, chunked"], b"", "Transfer-Encoding is chunked, or absent, not 'gzip, chunked'"),
    ],
)
def test_a_body_without_a_sure_end_is_told_so(
    m: LambdaMock, server: Server, lines: list[str], body: bytes, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with connection_to(server) as connection:
        connection.sendall(head(server, *lines) + body)
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        told = json.loads(answer.read())
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "BadRequest")
        assert said in told["message"]
        assert connection.recv(1) == b""  # it is closed
    assert len(m.calls) == 0
    assert capfd.readouterr().err == ""


def test_a_body_in_chunks_arrives(m: LambdaMock, server: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc)
    half = len(EVIL) // 2
    connection.request("POST", secret_of(server) + "/2015-03-31/functions", iter([EVIL[:half], EVIL[half:]]))
    with connection.getresponse() as answer:
        assert answer.status == 201
    connection.close()
    assert m.function("evil").state == "Active"


def test_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on(server: Server) -> None:
    with connection_to(server) as connection:
        connection.sendall(head(server, "Expect: 100-continue", f"Content-Length: {len(EVIL)}", path=LISTING[:-1]))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(EVIL)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 201 ")


def test_a_client_that_hangs_up_in_the_middle_changes_nothing(
    m: LambdaMock, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    with connection_to(server) as connection:
        connection.sendall(head(server, "Content-Length: 1000") + EVIL[:10])
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert len(m.calls) == 0
    assert capfd.readouterr().err == ""


def test_a_connection_that_a_client_keeps_ends_with_the_server(m: LambdaMock) -> None:
    with served(m) as server:
        connection = connection_to(server)
        connection.sendall(head(server, method="GET"))
        connection.recv(65_536)
    with connection:
        assert connection.recv(1) == b""


def test_headers_of_a_function_url_that_are_not_ascii_pass_both_ways(m: LambdaMock, server: Server) -> None:
    create()
    seen: list[str] = []

    def answer(event: Any, _context: Any) -> Any:
        seen.append(event["headers"]["x-name"])
        return {"statusCode": 200, "headers": {"x-sign": "✓ é"}, "body": "{}"}

    m.handler("orders", call=answer)
    host = urlsplit(public_url()).netloc
    remote = Remote(server.address)
    headers = {"x-name": "café ✓", CLOCK: "2026-01-01T00:00:00Z", "x-lambda-states-mock-host": host}
    _, answered, _ = remote.ask("GET", "/", headers, b"")
    assert (seen, dict(answered)["x-sign"]) == (["café ✓"], "✓ é")


def test_a_process_that_outlives_the_world_is_told_so(m: LambdaMock) -> None:
    with served(m) as server:
        remote = Remote(server.address)
        assert remote.now() == m.clock.now
    with pytest.raises(NotActiveError, match=r"does not answer any more(?s:.*)startup\.shared\(m\)"):
        remote.now()
