"""Byte code for the processes that tests start: told to write none, each would compile the package anew."""

from __future__ import annotations

import os
import sys
import tempfile

import pytest

FOLDER = "LAMBDA_MOCK_TESTS_BYTE_CODE"
"""The variable that names the folder to the workers of one run."""


def keep_for_children(config: pytest.Config) -> None:
    """Let the processes of this run write byte code into a folder of the run, which goes with it, and read it there.

    This process itself goes on as Python was told: what it has imported is compiled already.
    """
    if not sys.dont_write_bytecode:
        return
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    if FOLDER not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="byte-code-", ignore_cleanup_errors=True)
        config.add_cleanup(folder.cleanup)
        patch.setenv(FOLDER, folder.name)
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", default=None):
        # Those that run tests, not the one that starts workers: these would compile all libraries anew.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", os.environ[FOLDER])
