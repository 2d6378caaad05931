"""The wire costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_wire_does_not_import_botocore() -> None:
    code = "import sys, lambda_states_mock.wire; print([name for name in sys.modules if name.startswith('botocore')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
