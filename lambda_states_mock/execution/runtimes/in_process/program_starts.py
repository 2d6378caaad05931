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
from lambda_states_mock.genuine import FORKS

_PLACE_IN_POPEN = 10  # of `env` among the parameters of `Popen`, as documented
_PLACE_IN_FORK = 5  # of `env` in `fork_exec`, as a list


def _popen(owner: Owner, real: Callable[..., None], popen: Any, /, *args: Any, **options: Any) -> None:
    if len(args) > _PLACE_IN_POPEN:
        before, given, after = args[:_PLACE_IN_POPEN], args[_PLACE_IN_POPEN], args[_PLACE_IN_POPEN + 1 :]
        real(popen, *before, for_programs(owner) if given is None else given, *after, **options)
    elif options.get("env") is None:
        real(popen, *args, **{**options, "env": for_programs(owner)})
    else:
        real(popen, *args, **options)


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
    *substitutes(subprocess.Popen, {"__init__": _popen}),
    *substitutes(FORKS, {} if FORKS is None else {"fork_exec": _fork_exec}),
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
