"""botocore's retries. Their jitter comes from the mock's seeded source, and they wait on the mock's clock.

So does the rate limiter of the adaptive mode, which would wait on a lock with a timeout. Retry objects keep what they
were made with, so we replace their methods rather than the defaults.
"""

from __future__ import annotations

import copy
import math
import random
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from botocore.exceptions import CapacityNotAvailableError

from lambda_states_mock import private_names
from lambda_states_mock.adapters import active_mocks, sleeping
from lambda_states_mock.adapters.listeners import kept_by
from lambda_states_mock.adapters.patching import Patches

_REAL_RANDOM = random.random
SHORTEST_WAIT = 0.001  # seconds: less than the clock can tell would wait for ever for the last crumb of a token
SECONDS_UNTIL_FULL = 4  # a limiter that was never throttled has its one token after two


class SeededRandom:
    """The module `random` as botocore's legacy retries see it."""

    def random(self) -> float:
        """Return a number in [0, 1) from the innermost mock's source."""
        return seeded_random()

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)


def seeded_random() -> float:
    """Return a number in [0, 1) from the innermost mock's source, or from anywhere when none is active."""
    mock = active_mocks.innermost()
    return mock.chance.jitter() if mock is not None else random.random()  # noqa: S311


class LimiterTimes:
    """The time that each client's rate limiter sees: it goes on from the machine's at the pace of the mock's clock.

    A limiter may be older than the mock. It then sees a fixed time go by between its own last moment and the mock's
    first, so that how it behaves does not depend on when it was made; and none sees time go back.
    """

    def __init__(self) -> None:
        self._bases: WeakKeyDictionary[active_mocks.ActiveMock, WeakKeyDictionary[Any, float]] = WeakKeyDictionary()
        self._latest: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def now(self, mock: active_mocks.ActiveMock, clock: Any) -> float:
        """Return seconds since 1970, more or less, as the limiter's *clock* sees them in *mock*."""
        if clock not in (bases := self._bases.setdefault(mock, WeakKeyDictionary())):
            latest = self._latest.get(clock)
            first = math.ceil(time.time() if latest is None else latest + SECONDS_UNTIL_FULL)
            bases[clock] = first - mock.clock.now.timestamp()
        moment = self._latest[clock] = bases[clock] + mock.clock.now.timestamp()
        return moment

    def was_used(self, clock: Any, last: float) -> None:
        """Note that the limiter of *clock* has seen *last*, unless more is known of it."""
        self._latest.setdefault(clock, last)


LIMITER_TIMES = LimiterTimes()  # for good: a client may live through several mocks


def seed_legacy_retries(patches: Patches) -> None:
    """Draw the jitter of botocore's legacy retries from the mock's source until *patches* are restored."""
    import botocore.retryhandler

    patches.set(botocore.retryhandler, "random", SeededRandom())


def seed_standard_backoff(patches: Patches) -> None:
    """Draw the jitter of the standard retries from the mock's source until *patches* are restored."""
    import botocore.retries.standard

    backoff: Any = botocore.retries.standard.ExponentialBackoff
    original = backoff.delay_amount
    if _REAL_RANDOM not in vars(backoff()).values():
        private_names.tell("botocore", "random() kept by ExponentialBackoff", "the jitter of retries is not seeded")

    def delay_amount(self: Any, context: Any) -> Any:
        return original(_with(self, _REAL_RANDOM, seeded_random), context)

    patches.set(backoff, "delay_amount", delay_amount)


def sleep_on_our_clock(patches: Patches) -> None:
    """Replace the sleep that handlers have bound. Those of an older botocore have none: its endpoint sleeps."""
    import botocore.retries.standard

    handler: Any = botocore.retries.standard.RetryHandler
    original = handler.needs_retry

    def needs_retry(self: Any, **kwargs: Any) -> Any:
        ours = self if mock_of_limiters() is None else _with(self, sleeping.REAL_SLEEP, _limiter_sleep)
        return original(ours, **kwargs)

    patches.set(handler, "needs_retry", needs_retry)


def limit_on_our_clock(patches: Patches) -> None:
    """Let the rate limiter of the adaptive mode wait on the mock's clock until *patches* are restored."""
    import botocore.retries.adaptive
    import botocore.retries.bucket

    bucket: Any = botocore.retries.bucket
    clocker: Any = botocore.retries.adaptive.RateClocker
    original_time = bucket.Clock.current_time
    original_acquire = bucket.TokenBucket.acquire
    original_record = clocker.record

    def current_time(self: Any) -> Any:
        mock = mock_of_limiters()
        return original_time(self) if mock is None else LIMITER_TIMES.now(mock, self)

    def record(self: Any, amount: int = 1) -> Any:
        LIMITER_TIMES.was_used(kept_by(self, bucket.Clock), self._last_bucket)
        return original_record(self, amount)

    def acquire(self: Any, amount: int = 1, block: bool = True) -> Any:
        while block and mock_of_limiters() is not None:
            with suppress(CapacityNotAvailableError):
                return original_acquire(self, amount, block=False)
            _limiter_sleep(time_to_fill(self, amount))
        return original_acquire(self, amount, block)

    patches.set(bucket.Clock, "current_time", current_time)
    patches.set(bucket.TokenBucket, "acquire", acquire)
    patches.set(clocker, "record", record)


def mock_of_limiters() -> active_mocks.ActiveMock | None:
    """Return the mock on whose clock botocore waits in this thread, or None when it waits for real."""
    mock = active_mocks.where_this_thread_sleeps()
    return mock if mock is not None and mock.sleep_mode != "real" else None


def time_to_fill(bucket: Any, amount: int) -> float:
    """Return in how many seconds a token *bucket* has *amount*, as the clock can tell them.

    What two runs differ in far behind the point makes no difference.
    """
    left: float = (amount - bucket.available_capacity) / bucket.max_rate
    return max(round(left, 3), SHORTEST_WAIT)


def _with(made: Any, real: object, ours: object) -> Any:
    """Return a copy of *made* that has *ours* where it was made with *real*; *made* itself, where it was not."""
    kept = [name for name, value in vars(made).items() if value is real]
    if not kept:
        return made
    copied = copy.copy(made)
    vars(copied).update(dict.fromkeys(kept, ours))
    return copied


def _limiter_sleep(seconds: float) -> None:
    mock = mock_of_limiters()
    if mock is None:
        sleeping.REAL_SLEEP(seconds)
    else:
        mock.sleep(seconds)
