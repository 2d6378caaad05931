"""The folders of Lambda by their names: ``/tmp``, ``/var/task`` and ``/opt``, for the code in a zip.

Most handlers write to ``/tmp`` by that name. On its own threads, code in a zip finds the folders of its environment
there, so that nothing of it outlives the mock. What begins with a folder that this machine has in its own ``/tmp`` is
taken as it is: the folders of this package, and those that a test hands over. In a finalizer a file is, too, since
garbage of the test may be collected on any thread. C code and programs find the machine's.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from inspect import currentframe
from stat import S_ISDIR
from typing import Any

from lambda_states_mock.execution.folders import PREFIX
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, Substitute, substitutes
from lambda_states_mock.genuine import ACCESSOR, genuine

_real_stat: Callable[[str], os.stat_result] = genuine(os, "stat")
_OF_ONE_PATH = (
    *("access", "chdir", "chmod", "chown", "listdir", "lstat", "mkdir", "open", "readlink", "remove", "rmdir"),
    *("scandir", "stat", "statvfs", "truncate", "unlink", "utime"),
)
_OF_TWO_PATHS = ("link", "rename", "replace", "symlink")
_KEYWORDS = ("path", "file", "src", "dst", "name")


def _one(owner: Owner, real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return _call(owner, real, 1, args, kwargs)


def _two(owner: Owner, real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return _call(owner, real, 2, args, kwargs)


def _call(owner: Owner, real: Callable[..., Any], paths: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    named = owner.named_folders
    if not named:
        return real(*args, **kwargs)
    for keyword in _KEYWORDS:
        if keyword in kwargs:
            kwargs[keyword] = _found(named, kwargs[keyword])
    return real(*[_found(named, path) for path in args[:paths]], *args[paths:], **kwargs)


def _found(named: dict[str, str], path: Any) -> Any:
    """Return where *path* is on this machine, in the type in which it was given; what is no path as it is."""
    if isinstance(path, int):
        return path  # a descriptor
    try:
        text = os.fspath(path)
    except TypeError:
        return path
    if isinstance(text, bytes):
        decoded = os.fsdecode(text)
        here = _here(named, decoded)
        return path if here is decoded else os.fsencode(here)
    here = _here(named, text)
    return path if here is text else here


def _here(named: dict[str, str], text: str) -> str:
    for there, folder in named.items():
        if text.startswith(there) and text[len(there) : len(there) + 1] in ("", "/"):
            first = text[len(there) + 1 :].partition("/")[0]
            if first.startswith(PREFIX) or _is_of_this_machine(f"{there}/{first}", f"{folder}/{first}"):
                return text
            return folder + text[len(there) :]
    return text


def _is_of_this_machine(there: str, here: str) -> bool:
    mode = 0 if there.endswith("/") else _mode(there)
    return mode != 0 and (S_ISDIR(mode) or _is_in_a_finalizer()) and not _mode(here)


def _is_in_a_finalizer() -> bool:
    frame = currentframe()
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None


def _mode(path: str) -> int:
    """Return the mode of a file or folder, 0 where there is none."""
    try:
        return _real_stat(path).st_mode
    except OSError:
        return 0


_PLACES: tuple[Any, ...] = (os,) if ACCESSOR is None else (os, ACCESSOR)

SUBSTITUTES: tuple[Substitute, ...] = (
    *(
        substitute
        for place in _PLACES
        for substitute in (
            *substitutes(place, dict.fromkeys(_OF_ONE_PATH, _one), spares_the_test=True),
            *substitutes(place, dict.fromkeys(_OF_TWO_PATHS, _two), spares_the_test=True),
        )
    ),
    *substitutes(io, {"open": _one}, spares_the_test=True),
    *substitutes(builtins, {"open": _one}, spares_the_test=True),
)
