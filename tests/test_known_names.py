"""A name that nothing has or had is a mistake; one that was deleted is none."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, UnknownNameError, mock_lambda
from tests.deploying import create
from tests.kept_clients import kept_client

Asking = Callable[[LambdaMock], object]


@pytest.fixture
def client(m: LambdaMock) -> Any:
    return kept_client()


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda() as mock:
        client: Any = kept_client()
        create(client)
        mock.clock.run_until_idle()
        client.publish_version(FunctionName="orders")
        client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
        mock.clock.run_until_idle()
        yield mock


OF_A_FUNCTION: dict[str, Callable[[LambdaMock, str], object]] = {
    "metrics.sum": lambda m, name: m.metrics.sum("Throttles", name),
    "metrics.of": lambda m, name: m.metrics.of("Throttles", name).count,
    "metrics.maximum": lambda m, name: m.metrics.maximum("Throttles", name),
    "metrics.average": lambda m, name: m.metrics.average("Throttles", name),
    "metrics.by_minute": lambda m, name: m.metrics.by_minute("Throttles", name),
    "invocations": lambda m, name: m.invocations(name),
}
OF_A_VIEW: dict[str, Callable[[LambdaMock, str], object]] = {
    "logs": lambda m, name: m.function(name).logs,
    "history": lambda m, name: m.function(name).history,
    "environments": lambda m, name: m.function(name).environments,
    "versions": lambda m, name: m.function(name).versions,
}
BOTH = {**OF_A_FUNCTION, **OF_A_VIEW}


@pytest.mark.parametrize("ask", BOTH.values(), ids=BOTH)
def test_a_function_that_nobody_has_or_had_is_unknown(m: LambdaMock, ask: Callable[[LambdaMock, str], object]) -> None:
    with pytest.raises(UnknownNameError, match=r'no function "order".*: did you mean "orders"\? Functions: orders'):
        ask(m, "order")


@pytest.mark.parametrize("ask", BOTH.values(), ids=BOTH)
def test_a_version_that_was_never_published_is_unknown(m: LambdaMock, ask: Callable[[LambdaMock, str], object]) -> None:
    with pytest.raises(UnknownNameError, match=r'function "orders" has no version 9: It has: 1'):
        ask(m, "orders:9")


@pytest.mark.parametrize("ask", OF_A_FUNCTION.values(), ids=OF_A_FUNCTION)
def test_an_alias_that_there_never_was_is_unknown(m: LambdaMock, ask: Callable[[LambdaMock, str], object]) -> None:
    with pytest.raises(UnknownNameError, match=r'has no version or alias lve: did you mean "live"\? It has: 1, live'):
        ask(m, "orders:lve")


@pytest.mark.parametrize("ask", BOTH.values(), ids=BOTH)
def test_what_is_there_is_known(m: LambdaMock, ask: Callable[[LambdaMock, str], Any]) -> None:
    assert not ask(m, "orders:1") or ask is OF_A_VIEW["history"] or ask is OF_A_VIEW["versions"]


@pytest.mark.parametrize("ask", BOTH.values(), ids=BOTH)
def test_what_was_deleted_is_known(m: LambdaMock, client: Any, ask: Callable[[LambdaMock, str], object]) -> None:
    client.delete_alias(FunctionName="orders", Name="live")
    m.metrics.sum("Throttles", "orders:live")
    client.delete_function(FunctionName="orders")
    m.clock.run_until_idle()
    ask(m, "orders")
    ask(m, "orders:1")
    m.invocations("orders:live")


def test_a_function_that_has_a_handler_alone_is_known(m: LambdaMock) -> None:
    m.handler("refunds", returns=1)
    m.handler("prices:live", returns=1)
    assert m.invocations("refunds") == []
    assert m.metrics.sum("Throttles", "prices:live") == 0


def test_the_history_of_a_deleted_function_stays(m: LambdaMock, client: Any) -> None:
    client.delete_function(FunctionName="orders")
    assert m.function("orders").history.states[:2] == ["Pending", "Active"]


def test_a_function_of_another_region_is_found_there(m: LambdaMock) -> None:
    create(boto3.client("lambda", region_name="eu-west-1"), "far")
    m.handler("far", returns=1)
    m.clock.run_until_idle()
    boto3.client("lambda", region_name="eu-west-1").invoke(FunctionName="far")
    for ask in OF_A_VIEW.values():
        with pytest.raises(UnknownNameError, match=r"there is one in eu-west-1 \(123456789012\)"):
            ask(m, "far")
    far = m.function("far", region="eu-west-1")
    assert len(far.logs.streams) == 1
    assert far.history.states == ["Pending", "Active"]
    with pytest.raises(UnknownNameError, match="there is one in eu-west-1"):
        m.metrics.sum("Invocations", "far", region="us-east-1")
    assert m.metrics.sum("Invocations", "far") == len(m.invocations("far")) == 1


def test_an_arn_names_the_region_of_invocations(m: LambdaMock, client: Any) -> None:
    create(boto3.client("lambda", region_name="eu-west-1"), "orders")
    m.handler("orders", returns=1)
    m.clock.run_until_idle()
    client.invoke(FunctionName="orders")
    arn = "arn:aws:lambda:{}:123456789012:function:orders"
    assert [len(m.invocations(arn.format(region))) for region in ("us-east-1", "eu-west-1")] == [1, 0]
    with pytest.raises(UnknownNameError, match="there is one in us-east-1"):
        m.invocations(arn.format("us-west-1"))


ELSEWHERE: list[tuple[Asking, type[Exception], str]] = [
    (lambda m: m.timeline.of("order"), UnknownNameError, 'did you mean "orders"'),
    (lambda m: m.timeline.machine("LastUpdateState"), UnknownNameError, 'did you mean "LastUpdateStatus"'),
    (lambda m: m.faults.on_call("Invoke", when={"Functionname": "orders"}), UnknownNameError, 'mean "FunctionName"'),
    (lambda m: m.faults.on_call("*", when={"Functionname": "orders"}), UnknownNameError, 'mean "FunctionName"'),
    (lambda m: m.faults.on_phase("create", version="x"), UnknownNameError, "give the number of one"),
    (lambda m: m.route("orders:live", to=[]), ValueError, "no route"),
    (lambda m: m.world.deny(["lambda:GetFunction"]), TypeError, "wants each action as text"),  # type: ignore[arg-type]
    (lambda m: m.world.roles["r"].deny(["ec2:X"]), UnknownNameError, "Lambda does not use"),  # type: ignore[arg-type]
    (lambda m: m.calls.of("CreateFunctio"), UnknownNameError, 'did you mean "CreateFunction"'),
    (lambda m: m.timings["creat", "vpc"], UnknownNameError, 'did you mean "create"'),
    (lambda m: m.function("orders").version("9").idle(), UnknownNameError, "has no version 9:"),
    (lambda m: m.function("order").idle(), UnknownNameError, 'did you mean "orders"'),
]


@pytest.mark.parametrize(("ask", "kind", "told"), ELSEWHERE, ids=[told for *_, told in ELSEWHERE])
def test_other_names_are_looked_at_when_they_are_said(
    m: LambdaMock, ask: Asking, kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told) as raised:
        ask(m)
    assert [frame.name for frame in traceback.extract_tb(raised.tb) if frame.filename == __file__][-1] == "<lambda>"
    ours = [frame for frame in raised.traceback if "lambda_states_mock" in str(frame.path)]
    assert all(frame.ishidden(raised) for frame in ours)


def test_a_part_of_the_timeline_knows_the_names_of_the_whole(m: LambdaMock) -> None:
    assert not m.timeline.with_code("Idle").of("orders")
    assert not m.timeline[:0].of("orders:1")


def test_provisioning_may_fail_for_an_alias(m: LambdaMock) -> None:
    m.faults.on_phase("provision", version="live").hang(required=False)
