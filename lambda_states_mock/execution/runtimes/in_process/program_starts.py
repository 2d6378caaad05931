"""Programs that a function's threads start find its variables, though the process keeps those of the test.

Whatever is started without variables of its own gets those of the thread. All ways of the standard library lead through
the functions here.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

from lambda_states_mock.execution.crashes import ProcessExit
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, is_child, substitutes
from lambda_states_mock.execution.runtimes.in_process.variables import for_programs

try:
    import _posixsubprocess as _forks
except ImportError:  # Windows
    _forks: Any = None  # type: ignore[no-redef]

_PLACE_IN_POPEN = (
    6  # of `env` in `Popen._execute_child`, after self, args, executable, preexec_fn, close_fds, pass_fds, cwd
)
_PLACE_IN_FORK = 5  # of `env` in `fork_exec`, as a list


def _execute_child(owner: Owner, real: Callable[..., Any], *args: Any) -> Any:
    popen, *rest = args
    if rest[_PLACE_IN_POPEN] is None:
        rest[_PLACE_IN_POPEN] = for_programs(owner)
    return real(popen, *rest)


def _fork_exec(owner: Owner, real: Callable[..., Any], *args: Any) -> Any:
    given = list(args)
    if given[_PLACE_IN_FORK] is None:
        given[_PLACE_IN_FORK] = [name + b"=" + value for name, value in for_programs(owner).items()]
    return real(*given)


def _posix_spawn(
    owner: Owner, real: Callable[..., int], path: Any, argv: Any, env: Any = None, /, **options: Any
) -> int:
    return real(path, argv, for_programs(owner) if env is None else env, **options)


def _system(owner: Owner, _real: Callable[..., int], command: Any) -> int:
    if not hasattr(os, "posix_spawn"):
        return subprocess.call(command, shell=True, env=for_programs(owner))  # noqa: S602 - so does os.system
    child = os.posix_spawn("/bin/sh", ["sh", "-c", command], for_programs(owner))
    return os.waitpid(child, 0)[1]


def _execve(_owner: Owner, real: Callable[..., Any], path: Any, argv: Any, env: Any) -> Any:
    if is_child():
        return real(path, argv, env)
    # The program would take the place of the test run: it runs beside it, and its end is that of the process.
    raise ProcessExit(subprocess.call(argv, executable=path, env=env, close_fds=False))  # noqa: S603 - as asked for


def _execv(owner: Owner, _real: Callable[..., Any], path: Any, argv: Any) -> Any:
    return os.execve(path, argv, for_programs(owner))  # noqa: S606 - so does os.execv


def _spawnv(owner: Owner, _real: Callable[..., int], mode: int, path: Any, argv: Any, /) -> int:
    return os.spawnve(mode, path, argv, for_programs(owner))  # noqa: S606 - so does os.spawnv


SUBSTITUTES = (
    *substitutes(subprocess.Popen, {"_execute_child": _execute_child}),
    *substitutes(_forks, {"fork_exec": _fork_exec}),
    *substitutes(
        os,
        {
            "system": _system,
            "execv": _execv,
            "execve": _execve,
            "posix_spawn": _posix_spawn,
            "posix_spawnp": _posix_spawn,
        },
    ),
    # Windows has it from C; elsewhere it forks and calls `os.execv`.
    *substitutes(os, {} if hasattr(os, "fork") else {"spawnv": _spawnv}),
)
