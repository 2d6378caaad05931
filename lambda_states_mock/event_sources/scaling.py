"""How many batches of a queue are under way at once.

A standard queue begins with 5, and gains up to 300 each minute while it is busy, up to 1,250. ``MaximumConcurrency``
is a limit of its own. Provisioned pollers make ten invocations each, and gain 1,000 each minute. FIFO queues are
limited by their message groups, which the queue sees to. Throttles halve what is tried; each batch that goes
well adds one.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta

from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.quick_dataclasses import dataclass

FIRST, PER_MINUTE, MOST = 5, 300, 1_250
PER_POLLER, PROVISIONED_PER_MINUTE, PROVISIONED_MOST = 10, 1_000, 20_000
STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """From how many to how many batches at once, and by how many more each minute."""

    first: int
    per_minute: int
    most: int

    def after(self, busy: timedelta) -> int:
        """Return how many there may be when the queue has been busy for so long."""
        return min(self.most, self.first + self.per_minute * (busy // STEP))


def scale_of(settings: PollSettings) -> Scale:
    """Return how the mapping scales."""
    if settings.pollers is not None:
        least, most = settings.pollers
        top = min(most * PER_POLLER, PROVISIONED_MOST)
        return Scale(min(least * PER_POLLER, top), PROVISIONED_PER_MINUTE, top)
    if settings.mapping.source.is_fifo or settings.concurrency is not None:
        most = settings.concurrency or MOST
        return Scale(most, 0, most)
    if settings.kind == "sqs":
        return Scale(FIRST, PER_MINUTE, MOST)
    return Scale(FIRST, 0, FIRST)  # MQ: five a broker


@dataclass(slots=True, eq=False)
class BatchConcurrency:
    """How many batches may be under way now."""

    scale: Scale
    _busy_since: datetime | None = field(default=None)
    _cap: int | None = field(default=None)  # after throttles

    def limit(self, now: datetime) -> int:
        """Return the limit."""
        usual = self.scale.after(now - self._busy_since) if self._busy_since is not None else self.scale.first
        return usual if self._cap is None else min(usual, self._cap)

    def next_step(self, now: datetime) -> datetime | None:
        """Return when the limit grows next, None if it does not."""
        if self._busy_since is None or self.scale.after(now - self._busy_since) >= self.scale.most:
            return None
        return self._busy_since + STEP * ((now - self._busy_since) // STEP + 1)

    def saturated(self, now: datetime) -> None:
        """Note that there is more to do than the limit lets through."""
        self._busy_since = self._busy_since or now

    def idle(self) -> None:
        """Note that the queue is empty and nothing is under way."""
        self._busy_since = self._cap = None

    def throttled(self, under_way: int) -> None:
        """Note that the function was throttled while so many batches were under way."""
        self._cap = max(1, under_way // 2)

    def succeeded(self) -> None:
        """Note that a batch went well."""
        if self._cap is not None:
            self._cap += 1
