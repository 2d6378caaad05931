"""What functions log, as a test reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambda_states_mock import LambdaMock
from tests.deploying import create, zip_of

CODE = "def handler(event, context):\n    print('order', event)\n"


@pytest.fixture
def settled(client: Any, mock: LambdaMock) -> Any:
    create(client, Code={"ZipFile": zip_of(CODE)})
    mock.clock.run_until_idle()
    return client


def test_the_lines_of_a_function_come_in_order(settled: Any, mock: LambdaMock) -> None:
    first, second = (
        settled.invoke(FunctionName="orders", Payload=payload)["ResponseMetadata"]["RequestId"]
        for payload in (b"1", b"2")
    )

    logs = mock.function("orders").logs
    said = [line for line in logs.lines if line.startswith("order")]
    assert said == ["order 1", "order 2"]
    assert logs.lines[1] == f"START RequestId: {first} Version: $LATEST"
    assert [line.text for line in logs.request(second)][1] == "order 2"
    assert "END RequestId: " in str(logs)


def test_each_environment_has_a_stream(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, duration=1)
    for _ in range(2):
        settled.invoke(FunctionName="orders", InvocationType="Event")
    mock.clock.run_until_idle()

    logs = mock.function("orders").logs
    assert logs.streams == [one.environment for one in mock.invocations("orders")]
    assert len(logs.stream(logs.streams[0])) == len(logs) / 2
    assert repr(logs) == f"<Logs 2 streams, {len(logs)} lines>"


def test_a_line_has_the_time_at_which_it_was_written(settled: Any, mock: LambdaMock) -> None:
    mock.handler("orders", returns=None, duration=1)
    settled.invoke(FunctionName="orders")
    (ran,) = mock.invocations("orders")

    at = {line.text.split()[0]: line.at for line in mock.function("orders").logs}
    assert (at["START"], at["END"], at["REPORT"]) == (ran.start, ran.end, ran.end)


def test_a_version_has_logs_of_its_own(settled: Any, mock: LambdaMock) -> None:
    settled.publish_version(FunctionName="orders")
    mock.clock.run_until_idle()
    settled.invoke(FunctionName="orders", Payload=b"1")
    settled.invoke(FunctionName="orders", Qualifier="1", Payload=b"2")

    assert "order 1" not in mock.function("orders").version(1).logs.lines
    assert {"order 1", "order 2"} < set(mock.function("orders").logs.lines)


def test_a_function_with_json_logs_writes_objects(settled: Any, mock: LambdaMock) -> None:
    settled.update_function_configuration(FunctionName="orders", LoggingConfig={"LogFormat": "JSON"})
    mock.clock.run_until_idle()
    settled.invoke(FunctionName="orders", Payload=b"1")

    types = [json.loads(line).get("type") for line in mock.function("orders").logs.lines if line.startswith("{")]
    assert {"platform.start", "platform.report"} <= set(types)


def test_a_function_that_never_ran_has_logged_nothing(settled: Any, mock: LambdaMock) -> None:
    assert list(mock.function("orders").logs) == []
