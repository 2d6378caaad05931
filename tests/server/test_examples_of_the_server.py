"""What the examples of the server say is what it does: the JavaScript client, the container, the workflow.

Where there is no container engine, the commands of the container are run as they stand in its file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import forked
from tests.server.asking import OURS
from tests.server.test_serve_command import ROOT, ask, serving

pytestmark = pytest.mark.usefixtures("allowed_to_connect")
EXAMPLES = ROOT / "examples"
DOCKER = EXAMPLES / "docker"


@pytest.fixture
def command(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``lambda-states-mock`` is this package."""
    (folder := tmp_path / "bin").mkdir()
    path = os.pathsep.join([str(forked.command(folder).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_client_in_javascript_does_what_its_example_shows() -> None:
    with serving() as (_, port):
        done = subprocess.run(
            ["node", "--test", *map(str, sorted((EXAMPLES / "javascript").glob("*.test.mjs")))],
            env={**os.environ, "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{port}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 5" in done.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_client_in_javascript_has_a_way_to_whatever_can_be_asked() -> None:
    from lambda_states_mock.server.control import ENDPOINTS

    source = (EXAMPLES / "javascript" / "lambda_states_mock.mjs").read_text(encoding="utf-8")
    asked = re.findall(r'"(GET|PUT|POST|DELETE)", [`"]([^`"]+)[`"]', source)
    seen = {(method, re.sub(r"\$\{named\(\w+\)\}", "{}", path)) for method, path in asked}
    wanted = {(one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in ENDPOINTS}
    assert wanted - seen == {("GET", "/openapi.json")}
    assert seen <= wanted


def instructions(name: str) -> list[Any]:
    """Return the words of an instruction of the Dockerfile in its JSON form."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    found = re.search(rf"^{name} [^\[]*(\[.*\])$", text, re.MULTILINE)
    assert found is not None, name
    return list(json.loads(found[1]))


def told_by(words: list[str], environment: dict[str, str]) -> forked.Told | subprocess.Popen[str]:
    """Start the command of *words*, and return the process of which stderr is read."""
    assert words[0] == "lambda-states-mock"
    return forked.told(["-m", "lambda_states_mock", *words[1:]], env=environment)


@contextmanager
def running(words: list[str], environment: dict[str, str]) -> Iterator[int]:
    with told_by(words, environment) as process:
        assert process.stderr is not None
        try:
            yield int(process.stderr.readline().split()[1].rpartition(":")[2])
        finally:
            process.terminate()


def test_the_container_answers_to_its_name_and_is_healthy(command: dict[str, str]) -> None:
    words = [*instructions("ENTRYPOINT"), *instructions("CMD"), "--port", "0"]
    with running(words, command) as port:
        assert ask(port, f"{OURS}/health", Host="lambda:4574")[0] == 200
        assert ask(port, f"{OURS}/health", Host="evil.test")[0] == 403
        check = [word.replace("4574", str(port)) for word in instructions("HEALTHCHECK")]
        done = subprocess.run(check, env=command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["status"] == "ok"


def test_what_compose_starts_asks_the_services_beside_it(command: dict[str, str]) -> None:
    service = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))["services"]["lambda"]
    with socket.create_server(("127.0.0.1", 0)) as beside:
        where = f"http://127.0.0.1:{beside.getsockname()[1]}"
        variables = {name: value.replace("http://moto:5000", where) for name, value in service["environment"].items()}
        words = [*instructions("ENTRYPOINT"), *service["command"], "--port", "0"]
        with told_by(words, {**command, **variables}) as process:
            assert process.stderr is not None
            told = [process.stderr.readline() for _ in range(3)]
            process.terminate()
            process.wait(timeout=60)
    assert told[2] == f"  asks other services at {where}\n"


def test_the_workflow_starts_a_server_that_answers_and_shows_its_page(command: dict[str, str], tmp_path: Path) -> None:
    job = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    steps = {step["name"]: step["run"] for step in job["steps"] if "name" in step and "run" in step}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **command,
        "AWS_ENDPOINT_URL_LAMBDA": job["env"]["AWS_ENDPOINT_URL_LAMBDA"].replace("4574", str(port)),
    }
    started = steps["Start the mock"].replace("serve ", f"serve --port {port} ")
    script = f"set -e\n{started}\n{steps['Show what happened']}\nkill %1\nwait %1"
    done = subprocess.run(
        ["bash", "-m", "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"http://127.0.0.1:{port}" in done.stdout
    assert "<!doctype html>" in (tmp_path / "timeline.html").read_text(encoding="utf-8").lower()
