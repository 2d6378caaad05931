"""botocore's retries: their jitter is drawn from the mock's seeded source, and the adaptive mode's rate limiter, which
waits on a lock with a timeout, waits on the mock's clock.

Retry objects keep what they were made with, so the methods are replaced rather than the defaults.
"""

# ruff: noqa: SLF001 - what has to be caught is private to the library

from __future__ import annotations

import copy
import math
import random
import sys
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import botocore.retries.bucket
import botocore.retries.standard
import botocore.retryhandler
from botocore.exceptions import CapacityNotAvailableError

from lambda_states_mock.adapters import sleeping, worlds
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.clock import VirtualClock

SHORTEST_WAIT = 0.001  # seconds: less than the clock can tell would wait for ever for the last crumb of a token


class SeededRandom:
    """The module `random` as botocore's legacy retries see it."""

    def random(self) -> float:
        """Return a number in [0, 1) from the innermost mock's source."""
        return seeded_random()

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)


def seeded_random() -> float:
    """Return a number in [0, 1) from the innermost mock's source, or from anywhere when none is active."""
    world = worlds.innermost()
    return world.chance.random() if world is not None else random.random()  # noqa: S311


class LimiterTime:
    """The time that rate limiters see: it goes on from the machine's at the pace of the mock's clock.

    A limiter may be older than the mock, and one that saw time go back would wait for the difference; so it starts at
    or after what any limiter has seen. It starts at a whole second, for equal fractions in each run.
    """

    latest = 0.0

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._began = clock.now
        self._base = math.ceil(max(time.time(), LimiterTime.latest))

    def now(self) -> float:
        """Return seconds since 1970, more or less."""
        moment = self._base + (self._clock.now - self._began).total_seconds()
        LimiterTime.latest = max(LimiterTime.latest, moment)
        return moment


def install(patches: Patches) -> None:
    """Replace what botocore draws and waits with until *patches* are restored."""
    patches.set(botocore.retryhandler, "random", SeededRandom())
    _seed_standard_backoff(patches)
    _sleep_on_our_clock(patches)
    _limit_on_our_clock(patches)


def _seed_standard_backoff(patches: Patches) -> None:
    original = botocore.retries.standard.ExponentialBackoff.delay_amount

    def delay_amount(self: Any, context: Any) -> Any:
        seeded: Any = copy.copy(self)
        seeded._random = seeded_random
        return original(seeded, context)

    patches.set(botocore.retries.standard.ExponentialBackoff, "delay_amount", delay_amount)


def _sleep_on_our_clock(patches: Patches) -> None:
    original = botocore.retries.standard.RetryHandler.needs_retry

    def needs_retry(self: Any, **kwargs: Any) -> Any:
        if self._sleep is sleeping.REAL_SLEEP and world_of_limiters() is not None:
            ours = copy.copy(self)  # the handler itself shall keep what it was made with
            ours._sleep = _limiter_sleep
            return original(ours, **kwargs)
        return original(self, **kwargs)

    patches.set(botocore.retries.standard.RetryHandler, "needs_retry", needs_retry)


def _limit_on_our_clock(patches: Patches) -> None:
    times: WeakKeyDictionary[worlds.World, LimiterTime] = WeakKeyDictionary()
    bucket = botocore.retries.bucket
    original_time = bucket.Clock.current_time
    original_acquire = bucket.TokenBucket.acquire

    def current_time(self: Any) -> Any:
        world = world_of_limiters()
        if world is None:
            return original_time(self)
        if (limiter_time := times.get(world)) is None:
            limiter_time = times[world] = LimiterTime(world.clock)
        return limiter_time.now()

    def acquire(self: Any, amount: int = 1, block: bool = True) -> Any:
        while block and world_of_limiters() is not None:
            with suppress(CapacityNotAvailableError):
                return original_acquire(self, amount, block=False)
            _limiter_sleep(max(self._sleep_amount(amount), SHORTEST_WAIT))
        return original_acquire(self, amount, block)

    patches.set(bucket.Clock, "current_time", current_time)
    patches.set(bucket.TokenBucket, "acquire", acquire)


def world_of_limiters() -> worlds.World | None:
    """Return the world on whose clock botocore waits in this thread, or None when it waits for real."""
    world = worlds.where_this_thread_sleeps()
    return world if world is not None and world.sleep_mode != "real" else None


def _limiter_sleep(seconds: float) -> None:
    world = world_of_limiters()
    if world is None:
        sleeping.REAL_SLEEP(seconds)
    else:
        world.sleep(seconds)


def install_aiobotocore(patches: Patches) -> None:
    """The same for aiobotocore's rate limiter. Its clock is botocore's."""
    if "aiobotocore.retries.bucket" not in sys.modules:
        return
    from aiobotocore.retries.bucket import AsyncTokenBucket

    from lambda_states_mock.adapters.async_sleeping import sleep_in

    token_bucket: Any = AsyncTokenBucket
    original = token_bucket._wait_for_new_fill_rate

    async def _wait_for_new_fill_rate(self: Any, sleep_amount: float) -> None:
        world = world_of_limiters()
        if world is None:
            await original(self, sleep_amount)
        else:
            await sleep_in(world, max(sleep_amount, SHORTEST_WAIT), None)

    patches.set(AsyncTokenBucket, "_wait_for_new_fill_rate", _wait_for_new_fill_rate)
