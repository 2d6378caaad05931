"""One sequence of records that stay in order: at most one batch of it is under way.

A shard has one, or with ParallelizationFactor several, among which the keys are divided. A consumer of a topic has one
for all its partitions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from lambda_states_mock.clock import Timer
from lambda_states_mock.event_sources import journal as outcomes
from lambda_states_mock.event_sources.batching import cut, window_end
from lambda_states_mock.event_sources.dispatcher import Answer, Result
from lambda_states_mock.event_sources.failure_records import LostBatch
from lambda_states_mock.event_sources.journal import Batch, Journal
from lambda_states_mock.event_sources.messages import StreamRecord
from lambda_states_mock.event_sources.polling import CALL_FAILED, OK, PolledRecord, PollingTools
from lambda_states_mock.event_sources.responses import SUCCESS, Verdict, verdict_of
from lambda_states_mock.event_sources.retrying import (
    AGE_EXCEEDED,
    RETRIES_EXHAUSTED,
    Tries,
    after_failure,
)
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.event_sources.tumbling import Aggregation
from lambda_states_mock.event_sources.waking import back_off
from lambda_states_mock.instants import iso_milliseconds
from lambda_states_mock.quick_dataclasses import dataclass


class LaneOwner(Protocol):
    """What a lane is told, and tells."""

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings, more: str) -> bytes:
        """Return the event of *records*; *more*, further members of it."""

    def lose(self, settings: PollSettings, lost: LostBatch) -> None:
        """Send a record of what is given up to the mapping's destination."""

    def say(self, result: str) -> None:
        """Keep the LastProcessingResult."""

    def idle(self) -> None:
        """A batch has ended: bring more records, if there are any."""

    def is_caught_up(self) -> bool:
        """Return whether all that has arrived was read."""

    def has_ended(self) -> bool:
        """Return whether no record will arrive any more: the shard is closed."""

    def go_back(self, record: StreamRecord) -> None:
        """Begin with *record* when polling goes on: it is not done."""

    def delivered(self, settings: PollSettings, last: StreamRecord) -> None:
        """An invocation has ended, the last of whose records is *last*."""


@dataclass(slots=True, eq=False)
class _Work:
    """Records to be delivered together, and how often that was tried."""

    records: tuple[PolledRecord, ...]
    tries: Tries
    answer: Answer | None = None  # the latest
    batch: Batch | None = None
    is_final: bool = False  # it ends a tumbling window
    refused: int = 0

    def with_batch(self, batch: Batch) -> _Work:
        self.batch = batch
        return self

    def note_refusal(self) -> int:
        self.refused += 1
        return self.refused

    def without(self, gone: Sequence[PolledRecord]) -> None:
        out = {id(one) for one in gone}
        self.records = tuple(one for one in self.records if id(one) not in out)
        self.batch = None


def record_of(one: PolledRecord) -> StreamRecord:
    """Return what the source gave out."""
    assert isinstance(one.origin, StreamRecord)
    return one.origin


@dataclass(eq=False, slots=True)
class Lane:
    """Parameters: *shard*, for names; *oldest* returns the age at which the source itself forgets records."""

    tools: PollingTools
    owner: LaneOwner
    journal: Journal
    shard: str
    oldest: Callable[[], timedelta]
    _settings: PollSettings | None = None  # None while it is stopped
    pending: deque[PolledRecord] = field(default_factory=deque)
    _todo: deque[_Work] = field(default_factory=deque)
    running: _Work | None = None
    waiting: _Work | None = None  # for its next try
    _timer: Timer | None = None  # of that try
    _window: Timer | None = None
    _first: datetime | None = None  # when the first of what is pending came
    _anchor: datetime = field(init=False)
    _aggregation: Aggregation | None = None
    _final_timer: Timer | None = None
    _is_advancing: bool = False

    def __post_init__(self) -> None:
        self._anchor = self.tools.clock.standing

    # -- as the poller says

    def start(self, settings: PollSettings) -> None:
        """Deliver, or go on with other settings."""
        if self._settings is None:
            self._anchor = self.tools.clock.standing
        self._settings = settings
        known = self._aggregation.length if self._aggregation is not None else None
        if settings.tumbling != known:  # what was aggregated in windows of another length is gone
            arn, length = settings.mapping.source.arn or "", settings.tumbling
            self._aggregation = Aggregation(length, self.shard, arn) if length is not None else None
        self.advance()

    def stop(self) -> None:
        """Deliver no more; what runs ends, and what waits is not done."""
        self._settings = None
        undone = [*((self.waiting,) if self.waiting is not None else ()), *self._todo]
        left = [one for work in undone for one in work.records] + list(self.pending)
        for work in undone:
            self._let_be(work)
        for timer in (self._timer, self._window, self._final_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._window = self._final_timer = self.waiting = self._first = None
        self._todo.clear()
        self.pending.clear()
        for one in left:
            self.owner.go_back(record_of(one))

    def add(self, record: PolledRecord) -> None:
        """Take a record behind the others."""
        self.pending.append(record)
        if self._first is None:
            self._first = self.tools.clock.standing

    @property
    def is_idle(self) -> bool:
        """Whether it has nothing to do, and no window is open."""
        is_open = self._aggregation is not None and self._aggregation.start is not None
        return self.running is None and self.waiting is None and not self._todo and not self.pending and not is_open

    def undone(self, shard: str) -> int | None:
        """Return the position of the first record of *shard* that is not done; None where all are."""
        work = [one.records for one in (self.running, self.waiting, *self._todo) if one is not None]
        firsts = (next((one for one in records if one.group == shard), None) for records in (*work, self.pending))
        return min((record_of(one).position for one in firsts if one is not None), default=None)

    def held(self, shard: str) -> int:
        """Return how many records of *shard* wait for a batch."""
        return sum(1 for one in self.pending if one.group == shard)

    def count(self) -> int:
        """Return how many records it holds."""
        work = [self.running, self.waiting, *self._todo]
        return len(self.pending) + sum(len(one.records) for one in work if one is not None)

    @property
    def waits_for(self) -> str:
        """Why nothing is delivered now, in words."""
        if self.waiting is not None and self._timer is not None:
            batch, again = self.waiting.batch, iso_milliseconds(self._timer.due)
            why = batch.attempts[-1].detail if batch is not None and batch.attempts else ""
            return f"{self.shard}: {why}; it is tried again at {again}"
        if self._window is not None:
            due = iso_milliseconds(self._window.due)
            return f"{self.shard}: {len(self.pending)} gathered, waiting for the window until {due}"
        return ""

    # -- forming batches

    def advance(self) -> None:
        """Deliver what is there, unless something is under way."""
        if self._is_advancing:  # an attempt that has ended at once: the loop goes on below it
            return
        self._is_advancing = True
        try:
            while self._settings is not None and self.running is None and self.waiting is None:
                work = self._todo.popleft() if self._todo else self._form(self._settings)
                if work is None:
                    return
                self._attempt(work, self._settings)
        finally:
            self._is_advancing = False

    def _form(self, settings: PollSettings) -> _Work | None:
        aggregation, now = self._aggregation, self.tools.clock.standing
        ready = list(self.pending)
        if aggregation is not None:
            ready = ready[: aggregation.belonging([record_of(one).arrived for one in ready])]
            owner, has_later = self.owner, bool(self.pending)
            is_past = aggregation.ends_at(now) or owner.has_ended()
            if not ready and aggregation.is_over(is_past, has_later=has_later, is_caught_up=owner.is_caught_up):
                return _Work((), Tries(), is_final=True)
            self._set_final_timer(aggregation, now)
        if not ready:
            return None
        size = cut((one.size for one in ready), settings.batch_size)
        closes = aggregation is not None and (len(ready) < len(self.pending) or aggregation.ends_at(now))
        if settings.window and not size.is_full and not closes and not self._window_is_over(settings, now):
            return None
        return self._take(size.count)

    def _take(self, count: int) -> _Work:
        if self._window is not None:
            self._window.cancel()
            self._window = None
        records = tuple(self.pending.popleft() for _ in range(count))
        self._first = self.tools.clock.standing if self.pending else None
        return _Work(records, Tries())

    def _window_is_over(self, settings: PollSettings, now: datetime) -> bool:
        first = self._first or now
        if self._window is None:
            end = window_end(first, self._anchor, settings.window, from_first=settings.window_from_first)
            if end > now:
                label = f"{self.journal.label} {self.shard} window"
                self._window = self.tools.clock.call_at(end, self.advance, label=label)
        elif self._window.due <= now:
            return True
        return self._window is None

    def _set_final_timer(self, aggregation: Aggregation, now: datetime) -> None:
        end = aggregation.end
        if end is None or end <= now or (self._final_timer is not None and self._final_timer.due == end):
            return
        if self._final_timer is not None:
            self._final_timer.cancel()
        label = f"{self.journal.label} {self.shard} tumbling window ends"
        self._final_timer = self.tools.clock.call_at(end, self.advance, label=label)

    # -- delivering

    def _age(self, settings: PollSettings) -> timedelta:
        oldest = self.oldest()
        return oldest if settings.record_age is None else min(oldest, settings.record_age)

    def _attempt(self, work: _Work, settings: PollSettings) -> None:
        now = self.tools.clock.standing
        limit = now - self._age(settings)
        old = [one for one in work.records if record_of(one).arrived <= limit]
        if old:
            batch = work.batch if work.batch is not None and len(old) == len(work.records) else None
            if batch is None and work.batch is not None:
                self.journal.end(work.batch, outcomes.BISECTED)
            batch = batch or self.journal.begin([one.id for one in old], self.shard)
            work.without(old)
            self._lose(old, work, AGE_EXCEEDED, settings, batch)
            if self._settings is None:  # stopped by that
                self._give_back(work.records)
                return
            if not work.records and not work.is_final:
                return
        if work.batch is None:
            work.with_batch(self.journal.begin([one.id for one in work.records], self.shard))
        more = ""
        if self._aggregation is not None:
            more = self._aggregation.members([record_of(one).arrived for one in work.records], is_final=work.is_final)
        dispatcher, mapping = self.tools.dispatcher, settings.mapping
        self.running = work
        payload = self.owner.payload(work.records, settings, more)
        try:
            target = dispatcher.target(mapping.place, mapping.function_arn)
            attempt = work.tries.made + 1
            dispatcher.send(target, payload, partial(self._ended, work, settings), attempt=attempt)
        except BaseException:  # a mistake of the test
            self._again(work, settings, back_off(work.note_refusal()), counts=False)
            raise

    def _ended(self, work: _Work, settings: PollSettings, answer: Answer) -> None:
        assert work.batch is not None
        if answer.result in (Result.THROTTLED, Result.NOT_READY, Result.GONE, Result.LOOPING):
            outcome = outcomes.THROTTLED if answer.result is Result.THROTTLED else outcomes.WAITING
            self.journal.attempted(work.batch, answer.request_id, outcome, answer.detail)
            self._again(work, settings, back_off(work.note_refusal()), counts=False)
            self.owner.idle()
            return
        self._anchor = self.tools.clock.standing
        if work.records:
            self.owner.delivered(settings, record_of(work.records[-1]))
        verdict = self._verdict(work, settings, answer)
        if verdict is not None and not verdict.failed and verdict.why is None:
            self._succeeded(work, answer, verdict)
        else:
            self._failed(work, settings, answer, verdict)
        self.advance()
        self.owner.idle()

    def _verdict(self, work: _Work, settings: PollSettings, answer: Answer) -> Verdict | None:
        if answer.result is Result.FAILED:
            return None
        if self._aggregation is not None:
            problem = self._aggregation.take(answer.payload, is_final=work.is_final)
            if problem:
                return Verdict(tuple(range(len(work.records))), problem)
        if not work.records:
            return SUCCESS
        ids = [one.id for one in work.records]
        return verdict_of(answer.payload, ids, reports_failures=settings.reports_failures)

    def _succeeded(self, work: _Work, answer: Answer, verdict: Verdict) -> None:
        assert work.batch is not None
        self.running = None
        self.journal.attempted(work.batch, answer.request_id, outcomes.SUCCEEDED, verdict.why or "")
        self.journal.end(work.batch, outcomes.SUCCEEDED, done=len(work.records))
        self.owner.say(OK)

    def _failed(self, work: _Work, settings: PollSettings, answer: Answer, verdict: Verdict | None) -> None:
        assert work.batch is not None
        count = len(work.records)
        groups = [one.group for one in work.records]
        step = after_failure(groups, verdict, work.tries, retries=settings.retries, bisects=settings.bisects)
        detail = answer.detail
        if verdict is not None:
            detail = verdict.why or f"{len(verdict.failed)} of {count} were reported as failed"
        self.journal.attempted(
            work.batch, answer.request_id, outcomes.PARTIAL if step.done else outcomes.FAILED, detail
        )
        self.owner.say(CALL_FAILED)
        if step.exhausted:
            self.running = None
            made = Tries(work.tries.failures + 1, work.tries.made + 1)
            lost = _Work(work.records, made, answer, work.batch)
            if work.is_final and self._aggregation is not None:  # the next window is not held up any longer
                self._aggregation.close()
            if work.records:
                self._lose(work.records, lost, RETRIES_EXHAUSTED, settings, work.batch)
            else:
                self.journal.end(work.batch, outcomes.EXHAUSTED)
            return
        if len(step.again) == 1 and not step.done:
            ((_, tries),) = step.again
            again = _Work(work.records, tries, answer, work.batch, work.is_final)
            self._again(again, settings, back_off(tries.failures), counts=True)
            return
        self.running = None
        self.journal.end(work.batch, outcomes.PARTIAL if step.done else outcomes.BISECTED, done=step.done)
        parts = [_Work(tuple(work.records[index] for index in part), tries, answer) for part, tries in step.again]
        if self._settings is None:  # stopped meanwhile
            self._give_back([one for part in parts for one in part.records])
        self._todo.extendleft(reversed(parts if self._settings is not None else []))

    def _let_be(self, work: _Work) -> None:
        """Note that no more is done for the batch of *work*: its records stay where they are."""
        if work.batch is not None:
            self.journal.end(work.batch, outcomes.LEFT)

    def _give_back(self, records: Sequence[PolledRecord]) -> None:
        for one in records:
            self.owner.go_back(record_of(one))

    def _again(self, work: _Work, settings: PollSettings, delay: timedelta, *, counts: bool) -> None:
        """Try again after *delay*, or as soon as the first record is too old. *counts*: there are so many retries."""
        self.running = None
        if self._settings is None:
            self._let_be(work)
            self._give_back(work.records)
            return
        clock = self.tools.clock
        when = clock.standing + delay
        if work.records:
            oldest = min(record_of(one).arrived for one in work.records)
            when = min(when, max(oldest + self._age(settings), clock.standing))
        self.waiting = work
        label = f"{self.journal.label} {self.shard} batch, again"
        ends = (counts and settings.retries is not None) or settings.record_age is not None
        self._timer = clock.call_at(when, self._retry, label=label, background=not ends)

    def _retry(self) -> None:
        work, settings = self.waiting, self._settings
        self.waiting = self._timer = None
        if work is not None and settings is not None:
            self._attempt(work, settings)
            self.advance()
            self.owner.idle()

    def _lose(
        self, gone: Sequence[PolledRecord], work: _Work, condition: str, settings: PollSettings, batch: Batch
    ) -> None:
        outcome = outcomes.EXPIRED if condition == AGE_EXCEEDED else outcomes.EXHAUSTED
        self.journal.end(batch, outcome)
        payload = self.owner.payload(gone, settings, "")
        records = [record_of(one) for one in gone]
        self.owner.lose(settings, LostBatch(records, condition, work.tries.made, work.answer, payload))
