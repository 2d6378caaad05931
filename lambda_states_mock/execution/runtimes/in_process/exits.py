"""What ends a process ends a function, where one of its own threads calls it; the test run goes on.

A process that a function forks is a real one. It ends really, at the latest where the function would have answered.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from lambda_states_mock.execution import signals
from lambda_states_mock.execution.crashes import ProcessExit, Signalled
from lambda_states_mock.execution.endings import exit_status
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, is_child, substitutes

# On Windows, `os.kill` ends a process, whether it handles the signal or not, and sends Ctrl-C for 0.
_CAN_KILL_ITSELF = hasattr(os, "killpg")


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
        _let_come(number, partial(real, pid) if _CAN_KILL_ITSELF else signal.raise_signal)
    else:
        real(pid, number)


def _killpg(_owner: Owner, real: Callable[..., None], group: int, number: int, /) -> None:
    if _is_this_process(-group):
        _let_come(number, partial(real, group))
    else:
        real(group, number)


def _raise_signal(_owner: Owner, real: Callable[..., None], number: int, /) -> None:
    _let_come(number, real)


def _pthread_kill(_owner: Owner, real: Callable[..., None], thread: int, number: int, /) -> None:
    _let_come(number, partial(real, thread))


def _is_this_process(pid: int) -> bool:
    """Return True where a signal to *pid* reaches the running process; 0 and negative ones are groups."""
    return pid in (os.getpid(), 0, -1) or (hasattr(os, "getpgrp") and pid == -os.getpgrp())


def _let_come(number: int, send: Callable[[int], object]) -> None:
    """Let the signal *number* come to the running process by *send*; end the function where it would end that."""
    if is_child():
        send(number)
        return
    own = signals.here(number)
    if signals.is_fatal(number) and (own is None or signal.getsignal(own) in (signal.SIG_DFL, None)):
        raise Signalled(number)
    if own is not None and (own or _CAN_KILL_ITSELF):  # 0 only asks whether the process is there
        send(own)


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
