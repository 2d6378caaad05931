"""Threads that wait for one another by what Python's library has for it: meanwhile they let the clock go on.

`threading.Condition` is beneath ``Event.wait``, ``Queue.get``, ``Future.result``, ``concurrent.futures.wait``,
semaphores and barriers. Beside it there are ``Thread.join``, ``SimpleQueue.get`` (where an idle worker of a pool
waits), selectors (an idle event loop: see `loop_waits`) and ``Popen.wait``. Who ends such a wait says so before it goes
on itself: so the thread that waited is at work again at that moment, however long the machine takes to wake it.
"""

from __future__ import annotations

import concurrent.futures.thread
import math
import queue
import selectors
import subprocess
import sys
import threading
import time
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import wraps
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.clock.thread_frames import is_ours, modules_from
from lambda_states_mock.genuine import genuine

SLICE = 0.25
"""Real seconds of one wait: an exception that another thread raises in this one is met no later than at its end."""

_INSTANT = 1e-6
Ended = Callable[[], bool]
_OUTSIDE: Ended = bool  # always False: nobody but the outside world ends it
_waiting: dict[int, Ended] = {}  # by thread: what waits, and whether that is over, though the thread has not woken
# Those threads that wait no longer than a given real time, and for which thread, where it is one.
_for_a_time: dict[int, threading.Thread | None] = {}

_NAMES = "SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"
_CONDITION_WAIT = threading.Condition.wait.__code__
_join = threading.Thread.join
_real_queue = queue.SimpleQueue
_REAL_TIME: list[Callable[[], float]] = [genuine(time, "monotonic")]  # in a list: see `runaway`


def is_waiting(thread: int) -> bool:
    """Return True while the thread with that number waits for another thread, or for the world outside."""
    ended = _waiting.get(thread)
    return ended is not None and not ended()


def waits_for_a_time(thread: int, *, but_for: threading.Thread) -> bool:
    """Return True while the thread with that number waits, but not for ever, and not for the end of *but_for*."""
    return _for_a_time.get(thread, but_for) is not but_for and is_waiting(thread)


@contextmanager
def waiting(ended: Ended = _OUTSIDE) -> Iterator[None]:
    """Let the clock go on while the running thread waits for another one, or for the world outside."""
    me = threading.get_ident()
    outer = _waiting.get(me)
    _waiting[me] = ended
    for mock in active_mocks.stack:
        mock.clock.turns.stir()
    try:
        yield
    finally:
        if outer is None:
            _waiting.pop(me, None)
        else:
            _waiting[me] = outer


def end_wait(thread: int) -> None:
    """Let *thread* be at work from now on, though it has not woken yet."""
    _waiting.pop(thread, None)


def say_it_came(thread: int) -> None:
    """Say that what *thread* waits for has come, where its wait moves a clock."""
    for mock in active_mocks.stack:
        mock.clock.turns.call(thread)


def _wait(
    timeout: float, attempt: Callable[[float], bool], ended: Ended, *, thread: threading.Thread | None = None
) -> bool:
    """Wait by *attempt*, which is given real seconds, until it succeeds; return False after *timeout*, if there is one.

    Parameters: *timeout*, in seconds, negative for none; *ended*, whether what is waited for has come; *thread*, whose
    end that is.
    """
    mock = whose_clock_a_wait_moves() if timeout >= 0 else None
    if mock is not None and not _is_of_our_own(sys._getframe(1)):  # noqa: SLF001 - who waits is what counts
        return attempt(SLICE) if not mock.sleep(timeout, unless=ended) and ended() else attempt(0)
    me, left = threading.get_ident(), timeout
    if timeout >= 0:
        _for_a_time[me] = thread
    try:
        with waiting(ended):
            while timeout < 0 or left > SLICE:
                if attempt(SLICE):
                    return True
                left -= SLICE
            return attempt(max(left, 0))
    finally:
        _for_a_time.pop(me, None)


class Waiter:
    """In place of the lock by which a `threading.Condition` wakes one thread: its second taker waits for `release`."""

    __slots__ = ("_is_over", "_lock", "_thread")

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._lock = allocate_lock()
        self._is_over = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, and return whether that was possible in *timeout* seconds."""
        if self._lock.acquire(False):
            return True
        return blocking and _wait(timeout, self._attempt, self.is_over)

    def _attempt(self, seconds: float) -> bool:
        return bool(self._lock.acquire(True, seconds))

    def is_over(self) -> bool:
        """Return True once it was released."""
        return self._is_over

    def release(self) -> None:
        """End the wait: the thread is at work from now on."""
        self._is_over = True
        say_it_came(self._thread)
        self._lock.release()


class SimpleQueue(_real_queue[Any]):
    """A `queue.SimpleQueue` whose getters wait in the order in which they came, and let the clock go on."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # an item may be put in while one is, by the garbage collector
        self._getters: deque[tuple[Waiter, list[Any]]] = deque()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put *item* in; this never blocks."""
        with self._lock:
            if not self._getters:
                super().put(item, block, timeout)
                return
            waiter, given = self._getters.popleft()
            given.append(item)
        waiter.release()

    def put_nowait(self, item: Any) -> None:
        """As `put`."""
        self.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Return the next item. Raises Empty where there is none, with *block* after *timeout* seconds."""
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        if not block or active_mocks.where_this_thread_sleeps() is None:
            return super().get(block, timeout)
        waiter, given = Waiter(), list[Any]()
        waiter.acquire()
        with self._lock:
            with suppress(queue.Empty):
                return super().get(block=False)
            self._getters.append((waiter, given))
        try:
            waiter.acquire(timeout=-1 if timeout is None else timeout)
        finally:
            with self._lock, suppress(ValueError):
                self._getters.remove((waiter, given))
        if not given:
            raise queue.Empty
        return given[0]


def is_idle_worker(frame: Any) -> bool:
    """Return True for a worker of a pool that was made before the mock: it waits in C for something to do."""
    if frame.f_globals is not vars(concurrent.futures.thread):
        return False
    work = frame.f_locals.get("work_queue")
    return work is not None and bool(work.empty())


def _join_thread(thread: threading.Thread, timeout: float | None = None) -> None:
    """In place of `threading.Thread.join`."""
    if active_mocks.where_this_thread_sleeps() is None or not thread.is_alive():
        _join(thread, timeout)
        return

    def attempt(seconds: float) -> bool:
        _join(thread, seconds)
        return not thread.is_alive()

    # A thread that is not listed any more is about to end.
    left = -1 if timeout is None else max(timeout, 0)
    _wait(left, attempt, lambda: thread not in threading.enumerate(), thread=thread)


def lock_for_a_waiter() -> Any:
    """In place of the function by which `threading` makes its locks: after a fork, that is more than one."""
    is_a_wait = sys._getframe(1).f_code is _CONDITION_WAIT  # noqa: SLF001 - the caller is what is asked for
    return Waiter() if is_a_wait and active_mocks.where_this_thread_sleeps() is not None else allocate_lock()


def _letting_go_on(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return *real*, which waits for the world outside, so that the clock goes on meanwhile."""

    @wraps(real)
    def wait_outside(*args: Any, **kwargs: Any) -> Any:
        with waiting():
            return real(*args, **kwargs)

    return wait_outside


class Selecting:
    """How a thread waits by a selector; `loop_waits` changes that, once somebody has imported asyncio."""

    @staticmethod
    def plainly(real: Callable[..., Any], selector: Any, timeout: float | None) -> Any:
        """Let the clock go on while *real*, a method of *selector*, waits."""
        with waiting():
            return real(selector, timeout)

    wait = plainly


def selecting(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands in for *real*, by which a selector waits."""

    @wraps(real)
    def select(self: Any, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return real(self, timeout)
        return Selecting.wait(real, self, timeout)

    return select


def whose_clock_a_wait_moves() -> active_mocks.ActiveMock | None:
    """Return the mock whose clock a timed wait of the running thread moves; None where it waits for real."""
    mock = active_mocks.where_this_thread_sleeps()
    if mock is None or mock.sleep_mode != "waits":
        return None
    from lambda_states_mock.execution.function_threads import runs_code_of_a_function  # with it come many more

    return mock if mock.threads.is_home() or runs_code_of_a_function() else None


def _is_of_our_own(frame: FrameType) -> bool:
    """Return True for a wait of this package's own."""
    return is_ours(next(module for module in modules_from(frame) if module not in {__name__, threading.__name__}))


class _Clock:
    """In place of the module `time` where the library computes how long it still has to wait."""

    def __init__(self) -> None:
        self._last = 0.0
        self._began: WeakKeyDictionary[active_mocks.ActiveMock, tuple[float, datetime]] = WeakKeyDictionary()

    def monotonic(self) -> float:
        """Return the seconds by which waits are counted: the mock's, where waits move its clock."""
        mock = whose_clock_a_wait_moves()
        if mock is None:
            return _REAL_TIME[0]()
        real, began = self._began.setdefault(mock, (_REAL_TIME[0](), mock.clock.standing))
        now = real + (mock.clock.standing - began).total_seconds()
        if now <= self._last <= now + _INSTANT:
            now = math.nextafter(self._last, math.inf)  # who asks twice expects that time has passed
        self._last = now
        return now

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


_clock = _Clock()
monotonic = _clock.monotonic


def _selectors() -> Iterator[type]:
    """Yield the classes that have the method `select`: of some it is a base class that has no public name."""
    for name in _NAMES:
        if hasattr(selectors, name):
            yield next(base for base in getattr(selectors, name).__mro__ if "select" in vars(base))


def install(patches: Patches) -> None:
    """Let waits give way to the clock until *patches* are restored."""
    patches.set(threading.Thread, "join", _join_thread)
    for selector in dict.fromkeys(_selectors()):
        patches.set(selector, "select", selecting(vars(selector)["select"]))
    for module, name, value in (
        (threading, "_time", monotonic),
        (queue, "time", monotonic),
        (concurrent.futures._base, "time", _clock),  # noqa: SLF001 - it looks the clock up there
    ):
        patches.set(module, name, value)
    for method in ("wait", "communicate"):
        patches.set(subprocess.Popen, method, _letting_go_on(getattr(subprocess.Popen, method)))
