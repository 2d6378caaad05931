"""When a batch is sent, and how much of what was read is in it.

It is sent as soon as the window is over, as many records are there as it may have, or no further one fits into the
payload. The window of queues and streams begins when the invocation before ended, and again when nothing came; that of
Kafka and MQ begins with the first record.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from lambda_states_mock.quick_dataclasses import dataclass

PAYLOAD_BYTES = 6_291_456
ENVELOPE_BYTES = 256
"""What is around the records in an event, at most; the state of a tumbling window comes to that."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How many records go into the next batch, and whether it is full: no further one has room."""

    count: int
    is_full: bool


def cut(sizes: Iterable[int], most: int, *, room: int = PAYLOAD_BYTES - ENVELOPE_BYTES) -> Cut:
    """Return the next batch of records of these *sizes* in bytes: at most *most*, in *room* bytes; one at least."""
    count = total = 0
    for size in sizes:
        if count == most:
            break
        total += size + 1  # and a comma
        if total > room and count:
            return Cut(count, is_full=True)
        count += 1
    return Cut(count, is_full=count >= most)


def window_end(first: datetime, anchor: datetime, window: timedelta, *, from_first: bool) -> datetime:
    """Return when the window ends in which a record came at *first*.

    Parameters: *anchor*, when the invocation before ended, or polling began; *from_first*: the window begins with the
    first record.
    """
    if from_first or first < anchor:
        return max(first, anchor) + window
    return anchor + window * ((first - anchor) // window + 1)
