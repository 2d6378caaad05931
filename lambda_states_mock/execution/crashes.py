"""Failures of a function that Python cannot make happen: a test's handler raises them.

Given as ``side_effect=`` they come up in Invoke, given as ``init=`` in Init. What ends the process is no `Exception`:
code that catches every error does not outlive it either. An extension that raises such a thing has crashed.
"""

from __future__ import annotations

from collections.abc import Sequence

from lambda_states_mock.execution import signals

RUNTIME_EXIT = "Runtime.ExitError"


class RuntimeFault(Exception):  # noqa: N818 - the runtime's own word
    """Something that the runtime itself finds wrong with a function or with its result.

    Parameters:
        error_type: e.g. ``Runtime.HandlerNotFound``, ``Runtime.UnhandledPromiseRejection``.
        message: the text.
        trace: the entries of the stack trace.
    """

    def __init__(self, error_type: str, message: str, *, trace: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = tuple(trace)


class ProcessExit(BaseException):
    """``os._exit`` was called inside a function. *status* is what it was called with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ProcessCrash(BaseException):
    """The process is gone, and the platform says why.

    Parameters:
        error_type: as the platform has it, e.g. ``Sandbox.Failure``, ``Runtime.InvalidWorkingDir``.
        message: how the platform puts it, without the request id.
        reason: what of it there is to say about an extension; the *message* by default.

    Attributes: *unnoticed*, whether the platform learns of it by the time-out; None where that depends on the runtime.
    """

    unnoticed: bool | None = False

    def __init__(self, error_type: str, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.reason = reason if reason is not None else message


class Signalled(ProcessCrash):
    """A signal has ended the process.

    Parameters: *number*, which one: a member of `signal.Signals`, or Linux's number.

    Attributes: *number*, Linux's.
    """

    def __init__(self, number: int) -> None:
        reason = f"signal: {signals.name_of(number)}"
        super().__init__(RUNTIME_EXIT, f"Runtime exited with error: {reason}", reason=reason)
        self.number = signals.on_linux(number)


class OutOfMemory(Signalled):
    """The function needs more memory than it has: the kernel kills its process.

    A ``MemoryError`` is something else: an exception of Python's, which the runtime reports as any other.
    """

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

    def __init__(self) -> None:
        text = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
        super().__init__("Runtime.InvalidEntrypoint", text)
