"""Sleeping in trio, and in anyio on trio: as `async_sleeping` for asyncio."""

from __future__ import annotations

import heapq
import sys
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import trio
import trio.testing

from lambda_states_mock.adapters.active_mocks import ActiveMock
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.sleep_sites import SleepSites
from lambda_states_mock.adapters.sleeping import BEYOND_ALL_TIME, mock_for

REAL_SLEEP: Any = trio.sleep
_numbers = count()
_sleepers: WeakKeyDictionary[Any, list[tuple[datetime, int]]] = WeakKeyDictionary()  # by trio's token of a run


async def sleep(seconds: float) -> None:
    """Stand in for `trio.sleep`."""
    mock = mock_for(sys._getframe(1).f_globals)  # noqa: SLF001 - the caller's module is what is asked for
    if mock is None or not 0 < seconds <= BEYOND_ALL_TIME:
        await REAL_SLEEP(seconds)
    else:
        await _sleep_in(mock, seconds)


async def _sleep_in(mock: ActiveMock, seconds: float) -> None:
    sleepers = _sleepers.setdefault(trio.lowlevel.current_trio_token(), [])
    entry = mock.clock.now + timedelta(seconds=seconds), next(_numbers)
    heapq.heappush(sleepers, entry)
    try:
        while True:
            there = list(sleepers)
            await trio.testing.wait_all_tasks_blocked()
            ahead = (entry[0] - mock.clock.now).total_seconds()
            # All sleepers are woken here. Where one has gone on, the others wait until it is blocked again.
            if (
                there == sleepers
                and sleepers[0] is entry
                and (ahead <= 0 or mock.sleep(ahead, unless=_has_something_to_do))
            ):
                return
    finally:
        sleepers.remove(entry)
        heapq.heapify(sleepers)


def _has_something_to_do() -> bool:
    """Return True when another thread has called back into trio."""
    return trio.lowlevel.current_statistics().run_sync_soon_queue_size > 0


_sites = SleepSites(((REAL_SLEEP, sleep),), (trio, sys.modules.get(__name__, trio)))  # it is not there for a copy


def install(patches: Patches) -> None:
    """Replace `trio.sleep`, wherever it is held, until *patches* are restored."""
    patches.set(trio, "sleep", sleep)
    patches.also(_sites.substitute, _sites.restore)
