"""What a failing test prints of calls and runs: short, and without the values of environment variables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.printing import LONGEST, MOST, printable, printed, shortened
from lambda_states_mock.reporting.sections import failed_invocations
from lambda_states_mock.wire import HttpRequest
from tests.deploying import create, zip_of

SECRET = "hunter2"
VARIABLES = {"Variables": {"PASSWORD": SECRET}}


@pytest.fixture
def m() -> Iterator[LambdaMock]:
    with mock_lambda() as mock:
        yield mock


@pytest.fixture
def client(m: LambdaMock) -> Any:
    return boto3.client("lambda", region_name=m.options.region)


def settle(client: Any, m: LambdaMock, **params: Any) -> None:
    create(client, Environment=VARIABLES, **params)
    m.clock.run_until_idle()


def test_the_values_of_variables_are_masked_in_calls(client: Any, m: LambdaMock) -> None:
    settle(client, m)
    client.get_function(FunctionName="orders")
    client.update_function_configuration(FunctionName="orders", Environment=VARIABLES)
    for call in m.calls:
        for shown in (call, call.params, call.response, m.calls):
            assert SECRET not in repr(shown)
    created = m.calls.of("CreateFunction")[0]
    assert "'Environment': {'Variables': {'PASSWORD': '***'}}" in repr(created)
    assert "'Environment': {'Variables': {'PASSWORD': '***'}}" in repr(created.response)
    assert repr(created.params["Environment"]["Variables"]) == "{'PASSWORD': '***'}"


def test_what_is_printed_without_its_values_has_them(client: Any, m: LambdaMock) -> None:
    settle(client, m)
    call = m.calls.of("CreateFunction")[0]
    assert call.params["Environment"] == VARIABLES
    assert call.response is not None
    assert call.response["Environment"]["Variables"]["PASSWORD"] == SECRET
    assert json.loads(json.dumps(call.params["Environment"])) == VARIABLES


def test_code_and_payloads_are_cut_in_calls(client: Any, m: LambdaMock) -> None:
    settle(client, m, Code={"ZipFile": zip_of({"app.py": "", "x": "x" * 100_000})})
    m.handler("orders", returns="y" * 100_000)
    client.invoke(FunctionName="orders", Payload=json.dumps("z" * 100_000))
    for call in m.calls:
        assert len(repr(call)) + len(repr(call.response)) < 5_000
    assert "(100002 bytes)" in repr(m.calls[-1])
    assert "... (100" in repr(m.calls[0])


def test_many_calls_are_cut(client: Any, m: LambdaMock) -> None:
    for _ in range(MOST + 10):
        client.list_functions()
    assert repr(m.calls).endswith("'ListFunctions', ... (60 in all)]>")
    with pytest.raises(IndexError, match="60 in all"):
        m.calls[99]


def test_payloads_are_cut_in_invocations(client: Any, m: LambdaMock) -> None:
    settle(client, m)
    m.handler("orders", returns="y" * 100_000)
    client.invoke(FunctionName="orders", Payload=json.dumps("z" * 100_000))
    (ran,) = m.invocations("orders")
    assert repr(ran).startswith("Invocation(function='orders', version='$LATEST', ")
    assert repr(ran).count("(100002 bytes)") == 2
    assert len(repr(ran)) < 3_000


def test_messages_to_destinations_are_cut(client: Any, m: LambdaMock) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:failed"
    settle(client, m, DeadLetterConfig={"TargetArn": queue})
    m.handler("orders", side_effect=RuntimeError("no"))
    client.invoke(FunctionName="orders", InvocationType="Event", Payload=json.dumps("z" * 10_000))
    m.clock.run_until_idle()
    (message,) = m.destinations
    assert "(10002 characters)" in repr(message)


def test_faults_print_without_values(m: LambdaMock) -> None:
    fault = m.faults.on_call("CreateFunction", when={"Environment": VARIABLES}).disconnect(required=False)
    assert SECRET not in repr(fault)
    assert "'PASSWORD': '***'" in repr(m.faults)


def test_lines_of_the_log_are_cut_in_the_report(client: Any, m: LambdaMock) -> None:
    def handler(_event: Any, _context: Any) -> None:
        print("x" * 10_000)
        raise RuntimeError("y" * 10_000)

    settle(client, m)
    m.handler("orders", call=handler)
    client.invoke(FunctionName="orders")
    report = failed_invocations(m)
    assert "(10000 characters)" in report
    assert len(report) < 3_000


def test_resources_and_requests_print_without_values(client: Any, m: LambdaMock) -> None:
    settle(client, m)
    (version,) = m.backend.service.store.at(m.backend.home).versions
    assert SECRET not in repr(version)
    assert SECRET not in repr(HttpRequest("POST", "/", "", {}, SECRET.encode()))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "'a'"),
        (b"a", "b'a'"),
        (None, "None"),
        ([{"a": [1]}], "[{'a': [1]}]"),
        ("a" * (LONGEST + 1), f"'{'a' * LONGEST}'... ({LONGEST + 1} characters)"),
        (b"a" * (LONGEST + 1), f"b'{'a' * LONGEST}'... ({LONGEST + 1} bytes)"),
        ({"a": {"Environment": VARIABLES}}, "{'a': {'Environment': {'Variables': {'PASSWORD': '***'}}}}"),
        ({"Variables": {"a": "b"}}, "{'Variables': {'a': 'b'}}"),
        ([{"Environment": VARIABLES}], "[{'Environment': {'Variables': {'PASSWORD': '***'}}}]"),
    ],
)  # fmt: skip
def test_values_are_printed(value: object, shown: str) -> None:
    assert printed(value) == shown
    assert printable(value) == value
    assert len(shortened(str(value))) < LONGEST + 30
