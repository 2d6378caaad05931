"""Putting back goes on: whichever step of leaving a mock fails, all others are done, and then that error is raised."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import boto3
import pytest

from lambda_states_mock import mock_lambda, opening
from lambda_states_mock.adapters import activation, active_mocks, patching, sleep_sites, sleeping
from lambda_states_mock.adapters.freezing import Freeze
from lambda_states_mock.adapters.registry import ADAPTERS
from lambda_states_mock.adapters.shared_clock import SharedClock
from lambda_states_mock.backend import Backend
from lambda_states_mock.dependencies.things import Watch
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.event_sources.sources import Sources
from lambda_states_mock.execution.folders import Folders
from lambda_states_mock.execution.hang_guard import HangGuard
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.execution.runtimes.in_process.runtime import InProcessRuntimes
from lambda_states_mock.leaving import EndsWithMock
from lambda_states_mock.restoring import all_of
from tests.deploying import create

Run = Callable[..., pytest.RunResult]

CAUGHT_TOO = ("httpx", "aiohttp", "aiobotocore.session", "aiobotocore.retries.bucket", "responses", "trio", "moto")


class StuckError(Exception):
    """What a step of restoring raises in these tests."""


def fail() -> None:
    raise StuckError


@pytest.fixture(autouse=True)
def nothing_active() -> Iterator[None]:
    yield
    assert active_mocks.stack == []
    assert time.sleep is sleeping.REAL_SLEEP


def test_all_actions_are_done_and_the_first_error_is_raised() -> None:
    done: list[int] = []

    def act(number: int, error: type[BaseException] | None = None) -> None:
        done.append(number)
        if error is not None:
            raise error(number)

    actions: list[Callable[[], object]] = [
        lambda: act(1),
        lambda: act(2, KeyError),
        lambda: act(3),
        lambda: act(4, KeyboardInterrupt),
    ]
    with pytest.raises(KeyError, match="2"):
        all_of(actions)
    assert done == [1, 2, 3, 4]


# -- the attributes that adapters replace


def replaced() -> list[tuple[Any, str, Any]]:
    """Return the attributes that are replaced now: whose, their names, and what was there."""
    found = [one for patches in activation._installed.values() for one in patches._replaced]
    return [(owner, name, original) for owner, name, _, original, _ in found]


def is_back(owner: Any, name: str, original: Any) -> bool:
    return owner.__dict__.get(name, patching._ABSENT) is original


def put_back(owner: Any, name: str, original: Any) -> None:
    if original is patching._ABSENT:
        delattr(owner, name)
    else:
        setattr(owner, name, original)


def test_each_attribute_that_cannot_be_put_back_keeps_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in CAUGHT_TOO:
        if find_spec(module.partition(".")[0]) is not None:  # the newest set has no aiobotocore
            importlib.import_module(module)
    with mock_lambda(sleep="waits"):
        count = len(replaced())
    assert count > 40
    for victim in range(count):
        activation_ = mock_lambda(sleep="waits")
        activation_.start()
        attributes = replaced()
        stuck = attributes[victim][:2]

        def set_or_delete(real: Callable[..., None], stuck: Any = stuck) -> Callable[..., None]:
            def change(owner: Any, name: str, *value: Any) -> None:
                if (owner, name) == stuck:
                    raise StuckError
                real(owner, name, *value)

            return change

        with monkeypatch.context() as patched:
            patched.setattr(patching, "setattr", set_or_delete(builtins.setattr), raising=False)
            patched.setattr(patching, "delattr", set_or_delete(builtins.delattr), raising=False)
            try:
                with pytest.raises(StuckError):
                    activation_.stop()
                others = [one for one in attributes if one[:2] != stuck]
                assert [one for one in others if not is_back(*one)] == []
                assert active_mocks.stack == []
            finally:
                put_back(*attributes[victim])


def test_a_module_that_holds_on_to_a_substitute_keeps_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, other = ModuleType("stuck"), ModuleType("other")
    for module in (stuck, other):
        vars(module)["pause"] = time.sleep
        monkeypatch.setitem(sys.modules, module.__name__, module)

    def set_unless_stuck(owner: Any, name: str, value: Any) -> None:
        if owner is stuck and value is sleeping.REAL_SLEEP:
            raise StuckError
        builtins.setattr(owner, name, value)

    monkeypatch.setattr(sleep_sites, "setattr", set_unless_stuck, raising=False)
    with pytest.raises(StuckError), mock_lambda():
        assert vars(stuck)["pause"] is vars(other)["pause"] is sleeping.sleep
    assert vars(other)["pause"] is sleeping.REAL_SLEEP
    vars(stuck)["pause"] = sleeping.REAL_SLEEP


# -- the steps of leaving a mock

STEPS: list[tuple[Any, str]] = [
    (Backend, "end_running"),
    (activation, "leave"),
    (Backend, "close"),
    (EnvironmentPool, "close"),
    (Folders, "close"),
    (HangGuard, "close"),
    (InProcessRuntimes, "await_end"),
    (Watch, "close"),
    (Faults, "close"),
    (Sources, "close"),
    (EndsWithMock, "leave"),
    (SharedClock, "unlink"),
    (Freeze, "stop"),
    (SharedClock, "close"),
]
"""Each of them is called at least once when a mock is left."""


def steps_of_leaving(monkeypatch: pytest.MonkeyPatch, failing: tuple[Any, str] | None = None) -> list[tuple[Any, str]]:
    """Enter and leave a mock, and return the steps of leaving it; *failing* raises StuckError, which comes out."""
    called: list[tuple[Any, str]] = []

    def noted(step: tuple[Any, str]) -> Callable[..., Any]:
        real = getattr(step[0], step[1])

        def call(*args: Any, **kwargs: Any) -> Any:
            called.append(step)
            result = real(*args, **kwargs)
            if step == failing:
                raise StuckError
            return result

        return call

    with monkeypatch.context() as patched:
        entered = mock_lambda(freeze=True)
        for owner, name in STEPS:
            patched.setattr(owner, name, noted((owner, name)))
        mock = entered.start()  # all that there can be of it is made
        mock.source("arn:aws:sqs:us-east-1:123456789012:jobs")
        mock.handler("orders", returns=1)
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        mock.clock.run_until_idle()
        client.invoke(FunctionName="orders")
        called.clear()
        if failing is None:
            entered.stop()
        else:
            with pytest.raises(StuckError):
                entered.stop()
    return called


@pytest.fixture(scope="module")
def all_steps() -> list[tuple[Any, str]]:
    """The steps of leaving a mock where none fails."""
    with pytest.MonkeyPatch.context() as patch:
        return steps_of_leaving(patch)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0].__name__.rpartition('.')[2]}.{step[1]}")
def test_each_step_that_fails_keeps_no_other_step(
    step: tuple[Any, str], all_steps: list[tuple[Any, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(all_steps) == set(STEPS)
    assert steps_of_leaving(monkeypatch, step) == all_steps


def test_of_several_steps_that_fail_the_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def later(_: SharedClock) -> None:
        raise KeyError

    entered = mock_lambda()
    monkeypatch.setattr(Backend, "end_running", lambda _: fail())
    monkeypatch.setattr(SharedClock, "close", later)
    entered.start()
    with pytest.raises(StuckError):
        entered.stop()


def test_a_mock_that_cannot_be_entered_tells_why_though_leaving_it_fails_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(_: SharedClock) -> None:
        raise KeyError

    def install(_: object) -> None:
        raise StuckError

    monkeypatch.setattr(SharedClock, "close", close)
    monkeypatch.setattr(ADAPTERS[-2].imported, "install", install)
    activation.forget()
    with pytest.raises(StuckError):
        mock_lambda().start()
    assert activation._installed == {}


# -- every way in


@pytest.fixture
def fail_in_the_innermost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first step of leaving fail, in a mock within two others."""
    real = Backend.end_running

    def end_running(backend: Backend) -> None:
        real(backend)
        if len(active_mocks.stack) == 3:
            raise StuckError

    monkeypatch.setattr(Backend, "end_running", end_running)


def in_a_block() -> None:
    with mock_lambda():
        pass


def in_an_asynchronous_block() -> None:
    async def enter() -> None:
        async with mock_lambda():
            pass

    asyncio.run(enter())


def by_decorator() -> None:
    mock_lambda(lambda: None)()


def by_decorator_of_a_coroutine() -> None:
    @mock_lambda
    async def test() -> None:
        pass

    asyncio.run(test())


def by_decorator_of_a_generator() -> None:
    @mock_lambda
    def fixture() -> Iterator[None]:
        yield

    for _ in fixture():
        pass


def by_decorator_of_a_class() -> None:
    @mock_lambda
    class Tests:
        def setup_method(self) -> None:
            pass

    tests: Any = Tests()
    tests.setup_method(None)
    tests.teardown_method(None)


def by_start_and_stop() -> None:
    entered = mock_lambda()
    entered.start()
    entered.stop()


def by_start_and_close() -> None:
    mock_lambda().start().close()


WAYS_IN = (
    in_a_block,
    in_an_asynchronous_block,
    by_decorator,
    by_decorator_of_a_coroutine,
    by_decorator_of_a_generator,
    by_decorator_of_a_class,
    by_start_and_stop,
    by_start_and_close,
)


@pytest.mark.usefixtures("fail_in_the_innermost")
@pytest.mark.parametrize("enter", WAYS_IN, ids=lambda way: way.__name__)
def test_each_way_in_raises_what_fails_and_leaves_the_mocks_around_it_whole(enter: Callable[[], None]) -> None:
    with mock_lambda() as outermost, mock_lambda(sleep="waits") as outer:
        attributes = replaced()
        with pytest.raises(StuckError):
            enter()
        assert active_mocks.owners() == [outermost, outer]
        assert not any(is_back(*one) for one in attributes)
        before = outer.clock.now
        time.sleep(5)
        assert (outer.clock.now - before).total_seconds() == 5
    assert [one for one in attributes if not is_back(*one)] == []


@pytest.mark.parametrize("enter", WAYS_IN, ids=lambda way: way.__name__)
def test_each_way_in_raises_what_fails_and_leaves_nothing(
    enter: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with mock_lambda():
        attributes = replaced()
    monkeypatch.setattr(Backend, "end_running", lambda _: fail())
    with pytest.raises(StuckError):
        enter()
    assert active_mocks.stack == []
    assert [one for one in attributes if not is_back(*one)] == []


def test_mocks_left_in_the_wrong_order_all_go_though_one_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = mock_lambda(), mock_lambda(sleep="waits")
    with monkeypatch.context() as patched:
        patched.setattr(Backend, "close", lambda _: fail())
        first.start()
    second.start()
    attributes = replaced()
    with pytest.raises(StuckError):
        first.stop()
    assert len(active_mocks.stack) == 1
    second.stop()
    assert [one for one in attributes if not is_back(*one)] == []


def test_mocks_that_were_never_left_all_end_with_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    mock_lambda().start()
    with monkeypatch.context() as patched:
        patched.setattr(Backend, "close", lambda _: fail())
        mock_lambda().start()
    mock_lambda().start()
    with pytest.raises(StuckError):
        opening.close_what_was_left_open()
    assert active_mocks.stack == []


def test_the_fixture_reports_what_fails_and_the_next_test_has_a_mock(
    pytester: pytest.Pytester, run_inside: Run
) -> None:
    pytester.makepyfile(
        """
        import time
        import pytest
        from lambda_states_mock.adapters import active_mocks, sleeping
        from lambda_states_mock.backend import Backend

        @pytest.fixture
        def stuck(monkeypatch):
            monkeypatch.setattr(Backend, "close", lambda _: 1 / 0)

        def test_fails_at_its_end(stuck, lambda_mock):
            pass

        def test_between_them():
            assert active_mocks.stack == [] and time.sleep is sleeping.REAL_SLEEP

        def test_has_one(lambda_mock):
            assert len(active_mocks.stack) == 1
        """
    )
    run_inside().assert_outcomes(passed=3, errors=1)
