"""What the engines of Amazon MQ do with messages that are not done.

Messages are hidden while a batch with them is under way. Of a batch that fails they are given out again. ActiveMQ does
so six times, and then moves them to ``ActiveMQ.DLQ``; RabbitMQ has no limit of its own.
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from lambda_states_mock.event_sources.events.mq import ACTIVE_MQ, RABBIT_MQ
from lambda_states_mock.event_sources.scripted_queue import QueueSettings

REDELIVERIES = 6
"""Of ActiveMQ; an older text of the guide says 5. A test sets another by ``configure(max_redeliveries=...)``."""

REDELIVERY_DELAY = timedelta(seconds=1)
"""After a batch has failed; inferred: that of ActiveMQ's clients by default."""

DEAD_LETTERS = "ActiveMQ.DLQ"
_AS_LONG_AS_IT_TAKES = timedelta(days=36_500)


def settings_of(engine: str, broker: str) -> QueueSettings:
    """Return how queues of the *broker* with *engine* treat messages."""
    redeliveries = _REDELIVERIES[engine]
    return QueueSettings(
        visibility=None,
        retention=_AS_LONG_AS_IT_TAKES,
        max_receives=None if redeliveries is None else redeliveries + 1,
        dead_letters=f"{broker}#{DEAD_LETTERS}",
        redelivery=REDELIVERY_DELAY,
    )


_REDELIVERIES: Mapping[str, int | None] = {ACTIVE_MQ: REDELIVERIES, RABBIT_MQ: None}
ENGINES = tuple(_REDELIVERIES)
