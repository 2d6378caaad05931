"""Polls a queue: receives, filters, gathers, invokes, and deletes what is done.

What is not deleted comes back by itself, once the queue's visibility timeout is over.
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from lambda_states_mock.clock import Timer
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.event_sources import journal as outcomes
from lambda_states_mock.event_sources.batching import cut, window_end
from lambda_states_mock.event_sources.dispatcher import Answer, Result
from lambda_states_mock.event_sources.journal import Batch, Journal
from lambda_states_mock.event_sources.messages import QueueMessage
from lambda_states_mock.event_sources.polling import (
    CALL_FAILED,
    OK,
    PolledRecord,
    PollErrors,
    PollingTools,
    text_of,
)
from lambda_states_mock.event_sources.responses import verdict_of
from lambda_states_mock.event_sources.scaling import BatchConcurrency, scale_of
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.event_sources.waking import Alarm, back_off
from lambda_states_mock.instants import iso_milliseconds
from lambda_states_mock.quick_dataclasses import dataclass

AT_ONCE = 10  # messages that one ReceiveMessage brings at most
VISIBILITY_MARGIN = timedelta(seconds=30)


class QueueSource(Protocol):
    """A queue as its poller sees it. Each method raises NeighbourError with what the queue answers."""

    def receive(self, count: int, visibility: timedelta | None = None) -> Sequence[QueueMessage]:
        """Return at most *count* messages, hidden from now on for *visibility*, or as the queue's settings say."""

    def delete(self, messages: Iterable[QueueMessage]) -> None:
        """Delete messages that were received."""

    def leave(self, messages: Iterable[QueueMessage]) -> None:
        """Take notice that messages that were received are not done: some queues give them out again sooner."""

    def next_visible(self) -> datetime | None:
        """Return when the next hidden or delayed message becomes visible; None where there is none."""

    def visibility(self) -> timedelta | None:
        """Return how long the queue hides what was received; None: until it is left."""


class QueueFormat(Protocol):
    """How messages of one kind of queue stand in an event."""

    def record(self, message: QueueMessage, settings: PollSettings, now: datetime) -> tuple[Mapping[str, Any], Any]:
        """Return *message* as in the event, and as filters see it."""

    def payload(self, records: Sequence[PolledRecord], settings: PollSettings) -> bytes:
        """Return the event of *records*."""


@dataclass(slots=True, eq=False)
class _Sent:
    """A batch that the function has got, or is to get."""

    records: tuple[PolledRecord, ...]
    batch: Batch
    settings: PollSettings
    payload: bytes
    hidden_until: datetime | None
    refusals: int = 0

    def refused(self) -> int:
        self.refusals += 1
        return self.refusals


def _message(record: PolledRecord) -> QueueMessage:
    assert isinstance(record.origin, QueueMessage)
    return record.origin


@dataclass(eq=False, slots=True)
class QueuePoller:
    """The poller of one mapping.

    Parameters: *queue* returns the queue as it is now; *timeout*, the function's, None where there is no function.
    """

    tools: PollingTools
    queue: Callable[[], QueueSource]
    format: QueueFormat
    journal: Journal
    timeout: Callable[[], timedelta | None]
    last_result: str | None = None
    _settings: PollSettings | None = None  # None while it does not poll
    _gathered: list[PolledRecord] = field(default_factory=list)
    _sent: list[_Sent] = field(default_factory=list)
    _anchor: datetime = field(init=False)
    _first: datetime | None = None  # when the first of what is gathered came
    _window: Timer | None = None
    _alarm: Alarm = field(init=False)
    _errors: PollErrors = field(init=False)
    _gauge: BatchConcurrency | None = None

    def __post_init__(self) -> None:
        self._anchor = self.tools.clock.standing
        self._alarm = Alarm(self.tools.clock, f"{self.journal.label} poll", self._poll)
        self._errors = PollErrors(self.tools.faults, self._alarm)

    # -- as the mapping's life says

    def start(self, settings: PollSettings) -> None:
        if self._settings is None:
            self._anchor = self.tools.clock.standing
        self._settings = settings
        self._gauge = BatchConcurrency(scale_of(settings))
        self._errors.start()
        self.look()

    def stop(self) -> None:
        settings, self._settings = self._settings, None
        self._alarm.silence()
        if settings is not None and self._gathered:  # what was read is finished with the old settings
            self._send_gathered(settings)

    def look(self, shard: str | None = None) -> None:  # noqa: ARG002 - a queue has none
        if self._settings is not None:
            self._alarm.ring_soon(self.tools.latency(self._settings.mapping))

    # -- as views see it

    @property
    def stopped(self) -> str | None:
        return self._errors.stopped

    @property
    def positions(self) -> Mapping[str, str]:
        return {}

    @property
    def in_flight(self) -> int:
        return len(self._gathered) + sum(len(one.records) for one in self._sent)

    @property
    def waits_for(self) -> str:
        if self._errors.problem:
            return self._errors.problem
        if self._window is not None:
            return f"{len(self._gathered)} gathered, waiting for the window until {iso_milliseconds(self._window.due)}"
        if any(one.refusals for one in self._sent):
            return next(one.batch.attempts[-1].detail for one in self._sent if one.refusals)
        if self._gauge is not None and self._sent and len(self._sent) >= self._gauge.limit(self.tools.clock.standing):
            return f"{len(self._sent)} batches are under way, and no more may be"
        return ""

    # -- polling

    def _poll(self) -> None:
        settings, gauge, now = self._settings, self._gauge, self.tools.clock.standing
        if settings is None or gauge is None:
            return
        if self._errors.stands_against(settings, now):
            self.last_result = self._errors.result or self.last_result
            return
        try:
            self._read(settings, gauge)
            self._errors.succeeded()
        except NeighbourError as error:
            self._errors.failed(error, now)

    def _read(self, settings: PollSettings, gauge: BatchConcurrency) -> None:
        queue, clock = self.queue(), self.tools.clock
        visibility = self._visibility(settings, queue)
        while True:
            if len(self._sent) >= gauge.limit(clock.standing):
                gauge.saturated(clock.standing)
                step = gauge.next_step(clock.standing)
                if step is not None:
                    self._alarm.ring_at(step)
                return  # the end of a batch looks again
            wanted = min(settings.batch_size - len(self._gathered), AT_ONCE)
            messages = queue.receive(wanted, visibility)
            self._gather(queue, messages, settings)
            is_drained = len(messages) < wanted
            if not settings.window:
                self._send_gathered(settings)
            elif self._is_full(settings):
                self._send_batch(settings)
            if is_drained:
                break
        self._set_window(settings)
        if not self._sent and not self._gathered:
            gauge.idle()
        upcoming = queue.next_visible()
        if upcoming is not None:
            self._alarm.ring_at(upcoming)

    def _visibility(self, settings: PollSettings, queue: QueueSource) -> timedelta | None:
        """Return how long messages are to be hidden, where that is longer than the queue says."""
        timeout = self.timeout()
        if not settings.window or timeout is None:
            return None
        needed = settings.window + timeout
        usual = queue.visibility()
        return needed + VISIBILITY_MARGIN if usual is not None and needed > usual else None

    def _gather(self, queue: QueueSource, messages: Sequence[QueueMessage], settings: PollSettings) -> None:
        if not messages:
            return
        self.journal.polled(len(messages))
        dropped: list[QueueMessage] = []
        now = self.tools.clock.standing
        for message in messages:
            shown, subject = self.format.record(message, settings, now)
            if settings.filters.accept(subject):
                self._gathered.append(PolledRecord(message.id, text_of(shown), message))
            else:
                dropped.append(message)
        if dropped:
            queue.delete(dropped)
            self.journal.filtered([one.id for one in dropped])
        if self._gathered and self._first is None:
            self._first = self.tools.clock.standing

    def _is_full(self, settings: PollSettings) -> bool:
        return cut((one.size for one in self._gathered), settings.batch_size).is_full

    def _set_window(self, settings: PollSettings) -> None:
        if not self._gathered or self._first is None or self._window is not None:
            return
        end = window_end(self._first, self._anchor, settings.window, from_first=settings.window_from_first)
        clock = self.tools.clock
        label = f"{self.journal.label} window"
        self._window = clock.call_at(max(end, clock.standing), partial(self._send_gathered, settings), label=label)

    # -- sending

    def _send_gathered(self, settings: PollSettings) -> None:
        while self._gathered:
            self._send_batch(settings)

    def _send_batch(self, settings: PollSettings) -> None:
        if self._window is not None:
            self._window.cancel()
            self._window = None
        size = cut((one.size for one in self._gathered), settings.batch_size)
        records = tuple(self._gathered[: size.count])
        del self._gathered[: size.count]
        self._first = self.tools.clock.standing if self._gathered else None
        hidden = [until for one in records if (until := _message(one).hidden_until) is not None]
        batch = self.journal.begin([one.id for one in records])
        payload = self.format.payload(records, settings)
        sent = _Sent(records, batch, settings, payload, min(hidden, default=None))
        self._sent.append(sent)
        self._attempt(sent)

    def _attempt(self, sent: _Sent) -> None:
        mapping, dispatcher = sent.settings.mapping, self.tools.dispatcher
        traces = (_message(one).system.get("AWSTraceHeader") for one in sent.records)
        trace = max((one for one in traces if one), key=len, default=None)
        attempt = max(_message(one).receives for one in sent.records)
        try:
            target = dispatcher.target(mapping.place, mapping.function_arn)
            dispatcher.send(target, sent.payload, partial(self._ended, sent), trace=trace, attempt=attempt)
        except BaseException:
            self._leave(sent)  # a mistake of the test: the messages return
            raise

    def _ended(self, sent: _Sent, answer: Answer) -> None:
        now = self.tools.clock.standing
        if answer.result in (Result.THROTTLED, Result.NOT_READY):
            self._refused(sent, answer, now)
            return
        if answer.result is Result.RETURNED:
            self._returned(sent, answer)
            if self._gauge is not None:
                self._gauge.succeeded()
        else:
            self.journal.attempted(sent.batch, answer.request_id, outcomes.FAILED, answer.detail)
            self.last_result = CALL_FAILED
            self._leave(sent)
        self._anchor = now
        self.look()

    def _returned(self, sent: _Sent, answer: Answer) -> None:
        ids = [one.id for one in sent.records]
        verdict = verdict_of(answer.payload, ids, reports_failures=sent.settings.reports_failures)
        failed = set(verdict.failed)
        done = [_message(one) for index, one in enumerate(sent.records) if index not in failed]
        if done:
            try:
                self.queue().delete(done)
            except NeighbourError as error:  # they come again
                self.journal.tell("NotDeleted", str(error))
            else:
                self.journal.count("DeletedEventCount", len(done))
        outcome = outcomes.SUCCEEDED
        if failed:
            outcome = outcomes.PARTIAL if done else outcomes.FAILED
        why = verdict.why or (f"{len(failed)} of {len(ids)} were reported as failed" if failed else "")
        self.journal.attempted(sent.batch, answer.request_id, outcome, why)
        self.journal.end(sent.batch, outcome, done=len(done))
        self.last_result = CALL_FAILED if outcome == outcomes.FAILED else OK
        self._sent.remove(sent)
        if failed:
            self._let_return([_message(sent.records[index]) for index in verdict.failed])

    def _refused(self, sent: _Sent, answer: Answer, now: datetime) -> None:
        """Try again with back-off, until the messages are visible again."""
        is_throttled = answer.result is Result.THROTTLED
        outcome = outcomes.THROTTLED if is_throttled else outcomes.WAITING
        self.journal.attempted(sent.batch, answer.request_id, outcome, answer.detail)
        if is_throttled and self._gauge is not None and not sent.refusals:
            self._gauge.throttled(len(self._sent))
        again = now + back_off(sent.refused())
        clock, label = self.tools.clock, f"{self.journal.label} batch, again"
        if sent.hidden_until is None or again < sent.hidden_until:
            clock.call_at(again, partial(self._attempt, sent), label=label, background=True)
        else:
            self._leave(sent)

    def _leave(self, sent: _Sent) -> None:
        """Leave the messages to the queue."""
        if sent in self._sent:
            self._sent.remove(sent)
            self.journal.end(sent.batch, outcomes.LEFT)
            self._let_return([_message(one) for one in sent.records])

    def _let_return(self, messages: Sequence[QueueMessage]) -> None:
        """Leave messages to the queue, and look again when the next one is visible."""
        try:
            queue = self.queue()
            queue.leave(messages)
            upcoming = queue.next_visible() if self._settings is not None else None
        except NeighbourError:
            return
        if upcoming is not None:
            self._alarm.ring_at(upcoming)
