"""What ends a process ends a function, where one of its own threads calls it; the test run goes on.

A process that a function forks is a real one. It ends really, at the latest where the function would have answered.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from lambda_states_mock.execution.crashes import ProcessExit, Signalled, is_fatal
from lambda_states_mock.execution.endings import exit_status
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, is_child, substitutes


def _exit(_owner: Owner, real: Callable[..., NoReturn], status: int) -> NoReturn:
    if is_child():
        real(status)
    raise ProcessExit(status)


def _abort(_owner: Owner, real: Callable[[], NoReturn]) -> NoReturn:
    if is_child():
        real()
    raise Signalled(signal.SIGABRT)


def _kill(_owner: Owner, real: Callable[..., None], pid: int, number: int, /) -> None:
    if _is_this_process(pid):
        _end_by(number)
    real(pid, number)


def _killpg(_owner: Owner, real: Callable[..., None], group: int, number: int, /) -> None:
    if _is_this_process(-group):
        _end_by(number)
    real(group, number)


def _raise_signal(_owner: Owner, real: Callable[..., None], number: int, /) -> None:
    _end_by(number)
    real(number)


def _pthread_kill(_owner: Owner, real: Callable[..., None], thread: int, number: int, /) -> None:
    _end_by(number)
    real(thread, number)


def _is_this_process(pid: int) -> bool:
    """Return True where a signal to *pid* reaches the running process; 0 and negative ones are groups."""
    return pid in (os.getpid(), 0, -1) or (hasattr(os, "getpgrp") and pid == -os.getpgrp())


def _end_by(number: int) -> None:
    """End the function where the signal *number* would end its process."""
    if not is_child() and is_fatal(number) and signal.getsignal(number) in (signal.SIG_DFL, None):
        raise Signalled(number)


def end_child(error: BaseException | None = None) -> None:
    """End the running process, if the function has forked it, with *error*, or well: else it would be a second test
    run."""
    if not is_child():
        return
    if isinstance(error, Exception):
        traceback.print_exception(error, file=sys.__stderr__)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(0 if error is None else exit_status(error))


SUBSTITUTES = (
    *substitutes(os, {"_exit": _exit, "abort": _abort, "kill": _kill, "killpg": _killpg}, insists=True),
    *substitutes(signal, {"raise_signal": _raise_signal, "pthread_kill": _pthread_kill}, insists=True),
)
