"""What an operation works with: the world behind a mock, and one call into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lambda_states_mock.dependencies.neighbours import Neighbours
from lambda_states_mock.dependencies.world import World
from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.errors import NamesWhatItHas
from lambda_states_mock.execution.function_spec import Specs
from lambda_states_mock.execution.handlers import Handlers
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.execution.spec import FunctionSpec, Outcome
from lambda_states_mock.invocation.async_queue import AsyncQueue
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.invocation.routing import Routes
from lambda_states_mock.invocation.token_buckets import Traffic
from lambda_states_mock.lifecycles.functions import FunctionLifecycles, Shown
from lambda_states_mock.lifecycles.preconditions import Preconditions
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.message import Message
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.store import Partition, Store

KEPT_INVOCATIONS = 10_000
"""Older ones are forgotten, so that hours of traffic fit into memory; metrics still count them."""

HOME = Place("123456789012", "us-east-1")
_MILLISECOND = timedelta(milliseconds=1)
_CLOSING = ("END RequestId", "REPORT RequestId")
View = dict[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation(NamesWhatItHas):
    """One run of a function's code.

    Attributes:
        function, version: what ran; invoked_arn: as it was asked for.
        payload: the event's bytes; outcome: what came of it; request_id: as in the log and the answer.
        kind: ``RequestResponse`` or ``Event``; attempt: 1 for the first.
        place: where the function is.
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
        """The lines of the log with their times: what the platform says at the end is said at the end."""
        lines = self.log.splitlines()
        closing = next((place for place, line in enumerate(lines) if line.startswith(_CLOSING)), len(lines))
        return [(self.start if place < closing else self.end, line) for place, line in enumerate(lines)]

    @property
    def environment(self) -> str:
        """The log stream of the execution environment."""
        return self.outcome.environment


@dataclass(slots=True, eq=False)
class LambdaService:
    """All that a mock holds, apart from HTTP: the operations' side of the backend."""

    store: Store
    driver: Driver
    lifecycles: FunctionLifecycles
    registry: LifecycleRegistry
    chance: Chance
    limits: Limits
    neighbours: Neighbours
    world: World
    preconditions: Preconditions
    handlers: Handlers
    pool: EnvironmentPool
    queue: AsyncQueue
    traffic: Traffic = field(default_factory=Traffic)
    metrics: Metrics = field(default_factory=Metrics)
    routes: Routes = field(default_factory=Routes)
    specs: Specs = field(default_factory=Specs)
    destinations: list[Message] = field(default_factory=list)
    invocations: deque[Invocation] = field(default_factory=lambda: deque(maxlen=KEPT_INVOCATIONS))

    def __post_init__(self) -> None:
        self.metrics.on_data = self.neighbours.put_metrics

    def has_run(self, place: Place, spec: FunctionSpec, invocation: Invocation) -> None:
        """Keep the record of a run that has ended, count it, and hand its log on."""
        self.invocations.append(invocation)
        outcome = invocation.outcome
        values = {"Duration": outcome.duration / _MILLISECOND, "Errors": outcome.function_error is not None}
        self.metrics.add(place, Measured(invocation.function, spec.resource, outcome.ended, values))
        self.neighbours.put_log(place, spec.log_group, outcome.environment, invocation)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: by whom, where and when. *request_id* is the answer's ``x-amzn-RequestId``,
    *trace* the header of the chain of requests to which it belongs.
    """

    service: LambdaService
    place: Place
    now: datetime
    request_id: str
    operation: str
    trace: str | None = None

    @property
    def partition(self) -> Partition:
        return self.at(self.place)

    @property
    def reads(self) -> bool:
        """Whether it only reads, and so sees changes as late as readers do."""
        return self.operation.startswith(("Get", "List"))

    def at(self, place: Place) -> Partition:
        """Return the partition of *place* as this call sees it."""
        return self.service.store.seen_at(place) if self.reads else self.service.store.at(place)

    def shown(self, version: Version) -> Shown:
        """Return the state of *version* as this call sees it."""
        return self.service.lifecycles.shown(version, self.service.store.seen if self.reads else None)


Operation = Callable[[Call, Params], View]
BUILT: dict[str, Operation] = {}
"""Every operation that is built, by AWS's name."""


def operation(name: str) -> Callable[[Operation], Operation]:
    """Register the decorated function as what answers operation *name*."""

    def register(function: Operation) -> Operation:
        BUILT[name] = function
        return function

    return register
