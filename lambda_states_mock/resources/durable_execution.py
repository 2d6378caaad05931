"""Durable executions, their operations and their history, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from lambda_states_mock.quick_dataclasses import dataclass

DEFAULT_RETENTION = 14
"""Days for which a closed execution is kept (durable-configuration.html; the API reference says 30)."""

SAME_REQUEST = timedelta(minutes=15)
"""For so long the same ClientToken means the same request."""

LONGEST = timedelta(days=366)
"""After this an execution times out, also one whose time-out is paused (PauseDurableExecution)."""

ExecutionKey = tuple[str, int]
OperationKey = tuple[str, int, str]
NOTHING_ASKED: Mapping[tuple[str, str], datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedTarget:
    """What a chained invocation invokes. *function*, as it was given; *child*, the execution of a durable function.

    *version* is None where its start was refused.
    """

    function: str
    payload: str | None
    tenant: str | None = None
    version: str | None = None
    child: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableOperation:
    """One operation, as a checkpoint began it. *result* and *error* are what it ended with, or what it retries with."""

    execution: ExecutionKey
    number: int  # its place among those of the execution, by their starts
    id: str
    type: str
    started: datetime
    parent_id: str | None = None
    name: str | None = None
    sub_type: str | None = None
    ended: datetime | None = None
    result: str | None = None
    error: Mapping[str, Any] | None = None
    attempt: int = 0  # of a step: how many are over
    next_attempt: datetime | None = None  # when it is due
    retry_delay: int | None = None  # seconds until then
    ends: datetime | None = None  # when a wait does
    callback_id: str | None = None
    deadline: datetime | None = None  # of a callback: by when it must be answered
    heartbeat: timedelta | None = None  # of a callback: how soon it must be heard of
    heard: datetime | None = None  # of a callback: when it was heard of last
    replay_children: bool = False
    chained: ChainedTarget | None = None

    @property
    def key(self) -> OperationKey:
        """Where the store keeps it."""
        return (*self.execution, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One entry of an execution's history: *details* under the member that is called after *type*."""

    number: int
    type: str
    at: datetime
    details: Mapping[str, Any]
    operation: DurableOperation | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A request to pause. *timeout_paused*, whether the execution's own time-out stands meanwhile; *at*, since when it
    is paused, None until then.
    """

    requested: datetime
    timeout_paused: bool
    reason: str | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """A checkpoint that had a ClientToken, and its answer."""

    client_token: str
    token: str
    at: datetime
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableExecution:
    """One execution of a durable function."""

    arn: str
    name: str
    sequence: int  # its place among those of the function
    function: str
    version: str
    function_arn: str  # qualified as it was asked for
    payload: str | None  # the input
    config: Mapping[str, Any]
    started: datetime
    deadline: datetime  # when it times out, unless it is paused with its time-out
    token: str  # what the next checkpoint must show; empty where no invocation is under way
    request_id: str  # of the Invoke that has begun it
    tenant: str | None = None  # for whom
    trace: str | None = None  # the header of the chain of requests that has led here
    is_awaited: bool = False  # a caller waits for it
    parent: OperationKey | None = None  # the chained invocation that it answers
    ended: datetime | None = None
    result: str | None = None
    error: Mapping[str, Any] | None = None
    stored_bytes: int = 0  # of its payloads
    invoked: bool = False  # an invocation is under way
    woken: bool = False  # something has ended since, which it may not know of
    told: bool = False  # the invocation under way has heard of something that has ended since it began
    failures: int = 0  # invocations in a row that have failed
    updated: tuple[str, ...] = ()  # the ids of operations that have ended or fallen due since the last invocation
    final: Mapping[str, Any] | None = None  # the end that a checkpoint has told, as the members of an answer
    checkpointed: tuple[Checkpointed, ...] = ()  # of the last fifteen minutes
    pause: Pause | None = None
    deletion: datetime | None = None  # when that was asked for
    asked: Mapping[tuple[str, str], datetime] = field(default_factory=lambda: NOTHING_ASKED)
    """When it was asked to pause or to resume, by operation and ClientToken."""

    @property
    def key(self) -> ExecutionKey:
        """Where the store keeps it."""
        return self.function, self.sequence

    @property
    def id(self) -> str:
        """The id of the EXECUTION operation."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def version_arn(self) -> str:
        """The ARN of the version that it runs on, whatever it was invoked by (so says AWS's own SDK for tests, 1.4)."""
        return self.arn.partition("/")[0]

    @property
    def times_out(self) -> datetime:
        """When it will time out, as things are (ExpectedExecutionTimeoutTimestamp)."""
        stands = self.pause is not None and self.pause.at is not None and self.pause.timeout_paused
        return self.started + LONGEST if stands else self.deadline

    @property
    def timeout(self) -> int:
        """The seconds that it may take."""
        seconds: int = self.config["ExecutionTimeout"]
        return seconds

    @property
    def retention(self) -> timedelta:
        """How long it is kept when it is closed."""
        return timedelta(days=self.config.get("RetentionPeriodInDays", DEFAULT_RETENTION))
