"""One folder for all temporary ones of a process, which the next one deletes where this one was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lambda_states_mock.execution.folders import PREFIX

PREFIX_OF_SERVERS = f"{PREFIX}server-"
_LOCK = "lock"


@contextmanager
def own_folder() -> Iterator[Path]:
    """Let temporary folders lie in one that this yields, until the ``with`` block ends, which deletes it.

    First those are deleted that killed processes have left: the lock on a file in each ended with its process.
    """
    before = tempfile.tempdir
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{PREFIX_OF_SERVERS}*"):
        _delete_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX_OF_SERVERS, dir=place))
    lock = _locked(folder)
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.close()


def _locked(folder: Path) -> IO[bytes] | None:
    """Lock *folder* as long as this process lives. None where the system has no such locks: nobody deletes it then."""
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


def _delete_if_left(folder: Path) -> None:
    with suppress(ImportError, OSError):  # it is somebody else's, or was deleted meanwhile
        import fcntl

        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
