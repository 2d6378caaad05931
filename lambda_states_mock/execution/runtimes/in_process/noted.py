"""Settings that nobody can look at, or not cheaply: known from the calls with which code in a zip sets them.

A handler of the test is the test's code: what it sets stays.
"""

from __future__ import annotations

import atexit
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

from lambda_states_mock.execution.runtimes.in_process import variables
from lambda_states_mock.execution.runtimes.in_process.own_threads import Owner, substitutes
from lambda_states_mock.genuine import genuine
from lambda_states_mock.restoring import all_of

RECURSION_LIMIT = 10_000
"""The highest `sys.setrecursionlimit` in a zip's code. A stack of 8 MB bears it (measured with CPython 3.10 to 3.13):
endless recursion is a RecursionError, where a higher limit could crash the test run. Where code has asked for more and
does not catch that error, its invocation is out of time: recorded for a limit of a million, which Lambda comes near to
slowly, and without a crash."""


class Noted:
    """One setting. It is None where it is as the test has it.

    Parameters: *look*, which returns it as it is before the first change; *set_*, which sets it for real.

    Attributes: *is_changed*, whether code has set it.
    """

    def __init__(self, look: Callable[[], Any], set_: Callable[[Any], Any]) -> None:
        self._look = look
        self._set = set_
        self._of_the_test: Any = None
        self.is_changed = False
        self._now: Any = None

    def change(self, value: Any) -> Any:
        """Set it to *value* for a function; return what setting returns."""
        if not self.is_changed:
            self._of_the_test = self._look()
        result = self._set(value)
        self.is_changed, self._now = True, value
        return result

    def read(self) -> Any:
        """Return what code has set; it must have."""
        return self._now

    def write(self, value: Any) -> None:
        """Set it again; None for the test's."""
        if value is not None:
            self.change(value)
        elif self.is_changed:
            self.is_changed = False
            self._set(self._of_the_test)


_real_umask: Callable[[int], int] = genuine(os, "umask")
_real_getstate, _real_setstate = genuine(random, "getstate"), genuine(random, "setstate")


def _look_at_umask() -> int:
    found = _real_umask(0o077)
    _real_umask(found)
    return found


_umask = Noted(_look_at_umask, _real_umask)


class _RandomState(Noted):
    """What code has drawn since it set the state counts, too."""

    def read(self) -> Any:
        return _real_getstate()


_random_state = _RandomState(_real_getstate, _real_setstate)


def _seed(_owner: Owner, real: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    _random_state.change(_real_getstate())
    real(*args, **kwargs)


def _setstate(_owner: Owner, _real: Callable[..., None], state: Any) -> None:
    _random_state.change(state)


def _set_zone(zone: str | None) -> None:
    """Let local time be that of *zone*, a value of TZ. C reads it from variables of its own, which are the test's."""
    there = variables.of_the_test("TZ")
    try:
        variables.set_for_c("TZ", zone)
        _real_tzset()
    finally:
        variables.set_for_c("TZ", there)


class _Signals:
    """What handles signals, by their numbers: of those for which code has set it. None without any."""

    def __init__(self) -> None:
        self._of_the_test: dict[int, Any] = {}
        self._now: dict[int, Any] = {}

    def change(self, _owner: Owner | None, real: Callable[..., Any], signalnum: int, handler: Any) -> Any:
        """Let *handler* handle the signal for a function; return what did before."""
        before = real(signalnum, handler)
        self._of_the_test.setdefault(signalnum, before)
        self._now[signalnum] = handler
        return before

    def read(self) -> dict[int, Any] | None:
        return dict(self._now) if self._now else None

    def write(self, wanted: dict[int, Any] | None) -> None:
        """Let those in *wanted* be handled as it says, and all others as the test has it."""
        if threading.current_thread() is not threading.main_thread():
            return  # where nobody can set one either
        for number in self._now.keys() - (wanted or {}).keys():
            del self._now[number]
            if (action := self._of_the_test.pop(number)) is not None:  # None is one of C code's
                _real_signal(number, action)
        for number, action in (wanted or {}).items():
            self.change(None, _real_signal, number, action)


_real_signal = genuine(signal, "signal")
_signals = _Signals()
SIGNALS = _signals.read, _signals.write
"""How they are looked at and set."""

_real_tzset = genuine(time, "tzset", lambda: None)
_zone = Noted(lambda: (variables.of_the_test("TZ"),), lambda zone: _set_zone(*zone))


def _tzset(owner: Owner, _real: Callable[[], None]) -> None:
    zone = owner.variables.get(variables.kept_name("TZ"))
    _zone.change((None if zone is None else os.fsdecode(zone),))


def _cap_recursion(owner: Owner, real: Callable[[int], None], limit: int, /) -> None:
    real(min(limit, RECURSION_LIMIT))
    owner.recurses_slowly = limit > RECURSION_LIMIT


def _drop_atexit(
    owner: Owner, real: Callable[..., Any], function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    """Lambda kills a process, or freezes it for good: these functions do not run. Libraries may be the test's, too."""
    caller = sys._getframe(2).f_code.co_filename  # noqa: SLF001 - whose code it is that registers is what is asked for
    return function if owner.has_file(caller) else real(function, *args, **kwargs)


SUBSTITUTES = (
    *substitutes(os, {"umask": lambda _owner, _real, mask: _umask.change(mask)}, spares_the_test=True),
    *substitutes(random, {"seed": _seed, "setstate": _setstate}, spares_the_test=True),
    *substitutes(time, {"tzset": _tzset}, spares_the_test=True),
    *substitutes(signal, {"signal": _signals.change}, spares_the_test=True),
    *substitutes(sys, {"setrecursionlimit": _cap_recursion}, spares_the_test=True),
    *substitutes(atexit, {"register": _drop_atexit}, spares_the_test=True),
)

_IS_CHANGED = attrgetter("is_changed")
_NOTED: dict[str, Noted] = {"umask": _umask, "random": _random_state, "local time": _zone}


def read() -> dict[str, Any]:
    """Return what code has set, by what it is; most code sets nothing."""
    if not any(map(_IS_CHANGED, _NOTED.values())):  # without a step of Python
        return {}
    return {name: one.read() for name, one in _NOTED.items() if one.is_changed}


def write(wanted: dict[str, Any]) -> None:
    """Set what is *wanted*, and let all the rest be as the test has it."""
    all_of([partial(one.write, wanted.get(name)) for name, one in _NOTED.items()])
