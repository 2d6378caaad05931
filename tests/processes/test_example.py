"""The example of functions in processes does what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = [pytest.mark.processes, pytest.mark.needs_program("node"), pytest.mark.needs_program("bash")]


def test_the_example_passes(tmp_path: Path) -> None:
    example = tmp_path / "test_example.py"
    example.write_text((ROOT / "examples" / "test_14_processes.py").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout
