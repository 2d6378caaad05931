"""Signals as Lambda has them: Linux's numbers, and Go's words for them, whatever system this is.

macOS has other numbers for some signals (SIGUSR1 is 30 there, 10 on Linux), and Windows does not have most of them. A
signal that a program names is known by its name; a bare number is Linux's, since the code is written for Linux.
"""

from __future__ import annotations

import signal
from typing import NamedTuple


class _Signal(NamedTuple):
    name: str
    text: str
    is_fatal: bool = True


# signal(7) of Linux on x86-64 and Arm; the texts are those of `syscall` in Go, in which the platform is written.
_LINUX = {
    1: _Signal("SIGHUP", "hangup"),
    2: _Signal("SIGINT", "interrupt"),
    3: _Signal("SIGQUIT", "quit"),
    4: _Signal("SIGILL", "illegal instruction"),
    5: _Signal("SIGTRAP", "trace/breakpoint trap"),
    6: _Signal("SIGABRT", "aborted"),
    7: _Signal("SIGBUS", "bus error"),
    8: _Signal("SIGFPE", "floating point exception"),
    9: _Signal("SIGKILL", "killed"),
    10: _Signal("SIGUSR1", "user defined signal 1"),
    11: _Signal("SIGSEGV", "segmentation fault"),
    12: _Signal("SIGUSR2", "user defined signal 2"),
    13: _Signal("SIGPIPE", "broken pipe"),
    14: _Signal("SIGALRM", "alarm clock"),
    15: _Signal("SIGTERM", "terminated"),
    16: _Signal("SIGSTKFLT", "stack fault"),
    17: _Signal("SIGCHLD", "child exited", is_fatal=False),
    18: _Signal("SIGCONT", "continued", is_fatal=False),
    19: _Signal("SIGSTOP", "stopped (signal)", is_fatal=False),
    20: _Signal("SIGTSTP", "stopped", is_fatal=False),
    21: _Signal("SIGTTIN", "stopped (tty input)", is_fatal=False),
    22: _Signal("SIGTTOU", "stopped (tty output)", is_fatal=False),
    23: _Signal("SIGURG", "urgent I/O condition", is_fatal=False),
    24: _Signal("SIGXCPU", "CPU time limit exceeded"),
    25: _Signal("SIGXFSZ", "file size limit exceeded"),
    26: _Signal("SIGVTALRM", "virtual timer expired"),
    27: _Signal("SIGPROF", "profiling timer expired"),
    28: _Signal("SIGWINCH", "window changed", is_fatal=False),
    29: _Signal("SIGIO", "I/O possible"),
    30: _Signal("SIGPWR", "power failure"),
    31: _Signal("SIGSYS", "bad system call"),
}
_NUMBERS = {one.name: number for number, one in _LINUX.items()} | {"SIGIOT": 6, "SIGCLD": 17, "SIGPOLL": 29}

_REAL_TIME = range(34, 65)


def on_linux(number: int) -> int:
    """Return Linux's number of the signal *number*: a member of `signal.Signals`, or Linux's number already."""
    return _NUMBERS.get(number.name, int(number)) if isinstance(number, signal.Signals) else number


def here(number: int) -> int | None:
    """Return the number that the signal *number* has on this system; None where there is no such signal."""
    if isinstance(number, signal.Signals):
        return number
    known = _LINUX.get(number)
    found: int | None = number if known is None else getattr(signal, known.name, None)
    return found


def is_fatal(number: int) -> bool:
    """Return True for a signal that ends a process which does not handle it."""
    known = _LINUX.get(on_linux(number))
    return number in _REAL_TIME if known is None else known.is_fatal


def name_of(number: int) -> str:
    """Return how the platform calls the signal *number*."""
    known = _LINUX.get(on_linux(number))
    return f"signal {on_linux(number)}" if known is None else known.text
