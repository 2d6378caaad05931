"""The way in: what is refused before anything happens, and what runs where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lambda_states_mock.errors import NoHandlerError
from lambda_states_mock.service_errors import ServiceError
from tests.execution.stage import Stage, spec, zip_files

REMEDY = 'Add one with  lambda_mock.handler("order")  or give CreateFunction a zip with Python code.'


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": zip_files({"index.js": ""})}, "its zip file holds no Python code"),
        ({"code": b"no zip"}, "its zip file holds no Python code"),
        ({"code": None}, "its zip file holds no Python code"),
        (
            {"runtime": "nodejs22.x", "code": zip_files({"app.py": ""})},
            "its code is for nodejs22.x, which is not run here",
        ),
        ({"package_type": "Image", "runtime": None}, "its code is a container image, which is not run here"),
    ],
)
def test_a_function_that_nothing_can_run_is_a_mistake_of_the_test(
    stage: Stage, changes: dict[str, Any], reason: str
) -> None:
    stage.handlers.add("orders", returns=1)
    stage.handlers.add("refunds", returns=1)
    with pytest.raises(NoHandlerError) as caught:
        stage.pool.ready(spec(**{"name": "order", **changes}))
    assert str(caught.value) == (
        f'no handler for function "order" (eu-west-1); {reason}\n'
        '  registered: "orders", "refunds"\n'
        f'  did you mean "orders"?  {REMEDY}'
    )


def test_without_any_handler_there_is_nothing_to_mean(stage: Stage) -> None:
    with pytest.raises(NoHandlerError) as caught:
        stage.invoke(spec(name="order"))
    assert str(caught.value).splitlines()[1:] == ["  registered: none", f"  {REMEDY}"]


def test_a_handler_answers_in_place_of_the_code(stage: Stage) -> None:
    stage.handlers.add("orders", returns="handler")
    assert stage.result(spec("def handler(event, context): return 'code'")) == "handler"


@pytest.mark.parametrize("runtime", ["nodejs22.x", "java21", "provided.al2023", None])
def test_a_handler_answers_for_any_runtime(stage: Stage, runtime: str | None) -> None:
    stage.handlers.add("orders", returns={"ok": True})
    assert stage.result(spec(runtime=runtime)) == {"ok": True}


def test_code_that_misses_its_module_is_ready_and_fails_as_in_lambda(stage: Stage) -> None:
    function = spec(zip_files({"other.py": ""}))
    stage.pool.ready(function)
    assert stage.result(function)["errorType"] == "Runtime.ImportModuleError"


@pytest.mark.parametrize(
    ("payload", "options"), [(b"{", {}), (b"{}", {"client_context": "not base64!"})], ids=["event", "client context"]
)
def test_a_request_that_cannot_be_read_moves_nothing(stage: Stage, payload: bytes, options: dict[str, Any]) -> None:
    handler = stage.handlers.add("orders", returns=1, duration=1)
    with pytest.raises(ServiceError):
        stage.send(spec(), payload, **options)
    assert (handler.called, stage.elapsed, stage.pool.environments) == (0, timedelta(0), ())


def test_an_empty_payload_is_an_empty_object(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: event)
    assert stage.result(spec()) == {}


def test_each_invocation_reads_its_event_anew(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: event.append(1) or event)
    assert [stage.result(spec(), []) for _ in range(2)] == [[1], [1]]


def test_handlers_can_invoke_each_other(stage: Stage) -> None:
    def factorial(event: int, context: Any) -> int:
        return event * int(stage.result(spec(name="factorial"), event - 1)) if event else 1

    stage.handlers.add("factorial", call=factorial)
    assert stage.result(spec(name="factorial"), 5) == 120


def test_a_scripted_exit_of_the_process_is_an_exit(stage: Stage) -> None:
    stage.handlers.add("orders", side_effect=SystemExit(2))
    assert "exit status 2" in stage.result(spec())["errorMessage"]


def test_a_pool_prints_what_it_has(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    outcome = stage.invoke(spec())
    assert repr(stage.pool) == "<EnvironmentPool 1 environments>"
    assert repr(stage.pool.environments[0]) == f"<ExecutionEnvironment {outcome.environment} idle>"


def test_an_outcome_prints_without_its_log(stage: Stage) -> None:
    stage.handlers.add("orders", returns=1)
    assert "START" not in repr(stage.invoke(spec()))
