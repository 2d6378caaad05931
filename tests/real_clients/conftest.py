"""Clients as their authors ship them, against ``lambda-states-mock serve``. Those that are missing are skipped."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import connecting
from tests.server.test_serve_command import ROOT, serving

CLIENTS = Path(os.environ.get("REAL_CLIENTS", ROOT / ".clients"))
"""Where ``install.sh`` has installed them."""
SCRIPTS = CLIENTS / "venv" / "bin"
SOURCES_OF_GO = Path("/usr/share/gocode")
SDK_OF_GO = SOURCES_OF_GO / "src" / "github.com" / "aws" / "aws-sdk-go-v2" / "service" / "lambda"
HOW = "tests/real_clients/install.sh installs it"
NEEDS: Mapping[str, tuple[str, Callable[[], bool]]] = {
    "javascript": (
        "Node.js with @aws-sdk/client-lambda",
        lambda: bool(shutil.which("node")) and (CLIENTS / "node_modules" / "@aws-sdk" / "client-lambda").is_dir(),
    ),
    "cli": ("version 1 of the AWS CLI", lambda: (SCRIPTS / "aws").is_file()),
    "moto": ("moto's server", lambda: (SCRIPTS / "moto_server").is_file()),
    "ansible": ("ansible with amazon.aws", lambda: (SCRIPTS / "ansible-playbook").is_file()),
    "go": (
        "Go with AWS's SDK, version 2",
        lambda: (
            bool(shutil.which("go")) and (SOURCES_OF_GO / "src/github.com/aws/aws-sdk-go-v2/service/lambda").is_dir()
        ),
    ),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("needs_client"):
            what, is_there = NEEDS[marker.args[0]]
            if not is_there():
                item.add_marker(pytest.mark.skip(reason=f"{what} is missing: {HOW}"))


@pytest.fixture(scope="session")
def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("app.py", "def handler(event, context):\n    return {'got': event}\n")
    return content.getvalue()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    with serving("--seed", "7") as (_, port):
        yield port


class World:
    """A world of the server, and programs that know of it by their environment alone.

    Attributes: *url*, its address.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as whoever runs the test does."""
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_lambda_states_mock{path}", sent, method=method)
        with connecting(), urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def run(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the folder of the test, and wait for it."""
        given = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_STATES"))}
        made_up = {"AWS_ACCESS_KEY_ID": "AKIDMADEUP", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_REGION": "eu-west-1"}
        where = {"AWS_ENDPOINT_URL_LAMBDA": self.url, "AWS_DEFAULT_REGION": "eu-west-1", "HOME": str(self.folder)}
        return subprocess.run(
            [str(word) for word in words],
            env={**given, **made_up, **where, **environment},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def report(self, *words: str | Path, **environment: str) -> Any:
        """Return what a program prints, which is JSON."""
        done = self.run(*words, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


_names = count()


@pytest.fixture(scope="module")
def world(port: int, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world for the tests of one client."""
    return World(f"http://127.0.0.1:{port}/worlds/client{next(_names)}", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def zip_in_text(archive: bytes) -> str:
    return base64.b64encode(archive).decode()
