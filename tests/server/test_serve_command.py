"""``lambda-states-mock serve``, as a process."""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lambda_states_mock.command.cli import main
from lambda_states_mock.command.serve import reason_of
from tests import forked
from tests.server.asking import FUNCTIONS, NEW, OURS

pytestmark = pytest.mark.usefixtures("allowed_to_connect")
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def serving(
    *options: str, in_fork: bool = True, program: str = "", **variables: str
) -> Iterator[tuple[forked.Told | subprocess.Popen[str], int]]:
    """Start the command, yield its process and its port, and end it.

    Parameters: *in_fork*, whether it begins where it has imported what it needs; *program*, Python that
    runs the command line; *variables* of its environment.
    """
    start = ["-c", program] if program else ["-m", "lambda_states_mock"]
    arguments = [*start, "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    with (
        forked.told(arguments, env=environment)
        if in_fork
        else subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.PIPE, text=True)
    ) as process:
        assert process.stderr is not None
        try:
            address = process.stderr.readline().split()[1]
            assert process.stderr.readline().startswith("  export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:")
            yield process, int(address.split(":")[2].partition("/")[0])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving("--start", "2026-01-01T00:00:00Z", in_fork=False) as (_, port):
        yield port


def ask(
    port: int, path: str, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, None if body is None else json.dumps(body), named)
    with connection.getresponse() as answer:
        content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def test_the_command_answers_the_api_and_its_waiters_jump(port: int) -> None:
    world = "/worlds/api"
    assert ask(port, f"{world}{FUNCTIONS}", "POST", NEW)[0] == 201
    seen = [json.loads(ask(port, f"{world}{FUNCTIONS}/orders/configuration")[2])["State"] for _ in range(2)]
    assert seen == ["Pending", "Active"]


def test_two_hundred_idle_connections_keep_nobody_waiting(port: int) -> None:
    idle = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(200)]
    for connection in idle[:100]:
        connection.sendall(b"GET / HT")  # a request that never ends
    began = time.perf_counter()
    assert ask(port, f"{OURS}/health")[0] == 200
    assert time.perf_counter() - began < 5
    for connection in idle:
        connection.close()


def test_requests_that_are_sent_together_are_answered_in_their_order(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        paths = [f"/worlds/w{number}{OURS}/clock" for number in range(3)]
        connection.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths).encode())
        seen = b""
        while seen.count(b'"now"') < 3:
            seen += connection.recv(65_536)
        assert seen.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_though_clients_keep_their_connections(number: signal.Signals) -> None:
    with serving() as (process, port):
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        kept.request("GET", f"{OURS}/health")
        kept.getresponse().read()
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        kept.close()


def test_a_request_without_a_host_is_told_so(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        answer = b""
        while more := connection.recv(65_536):
            answer += more
    assert b"\"Missing 'Host' header in request.\"" in answer
    assert b"x-amzn-errortype: BadRequest" in answer


def test_a_port_that_is_taken_is_said_in_one_line(port: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = forked.run("-m", "lambda_states_mock", "serve", "--port", str(port), env=environment)
    assert done.returncode == 1
    said = f"lambda-states-mock: cannot listen on 127.0.0.1:{port}: Address already in use."
    assert done.stderr == f"{said} Give another --host or --port.\n"


def test_a_token_lets_in_by_the_path_or_a_header() -> None:
    with serving("--token", "pears", "--allow-host", "lambda.test", "--allow-origin", "https://Shop.test/") as (
        _,
        port,
    ):
        health = f"{OURS}/health"
        assert ask(port, health)[0] == 403
        assert ask(port, f"/apples{health}")[0] == 403
        assert ask(port, f"/pears{health}")[0] == 200
        assert ask(port, health, Authorization="Bearer pears")[0] == 200
        assert ask(port, health, Authorization="bearer pears")[0] == 200
        assert ask(port, health, Authorization="Basic pears")[0] == 403
        assert ask(port, health, X_Lambda_States_Mock_Token="pears")[0] == 200
        assert ask(port, f"/pears{health}", Host="lambda.test:80")[0] == 200
        assert ask(port, f"/pears{health}", Host="evil.test")[0] == 403
        status, headers, _ = ask(port, f"/pears{health}", Origin="https://shop.test")
        assert (status, headers["access-control-allow-origin"]) == (200, "https://shop.test")
        assert ask(port, f"/pears{health}", Origin="https://evil.test")[0] == 403


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--clock", "jmup"], "there is no clock 'jmup'; did you mean \"jump\"?"),
        (["--clock", "factor=x"], "factor is a number above zero"),
        (["--timings", "instand"], 'did you mean "instant"'),
        (["--port", "many"], "a port is a number from 0 to 65535, not 'many'"),
        (["--port", "99999"], "a port is a number from 0 to 65535, not '99999'"),
        (["--port", "-1"], "a port is a number from 0 to 65535, not '-1'"),
        (["--token", ""], "a token has letters"),
        (["--token", "a/b"], "a token has letters"),
        (["--allow-host", "lambda.test:80"], "a name without a port, such as lambda.test, not 'lambda.test:80'"),
        (["--allow-host", ""], "a name without a port"),
        (["--allow-origin", "shop.test"], "the origin of a page, such as http://localhost:3000, not 'shop.test'"),
        (["--allow-origin", "https://shop.test/cart"], "the origin of a page"),
        (["--seeed", "1"], 'did you mean "--seed"'),
    ],
)
def test_a_wrong_option_is_said(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *options])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_token_of_the_environment_that_no_path_has_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMBDA_STATES_MOCK_TOKEN", "two words")
    with pytest.raises(SystemExit) as ended:
        main(["serve"])
    assert ended.value.code == 2
    assert "the variable LAMBDA_STATES_MOCK_TOKEN: a token has letters" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError(errno.EADDRINUSE, "error while attempting to bind"), os.strerror(errno.EADDRINUSE)),
    ],
)
def test_why_nothing_listens_is_said_as_the_system_says_it(error: OSError, said: str) -> None:
    assert reason_of(error) == said


WITH_FEW_CALLS = """
import sys
from lambda_states_mock.command import serve
from lambda_states_mock.command.cli import main
assert serve.KEPT_CALLS == 10_000
serve.KEPT_CALLS = 100
sys.exit(main())
"""


def test_a_server_keeps_its_newest_calls() -> None:
    one = f"GET {FUNCTIONS}/ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with serving(program=WITH_FEW_CALLS) as (_, port):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            for _ in range(3):
                connection.sendall(one * 40)
                got = b""
                while got.count(b"HTTP/1.1 200 OK") < 40 or not got.endswith(b"}"):
                    got += connection.recv(1_000_000)
        assert len(json.loads(ask(port, f"{OURS}/calls")[2])) == 100


SAYING_SOON = """
import sys
from lambda_states_mock.command import serve
from lambda_states_mock.command.cli import main
real = serve.Saying
serve.Saying = lambda *arguments, first, every: real(*arguments, first=first / 20, every=every / 20)
sys.exit(main())
"""


def test_what_happens_is_said_where_it_is_asked_for() -> None:
    options = ("--progress", "on", "--start", "2026-01-01T00:00:00Z")
    with serving(*options, program=SAYING_SOON) as (process, port):
        ask(port, f"/worlds/gw3{FUNCTIONS}/", "POST", NEW)
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(2)]
    assert told == [
        "[gw3] 2026-01-01T00:00:00Z  CreateFunction\n",
        "[gw3] 2026-01-01T00:00:00.000Z  orders  State: - -> Pending (Creating)  [CreateFunction]\n",
    ]
