"""What an import pulls in: to have the plugin installed costs a test run nothing until it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "aiobotocore",
    "aiohttp",
    "boto3",
    "botocore",
    "freezegun",
    "moto",
    "requests",
    "responses",
    "rich",
    "time_machine",
}


def fresh_interpreter(*arguments: str, cwd: Path = ROOT) -> str:
    """Run Python with *arguments* and nothing but its own plugins; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def loaded_by(module: str) -> set[str]:
    """Return the top-level names of all that is loaded once *module* has been imported."""
    code = f"import json, sys, {module}; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    return set(json.loads(fresh_interpreter("-c", code)))


@pytest.mark.parametrize("module", ["lambda_states_mock", "lambda_states_mock.pytest_plugin"])
def test_an_import_pulls_in_no_heavy_library(module: str) -> None:
    assert loaded_by(module) & HEAVY == set()


def test_importing_the_package_does_not_pull_in_pytest() -> None:
    assert "pytest" not in loaded_by("lambda_states_mock")


def test_a_test_run_that_does_not_use_the_mock_loads_no_heavy_library(tmp_path: Path) -> None:
    (tmp_path / "test_of_somebody_else.py").write_text(
        "import sys\n\n"
        "def test_light():\n"
        f"    assert not {HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}}\n",
        encoding="utf-8",
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    told = fresh_interpreter(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "lambda_states_mock.pytest_plugin", cwd=tmp_path
    )
    assert "1 passed" in told
