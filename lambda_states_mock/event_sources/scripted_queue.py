"""A queue of the test, with the life that SQS gives its messages: delays, visibility, groups, redrive, retention."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import Any

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.event_sources.messages import Attributes, QueueMessage
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.function import NOTHING

RETENTION = timedelta(days=4)
VISIBILITY = timedelta(seconds=30)
DEDUPLICATION = timedelta(minutes=5)
_SEQUENCE_BASE = 18_850_000_000_000_000_000  # twenty digits, as SQS numbers messages of FIFO queues
_ENDLESS = datetime.max.replace(tzinfo=timezone.utc)
_number = attrgetter("number")


@dataclass(slots=True, eq=False)
class _Kept:
    """A message in the queue, and what happens to it there."""

    number: int
    id: str
    body: str
    sent: datetime
    attributes: Attributes
    group: str | None
    system: dict[str, Any]
    own: Mapping[str, Any]
    lives: timedelta | None
    receives: int = 0
    first_received: datetime | None = None
    handle: str = ""
    hidden_until: datetime | None = None
    is_there: bool = True

    def receive(self, now: datetime, handle: str, hidden_until: datetime) -> QueueMessage:
        self.receives += 1
        self.first_received = self.first_received or now
        self.handle, self.hidden_until = handle, hidden_until
        return QueueMessage(
            id=self.id,
            body=self.body,
            handle=handle,
            sent=self.sent,
            first_received=self.first_received,
            receives=self.receives,
            hidden_until=hidden_until,
            attributes=self.attributes,
            system=self.system,
        )

    def hide(self, until: datetime) -> None:
        self.hidden_until = until

    def leave(self) -> None:
        self.is_there = False


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The attributes of a queue, as SQS has them.

    Attributes: *dead_letters*, the address of the queue for what cannot be handled; *visibility*, None where messages
    are hidden until they are left to the queue; *redelivery*, how soon they are given out again then, None: when their
    visibility ends.
    """

    visibility: timedelta | None = VISIBILITY
    retention: timedelta = RETENTION
    delay: timedelta = timedelta()
    max_receives: int | None = None
    dead_letters: str | None = None
    redelivery: timedelta | None = None


@dataclass(eq=False, slots=True)
class ScriptedQueue:
    """Parameters: *arn*, or the address within a broker; *now*, what time it is; *dead*, takes what is moved to the
    dead-letter queue.
    """

    arn: str
    now: Callable[[], datetime]
    chance: Chance
    dead: Callable[[str, str, Mapping[str, Any]], object]
    settings: QueueSettings = field(default_factory=QueueSettings)
    expired: int = 0
    _numbers: int = 0
    _messages: dict[str, _Kept] = field(default_factory=dict)  # by id, in the order of sending
    _ready: deque[_Kept] = field(default_factory=deque)  # of a standard queue
    _groups: dict[str, list[_Kept]] = field(default_factory=dict)  # of a FIFO queue: what is ready, in order
    _locked: dict[str, set[str]] = field(default_factory=dict)  # groups with messages in flight, and which
    _hidden: list[tuple[datetime, int, _Kept]] = field(default_factory=list)
    _seen: dict[str, datetime] = field(default_factory=dict)  # deduplication ids

    @property
    def is_fifo(self) -> bool:
        return self.arn.endswith(".fifo")

    @property
    def dead_letters(self) -> str:
        """The ARN of the queue for what cannot be handled."""
        if self.settings.dead_letters is not None:
            return self.settings.dead_letters
        return f"{self.arn.removesuffix('.fifo')}-dead" + (".fifo" if self.is_fifo else "")

    def __len__(self) -> int:
        return len(self._messages)

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings, by their names."""
        self.settings = replace(self.settings, **changes)

    def be_like(self, settings: QueueSettings) -> None:
        """Have other settings altogether."""
        self.settings = settings

    @property
    def waiting(self) -> list[str]:
        """The bodies of the messages that are ready to be received, or delayed."""
        self._refresh()
        return [one.body for one in self._messages.values() if not self._in_flight(one)]

    @property
    def in_flight(self) -> list[str]:
        """The bodies of the messages that were received and are not visible."""
        self._refresh()
        return [one.body for one in self._messages.values() if self._in_flight(one)]

    def _in_flight(self, one: _Kept) -> bool:
        return bool(one.receives) and one.hidden_until is not None and one.hidden_until > self.now()

    def put(
        self,
        body: str,
        *,
        delay: timedelta | None = None,
        group: str | None = None,
        deduplication_id: str | None = None,
        attributes: Attributes = NOTHING,
        trace: str | None = None,
        own: Mapping[str, Any] = NOTHING,
        lives: timedelta | None = None,
        id: str | None = None,  # noqa: A002 - as SQS calls it
    ) -> str:
        """Take a message, and return its id.

        Parameters: *own*, further attributes that the sender has set; *lives*, how long it is kept, by default as the
        queue's settings say.
        """
        now = self.now()
        self._numbers += 1
        system: dict[str, Any] = dict(own)
        if self.is_fifo:
            token = deduplication_id or body
            if token in self._seen and now - self._seen[token] < DEDUPLICATION:
                return id or self.chance.uuid()
            self._seen[token] = now
            system["SequenceNumber"] = str(_SEQUENCE_BASE + self._numbers * 256)
            system["MessageGroupId"] = group or "default"
            system["MessageDeduplicationId"] = token
        elif group is not None:
            system["MessageGroupId"] = group
        if trace is not None:
            system["AWSTraceHeader"] = trace
        group = system.get("MessageGroupId")
        one = _Kept(self._numbers, id or self.chance.uuid(), body, now, attributes, group, system, own, lives)
        self._messages[one.id] = one
        wait = self.settings.delay if delay is None else delay
        if wait:
            one.hide(now + wait)
            heapq.heappush(self._hidden, (now + wait, one.number, one))
        else:
            self._make_ready(one)
        return one.id

    def _make_ready(self, one: _Kept) -> None:
        if self.is_fifo:
            insort(self._groups.setdefault(str(one.group), []), one, key=_number)
        else:
            self._ready.append(one)

    def _refresh(self) -> None:
        hidden = self._hidden
        if not hidden:
            return
        now = self.now()
        while hidden and hidden[0][0] <= now:
            until, _, one = heapq.heappop(hidden)
            if one.is_there and one.hidden_until == until:
                self._unlock(one)
                self._make_ready(one)

    def _unlock(self, one: _Kept) -> None:
        holders = self._locked.get(str(one.group))
        if holders is not None:
            holders.discard(one.id)
            if not holders:
                del self._locked[str(one.group)]

    def receive(self, count: int, visibility: timedelta | None = None) -> Sequence[QueueMessage]:
        """Give out at most *count* messages, and hide them for *visibility*, by default as the queue's settings say."""
        self._refresh()
        now = self.now()
        hidden_for = self.settings.visibility if visibility is None else visibility
        hidden_until = _ENDLESS if hidden_for is None else now + hidden_for
        found: list[QueueMessage] = []
        for one in self._candidates():
            if one.sent + (one.lives or self.settings.retention) <= now:
                self.expired += 1
                self._remove(one)
                continue
            limit = self.settings.max_receives
            if limit is not None and one.receives >= limit:
                self._remove(one)
                more = {"id": one.id, "group": one.group, "attributes": one.attributes, "own": one.own}
                self.dead(self.dead_letters, one.body, more)
                continue
            found.append(one.receive(now, f"AQEB{self.chance.hex(64)}", hidden_until))
            if hidden_until is not _ENDLESS:
                heapq.heappush(self._hidden, (hidden_until, one.number, one))
            if len(found) == count:
                break
        for message in found if self.is_fifo else ():
            group = message.system["MessageGroupId"]
            self._locked.setdefault(group, set()).add(message.id)
        return found

    def _candidates(self) -> Iterator[_Kept]:
        """Take what may be received, one after the other, out of what is ready."""
        if not self.is_fifo:
            while self._ready:
                one = self._ready.popleft()
                if one.is_there:
                    yield one
            return
        self._groups = {group: waiting for group, waiting in self._groups.items() if waiting}
        free = [waiting for group, waiting in self._groups.items() if group not in self._locked]
        for waiting in sorted(free, key=lambda ready: ready[0].number):
            while waiting:
                one = waiting.pop(0)
                if one.is_there:
                    yield one

    def _remove(self, one: _Kept) -> None:
        one.leave()
        self._messages.pop(one.id, None)

    def delete(self, messages: Iterable[QueueMessage]) -> None:
        """Delete messages that were received, each by its latest handle."""
        for message in messages:
            one = self._messages.get(message.id)
            if one is not None and one.handle == message.handle:
                self._remove(one)
                self._unlock(one)

    def leave(self, messages: Iterable[QueueMessage]) -> None:
        """Take notice that messages that were received are not done."""
        if self.settings.redelivery is None:
            return
        until = self.now() + self.settings.redelivery
        for message in messages:
            one = self._messages.get(message.id)
            if one is not None and one.handle == message.handle:
                one.hide(until)
                heapq.heappush(self._hidden, (until, one.number, one))

    def next_visible(self) -> datetime | None:
        """Return when the next hidden or delayed message becomes visible; None where there is none."""
        hidden = self._hidden
        while hidden and not (hidden[0][2].is_there and hidden[0][2].hidden_until == hidden[0][0]):
            heapq.heappop(hidden)
        return hidden[0][0] if hidden else None

    def visibility(self) -> timedelta | None:
        """Return how long messages that were received are hidden; None: until they are left."""
        return self.settings.visibility

    def purge(self) -> None:
        """Delete everything."""
        for one in tuple(self._messages.values()):
            self._remove(one)
        self._ready.clear()
        self._groups.clear()
        self._locked.clear()
        self._hidden.clear()
