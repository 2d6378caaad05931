"""Sleeping in asyncio: `asyncio.sleep` is replaced as `sleeping` replaces `time.sleep`.

Coroutines that sleep at the same time are each woken at their own deadline, in the order of the deadlines.
An event loop that has nothing else to do is asleep as a whole: only then does the clock move, to the nearest deadline.
So what a woken coroutine goes on to do, up to its next sleep, happens before the next one is woken.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from lambda_states_mock import private_names
from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.sleep_sites import SleepSites
from lambda_states_mock.adapters.sleeping import BEYOND_ALL_TIME, mock_for

REAL_SLEEP: Callable[..., Awaitable[Any]] = asyncio.sleep

# A task that spins on ``sleep(0)`` keeps its loop busy for ever; and not every loop tells what it has to do.
PATIENCE = 50  # rounds of the event loop


def selector_of(loop: Any) -> Any:
    """Return what *loop* waits by; None where it does not tell."""
    return getattr(loop, "_selector", None)


class Dormitory:
    """The sleepers of one event loop in one mock."""

    def __init__(self, loop: asyncio.AbstractEventLoop, mock: ActiveMock) -> None:
        self._loop = loop
        self._mock = mock
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0
        self._spinning = 0  # how many of its tasks are ready all the time
        self._rounds: int | None = None  # how long the loop has been waited for; None while nobody waits

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock stands *seconds* later than now."""
        deadline = self._mock.clock.now + timedelta(seconds=seconds)
        woken = self._loop.create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (deadline, self._count, woken))
        if self._rounds is None:
            self._rounds = 0
            self._loop.call_soon(self._when_idle)
        await woken

    def _when_idle(self) -> None:
        assert self._rounds is not None
        self._rounds += 1
        ready = getattr(self._loop, "_ready", None)
        if self._rounds < PATIENCE and (ready is None or len(ready)):
            self._loop.call_soon(self._when_idle)
            return
        self._spinning = len(ready or ())
        self._wake_next()
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if self._sleepers:
            self._rounds = 0
            self._loop.call_soon(self._when_idle)
        else:
            self._rounds = None

    def _wake_next(self) -> None:
        while self._sleepers:
            deadline, number, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue  # cancelled
            try:
                ahead = (deadline - self._mock.clock.now).total_seconds()
                own = self._ahead_of_own_timer()
                if ahead > 0 and (
                    not self._mock.sleep(min(ahead, own), unless=self._has_something_to_do) or own < ahead
                ):
                    heapq.heappush(self._sleepers, (deadline, number, woken))
                    return
            except BaseException as error:
                woken.set_exception(error)
            else:
                woken.set_result(None)
            return

    def _ahead_of_own_timer(self) -> float:
        """Return in how many seconds the loop's own next timer falls due, where it goes by the mock's clock."""
        timers = getattr(self._loop, "_scheduled", None) if self._mock.sleep_mode == "waits" else None
        live = [timer.when() for timer in timers or () if not timer.cancelled()]
        if not live:
            return math.inf
        # Up to a whole microsecond, the clock's own, beyond the noise of floats.
        return float(max(math.ceil((min(live) - self._loop.time()) * 1e6 - 1e-3), 0) / 1e6)

    def _has_something_to_do(self) -> bool:
        """Return True when the loop would not be idle: another thread, a socket or one of its own timers wants it."""
        loop: Any = self._loop
        # That of Windows' loop is no BaseSelector, but it can be asked in the same way: what it finds is ready then.
        selector = selector_of(loop)
        if selector is None:
            return False  # it does not tell; it has had its rounds
        found = selector.select(0)
        ready, timers = getattr(loop, "_ready", ()), getattr(loop, "_scheduled", ())
        return bool(found or len(ready) > self._spinning or (timers and timers[0].when() <= loop.time()))


_dormitories: WeakKeyDictionary[ActiveMock, WeakKeyDictionary[asyncio.AbstractEventLoop, Dormitory]]
_dormitories = WeakKeyDictionary()


async def sleep_in(mock: ActiveMock, seconds: float, result: Any) -> Any:
    """Sleep like ``asyncio.sleep``, on the clock of *mock*, and return *result*."""
    loop = asyncio.get_running_loop()
    loops = _dormitories.setdefault(mock, WeakKeyDictionary())
    if (dormitory := loops.get(loop)) is None:
        dormitory = loops[loop] = Dormitory(loop, mock)
    await dormitory.sleep(seconds)
    return result


def sleep(delay: float, result: Any = None) -> Awaitable[Any]:
    """Stand in for `asyncio.sleep`; a delay of 0 only yields, as ever."""
    mock = mock_for(sys._getframe(1).f_globals)  # noqa: SLF001 - the caller's module is what is asked for
    if mock is None or delay <= 0 or delay > BEYOND_ALL_TIME:  # for ever: until it is cancelled
        return REAL_SLEEP(delay, result)
    return sleep_in(mock, delay, result)


# Kept for good, since finding the places takes a while.
_sites = SleepSites(((REAL_SLEEP, sleep),), (asyncio, sys.modules[__name__]))


def install(patches: Patches) -> None:
    """Replace `asyncio.sleep`, wherever it is held, until *patches* are restored."""
    private_names.allows("adapters.async_sleeping", "idleness")  # what Python lacks is told, and left out
    patches.set(asyncio, "sleep", sleep)
    patches.set(asyncio.tasks, "sleep", sleep)
    patches.also(_sites.substitute, _sites.restore)
