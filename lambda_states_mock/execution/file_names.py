"""Which names of Linux's files this machine can have: Windows reserves some, and it and macOS pay no heed to case."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from lambda_states_mock.patterns import compile_later
from lambda_states_mock.quick_dataclasses import dataclass

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = compile_later(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE | re.DOTALL
)
_FORBIDDEN = compile_later(r'[<>:"|?*\x00-\x1f]|[. ]$')


@dataclass(frozen=True, slots=True)
class FileNames:
    """The rules of one file system.

    Parameters: *of_windows*, whether Windows' rules hold; *ignores_case*, whether ``Orders.py`` is ``orders.py``.
    """

    of_windows: bool = False
    ignores_case: bool = False

    def left_out(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, str]:
        """Return those of *paths* that cannot be had beside the others before them, and why."""
        found: dict[PurePosixPath, str] = {}
        if self == _OF_LINUX:
            return found
        spelled: dict[tuple[str, ...], tuple[str, ...]] = {}
        for path in dict.fromkeys(paths):
            if reason := self._forbids(path) or self._is_another(path, spelled):
                found[path] = reason
        return found

    def _forbids(self, path: PurePosixPath) -> str:
        if not self.of_windows:
            return ""
        for part in path.parts:
            if _DEVICE.fullmatch(part):
                return f'Windows has a device "{part.partition(".")[0].rstrip()}"'
            if _FORBIDDEN.search(part):
                return f"Windows forbids the name {part!r}"
        return ""

    def _is_another(self, path: PurePosixPath, spelled: dict[tuple[str, ...], tuple[str, ...]]) -> str:
        """Return of which path that is *spelled* in another way this would be, too; note its own spelling otherwise."""
        if not self.ignores_case:
            return ""
        prefixes = [path.parts[:depth] for depth in range(1, len(path.parts) + 1)]
        keys = [tuple([unicodedata.normalize("NFC", part.casefold()) for part in prefix]) for prefix in prefixes]
        for key, prefix in zip(keys, prefixes, strict=True):
            if spelled.get(key, prefix) != prefix:
                return f"here it is the same as {'/'.join(spelled[key])}"
        spelled.update(zip(keys, prefixes, strict=True))
        return ""


_OF_LINUX = FileNames()


def of_files_in(folder: Path) -> FileNames:
    """Return the rules of the file system in which *folder* is, which has a name with small letters."""
    return FileNames(of_windows=os.name == "nt", ignores_case=folder.with_name(folder.name.upper()).exists())
