"""The examples do what they show, each by itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import forked

FOLDER = Path(__file__).parent.parent / "examples"
IN_PROCESSES = {"test_14_processes.py"}  # run by the tests of processes
TESTS = sorted(one for one in FOLDER.glob("test_*.py") if one.name not in IN_PROCESSES)
SCRIPTS = sorted(FOLDER.glob("*.sh"))


@pytest.mark.parametrize("example", TESTS, ids=lambda path: str(path.name))
def test_an_example_passes(
    example: Path,
    pytester: pytest.Pytester,
    run_inside: Callable[..., pytest.RunResult],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "import aiobotocore" in (text := example.read_text(encoding="utf-8")) or "from aiobotocore" in text:
        pytest.importorskip("aiobotocore")
    for needed in (example, FOLDER / "deployer.py"):
        (pytester.path / needed.name).write_text(needed.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(pytester.path))
    outcomes = run_inside("-W", "error").parseoutcomes()
    assert outcomes.pop("passed", 0) > 0
    assert outcomes == {}


@pytest.mark.parametrize("example", SCRIPTS, ids=lambda path: str(path.name))
def test_a_script_runs(example: Path, tmp_path: Path) -> None:
    module = "tests.command.in_forks" if forked.IS_POSSIBLE else "lambda_states_mock"  # others show that `aws` starts
    command = forked.command(tmp_path, module, forked.WITH_THE_CLI)
    path = os.pathsep.join([str(command.parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", str(example)],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(FOLDER.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['"Pending"', "200", '"Active"', '{"hello":', '"you"}']
    assert "Pending -> Active" in done.stderr


def test_all_examples_are_listed() -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (*FOLDER.glob("test_*.py"), *SCRIPTS) if f"({path.name})" not in listed] == []
    assert len(TESTS) + len(IN_PROCESSES) + len(SCRIPTS) == 14
