"""What became of what was polled: the batches of a mapping, and counts; for views, the timeline and reports."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lambda_states_mock.engine.timeline import Changes, Transition
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.states.lifecycle import Move
from lambda_states_mock.states.polled_batch import POLLED_BATCH, BatchEvent, BatchState

KEPT_BATCHES = 1_000
"""Of each mapping; older ones are forgotten, and still counted."""

SHOWN_SUCCESSES = 1_000
"""Of each mapping: so many batches that went well are in the timeline. Of what did not, all are."""

RUNNING, SUCCEEDED, PARTIAL, FAILED, BISECTED = "Running", "Succeeded", "PartiallyFailed", "Failed", "Bisected"
THROTTLED, WAITING, LEFT, EXPIRED, EXHAUSTED = "Throttled", "Waiting", "Left", "RecordAgeExceeded", "RetriesExhausted"
FILTERED = "FilteredOut"

_WITHOUT_SUCCESS = {
    FAILED: BatchEvent.ATTEMPT_FAILED,
    THROTTLED: BatchEvent.ATTEMPT_REFUSED,
    WAITING: BatchEvent.ATTEMPT_REFUSED,
}
_ENDS = {
    SUCCEEDED: BatchEvent.ALL_DONE,
    PARTIAL: BatchEvent.SOME_DONE,
    FAILED: BatchEvent.NONE_DONE,
    BISECTED: BatchEvent.DIVIDED,
    LEFT: BatchEvent.LET_BE,
    EXHAUSTED: BatchEvent.TRIED_TOO_OFTEN,
    EXPIRED: BatchEvent.TOO_OLD,
}


@dataclass(frozen=True, slots=True)
class BatchAttempt:
    """One attempt to invoke the function with a batch: *at*, what came of it, and why in words."""

    at: datetime
    request_id: str
    outcome: str
    detail: str = ""


@dataclass(slots=True, eq=False)
class Batch(NamesWhatItHas):
    """Records that a function got, or was to get, together.

    Attributes: *ids*, the message ids or sequence numbers; *shard*, where they came from, None of a queue; *outcome*,
    ``Running``, ``Succeeded``, ``PartiallyFailed``, ``Failed``, ``Left`` (to its source), ``Bisected`` (divided into
    others), ``RetriesExhausted`` or ``RecordAgeExceeded``; *attempts*.
    """

    ids: tuple[str, ...]
    shard: str | None
    began: datetime
    attempts: list[BatchAttempt] = field(default_factory=list)
    _state: BatchState = POLLED_BATCH.initial

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def outcome(self) -> str:
        """What has become of it so far."""
        return POLLED_BATCH.shown[self._state] or ""

    def attempted(self, attempt: BatchAttempt) -> None:
        """Note an attempt."""
        self.attempts.append(attempt)
        if attempt.outcome in _WITHOUT_SUCCESS:
            self._step(_WITHOUT_SUCCESS[attempt.outcome])

    def end(self, outcome: str) -> None:
        """Note how it ended."""
        self._step(_ENDS[outcome])

    def _step(self, event: BatchEvent) -> None:
        move = POLLED_BATCH.step(self._state, event)
        assert isinstance(move, Move)  # no other cell is in the table
        self._state = move.to

    def __repr__(self) -> str:
        where = f" of {self.shard}" if self.shard else ""
        last = self.attempts[-1].detail if self.attempts else ""
        why = f" ({last})" if last else ""
        return f"<Batch of {len(self)}{where}: {self.outcome} after {len(self.attempts)} attempts{why}>"


@dataclass(slots=True, eq=False)
class Journal:
    """The records of one mapping.

    Parameters: its *label* in the timeline, *changes*, where it writes to that, *now*, and *count*, for metrics.
    """

    label: str
    changes: Changes
    now: Callable[[], datetime]
    count: Callable[[str, int], object]
    batches: deque[Batch] = field(default_factory=lambda: deque(maxlen=KEPT_BATCHES))
    totals: Counter[str] = field(default_factory=Counter)
    _successes: int = 0

    def polled(self, count: int) -> None:
        """Note that records were read."""
        self.totals["polled"] += count
        self.count("PolledEventCount", count)

    def filtered(self, ids: Sequence[str]) -> None:
        """Note that records were filtered out."""
        if ids:
            self.totals["filtered"] += len(ids)
            self.count("FilteredOutEventCount", len(ids))
            self.tell(FILTERED, f"{_counted(len(ids))}: no filter of the mapping matches")

    def begin(self, ids: Sequence[str], shard: str | None = None) -> Batch:
        """Note a new batch."""
        batch = Batch(tuple(ids), shard, self.now())
        self.batches.append(batch)
        return batch

    def attempted(self, batch: Batch, request_id: str, outcome: str, detail: str = "") -> None:
        """Note an attempt of *batch*."""
        batch.attempted(BatchAttempt(self.now(), request_id, outcome, detail))
        if outcome not in (THROTTLED, WAITING):
            self.count("InvokedEventCount", len(batch))
        if outcome in (FAILED, PARTIAL):
            self.count("FailedInvokeEventCount", len(batch))
        if outcome in (THROTTLED, WAITING) and [one.outcome for one in batch.attempts[-2:]] == [outcome, outcome]:
            return  # said already
        if outcome == SUCCEEDED:
            self._successes += 1
            if self._successes > SHOWN_SUCCESSES:
                return
        why = f": {detail}" if detail else ""
        self.tell(outcome, f"{_counted(len(batch))}, attempt {len(batch.attempts)}{why}")

    def end(self, batch: Batch, outcome: str, *, done: int = 0) -> None:
        """Note how *batch* ended: *done* of its records need not come again."""
        batch.end(outcome)
        self.totals["succeeded"] += done
        if outcome in (EXPIRED, EXHAUSTED):
            lost = len(batch) - done
            self.totals["dropped"] += lost
            self.count("DroppedEventCount", lost)
            self.tell(outcome, f"{_counted(lost)} dropped")

    def tell(self, what: str, cause: str) -> None:
        """Write a line into the timeline."""
        self.changes.record(Transition(self.now(), self.label, "Batch", None, what, cause))


def _counted(count: int) -> str:
    return f"{count} record" if count == 1 else f"{count} records"
