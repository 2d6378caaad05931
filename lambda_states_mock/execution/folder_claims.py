"""Whose a temporary folder is: the lock on a file in it ends with the process that has made the folder.

So what a killed process has left can be told from what another one uses, also where that one runs in a container with
numbers of its own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from lambda_states_mock.execution.folders import delete

_LOCK = "lock"


def claim(folder: Path) -> IO[bytes] | None:
    """Lock *folder* until what is returned is closed, or this process ends.

    None where the system has no such locks: nobody deletes it then.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    early = folder / f"{_LOCK}.new"
    lock = early.open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # some network file systems
        lock.close()
        return None
    early.rename(folder / _LOCK)  # only now is it to be seen
    return lock


def delete_left(place: Path, prefix: str) -> None:
    """Delete the folders in *place* whose names begin with *prefix*, and whose process is no more."""
    for folder in place.glob(f"{prefix}*"):
        _delete_if_left(folder)


def _delete_if_left(folder: Path) -> None:
    with suppress(ImportError, OSError):  # it is somebody else's, or was deleted meanwhile
        import fcntl

        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            delete(folder)
