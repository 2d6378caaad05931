"""The test's side of the warden: it is told of each group of processes, and of each folder."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_WARDEN = Path(__file__).with_name("warden.py")


class Wardship:
    """One warden of one mock, which starts with the first process."""

    def __init__(self) -> None:
        self._warden: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def tell(self, line: str) -> None:
        """Tell the warden *line*. A fork of the test has no warden of its own."""
        if os.getpid() != self._owner:
            return
        if self._warden is None:
            self._warden = subprocess.Popen(  # noqa: S603 - a file of ours
                [sys.executable, "-I", "-S", str(_WARDEN)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        assert self._warden.stdin is not None
        with suppress(BrokenPipeError):
            os.write(self._warden.stdin.fileno(), f"{line}\n".encode())

    def close(self) -> None:
        """End the warden: nothing is left."""
        warden, self._warden = self._warden, None
        if warden is None or os.getpid() != self._owner:
            return
        assert warden.stdin is not None
        warden.stdin.close()
        warden.wait()
