"""The folder that stands for /tmp, and how much there is in it: nothing can see that at the moment of writing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lambda_states_mock.genuine import genuine

# Not what code in a zip finds in their places.
_scandir, _stat, _utime = genuine(os, "scandir"), genuine(os, "stat"), genuine(os, "utime")
_SECOND = 10**9  # ns


class EphemeralStorage:
    """That of one environment.

    Parameters: *make*, which makes the folder if it is not there, and returns it.

    Attributes: *folder*, None before it is made.

    The time of the folder is set back: it has another one once something has been made there, however coarse the clock
    of its file system is. Most functions write nothing, and to ask for one time takes a third of what it takes to look
    inside.
    """

    __slots__ = ("_make", "_time_when_empty", "folder")

    def __init__(self, make: Callable[[], Path]) -> None:
        self._make = make
        self.folder: str | None = None
        self._time_when_empty: int | None = None

    def made(self) -> str:
        """Return the folder, to which code may write from now on."""
        if self.folder is None:
            folder = str(self._make())
            made = _stat(folder)
            _utime(folder, ns=(made.st_atime_ns, made.st_mtime_ns - _SECOND))
            time = _stat(folder).st_mtime_ns
            with _scandir(folder) as entries:  # another thread may have asked, and have written already
                self._time_when_empty = None if any(entries) else time
            self.folder = folder
        return self.folder

    def exceeds(self, size: int) -> bool:
        """Return whether there are more than *size* bytes in its files, without those that links lead to."""
        folder = self.folder
        return folder is not None and _stat(folder).st_mtime_ns != self._time_when_empty and _size(folder) > size


def _size(folder: str) -> int:
    total = 0
    with _scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                total += _size(entry.path)
            elif entry.is_file(follow_symlinks=False):
                total += entry.stat(follow_symlinks=False).st_size
    return total
