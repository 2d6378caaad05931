"""Durable executions, their operations and their history, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

DEFAULT_RETENTION = 14
"""Days for which a closed execution is kept (durable-configuration.html; the API reference says 30)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableOperation:
    """One operation, as a checkpoint began it. *result* and *error* are what it ended with."""

    id: str
    type: str
    started: datetime
    parent_id: str | None = None
    name: str | None = None
    sub_type: str | None = None
    ended: datetime | None = None
    result: str | None = None
    error: Mapping[str, Any] | None = None
    attempt: int = 1  # of a step, from 1
    next_attempt: datetime | None = None  # when it is due
    retry_delay: int | None = None  # seconds until then
    ends: datetime | None = None  # when a wait does
    callback_id: str | None = None
    deadline: datetime | None = None  # of a callback: by when it must be answered
    heartbeat: timedelta | None = None  # of a callback: how soon it must be heard of
    replay_children: bool = False
    chained_function: str = ""  # of a chained invocation, as its input
    chained_input: str = "{}"


SAME_REQUEST = timedelta(minutes=15)
"""For so long the same ClientToken means the same request."""

LONGEST = timedelta(days=366)
"""After this an execution times out, also one whose time-out is paused (PauseDurableExecution)."""

NOTHING_ASKED: Mapping[tuple[str, str], datetime] = MappingProxyType({})
NO_OPERATIONS: Mapping[str, DurableOperation] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One entry of an execution's history: *details* under the member that is called after *type*."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableExecution:
    """One execution of a durable function. *request* is the last checkpoint's ClientToken, time and answer."""

    arn: str
    name: str
    sequence: int  # its place among those of the function
    function: str
    version: str
    function_arn: str  # qualified as it was asked for
    payload: str  # the input
    config: Mapping[str, Any]
    started: datetime
    deadline: datetime  # when it times out, unless it is paused with its time-out
    token: str  # what the next checkpoint must show
    tenant: str | None = None  # for whom it runs, where the function isolates its tenants
    ended: datetime | None = None
    result: str | None = None
    error: Mapping[str, Any] | None = None
    operations: Mapping[str, DurableOperation] = field(default_factory=lambda: NO_OPERATIONS)
    history: tuple[HistoryEvent, ...] = ()
    invoked: bool = False  # an invocation is under way
    woken: bool = False  # something has ended since, which it may not know of
    changed: frozenset[str] = frozenset()  # the ids of operations that the next checkpoint will be told of
    request: tuple[str, datetime, Mapping[str, Any]] | None = None
    pause: Pause | None = None
    deletion: datetime | None = None  # when that was asked for
    asked: Mapping[tuple[str, str], datetime] = field(default_factory=lambda: NOTHING_ASKED)
    """When it was asked to pause or to resume, by operation and ClientToken."""

    @property
    def key(self) -> tuple[str, int]:
        """Where the store keeps it."""
        return self.function, self.sequence

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
