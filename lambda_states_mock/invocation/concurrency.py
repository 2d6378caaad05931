"""Concurrency: whether a function may run now, and in which kind of environment.

Provisioned environments come first. What runs beside them needs room: in the function's reserved concurrency, or in
what the account has left for all functions without one; and where no environment is free, the right to a new one.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from lambda_states_mock import service_errors as texts
from lambda_states_mock.execution.environment import ExecutionEnvironment
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.lifecycles.provisioned_concurrency import ProvisionedLifecycles
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import ErrorTemplate, ServiceError
from lambda_states_mock.states.execution_environment import InitializationType
from lambda_states_mock.store import Partition, Store

_SECOND, _SCALING_PERIOD = 1.0, 10.0


class Granted(NamedTuple):
    """What an invocation gets: the kind of environment, in *spec*, and a free one where that is known already."""

    spec: EnvironmentSpec
    free: ExecutionEnvironment | None = None


@dataclass(eq=False, slots=True)
class Concurrency:
    """Hands out the concurrency of all accounts. *buckets*: how quickly a function may be asked, and may grow."""

    store: Store
    pool: EnvironmentPool
    provisioned: ProvisionedLifecycles
    limits: Limits
    buckets: TokenBuckets
    metrics: Metrics

    def take(
        self, version: Version, spec: EnvironmentSpec, handler: Handler | None, at: datetime, *, is_synchronous: bool
    ) -> Granted:
        """Return *spec* with the kind of environment that its invocation gets at the instant *at*.

        Parameters: *is_synchronous*: only such invocations count towards requests per second.

        Raises TooManyRequestsException where it cannot run now. What is counted of it is in the metrics then.
        """
        request = _Request(self, version, spec, handler, at, is_synchronous=is_synchronous)
        try:
            granted = request.decide()
        except ServiceError:
            request.count({"Throttles": 1})
            raise
        request.count_concurrency(granted.spec)
        return granted


class _Request:
    """One decision. What is busy is counted once: each count looks at all environments."""

    __slots__ = (
        "_allocated",
        "_at",
        "_busy",
        "_concurrency",
        "_counted",
        "_handler",
        "_is_synchronous",
        "_partition",
        "_place",
        "_pool_counted",
        "_provisioned_busy",
        "_reserved",
        "_spec",
        "_version",
    )

    def __init__(
        self,
        concurrency: Concurrency,
        version: Version,
        spec: EnvironmentSpec,
        handler: Handler | None,
        at: datetime,
        *,
        is_synchronous: bool,
    ) -> None:
        self._concurrency = concurrency
        self._version = version
        self._spec = spec
        self._handler = handler
        self._at = at
        self._place = place = version.place
        self._is_synchronous = is_synchronous
        self._partition: Partition = concurrency.store.at(place)
        self._reserved = self._partition.functions[version.name].reserved_concurrency
        self._counted: Mapping[tuple[str, InitializationType], int] = concurrency.pool.busy_by_type(
            place, version.name, at
        )
        self._pool_counted: int | None = None
        self._busy = sum(self._counted.values())
        self._allocated = self._provisioned_busy = 0
        if self._partition.provisioned:
            self._allocated = concurrency.provisioned.allocated_for(self._partition, version)
            self._provisioned_busy = self._counted.get((version.number, InitializationType.PROVISIONED), 0)

    def decide(self) -> Granted:
        concurrency, spec = self._concurrency, self._spec
        if self._reserved is not None:
            self._check(
                self._busy, self._reserved, self._version.name, texts.RESERVED_IN_USE, texts.RESERVED_RATE_EXCEEDED
            )
        if self._allocated:
            if self._finds_provisioned():
                return Granted(replace(spec, initialization_type=InitializationType.PROVISIONED))
            self.count({"ProvisionedConcurrencySpilloverInvocations": 1})
        if self._reserved is None:
            self._check(self._pool_busy(), self._pool(), "", texts.ACCOUNT_IN_USE, texts.FUNCTION_RATE_EXCEEDED)
        free = concurrency.pool.free(spec, self._handler, self._at)
        if free is None:
            size = concurrency.limits.new_environments
            self._take("environments", self._version.name, size, _SCALING_PERIOD, texts.FUNCTION_RATE_EXCEEDED)
        return Granted(spec, free)

    def _check(self, busy: int, limit: int, name: str, in_use: ErrorTemplate, too_quick: ErrorTemplate) -> None:
        """Raise a throttle where the limit of *name*, or of the account, is reached: of environments or requests."""
        if busy >= limit:
            raise in_use.error()
        if self._is_synchronous:
            size = limit * self._concurrency.limits.requests_per_environment
            self._take("requests", name, size, _SECOND, too_quick)

    def _take(self, what: str, name: str, size: float, seconds: float, refusal: ErrorTemplate) -> None:
        key = (what, *self._place, name)
        wait = self._concurrency.buckets.take(key, size=size, seconds=seconds, at=self._at)
        if wait:
            raise refusal.retry_after(wait)

    def _finds_provisioned(self) -> bool:
        if self._provisioned_busy >= self._allocated:
            return False
        if not self._is_synchronous:
            return True
        key = ("provisioned", *self._place, f"{self._version.name}:{self._version.number}")
        size = self._allocated * self._concurrency.limits.requests_per_environment
        return not self._concurrency.buckets.take(key, size=size, seconds=_SECOND, at=self._at)

    def _pool(self) -> int:
        """Return what the account has left for functions that have reserved nothing."""
        limits = self._concurrency.limits
        if self._pool_busy() < min(limits.unreserved_minimum, limits.concurrent_executions):
            return limits.concurrent_executions  # so much is always left; adding up takes time with many functions
        return self._concurrency.provisioned.unreserved(self._partition)

    def _pool_busy(self) -> int:
        """Return how many environments are busy that belong to nobody in particular."""
        if self._pool_counted is None:
            self._pool_counted = self._count_pool()
        return self._pool_counted

    def _count_pool(self) -> int:
        functions, busy, pool = self._partition.functions, 0, self._concurrency.pool
        for name in pool.functions(self._place):
            function = functions.get(name)
            if function is None or function.reserved_concurrency is None:
                counted = (
                    self._counted if name == self._version.name else pool.busy_by_type(self._place, name, self._at)
                )
                for (_, kind), count in counted.items():
                    if kind is not InitializationType.PROVISIONED:
                        busy += count
        return busy

    def count(self, values: Mapping[str, float]) -> None:
        """Add *values* to metrics of the function."""
        measured = Measured(self._version.name, self._spec.resource, self._at, values)
        self._concurrency.metrics.add(self._place, measured)

    def count_concurrency(self, admitted: EnvironmentSpec) -> None:
        """Count what runs now, this invocation included."""
        values: dict[str, float] = {"Invocations": 1, "ConcurrentExecutions": self._busy + 1}
        if admitted.initialization_type is InitializationType.PROVISIONED:
            used = self._provisioned_busy + 1
            values["ProvisionedConcurrencyInvocations"] = 1
            values["ProvisionedConcurrentExecutions"] = used
            values["ProvisionedConcurrencyUtilization"] = used / self._allocated
        self.count(values)
        if admitted.initialization_type is not InitializationType.PROVISIONED and self._reserved is None:
            unreserved = {"UnreservedConcurrentExecutions": self._pool_busy() + 1}
            self._concurrency.metrics.add(self._place, Measured(None, None, self._at, unreserved))


class _Bucket(NamedTuple):
    tokens: float
    at: datetime


class TokenBuckets:
    """How quickly a function may be asked, and how quickly Lambda adds environments (scaling-behavior.html).

    Buckets by key, each full when it is first asked for. What is not used is not saved up beyond its size."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def take(self, key: tuple[str, ...], *, size: float, seconds: float, at: datetime) -> int:
        """Take one token from the bucket of *key*; return 0, or the seconds to wait where it is empty.

        Parameters: *size*, of the bucket, which is filled in *seconds*; *at*, now.
        """
        rate = size / seconds
        tokens, since = self._buckets.get(key, (size, at))
        # A detached run may be ahead of the clock: what it took is taken, and time does not run backwards for the rest.
        passed = max((at - since).total_seconds(), 0.0)
        tokens = min(size, tokens + passed * rate)
        # Counted in tokens, the time of a whole one is seldom exact.
        if tokens < 1 - 1e-9:
            self._buckets[key] = _Bucket(tokens, max(at, since))
            return math.ceil((1 - tokens) / rate - 1e-9)
        self._buckets[key] = _Bucket(tokens - 1, max(at, since))
        return 0
