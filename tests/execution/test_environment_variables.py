"""The environment variables of a function."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest

from tests.execution.stage import Stage, spec

ECHO = "import os\ndef handler(event, context): return dict(os.environ)"


def test_a_python_function_sees_the_variables_that_lambda_sets(stage: Stage) -> None:
    outcome = stage.invoke(spec(ECHO, version="3", memory_size=512))
    found = json.loads(outcome.payload)
    made_up = {
        name: found.pop(name)
        for name in (
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "_X_AMZN_TRACE_ID",
        )
    }
    assert found == {
        "_HANDLER": "app.handler",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "3",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_LAMBDA_LOG_STREAM_NAME": outcome.environment,
        "AWS_LAMBDA_RUNTIME_API": "169.254.100.1:9001",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LD_LIBRARY_PATH": (
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
        ),
        "PYTHONPATH": "/var/runtime",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "PWD": "/var/task",
        "SHLVL": "0",
        "LC_CTYPE": "C.UTF-8",
    }
    assert re.fullmatch("ASIA[A-Z0-9]{16}", made_up["AWS_ACCESS_KEY_ID"])
    assert re.fullmatch(
        "Root=1-6955b900-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0",
        made_up["_X_AMZN_TRACE_ID"],
    )


def test_variables_of_the_test_are_not_seen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_TEST", "1")
    assert "OF_THE_TEST" not in stage.result(spec(ECHO))


def test_the_function_s_own_variables_are_set_while_it_is_imported_and_while_it_runs(stage: Stage) -> None:
    code = "import os\nfound = os.environ['TABLE']\ndef handler(event, context): return [found, os.environ['TABLE']]"
    assert stage.result(spec(code, environment={"TABLE": "orders", "EMPTY": ""})) == ["orders", "orders"]


def test_a_handler_of_the_test_sees_the_variables_of_the_function(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: dict(os.environ))
    found = stage.result(spec(environment={"TABLE": "orders", "EMPTY": ""}))
    assert (found["TABLE"], found["EMPTY"], found["AWS_REGION"]) == ("orders", "", "eu-west-1")
    assert found["LAMBDA_TASK_ROOT"] == "/var/task"


def test_a_function_can_set_what_is_not_reserved(stage: Stage) -> None:
    assert stage.result(spec(ECHO, environment={"TZ": "Europe/Berlin"}))["TZ"] == "Europe/Berlin"


def test_what_a_function_sets_stays_in_its_environment(stage: Stage) -> None:
    code = """
    import os
    def handler(event, context):
        os.environ["COUNT"] = str(int(os.environ.get("COUNT", "0")) + 1)
        return os.environ["COUNT"]
    """
    assert [stage.result(spec(code)) for _ in range(2)] == ["1", "2"]
    assert stage.result(spec(code, version="2")) == "1"


def test_each_invocation_has_its_own_trace_id(stage: Stage) -> None:
    assert len({stage.result(spec(ECHO))["_X_AMZN_TRACE_ID"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("changes", "there", "absent"),
    [
        (
            {"runtime": "nodejs22.x"},
            {
                "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
                "NODE_PATH": "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:"
                "/var/runtime:/var/task",
            },
            {"PYTHONPATH", "LC_CTYPE"},
        ),
        ({"runtime": "java21"}, {"AWS_EXECUTION_ENV": "AWS_Lambda_java21"}, {"PYTHONPATH", "NODE_PATH"}),
        ({"runtime": "provided.al2023"}, {"_HANDLER": "app.handler"}, {"AWS_EXECUTION_ENV"}),
        ({"runtime": None, "handler": None, "package_type": "Image"}, {"_HANDLER": ""}, {"AWS_EXECUTION_ENV"}),
        (
            {"initialization_type": "snap-start"},
            {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"},
            {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"},
        ),
    ],
)
def test_other_kinds_of_function_have_other_variables(
    stage: Stage, changes: dict[str, Any], there: dict[str, str], absent: set[str]
) -> None:
    stage.handlers.add("orders", call=lambda event, context: dict(os.environ))
    found = stage.result(spec(**changes))
    assert {name: found.get(name) for name in there} == there
    assert absent.isdisjoint(found)


BY_RUNTIME = {
    "python3.9": {"PWD", "SHLVL", "PYTHONPATH"},
    "python3.11": {"PWD", "SHLVL", "PYTHONPATH"},
    "python3.12": {"PWD", "SHLVL", "PYTHONPATH", "LC_CTYPE"},
    "python3.14": {"PWD", "SHLVL", "PYTHONPATH", "LC_CTYPE"},
    "nodejs22.x": {"PWD", "SHLVL", "NODE_PATH"},
    "ruby3.4": {"PWD", "SHLVL"},
    "dotnet8": {"PWD", "SHLVL"},
    "java8.al2": {"AWS_ACCESS_KEY", "AWS_SECRET_KEY"},
    "java11": {"AWS_ACCESS_KEY", "AWS_SECRET_KEY"},
    "java21": set(),
    "provided.al2023": set(),
}


@pytest.mark.parametrize("runtime", BY_RUNTIME)
def test_some_variables_come_with_the_runtime(stage: Stage, runtime: str) -> None:
    stage.handlers.add("orders", call=lambda event, context: dict(os.environ))
    found = stage.result(spec(runtime=runtime))

    known = set[str]().union(*BY_RUNTIME.values())
    assert known & found.keys() == BY_RUNTIME[runtime]
    assert found.get("PWD", "/var/task") == "/var/task"
    assert found.get("SHLVL", "0") == "0"
    assert found.get("LC_CTYPE", "C.UTF-8") == "C.UTF-8"


def test_old_java_finds_its_credentials_by_their_old_names_too(stage: Stage) -> None:
    stage.handlers.add("orders", call=lambda event, context: dict(os.environ))
    found = stage.result(spec(runtime="java11"))

    assert found["AWS_ACCESS_KEY"] == found["AWS_ACCESS_KEY_ID"]
    assert found["AWS_SECRET_KEY"] == found["AWS_SECRET_ACCESS_KEY"]


def test_code_finds_its_files_by_the_root_that_it_returns_as_var_task(stage: Stage) -> None:
    code = """
    import os
    def handler(event, context):
        root = os.environ["LAMBDA_TASK_ROOT"]
        return [root, __file__, os.path.exists(os.path.join(root, "app.py"))]
    """
    assert stage.result(spec(code)) == ["/var/task", "/var/task/app.py", True]
