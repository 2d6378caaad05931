"""Concurrency: whether a function may run now, and in which kind of environment.

Provisioned environments come first. What runs beside them needs room: in the function's reserved concurrency, or in
what the account has left for all functions without one; and where no environment is free, the right to a new one.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from lambda_states_mock import service_errors as texts
from lambda_states_mock.execution.environment_spec import EnvironmentSpec
from lambda_states_mock.execution.handlers import Handler
from lambda_states_mock.execution.pool import EnvironmentPool
from lambda_states_mock.invocation.metrics import Metrics
from lambda_states_mock.lifecycles.provisioned_concurrency import ProvisionedLifecycles, requested_for
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service_errors import ErrorTemplate, ServiceError
from lambda_states_mock.states.execution_environment import InitializationType
from lambda_states_mock.store import Partition, Store

if TYPE_CHECKING:
    from lambda_states_mock.execution.environment import ExecutionEnvironment

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
        request = _Request(self, version, spec, handler, at, is_synchronous)
        try:
            granted = request.decide()
        except ServiceError:
            request.count({"Throttles": 1})
            raise
        request.count_concurrency(granted.spec)
        return granted


@dataclass(eq=False, slots=True)
class _Request:
    """One decision. What is busy is counted once: each count looks at all environments."""

    concurrency: Concurrency
    version: Version
    spec: EnvironmentSpec
    handler: Handler | None
    at: datetime
    is_synchronous: bool
    place: Place = field(init=False)
    partition: Partition = field(init=False)
    reserved: int | None = field(init=False)
    counted: Mapping[tuple[str, InitializationType], int] = field(init=False)
    busy: int = field(init=False)
    pool_counted: int | None = None
    allocated: int = 0
    provisioned_busy: int = 0

    def __post_init__(self) -> None:
        self.place = self.version.place
        self.partition = self.concurrency.store.at(self.place)
        self.reserved = self.partition.functions[self.version.name].reserved_concurrency
        self.counted = self.concurrency.pool.busy_by_type(self.place, self.version.name, self.at)
        self.busy = sum(self.counted.values())
        if self.partition.provisioned:
            self.allocated = self.concurrency.provisioned.allocated_for(self.partition, self.version)
            self.provisioned_busy = self.counted.get((self.version.number, InitializationType.PROVISIONED), 0)

    def decide(self) -> Granted:
        concurrency, spec = self.concurrency, self.spec
        if self.reserved is not None:
            name = self.version.name
            self._check(self.busy, self.reserved, name, texts.RESERVED_IN_USE, texts.RESERVED_RATE_EXCEEDED)
        if self.allocated:
            if self._finds_provisioned():
                return Granted(replace(spec, initialization_type=InitializationType.PROVISIONED))
            self.count({"ProvisionedConcurrencySpilloverInvocations": 1})
        if self.reserved is None:
            self._check(self._pool_busy(), self._pool(), "", texts.ACCOUNT_IN_USE, texts.FUNCTION_RATE_EXCEEDED)
        elif self.partition.provisioned and self._on_demand() >= self.reserved - self._set_aside():
            raise texts.RESERVED_IN_USE.error()  # recorded: provisioned concurrency is part of what is reserved
        free = concurrency.pool.free(spec, self.handler, self.at)
        if free is None:
            if spec.tenant is not None:
                self._check_tenants()
            size = concurrency.limits.new_environments
            self._take("environments", self.version.name, size, _SCALING_PERIOD, texts.FUNCTION_RATE_EXCEEDED)
        return Granted(spec, free)

    def _check(self, busy: int, limit: int, name: str, in_use: ErrorTemplate, too_quick: ErrorTemplate) -> None:
        """Raise a throttle where the limit of *name*, or of the account, is reached: of environments or requests."""
        if busy >= limit:
            raise in_use.error()
        if self.is_synchronous:
            size = limit * self.concurrency.limits.requests_per_environment
            self._take("requests", name, size, _SECOND, too_quick)

    def _check_tenants(self) -> None:
        """Raise a throttle (I) where the account has as many environments for tenants as it may, idle ones included."""
        there = self.concurrency.pool.environments_of_tenants(self.place)
        if there >= self.concurrency.limits.tenant_environments:
            raise texts.ACCOUNT_IN_USE.error()

    def _take(self, what: str, name: str, size: float, seconds: float, refusal: ErrorTemplate) -> None:
        key = (what, *self.place, name)
        wait = self.concurrency.buckets.take(key, size=size, seconds=seconds, at=self.at)
        if wait:
            raise refusal.retry_after(wait)

    def _finds_provisioned(self) -> bool:
        if self.provisioned_busy >= self.allocated:
            return False
        if not self.is_synchronous:
            return True
        key = ("provisioned", *self.place, f"{self.version.name}:{self.version.number}")
        size = self.allocated * self.concurrency.limits.requests_per_environment
        return not self.concurrency.buckets.take(key, size=size, seconds=_SECOND, at=self.at)

    def _on_demand(self) -> int:
        """Return how many environments of the function are busy that are not provisioned."""
        return sum(count for (_, kind), count in self.counted.items() if kind is not InitializationType.PROVISIONED)

    def _set_aside(self) -> int:
        """Return how much concurrency of the function is provisioned, for all its versions."""
        return requested_for(self.partition, self.version.name)

    def _pool(self) -> int:
        """Return what the account has left for functions that have reserved nothing."""
        limits = self.concurrency.limits
        if self._pool_busy() < min(limits.unreserved_minimum, limits.concurrent_executions):
            return limits.concurrent_executions  # so much is always left; adding up takes time with many functions
        return self.concurrency.provisioned.unreserved(self.partition)

    def _pool_busy(self) -> int:
        """Return how many environments are busy that belong to nobody in particular."""
        if self.pool_counted is not None:
            return self.pool_counted
        functions, busy, pool = self.partition.functions, 0, self.concurrency.pool
        for name in pool.functions(self.place):
            function = functions.get(name)
            if function is None or function.reserved_concurrency is None:
                own = name == self.version.name
                counted = self.counted if own else pool.busy_by_type(self.place, name, self.at)
                for (_, kind), count in counted.items():
                    if kind is not InitializationType.PROVISIONED:
                        busy += count
        self.pool_counted = busy
        return busy

    def count(self, values: Mapping[str, float], *beside: Measured) -> None:
        """Add *values* to metrics of the function, together with what was measured *beside* them."""
        measured = Measured(self.version.name, self.spec.resource, self.at, values)
        self.concurrency.metrics.add(self.place, measured, *beside)

    def count_concurrency(self, admitted: EnvironmentSpec) -> None:
        """Count what runs now, this invocation included."""
        values: dict[str, float] = {"Invocations": 1, "ConcurrentExecutions": self.busy + 1}
        if admitted.initialization_type is InitializationType.PROVISIONED:
            used = self.provisioned_busy + 1
            values["ProvisionedConcurrencyInvocations"] = 1
            values["ProvisionedConcurrentExecutions"] = used
            values["ProvisionedConcurrencyUtilization"] = used / self.allocated
        beside = []
        if admitted.initialization_type is not InitializationType.PROVISIONED and self.reserved is None:
            unreserved = {"UnreservedConcurrentExecutions": self._pool_busy() + 1}
            beside.append(Measured(None, None, self.at, unreserved))
        self.count(values, *beside)


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
            return math.ceil((1 - tokens) / rate - 1e-9) if rate else math.ceil(seconds)  # (I) a bucket for nothing
        self._buckets[key] = _Bucket(tokens - 1, max(at, since))
        return 0
