"""A server, asked in the words of a mock from Python and from a shell."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from lambda_states_mock import ClockError, LambdaMock, NotActiveError, UnknownNameError, mock_lambda
from lambda_states_mock.client import RemoteMock, connect
from lambda_states_mock.command.cli import ASKED, BY_BROKEN_PIPE, main
from lambda_states_mock.server.control import ENDPOINTS
from lambda_states_mock.server.scripted import PLACES
from tests.test_mock import create

pytestmark = pytest.mark.usefixtures("allowed_to_connect")


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda(start="2026-01-01T00:00:00Z", timings={"create": 200}) as mock:
        create()
        yield mock


@pytest.fixture
def remote(m: LambdaMock) -> RemoteMock:
    return connect(m.serve().url)


def test_the_clock_is_read_and_moved(m: LambdaMock, remote: RemoteMock) -> None:
    assert remote.clock.now == datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert [one["label"] for one in remote.clock.pending] == ["orders create"]
    remote.clock.advance(5)
    remote.clock.advance(timedelta(seconds=5))
    remote.clock.advance_to("2026-01-01T00:01:00Z")
    remote.clock.run_until_idle()
    assert m.clock.now == remote.clock.now == datetime(2026, 1, 1, 0, 3, 20, tzinfo=timezone.utc)


def test_a_function_is_looked_at_and_falls_idle(m: LambdaMock, remote: RemoteMock) -> None:
    orders = remote.function("orders")
    assert (orders.state, orders.state_reason_code, remote.function("order").exists) == ("Pending", "Creating", False)
    m.clock.advance(200)
    orders.idle()
    assert orders.state == "Inactive"
    assert remote.timeline.of("orders").states == ["Pending", "Active", "Inactive"]


def test_timings_faults_and_handlers_are_set(m: LambdaMock, remote: RemoteMock) -> None:
    remote.timings["update"] = timedelta(minutes=3)
    remote.faults.on_call("UpdateFunctionCode").error("TooManyRequestsException", times=2)
    remote.handler("orders", returns={"ok": True}, duration=2)
    assert (m.timings["update"], remote.timings["update"]) == (180, 180)
    assert [fault["times"] for fault in remote.faults] == [2]
    assert m.backend.handlers.names == ("orders",)


def test_each_fault_of_a_mock_has_its_word(remote: RemoteMock) -> None:
    for kind, (_, choose, _, verbs) in PLACES.items():
        place = getattr(remote.faults, choose)("create" if kind == "phase" else "Invoke" if kind == "call" else None)
        assert [verb for verb in verbs if not hasattr(place, verb)] == []
    remote.faults.on_operation("pay").crash(times=1)
    remote.faults.on_operation("pay").lose_checkpoint(times=1)
    remote.faults.on_call("Invoke").time_out(times=1)
    assert len(list(remote.faults)) == 3


def test_mistakes_are_the_errors_of_the_mock(m: LambdaMock, remote: RemoteMock) -> None:
    with pytest.raises(UnknownNameError, match='did you mean "orders"'):
        _ = remote.function("order").state
    with pytest.raises(ClockError, match="backwards"):
        remote.clock.advance_to("2025-01-01T00:00:00Z")
    with pytest.raises(ValueError, match="address of a server"):
        connect("127.0.0.1:4574")


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(NotActiveError, match=r"no server answers at http://127\.0\.0\.1:9"):
        _ = connect("http://127.0.0.1:9").clock.now


# -- the shell


def test_each_thing_that_can_be_asked_has_a_command() -> None:
    assert {one.words.split()[0] for one in ENDPOINTS} == set(ASKED)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["clock", "advance", "15d"], '"now": "2026-01-16T00:00:00Z"'),
        (["functions", "show", "orders"], '"state": "Pending"'),
        (["timings", "set", "create=45s"], '"create": 45'),
        (["faults", "add", "call=Invoke", "error=TooManyRequestsException"], '"required": false'),
        (["handlers", "set", "orders", "--returns", '{"ok": true}'], "orders: returns"),
        (["health"], '"status": "ok"'),
    ],
)
def test_a_shell_asks_by_a_command(
    m: LambdaMock, words: list[str], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--url", m.serve().url]) == 0
    printed = capsys.readouterr().out
    assert shown in printed
    json.loads(printed)


def test_a_mistake_in_a_shell_is_said_with_its_status(m: LambdaMock, capsys: pytest.CaptureFixture[str]) -> None:
    url = m.serve().url
    assert main(["clock", "advance", "soon", "--url", url]) == 1
    assert "not a length of time: 'soon'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["clock", "advnace", "5", "--url", url])
    assert ended.value.code == 2
    assert 'did you mean "advance"' in capsys.readouterr().err


@pytest.mark.parametrize(("word", "meant"), [("clok", "clock"), ("serv", "serve"), ("timelin", "timeline")])
def test_a_word_that_begins_no_command_is_told_the_nearest(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([word])
    assert f'did you mean "{meant}"?' in capsys.readouterr().err


def test_a_name_that_no_world_has_is_refused_by_the_server(m: LambdaMock, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clock", "--world", "a b", "--url", m.serve().url]) == 1
    assert "no server answers" not in capsys.readouterr().err


def test_whoever_reads_but_the_beginning_of_an_answer_sees_no_traceback(
    m: LambdaMock, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        assert main(["timings", "--url", m.serve().url]) == BY_BROKEN_PIPE
    assert "Traceback" not in capfd.readouterr().err
