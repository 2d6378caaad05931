"""Ends of a function's process that Python cannot make happen: a test's handler raises them.

They are no `Exception`: code that catches every error does not outlive its process either. Given as ``side_effect=``
the process ends in Invoke, given as ``init=`` in Init; an extension that raises one has crashed.
"""

from __future__ import annotations

import signal

RUNTIME_EXIT = "Runtime.ExitError"
_EXITED = "Runtime exited with error: "
# As Go, in which the platform is written, calls them.
_SIGNALS = {
    "SIGABRT": "aborted",
    "SIGALRM": "alarm clock",
    "SIGBUS": "bus error",
    "SIGFPE": "floating point exception",
    "SIGHUP": "hangup",
    "SIGILL": "illegal instruction",
    "SIGINT": "interrupt",
    "SIGKILL": "killed",
    "SIGPIPE": "broken pipe",
    "SIGQUIT": "quit",
    "SIGSEGV": "segmentation fault",
    "SIGTERM": "terminated",
    "SIGTRAP": "trace/breakpoint trap",
    "SIGUSR1": "user defined signal 1",
    "SIGUSR2": "user defined signal 2",
}


class ProcessCrash(BaseException):
    """The process is gone.

    Attributes:
        error_type: as the platform has it.
        message: how the platform puts it, without the request id.
        reason: what of it there is to say about an extension.
        out_of_memory: whether the function had used up its memory, as REPORT shows.
        unnoticed: whether the platform learns of it by the time-out; None where that depends on the runtime.
    """

    error_type = RUNTIME_EXIT
    out_of_memory = False
    unnoticed: bool | None = False

    def __init__(self, reason: str, message: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = message if message is not None else _EXITED + reason


class Signalled(ProcessCrash):
    """A signal has ended the process. Parameters: *number*, which one."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal: {signal_name(number)}")
        self.number = number


class OutOfMemory(Signalled):
    """The function needs more memory than it has: the kernel kills its process.

    A ``MemoryError`` is something else: an exception of Python's, which the runtime reports as any other.
    """

    out_of_memory = True

    def __init__(self) -> None:
        super().__init__(9)


class SegmentationFault(Signalled):
    """The process has touched memory that is not its own: an extension module, or ``ctypes``.

    AWS was recorded not to notice it in a managed Python runtime: the invocation ends as a time-out, after all of its
    time. From other runtimes, and in older logs of Python, the signal is reported.

    Parameters: *noticed*, True or False where the runtime shall not decide.
    """

    def __init__(self, *, noticed: bool | None = None) -> None:
        super().__init__(11)
        self.unnoticed = None if noticed is None else not noticed


class MissingBootstrap(ProcessCrash):
    """There is no executable to start: neither in the zip file of an OS-only runtime, nor in its layers."""

    error_type = "Runtime.InvalidEntrypoint"

    def __init__(self) -> None:
        text = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
        super().__init__(text, text)


def is_fatal(number: int) -> bool:
    """Return True for a signal that ends a process which does not handle it."""
    try:
        return signal.Signals(number).name in _SIGNALS
    except ValueError:
        return False


def signal_name(number: int) -> str:
    """Return how the platform calls the signal *number*."""
    try:
        return _SIGNALS.get(signal.Signals(number).name, f"signal {number}")
    except ValueError:
        return f"signal {number}"
