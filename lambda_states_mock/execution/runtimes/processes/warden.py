"""A program that outlives the test's process, to end what that process could not: it was killed.

Run as a file of its own: its standard input is a pipe of the test's process, and ends with it. Lines say what there is:
``+pid`` and ``-pid`` groups of processes, ``/folder`` and ``~folder`` folders. It imports the standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys


def main() -> None:
    """Note what there is, and end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is the test's; this ends with its pipe
    groups: set[int] = set()
    folders: set[str] = set()
    for line in sys.stdin:
        kind, rest = line[0], line[1:].rstrip("\n")
        if kind == "+":
            groups.add(int(rest))
        elif kind == "-":
            groups.discard(int(rest))
        elif kind == "/":
            folders.add(f"/{rest}")
        elif kind == "~":
            folders.discard(rest)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
