"""What an operation works with: the world behind a mock, and one call into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import Driver
from lambda_states_mock.invocation import AsyncQueue, Handlers, Invoker, Outcome
from lambda_states_mock.operations.lives import Lives, Shown
from lambda_states_mock.operations.obstacles import Obstacles
from lambda_states_mock.operations.subjects import Subjects
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.neighbours import Neighbours
from lambda_states_mock.resources.surroundings import Surroundings
from lambda_states_mock.store import Partition, Store

View = dict[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a function's code.

    Attributes:
        function, version: what ran; invoked_arn: as it was asked for.
        payload: the event's bytes; outcome: what came of it; request_id: as in the log and the answer.
        kind: ``RequestResponse`` or ``Event``; attempt: 1 for the first.
    """

    function: str
    version: str
    invoked_arn: str
    payload: bytes
    outcome: Outcome
    request_id: str
    kind: str = "RequestResponse"
    attempt: int = 1

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
    def environment(self) -> str:
        """The log stream of the execution environment."""
        return self.outcome.environment


@dataclass(slots=True, eq=False)
class World:
    """All that a mock holds, apart from HTTP: the operations' side of the backend."""

    store: Store
    driver: Driver
    lives: Lives
    subjects: Subjects
    chance: Chance
    limits: Limits
    neighbours: Neighbours
    surroundings: Surroundings
    obstacles: Obstacles
    handlers: Handlers
    invoker: Invoker
    queue: AsyncQueue
    invocations: list[Invocation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: by whom, where and when. *request_id* is the answer's ``x-amzn-RequestId``."""

    world: World
    place: Place
    now: datetime
    request_id: str
    operation: str

    @property
    def partition(self) -> Partition:
        return self.at(self.place)

    @property
    def reads(self) -> bool:
        """Whether it only reads, and so sees changes as late as readers do."""
        return self.operation.startswith(("Get", "List"))

    def at(self, place: Place) -> Partition:
        """Return the partition of *place* as this call sees it."""
        return self.world.store.seen_at(place) if self.reads else self.world.store.at(place)

    def shown(self, version: Version) -> Shown:
        """Return the state of *version* as this call sees it."""
        return self.world.lives.shown(version, self.world.store.seen if self.reads else None)


Operation = Callable[[Call, Params], View]
BUILT: dict[str, Operation] = {}
"""Every operation that is built, by AWS's name."""


def operation(name: str) -> Callable[[Operation], Operation]:
    """Register the decorated function as what answers operation *name*."""

    def register(function: Operation) -> Operation:
        BUILT[name] = function
        return function

    return register
