"""The ways in, and what is left afterwards: nothing."""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import os
import subprocess
import sys
import threading
import time
import unittest
import weakref
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import botocore.endpoint
import pytest
from freezegun import freeze_time
from freezegun.api import freeze_factories

from lambda_states_mock import (
    ClockError,
    LambdaMock,
    NotActiveError,
    Timeline,
    UnfiredFaultError,
    current,
    mock_lambda,
)
from lambda_states_mock.adapters import activation, retries
from lambda_states_mock.mock import recently_left
from tests.garbage import look_at_what_is_new_alone
from tests.kept_clients import kept_client

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def zipped(source: str = "def handler(event, context): return event") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), source)  # of the same second each time
    return buffer.getvalue()


def create(name: str = "orders", *, region: str = "us-east-1", client: Any = None) -> Any:
    """Create a function; return the client that did, one that tests share if none is given."""
    client = client or kept_client(region=region)
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role="arn:aws:iam::123456789012:role/orders",
        Handler="index.handler",
        Code={"ZipFile": zipped()},
    )
    return client


def is_active() -> bool:
    try:
        current()
    except NotActiveError:
        return False
    return True


# -- the ways in


def test_as_a_context_manager_it_gives_the_mock() -> None:
    with mock_lambda() as m:
        assert isinstance(m, LambdaMock)
        assert current() is m
    assert not is_active()


def test_as_an_asynchronous_context_manager_it_gives_the_mock() -> None:
    async def main() -> None:
        async with mock_lambda() as m:
            assert current() is m

    asyncio.run(main())
    assert not is_active()


def test_as_a_decorator_without_parentheses_it_is_active_in_the_function() -> None:
    @mock_lambda
    def function() -> bool:
        return is_active()

    assert function()
    assert not is_active()


def test_as_a_decorator_with_options_it_is_active_in_the_function() -> None:
    @mock_lambda(start=BEGIN)
    def function() -> datetime:
        return current().clock.now

    assert function() == BEGIN


def test_a_decorated_coroutine_function_stays_one() -> None:
    @mock_lambda
    async def function() -> bool:
        await asyncio.sleep(0)
        return is_active()

    assert inspect.iscoroutinefunction(function)
    assert asyncio.run(function())
    assert not is_active()


def test_a_decorated_generator_function_is_in_the_mock_while_it_lives() -> None:
    @mock_lambda
    def fixture() -> Iterator[bool]:
        yield is_active()

    generator = fixture()
    assert next(generator)
    assert is_active()
    assert list(generator) == []
    assert not is_active()


def test_a_decorated_asynchronous_generator_function_is_in_the_mock_while_it_lives() -> None:
    @mock_lambda
    async def fixture() -> Any:
        yield is_active()

    async def main() -> list[bool]:
        return [seen async for seen in fixture()]

    assert asyncio.run(main()) == [True]
    assert not is_active()


def test_a_decorated_asynchronous_generator_gets_what_is_sent_and_thrown_and_cleans_up_in_the_mock() -> None:
    heard: list[Any] = []

    @mock_lambda
    async def conversation() -> Any:
        try:
            heard.append((yield "first"))
            try:
                yield "second"
            except KeyError as error:
                heard.append(error.args[0])
            yield "third"
        finally:
            await asyncio.sleep(0)
            heard.append(is_active())

    async def main() -> None:
        talk = conversation()
        assert await anext(talk) == "first"
        assert await talk.asend("sent") == "second"
        assert await talk.athrow(KeyError("thrown")) == "third"
        assert is_active()
        await talk.aclose()
        assert not is_active()

    asyncio.run(main())
    assert heard == ["sent", "thrown", True]


@pytest.mark.parametrize("raised", [KeyError("mine"), StopAsyncIteration(), asyncio.CancelledError()])
def test_what_is_thrown_into_a_decorated_asynchronous_generator_comes_out_as_from_a_plain_one(
    raised: BaseException,
) -> None:
    async def plain() -> Any:
        yield 1

    async def outcome(generator: Any) -> tuple[Any, ...]:
        await anext(generator)
        try:
            await generator.athrow(raised)
        except BaseException as error:
            return type(error), str(error)
        return ()

    assert asyncio.run(outcome(mock_lambda(plain)())) == asyncio.run(outcome(plain()))
    assert not is_active()


# -- several threads


def test_the_mock_that_was_entered_last_is_everybodys_whichever_thread_entered_it() -> None:
    entered, leave = threading.Event(), threading.Event()
    of_the_thread: list[LambdaMock] = []

    def enter() -> None:
        with mock_lambda() as m:
            of_the_thread.append(m)
            entered.set()
            leave.wait(30)

    with mock_lambda() as mine:
        thread = threading.Thread(target=enter)
        thread.start()
        entered.wait(30)
        (other,) = of_the_thread
        assert current() is other
        create()
        assert (len(other.calls), len(mine.calls)) == (1, 0)
        leave.set()
        thread.join()
        assert current() is mine


def test_a_mock_that_is_left_while_another_thread_has_entered_one_leaves_that_one_alone() -> None:
    leave = threading.Event()
    entered: list[LambdaMock] = []
    ready = threading.Event()

    def enter() -> None:
        with mock_lambda() as m:
            entered.append(m)
            ready.set()
            leave.wait(30)
            assert current() is m

    with mock_lambda():
        thread = threading.Thread(target=enter)
        thread.start()
        ready.wait(30)
    assert current() is entered[0]
    leave.set()
    thread.join()
    assert not is_active()


# -- the end of the process


UNFINISHED = f"""
import boto3
from lambda_states_mock import mock_lambda

m = mock_lambda(timings="instant").start()
client = boto3.client("lambda", region_name="us-east-1")
client.create_function(
    FunctionName="orders",
    Runtime="python3.12",
    Role="arn:aws:iam::123456789012:role/orders",
    Handler="index.handler",
    Code={{"ZipFile": {zipped()!r}}},
)
client.invoke(FunctionName="orders")
m.faults.on_call("Invoke").error("ServiceException")
print("begun")
"""


def test_a_mock_that_nobody_ended_ends_with_the_process_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", UNFINISHED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("begun\n", "", [])


def test_a_decorated_function_keeps_name_signature_and_text() -> None:
    @mock_lambda
    def function(fixture: int, *, other: str = "") -> None:
        """Text."""

    assert (function.__name__, function.__doc__) == ("function", "Text.")
    assert list(inspect.signature(function).parameters) == ["fixture", "other"]


def test_each_call_of_a_decorated_function_has_a_world_of_its_own() -> None:
    @mock_lambda
    def function() -> int:
        create()
        return len(current().calls)

    assert [function(), function()] == [1, 1]


def test_each_test_method_of_a_decorated_class_has_a_world_of_its_own() -> None:
    @mock_lambda(start=BEGIN)
    class Tests:
        def test_one(self) -> LambdaMock:
            return current()

        def test_two(self) -> LambdaMock:
            return current()

        def helper(self) -> bool:
            return is_active()

    tests = Tests()
    assert tests.test_one() is not tests.test_two()
    assert not tests.helper()


def test_inherited_test_methods_of_a_decorated_class_are_in_the_mock_and_the_base_is_not() -> None:
    class Base:
        def test_one(self) -> bool:
            return is_active()

    @mock_lambda
    class Tests(Base):
        pass

    assert Tests().test_one()
    assert not Base().test_one()


def test_a_decorated_test_case_shares_one_world_among_set_up_test_and_tear_down() -> None:
    seen: list[LambdaMock] = []

    @mock_lambda
    class Tests(unittest.TestCase):
        def setUp(self) -> None:
            seen.append(current())

        def test_one(self) -> None:
            seen.append(current())

        def tearDown(self) -> None:
            seen.append(current())

    result = unittest.TestResult()
    Tests("test_one").run(result)
    assert result.wasSuccessful()
    assert len(seen) == 3
    assert seen[0] is seen[1] is seen[2]
    assert not is_active()


def test_start_and_stop_do_what_a_with_block_does() -> None:
    mock = mock_lambda(start=BEGIN)
    m = mock.start()
    assert current() is m
    mock.stop()
    assert not is_active()


def test_stop_without_start_is_told_so() -> None:
    with pytest.raises(NotActiveError, match=r"stop\(\) without start\(\)"):
        mock_lambda().stop()


def test_without_a_mock_current_says_how_to_get_one() -> None:
    with pytest.raises(NotActiveError, match="no mock of Lambda is active\n  Decorate the test with  @mock_lambda"):
        current()


def test_what_is_no_function_cannot_be_decorated() -> None:
    with pytest.raises(TypeError, match="decorates functions and classes, not 'instant'; its options are keywords"):
        mock_lambda("instant")  # type: ignore[call-overload]


def test_the_activation_shows_its_options() -> None:
    assert repr(mock_lambda(seed=7, timings="instant")) == "mock_lambda(timings='instant', seed=7)"


# -- options


def test_a_misspelt_option_is_a_type_error_that_names_the_nearest() -> None:
    with pytest.raises(TypeError, match=r'mock_lambda has no option "timing"; did you mean "timings"\?'):
        mock_lambda(timing="instant")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timings": "instand"}, LookupError, 'did you mean "instant"'),
        (
            {"sleep": "botocor"},
            ValueError,
            "sleep is one of 'all', 'waits', 'botocore', 'real', not 'botocor'; did you mean",
        ),
        ({"start": "2026-01-01"}, ValueError, "a time without a time zone"),
        ({"start": 5}, ValueError, "not a time: 5"),
        ({"seed": "7"}, TypeError, "seed is an integer, not '7'"),
        ({"account": 123456789012}, ValueError, "account is a string of twelve digits"),
        ({"region": ""}, ValueError, "region is a name"),
        ({"max_sleep": "1 day"}, TypeError, "max_sleep is a length of time, in seconds or as"),
        ({"max_sleep": 0}, ValueError, "max_sleep is more than zero"),
        (
            {"max_sleep": float("inf")},
            ClockError,
            "max_sleep is a length of time, and inf never ends: give None for no",
        ),
        ({"max_sleep": float("nan")}, ClockError, "max_sleep is a length of time, in seconds .*, not nan"),
        ({"consistency": -1}, ClockError, "consistency is a length of time and cannot be negative: -1"),
        ({"consistency": True}, TypeError, "consistency is a length of time, in seconds or as a timedelta, not True"),
        ({"consistency": 1e300}, ClockError, r"consistency would go past the year 9999: 1e\+300 is too long"),
        (
            {"timings": {"create": float("inf")}},
            ClockError,
            r"timings\['create'\] .* never ends: .*on_phase\(...\).hang",
        ),
        ({"timings": {3: 1}}, LookupError, "no phase 3: Phases: back_off, "),
        ({"freeze": 1}, TypeError, "freeze is True or False"),
        ({"region": "mars"}, ValueError, r"knows no region 'mars'\. There are: af-south-1, "),
        ({"region": "us-eats-1"}, ValueError, "knows no region 'us-eats-1'; did you mean \"us-east-1\""),
        ({"region": "US-EAST-1"}, ValueError, 'did you mean "us-east-1"'),
        ({"sleep": "never"}, ValueError, "not 'never'\\.$"),
        ({"unfired_faults": True}, ValueError, "unfired_faults is one of 'error', 'ignore', not True\\.$"),
        ({"waking_error": "x"}, ValueError, "Invoke does not answer 'x'\\. It answers: "),
    ],
)
def test_a_value_that_an_option_cannot_have_is_refused_at_once(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        mock_lambda(**options)


@pytest.mark.parametrize(
    ("target", "options", "error", "message"),
    [
        (None, {}, TypeError, r'needs the name of a function first, as in handler\("orders"\), not None'),
        (len, {}, TypeError, "not <built-in function len>"),
        ("no name", {}, ValueError, "not the name of a function: 'no name'"),
        ("orders", {"duration": float("nan")}, ClockError, "duration= is a length of time"),
        ("orders", {"init": float("inf"), "returns": 1}, ClockError, "init= is a length of time, and inf never ends"),
        ("orders", {"retuns": 1}, TypeError, 'handler\\(\\) has no option "retuns": did you mean "returns"'),
    ],
)
def test_a_handler_that_makes_no_sense_is_refused_where_it_is_said(
    target: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with mock_lambda() as m:
        with pytest.raises(error, match=message):
            m.handler(target, **options)
        assert m.backend.handlers.names == ()


@pytest.mark.parametrize("name", [3, None, b"role", ""])
def test_what_is_no_name_is_nothing_in_the_world(name: Any) -> None:
    with mock_lambda() as m:
        with pytest.raises(LookupError, match=r"no role is called .*: give its name or ARN, as text"):
            m.world.roles[name].missing()
        with pytest.raises(LookupError, match='give text that begins with "subnet-"'):
            m.world.subnets[name].delete()
        assert len(m.world.roles) == 0


@pytest.mark.parametrize("times", [0, -1, True, 1.5, "2"])
def test_a_fault_is_met_a_whole_number_of_times(times: Any) -> None:
    with mock_lambda() as m:
        with pytest.raises(ValueError, match="give a number of at least 1"):
            m.faults.on_phase("create").hang(times=times)
        with pytest.raises(ValueError, match="calls are counted from 1"):
            m.faults.on_call("Invoke", nth=times).disconnect()
        assert list(m.faults) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": True}, "rate=True: give a share between 0 and 1"),
        ({"rate": "0.1"}, "rate='0.1': give a share between 0 and 1"),
        ({"errors": "InternalFailure"}, "give a list of error codes"),
        ({"operations": "Invoke"}, "give a list of operations"),
    ],
)
def test_random_faults_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with mock_lambda() as m, pytest.raises(ValueError, match=message):
        m.faults.random(**{"rate": 0.1, "errors": ["InternalFailure"], **options})


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1, timedelta.max])
def test_a_role_appears_after_a_time_that_ends(seconds: Any) -> None:
    with mock_lambda() as m, pytest.raises(ClockError, match="appears_after"):
        m.world.roles["orders"].appears_after(seconds)


def test_the_clock_starts_at_the_given_time() -> None:
    with mock_lambda(start="2026-01-01T01:00:00+01:00") as m:
        assert m.clock.now == BEGIN


def test_the_account_is_in_the_arns() -> None:
    with mock_lambda(account="999999999999"):
        arn = create().get_function_configuration(FunctionName="orders")["FunctionArn"]
    assert arn == "arn:aws:lambda:us-east-1:999999999999:function:orders"


def test_the_region_is_that_of_clients_which_name_none() -> None:
    with mock_lambda(region="eu-west-3") as m:
        boto3.Session().client("lambda").list_functions()
        assert m.calls[0].region == "eu-west-3"


def test_the_same_seed_gives_the_same_ids_and_another_seed_others() -> None:
    def revision(seed: int) -> str:
        with mock_lambda(seed=seed):
            return str(create().get_function_configuration(FunctionName="orders")["RevisionId"])

    assert revision(1) == revision(1) != revision(2)


# -- the object


def test_the_state_of_a_function_follows_the_clock() -> None:
    with mock_lambda(timings={"create": 5}) as m:
        create()
        before = m.function("orders").state
        m.clock.advance(5)
        assert (before, m.function("orders").state) == ("Pending", "Active")


def test_botocores_waiter_brings_a_function_to_life() -> None:
    with mock_lambda(start=BEGIN, timings={"create": 30}) as m:
        create().get_waiter("function_active_v2").wait(FunctionName="orders")
        assert m.function("orders").state == "Active"
        assert timedelta(seconds=30) <= m.clock.now - BEGIN < timedelta(seconds=32)


def test_a_function_elsewhere_is_viewed_there() -> None:
    with mock_lambda() as m:
        create(region="eu-west-1")
        assert m.function("orders", region="eu-west-1").exists
        assert not m.function("orders").exists


def test_handler_is_a_decorator() -> None:
    with mock_lambda(timings="instant") as m:
        client = create()

        @m.handler("orders")
        def orders(event: Any, context: Any) -> Any:
            return {"seen": event}

        answer = client.invoke(FunctionName="orders", Payload=b'{"id": 1}')
        assert answer["Payload"].read() == b'{"seen": {"id": 1}}'
        assert orders({}, None) == {"seen": {}}


def test_handler_takes_what_to_return_at_once() -> None:
    with mock_lambda(timings="instant") as m:
        client = create()
        m.handler("orders", returns={"ok": True})
        assert client.invoke(FunctionName="orders")["Payload"].read() == b'{"ok": true}'
        assert len(m.invocations("orders")) == 1


def test_a_handler_that_sleeps_takes_virtual_time() -> None:
    with mock_lambda(start=BEGIN, timings="instant") as m:
        client = create()

        @m.handler("orders")
        def orders(event: Any, context: Any) -> None:
            time.sleep(2)

        client.invoke(FunctionName="orders")
        assert m.clock.now - BEGIN >= timedelta(seconds=2)


def test_a_handler_that_sleeps_past_its_timeout_is_cut_off() -> None:
    with mock_lambda(timings="instant") as m:
        client = create()

        @m.handler("orders")
        def orders(event: Any, context: Any) -> None:
            time.sleep(3600)

        before = m.clock.now
        answer = client.invoke(FunctionName="orders")
        assert b"Task timed out after 3.00 seconds" in answer["Payload"].read()
        assert m.clock.now - before < timedelta(seconds=10)


def test_a_dropped_connection_is_retried_by_botocore() -> None:
    with mock_lambda() as m:
        m.faults.on_call("ListFunctions").disconnect(times=1)
        answer: Any = boto3.client("lambda", region_name="us-east-1").list_functions()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_a_fault_that_was_never_met_is_complained_about_once_all_is_put_back() -> None:
    with pytest.raises(UnfiredFaultError), mock_lambda() as m:
        m.faults.on_call("ListFunctions").disconnect(times=1)
    assert not is_active()


def test_the_tests_own_failure_comes_before_an_unmet_fault() -> None:
    @mock_lambda
    def function() -> None:
        current().faults.on_call("ListFunctions").disconnect(times=1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        function()


def test_its_repr_says_whether_it_is_active() -> None:
    with mock_lambda(start=BEGIN) as m:
        during = repr(m)
    assert during.startswith("<LambdaMock active, <VirtualClock 2026-01-01T00:00:00Z")
    assert repr(m).startswith("<LambdaMock left, ")


# -- isolation


def test_nested_mocks_are_separate_worlds() -> None:
    with mock_lambda() as outer:
        create()
        with mock_lambda() as inner:
            assert not inner.function("orders").exists
            create("refunds")
        assert current() is outer
        assert not outer.function("refunds").exists


def test_a_client_of_the_outer_mock_is_answered_by_the_inner_one() -> None:
    with mock_lambda():
        client = create()
        with mock_lambda():
            assert client.list_functions()["Functions"] == []
        assert len(client.list_functions()["Functions"]) == 1


def test_an_outer_mock_may_be_left_first() -> None:
    outer, inner = mock_lambda(), mock_lambda()
    outer.start()
    m = inner.start()
    outer.stop()
    assert current() is m
    create()
    inner.stop()
    assert not is_active()


@pytest.mark.parametrize("value", [None, "", "eu-west-1"])
def test_the_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with mock_lambda(timings="instant"):
        create().invoke(FunctionName="orders")
    assert dict(os.environ) == before


def test_everything_is_put_back() -> None:
    def touched() -> list[object]:
        return [
            time.sleep,
            asyncio.sleep,
            vars(botocore.endpoint.Endpoint)["prepare_request"],
            threading.active_count(),
        ]

    before = touched()
    with mock_lambda(freeze=True):
        create()
    assert touched() == before


def test_everything_is_put_back_after_a_failure() -> None:
    before = time.sleep
    with pytest.raises(ZeroDivisionError), mock_lambda(freeze=True):
        raise ZeroDivisionError
    assert time.sleep is before
    assert freeze_factories == []
    assert not is_active()


def test_an_error_on_the_way_in_leaves_nothing_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_world: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(activation, "enter", fail)
    with pytest.raises(ZeroDivisionError), mock_lambda(freeze=True):
        pass
    assert freeze_factories == []
    assert not is_active()


def test_an_error_while_patching_leaves_nothing_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_patches: object) -> None:
        raise ZeroDivisionError

    before = vars(botocore.endpoint.Endpoint)["prepare_request"]
    activation.forget()
    monkeypatch.setattr(retries, "limit_on_our_clock", fail)
    with pytest.raises(ZeroDivisionError):
        mock_lambda().start()
    assert vars(botocore.endpoint.Endpoint)["prepare_request"] is before
    assert not is_active()


# -- other clocks


def test_with_freeze_the_machines_time_agrees_with_the_clock() -> None:
    with mock_lambda(start=BEGIN, freeze=True) as m:
        began = time.monotonic()
        time.sleep(3600)
        m.clock.advance(60)
        assert datetime.now(timezone.utc) == m.clock.now == BEGIN + timedelta(seconds=3660)
        assert time.time() == m.clock.now.timestamp()
        assert time.monotonic() - began == 3660


def test_with_freeze_a_loop_with_a_deadline_ends() -> None:
    with mock_lambda(start=BEGIN, freeze=True) as m:
        deadline = time.time() + 600
        while time.time() < deadline:
            time.sleep(7)
        assert m.clock.now - BEGIN == timedelta(seconds=602)


def test_with_freeze_a_handler_sees_the_mocks_time() -> None:
    with mock_lambda(start=BEGIN, freeze=True, timings="instant") as m:
        client = create()
        seen: list[datetime] = []

        @m.handler("orders")
        def orders(event: Any, context: Any) -> None:
            seen.append(datetime.now(timezone.utc))

        client.invoke(FunctionName="orders")
        assert BEGIN <= seen[0] <= m.clock.now


def test_under_freezegun_freeze_starts_nothing_of_its_own() -> None:
    with freeze_time(BEGIN), mock_lambda(freeze=True):
        assert len(freeze_factories) == 1


def test_a_mock_inside_freezegun_follows_its_ticks() -> None:
    with freeze_time(BEGIN) as frozen, mock_lambda(timings={"create": 5}) as m:
        client = create()
        frozen.tick(5)
        assert client.get_function_configuration(FunctionName="orders")["State"] == "Active"
        assert m.clock.now == BEGIN + timedelta(seconds=5)


def test_freezegun_inside_a_mock_is_followed_too() -> None:
    with mock_lambda(timings={"create": 5}) as m, freeze_time("2020-01-01") as frozen:
        create()
        frozen.tick(5)
        assert m.function("orders").state == "Active"


def test_a_given_start_moves_freezegun_there() -> None:
    with freeze_time("2020-01-01"), mock_lambda(start=BEGIN):
        assert datetime.now(timezone.utc) == BEGIN


# -- imports


def test_importing_the_package_brings_nothing_heavy_along() -> None:
    program = (
        "import sys, lambda_states_mock, lambda_states_mock.pytest_plugin\n"
        "from lambda_states_mock import mock_lambda\n"
        "heavy = {'botocore', 'boto3', 'responses', 'freezegun', 'moto', 'aiobotocore', 'requests', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout in {"[]\n", "['asyncio']\n"}


def test_what_the_package_exports_is_there() -> None:
    import lambda_states_mock

    for name in lambda_states_mock.__all__:
        assert getattr(lambda_states_mock, name) is not None
    assert set(lambda_states_mock.__all__) <= set(dir(lambda_states_mock))
    with pytest.raises(AttributeError, match="has no attribute 'mock_s3'"):
        lambda_states_mock.mock_s3  # noqa: B018


# -- once the mock was left


@pytest.mark.parametrize(
    "move",
    [
        lambda clock: clock.advance(5),
        lambda clock: clock.advance_to("2027-01-01T00:00:00Z"),
        lambda clock: clock.advance_until(lambda: True, within=5),
        lambda clock: clock.run_until_idle(),
        lambda clock: clock.step(),
    ],
)
def test_the_clock_of_a_mock_that_was_left_does_not_move_and_says_so(move: Any) -> None:
    with mock_lambda(start=BEGIN) as m:
        create()
    with pytest.raises(NotActiveError, match="after the mock was left: its clock stands at 2026-01-01T00:00:00Z"):
        move(m.clock)
    assert m.clock.now == BEGIN
    assert len(m.clock.pending) == 1


def test_what_happened_can_be_read_when_the_mock_was_left() -> None:
    with mock_lambda(start=BEGIN) as m:
        m.handler("orders", returns=1)
        client = create()
        m.clock.run_until_idle()
        client.invoke(FunctionName="orders")
        view = m.function("orders")
    assert view.state == "Active"
    assert view.versions == []
    assert view.history.of("orders").states == ["Pending", "Active"]
    assert view.logs.lines
    assert view.environments[0].warm == 0
    assert m.calls.operations == ["CreateFunction", "Invoke"]
    assert [one.cold for one in m.invocations("orders")] == [True]
    assert m.metrics.sum("Invocations", "orders") == 1
    assert m.destinations == ()
    assert "Pending -> Active" in str(m.timeline)
    assert "left" in repr(m)


def test_a_mock_that_was_left_is_freed_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        with mock_lambda() as m:
            left: list[weakref.ref[Any]] = [weakref.ref(m.backend), weakref.ref(m.world), weakref.ref(m.clock)]
        del m
        for _ in range(recently_left.maxlen or 0):
            with mock_lambda():
                pass
        assert [one() for one in left] == [None, None, None]
    finally:
        gc.enable()


def test_a_timeline_tells_the_same_after_its_mock_is_gone() -> None:
    def story() -> tuple[Timeline, weakref.ref[LambdaMock]]:
        with mock_lambda() as m:
            create()
            m.clock.run_until_idle()
        return m.timeline, weakref.ref(m)

    look_at_what_is_new_alone()
    timeline, mock = story()
    told = timeline.to_json()
    for _ in range(recently_left.maxlen or 0):
        with mock_lambda():
            pass
    gc.collect(0)
    assert mock() is None
    assert timeline.to_json() == told
    assert {row["kind"] for row in told} >= {"change", "call", "move"}
