"""Execution environments as a user sees them: through clients, and in ``m.function("orders").environments``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_states_mock import LambdaMock, MissingBootstrap, OutOfMemory, ProcessCrash
from tests.deploying import create, error_of, zip_of

HOOKS = """
import os
from snapshot_restore_py import register_after_restore, register_before_snapshot
print("in init")
@register_before_snapshot
def before(): {before}
@register_after_restore
def after(): {after}
def handler(event, context):
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
"""


def result(answer: Any) -> Any:
    return json.loads(answer["Payload"].read())


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client)
    mock.clock.run_until_idle()
    return client


def publish(client: Any, mock: LambdaMock, code: str | None = None) -> None:
    """Create ``orders`` with SnapStart, publish version 1, and wait for its snapshot."""
    package = zip_of(code) if code is not None else zip_of()
    create(client, Code={"ZipFile": package}, SnapStart={"ApplyOn": "PublishedVersions"})
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()


def provision(client: Any, mock: LambdaMock, *, executions: int = 1, **params: Any) -> dict[str, Any]:
    """Create and publish ``orders``, provision concurrency for version 1, and return what became of that."""
    create(client, **params)
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    on_one = {"FunctionName": "orders", "Qualifier": "1"}
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=executions, **on_one)
    mock.clock.run_until_idle()
    answer: dict[str, Any] = client.get_provisioned_concurrency_config(**on_one)
    return answer


# -- what a test sees


def test_a_function_shows_its_environments(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=1, init=1, duration=0.5)
    settled.invoke(FunctionName="orders")
    settled.invoke(FunctionName="orders")

    (environment,) = mock.function("orders").environments
    assert (environment.state, environment.initialization_type) == ("Idle", "on-demand")
    assert (environment.cold, environment.warm) == (1, 1)
    assert environment.log_stream == mock.invocations("orders")[0].environment
    assert [move.after for move in environment.history] == [
        "Extension init", "Runtime init", "Function init", "Idle", "Invoke", "Idle", "Invoke", "Idle",
    ]  # fmt: skip


def test_the_timeline_of_the_mock_is_not_flooded_by_them(settled: Any, mock: LambdaMock) -> None:
    before = len(mock.timeline)
    settled.invoke(FunctionName="orders")

    assert len(mock.timeline) == before


def test_new_code_ends_the_environments_of_the_old_one(settled: Any, mock: LambdaMock) -> None:
    settled.invoke(FunctionName="orders")
    settled.update_function_code(FunctionName="orders", ZipFile=zip_of("def handler(event, context): return 2"))
    mock.clock.run_until_idle()
    assert result(settled.invoke(FunctionName="orders")) == 2
    mock.clock.advance(600)

    assert [one.state for one in mock.function("orders").environments] == ["Gone", "Gone"]


def test_the_environments_of_a_version_are_its_own(settled: Any, mock: LambdaMock) -> None:
    settled.publish_version(FunctionName="orders")
    settled.invoke(FunctionName="orders", Qualifier="1")

    assert (len(mock.function("orders").version(1).environments), mock.function("orders").environments) == (1, ())


# -- extensions


def test_an_extension_is_a_decorated_function(settled: Any, mock: LambdaMock) -> None:
    seen: list[str] = []

    @mock.extension("agent", function="orders", events=["INVOKE", "SHUTDOWN"])
    def agent(event: dict[str, Any]) -> None:
        seen.append(event.get("shutdownReason") or event["requestId"])

    answer = settled.invoke(FunctionName="orders")
    settled.delete_function(FunctionName="orders")

    assert seen == [answer["ResponseMetadata"]["RequestId"], "spindown"]


def test_an_extension_that_sleeps_keeps_the_environment_and_not_the_caller(settled: Any, mock: LambdaMock) -> None:
    import time

    mock.extension("agent", events=["INVOKE"])(lambda event: time.sleep(2))
    before = mock.clock.now
    settled.invoke(FunctionName="orders")
    settled.invoke(FunctionName="orders")
    assert mock.clock.now == before
    assert [one.state for one in mock.function("orders").environments] == ["Finishing", "Finishing"]

    mock.clock.advance(2)
    settled.invoke(FunctionName="orders")
    assert len(mock.function("orders").environments) == 2


def test_an_extension_that_crashes_is_the_error_of_the_function(settled: Any, mock: LambdaMock) -> None:
    @mock.extension("agent", events=["INVOKE"])
    def agent(event: dict[str, Any]) -> None:
        raise SystemExit(1)

    answer = settled.invoke(FunctionName="orders")

    assert answer["FunctionError"] == "Unhandled"
    assert result(answer)["errorType"] == "Extension.Crash"


def test_telemetry_comes_to_who_has_subscribed(settled: Any, mock: LambdaMock) -> None:
    agent = mock.extension("agent", events=[], telemetry=["platform"])
    settled.invoke(FunctionName="orders")

    assert [event["type"] for event in agent.telemetry_received][-3:] == [
        "platform.start", "platform.runtimeDone", "platform.report",
    ]  # fmt: skip


@pytest.mark.parametrize("timings", ["of the mock", "of the function"])
def test_how_long_an_environment_is_kept_can_be_set(settled: Any, mock: LambdaMock, timings: str) -> None:
    (mock.timings if timings == "of the mock" else mock.function("orders").timings)["spin_down"] = 30
    settled.invoke(FunctionName="orders")
    (environment,) = mock.function("orders").environments

    mock.clock.advance(29)
    before = environment.state
    mock.clock.advance(1)

    assert (before, environment.state) == ("Idle", "Gone")


def test_constant_traffic_gets_a_new_environment_every_few_hours(settled: Any, mock: LambdaMock) -> None:
    mock.timings["recycle"] = 3600
    for _ in range(20):
        settled.invoke(FunctionName="orders")
        mock.clock.advance(300)

    environments = mock.function("orders").environments
    assert [(one.state, one.cold, one.warm) for one in environments] == [("Gone", 1, 12), ("Idle", 1, 6)]


def test_a_provisioned_environment_is_initialised_anew_when_it_is_recycled(client: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=1, init=1)
    mock.timings["recycle"] = 3600
    provision(client, mock, executions=2)
    mock.clock.advance(3600)

    client.invoke(FunctionName="orders", Qualifier="1")
    mock.clock.advance(0)

    environments = mock.function("orders").version(1).environments
    assert [(one.state, one.cold, one.warm) for one in environments] == [("Idle", 0, 0), ("Gone", 0, 1), ("Idle", 0, 0)]


# -- SnapStart


def test_a_snapshot_is_made_while_the_version_is_pending(client: Any, mock: LambdaMock) -> None:
    publish(client, mock, HOOKS.format(before="print('before')", after="print('after')"))
    version = mock.function("orders").version(1)
    (snapshot,) = version.environments
    assert (version.state, snapshot.state, snapshot.initialization_type) == ("Active", "Snapshot", "snap-start")
    assert snapshot.log.splitlines()[1:3] == ["in init", "before"]

    answer = client.invoke(FunctionName="orders", Qualifier="1")

    assert result(answer) == "snap-start"
    log = mock.invocations("orders")[0].log
    assert "\nafter\n" in log
    assert "in init" not in log


FAILURES = [
    pytest.param("raise ValueError('no')", "pass", "FunctionError", id="before-hook"),
    pytest.param("pass\nraise ValueError('at import')\ndef more(): pass", "pass", "FunctionError", id="import"),
    pytest.param("__import__('time').sleep(131)", "pass", "FunctionError.InitTimeout", id="too slow"),
]


@pytest.mark.parametrize(("before", "after", "code"), FAILURES)
def test_a_snapshot_that_cannot_be_made_fails_the_version(
    client: Any, mock: LambdaMock, before: str, after: str, code: str
) -> None:
    publish(client, mock, HOOKS.format(before=before, after=after))

    answer = client.get_function_configuration(FunctionName="orders", Qualifier="1")
    assert (answer["State"], answer["StateReasonCode"]) == ("Failed", code)
    assert mock.function("orders").version(1).environments[0].state == "Gone"


@pytest.mark.parametrize(
    ("init", "code"),
    [
        (OutOfMemory, "FunctionError.InitResourceExhausted"),
        (MissingBootstrap, "FunctionError.InvalidEntryPoint"),
        (ProcessCrash("Runtime.InvalidWorkingDir", "chdir /nowhere"), "FunctionError.InvalidWorkingDirectory"),
        (SystemExit(1), "FunctionError"),
    ],
)
def test_the_code_says_how_the_init_of_a_snapshot_failed(client: Any, mock: LambdaMock, init: Any, code: str) -> None:
    mock.handler("orders", returns=1, init=init)
    publish(client, mock)

    assert mock.function("orders").version(1).state_reason_code == code


def test_an_extension_can_fail_a_snapshot(client: Any, mock: LambdaMock) -> None:
    def start() -> None:
        raise ValueError

    mock.extension("agent", init=start)
    publish(client, mock)

    assert mock.function("orders").version(1).state_reason_code == "FunctionError.ExtensionInitError"


def test_too_many_extensions_can_fail_a_snapshot(client: Any, mock: LambdaMock) -> None:
    for number in range(11):
        mock.extension(f"agent {number}")
    publish(client, mock)

    assert mock.function("orders").version(1).state_reason_code == "FunctionError.TooManyExtensions"


def test_a_hook_that_fails_after_restore_is_a_snap_start_exception(client: Any, mock: LambdaMock) -> None:
    publish(client, mock, HOOKS.format(before="pass", after="raise ValueError('no')"))

    status, code, message = error_of(client.invoke, FunctionName="orders", Qualifier="1")

    assert (status, code) == (400, "SnapStartException")
    assert "Runtime.AfterRestoreError" in message
    assert mock.invocations("orders") == []


def test_a_restore_of_more_than_ten_seconds_is_a_time_out(client: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=1, restore=10.5)
    publish(client, mock)

    assert error_of(client.invoke, FunctionName="orders", Qualifier="1") == (
        408,
        "SnapStartTimeoutException",
        "Lambda couldn't restore the snapshot within the timeout limit.",
    )


def test_a_version_without_code_for_us_is_published_all_the_same(client: Any, mock: LambdaMock) -> None:
    create(
        client,
        Runtime="java21",
        Handler="Orders::handle",
        Code={"ZipFile": zip_of({"Orders.class": "x"})},
        SnapStart={"ApplyOn": "PublishedVersions"},
    )
    mock.clock.run_until_idle()
    client.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    mock.handler("orders", returns="late", restore=1)

    assert mock.function("orders").version(1).state == "Active"
    assert result(client.invoke(FunctionName="orders", Qualifier="1")) == "late"
    assert [one.state for one in mock.function("orders").version(1).environments] == ["Idle"]


# -- provisioned concurrency


def test_init_runs_when_concurrency_is_provisioned(client: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=1, init=30)
    assert provision(client, mock)["Status"] == "READY"
    (environment,) = mock.function("orders").version(1).environments
    assert (environment.state, environment.initialization_type) == ("Idle", "provisioned-concurrency")
    before = mock.clock.now

    client.invoke(FunctionName="orders", Qualifier="1")

    assert (mock.clock.now, environment.cold, environment.warm) == (before, 0, 1)
    assert "INIT_REPORT Init Duration: 30000.00 ms\tPhase: init\n" in environment.log


def test_an_init_that_fails_is_no_provisioned_concurrency(client: Any, mock: LambdaMock) -> None:
    answer = provision(client, mock, Code={"ZipFile": zip_of("raise ValueError")})

    assert (answer["Status"], answer["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")


# -- streams, logs and storage


def events(answer: Any) -> list[dict[str, Any]]:
    return list(answer["EventStream"])


def test_what_a_handler_yields_is_streamed(client: Any, mock: LambdaMock) -> None:
    @mock.handler("orders")
    def orders(event: Any, context: Any) -> Iterator[str]:
        yield "one "
        yield "two"

    create(client)
    mock.clock.run_until_idle()
    answer = client.invoke_with_response_stream(FunctionName="orders", LogType="Tail")

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    *chunks, complete = events(answer)
    assert chunks == [{"PayloadChunk": {"Payload": b"one "}}, {"PayloadChunk": {"Payload": b"two"}}]
    assert list(complete["InvokeComplete"]) == ["LogResult"]


def test_an_error_in_the_middle_of_a_stream_is_at_its_end(client: Any, mock: LambdaMock) -> None:
    @mock.handler("orders")
    def orders(event: Any, context: Any) -> Iterator[str]:
        yield "begun"
        raise ValueError("broken")

    create(client)
    mock.clock.run_until_idle()
    first, last = events(client.invoke_with_response_stream(FunctionName="orders"))

    assert first == {"PayloadChunk": {"Payload": b"begun"}}
    assert last["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(last["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "broken"
    assert mock.invocations("orders")[0].error == "Unhandled"


def test_a_generator_is_no_answer_to_a_plain_invoke(client: Any, mock: LambdaMock) -> None:
    create(client, Code={"ZipFile": zip_of("def handler(event, context):\n    yield 1")})
    mock.clock.run_until_idle()

    assert result(client.invoke(FunctionName="orders"))["errorType"] == "Runtime.MarshalError"


def test_a_function_logs_in_json_when_it_is_configured_so(client: Any, mock: LambdaMock) -> None:
    code = "import logging\ndef handler(event, context):\n    logging.info('told')\n    logging.debug('not told')"
    create(
        client,
        Code={"ZipFile": zip_of(code)},
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "INFO"},
    )
    mock.clock.run_until_idle()
    client.invoke(FunctionName="orders")

    (line,) = mock.invocations("orders")[0].log.splitlines()
    assert (json.loads(line)["level"], json.loads(line)["message"]) == ("INFO", "told")


def test_more_than_the_ephemeral_storage_is_no_space_left(client: Any, mock: LambdaMock) -> None:
    code = """
import pathlib, tempfile
def handler(event, context):
    with pathlib.Path(tempfile.gettempdir(), "large").open("wb") as file:
        file.truncate(event * 1024 * 1024)
    return "written"
"""
    create(client, Code={"ZipFile": zip_of(code)}, EphemeralStorage={"Size": 600})
    mock.clock.run_until_idle()

    assert result(client.invoke(FunctionName="orders", Payload=b"600")) == "written"
    assert result(client.invoke(FunctionName="orders", Payload=b"601"))["errorType"] == "OSError"
