"""What comes from processes, for the one thread that waits for them: nothing of it is handled on another thread."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident
from collections import deque
from contextlib import suppress
from dataclasses import field
from typing import Any

from lambda_states_mock.execution.runtimes.processes.runtime_api import ProcessReply, ProcessRequest
from lambda_states_mock.quick_dataclasses import dataclass


def _locked() -> Any:
    lock = allocate_lock()  # in C: no clock that a test freezes or replaces is asked
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class ProcessLetter:
    """A *request*, whose sender waits until it is answered; *reply* is None where nobody is going to answer."""

    request: ProcessRequest
    reply: ProcessReply | None = field(default=None, init=False)
    _done: Any = field(default_factory=_locked, init=False)

    def answer(self, reply: ProcessReply | None) -> None:
        """Let the sender go on."""
        if self._done.locked():
            self.reply = reply
            self._done.release()

    def wait(self) -> ProcessReply | None:
        """Wait for the reply, and return it."""
        self._done.acquire()
        self._done.release()
        return self.reply


@dataclass(slots=True, eq=False)
class AtWork:
    """That a *thread* is at work in an environment; *left* is locked until it is done."""

    thread: int
    left: Any


def at_work() -> AtWork:
    """Return that the running thread is at work."""
    return AtWork(get_ident(), _locked())


class Mailbox:
    """Letters in the order in which they have come. *descriptor* is readable while there is something to look at."""

    def __init__(self) -> None:
        self._letters: deque[ProcessLetter] = deque()
        self._lock = allocate_lock()
        self._is_closed = False
        self.descriptor, self._bell = os.pipe()
        for one in (self.descriptor, self._bell):
            os.set_blocking(one, False)

    def put(self, letter: ProcessLetter) -> None:
        """Add *letter*; it is given back unanswered where nobody reads any more."""
        with self._lock:
            if not self._is_closed:
                self._letters.append(letter)
                self._ring()
                return
        letter.answer(None)

    def take(self) -> list[ProcessLetter]:
        """Return all that has come."""
        with suppress(BlockingIOError):
            os.read(self.descriptor, 65_536)
        with self._lock:
            taken = list(self._letters)
            self._letters.clear()
        return taken

    def ring(self) -> None:
        """Wake whoever waits for letters."""
        with self._lock:
            if not self._is_closed:
                self._ring()

    def close(self) -> None:
        """Give all letters back."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            os.close(self.descriptor)
            os.close(self._bell)
        for letter in self._letters:
            letter.answer(None)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # it is full of rings
            os.write(self._bell, b".")
