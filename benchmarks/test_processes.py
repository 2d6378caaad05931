"""What a function in processes costs, beside a bare process that imports the same client and handler.

``.venv/bin/python -m pytest -p no:randomly -s -m processes benchmarks/test_processes.py``
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from benchmarks.conftest import client
from lambda_states_mock import mock_lambda
from lambda_states_mock.execution.runtimes.processes import sandbox

pytestmark = pytest.mark.processes
WARM, COLD, AT_ONCE = 100, 7, 50
MOST_COLD = 1.5  # times a bare process
SANDBOX = (["bwrap", *sandbox._PROBE, "true"], [sys.executable, "-I", "-S", "-c", "import socket"])
"""What a sandbox takes by itself: bubblewrap, and the program that starts others in it."""
CODE = {
    "python3.12": ("app.py", "def handler(event, context):\n    return event\n"),
    "nodejs22.x": ("app.js", "exports.handler = async (event) => event;"),
}
BARE = {
    "python3.12": [sys.executable, "-c", "import awslambdaric.bootstrap, app; print(1)"],
    "nodejs22.x": ["node", "-e", "require('node:http'); require('./app.js'); console.log(1)"],
}


def zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, text)
    return content.getvalue()


def took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def created(runtime: str, lambda_client: object, name: str) -> None:
    lambda_client.create_function(  # type: ignore[attr-defined]
        FunctionName=name,
        Runtime=runtime,
        Handler="app.handler",
        Role="arn:aws:iam::123456789012:role/orders",
        Code={"ZipFile": zipped(*CODE[runtime])},
        Timeout=60,
    )


@pytest.mark.parametrize("kind", ["none", "bubblewrap"])
@pytest.mark.parametrize("runtime", CODE)
def test_a_cold_start_takes_little_more_than_a_bare_process(runtime: str, kind: Any, tmp_path: Path) -> None:
    if kind == "bubblewrap" and sandbox.bubblewrap()[0] is None:
        pytest.skip("bubblewrap does not work here")
    (tmp_path / CODE[runtime][0]).write_text(CODE[runtime][1])
    cold, bare, around = [], [], []
    with mock_lambda(timings="instant", processes=True, sandbox=kind) as m:
        lambda_client = client()
        created(runtime, lambda_client, "first")
        lambda_client.invoke(FunctionName="first", Payload="1")  # versions are looked up once
        for number in range(COLD):
            created(runtime, lambda_client, f"orders{number}")
            cold.append(took(lambda number=number: lambda_client.invoke(FunctionName=f"orders{number}", Payload="1")))  # type: ignore[misc]
            bare.append(took(lambda: subprocess.run(BARE[runtime], cwd=tmp_path, capture_output=True, check=True)))
            if kind == "bubblewrap":
                around.append(sum(took(lambda part=part: subprocess.run(part, check=True)) for part in SANDBOX))  # type: ignore[misc]
        warm = [took(lambda: lambda_client.invoke(FunctionName="first", Payload="1")) for _ in range(WARM)]
        assert m.function("first").environments[0].warm == WARM
    own = median(around) if around else 0.0
    ratio = median(cold) / (median(bare) + own)
    print(
        f"\n{runtime}, {kind}: cold {median(cold) * 1000:.0f} ms, bare {median(bare) * 1000:.0f} ms, "
        f"bubblewrap {own * 1000:.0f} ms, ratio {ratio:.2f}; warm {median(warm) * 1000:.2f} ms"
    )
    assert ratio <= MOST_COLD


@pytest.mark.parametrize("kind", ["none", "bubblewrap"])
def test_fifty_environments_at_once_take_little_more_than_fifty_bare_processes(kind: Any, tmp_path: Path) -> None:
    if kind == "bubblewrap" and sandbox.bubblewrap()[0] is None:
        pytest.skip("bubblewrap does not work here")
    (tmp_path / "app.py").write_text(CODE["python3.12"][1])
    with mock_lambda(timings="instant", processes=True, sandbox=kind, hang_after=120):
        lambda_client = client()
        created("python3.12", lambda_client, "orders")
        lambda_client.invoke(FunctionName="orders", Payload="1")

        def all_at_once() -> None:
            started = [
                threading.Thread(target=lambda_client.invoke, kwargs={"FunctionName": "orders", "Payload": "1"})
                for _ in range(AT_ONCE)
            ]
            for one in started:
                one.start()
            for one in started:
                one.join()

        ours = took(all_at_once)
    bare = took(lambda: [one.wait() for one in [_bare(tmp_path) for _ in range(AT_ONCE)]])
    print(f"\n{AT_ONCE} at once, {kind}: {ours:.2f} s, bare {bare:.2f} s, ratio {ours / bare:.2f}")
    assert ours <= 2 * bare + 1


def _bare(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(BARE["python3.12"], cwd=folder, stdout=subprocess.DEVNULL)
