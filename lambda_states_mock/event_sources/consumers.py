"""How many consumers read a topic at once.

There is one at first. Lambda judges each minute how far behind they are, and adds or removes some within three minutes;
there are never more than partitions. Provisioned pollers have their own least and most. How many are added is not
published: here they double while more waits than each has taken, and fall back to the least when nothing does.
https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

from datetime import timedelta

from lambda_states_mock.event_sources.settings import TOPICS, PollSettings

JUDGED_EACH = timedelta(minutes=1)
CHANGED_AFTER = timedelta(minutes=3)


def consumers_of(settings: PollSettings, partitions: int) -> tuple[int, int]:
    """Return how many consumers a topic with so many *partitions* has at least, and at most; 0 of what has none."""
    if settings.kind not in TOPICS:
        return 0, 0
    least, most = settings.pollers or (1, partitions)
    return min(least, partitions), min(most, partitions)


def judged(consumers: int, least: int, most: int, *, is_behind: bool) -> int:
    """Return how many consumers there are to be, of so many now."""
    return min(max(consumers * 2, least), most) if is_behind else least
