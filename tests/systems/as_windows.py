"""Lets this process look like one on Windows, as far as Python code can tell: `hide` what only POSIX has.

``sys.platform`` stays: the standard library, which is loaded by then, goes on as it is.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Any

# https://docs.python.org/3/library/os.html, and those of the others: "Availability: Unix".
MODULES = (
    *("_posixsubprocess", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"),
    *("_curses", "curses", "crypt", "nis", "spwd", "ossaudiodev"),
)
NAMES: dict[Any, tuple[str, ...]] = {
    os: (
        *("fork", "forkpty", "register_at_fork", "environb", "getenvb", "getuid", "geteuid", "getgid", "getegid"),
        *("getgroups", "getpgid", "getpgrp", "getsid", "setsid", "setuid", "setgid", "setpgid", "killpg", "nice"),
        *("posix_spawn", "posix_spawnp", "wait", "wait3", "wait4", "waitid", "WIFEXITED", "WIFSIGNALED"),
        *("chown", "lchown", "fchown", "fchmod", "mkfifo", "mknod", "uname", "getloadavg", "statvfs", "sysconf"),
        *("sched_getaffinity", "sched_setaffinity", "sched_yield", "confstr", "pipe2", "O_CLOEXEC", "O_NONBLOCK"),
        *("memfd_create", "pidfd_open", "eventfd", "getresuid", "getpriority", "chroot", "sync", "fdatasync"),
    ),
    signal: (
        *("SIGALRM", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGSTOP"),
        *("SIGTRAP", "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "ITIMER_REAL"),
        *("ITIMER_VIRTUAL", "ITIMER_PROF", "alarm", "setitimer", "getitimer", "pause", "pthread_kill"),
        *("pthread_sigmask", "sigpending", "sigwait", "sigwaitinfo", "sigtimedwait", "siginterrupt", "SIG_BLOCK"),
        *("SIG_UNBLOCK", "SIG_SETMASK"),
    ),
    select: ("poll", "epoll", "kqueue", "PIPE_BUF"),
    selectors: ("PollSelector", "EpollSelector", "KqueueSelector", "DevpollSelector"),
    time: ("tzset", "clock_gettime", "clock_settime", "clock_getres", "pthread_getcpuclockid", "CLOCK_MONOTONIC"),
    socket: ("SO_REUSEPORT", "send_fds", "recv_fds"),
    asyncio: ("ThreadedChildWatcher", "PidfdChildWatcher"),
}


def hide() -> None:
    """Take away what Windows does not have, for the rest of this process, and keep its environment as Windows does."""
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment] # an import raises ImportError
    for place, names in NAMES.items():
        for name in names:
            if hasattr(place, name):
                delattr(place, name)
    low_level = importlib.import_module("_signal")
    for name in NAMES[signal]:
        if hasattr(low_level, name):
            delattr(low_level, name)
    os.environ = environment_of_windows(dict(os.environ))  # noqa: B003 - it is another one
    os.supports_bytes_environ = False
    vars(shutil)["_use_fd_functions"] = False
    vars(subprocess)["_USE_POSIX_SPAWN"] = False  # what starts programs here goes on to do so


def environment_of_windows(variables: dict[str, str]) -> Any:
    """Return an ``os.environ`` as `os` makes it on Windows: of texts, with names in capitals."""

    # As `encodekey` and `encode` in `os`.
    def text(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"str expected, not {type(value).__name__}")
        return value

    def name(key: object) -> str:
        return text(key).upper()

    kept = {name(key): value for key, value in variables.items()}
    return os._Environ(kept, name, str, text, str)
