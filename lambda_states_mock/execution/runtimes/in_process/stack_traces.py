"""Stack traces as a function in Lambda would have them: its own frames only, with the paths of Lambda."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType

_EXECUTION = str(Path(__file__).parents[2])
_IMPORTS = str(Path(__file__).with_name("showing.py"))  # stands between an import and the module, beside other threads


_installed = cache(sysconfig.get_paths)


class LambdaPaths:
    """Turns folders of this machine into those of Lambda.

    Parameters: *folders*, pairs of a folder here and its place in Lambda, e.g. ``/var/task``; *runtime*, which names
    the version in the path of the standard library, None for that of the running interpreter.
    """

    def __init__(self, folders: Sequence[tuple[Path, str]], *, runtime: str | None = None) -> None:
        self._own = [(str(here), there) for here, there in folders]
        self._own_in_bytes = [(here.encode(), there.encode()) for here, there in self._own]
        library = f"/var/lang/lib/{runtime}" if runtime else f"/var/lang/lib/python{sysconfig.get_python_version()}"
        installed = _installed()
        self._all = [
            *self._own,
            (installed["purelib"], f"{library}/site-packages"),
            (installed["platlib"], f"{library}/site-packages"),
            (installed["stdlib"], library),
        ]

    def in_text(self, text: str) -> str:
        """Return *text* with the function's own folders named as in Lambda."""
        for here, there in self._own:
            text = text.replace(here, there)
        return text

    def in_bytes(self, content: bytes) -> bytes:
        """Return *content*, of text, with the function's own folders named as in Lambda."""
        for here, there in self._own_in_bytes:
            content = content.replace(here, there)
        return content

    def of_file(self, filename: str) -> str:
        """Return the name of a source file as Lambda shows it."""
        for here, there in self._all:
            if filename.startswith(here):
                return there + filename[len(here) :].replace("\\", "/")
        return filename

    def stack_trace(self, trace: TracebackType | None) -> list[str]:
        """Return the entries of ``stackTrace``, outermost first, without the frames that lead to the function."""
        while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_EXECUTION):
            trace = trace.tb_next
        frames = [frame for frame in traceback.extract_tb(trace) if frame.filename != _IMPORTS]
        # As tuples: the runtime does it so, and the marks below the line that newer Pythons draw are not in it.
        return traceback.format_list([(self.of_file(f.filename), f.lineno or 0, f.name, f.line) for f in frames])
