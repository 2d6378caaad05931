"""Says on stderr what a long run does, from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TextIO

CHOICES = ("auto", "on", "off")
"""When it is said: ``auto``, on a terminal."""


class Saying:
    """Writes lines to *file* from time to time; a context manager, entered before a mock begins.

    Parameters: *look*, which returns what there is to say; *first* and *every*, the seconds of real time until it looks
    first, and between looks.
    """

    def __init__(self, file: TextIO, look: Callable[[], Iterable[str]], *, first: float, every: float) -> None:
        self._file, self._look = file, look
        self._first, self._every = first, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="lambda-states-mock-progress")

    def __enter__(self) -> Saying:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=1)

    def say(self) -> None:
        """Write what there is to say now."""
        lines = list(self._look())
        if lines:
            print("\n".join(lines), file=self._file, flush=True)

    def _run(self) -> None:
        wait = self._first
        while not self._ended.wait(wait):
            wait = self._every
            self.say()


def is_wanted(choice: str, file: TextIO) -> bool:
    """Tell whether *choice* has it said on *file*."""
    return choice == "on" or (choice == "auto" and file.isatty())
