"""``m.serve()``: a test serves its mock to programs of other languages."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest

from lambda_states_mock import NotActiveError, mock_lambda
from lambda_states_mock.testing import ChaosWorld, Throttled
from tests.server.asking import FUNCTIONS, OURS
from tests.test_mock import create

pytestmark = pytest.mark.usefixtures("allowed_to_connect")


def get(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_a_served_mock_answers_whoever_has_its_address() -> None:
    with mock_lambda() as m:
        create()
        served = m.serve()
        assert repr(served) == f"<Served {served.url}>"
        status, body = get(f"{served.url}{FUNCTIONS}/orders/configuration")
        assert (status, json.loads(body)["State"]) == (200, "Pending")
        assert get(served.url.rpartition("/")[0] + f"{FUNCTIONS}/orders/configuration")[0] == 403


def test_the_world_that_disturbs_a_test_disturbs_the_programs_that_it_serves() -> None:
    with mock_lambda(chaos=ChaosWorld(Throttled("ListFunctions", 1))) as m:
        served = m.serve()
        assert [get(f"{served.url}{FUNCTIONS}/")[0] for _ in range(2)] == [429, 200]


def test_its_clock_is_frozen_unless_the_test_says_otherwise() -> None:
    with mock_lambda() as m:
        create()
        for served, seen in ((m.serve(), "Pending"), (m.serve(clock="jump"), "Active")):
            states = [json.loads(get(f"{served.url}{FUNCTIONS}/orders/configuration")[1])["State"] for _ in range(2)]
            assert states == ["Pending", seen]


def test_it_is_closed_with_the_mock_or_before() -> None:
    with mock_lambda() as m:
        first, second = m.serve(), m.serve()
        first.close()
        first.close()
        assert repr(first) == f"<Served {first.url}, closed>"
        assert get(f"{second.url}{OURS}/health")[0] == 200
    for served in (first, second):
        with pytest.raises(OSError, match=r"refused|reset"):
            get(served.url)


def test_a_port_can_be_chosen_and_a_taken_one_is_an_error() -> None:
    with mock_lambda() as m:
        port = urlsplit(m.serve().url).port or 0
        with pytest.raises(OSError, match="in use"):
            m.serve(port)
    with mock_lambda() as m:
        assert urlsplit(m.serve(port).url).port == port


@pytest.mark.parametrize("port", [99_999, -1, "4574"])
def test_what_is_no_port_is_refused(port: Any) -> None:
    with mock_lambda() as m, pytest.raises(ValueError, match="port is a number from 0 to 65535"):
        m.serve(port)


def test_a_test_that_fails_in_its_handler_says_so_to_whoever_invokes() -> None:
    with mock_lambda() as m:
        create()
        m.clock.run_until_idle()

        @m.handler("orders")
        def orders(_event: Any, _context: Any) -> Any:
            pytest.fail("never to be invoked")

        request = urllib.request.Request(f"{m.serve().url}{FUNCTIONS}/orders/invocations", b"{}")
        with pytest.raises(urllib.error.HTTPError, match="400") as refused:
            urllib.request.urlopen(request, timeout=30)
        with refused.value:
            assert "never to be invoked" in json.loads(refused.value.read())["message"]


def test_a_function_without_a_handler_is_told_how_to_give_it_one_over_http() -> None:
    with mock_lambda() as m:
        client = create()
        m.clock.run_until_idle()
        client.update_function_code(FunctionName="orders", S3Bucket="code", S3Key="zip")
        m.clock.run_until_idle()
        request = urllib.request.Request(f"{m.serve().url}{FUNCTIONS}/orders/invocations", b"{}")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        with refused.value:
            assert "PUT /_lambda_states_mock/handlers/NAME" in json.loads(refused.value.read())["message"]


def test_it_listens_on_this_machine_alone() -> None:
    with mock_lambda() as m:
        assert urlsplit(m.serve().url).hostname == "127.0.0.1"


@pytest.mark.parametrize("clock", ["jmup", "", "factor=0"])
def test_a_clock_that_there_is_not_is_refused_and_nothing_listens(clock: str) -> None:
    with mock_lambda() as m, pytest.raises(ValueError, match="clock"):
        m.serve(clock=clock)


def test_after_the_mock_nothing_is_served() -> None:
    with mock_lambda() as m:
        pass
    with pytest.raises(NotActiveError, match=r"serve\(\) after the mock was left"):
        m.serve()


def test_a_handler_of_the_test_runs_for_a_caller_outside_and_its_sleep_is_virtual() -> None:
    import time

    with mock_lambda(start="2026-01-01T00:00:00Z") as m:
        create()
        m.clock.run_until_idle()
        seen: list[Any] = []

        @m.handler("orders")
        def orders(event: Any, _context: Any) -> Any:
            time.sleep(2)
            seen.append(event)
            return {"slept": True}

        url = f"{m.serve().url}{FUNCTIONS}/orders/invocations"
        with urllib.request.urlopen(urllib.request.Request(url, b'{"id": 7}'), timeout=30) as answer:
            assert json.load(answer) == {"slept": True}
        assert seen == [{"id": 7}]
        assert (m.clock.now - m.timeline[-1].at).total_seconds() >= 2


def test_an_answer_to_a_kept_connection_is_not_held_back() -> None:
    with mock_lambda() as m:
        split = urlsplit(m.serve().url)
        with socket.create_connection((split.hostname or "", split.port or 0), timeout=30) as connection:
            for _ in range(3):
                connection.sendall(f"GET {split.path}{OURS}/health HTTP/1.1\r\nHost: {split.netloc}\r\n\r\n".encode())
                assert connection.recv(65_536).endswith(b"}\n")


def test_the_page_is_at_the_address_and_asks_below_it() -> None:
    with mock_lambda() as m:
        create()
        url = m.serve().url
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert answer.url == f"{url}/"  # what it asks for is relative to this
            page = answer.read().decode()
        assert '"live":"_lambda_states_mock/"' in page
        assert "CreateFunction" in page


def test_a_move_by_a_program_outside_has_no_line_of_a_test() -> None:
    with mock_lambda() as m:
        create()
        status, body = get(f"{m.serve(clock='settle').url}{FUNCTIONS}/orders/configuration")
        assert (status, json.loads(body)["State"]) == (200, "Active")
        (move,) = m.clock.moves
    assert (move.origin.by, move.origin.file) == ("a program that the server answers", None)
