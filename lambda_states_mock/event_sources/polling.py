"""What all pollers share: what they are given, and what each does around its source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.faults import Faults
from lambda_states_mock.engine.poll_faults import STOPS, PollTrouble
from lambda_states_mock.event_sources.dispatcher import Dispatcher
from lambda_states_mock.event_sources.journal import Journal
from lambda_states_mock.event_sources.settings import PollSettings
from lambda_states_mock.event_sources.waking import Alarm, back_off
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping

OK = "OK"
CALL_FAILED = "PROBLEM: Function call failed"
CONNECTION_PROBLEM = "PROBLEM: Connection error. Please check your event source connection configuration."


@dataclass(frozen=True, slots=True)
class PolledRecord:
    """A record as a function gets it.

    Attributes: *id*, by which a function reports it as failed; *text*, its JSON in the event; *origin*, what the source
    gave out; *group*, under which it stands in the event, where there are groups.
    """

    id: str
    text: str
    origin: object
    group: str = ""

    @property
    def size(self) -> int:
        """Its bytes in the event."""
        return len(self.text) if self.text.isascii() else len(self.text.encode())


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


def text_of(record: Mapping[str, Any]) -> str:
    """Return *record* as it stands in an event."""
    return _ENCODER.encode(record)


def records_event(texts: Iterable[str], more: str = "") -> bytes:
    """Return the event of records that are *texts* already; *more*, further members, each with a comma before it."""
    return f'{{"Records":[{",".join(texts)}]{more}}}'.encode("utf-8", "surrogatepass")


class Poller(Protocol):
    """Polls one source for one mapping."""

    journal: Journal

    def start(self, settings: PollSettings) -> None:
        """Poll, or go on with other settings."""

    def stop(self) -> None:
        """Read no more. What is under way ends as it would."""

    def look(self, shard: str | None = None) -> None:
        """Look soon: there may be something. *shard*, where it is known."""

    @property
    def last_result(self) -> str | None:
        """The LastProcessingResult; None where there is nothing to say."""

    @property
    def stopped(self) -> str | None:
        """Why it polls no more until the mapping is Enabled anew, as a StateTransitionReason; None while it polls."""

    @property
    def positions(self) -> Mapping[str, str]:
        """By shard, how far its records are done."""

    @property
    def in_flight(self) -> int:
        """How many records the function has got, and has not answered for."""

    @property
    def waits_for(self) -> str:
        """Why nothing is sent now, in words; empty where there is no reason."""


@dataclass(frozen=True, slots=True)
class PollingTools:
    """What pollers are given. *latency* returns how long a poll takes to see what was put."""

    clock: VirtualClock
    chance: Chance
    faults: Faults
    dispatcher: Dispatcher
    latency: Callable[[EventSourceMapping], timedelta]


@dataclass(eq=False, slots=True)
class PollErrors:
    """What a test, or the source itself, has against polls, and when the next may be.

    Parameters: *alarm*, which is set to that time.
    """

    faults: Faults
    alarm: Alarm
    _failures: int = 0
    _passes_at: datetime | None = None  # when a poll ends that takes longer
    problem: str = ""
    stopped: str | None = None  # the StateTransitionReason of a consumer that polls no more
    result: str | None = None  # the LastProcessingResult of what stands against polls

    def start(self) -> None:
        """The mapping is Enabled: poll again what was stopped."""
        if self.stopped is not None:
            self.stopped = None
            self.succeeded()

    def stands_against(self, settings: PollSettings, now: datetime, shard: str | None = None) -> bool:
        """Return whether a poll cannot be made now."""
        if self.stopped is not None:
            return True
        if self._passes_at is not None and now >= self._passes_at:
            self._passes_at = None
            return False
        source, function = settings.mapping.source, settings.mapping.function.partition(":")[0]
        trouble = self.faults.poll(source.text, source.name, function, shard)
        if trouble is None:
            return False
        self._meet(trouble, now)
        return True

    def _meet(self, trouble: PollTrouble, now: datetime) -> None:
        if trouble.code is not None and trouble.code in STOPS:
            self.stopped, told = STOPS[trouble.code]
            self.result = f"PROBLEM: {told}"
            self.problem = f"its consumer has stopped, {self.stopped}: a fault scripted by the test"
        elif trouble.code is not None:
            self.failed(NeighbourError("poll", trouble.code, "a fault scripted by the test"), now)
        elif trouble.length is not None:
            self._passes_at = now + trouble.length
            self.problem = f"the poll takes {trouble.length.total_seconds():g} s"
            self.alarm.ring_at(self._passes_at)
        else:
            self.problem = "the source brings nothing: a fault scripted by the test"

    def failed(self, error: NeighbourError, now: datetime) -> None:
        """Note that a poll has failed with *error*, and poll again later."""
        self._failures += 1
        self.problem, self.result = str(error), CONNECTION_PROBLEM
        self.alarm.ring_at(now + back_off(self._failures))

    def succeeded(self) -> None:
        """Note that a poll went well."""
        self._failures, self.problem, self.result = 0, "", None
