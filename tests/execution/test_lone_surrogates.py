"""Half of a surrogate pair has no bytes in UTF-8: wherever code has one in a text, nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from lambda_states_mock import mock_lambda
from tests.deploying import create
from tests.execution.stage import Stage, spec

HALF = "\ud800"
CASES = {
    "message": ("raise ValueError('\\ud800')", {"errorMessage": HALF, "errorType": "ValueError"}),
    "type": ("raise lambda_states_mock.RuntimeFault('\\ud800', 'x')", {"errorType": HALF, "errorMessage": "x"}),
    "result": ("return {'\\ud800': ['\\ud800']}", {HALF: [HALF]}),
    "event": ("return event", {HALF: HALF}),
    "print": ("print('\\ud800', file=sys.stdout); print('\\ud800', file=sys.stderr)", None),
    # Alone: what pytest has captured of it, pytest-xdist could not send.
    "logging": ("logging.root.handlers[:] = logging.root.handlers[-1:]; logging.error('\\ud800')", None),
    "exit": ("raise SystemExit('\\ud800')", {"errorType": "Runtime.ExitError"}),
}


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
@pytest.mark.parametrize("runtime", ["python3.10", "python3.13"])
@pytest.mark.parametrize(("statement", "expected"), CASES.values(), ids=CASES)
def test_an_event_with_half_a_pair_ends_as_any_other(
    stage: Stage, statement: str, expected: Any, runtime: str, log_format: str
) -> None:
    function = spec(
        f"import logging, sys, lambda_states_mock\ndef handler(event, context):\n    {statement}",
        runtime=runtime,
        log_format=log_format,
    )
    outcome = stage.send(function, b'{"\\ud800": "\\ud800"}')
    found = json.loads(outcome.payload.decode("utf-8", "surrogatepass"))  # which a result may have
    if isinstance(expected, dict):
        found = {name: found[name] for name in expected}
    assert found == expected
    outcome.log.encode()
    if expected is None or "errorMessage" in expected:
        assert "ud800" in outcome.log
    assert stage.records(function)[0].history[-1].after != "Invoke"


def test_a_client_gets_what_can_be_decoded() -> None:
    with mock_lambda(timings="instant") as m:
        client: Any = boto3.client("lambda", region_name="us-east-1")
        create(client)
        m.handler("orders", side_effect=ValueError(HALF))
        answer = client.invoke(FunctionName="orders", LogType="Tail")
        assert json.loads(answer["Payload"].read().decode())["errorMessage"] == HALF
        assert "ud800" in m.invocations("orders")[0].log
        assert m.function("orders").environments[0].state == "Idle"
