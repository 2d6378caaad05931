"""The environment variables with which processes start: those of Lambda and of the function, and none of the test's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.processes.conftest import World
from tests.processes.extension_programs import python_extension
from tests.processes.functions import PYTHON_RUNTIME, zipped
from tests.processes.test_custom_runtimes import KIT

pytestmark = pytest.mark.processes
contained = pytest.mark.needs_program("bubblewrap")

# What each process was started with, whatever it has done to it since.
PYTHON = (
    "def handler(event, context):\n"
    "    with open('/proc/self/environ') as file: return dict(v.split('=', 1) for v in file.read().split('\\0') if v)\n"
)
NODE = (
    "const fs = require('node:fs');\n"
    "exports.handler = async () => Object.fromEntries(fs.readFileSync('/proc/self/environ', 'utf8').split('\\0')"
    ".filter(Boolean).map((one) => { const [name, ...value] = one.split('='); return [name, value.join('=')]; }));\n"
)
BASH = (
    KIT
    + r"""list=$(tr "\0" "\n" < /proc/$$/environ | sed -E 's/"/\\"/g; s/^([^=]*)=(.*)$/"\1": "\2"/' | paste -sd,)"""
    + '\nwhile true; do next; answer "{$list}"; done\n'
)
FUNCTIONS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "python": ({"app.py": PYTHON}, PYTHON_RUNTIME),
    "node": ({"app.js": NODE}, "nodejs22.x"),
    "bash": ({"bootstrap": BASH}, "provided.al2023"),
}
EVERYWHERE = {
    "_HANDLER": "app.handler",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9001",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
    "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
    "_AWS_XRAY_DAEMON_PORT": "2000",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "TABLE": "orders",
}
NODE_PATH = "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"
MANAGED = {"PWD": "/var/task", "SHLVL": "0", "_LAMBDA_TELEMETRY_LOG_FD": "62"}
ONLY_OF = {
    "python": {**MANAGED, "AWS_EXECUTION_ENV": f"AWS_Lambda_{PYTHON_RUNTIME}"},
    "node": {**MANAGED, "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x", "NODE_PATH": NODE_PATH},
    "bash": {},
}
OF_EACH_RUN = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME"}


def create(world: World, language: str, **params: Any) -> None:
    files, runtime = FUNCTIONS[language]
    world.create(files, Runtime=runtime, MemorySize=512, Environment={"Variables": {"TABLE": "orders"}}, **params)


@contained
@pytest.mark.parametrize("language", [pytest.param(one, marks=pytest.mark.needs_program(one)) for one in FUNCTIONS])
def test_a_process_starts_with_the_variables_of_lambda(opened: Callable[..., Any], language: str) -> None:
    with opened(sandbox="bubblewrap") as world:
        create(world, language)
        found, failed = world.invoke()
        assert failed is None
        assert found.keys() >= OF_EACH_RUN
        (environment,) = world.m.function("orders").environments
        assert found["AWS_LAMBDA_LOG_STREAM_NAME"] == environment.log_stream
        expected = {**EVERYWHERE, **ONLY_OF[language]}
        if language == "python" and PYTHON_RUNTIME not in {"python3.10", "python3.11"}:
            expected["LC_CTYPE"] = "C.UTF-8"
        assert {name: value for name, value in found.items() if name not in OF_EACH_RUN} == expected


EXTENSION = """
    with open("/proc/self/environ") as file:
        found = dict(variable.split("=", 1) for variable in file.read().split("\\0") if variable)
    print("event", json.dumps(found), flush=True)
    identifier, _ = register("INVOKE")
    while True: following(identifier)
"""
HIDDEN = {
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_CONTEXT_MISSING"),
    *("AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_AWS_XRAY_DAEMON_ADDRESS"),
    *("_AWS_XRAY_DAEMON_PORT", "_HANDLER"),
}


@contained
@pytest.mark.needs_program("python")
def test_an_extension_does_not_see_what_is_the_runtime_s(opened: Callable[..., Any]) -> None:
    with opened(sandbox="bubblewrap") as world:
        content = zipped({"extensions/agent": python_extension(EXTENSION)})
        layer = world.client.publish_layer_version(LayerName="agent", Content={"ZipFile": content})
        create(world, "python", Layers=[layer["LayerVersionArn"]])
        of_function, _ = world.invoke()
        of_extension = json.loads(re.findall(r"^event (.*)$", world.log(), re.MULTILINE)[0])
        assert of_function.keys() - of_extension.keys() == {*HIDDEN, "_LAMBDA_TELEMETRY_LOG_FD"}
        assert of_extension.items() <= of_function.items()


@pytest.mark.needs_program("python")
def test_without_a_sandbox_what_names_folders_leads_to_where_they_are(opened: Callable[..., Any]) -> None:
    with opened(sandbox="none") as world:
        create(world, "python")
        world.client.update_function_configuration(
            FunctionName="orders", Environment={"Variables": {"PATH": "/opt/mine", "TMPDIR": "/elsewhere"}}
        )
        world.m.clock.run_until_idle()
        (root, exists, path, temporary, api), _ = _looked_up(world)
        assert (root, exists) == ("/var/task", True)  # as it is named in answers
        assert (path, temporary) == ("/opt/mine", "/elsewhere")
        assert re.fullmatch(r"127\.0\.0\.1:\d+", api)


def _looked_up(world: World) -> tuple[Any, str | None]:
    code = (
        "import os\ndef handler(event, context):\n    root = os.environ['LAMBDA_TASK_ROOT']\n"
        "    names = ('PATH', 'TMPDIR', 'AWS_LAMBDA_RUNTIME_API')\n"
        "    return root, os.path.exists(root + '/app.py'), *(os.environ[one] for one in names)\n"
    )
    world.client.update_function_code(FunctionName="orders", ZipFile=zipped(code))
    world.m.clock.run_until_idle()
    return world.invoke()
