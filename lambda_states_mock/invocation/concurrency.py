"""Concurrency: whether a function may run now, and in which kind of environment.

Provisioned environments come first. What runs beside them needs room: in the function's reserved concurrency, or in
what the account has left for all functions without one; and where no environment is free, the right to a new one.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.execution import sleeping
from lambda_states_mock.execution.environment import PROVISIONED
from lambda_states_mock.execution.spec import FunctionSpec
from lambda_states_mock.operations.provisioned_concurrency import allocated_for, unreserved
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.metric import Measured
from lambda_states_mock.service import LambdaService
from lambda_states_mock.service_errors import (
    ACCOUNT_IN_USE,
    FUNCTION_RATE_EXCEEDED,
    RESERVED_IN_USE,
    RESERVED_RATE_EXCEEDED,
    ErrorTemplate,
    ServiceError,
)

_SECOND, _SCALING_PERIOD = 1.0, 10.0


def admit(service: LambdaService, version: Version, spec: FunctionSpec, *, kind: str) -> FunctionSpec:
    """Return *spec* with the kind of environment that its invocation gets.

    Parameters: *kind*, ``RequestResponse`` or ``Event``: only the former counts towards requests per second.

    Raises TooManyRequestsException where it cannot run now. What is counted of it is in the metrics then.
    """
    admission = _Admission(service, version, spec, is_synchronous=kind == "RequestResponse")
    try:
        admitted = admission.decide()
    except ServiceError:
        admission.count(Throttles=1)
        raise
    admission.count_concurrency(admitted)
    return admitted


class _Admission:
    """One decision. What is busy is counted once: each count looks at all environments."""

    def __init__(self, service: LambdaService, version: Version, spec: FunctionSpec, *, is_synchronous: bool) -> None:
        self._world = service
        self._version = version
        self._spec = spec
        self._place = version.place
        self._is_synchronous = is_synchronous
        self._partition = service.store.at(version.place)
        self._reserved = self._partition.functions[version.name].reserved_concurrency
        self._at = sleeping.standing(service.driver.clock)
        self._allocated = allocated_for(service, self._partition, version)
        self._counted = service.pool.busy_by_kind(self._place.account, self._place.region, spec.name)
        self._pool_counted: int | None = None
        self._busy = sum(self._counted.values())
        self._provisioned_busy = self._counted.get((version.number, PROVISIONED), 0)

    def decide(self) -> FunctionSpec:
        if self._reserved is not None:
            self._check(self._busy, self._reserved, self._spec.name, RESERVED_IN_USE, RESERVED_RATE_EXCEEDED)
        if self._allocated:
            if self._finds_provisioned():
                return replace(self._spec, initialization_type=PROVISIONED)
            self.count(ProvisionedConcurrencySpilloverInvocations=1)
        if self._reserved is None:
            self._check(self._pool_busy, self._pool(), "", ACCOUNT_IN_USE, FUNCTION_RATE_EXCEEDED)
        if not self._world.pool.has_room(self._spec):
            size = self._world.limits.new_environments
            self._take("environments", self._spec.name, size, _SCALING_PERIOD, FUNCTION_RATE_EXCEEDED)
        return self._spec

    def _check(self, busy: int, limit: int, name: str, in_use: ErrorTemplate, too_quick: ErrorTemplate) -> None:
        """Raise a throttle where the limit of *name*, or of the account, is reached: of environments or requests."""
        if busy >= limit:
            raise in_use.error()
        if self._is_synchronous:
            size = limit * self._world.limits.requests_per_environment
            self._take("requests", name, size, _SECOND, too_quick)

    def _take(self, what: str, name: str, size: float, seconds: float, refusal: ErrorTemplate) -> None:
        key = (what, self._place.account, self._place.region, name)
        wait = self._world.traffic.take(key, size=size, seconds=seconds, at=self._at)
        if wait:
            raise refusal.retry_after(wait)

    def _finds_provisioned(self) -> bool:
        if self._provisioned_busy >= self._allocated:
            return False
        if not self._is_synchronous:
            return True
        key = ("provisioned", self._place.account, self._place.region, f"{self._spec.name}:{self._version.number}")
        size = self._allocated * self._world.limits.requests_per_environment
        return not self._world.traffic.take(key, size=size, seconds=_SECOND, at=self._at)

    def _pool(self) -> int:
        """Return what the account has left for functions that have reserved nothing."""
        limits = self._world.limits
        if self._pool_busy < min(limits.unreserved_minimum, limits.concurrent_executions):
            return limits.concurrent_executions  # so much is always left; adding up takes time with many functions
        return unreserved(self._world, self._partition)

    @property
    def _pool_busy(self) -> int:
        """How many environments are busy that belong to nobody in particular."""
        if self._pool_counted is None:
            self._pool_counted = self._count_pool()
        return self._pool_counted

    def _count_pool(self) -> int:
        functions, busy = self._partition.functions, 0
        for name in self._world.pool.functions(self._place.account, self._place.region):
            function = functions.get(name)
            if function is None or function.reserved_concurrency is None:
                counted = self._counted
                if name != self._spec.name:
                    counted = self._world.pool.busy_by_kind(self._place.account, self._place.region, name)
                busy += sum(count for (_, kind), count in counted.items() if kind != PROVISIONED)
        return busy

    def count(self, **values: float) -> None:
        """Add to metrics of the function."""
        self._world.metrics.add(self._place, Measured(self._spec.name, self._spec.resource, self._at, values))

    def count_concurrency(self, admitted: FunctionSpec) -> None:
        """Count what runs now, this invocation included."""
        self.count(Invocations=1, ConcurrentExecutions=self._busy + 1)
        if admitted.initialization_type == PROVISIONED:
            used = self._provisioned_busy + 1
            self.count(
                ProvisionedConcurrencyInvocations=1,
                ProvisionedConcurrentExecutions=used,
                ProvisionedConcurrencyUtilization=used / self._allocated,
            )
        elif self._reserved is None:
            values = {"UnreservedConcurrentExecutions": self._pool_busy + 1}
            self._world.metrics.add(self._place, Measured(None, None, self._at, values))
