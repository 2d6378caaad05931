"""``m.durable("orders")``: executions are run, looked at and answered as a test does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, UnknownNameError, WrongStateError
from tests.deploying import create
from tests.operations.durable.replaying import Replay, replaying


@pytest.fixture
def orders(mock: LambdaMock, client: Any) -> None:
    """A workflow that reserves, asks for approval, waits a day and ships."""
    create(client, DurableConfig={"ExecutionTimeout": 10 * 86_400})
    mock.clock.run_until_idle()

    def work(replay: Replay) -> Any:
        replay.send_context("reserve", lambda inside: inside.step("count", lambda _attempt: 3))
        answer = replay.callback("approval", TimeoutSeconds=3600)["CallbackDetails"]
        if "Error" in answer:
            return answer["Error"]["ErrorType"]
        replay.wait("night", 86_400)
        return replay.step("ship", lambda attempt: attempt if attempt > 1 else 1 // 0)

    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))


@pytest.mark.usefixtures("orders")
def test_a_run_goes_on_until_somebody_is_waited_for_and_then_to_its_end(mock: LambdaMock) -> None:
    execution = mock.durable("orders").run({"order": 7}, name="one")
    waiting = execution.status, execution.waits_for
    mock.durable("orders").callback("approval").succeed("yes")
    execution.go_on()

    assert waiting == ("RUNNING", ["approval"])
    assert (execution.status, execution.result, execution.input) == ("SUCCEEDED", 2, {"order": 7})


@pytest.mark.usefixtures("orders")
def test_operations_are_a_tree_that_prints(mock: LambdaMock) -> None:
    execution = mock.durable("orders").run(name="one")
    execution.callback("approval").succeed()
    mock.clock.advance(1)

    assert str(execution.operations) == (
        "reserve  CONTEXT  SUCCEEDED\n"
        "  count  STEP  SUCCEEDED\n"
        "approval  CALLBACK  SUCCEEDED\n"
        "night  WAIT  STARTED, due 2026-01-02T00:00:02Z"
    )
    assert [one.name for one in execution.operations] == ["reserve", "approval", "night"]
    execution.go_on()
    ship = execution.operation("ship")
    assert (ship.attempts, ship.result, ship.error, ship.type) == (2, 2, None, "STEP")
    assert execution.operation("count").result == 3


@pytest.mark.usefixtures("orders")
def test_a_callback_can_fail_and_be_heard_of(mock: LambdaMock) -> None:
    execution = mock.durable("orders").run()
    execution.callback("approval").heartbeat()
    execution.callback("approval").fail("Refused", "no")

    assert execution.result == "Refused"
    with pytest.raises(WrongStateError, match=r'the callback "approval" of .* is closed: FAILED'):
        execution.callback("approval")


@pytest.mark.usefixtures("orders")
def test_the_history_is_that_of_the_api(mock: LambdaMock, client: Any) -> None:
    execution = mock.durable("orders").run()
    answer = client.get_durable_execution_history(DurableExecutionArn=execution.arn)["Events"]

    assert mock.durable("orders").history == execution.history
    assert [one["EventType"] for one in answer] == execution.event_types
    assert [(one["EventId"], one.get("Id")) for one in answer] == [
        (one["EventId"], one.get("Id")) for one in execution.history
    ]


@pytest.mark.usefixtures("orders")
def test_an_execution_is_stopped_paused_and_resumed(mock: LambdaMock) -> None:
    execution = mock.durable("orders").run()
    execution.pause("a break")
    mock.clock.advance(1)
    paused = execution.status
    execution.resume()
    mock.clock.advance(1)
    resumed = execution.status
    execution.stop("Enough", "said the test")

    assert (paused, resumed, execution.status) == ("PAUSED", "RUNNING", "STOPPED")
    assert execution.error == {"ErrorType": "Enough", "ErrorMessage": "said the test"}


@pytest.mark.usefixtures("orders")
def test_what_has_no_result_says_where_it_stands(mock: LambdaMock) -> None:
    execution = mock.durable("orders").run(name="one")

    with pytest.raises(WrongStateError) as raised:
        _ = execution.result
    assert str(raised.value).startswith("<durable execution one of orders: RUNNING> has no result\n")
    assert "approval  CALLBACK  STARTED" in str(raised.value)


@pytest.mark.usefixtures("orders")
def test_what_is_not_there_is_named_with_what_is(mock: LambdaMock) -> None:
    durable = mock.durable("orders")
    with pytest.raises(UnknownNameError, match=r"Begin one"):
        _ = durable.latest
    execution = durable.run(name="one")

    with pytest.raises(UnknownNameError, match="There are: one"):
        durable.execution("two")
    with pytest.raises(UnknownNameError, match="There are: approval"):
        execution.callback("aproval")
    with pytest.raises(UnknownNameError, match="There are: reserve, count, approval"):
        execution.operation("ship")


@pytest.mark.usefixtures("orders")
def test_a_fault_is_placed_on_an_operation(mock: LambdaMock) -> None:
    mock.durable("orders").on("count").crash()
    execution = mock.durable("orders").run()

    assert execution.waits_for == ["approval"]
    assert [one.error for one in mock.invocations("orders")].count(None) == 1


@pytest.mark.usefixtures("orders")
def test_executions_are_listed_until_they_are_forgotten(mock: LambdaMock) -> None:
    durable = mock.durable("orders")
    names = ["a", "b"]
    for name in names:
        durable.start(name=name).stop()

    assert [one.name for one in durable.executions] == names
    mock.clock.advance(timedelta(days=15))
    assert durable.executions == []


def test_a_view_needs_the_name_of_a_function(mock: LambdaMock) -> None:
    with pytest.raises(TypeError, match='durable\\("orders"\\)'):
        mock.durable(7)  # type: ignore[arg-type]
