"""Mistakes of a test author: told where they are made, with what to do, and nothing changes."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from lambda_states_mock import (
    ClockError,
    LambdaMock,
    NotActiveError,
    UnfiredFaultError,
    UnknownNameError,
    current,
    mock_lambda,
)
from tests.deploying import create, zip_of

Use = Callable[[Any], object]
untyped: Any = mock_lambda


def shown(raised: pytest.ExceptionInfo[Exception]) -> set[str]:
    """Return the files of which pytest's report of what was *raised* shows lines."""
    return {str(entry.path) for entry in raised.traceback.filter(raised)}


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda m: m.handler("orders", len), TypeError, r"handler\('orders'\) takes what it does by keyword: call=,"),
        (
            lambda m: m.function(None),
            TypeError,
            r'function\(\) needs the name of a function, as in function\("orders"\)',
        ),
        (lambda m: m.function("orders:live"), UnknownNameError, r'm.function\("orders"\).alias\("live"\)'),
        (lambda m: m.invocations(None), TypeError, r"invocations\(\) needs the name of a function"),
        (lambda m: m.route("orders:live", to=None), ValueError, "a route leads to versions, not to None: give one, "),
        (lambda m: m.route("orders:live", to=["1", "live"]), ValueError, "not to 'live'"),
        (lambda m: m.attach(None), TypeError, r'attach\(\) needs a client of Lambda, such as boto3.client\("lambda"\)'),
        (lambda m: m.attach(boto3.client("s3", region_name="us-east-1")), TypeError, "needs a client of Lambda"),
        (
            lambda m: m.faults.on_call("Invoke", when=5),
            TypeError,
            "when=5: give a mapping of parameters, or a",
        ),
        (lambda m: m.faults.on_call("Invoke", nth=True), ValueError, "nth=True"),
        (
            lambda m: m.faults.on_call("Invoke", nth=1).error("ServiceException", status="429", required=False),
            ValueError,
            "status='429': give the HTTP status of an error, 400 to 599",
        ),
        (lambda m: m.world.objects["s3://bucket"].delete(), UnknownNameError, "give its bucket and its key"),
        (lambda m: m.handler("bestellungen-für", returns=1), ValueError, "not the name of a function: 'bestellungen-f"),
        (lambda m: setattr(m.world, "caller", "bob"), ValueError, "the caller is the ARN of an identity, not 'bob'\n"),
        (lambda m: setattr(m.world, "caller", None), ValueError, "Give one such as"),
        (lambda m: setattr(m.limits, "tags", -1), ValueError, "limits.tags is a whole number of zero or more, not -1"),
        (lambda m: setattr(m.limits, "tags", None), ValueError, "limits.tags is a whole number of zero or more, not N"),
        (lambda m: setattr(m.limits, "tags", True), ValueError, "not True"),
        (lambda m: m.advance(5), AttributeError, r"no attribute 'advance': did you mean m\.clock\.advance\?"),
        (lambda m: m.on_phase("create"), AttributeError, r"did you mean m\.faults\.on_phase\?"),
        (lambda m: m.invocation("orders"), AttributeError, r'did you mean "invocations"\? It has: attach, .*world\.$'),
        (lambda m: m.function("orders").status, AttributeError, 'did you mean "state"'),
        (lambda m: m.world.subnet["subnet-1"], AttributeError, 'did you mean "subnets"'),
        (lambda m: m.world.roles["deployer"].miss(), AttributeError, 'did you mean "missing"'),
        (lambda m: m.calls.of("create_function"), UnknownNameError, '"create_function": did you mean "CreateFunction"'),
        (
            lambda m: m.faults.on_call("create"),
            UnknownNameError,
            r'"create"\. .*phases are chosen with on_phase\(\)\.$',
        ),
        (
            lambda m: m.faults.on_phase("CreateFunction"),
            UnknownNameError,
            r"are chosen with  m\.faults\.on_call\(\.\.\.\)",
        ),
        (lambda m: m.faults.on_phase("create").error("x"), AttributeError, r"a phase takes fail\(\), hang\(\) or take"),
        (lambda m: m.faults.on_call("Invoke").fail("x"), AttributeError, r"a call takes error\(\), delay\(\)"),
        (lambda m: setattr(m.timings, "create", 5), AttributeError, r'phases are keys: write  timings\["create"\] = 5'),
        (lambda m: m.timings.create, AttributeError, r'phases are keys: timings\["create"\]'),
        (lambda m: m.timeline.caused("x"), AttributeError, 'did you mean "caused_by"'),
        (lambda m: m.metrics.avrage("Duration"), AttributeError, 'did you mean "average"'),
        (lambda m: setattr(m.limits, "tag", 1), AttributeError, 'there is no limit "tag": did you mean "tags"'),
        (lambda m: m.timings["creat"], UnknownNameError, "no phase 'creat': did you mean \"create\""),
        (lambda m: operator.setitem(m.timings, "creat", 5), UnknownNameError, 'did you mean "create"'),
        (lambda m: operator.setitem(m.timings, "create", -5), ClockError, "cannot be negative: -5"),
        (lambda m: operator.setitem(m.timings, ("create", "vcp"), 5), UnknownNameError, 'did you mean "vpc"'),
        (lambda m: operator.delitem(m.timings, "creat"), UnknownNameError, 'did you mean "create"'),
        (lambda m: m.function("orders").timings["creat"], UnknownNameError, 'did you mean "create"'),
        (lambda m: m.faults.on_phase("creat"), UnknownNameError, 'did you mean "create"'),
        (lambda m: m.faults.on_phase("create", kind="vcp"), UnknownNameError, 'did you mean "vpc"'),
        (lambda m: m.faults.on_phase("create").fail("InvalidSubent"), UnknownNameError, 'did you mean "InvalidSubnet"'),
        (lambda m: m.faults.on_phase("create").fail("InvalidSubnet", times=0), ValueError, "times=0"),
        (lambda m: m.faults.on_phase("create").hang(times=0), ValueError, "times=0"),
        (lambda m: m.faults.on_phase("create").take(-1), ClockError, "cannot be negative"),
        (lambda m: m.faults.on_call("CreateFuncton"), UnknownNameError, 'did you mean "CreateFunction"'),
        (
            lambda m: m.faults.on_call("Invoke").error("ServiceExcepton"),
            UnknownNameError,
            'you mean "ServiceException"',
        ),
        (lambda m: m.faults.on_call("Invoke").delay(-1), ClockError, "cannot be negative"),
        (lambda m: m.faults.on_call("Invoke").disconnect(times=0), ValueError, "times=0"),
        (lambda m: m.faults.on_call("Invoke").time_out(times=0), ValueError, "times=0"),
        (lambda m: m.faults.random(rate=2, errors=["ServiceException"]), ValueError, "a share between 0 and 1"),
        (
            lambda m: m.faults.random(rate=1, errors=["ServiceExcepton"], operations=["Invoke"]),
            UnknownNameError,
            "mean",
        ),
        (lambda m: m.function("orders").state, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").state_reason_code, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").last_update_status, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").last_update_status_reason_code, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").arn, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").revision_id, UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").idle(), UnknownNameError, 'no function "orders"'),
        (lambda m: m.function("orders").alias("live"), UnknownNameError, 'has no alias "live"'),
        (lambda m: m.calls[0], IndexError, "there was none"),
        (lambda m: m.metrics.sum("Throtles"), UnknownNameError, 'did you mean "Throttles"'),
        (lambda m: m.world.deny("lambda:GetFuncton"), UnknownNameError, 'did you mean "lambda:GetFunction"'),
        (
            lambda m: m.world.access_points[
                "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"
            ].fail("EFSMountTimout"),
            UnknownNameError,
            'did you mean "EFSMountTimeout"',
        ),
        (lambda m: m.clock.advance("5"), ClockError, "not a length of time"),
        (lambda m: m.clock.advance(-5), ClockError, "back"),
        (lambda m: m.clock.advance_to("tomorrow"), ClockError, "not a time"),
        (lambda m: m.clock.advance_until(lambda: False, within=5), ClockError, "5 s"),
        (lambda m: m.clock.advance_until(True, within=5), TypeError, "asks a function again and again"),
        (lambda m: untyped(timing="instant"), TypeError, 'did you mean "timings"'),
        (lambda m: untyped(timings="instnat"), UnknownNameError, 'did you mean "instant"'),
        (lambda m: untyped(start="tomorrow"), ClockError, "not a time"),
        (lambda m: untyped(account="1"), ValueError, "twelve digits"),
        (lambda m: untyped(region=""), ValueError, "region"),
        (lambda m: untyped(seed="7"), TypeError, "seed is an integer"),
        (lambda m: untyped(sleep="none"), ValueError, "sleep"),
        (lambda m: untyped(max_sleep=-1), ClockError, "cannot be negative"),
        (lambda m: untyped(freeze=1), TypeError, "freeze"),
        (lambda m: untyped(consistency=-1), ClockError, "cannot be negative"),
        (lambda m: untyped(waking_error="ServiceExcepton"), ValueError, "waking_error"),
        (lambda m: untyped(unfired_faults="warn"), ValueError, "unfired_faults"),
        (lambda m: untyped(whole_requests=1), TypeError, "whole_requests"),
        (lambda m: untyped(5), TypeError, "decorates functions and classes"),
        (lambda m: untyped().stop(), NotActiveError, "without start"),
        (lambda m: m.world.roles["deployer"].deny("ec2:CreateNetworkInterfac"), UnknownNameError, "did you mean"),
        (lambda m: m.world.roles["deployer"].appears_after(-1), ClockError, "cannot be negative"),
        (lambda m: m.world.allow("lambda:GetFuncton"), UnknownNameError, "was not denied"),
        (lambda m: m.faults.on_phase("create", version=1.5), TypeError, r"version=1\.5: give the number of a version"),
        (lambda m: m.timeline.between("yesterday", "today"), ClockError, "not a time"),
    ],
)
def test_a_mistake_is_told_where_it_is_made(use: Use, error: type[Exception], message: str) -> None:
    with mock_lambda(unfired_faults="ignore") as m:
        limits, caller = repr(m.limits), m.world.caller
        with pytest.raises(error, match=message) as raised:
            use(m)
        assert shown(raised) == {__file__}
        assert (repr(m.limits), m.world.caller, list(m.faults), m.backend.handlers.names) == (limits, caller, [], ())


def test_an_alias_says_what_it_has() -> None:
    with mock_lambda(timings="instant") as m:
        client = boto3.client("lambda")
        create(client, Publish=True)
        client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
        alias: Any = m.function("orders").alias("live")
        with pytest.raises(AttributeError, match='did you mean "function_version"'):
            print(alias.version)


def test_a_mock_that_was_not_entered_says_how_to() -> None:
    mock: Any = mock_lambda()
    with pytest.raises(AttributeError, match=r"m\.clock is there once it is entered,  with mock_lambda\(\) as m,"):
        mock.clock.advance(5)
    with pytest.raises(AttributeError, match=r"no attribute 'sart': did you mean \"start\"\? It has: start, stop\."):
        mock.sart()


def test_a_limit_that_may_be_absent_can_be() -> None:
    with mock_lambda() as m:
        m.limits.control_plane_requests = 15
        m.limits.control_plane_requests = None


@pytest.mark.parametrize(
    "use",
    [
        lambda m: m.handler("orders", returns=1),
        lambda m: m.route("orders:live", to="1"),
        lambda m: m.faults.on_call("Invoke"),
        lambda m: m.faults.on_phase("create"),
        lambda m: m.faults.random(rate=0.5, errors=["InternalFailure"]),
        lambda m: operator.setitem(m.timings, "create", 5),
        lambda m: operator.delitem(m.timings, "create"),
        lambda m: operator.setitem(m.function("orders").timings, "create", 5),
        lambda m: setattr(m.limits, "tags", 1),
        lambda m: m.world.roles["deployer"].missing(),
        lambda m: m.world.roles["deployer"].deny(),
        lambda m: m.world.roles["deployer"].deny("ec2:DescribeSubnets"),
        lambda m: m.world.roles["deployer"].appears_after(5),
        lambda m: m.world.roles["deployer"].restore(),
        lambda m: m.world.subnets["subnet-1"].delete(),
        lambda m: m.world.subnets["subnet-1"].exhaust(),
        lambda m: m.world.network_interfaces.throttle(),
        lambda m: m.world.network_interfaces.fail("InternalError"),
        lambda m: m.world.network_interfaces.lose(),
        lambda m: m.world.objects["s3://code/zip"].sign("arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v"),
        lambda m: m.world.objects["s3://code/zip"].corrupt(),
        lambda m: m.world.runtime_versions["arn:a"].withdraw(),
        lambda m: m.world.runtime_aliases["live"].delete(),
        lambda m: setattr(m.world, "blocks_public_policies", True),
        lambda m: m.function("orders").version(1).regenerate_snapshot(),
        lambda m: m.world.keys["k"].disable(),
        lambda m: m.world.access_points["arn:a"].fail("EFSIOError"),
        lambda m: m.world.images["i"].revoke(),
        lambda m: m.world.images["i"].restore(),
        lambda m: setattr(m.world, "caller", "arn:aws:iam::123456789012:role/other"),
        lambda m: setattr(m.world, "organization", "o-abcdefghij"),
        lambda m: m.world.deny("lambda:GetFunction"),
        lambda m: m.world.allow(),
        lambda m: m.clock.call_later(5, print, label="look"),
        lambda m: m.clock.call_at("2100-01-01T00:00:00Z", print, label="look"),
        lambda m: m.clock.sleep(5),
        lambda m: m.clock.advance(5),
        lambda m: m.extension("agent"),
        lambda m: m.function("orders").idle(),
        lambda m: m.attach(None),
    ],
)
def test_what_is_scripted_after_the_mock_would_have_no_effect_and_is_refused(use: Use) -> None:
    with mock_lambda() as m:
        pass
    with pytest.raises(NotActiveError, match="after the mock was left") as raised:
        use(m)
    assert shown(raised) == {__file__}


def test_what_was_begun_inside_cannot_be_finished_after_the_mock() -> None:
    with mock_lambda(unfired_faults="ignore") as m:
        place, decorator, extension = m.faults.on_call("Invoke"), m.handler("orders"), m.extension("agent")
        timings = m.function("orders").timings
    for say in (
        lambda: place.disconnect(),
        lambda: decorator(print),
        lambda: extension(print),
        lambda: extension.on_telemetry(print),
        lambda: timings.update(create=5),
    ):
        with pytest.raises(NotActiveError, match="after the mock was left"):
            say()


def test_after_the_mock_everything_can_be_read() -> None:
    with mock_lambda(timings="instant") as m:
        create(boto3.client("lambda", region_name="us-east-1"))
        m.world.roles["deployer"].missing()
    assert m.function("orders").state == "Active"
    assert (m.timings["create"], m.function("orders").timings["create"]) == (0, 0)
    assert m.limits.tags == 50
    assert m.world.roles["deployer"].failure_mode is not None
    assert m.world.roles["other"].failure_mode is None
    assert (m.world.caller, m.world.organization) == ("arn:aws:iam::123456789012:user/test", None)
    assert (m.clock.pending, len(m.calls), list(m.faults), m.extension.registered) != ((), 0, [], ())


def test_the_end_of_one_mock_leaves_an_outer_one_open() -> None:
    with mock_lambda() as outer:
        with mock_lambda():
            pass
        outer.timings["create"] = 5
        outer.limits.tags = 1
        outer.world.roles["deployer"].missing()
    with mock_lambda() as later:
        later.limits.tags = 2


@pytest.mark.parametrize(
    ("choose", "methods"),
    [
        (
            lambda m: m.faults.on_call("Invoke", function="orders"),
            r"error\(\), delay\(\), disconnect\(\) or time_out\(\)",
        ),
        (lambda m: m.faults.on_phase("create"), r"fail\(\), hang\(\) or take\(\)"),
    ],
)
def test_a_fault_of_which_nothing_is_said_fails_the_test(choose: Use, methods: str) -> None:
    with (
        pytest.raises(UnfiredFaultError, match=f"nothing said of what happens there:\n.*\n.*{methods}"),
        mock_lambda() as m,
    ):
        choose(m)
    with mock_lambda(unfired_faults="ignore") as m:
        choose(m)


@pytest.fixture
def m() -> Any:
    with mock_lambda(timings="instant") as mock:
        yield mock


def test_a_function_can_be_named_by_version_or_arn(m: LambdaMock) -> None:
    client = boto3.client("lambda", region_name="eu-west-1")
    arn = create(client, Publish=True)["FunctionArn"]
    assert m.function(arn).state == m.function(f"{arn}:1").state == "Active"
    assert m.function("orders:1", region="eu-west-1").number == "1"
    assert m.function("orders:$LATEST", region="eu-west-1").number == "$LATEST"


def test_invocations_can_be_asked_for_by_version_alias_and_arn(m: LambdaMock) -> None:
    client = boto3.client("lambda", region_name="us-east-1")
    arn = create(client, Publish=True, Code={"ZipFile": zip_of()})["FunctionArn"]
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    m.handler("orders", returns=1)
    for name in ("orders", "orders:1", "orders:live"):
        client.invoke(FunctionName=name)
    assert len(m.invocations("orders")) == len(m.invocations(arn)) == 3
    assert len(m.invocations("orders:1")) == 2
    assert len(m.invocations("orders:live")) == len(m.invocations("orders:$LATEST")) == 1


def test_static_methods_and_class_methods_can_be_decorated() -> None:
    class Tests:
        @mock_lambda
        @staticmethod
        def test_static() -> LambdaMock:
            return current()

        @mock_lambda
        @classmethod
        def test_class(cls) -> LambdaMock:
            return current()

    assert Tests().test_static() is not Tests().test_class()


def test_a_call_that_was_not_made_is_told_from_those_that_were(m: LambdaMock) -> None:
    client = boto3.client("lambda")
    with pytest.raises(IndexError, match="no call 0: there was none"):
        m.calls[0]
    client.list_functions()
    with pytest.raises(IndexError, match="no call 2: there were 1: ListFunctions"):
        m.calls[2]


def test_a_call_whose_connection_broke_is_not_shown_as_well(m: LambdaMock) -> None:
    client = boto3.client("lambda")
    m.faults.on_call("ListFunctions", nth=1).disconnect()
    client.list_functions()
    assert [(call.broken, call.response is None) for call in m.calls] == [("connection closed", True), (None, False)]
    assert repr(m.calls[0]) == "<ApiCall ListFunctions {} -> connection closed>"


def test_what_cannot_be_asked_again_is_no_condition(m: LambdaMock) -> None:
    with pytest.raises(TypeError, match=r"asks a function again and again, and got True(?s:.*)advance_until\(lambda"):
        m.clock.advance_until(True, within=1)  # type: ignore[arg-type]
