"""Faults in the phases of an execution environment: ``m.faults.on_phase("init")``, ``"invoke"`` and ``"resume"``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, UnknownNameError
from tests.deploying import create, error_of, zip_of


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Timeout=20)
    mock.clock.run_until_idle()
    return client


def invoked(client: Any, **params: Any) -> tuple[str | None, dict[str, Any]]:
    """Invoke ``orders`` and return its FunctionError and payload."""
    answer = client.invoke(FunctionName="orders", **params)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read() or "{}")


def states_of(mock: LambdaMock) -> list[str | None]:
    (environment,) = mock.function("orders").environments
    return [move.after for move in environment.history]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Runtime.ExitError", "Runtime exited with error: exit status 1"),
        ("Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ("Extension.Crash", "exit code 1"),
    ],
)
def test_an_invoke_phase_fails_as_the_platform_names_it(
    settled: Any, mock: LambdaMock, code: str, message: str
) -> None:
    mock.faults.on_phase("invoke").fail(code, times=1)

    error, payload = invoked(settled)

    assert (error, payload["errorType"]) == ("Unhandled", code)
    assert payload["errorMessage"].endswith(f"Error: {message}")
    assert states_of(mock)[-3:] == ["Invoke", "Resetting", "Reset"]


def test_a_failed_init_is_tried_again_with_the_invoke(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("init").fail("Runtime.ExitError", times=1)

    assert invoked(settled) == (None, {})
    inits = ["Extension init", "Runtime init", "Function init"]
    assert states_of(mock) == [*inits, "Resetting", "Reset", *inits, "Idle", "Invoke", "Idle"]


def test_your_own_reason_stands_in_place_of_the_usual_text(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("invoke").fail("Runtime.ExitError", "signal: killed")

    assert "signal: killed" in invoked(settled)[1]["errorMessage"]


def test_an_invoke_phase_that_hangs_ends_with_the_time_out_of_the_function(settled: Any, mock: LambdaMock) -> None:
    fault = mock.faults.on_phase("invoke", function="orders").hang(times=1)
    before = mock.clock.now

    error, payload = invoked(settled)

    assert (error, payload["errorType"], fault.called) == ("Unhandled", "Sandbox.Timedout", 1)
    assert (mock.clock.now - before).total_seconds() == pytest.approx(20, abs=0.01)


def test_an_init_that_takes_longer_than_ten_seconds_is_tried_again(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("init").take(12, times=1)

    assert invoked(settled) == (None, {})
    assert states_of(mock).count("Resetting") == 1


def test_an_invoke_phase_takes_as_long_as_the_fault_says(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=1, duration=1)
    mock.faults.on_phase("invoke").take(5)

    settled.invoke(FunctionName="orders")

    (invocation,) = mock.invocations("orders")
    assert (invocation.end - invocation.start).total_seconds() == pytest.approx(5, abs=0.01)


def test_a_restore_that_fails_refuses_the_invoke(client: Any, mock: LambdaMock) -> None:
    create(client, Code={"ZipFile": zip_of()}, SnapStart={"ApplyOn": "PublishedVersions"})
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    mock.faults.on_phase("resume", version=1).hang(times=1)

    assert error_of(client.invoke, FunctionName="orders", Qualifier="1")[1] == "SnapStartTimeoutException"
    assert invoked(client, Qualifier="1")[0] is None


def test_a_fault_of_another_function_does_not_apply(settled: Any, mock: LambdaMock) -> None:
    mock.faults.on_phase("invoke", function="payments", version="$LATEST").fail("Runtime.ExitError", required=False)

    assert invoked(settled) == (None, {})


@pytest.mark.parametrize("phase", ["init", "invoke", "resume"])
def test_a_reason_code_of_a_function_state_is_none_of_an_environment(mock: LambdaMock, phase: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Runtime\.ExitError, .*Sandbox\.Timedout"):
        mock.faults.on_phase(phase).fail("InvalidImage", required=False)
    mock.faults.on_phase(phase).hang(required=False)


@pytest.mark.parametrize("phase", ["init", "invoke", "resume"])
def test_the_timings_lead_to_the_fault_and_to_the_handler(mock: LambdaMock, phase: str) -> None:
    with pytest.raises(UnknownNameError, match=r"(?s)takes as long as the code that runs in it.*on_phase.*m\.handler"):
        mock.timings[phase] = 3
