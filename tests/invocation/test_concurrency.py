"""Concurrency: what runs side by side, and what is throttled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.budget import sized
from tests.deploying import refused


def send(client: Any, name: str = "orders", **params: Any) -> None:
    client.invoke(FunctionName=name, InvocationType="Event", **params)


def throttled(client: Any, name: str = "orders", **params: Any) -> dict[str, Any]:
    """Return the answer to an Invoke that is throttled."""
    answer = refused(client.invoke, FunctionName=name, **params)
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == ("TooManyRequestsException", "Rate Exceeded.")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    return answer


def test_a_function_runs_up_to_what_it_has_reserved(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=2)
    mock.handler("orders", returns=None, duration=1)
    send(settled)
    send(settled)

    assert throttled(settled)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    mock.clock.advance(1)
    assert settled.invoke(FunctionName="orders")["StatusCode"] == 200


def test_what_one_function_has_reserved_no_other_can_use(settled: Any, mock: LambdaMock) -> None:
    mock.backend.limits.concurrent_executions = 103
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=2)
    mock.handler("prices", returns=None, duration=1)
    mock.handler("orders", returns=None, duration=1)
    for _ in range(101):
        send(settled, "prices")

    assert throttled(settled, "prices")["Reason"] == "ConcurrentInvocationLimitExceeded"
    assert settled.invoke(FunctionName="orders")["StatusCode"] == 200


def test_the_account_runs_as_many_at_once_as_its_limit(settled: Any, mock: LambdaMock) -> None:
    assert mock.backend.limits.concurrent_executions == 1000
    mock.backend.limits.concurrent_executions = many = sized(60, 1000)
    mock.handler("orders", returns=None, duration=1)
    for _ in range(many):
        send(settled)

    assert throttled(settled)["Reason"] == "ConcurrentInvocationLimitExceeded"
    assert mock.metrics.maximum("ConcurrentExecutions", "orders") == many
    mock.clock.advance(1)
    assert len({one.environment for one in mock.invocations("orders")}) == many


def test_a_function_gets_a_thousand_environments_in_ten_seconds(settled: Any, mock: LambdaMock) -> None:
    mock.backend.limits.concurrent_executions = 5000
    mock.backend.limits.new_environments = 10
    mock.handler("orders", returns=None, duration=60)
    for _ in range(10):
        send(settled)

    answer = throttled(settled)
    assert (answer["Reason"], answer["retryAfterSeconds"]) == ("FunctionInvocationRateLimitExceeded", "1")
    mock.clock.advance(1)
    send(settled)
    throttled(settled)


def test_ten_requests_a_second_are_served_for_each_reserved_environment(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=2)
    for _ in range(20):
        settled.invoke(FunctionName="orders")

    answer = throttled(settled)
    assert (answer["Reason"], answer["retryAfterSeconds"]) == ("ReservedFunctionInvocationRateLimitExceeded", "1")
    mock.clock.advance(0.05)
    settled.invoke(FunctionName="orders")


def test_events_do_not_count_towards_requests_a_second(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    for _ in range(50):
        send(settled)

    assert len(mock.invocations("orders")) == 50


def test_the_control_plane_can_have_its_rate(settled: Any, mock: LambdaMock) -> None:
    mock.backend.limits.control_plane_requests = 15
    for _ in range(15):
        settled.list_functions()

    answer = refused(settled.list_functions)
    assert (answer["Error"]["Code"], answer["Reason"]) == ("TooManyRequestsException", "CallerRateLimitExceeded")
    settled.get_function(FunctionName="orders")
    settled.invoke(FunctionName="orders")


def test_nested_invocations_need_an_environment_each(settled: Any, mock: LambdaMock) -> None:
    def orders(event: Any, _context: Any) -> None:
        if event:
            settled.invoke(FunctionName="orders", Payload=str(event - 1).encode())

    mock.handler("orders", call=orders)
    settled.invoke(FunctionName="orders", Payload=b"2")

    assert len({one.environment for one in mock.invocations("orders")}) == 3
    assert mock.metrics.maximum("ConcurrentExecutions", "orders") == 3


def test_a_nested_invocation_of_a_function_with_one_place_is_throttled(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    reasons: list[str] = []
    mock.handler("orders", call=lambda _event, _context: reasons.append(throttled(settled)["Reason"]))

    settled.invoke(FunctionName="orders")

    assert reasons == ["ReservedFunctionConcurrentInvocationLimitExceeded"]


def test_two_threads_do_not_share_one_place(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    running, refused_too = threading.Event(), threading.Event()

    def orders(_event: Any, _context: Any) -> bool:
        running.set()
        return refused_too.wait(10)

    mock.handler("orders", call=orders)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: settled.invoke(FunctionName="orders")["Payload"].read())
        assert running.wait(10)
        reason = throttled(settled)["Reason"]
        refused_too.set()

        assert (first.result(), reason) == (b"true", "ReservedFunctionConcurrentInvocationLimitExceeded")


# -- provisioned concurrency


@pytest.fixture
def provisioned(settled: Any, mock: LambdaMock) -> Any:
    settled.publish_version(FunctionName="orders")
    settled.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    settled.put_provisioned_concurrency_config(
        FunctionName="orders", Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    mock.clock.run_until_idle()
    return settled


def initialized(mock: LambdaMock) -> list[Any]:
    mock.clock.run_until_idle()
    return sorted(one.outcome.payload for one in mock.invocations("orders"))


def test_provisioned_environments_come_first_and_the_rest_spills_over(provisioned: Any, mock: LambdaMock) -> None:
    import os

    mock.handler(
        "orders", call=lambda _event, _context: os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], init=3, duration=1
    )
    for _ in range(3):
        send(provisioned, Qualifier="live")

    assert initialized(mock) == [b'"on-demand"', b'"provisioned-concurrency"', b'"provisioned-concurrency"']
    assert [one.cold for one in mock.invocations("orders")] == [False, False, True]
    assert mock.metrics.sum("ProvisionedConcurrencyInvocations", "orders") == 2
    assert mock.metrics.sum("ProvisionedConcurrencySpilloverInvocations", "orders") == 1
    assert mock.metrics.maximum("ProvisionedConcurrencyUtilization", "orders:live") == 1


@pytest.mark.parametrize("qualifier", ["live", "1"])
def test_the_version_behind_a_provisioned_alias_is_provisioned_too(
    provisioned: Any, mock: LambdaMock, qualifier: str
) -> None:
    provisioned.invoke(FunctionName="orders", Qualifier=qualifier)

    assert mock.metrics.sum("ProvisionedConcurrencyInvocations", f"orders:{qualifier}") == 1


def test_the_unpublished_version_has_no_part_in_it(provisioned: Any, mock: LambdaMock) -> None:
    provisioned.invoke(FunctionName="orders")

    assert mock.metrics.sum("ProvisionedConcurrencyInvocations", "orders") == 0
    assert mock.invocations("orders")[0].cold


def test_more_than_ten_requests_a_second_for_each_spill_over(provisioned: Any, mock: LambdaMock) -> None:
    for _ in range(25):
        provisioned.invoke(FunctionName="orders", Qualifier="live")

    assert mock.metrics.sum("ProvisionedConcurrencyInvocations", "orders") == 20
    assert mock.metrics.sum("ProvisionedConcurrencySpilloverInvocations", "orders") == 5


@pytest.mark.parametrize(("reserved", "served"), [(2, 0), (3, 1), (4, 2)])
def test_what_is_provisioned_leaves_the_rest_of_the_reserved_concurrency_to_other_versions(
    provisioned: Any, mock: LambdaMock, reserved: int, served: int
) -> None:
    provisioned.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=reserved)
    mock.handler("orders", returns=None, duration=1)
    for _ in range(served):
        send(provisioned)

    for name in ("orders", "orders:$LATEST"):
        assert throttled(provisioned, name)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    for qualifier in ("1", "live"):
        send(provisioned, Qualifier=qualifier)
    mock.clock.run_until_idle()
    assert mock.metrics.sum("ProvisionedConcurrencyInvocations", "orders") == 2
    assert mock.metrics.sum("ProvisionedConcurrencySpilloverInvocations", "orders") == 0


def test_nothing_spills_over_where_all_that_is_reserved_is_provisioned(provisioned: Any, mock: LambdaMock) -> None:
    provisioned.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=2)
    mock.handler("orders", returns=None, duration=1)
    for _ in range(2):
        send(provisioned, Qualifier="live")

    assert throttled(provisioned, Qualifier="live")["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
