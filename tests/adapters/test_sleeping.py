"""Whose sleeping moves the clock, and that everything is put back."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import boto3
import botocore.waiter
import pytest
from botocore.exceptions import WaiterError

from lambda_states_mock.adapters import activation, sleeping
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.adapters.sleep_sites import newest
from lambda_states_mock.errors import RunawaySleepError
from tests.adapters.conftest import MakeWorld

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def slept(world: ActiveMock) -> float:
    return (world.clock.now - BEGIN).total_seconds()


@pytest.fixture
def real_sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record what would be slept for real."""
    lengths: list[float] = []
    monkeypatch.setattr(sleeping, "REAL_SLEEP", lengths.append)
    return lengths


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """A module that holds `time.sleep` in all the ways there are."""
    made = types.ModuleType("holds_sleep")
    sys.modules["holds_sleep"] = made
    exec(
        "import time\n"
        "from time import sleep\n"
        "def by_default(seconds, sleep=time.sleep): sleep(seconds)\n"
        "def by_keyword(seconds, *, sleep=time.sleep): sleep(seconds)\n"
        "def by_name(seconds): sleep(seconds)\n"
        "class Poller:\n"
        "    pause = time.sleep\n"
        "    def __init__(self, sleep=time.sleep): self.sleep = sleep\n"
        "    @staticmethod\n"
        "    def wait(seconds, sleep=time.sleep): sleep(seconds)\n"
        "def by_method(seconds): Poller().sleep(seconds)\n"
        "def by_attribute(seconds): Poller().pause(seconds)\n"
        "def by_staticmethod(seconds): Poller.wait(seconds)\n",
        vars(made),
    )
    yield made
    del sys.modules["holds_sleep"]


WAYS = ["by_default", "by_keyword", "by_name", "by_method", "by_attribute", "by_staticmethod"]


def test_sleeping_moves_the_clock_at_once(world: ActiveMock) -> None:
    time.sleep(3600)
    assert slept(world) == 3600


@pytest.mark.parametrize(("threads", "yields"), [(1, []), (2, [0])])
def test_a_sleep_lets_other_threads_have_their_turn_where_there_are_any(
    threads: int, yields: list[float], world: ActiveMock, real_sleeps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    time.sleep(5)
    assert real_sleeps == yields


def test_a_fraction_of_a_second_counts(world: ActiveMock) -> None:
    time.sleep(0.25)
    assert slept(world) == 0.25


@pytest.mark.parametrize("way", WAYS)
def test_a_module_that_holds_sleep_itself_moves_the_clock_too(
    module: types.ModuleType, enter: MakeWorld, way: str
) -> None:
    world = enter()
    getattr(module, way)(60)
    assert slept(world) == 60


def test_a_module_that_holds_sleep_gets_it_back(module: types.ModuleType, enter: MakeWorld) -> None:
    activation.leave(enter())
    assert module.sleep is time.sleep is sleeping.REAL_SLEEP
    assert module.by_default.__defaults__ == (time.sleep,)
    assert module.by_keyword.__kwdefaults__ == {"sleep": time.sleep}
    assert module.Poller.pause is time.sleep
    assert module.Poller.__init__.__defaults__ == (time.sleep,)


def test_a_module_imported_during_the_mock_does_not_keep_our_function(enter: MakeWorld) -> None:
    world = enter()
    late = types.ModuleType("imported_late")
    sys.modules["imported_late"] = late
    try:
        exec("from time import sleep\ndef wait(sleep=sleep): pass", vars(late))
        activation.leave(world)
        assert late.sleep is sleeping.REAL_SLEEP
        assert late.wait.__defaults__ == (sleeping.REAL_SLEEP,)
    finally:
        del sys.modules["imported_late"]


def test_a_kept_substitute_sleeps_for_real_after_the_mock(enter: MakeWorld, real_sleeps: list[float]) -> None:
    world = enter()
    kept = time.sleep
    activation.leave(world)
    kept(5)
    assert real_sleeps == [5]


@pytest.mark.parametrize(
    ("length", "error", "message"),
    [
        (-1, ValueError, "sleep length must be non-negative"),
        (float("nan"), ValueError, "NaN"),
        ("1", TypeError, "'str' object cannot be interpreted as an integer"),
    ],
)
def test_what_sleep_refuses_is_refused(world: ActiveMock, length: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        time.sleep(length)


def test_a_thread_started_since_moves_the_clock(world: ActiveMock) -> None:
    thread = threading.Thread(target=time.sleep, args=(30,))
    thread.start()
    thread.join()
    assert slept(world) == 30


def test_a_worker_of_a_pool_started_since_moves_the_clock(world: ActiveMock) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, 30).result()
    assert slept(world) == 30


def test_a_thread_that_was_there_before_sleeps_for_real(enter: MakeWorld, real_sleeps: list[float]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        world = enter()
        pool.submit(time.sleep, 0.125).result()
    assert slept(world) == 0
    assert real_sleeps == [0.125]


def test_two_threads_that_sleep_at_once_never_move_the_clock_back(world: ActiveMock) -> None:
    seen: list[float] = []

    def poll(pause: float) -> None:
        for _ in range(20):
            before = slept(world)
            time.sleep(pause)
            seen.append(slept(world) - before)

    threads = [threading.Thread(target=poll, args=(pause,)) for pause in (1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(seen) >= 1
    assert slept(world) >= 140


def test_botocores_waiter_moves_the_clock(world: ActiveMock) -> None:
    backend: Any = world.backend
    backend.body = b'{"Configuration": {"State": "Pending"}}'
    waiter = boto3.client("lambda", region_name="eu-west-1").get_waiter("function_active_v2")
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiter.wait(FunctionName="orders", WaiterConfig={"Delay": 5, "MaxAttempts": 13})
    assert slept(world) == 60


def test_with_sleep_botocore_only_botocore_moves_the_clock(enter: MakeWorld, real_sleeps: list[float]) -> None:
    world = enter(sleep="botocore")
    time.sleep(0.5)
    exec("time.sleep(20)", vars(botocore.waiter))
    assert slept(world) == 20
    assert [length for length in real_sleeps if length] == [0.5]


def test_with_sleep_real_nothing_is_replaced(enter: MakeWorld) -> None:
    enter(sleep="real")
    assert time.sleep is sleeping.REAL_SLEEP


def test_a_nested_world_that_sleeps_for_real_does_not_move_the_outer_clock(
    enter: MakeWorld, real_sleeps: list[float]
) -> None:
    outer = enter()
    enter(sleep="real")
    time.sleep(3)
    assert slept(outer) == 0
    assert real_sleeps == [3]


def test_sleeping_moves_the_innermost_clock_alone(enter: MakeWorld) -> None:
    outer, inner = enter(), enter()
    time.sleep(3)
    assert (slept(outer), slept(inner)) == (0, 3)


def test_the_outer_clock_moves_again_once_the_inner_mock_is_left(enter: MakeWorld) -> None:
    outer, inner = enter(), enter()
    activation.leave(inner)
    time.sleep(3)
    assert slept(outer) == 3


def test_waiting_for_a_process_does_not_move_the_clock(world: ActiveMock) -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait(timeout=60)
    assert slept(world) == 0


def test_someone_elses_patch_of_sleep_is_left_to_them(enter: MakeWorld) -> None:
    world = enter()
    theirs: Any = [].append
    time.sleep = theirs
    try:
        activation.leave(world)
        assert time.sleep is theirs
    finally:
        time.sleep = sleeping.REAL_SLEEP  # type: ignore[assignment]


# -- loops that never end


def sleep_for_ever(poll: Callable[[], object] = int) -> None:
    while True:
        poll()
        time.sleep(600)


def test_a_loop_with_its_deadline_on_another_clock_is_told_so(enter: MakeWorld) -> None:
    enter(max_sleep=timedelta(hours=1))
    with pytest.raises(RunawaySleepError) as caught:
        sleep_for_ever()
    text = str(caught.value)
    assert text.startswith("a loop sleeps and sleeps, and nothing else happens: 7 sleeps, 1:00:00 of virtual time")
    assert "2026-01-01T00:00:00Z to 2026-01-01T01:00:00Z, and the loop wants another 600 s" in text
    assert "mock_lambda(freeze=True)" in text


def test_polling_counts_as_sleeping(enter: MakeWorld) -> None:
    enter(max_sleep=timedelta(hours=1))
    client = boto3.client("lambda", region_name="eu-west-1")
    with pytest.raises(RunawaySleepError):
        sleep_for_ever(lambda: client.get_function_configuration(FunctionName="orders"))


def test_a_call_that_changes_something_begins_the_count_anew(enter: MakeWorld) -> None:
    world = enter(max_sleep=timedelta(hours=1))
    client = boto3.client("lambda", region_name="eu-west-1")
    for _ in range(20):
        client.invoke(FunctionName="orders")
        time.sleep(600)
    assert slept(world) == 12_000


def test_a_transition_begins_the_count_anew(enter: MakeWorld) -> None:
    world = enter(max_sleep=timedelta(hours=1))
    timeline: Any = world.backend.state_changes
    for _ in range(20):
        timeline.append("changed")
        time.sleep(600)
    assert slept(world) == 12_000


def test_moving_the_clock_begins_the_count_anew(enter: MakeWorld) -> None:
    world = enter(max_sleep=timedelta(hours=1))
    for _ in range(20):
        world.clock.advance(1)
        time.sleep(600)
    assert slept(world) == 12_020


def test_one_sleep_beyond_the_limit_is_an_intention(enter: MakeWorld) -> None:
    world = enter(max_sleep=timedelta(hours=1))
    time.sleep(14 * 86_400)
    assert slept(world) == 14 * 86_400


def test_without_a_limit_a_loop_may_sleep_as_long_as_it_likes(enter: MakeWorld) -> None:
    world = enter(max_sleep=None)
    for _ in range(100):
        time.sleep(86_000)
    assert slept(world) == 8_600_000


@pytest.mark.parametrize("length", [Decimal(1), Fraction(1, 2)])
def test_what_python_does_not_sleep_is_refused_in_its_words(world: ActiveMock, length: Any) -> None:
    with pytest.raises(TypeError, match=r"'[\w.]+' object cannot be interpreted as an integer"):
        time.sleep(length)


def test_the_newest_module_is_found_while_another_thread_imports() -> None:
    class Changing(dict[str, Any]):
        """Another thread has taken a module out, and then put one in, at just the wrong moment."""

        errors: ClassVar[list[Exception]] = [RuntimeError("dictionary changed size during iteration"), KeyError("gone")]

        def __getitem__(self, name: str) -> Any:
            if self.errors:
                raise self.errors.pop()
            return super().__getitem__(name)

    assert newest(Changing(first=1, last=2)) == 2
