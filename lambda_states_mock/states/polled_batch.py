"""A batch of an event source mapping, from its first attempt to what has become of its records.

What follows from an attempt is decided by `event_sources.retrying` for streams and topics, and for queues by the queue:
a message that is not deleted comes again. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from enum import auto

from lambda_states_mock.states.lifecycle import Cell, Impossible, Label, Lifecycle, Move, grid


class BatchState(Label):
    UNDER_WAY = auto()
    WAITING = auto()  # for another attempt, or for what is decided after one
    SUCCEEDED = auto()
    PARTIALLY_FAILED = auto()
    FAILED = auto()
    BISECTED = auto()
    LEFT = auto()
    RETRIES_EXHAUSTED = auto()
    RECORD_AGE_EXCEEDED = auto()


class BatchEvent(Label):
    ATTEMPT_FAILED = auto()
    ATTEMPT_REFUSED = auto()  # throttled, or the function is not ready
    ALL_DONE = auto()
    SOME_DONE = auto()
    NONE_DONE = auto()  # as the function has reported
    DIVIDED = auto()  # halved, or its first records are too old
    LET_BE = auto()  # its records stay in the source
    TRIED_TOO_OFTEN = auto()
    TOO_OLD = auto()


_OVER = Impossible("nothing more is done for a batch that is over")
_ENDS = {
    BatchEvent.ALL_DONE: BatchState.SUCCEEDED,
    BatchEvent.SOME_DONE: BatchState.PARTIALLY_FAILED,
    BatchEvent.NONE_DONE: BatchState.FAILED,
    BatchEvent.DIVIDED: BatchState.BISECTED,
    BatchEvent.LET_BE: BatchState.LEFT,
    BatchEvent.TRIED_TOO_OFTEN: BatchState.RETRIES_EXHAUSTED,
    BatchEvent.TOO_OLD: BatchState.RECORD_AGE_EXCEEDED,
}
_LEADS_TO = {BatchEvent.ATTEMPT_FAILED: BatchState.WAITING, BatchEvent.ATTEMPT_REFUSED: BatchState.WAITING, **_ENDS}


def _row(to: BatchState) -> list[Cell[BatchState, BatchEvent]]:
    move: Move[BatchState, BatchEvent] = Move(to)
    return [move if state in (BatchState.UNDER_WAY, BatchState.WAITING) else _OVER for state in BatchState]


TABLE = grid(tuple(BatchState), {event: _row(to) for event, to in _LEADS_TO.items()})

POLLED_BATCH = Lifecycle(
    name="Batch",
    title="Batch of an event source mapping",
    initial=BatchState.UNDER_WAY,
    shown={
        BatchState.UNDER_WAY: "Running",
        BatchState.WAITING: "Running",
        BatchState.SUCCEEDED: "Succeeded",
        BatchState.PARTIALLY_FAILED: "PartiallyFailed",
        BatchState.FAILED: "Failed",
        BatchState.BISECTED: "Bisected",
        BatchState.LEFT: "Left",
        BatchState.RETRIES_EXHAUSTED: "RetriesExhausted",
        BatchState.RECORD_AGE_EXCEEDED: "RecordAgeExceeded",
    },
    table=TABLE,
    final=frozenset(_ENDS.values()),
)
