"""The guard against code that does not come back: an endless loop, a deadlock, a read that nobody answers.

Virtual time does not pass while code runs, so its time-out would never come. A thread of the guard counts real time. At
the limit it raises an exception in the thread of that code, which Python does at its next instruction; code in C cannot
be ended so, and its stack is written to stderr. The process is never killed.
"""

from __future__ import annotations

import math
import os
import time
import traceback
import warnings
import weakref
from _thread import allocate_lock, get_ident, start_new_thread
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.clock.thread_frames import current_frames, modules_from
from lambda_states_mock.errors import HungCodeError, HungHandlerWarning
from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.sleeping import EnvironmentEnded, Running
from lambda_states_mock.quick_dataclasses import dataclass

T = TypeVar("T")

LOOKS = 20
"""How often the guard looks before the limit is reached: that often the count can be stopped."""
GRACE = 1.0
"""Real seconds after which code that was to end, and has not, is in C."""
LOOKS_AT_THE_END = 200
"""How often it is looked, in that time, whether code has ended that is to end with its mock."""
DEBUGGERS = frozenset({"bdb", "pdb", "ipdb", "pudb", "debugpy", "code", "IPython"})
"""Their packages; those of pydevd are several whose names begin so, some behind an underscore."""
_INSTANT = timedelta(microseconds=1)
# In lists, where libraries that freeze time do not look.
_REAL_TIME, _COMPUTED = [time.monotonic], [time.process_time]
_PACKAGE = str(Path(__file__).parent.parent)


class Hung(BaseException):
    """Raised in a thread whose code has not come back."""


@dataclass(slots=True, eq=False)
class _Watch:
    """One run of code, and for how many *seconds* it has run, when it was *looked* at.

    *outer*, the one within which it runs on its thread; *is_told*, whether it could not be ended; *is_raised*, whether
    it was to end with the mock.
    """

    thread: int
    what: str
    looked: float
    outer: _Watch | None = None
    seconds: float = 0.0
    is_ended: bool = False
    is_hung: bool = False
    is_told: bool = False
    is_raised: bool = False
    stack: Sequence[traceback.FrameSummary] = ()


class HangGuard:
    """Watches over all code that runs in one mock.

    Parameters: *clock*, of the mock; *limit*, in real seconds, None for no guard.
    """

    def __init__(self, clock: VirtualClock, limit: float | None) -> None:
        self._clock = clock
        self._limit = math.inf if limit is None else limit
        self._watches: dict[int, _Watch] = {}  # the innermost one of each thread
        self._lock = allocate_lock()
        self._wake = allocate_lock()
        self._gone: Any = None  # locked while the guard's thread runs

    def run(self, work: Callable[[], T], running: Running, what: str) -> T:
        """Return what *work* returns, unless it takes too long: then it is out of the time of *running*.

        Parameters: *what* runs, in words.

        Raises TimedOut then, and HungCodeError for what came back late, from C.
        """

        def end(watch: _Watch) -> NoReturn:
            self._tell(watch)
            sleeping.sleep(self._clock, running.deadline - running.now + _INSTANT)
            raise AssertionError("a sleep beyond the deadline ends the run")

        return self._watched(work, what, end)

    def run_action(self, work: Callable[[], T], what: str) -> T:
        """As `run`, for what has no time-out of its own. Raises HungCodeError when it takes too long."""

        def end(watch: _Watch) -> NoReturn:
            raise self._error(watch)

        return self._watched(work, what, end)

    def end_all(self) -> list[str]:
        """End all code that still runs on other threads; return what could not be ended in a second.

        What sleeps ends by itself: the clock is closed.
        """
        if not self._watches:
            return []
        me, pause = get_ident(), allocate_lock()
        pause.acquire()
        for attempt in range(LOOKS_AT_THE_END):
            with self._lock:
                left = [watch for thread, watch in self._watches.items() if thread != me]
                for watch in left if attempt else ():  # sleepers wake first
                    watch.is_raised = True
                    raise_in(watch.thread, EnvironmentEnded)
            if not left:
                return []
            pause.acquire(True, GRACE / LOOKS_AT_THE_END)
        return [watch.what for watch in left]

    def close(self) -> None:
        """End the guard's thread for good: code that still comes is watched no more."""
        self._limit = math.inf
        self.pause()

    def pause(self) -> None:
        """End the guard's thread; the next code to run begins another one."""
        gone = self._gone
        if gone is not None:
            self._gone = None
            self._wake.release()
            gone.acquire(True, GRACE)
            self._wake = allocate_lock()

    # -- on the thread of the code

    def _watched(self, work: Callable[[], T], what: str, end: Callable[[_Watch], NoReturn]) -> T:
        """Return what *work* returns; where it did not come back in time, *end* says what becomes of that."""
        watch = _Watch(get_ident(), what, _REAL_TIME[0]())
        try:
            try:
                self._begin(watch)
                result = work()
            finally:
                self._finish(watch)
            if not watch.is_hung:
                return result
        except Hung:
            if not watch.is_hung:
                raise  # what runs around it has hung
        return end(watch)

    def _begin(self, watch: _Watch) -> None:
        with self._lock:
            watch.outer = self._watches.get(watch.thread)
            self._watches[watch.thread] = watch
            if self._gone is None and self._limit < math.inf:
                self._start()  # within the lock: two threads that begin at once need one guard

    def _finish(self, watch: _Watch) -> None:
        while not watch.is_ended:
            try:
                with self._lock:
                    if watch.outer is not None:
                        self._watches[watch.thread] = watch.outer
                        watch.outer.looked = _REAL_TIME[0]()
                    elif self._watches.get(watch.thread) is watch:
                        del self._watches[watch.thread]
                    if watch.is_hung or watch.is_raised:
                        _take_back()
                    elif watch.seconds + _REAL_TIME[0]() - watch.looked > self._limit + GRACE:
                        watch.is_hung = watch.is_told = True  # it kept Python's lock, so that nobody could look
                    watch.is_ended = True
            except (Hung, EnvironmentEnded):
                continue

    def _tell(self, watch: _Watch) -> None:
        if watch.is_told:
            raise self._error(watch)
        last = watch.stack[-1]
        warnings.warn_explicit(self._text(watch), HungHandlerWarning, last.filename, last.lineno or 1)

    def _error(self, watch: _Watch) -> HungCodeError:
        late = ", and could not be ended: it was in C code" if watch.is_told else ""
        return HungCodeError(self._text(watch, late))

    def _text(self, watch: _Watch, late: str = "") -> str:
        stack = "".join(traceback.format_list(watch.stack)).rstrip() or "  (C code, which let no other thread look)"
        return (
            f"{watch.what} did not come back within {self._limit:g} s of real time{late}\n{stack}\n"
            "  It loops, or waits for what never comes. If it only needs longer, set  hang_after=...,  None for no "
            'limit.\n  A loop that waits for the clock by  Event.wait(5)  or the like needs  sleep="waits".'
        )

    # -- on the guard's own thread

    def _start(self) -> None:
        _guards.add(self)
        gone = allocate_lock()
        gone.acquire()
        self._wake.acquire(False)
        start_new_thread(self._watch_over, (self._wake, gone, self._limit / LOOKS))
        self._gone = gone  # last, so that an interrupt leaves no lock for which `close` would wait

    def _watch_over(self, wake: Any, gone: Any, period: float) -> None:
        try:
            # A lock counts real time in C: frozen and patched clocks cannot stretch it.
            before, computed = _REAL_TIME[0](), _COMPUTED[0]()
            while not wake.acquire(True, period) and self._gone is gone:
                passed, at_work = _REAL_TIME[0]() - before, _COMPUTED[0]() - computed
                before, computed = before + passed, computed + at_work
                if passed > 3 * period and at_work < passed / 2:
                    passed = period  # the whole process stood still
                self._look(passed)
        finally:
            gone.release()

    def _look(self, passed: float) -> None:
        """Look at all code once. A method of its own, so that the guard's thread holds nothing of it meanwhile."""
        frames = current_frames()
        with self._lock:
            for watch in self._watches.values():
                self._look_at(watch, frames.get(watch.thread), passed)

    def _look_at(self, watch: _Watch, frame: FrameType | None, passed: float) -> None:
        mover = self._clock.turns.movers.get(watch.thread)
        watch.looked = _REAL_TIME[0]()
        if frame is None or (mover is not None and mover.is_waiting) or _is_debugged(frame):
            return
        watch.seconds += passed
        if watch.seconds < self._limit:
            return
        if not watch.is_hung:
            watch.is_hung = True
            watch.stack = _of_the_code(traceback.extract_stack(frame))
        if watch.seconds >= self._limit + GRACE and not watch.is_told:
            watch.is_told = True
            late = ", and cannot be ended: it is in C code"
            os.write(2, f"lambda_states_mock: {self._text(watch, late)}\n".encode(errors="backslashreplace"))
        raise_in(watch.thread, Hung)


def raise_in(thread: int, error: type[BaseException]) -> None:
    """Raise *error* in *thread* at its next instruction, in place of what was to be raised there."""
    import ctypes  # it takes a while, and is hardly ever needed

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _take_back() -> None:
    """Let nothing be raised any more in the running thread.

    One more exception takes the place of one that has not been raised yet, and ends here. To clear it instead makes
    Python 3.11 look for it for ever: all code is slower then, and code that is traced or profiled never comes back.
    """
    with suppress(Hung, EnvironmentEnded):
        raise_in(get_ident(), Hung)
        while True:
            pass


def _of_the_code(stack: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Return the part of *stack* that is not ours, or all of it."""
    while len(stack) > 1 and stack[-1].filename.startswith(_PACKAGE):
        stack = stack[:-1]  # a wait that we have replaced
    ours = [index for index, entry in enumerate(stack) if entry.filename.startswith(_PACKAGE)]
    own = stack[ours[-1] + 1 :] if ours else stack
    return own or stack


def _is_debugged(frame: FrameType) -> bool:
    packages = (module.partition(".")[0] for module in modules_from(frame))
    return any(package in DEBUGGERS or package.lstrip("_").startswith("pydevd") for package in packages)


# Python warns of a fork beside other threads; and a child has none of them.
_guards: weakref.WeakSet[HangGuard] = weakref.WeakSet()


def _before_fork() -> None:
    for guard in list(_guards):
        guard.pause()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork)
