"""Code that does not come back: it is ended as by its time-out, and named."""

from __future__ import annotations

import _thread
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import boto3
import pytest

from lambda_states_mock import HungCodeError, HungHandlerWarning, LambdaMock, mock_lambda
from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import hang_guard
from tests.deploying import create

LIMIT = 0.1


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaMock]:
    """A mock that gives code a tenth of a second."""
    with beginning(monkeypatch, LIMIT) as m:
        yield m


@pytest.fixture
def less_hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaMock]:
    """A mock for code of which some comes back in time, on a busy machine, too."""
    with beginning(monkeypatch, 2 * LIMIT) as m:
        yield m


@contextmanager
def beginning(monkeypatch: pytest.MonkeyPatch, limit: float) -> Iterator[LambdaMock]:
    monkeypatch.setattr(hang_guard, "GRACE", 0.3)
    with mock_lambda(start="2026-01-01T00:00:00Z", timings="instant", hang_after=limit) as m:
        create(boto3.client("lambda", region_name="us-east-1"))
        yield m


def burn(*_: object) -> None:
    while True:
        pass


def spin(*_: object) -> None:
    """Go round as `burn` does, but let the machine rest."""
    lock = _thread.allocate_lock()
    lock.acquire()
    while True:
        lock.acquire(True, 0.01)


def never_comes(*_: object) -> None:
    threading.Event().wait()


def waits_for_its_own_thread(*_: object) -> None:
    thread = threading.Thread(target=never_comes, daemon=True)
    thread.start()
    thread.join()


def catches_everything(*_: object) -> str:
    with suppress(BaseException):
        spin()
    return "as if nothing had been"


def invoke(name: str = "orders", client: Any = None) -> Any:
    answer = (client or boto3.client("lambda", region_name="us-east-1")).invoke(FunctionName=name)
    return json.loads(answer["Payload"].read())


def watchers() -> int:
    """Return how many guards have a thread."""
    return sum(frame.f_code.co_name == "_watch_over" for frame in sys._current_frames().values())


@pytest.mark.parametrize("handler", [burn, never_comes, waits_for_its_own_thread, catches_everything])
def test_a_handler_that_does_not_come_back_ends_as_by_its_time_out(
    hurried: LambdaMock, handler: Callable[..., Any]
) -> None:
    hurried.handler("orders", call=handler)
    began = hurried.clock.now

    with pytest.warns(HungHandlerWarning, match=f'function "orders" did not come back within {LIMIT} s of real time'):
        error = invoke()

    assert error["errorMessage"].endswith("Task timed out after 3.00 seconds")
    assert (hurried.clock.now - began).total_seconds() == 3
    assert "Status: timeout" in hurried.invocations("orders")[0].log


def test_the_warning_shows_where_it_stood_and_the_remedy(hurried: LambdaMock) -> None:
    hurried.handler("orders", call=spin)

    with pytest.warns(HungHandlerWarning) as warned:
        invoke()

    text = str(warned[0].message)
    assert "in spin" in text
    assert "hang_after=" in text
    assert "lambda_states_mock/" not in text


def test_the_environment_goes_on_with_the_next_event(less_hurried: LambdaMock) -> None:
    less_hurried.handler("orders", call=lambda event, _: spin() if event == {} else event)
    with pytest.warns(HungHandlerWarning):
        invoke()

    answer = boto3.client("lambda", region_name="us-east-1").invoke(FunctionName="orders", Payload=b"7")

    assert answer["Payload"].read() == b"7"


def test_of_nested_handlers_the_inner_one_is_ended(less_hurried: LambdaMock) -> None:
    client = boto3.client("lambda", region_name="us-east-1")
    create(client, "outer", Timeout=60)
    less_hurried.handler("orders", call=spin)
    less_hurried.handler("outer", call=lambda _event, _context: invoke(client=client))  # a new one may take too long

    with pytest.warns(HungHandlerWarning, match='function "orders"'):
        answer = invoke("outer")

    assert answer["errorMessage"].endswith("Task timed out after 3.00 seconds")


def test_an_extension_that_does_not_come_back_is_named(less_hurried: LambdaMock) -> None:
    less_hurried.handler("orders", returns=1)
    less_hurried.extension("agent", function="orders", events=["INVOKE"])(spin)

    with pytest.warns(HungHandlerWarning, match='extension "agent"'):
        invoke()


def test_an_action_of_the_clock_that_does_not_come_back_is_an_error(hurried: LambdaMock) -> None:
    hurried.clock.call_later(1, spin, label="my action")

    with pytest.raises(HungCodeError, match=r'(?s)the action "my action" of the clock.*in spin'):
        hurried.clock.advance(2)


def test_what_cannot_be_ended_is_shown_and_fails_the_test_when_it_comes_back(
    hurried: LambdaMock, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = _thread.allocate_lock()
    lock.acquire()
    hurried.handler("orders", call=lambda _event, _context: lock.acquire(True, 1))

    with pytest.raises(HungCodeError, match="could not be ended"):
        invoke()

    assert "cannot be ended: it is in C code" in capfd.readouterr().err


def test_code_that_keeps_pythons_lock_fails_the_test_when_it_comes_back(
    less_hurried: LambdaMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(hang_guard, "_REAL_TIME", [lambda: clock[0]])

    def in_c(_event: object, _context: object) -> None:
        clock[0] += 60  # nobody could look meanwhile

    less_hurried.handler("orders", call=in_c)

    with pytest.raises(HungCodeError, match="C code, which let no other thread look"):
        invoke()


def test_without_a_limit_nothing_is_watched() -> None:
    with mock_lambda(timings="instant", hang_after=None) as m:
        create(boto3.client("lambda", region_name="us-east-1"))
        m.handler("orders", call=lambda _event, _context: threading.Event().wait(0.2))

        assert invoke() is False


def test_a_debugger_stops_the_count(hurried: LambdaMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hang_guard, "DEBUGGERS", {__name__.partition(".")[0]})
    hurried.handler("orders", call=lambda _event, _context: threading.Event().wait(0.4))

    assert invoke() is False


def test_no_thread_of_the_guard_is_left() -> None:
    with mock_lambda(timings="instant") as m:
        create(boto3.client("lambda", region_name="us-east-1"))
        m.handler("orders", call=lambda _event, _context: threading.Event().wait(0.2) or watchers())
        during = invoke()

    assert (during, watchers()) == (1, 0)


def test_code_that_comes_after_the_end_of_a_mock_begins_no_guard() -> None:
    guard = hang_guard.HangGuard(VirtualClock("2026-01-01T00:00:00Z"), 30)
    guard.close()

    assert guard.run_action(watchers, "an action") == 0


def test_code_after_a_hung_handler_can_be_profiled(hurried: LambdaMock) -> None:
    hurried.handler("orders", call=spin)
    with pytest.warns(HungHandlerWarning):
        invoke()
    seen = []

    def profile(frame: FrameType, *_: object) -> None:
        seen.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        watchers()
    finally:
        sys.setprofile(before)
    assert "watchers" in seen
