"""Which commands this Python runs itself: the interpreter by its names, and the scripts that are installed for it.

What pip, uv and setuptools write for a console script differs by system. Where the path of the interpreter is too long
for a first line, or has a space in it, the script is one of ``sh`` as well. On Windows it is an ``.exe`` with a zip in
it, or a launcher with the script beside it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath

_START = 4096  # bytes of a script in which its interpreter is named; Linux's longest path
_PLAIN = re.compile(r'#!\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>.+?))(?:\s+-.*)?\s*')
_ENV = re.compile(r"#!\s*\S*/env\s+(?:-S\s+)?(?P<name>\S+)(?:\s+-.*)?\s*")
# ``'''exec' "/long path/python" "$0" "$@"``: a text for Python, a command for the shell.
_BY_SHELL = re.compile(r"""'''exec' (?P<place>"\$\(.*?\)"/)?["']?(?P<path>[^"']+?)["']?(?: -\S+)* "\$0" "\$@"\s*""")


@dataclass(frozen=True, slots=True)
class PythonCommands:
    """Those of one Python.

    Parameters: *executable*, its path; *folders*, where it and its scripts are, to be searched in this order; *minor*,
    the 12 of Python 3.12. Whether its paths are those of Windows tells whether its commands are.
    """

    executable: PurePath
    folders: tuple[PurePath, ...]
    minor: int

    @classmethod
    def of_this_process(cls) -> PythonCommands:
        """Return those of the interpreter that runs."""
        executable = Path(sys.executable)
        folders = dict.fromkeys((executable.parent, Path(sysconfig.get_path("scripts"))))
        return cls(executable, tuple(folders), sys.version_info.minor)

    @property
    def search_path(self) -> str:
        """The folders as ``PATH`` has them."""
        return os.pathsep.join(map(str, self.folders))

    def is_python(self, name: str) -> bool:
        """Tell whether *name* is the interpreter: ``python``, ``python3``, ``python3.12``, or the path of this one."""
        path = type(self.executable)(name)
        if path.name != name:  # with a folder
            # Not resolved: the interpreter of a virtual environment is a link to that of another one.
            return self._is_interpreter(path if path.is_absolute() else Path(os.path.abspath(name)))  # noqa: PTH100
        return self._is_a_name_of_it(name)

    def find(self, name: str) -> str | None:
        """Return the path of the command *name*: beside this Python first, then in PATH."""
        return shutil.which(name, path=self.search_path) or shutil.which(name)

    def script_of(self, path: str) -> str | None:
        """Return what this Python is to run for the command at *path*; None where it is another program's."""
        for candidate in (Path(path), *self._beside_a_launcher(Path(path))):
            if self._is_script(candidate):
                return str(candidate)
        return None

    def _beside_a_launcher(self, path: Path) -> Sequence[Path]:
        """Return where the script is that a launcher of Windows starts: of setuptools, and of ``aws.cmd``."""
        if path.suffix.lower() not in {".exe", ".cmd", ".bat"}:
            return ()
        return path.with_name(f"{path.stem}-script.py"), path.with_suffix("")

    def _is_script(self, path: Path) -> bool:
        if path.suffix.lower() == ".exe":
            return self._has_main(path)
        try:
            with path.open("rb") as script:
                lines = os.fsdecode(script.read(_START)).splitlines()[:2]
        except OSError:  # it can be run and not be read
            return False
        named = self._interpreter(lines, path)
        return named is not None and self.is_python(named)

    def _has_main(self, path: Path) -> bool:
        """Tell whether *path* is an ``.exe`` in a folder of this Python's scripts, with the script zipped into it."""
        if path.parent not in self.folders:
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                return "__main__.py" in archive.namelist()
        except (OSError, zipfile.BadZipFile):
            return False

    @staticmethod
    def _interpreter(lines: Sequence[str], path: Path) -> str | None:
        """Return the interpreter that the first *lines* of the script at *path* name."""
        first, second = (*lines, "", "")[:2]
        if shell := _BY_SHELL.fullmatch(second) if first.startswith("#!") else None:
            return str(path.parent / shell["path"]) if shell["place"] else shell["path"]
        if env := _ENV.fullmatch(first):
            return env["name"]
        plain = _PLAIN.fullmatch(first)
        return None if plain is None else plain["quoted"] or plain["bare"]

    def _is_interpreter(self, path: PurePath) -> bool:
        return path == self.executable or (path.parent in self.folders and self._is_a_name_of_it(path.name))

    def _is_a_name_of_it(self, name: str) -> bool:
        if isinstance(self.executable, PureWindowsPath):
            name = name.lower().removesuffix(".exe")
        return name in {"python", "python3", f"python3.{self.minor}"}


def has_folder(name: str) -> bool:
    """Tell whether the command *name* is a path, which nobody looks for in ``PATH``."""
    return PurePath(name).name != name
