"""What follows from an attempt to deliver records of a stream: pure decisions.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-errors
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambda_states_mock.event_sources.responses import Verdict

RETRIES_EXHAUSTED, AGE_EXCEEDED = "RetryAttemptsExhausted", "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a batch was tried. *failures*, those that count against MaximumRetryAttempts."""

    failures: int = 0
    made: int = 0  # with those whose batch was bisected
    refused: int = 0  # in a row: throttles and errors of the system, which do not count


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with a batch of records.

    Attributes: *done*, how many of its first records are done; *again*, the batches that remain, each with its tries,
    in order; *exhausted*, whether what remains is dropped.
    """

    done: int
    again: tuple[tuple[slice, Tries], ...] = ()
    exhausted: bool = False


def after_failure(count: int, verdict: Verdict | None, tries: Tries, *, retries: int | None, bisects: bool) -> Step:
    """Return what follows from an attempt with *count* records that was no complete success.

    Parameters: *verdict*, what the function has reported; None where it raised. *tries*, those before.

    The lowest record that was reported is a checkpoint: what is before it is done, and the count starts anew there
    (recorded). A batch that is bisected has not used up a retry.
    """
    reported = verdict is not None and verdict.why is None
    first = verdict.failed[0] if verdict is not None and reported else 0
    if first:
        return Step(first, ((slice(first, count), Tries()),))
    if bisects and count > 1 and not reported:
        middle, halves = count // 2, Tries(tries.failures, tries.made + 1)
        return Step(0, ((slice(0, middle), halves), (slice(middle, count), halves)))
    failures = tries.failures + 1
    if retries is not None and failures > retries:
        return Step(0, exhausted=True)
    return Step(0, ((slice(0, count), Tries(failures, tries.made + 1)),))


def expired(arrivals: Sequence[datetime], now: datetime, age: timedelta | None) -> int:
    """Return how many of the first records are too old to be delivered."""
    if age is None:
        return 0
    for index, arrived in enumerate(arrivals):
        if now - arrived < age:
            return index
    return len(arrivals)
