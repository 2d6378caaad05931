"""Asynchronous invocations: when an event is attempted, how often, and on what."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Thread
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from tests.deploying import answering, create, zip_of


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client)
    mock.clock.run_until_idle()
    return client


def send(client: Any, **params: Any) -> Any:
    return client.invoke(**{"FunctionName": "orders", "InvocationType": "Event", **params})


def configure(client: Any, **params: Any) -> None:
    client.put_function_event_invoke_config(**{"FunctionName": "orders", **params})


def starts(mock: LambdaMock) -> list[float]:
    """Return when each attempt began, in seconds after the first."""
    ran = mock.invocations("orders")
    return [(one.start - ran[0].start).total_seconds() for one in ran]


def test_the_clock_stands_while_an_event_runs(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, duration=2)
    before = mock.clock.now

    answer = send(settled)

    assert (answer["StatusCode"], mock.clock.now) == (202, before)
    assert mock.invocations("orders") == []
    mock.clock.advance(2)
    (ran,) = mock.invocations("orders")
    assert ran.end - ran.start == timedelta(seconds=2)


def test_what_a_handler_sleeps_is_its_own_time(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", call=lambda _event, _context: time.sleep(1.5))
    before = mock.clock.now

    send(settled)

    assert mock.clock.now == before
    mock.clock.run_until_idle()
    assert mock.clock.now - before == timedelta(seconds=1.5)


def test_events_of_one_instant_run_side_by_side(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, duration=1)
    before = mock.clock.now

    for _ in range(3):
        send(settled)
    mock.clock.run_until_idle()

    assert mock.clock.now - before == timedelta(seconds=1)
    assert len({one.environment for one in mock.invocations("orders")}) == 3


def test_an_event_that_comes_after_another_has_ended_finds_its_environment(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, duration=1)

    for _ in range(3):
        send(settled)
        mock.clock.advance(1)

    assert [one.cold for one in mock.invocations("orders")] == [True, False, False]


def test_a_handler_that_waits_for_a_function_sees_it_become_active(settled: Any, mock: LambdaMock) -> None:
    seen: list[str] = []

    @mock.handler("orders")
    def orders(_event: Any, _context: Any) -> None:
        create(settled, "prices")
        settled.get_waiter("function_active_v2").wait(FunctionName="prices", WaiterConfig={"Delay": 1})
        seen.append(settled.get_function_configuration(FunctionName="prices")["State"])

    send(settled)
    mock.clock.run_until_idle()

    assert seen == ["Active"]
    assert [one.error for one in mock.invocations("orders")] == [None]


def test_a_chain_of_functions_takes_the_sum_of_their_times(settled: Any, mock: LambdaMock) -> None:
    create(settled, "prices")
    mock.clock.run_until_idle()
    mock.handler("prices", returns=1, duration=0.5)

    def orders(_event: Any, _context: Any) -> None:
        for _ in range(2):
            settled.invoke(FunctionName="prices")

    mock.handler("orders", call=orders, duration=1)
    before = mock.clock.now

    send(settled)
    mock.clock.run_until_idle()

    assert mock.clock.now - before == timedelta(seconds=2)
    first, second = mock.invocations("prices")
    assert second.start - first.start == timedelta(seconds=0.5)
    assert [first.cold, second.cold] == [True, False]


@pytest.mark.parametrize(("retries", "attempts"), [(0, [0.0]), (1, [0.0, 60.0]), (2, [0.0, 60.0, 180.0])])
def test_a_failing_event_is_attempted_as_often_as_configured(
    settled: Any, mock: LambdaMock, retries: int, attempts: list[float]
) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    configure(settled, MaximumRetryAttempts=retries)

    send(settled)
    mock.clock.run_until_idle()

    assert starts(mock) == attempts
    assert len({(one.request_id, one.environment) for one in mock.invocations("orders")}) == 1


@pytest.mark.parametrize(("age", "attempts"), [(60, 1), (90, 2), (180, 2), (181, 3)])
def test_no_attempt_is_made_beyond_the_maximum_age(settled: Any, mock: LambdaMock, age: int, attempts: int) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    configure(settled, MaximumEventAgeInSeconds=age)

    send(settled)
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == attempts


def test_settings_count_for_the_qualifier_that_they_were_made_for(client: Any, mock: LambdaMock) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    mock.handler("orders", side_effect=RuntimeError("no"))
    configure(client, Qualifier="live", MaximumRetryAttempts=0)

    for qualifier in ("live", "1"):
        send(client, Qualifier=qualifier)
    mock.clock.run_until_idle()

    arns = [one.invoked_arn.rsplit(":", 1)[1] for one in mock.invocations("orders")]
    assert sorted(arns) == ["1", "1", "1", "live"]


def test_settings_that_change_while_an_event_waits_count_for_it(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    send(settled)
    mock.clock.advance(30)
    configure(settled, MaximumRetryAttempts=1)
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 2


def test_a_throttled_event_goes_back_and_waits_twice_as_long_each_time(settled: Any, mock: LambdaMock) -> None:
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    mock.handler("orders", returns=None, duration=2.5)
    send(settled)
    send(settled)

    mock.clock.run_until_idle()

    assert starts(mock) == [0, 3]  # after waits of one second and two
    assert mock.metrics.sum("Throttles", "orders") == 2


def test_the_waits_of_a_throttled_event_grow_to_five_minutes_until_it_is_too_old(
    settled: Any, mock: LambdaMock
) -> None:
    configure(settled, MaximumEventAgeInSeconds=1800)
    mock.backend.limits.concurrent_executions = 0
    before = mock.clock.now
    send(settled)

    waits = []
    while (timer := next((one for one in mock.clock.pending if "event" in one.label), None)) is not None:
        waits.append((timer.due - mock.clock.now).total_seconds())
        mock.clock.advance_to(timer.due)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert mock.clock.now - before < timedelta(seconds=1800)
    assert mock.invocations("orders") == []
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1


def test_an_event_that_is_put_back_for_six_hours_is_dropped_then(settled: Any, mock: LambdaMock) -> None:
    mock.backend.limits.concurrent_executions = 0
    send(settled)

    mock.clock.advance(7 * 3600)

    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1


def test_an_error_of_the_system_puts_an_event_back(settled: Any, mock: LambdaMock) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    settled.update_function_configuration(FunctionName="orders", KMSKeyArn=key)
    settled.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=1)
    mock.clock.run_until_idle()
    mock.handler("orders", returns=None, duration=0.5)
    send(settled)
    send(settled)  # throttled, and so put back for a second

    mock.world.keys[key].disable()
    mock.clock.advance(1.5)
    assert len(mock.invocations("orders")) == 1
    mock.world.keys[key].restore()
    mock.clock.run_until_idle()

    assert starts(mock) == [0, 3]


def test_an_event_for_a_function_that_was_deleted_meanwhile_is_dropped(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=RuntimeError("no"))
    send(settled)
    settled.delete_function(FunctionName="orders")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 1
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1
    assert mock.destinations == ()


def test_an_event_for_an_alias_that_was_deleted_meanwhile_is_dropped(client: Any, mock: LambdaMock) -> None:
    create(client, Publish=True)
    mock.clock.run_until_idle()
    client.create_alias(FunctionName="orders", Name="live", FunctionVersion="1")
    mock.handler("orders", side_effect=RuntimeError("no"))
    send(client, Qualifier="live")
    client.delete_alias(FunctionName="orders", Name="live")
    mock.clock.run_until_idle()

    assert len(mock.invocations("orders")) == 1
    assert mock.metrics.sum("AsyncEventsDropped", "orders") == 1


def test_two_runs_with_one_seed_queue_alike() -> None:
    def story() -> list[Any]:
        with mock_lambda(seed=5, start="2026-01-01T00:00:00Z") as m:
            client: Any = boto3.client("lambda", region_name="us-east-1")
            create(client)
            m.clock.run_until_idle()
            m.handler("orders", side_effect=[RuntimeError("no"), {"ok": True}, {"ok": True}], duration=0.2)
            send(client)
            send(client)
            m.clock.run_until_idle()
            return [(one.start, one.request_id, one.environment, one.error) for one in m.invocations("orders")]

    assert story() == story()


def test_each_attempt_of_an_event_ends_once_in_the_log_under_one_request_id(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", side_effect=[RuntimeError("once"), None])

    request_id = send(settled)["ResponseMetadata"]["RequestId"]
    mock.clock.run_until_idle()

    ends = [line for line in mock.function("orders").logs.lines if line.startswith("END RequestId: ")]
    assert ends == [f"END RequestId: {request_id}"] * 2


@pytest.mark.parametrize("kind", ["Event", "RequestResponse"])
def test_an_invocation_under_way_ends_with_the_old_code_though_the_code_is_updated(
    settled: Any, mock: LambdaMock, kind: str
) -> None:
    slow = "import time\ndef handler(event, context):\n    time.sleep(60)\n    return 'old'\n"
    settled.update_function_configuration(FunctionName="orders", Timeout=900)
    mock.clock.run_until_idle()
    settled.update_function_code(FunctionName="orders", ZipFile=zip_of(slow))
    mock.clock.run_until_idle()

    under_way = Thread(target=settled.invoke, kwargs={"FunctionName": "orders", "InvocationType": kind})
    under_way.start()
    time.sleep(1)
    settled.update_function_code(FunctionName="orders", ZipFile=answering("new"))
    settled.get_waiter("function_updated_v2").wait(FunctionName="orders")
    updated = mock.clock.now
    under_way.join()
    mock.clock.run_until_idle()

    (ran,) = mock.invocations("orders")
    assert (ran.result, ran.end > updated) == (b'"old"', True)
    assert settled.invoke(FunctionName="orders")["Payload"].read() == b'"new"'
