"""The folders of execution environments, and what becomes of them when the test's process forks.

The child of a fork has a copy of the world. What its parent has made is its parent's to delete; what it makes itself
lies in a folder that its parent deletes in the end, since a forked worker may end without a word (`os._exit`).
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from lambda_states_mock.genuine import genuine

PREFIX = "lambda-states-mock-"
_urandom: Callable[[int], bytes] = genuine(os, "urandom")  # not what a function repeats
_mkdir: Callable[[Path, int], None] = genuine(os, "mkdir")  # not what a handler has in its place when it asks


class Folder:
    """One folder, made when somebody wants it, and deleted by the process that has planned it.

    Parameters: *planned*, where it is then; *closed*, who is told that it is no more.
    """

    def __init__(self, planned: Path, closed: Callable[[Folder], object] = lambda _folder: None) -> None:
        self.planned = planned
        self._closed = closed
        self._process = os.getpid()
        self._is_closed = False

    def make(self) -> Path:
        """Return where it is. It is there now, until it is closed; a child finds it where its parent has made it."""
        if os.getpid() == self._process and not self._is_closed:
            with suppress(FileExistsError):
                _mkdir(self.planned, 0o700)
        return self.planned

    def close(self) -> None:
        """Delete it and all that is in it; not in a child of the process that has planned it.

        Windows keeps what somebody has open. It is tried again when another mock ends, and when the process does.
        """
        if os.getpid() == self._process and not self._is_closed:
            self._is_closed = True
            self._closed(self)
            if not delete(self.planned):
                _left.append(self)

    def close_again(self) -> None:
        """Delete what `close` could not."""
        self._is_closed = False
        self.close()


class Folders:
    """Those of one world."""

    def __init__(self) -> None:
        # Not asked for later: inside of a handler it is that function's own.
        self._place = tempfile.gettempdir()
        self._token = ""  # not before it is needed: most mocks run nothing
        self._numbers = count(1)
        self._for_children: Folder | None = None
        self._planned: dict[Folder, None] = {}  # and not deleted yet
        _open.add(self)

    def plan(self) -> Folder:
        """Return a new one, which nobody has made yet."""
        folder = Folder(self._new_path(), lambda closed: self._planned.pop(closed, None))
        self._planned[folder] = None
        return folder

    def before_fork(self) -> None:
        """Make the folder in which a child makes its own, and those that it may ask for: it deletes none of these."""
        if self._for_children is None:
            self._for_children = Folder(self._new_path())
        for folder in (self._for_children, *self._planned):
            with suppress(FileNotFoundError):  # a world that nobody has ended, and whose place is gone
                folder.make()

    def _new_path(self) -> Path:
        if not self._token:
            self._token, self._place = _urandom(8).hex(), str(Path(self._place).resolve())
        place = self._for_children.planned if self._for_children is not None else self._place
        # A child counts on from there. No name begins with another one: names in texts are replaced.
        return Path(place, f"{PREFIX}{os.getpid()}-{next(self._numbers)}-{self._token}")

    def close(self) -> None:
        """Delete all that are left: those of children, and those that an interrupt has kept from being used."""
        close_what_is_left()
        for folder in tuple(self._planned):
            folder.close()
        self._planned.clear()
        _open.discard(self)
        if self._for_children is not None:
            self._for_children.close()
            self._for_children = None

    def hold(self, file: str) -> bool:
        """Return True for a *file* in one of them."""
        return any(file.startswith(f"{folder.planned}{os.sep}") for folder in list(self._planned))


def hold(file: str) -> bool:
    """Return True for a *file* in a folder of an environment: code of a function, or what it has brought along."""
    return any(folders.hold(file) for folders in list(_open))


_left: list[Folder] = []


@atexit.register
def close_what_is_left() -> None:
    """Delete the folders that could not be deleted when their mocks ended."""
    left = _left[:]
    _left.clear()
    for folder in left:
        folder.close_again()


def delete(folder: Path) -> bool:
    """Delete *folder* with all that is in it, and return True once it is gone."""

    def allow(_function: object, path: str, _error: Any) -> None:
        # Windows deletes nothing that is read-only, POSIX nothing in a folder that is.
        for place in {Path(path), Path(path).parent} - {folder.parent}:
            with suppress(OSError):
                if not place.is_symlink():
                    place.chmod(stat.S_IRWXU)

    try:
        folder.rmdir()  # most are empty, or were never made: it takes a tenth of what it takes to look for more
    except FileNotFoundError:
        return True
    except OSError:
        pass
    else:
        return True
    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=allow)
    else:
        shutil.rmtree(folder, onerror=allow)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


_open: weakref.WeakSet[Folders] = weakref.WeakSet()


def _before_fork() -> None:
    for folders in list(_open):
        folders.before_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(before=_before_fork)
