"""How quickly a function may be asked, and how quickly Lambda adds environments: token buckets on the clock.

https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple


class _Bucket(NamedTuple):
    tokens: float
    at: datetime


class TokenBuckets:
    """Buckets by key, each full when it is first asked for. What is not used is not saved up beyond its size."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def take(self, key: tuple[str, ...], *, size: float, seconds: float, at: datetime) -> int:
        """Take one token from the bucket of *key*; return 0, or the seconds to wait where it is empty.

        Parameters: *size*, of the bucket, which is filled in *seconds*; *at*, now.
        """
        rate = size / seconds
        tokens, since = self._buckets.get(key, (size, at))
        # A detached run may be ahead of the clock: what it took is taken, and time does not run backwards for the rest.
        passed = max((at - since).total_seconds(), 0.0)
        tokens = min(size, tokens + passed * rate)
        # Counted in tokens, the time of a whole one is seldom exact.
        if tokens < 1 - 1e-9:
            self._buckets[key] = _Bucket(tokens, max(at, since))
            return math.ceil((1 - tokens) / rate - 1e-9)
        self._buckets[key] = _Bucket(tokens - 1, max(at, since))
        return 0
