"""What follows from an attempt to deliver records of a stream: pure decisions.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-errors
"""

from __future__ import annotations

from collections.abc import Sequence

from lambda_states_mock.event_sources.responses import Verdict
from lambda_states_mock.quick_dataclasses import dataclass

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

    Attributes: *done*, how many of its records are done; *again*, the batches that remain, as indices of the records,
    each with its tries, in order; *exhausted*, whether what remains is dropped.
    """

    done: int
    again: tuple[tuple[Sequence[int], Tries], ...] = ()
    exhausted: bool = False


def after_failure(
    groups: Sequence[str], verdict: Verdict | None, tries: Tries, *, retries: int | None, bisects: bool
) -> Step:
    """Return what follows from an attempt with records of these *groups* that was no complete success.

    Parameters: *groups*, for each record the shard or partition in which it has its order; *verdict*, what the function
    has reported; None where it raised. *tries*, those before.

    The lowest record of a group that was reported is a checkpoint: what is before it is done, and the count starts anew
    there (recorded). A batch that is bisected has not used up a retry.
    """
    count = len(groups)
    reported = verdict is not None and verdict.why is None
    if verdict is not None and reported:
        checkpoints: dict[str, int] = {}
        for index in verdict.failed:
            checkpoints.setdefault(groups[index], index)
        rest = [index for index, group in enumerate(groups) if index >= checkpoints.get(group, count)]
        if len(rest) < count:
            return Step(count - len(rest), ((rest, Tries()),))
    if bisects and count > 1 and not reported:
        middle, halves = count // 2, Tries(tries.failures, tries.made + 1)
        return Step(0, ((range(middle), halves), (range(middle, count), halves)))
    failures = tries.failures + 1
    if retries is not None and failures > retries:
        return Step(0, exhausted=True)
    return Step(0, ((range(count), Tries(failures, tries.made + 1)),))
