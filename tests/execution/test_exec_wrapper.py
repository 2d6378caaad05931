"""``AWS_LAMBDA_EXEC_WRAPPER``: a script that is to start the runtime."""

from __future__ import annotations

import json

import pytest

from tests.execution.stage import REQUEST_ID, Stage, spec, zip_files

CODE = "def handler(event, context): return 'ran'"
LAYER = zip_files({"otel-instrument": "#!/bin/bash\nexec $@\n"})


@pytest.mark.parametrize("wrapper", ["/var/task/wrapper", "/opt/wrapper", "/opt/bin/otel-instrument"])
def test_a_wrapper_that_is_not_there_ends_the_process(stage: Stage, wrapper: str) -> None:
    outcome = stage.invoke(spec(CODE, environment={"AWS_LAMBDA_EXEC_WRAPPER": wrapper}, layers_code=[LAYER]))

    assert outcome.function_error == "Unhandled"
    assert outcome.payload.decode() == (
        '{"errorType":"Runtime.ExitError",'
        f'"errorMessage":"RequestId: {REQUEST_ID} Error: Runtime exited with error: exit status 127"}}'
    )


@pytest.mark.parametrize("wrapper", ["/var/task/app.py", "/opt/otel-instrument", "/usr/bin/strace", ""])
def test_a_wrapper_that_may_be_there_is_passed_over(stage: Stage, wrapper: str) -> None:
    outcome = stage.invoke(spec(CODE, environment={"AWS_LAMBDA_EXEC_WRAPPER": wrapper}, layers_code=[LAYER]))

    assert json.loads(outcome.payload) == "ran"


def test_a_layer_that_nobody_knows_may_have_the_wrapper(stage: Stage) -> None:
    outcome = stage.invoke(spec(CODE, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}, layers_code=[None]))

    assert json.loads(outcome.payload) == "ran"


def test_a_handler_of_the_test_needs_no_wrapper(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: "ran")

    assert stage.result(spec(CODE, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"})) == "ran"
