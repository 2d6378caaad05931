"""Events that wait for their function: asynchronous invocations, attempted again on the clock.

A function error is followed by two more attempts, after one minute and then two; a throttle or an error of the system
puts the event back, from one second up to five minutes apart. None is made when the event would be too old by then.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.execution import sleeping
from lambda_states_mock.instants import backed_off
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.service_errors import ServiceError

if TYPE_CHECKING:
    from lambda_states_mock.execution.outcome import Outcome

RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
MAXIMUM_AGE = timedelta(hours=6)
FIRST_BACK_OFF = timedelta(seconds=1)
LONGEST_BACK_OFF = timedelta(minutes=5)
_NOW = timedelta()

SUCCESS = "Success"
RETRIES_EXHAUSTED = "RetriesExhausted"
EVENT_AGE_EXCEEDED = "EventAgeExceeded"
ZERO_RESERVED = "ZeroReservedConcurrency"


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How often and how long an event is attempted. *retries*, after function errors: 0 to 2."""

    retries: int = len(RETRY_DELAYS)
    maximum_age: timedelta = MAXIMUM_AGE


class Rejected(Exception):  # noqa: N818 - what happens to the event
    """No further attempt is to be made. Parameters: the *condition*, and the *error* that AWS has for it, if any."""

    def __init__(self, condition: str, error: ServiceError | None = None) -> None:
        super().__init__(condition)
        self.condition = condition
        self.error = error


class Delivery(Protocol):
    """What the queue does not know of an event: what it is for, and what becomes of it."""

    def settings(self) -> RetrySettings:
        """Return the settings as they are now."""

    def attempt(self, event: QueuedEvent) -> Outcome | None:
        """Make an attempt; None: there is nothing left to attempt it on. Raises Rejected, and ServiceError for what
        may be otherwise later.
        """

    def ended(self, event: QueuedEvent, condition: str) -> None:
        """The event has come to its end; its last attempt is in it."""


@dataclass(slots=True, eq=False)
class QueuedEvent:
    """An accepted event, and what has become of it so far."""

    label: str  # for the clock's list of timers
    request_id: str  # the same for all attempts
    payload: bytes
    accepted: datetime
    delivery: Delivery
    trace: str | None = None  # the header of the chain of requests that has brought it
    tenant: str | None = None  # for whom, where the function isolates its tenants
    errors: int = 0  # attempts that ended in a function error
    put_back: int = 0  # times that it could not be attempted
    outcome: Outcome | None = field(default=None, repr=False)  # of the last attempt that was made
    error: ServiceError | None = None  # why the last one could not be made, after that

    @property
    def attempt(self) -> int:
        """The number of the coming attempt, counted from 1."""
        return self.errors + 1


class AsyncQueue:
    """The queue of a mock. Parameters: the *clock* on which it drains."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def put(self, event: QueuedEvent) -> None:
        """Accept *event*: it is attempted as soon as the call that brought it has been answered.

        Where a handler has made the call, that is not before it sleeps or ends: it does not wait for the event.
        """
        sleeping.afterwards(self._clock, lambda: self._after(max(event.accepted - self._clock.now, _NOW), event))

    def _after(self, delay: timedelta, event: QueuedEvent) -> None:
        self._clock.schedule(delay, lambda: self._attempt(event), label=f"{event.label} event, try {event.attempt}")

    def _attempt(self, event: QueuedEvent) -> None:
        try:
            with sleeping.detached(self._clock):
                outcome = event.delivery.attempt(event)
        except Rejected as rejected:
            event.error = rejected.error
            event.delivery.ended(event, rejected.condition)
        except ServiceError as error:
            delay = backed_off(event.put_back, FIRST_BACK_OFF, LONGEST_BACK_OFF)
            event.put_back += 1
            event.error = error
            self._retry(event, delay)
        else:
            if outcome is not None:
                event.outcome, event.error = outcome, None
                self._await_end(event, outcome)

    def _await_end(self, event: QueuedEvent, outcome: Outcome) -> None:
        """Go on when the clock has come to the end of the attempt, which ran while it stood."""
        left = outcome.ended - self._clock.standing
        if left <= _NOW:
            self._attempted(event, outcome)
            return
        label = f"{event.label} event, try {event.attempt} ends"
        self._clock.schedule(left, lambda: self._attempted(event, outcome), label=label)

    def _attempted(self, event: QueuedEvent, outcome: Outcome) -> None:
        if outcome.function_error is None:
            event.delivery.ended(event, SUCCESS)
            return
        event.errors += 1
        if event.errors > event.delivery.settings().retries:
            event.delivery.ended(event, RETRIES_EXHAUSTED)
        else:
            self._retry(event, RETRY_DELAYS[event.errors - 1])

    def _retry(self, event: QueuedEvent, delay: timedelta) -> None:
        # Recorded: with a maximum age of 60 seconds there is no second attempt, with 90 there is one.
        if self._clock.now + delay - event.accepted < event.delivery.settings().maximum_age:
            self._after(delay, event)
        else:
            event.delivery.ended(event, EVENT_AGE_EXCEEDED)
