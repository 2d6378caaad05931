"""What has run: the records that a test reads, with the metrics and logs that come of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.outcome import Outcome
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.printing import printed_fields
from lambda_states_mock.resources.arn import HOME, Place
from lambda_states_mock.resources.metric import Measured

KEPT_INVOCATIONS = 100_000
"""Older ones are forgotten, so that hours of traffic fit into memory; metrics still count them."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Invocation(NamesWhatItHas):
    """One run of a function's code.

    Attributes:
        function, version: what ran; invoked_arn: as it was asked for.
        payload: the event's bytes; outcome: what came of it; request_id: as in the log and the answer.
        kind: ``RequestResponse`` or ``Event``; attempt: 1 for the first.
        place: where the function is; tenant: whose event it was, None where the function does not isolate its tenants.
    """

    function: str
    version: str
    invoked_arn: str
    payload: bytes
    outcome: Outcome
    request_id: str
    kind: str = "RequestResponse"
    attempt: int = 1
    place: Place = HOME
    tenant: str | None = None

    def __repr__(self) -> str:
        return printed_fields(self)

    @property
    def result(self) -> bytes:
        """The bytes that the function answered with: its result, or the error's payload."""
        return self.outcome.payload

    @property
    def error(self) -> str | None:
        """The FunctionError, or None."""
        return self.outcome.function_error

    @property
    def cold(self) -> bool:
        """Whether an execution environment had to be started."""
        return self.outcome.cold

    @property
    def start(self) -> datetime:
        return self.outcome.started

    @property
    def end(self) -> datetime:
        return self.outcome.ended

    @property
    def log(self) -> str:
        return self.outcome.log

    @property
    def log_events(self) -> list[tuple[datetime, str]]:
        """The events of the log with their times: what the platform says at the end is said at the end."""
        events = self.outcome.log_events
        return [(self.start if place < events.closed else self.end, one) for place, one in enumerate(events.texts)]

    @property
    def environment(self) -> str:
        """The log stream of the execution environment."""
        return self.outcome.environment


class InvocationRecords:
    """The invocations of a mock that have ended. Parameters: where they are counted, and where their logs go."""

    def __init__(self, metrics: Metrics, neighbours: Neighbours) -> None:
        self._metrics = metrics
        self._neighbours = neighbours
        self._kept: deque[Invocation] = deque(maxlen=KEPT_INVOCATIONS)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Invocation]:
        return iter(tuple(self._kept))

    def keep(self, spec: EnvironmentSpec, invocation: Invocation) -> None:
        """Keep the record of a run that has ended, count it, and hand its log on."""
        self._kept.append(invocation)
        outcome, place = invocation.outcome, invocation.place
        values = {"Duration": outcome.duration / _MILLISECOND, "Errors": outcome.function_error is not None}
        self._metrics.add(place, Measured(invocation.function, spec.resource, outcome.ended, values))
        self._neighbours.put_log(place, spec.logging.group, outcome.environment, invocation)
