"""pyright in strict mode, as users have it: with the stubs of boto3 and aiobotocore, and no settings.

mypy checks the same samples, ``clients.py`` too, when it checks all of the project.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lambda_states_mock

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the user's, with the samples in it."""
    for name in ("uses.py", "mistakes.py"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> tuple[str, int]:
    """Run a module of Python in *folder*; return what it prints and its status."""
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.stdout, done.returncode


def test_users_of_pyright_need_no_ignore_and_their_mistakes_are_found(folder: Path) -> None:
    pytest.importorskip("pyright")
    pytest.importorskip("types_aiobotocore_lambda")
    settings = {
        "typeCheckingMode": "strict",
        "include": ["uses.py", "mistakes.py"],
        "extraPaths": [str(ROOT)],
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    said = run(folder, "pyright", "--pythonpath", sys.executable)
    assert said == ("0 errors, 0 warnings, 0 informations\n", 0)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(lambda_states_mock.__file__).parent / "py.typed").exists()
