"""What has run: the records that a test reads, with the metrics and logs that come of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.newest import LARGE_BODY, LargeBodies, Newest, without_large_bodies
from lambda_states_mock.printing import printed_fields
from lambda_states_mock.resources.arn import HOME, Place
from lambda_states_mock.resources.metric import Measured

if TYPE_CHECKING:
    from lambda_states_mock.execution.outcome import Outcome

KEPT_INVOCATIONS = 100_000
"""Older ones are forgotten, so that hours of traffic fit into memory; metrics still count them."""

KEPT_BYTES = 16 * 1024 * 1024
"""More than that, events and answers together, only the newest `KEPT_ANYHOW` invocations may have. Large bodies do not
count: they go by a rule of their own.
"""

KEPT_ANYHOW = 1_000

_MILLISECOND = timedelta(milliseconds=1)


class WhatRan(NamedTuple):
    """What has run, as it was asked for."""

    place: Place
    function: str
    version: str
    invoked_arn: str


@dataclass(frozen=True, slots=True)
class Invocation(NamesWhatItHas):
    """One run of a function's code.

    Attributes:
        function, version: what ran; invoked_arn: as it was asked for.
        payload: the event's bytes; outcome: what came of it; request_id: as in the log and the answer.
        kind: ``RequestResponse`` or ``Event``; attempt: 1 for the first.
        place: where the function is; tenant: whose event it was, None where the function does not isolate its tenants.

    Of payloads and results above 64 KB those of the newest 1,000 invocations are kept; another object says so in place
    of older ones.
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
    def ran(self) -> WhatRan:
        """What ran, as it was asked for."""
        return WhatRan(self.place, self.function, self.version, self.invoked_arn)

    def forget_bodies(self) -> None:
        """Let its large bodies go: a `GoneBody` stands for each."""
        outcome = self.outcome
        rest = {name: without_large_bodies(getattr(outcome, name)) for name in ("payload", "chunks")}
        object.__setattr__(self, "payload", without_large_bodies(self.payload))
        object.__setattr__(self, "outcome", replace(outcome, **rest))

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
        self._sizes: deque[int] = deque(maxlen=KEPT_INVOCATIONS)  # of those, when they were kept
        self._bytes = 0
        self._counts: Counter[WhatRan] = Counter()
        self._large = LargeBodies()

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Invocation]:
        return iter(tuple(self._kept))

    def where(self, fits: Callable[[WhatRan], bool]) -> Sequence[Invocation]:
        """Return the invocations of what *fits*; `len` and indexes also count those that are kept no more."""
        counted = sum(count for ran, count in self._counts.items() if fits(ran))
        kept = [one for one in self if fits(one.ran)]
        return kept if len(kept) >= counted else Newest(kept, counted - len(kept), "invocation")

    def keep(self, spec: EnvironmentSpec, invocation: Invocation) -> None:
        """Keep the record of a run that has ended, count it, and hand its log on."""
        kept, sizes = self._kept, self._sizes
        event, answer = len(invocation.payload), len(invocation.outcome.payload)
        is_large = event > LARGE_BODY or answer > LARGE_BODY
        size = 0 if is_large else event + answer
        self._bytes += size - (sizes[0] if len(sizes) == sizes.maxlen else 0)
        kept.append(invocation)
        sizes.append(size)
        while self._bytes > KEPT_BYTES and len(kept) > KEPT_ANYHOW:
            kept.popleft()
            self._bytes -= sizes.popleft()
        self._counts[invocation.ran] += 1
        if is_large:
            self._large.add(invocation.forget_bodies)
        outcome, place = invocation.outcome, invocation.place
        values = {"Duration": outcome.duration / _MILLISECOND, "Errors": outcome.function_error is not None}
        self._metrics.add(place, Measured(invocation.function, spec.resource, outcome.ended, values))
        self._neighbours.put_log(place, spec.logging.group, outcome.environment, invocation)
