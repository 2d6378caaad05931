"""The folders of execution environments, and what becomes of them when the test's process forks.

The child of a fork has a copy of the world. What its parent has made is its parent's to delete; what it makes itself
lies in a folder that its parent deletes in the end, since a forked worker may end without a word (`os._exit`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

PREFIX = "lambda-states-mock-"


class Folder:
    """One folder, deleted by the process that has made it."""

    def __init__(self, place: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place)).resolve()
        self._process = os.getpid()
        self._is_closed = False

    def close(self) -> None:
        """Delete it and all that is in it; not in a child of the process that has made it."""
        if os.getpid() == self._process and not self._is_closed:
            self._is_closed = True
            shutil.rmtree(self.path, ignore_errors=True)


class Folders:
    """Those of one world."""

    def __init__(self) -> None:
        # Not asked for later: inside of a handler it is that function's own.
        self._place = tempfile.gettempdir()
        self._for_children: Folder | None = None
        self._made: list[Folder] = []
        _open.add(self)

    def make(self) -> Folder:
        """Make a new one."""
        folder = Folder(str(self._for_children.path) if self._for_children is not None else self._place)
        self._made.append(folder)
        return folder

    def before_fork(self) -> None:
        """Make the folder in which a child makes its own."""
        if self._for_children is None:
            self._for_children = Folder(self._place)

    def close(self) -> None:
        """Delete all that are left: those of children, and those that an interrupt has kept from being used."""
        for folder in self._made:
            folder.close()
        self._made.clear()
        _open.discard(self)
        if self._for_children is not None:
            self._for_children.close()
            self._for_children = None


_open: weakref.WeakSet[Folders] = weakref.WeakSet()


def _before_fork() -> None:
    for folders in list(_open):
        folders.before_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(before=_before_fork)
