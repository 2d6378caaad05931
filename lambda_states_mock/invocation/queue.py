"""Events that wait for their function: asynchronous invocations, retried on the clock.

Source: invocation-async-error-handling.html. A function error is retried twice, after one minute and then two; a
throttle or a system error puts the event back, from one second up to five minutes apart, for up to six hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lambda_states_mock.clock import VirtualClock
from lambda_states_mock.invocation.spec import Outcome
from lambda_states_mock.service_errors import ServiceError

RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
MAXIMUM_AGE = timedelta(hours=6)
FIRST_BACK_OFF = timedelta(seconds=1)
LONGEST_BACK_OFF = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An accepted event.

    Attributes:
        label: for the clock's list of timers.
        request_id: the same for all attempts.
        errors: attempts that ended in a function error; put_back: times that it could not be attempted.
    """

    label: str
    request_id: str
    payload: bytes
    accepted: datetime
    run: Callable[[QueuedEvent], Outcome]
    errors: int = 0
    put_back: int = 0

    @property
    def attempt(self) -> int:
        """The number of the coming attempt, counted from 1."""
        return self.errors + 1


class AsyncQueue:
    """The queue of a mock. Parameters: the *clock* on which it drains."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def put(self, event: QueuedEvent) -> None:
        """Accept *event*: it is attempted as soon as the call that brought it has been answered."""
        self._later(event, timedelta(0))

    def _later(self, event: QueuedEvent, delay: timedelta) -> None:
        self._clock.call_later(delay, lambda: self._attempt(event), label=f"{event.label} event, try {event.attempt}")

    def _attempt(self, event: QueuedEvent) -> None:
        try:
            outcome = event.run(event)
        except ServiceError:
            delay = min(FIRST_BACK_OFF * 2**event.put_back, LONGEST_BACK_OFF)
            self._retry(replace(event, put_back=event.put_back + 1), delay)
            return
        if outcome.function_error is not None and event.errors < len(RETRY_DELAYS):
            self._retry(replace(event, errors=event.errors + 1), RETRY_DELAYS[event.errors])

    def _retry(self, event: QueuedEvent, delay: timedelta) -> None:
        if self._clock.now + delay - event.accepted <= MAXIMUM_AGE:
            self._later(event, delay)
