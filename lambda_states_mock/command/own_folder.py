"""One folder for all temporary ones of a process, which the next one deletes where this one was killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lambda_states_mock.execution.folder_claims import claim, delete_left
from lambda_states_mock.execution.folders import PREFIX

PREFIX_OF_SERVERS = f"{PREFIX}server-"


@contextmanager
def own_folder() -> Iterator[Path]:
    """Let temporary folders lie in one that this yields, until the ``with`` block ends, which deletes it.

    First those are deleted that killed processes have left.
    """
    before = tempfile.tempdir
    place = Path(tempfile.gettempdir())
    delete_left(place, PREFIX_OF_SERVERS)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX_OF_SERVERS, dir=place))
    lock = claim(folder)
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.close()
