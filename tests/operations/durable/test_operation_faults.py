"""Faults of operations by their names: they fail, crash, hang, or lose their checkpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, UnfiredFaultError, mock_lambda
from tests.operations.durable.replaying import Replay, StepFailed, replaying
from tests.operations.durable.test_invoked_again import ended
from tests.operations.durable.workflows import start, status, types


@pytest.fixture
def charging(mock: LambdaMock, client: Any, durable: None) -> list[int]:
    """The attempts of the step ``charge`` that the code of ``orders`` has run."""
    runs: list[int] = []

    def charge(attempt: int) -> str:
        runs.append(attempt)
        return f"paid {len(runs)}"

    def work(replay: Replay) -> Any:
        try:
            return replay.step("charge", charge)
        except StepFailed as error:
            return f"not paid: {error}"

    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    return runs


def result(client: Any, arn: str) -> Any:
    return json.loads(client.get_durable_execution(DurableExecutionArn=arn)["Result"])


def test_a_step_that_crashes_runs_once_more(mock: LambdaMock, client: Any, charging: list[int]) -> None:
    fault = mock.faults.on_operation("charge", function="orders").crash()
    arn = start(client)
    mock.clock.advance(5)

    assert (result(client, arn), charging, fault.called) == ("paid 2", [1, 1], 1)
    assert ended(client, arn) == ["Runtime.ExitError", None]
    assert types(client, arn).count("StepStarted") == 1


def test_a_step_whose_checkpoint_is_lost_has_been_stored(mock: LambdaMock, client: Any, charging: list[int]) -> None:
    mock.faults.on_operation("charge").lose_checkpoint()
    arn = start(client)
    mock.clock.advance(5)

    assert (result(client, arn), charging) == ("paid 1", [1])
    assert ended(client, arn) == ["Runtime.ExitError", None]


def test_a_step_that_hangs_ends_with_the_time_out_of_the_function(
    mock: LambdaMock, client: Any, charging: list[int]
) -> None:
    client.update_function_configuration(FunctionName="orders", Timeout=20)
    mock.clock.run_until_idle()
    mock.faults.on_operation("charge").hang()
    arn = start(client)
    mock.clock.advance(24)
    before = status(client, arn)
    mock.clock.advance(1)

    assert (before, result(client, arn), charging) == ("RUNNING", "paid 2", [1, 1])
    assert ended(client, arn) == ["Sandbox.Timedout", None]


def test_a_step_fails_as_the_test_wants(mock: LambdaMock, client: Any, charging: list[int]) -> None:
    mock.faults.on_operation("charge").fail("CardDeclined", "no money")
    arn = start(client)
    mock.clock.advance(5)

    assert (result(client, arn), charging) == ("not paid: no money", [1])
    assert types(client, arn) == ["ExecutionStarted", "StepStarted", "StepFailed", "ExecutionSucceeded"]


def test_a_callback_fails_as_it_starts(mock: LambdaMock, client: Any, durable: None) -> None:
    mock.faults.on_operation("approval").fail("Refused", "by the boss")
    work = lambda replay: replay.callback("approval")["CallbackDetails"]["Error"]  # noqa: E731
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, work))
    arn = start(client)

    assert result(client, arn) == {"ErrorType": "Refused", "ErrorMessage": "by the boss"}


def test_a_wait_that_crashes_is_begun_again(mock: LambdaMock, client: Any, durable: None) -> None:
    mock.faults.on_operation("nap").crash()
    mock.handler("orders", call=replaying(client.checkpoint_durable_execution, lambda replay: replay.wait("nap", 10)))
    arn = start(client)
    mock.clock.advance(15)

    assert types(client, arn) == ["ExecutionStarted", "WaitStarted", "WaitSucceeded", "ExecutionSucceeded"]


def test_a_fault_of_another_function_is_not_met(mock: LambdaMock, client: Any, charging: list[int]) -> None:
    fault = mock.faults.on_operation("charge", function="refunds").crash(required=False)
    arn = start(client)

    assert (result(client, arn), fault.called) == ("paid 1", 0)


def test_a_fault_that_is_never_met_fails_the_test() -> None:
    with pytest.raises(UnfiredFaultError, match="operation 'charge' of orders: crash"), mock_lambda() as m:
        m.faults.on_operation("charge", function="orders").crash()


def test_a_fault_that_says_nothing_fails_the_test() -> None:
    with pytest.raises(UnfiredFaultError, match="fail\\(\\), crash\\(\\), hang\\(\\)"), mock_lambda() as m:
        m.faults.on_operation("charge")
