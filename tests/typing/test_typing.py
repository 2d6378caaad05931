"""mypy in strict mode, as a user has it: with boto3-stubs, and without any settings of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lambda_states_mock

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


def test_users_need_no_ignore_and_their_mistakes_are_found(tmp_path: Path) -> None:
    for name in ("uses.py", "mistakes.py"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--follow-imports=silent",
            "uses.py",
            "mistakes.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("Success: no issues found in 2 source files\n", 0), done.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(lambda_states_mock.__file__).parent / "py.typed").exists()
