"""Environment variables by thread: a function's own threads find its, all others those of the test.

``os.environ`` stays the object that it is, since many modules hold it: what it keeps its variables in is exchanged.
What C code reads (``getenv``) stays the test's all the time.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from lambda_states_mock.execution.runtimes.in_process.own_threads import Environ, Owner, owners, substitutes
from lambda_states_mock.genuine import ENVIRON, ENVIRONB, genuine

_environ, _twin = ENVIRON, ENVIRONB  # both share what they are kept in


class _ByThread(MutableMapping[Any, Any]):
    """What is in ``os.environ`` while functions run.

    Attributes: *of_the_test*, the dict that is there at other times.
    """

    def __init__(self) -> None:
        self.of_the_test: Environ = {}

    def _mine(self) -> Environ:
        mine = owners()
        return mine[-1].variables if mine else self.of_the_test

    def __getitem__(self, name: Any) -> Any:
        return self._mine()[name]

    def __setitem__(self, name: Any, value: Any) -> None:
        self._mine()[name] = value

    def __delitem__(self, name: Any) -> None:
        del self._mine()[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._mine())

    def __len__(self) -> int:
        return len(self._mine())

    def __contains__(self, name: object) -> bool:
        return name in self._mine()

    def keys(self) -> Any:
        return self._mine().keys()

    def items(self) -> Any:
        return self._mine().items()

    def values(self) -> Any:
        return self._mine().values()

    def copy(self) -> Environ:
        return dict(self._mine())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)  # a copy of ``os.environ`` is a value, whoever looks at it

    def __repr__(self) -> str:
        return repr(self._mine())


BY_THREAD = _ByThread()


DATA = "_data"
KEPT_IN = tuple(one for one in (_environ, _twin) if one is not None)
"""What has `DATA`, the dict in which ``os.environ`` keeps its variables. There is no public way to it."""


def lend() -> None:
    """Let each thread find its own in ``os.environ``."""
    kept = getattr(_environ, DATA)
    if kept is not BY_THREAD:
        BY_THREAD.of_the_test = kept
        for one in KEPT_IN:
            setattr(one, DATA, BY_THREAD)


# What ``os.environ`` keeps is bytes on POSIX, and text on Windows, where names are in capitals.
_encode_name: Any = _environ.encodekey
_encode_value: Any = _environ.encodevalue
# Without these no program starts on Windows, and no shell.
_OF_THE_SYSTEM = ("SYSTEMROOT", "COMSPEC") if _twin is None else ()


def kept_name(name: Any) -> Any:
    """Return the *name* of a variable, text or bytes, as ``os.environ`` keeps it."""
    return _encode_name(os.fsdecode(name))


def _kept_value(value: Any) -> Any:
    return _encode_value(os.fsdecode(value))


def encoded(variables: Mapping[str, str]) -> Environ:
    """Return *variables* as ``os.environ`` keeps them, with those that programs of this system must have."""
    of_the_system = {name: _environ[name] for name in _OF_THE_SYSTEM if name in _environ}
    return {_encode_name(name): _encode_value(text) for name, text in {**of_the_system, **variables}.items()}


def for_programs(owner: Owner) -> Environ:
    """Return what a program finds that a thread of *owner* starts.

    A handler of the test is the test's code: its programs find the test's variables, and what it has set.
    """
    base = BY_THREAD.of_the_test if owner.is_of_the_test else owner.variables
    return {name: value for name, value in {**base, **owner.for_programs}.items() if value is not None}


def of_the_test(name: str) -> str | None:
    """Return the variable *name* as the test has it; None without it."""
    found = BY_THREAD.of_the_test.get(kept_name(name))
    return None if found is None else os.fsdecode(found)


def _putenv(owner: Owner, _real: Callable[..., None], name: Any, value: Any, /) -> None:
    encoded_name, encoded_value = os.fsencode(name), os.fsencode(value)
    if b"=" in encoded_name:  # as the real one
        raise ValueError("illegal environment variable name")
    if b"\0" in encoded_name + encoded_value:
        raise ValueError("embedded null byte")
    if not encoded_name:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    owner.for_programs[kept_name(name)] = _kept_value(value)


def _unsetenv(owner: Owner, _real: Callable[..., None], name: Any, /) -> None:
    owner.for_programs[kept_name(name)] = None


_real_putenv, _real_unsetenv = genuine(os, "putenv"), genuine(os, "unsetenv")


def set_for_c(name: str, value: str | None) -> None:
    """Let C code find *value* as the variable *name*, or nothing."""
    if value is None:
        _real_unsetenv(name)
    else:
        _real_putenv(name, value)


SUBSTITUTES = substitutes(os, {"putenv": _putenv, "unsetenv": _unsetenv})
