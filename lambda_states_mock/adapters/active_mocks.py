"""The mocks that are active, as the adapters see them: a stack, the innermost last.

An adapter is installed with the first mock that needs it and taken out with the last one; in between it asks here
whose call or whose sleep it holds in its hands.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from weakref import ReferenceType, ref

from lambda_states_mock.adapters.runaway import RunawayGuard
from lambda_states_mock.clock import sleepers
from lambda_states_mock.execution.sleeping import sleep as sleep_within_deadline

if TYPE_CHECKING:
    from lambda_states_mock.backend import Backend
    from lambda_states_mock.clock import VirtualClock
    from lambda_states_mock.engine.chance import Chance

_ABSENT: Any = object()
SleepMode = Literal["all", "botocore", "real"]


class ActiveMock:
    """One active mock: its backend, its clock, and which threads live in it.

    Parameters:
        sleep: whose sleeping moves the clock: everybody's, only botocore's and aiobotocore's, or nobody's.
        max_sleep: how much virtual time may be slept away with nothing else happening; None for no limit.
        region: the region of a client that has none.
    """

    def __init__(
        self,
        *,
        backend: Backend,
        clock: VirtualClock,
        chance: Chance,
        account: str,
        region: str,
        sleep: SleepMode = "all",
        max_sleep: timedelta | None = None,
    ) -> None:
        self.backend = backend
        self.clock = clock
        self.chance = chance
        self.account = account
        self.region = region
        self.sleep_mode = sleep
        self.guard = RunawayGuard(clock, max_sleep, seen=lambda: len(backend.timeline))
        self._earlier_threads = _threads_of_now()
        self._home = threading.current_thread()
        clock.sleepers.in_company = self.has_company

    def has_company(self) -> bool:
        """Tell whether other threads than the running one live in this mock."""
        if threading.active_count() == 1:
            return False
        me = threading.current_thread()
        if me is not self._home and self._home.is_alive():
            return True
        return any(
            thread is not me and thread is not self._home and self._is_new(thread) for thread in threading.enumerate()
        )

    def _is_new(self, thread: threading.Thread) -> bool:
        earlier = self._earlier_threads.get(thread.ident or 0, _ABSENT)
        return earlier is _ABSENT or (isinstance(earlier, ReferenceType) and earlier() is not thread)

    def close(self) -> None:
        """Let go of what refers back to here, so that all of it is freed at once."""
        self.clock.sleepers.in_company = sleepers.alone

    def is_home_of_this_thread(self) -> bool:
        """Tell whether the running thread activated this mock or was started since."""
        earlier = self._earlier_threads
        me = threading.get_ident()
        if me not in earlier:
            return True
        # The system gives a dead thread's number to a new one: only the same Thread object is the same thread.
        known = earlier[me]
        alive = threading.current_thread()
        if known is None:
            return not isinstance(alive, threading._DummyThread)  # noqa: SLF001 - one that Python did not start
        return known() is not alive

    def sleep(self, seconds: float) -> None:
        """Move the clock by *seconds*, after a look at whether this can be a loop that never ends."""
        with self.guard.watching(seconds):
            sleep_within_deadline(self.clock, seconds)


def _threads_of_now() -> Mapping[int, ReferenceType[threading.Thread] | None]:
    # CPython hangs when it collects garbage in the middle of this and another thread wants its lock (gh-106883).
    collecting = gc.isenabled()
    gc.disable()
    try:
        threads: dict[int, ReferenceType[threading.Thread] | None] = dict.fromkeys(
            sys._current_frames()  # noqa: SLF001 - the only list that has the threads which Python did not start
        )
    finally:
        if collecting:
            gc.enable()
    threads.update((thread.ident, ref(thread)) for thread in threading.enumerate() if thread.ident is not None)
    threads.pop(threading.get_ident(), None)
    return threads


_stack: list[ActiveMock] = []


def push(mock: ActiveMock) -> None:
    """Make *mock* the innermost one."""
    _stack.append(mock)


def remove(mock: ActiveMock) -> None:
    """Take *mock* out, wherever it is in the stack."""
    _stack[:] = [other for other in _stack if other is not mock]
    mock.close()


def innermost() -> ActiveMock | None:
    """Return the mock that answers API calls now, or None when no mock is active."""
    return _stack[-1] if _stack else None


def where_this_thread_sleeps() -> ActiveMock | None:
    """Return the innermost mock in which the running thread lives; None: it sleeps for real."""
    for mock in reversed(_stack):
        if mock.is_home_of_this_thread():
            return mock
    return None


def any_active() -> bool:
    """Tell whether any mock is active."""
    return bool(_stack)


def any_virtual_sleep() -> bool:
    """Tell whether any active mock has sleeping that moves its clock."""
    return any(mock.sleep_mode != "real" for mock in _stack)
