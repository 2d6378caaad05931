"""Concurrency: whether a function may run now, and in which kind of environment.

Provisioned environments come first. What runs beside them needs room: in the function's reserved concurrency, or in
what the account has left for all functions without one; and where no environment is free, the right to a new one.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lambda_states_mock.invocation import FunctionSpec, sleeping
from lambda_states_mock.invocation.environment import PROVISIONED
from lambda_states_mock.operations.provisioned_concurrency import allocated_for, provisioned_for
from lambda_states_mock.operations.world import World
from lambda_states_mock.resources.function import Function, Version
from lambda_states_mock.resources.metric import Datum
from lambda_states_mock.service_errors import (
    ACCOUNT_IN_USE,
    FUNCTION_RATE_EXCEEDED,
    RESERVED_IN_USE,
    RESERVED_RATE_EXCEEDED,
    Answer,
    ServiceError,
)

ON_DEMAND = "on-demand"
_SECOND, _SCALING_PERIOD = 1.0, 10.0


def admit(world: World, version: Version, spec: FunctionSpec, *, kind: str) -> FunctionSpec:
    """Return *spec* with the kind of environment that its invocation gets.

    Parameters: *kind*, ``RequestResponse`` or ``Event``: only the former counts towards requests per second.

    Raises TooManyRequestsException where it cannot run now. What is counted of it is in the metrics then.
    """
    admission = _Admission(world, version, spec, is_synchronous=kind == "RequestResponse")
    try:
        admitted = admission.decide()
    except ServiceError:
        admission.count("Throttles", 1)
        raise
    admission.count_concurrency(admitted)
    return admitted


class _Admission:
    def __init__(self, world: World, version: Version, spec: FunctionSpec, *, is_synchronous: bool) -> None:
        self._world = world
        self._version = version
        self._spec = spec
        self._is_synchronous = is_synchronous
        self._partition = world.store.at(version.place)
        self._function: Function = self._partition.functions[version.name]
        self._at = sleeping.now(world.driver.clock)

    def decide(self) -> FunctionSpec:
        provisioned = allocated_for(self._world, self._partition, self._version)
        reserved = self._function.reserved_concurrency
        busy = self._busy(self._function.name)
        if reserved is not None:
            self._check(busy, reserved, self._spec.name, RESERVED_IN_USE, RESERVED_RATE_EXCEEDED)
        if provisioned and self._has_provisioned(provisioned):
            return replace(self._spec, initialization_type=PROVISIONED)
        if provisioned:
            self.count("ProvisionedConcurrencySpilloverInvocations", 1)
        kind = ON_DEMAND if self._spec.initialization_type == PROVISIONED else self._spec.initialization_type
        spec = self._spec if kind == self._spec.initialization_type else replace(self._spec, initialization_type=kind)
        if reserved is None:
            busy = self._pool_busy()
            self._check(busy, self._pool(busy), "", ACCOUNT_IN_USE, FUNCTION_RATE_EXCEEDED)
        if not self._world.invoker.has_room(spec):
            size = self._world.limits.new_environments
            self._take("environments", spec.name, size, _SCALING_PERIOD, FUNCTION_RATE_EXCEEDED)
        return spec

    def _check(self, busy: int, limit: int, name: str, in_use: Answer, too_quick: Answer) -> None:
        if busy >= limit:
            raise in_use.error()
        if self._is_synchronous:
            size = limit * self._world.limits.requests_per_environment
            self._take("requests", name, size, _SECOND, too_quick)

    def _take(self, what: str, name: str, size: float, seconds: float, refusal: Answer) -> None:
        place = self._version.place
        key = (what, place.account, place.region, name)
        wait = self._world.traffic.take(key, size=size, seconds=seconds, at=self._at)
        if wait:
            error = refusal.error()
            error.members["retryAfterSeconds"] = str(wait)
            raise error

    def _has_provisioned(self, allocated: int) -> bool:
        if self._busy(self._spec.name, version=self._version.number, type=PROVISIONED) >= allocated:
            return False
        if not self._is_synchronous:
            return True
        place, size = self._version.place, allocated * self._world.limits.requests_per_environment
        key = ("provisioned", place.account, place.region, f"{self._spec.name}:{self._version.number}")
        return not self._world.traffic.take(key, size=size, seconds=_SECOND, at=self._at)

    def _busy(self, name: str, *, version: str | None = None, type: str | None = None) -> int:  # noqa: A002
        place = self._version.place
        return self._world.invoker.busy(place.account, place.region, name, version=version, type=type)

    def _pool(self, busy: int) -> int:
        """Return what the account has left for functions that have reserved nothing."""
        limits = self._world.limits
        if busy < min(limits.unreserved_minimum, limits.concurrent_executions):
            return limits.concurrent_executions  # so much is always left; adding up takes time with many functions
        taken = 0
        for function in self._partition.functions:
            reserved = function.reserved_concurrency
            taken += reserved if reserved is not None else provisioned_for(self._partition, function.name)
        return self._world.limits.concurrent_executions - taken

    def _pool_busy(self) -> int:
        place = self._version.place
        return sum(
            self._busy(name) - self._busy(name, type=PROVISIONED)
            for name in self._world.invoker.functions(place.account, place.region)
            if name not in self._partition.functions or self._partition.functions[name].reserved_concurrency is None
        )

    def count(self, name: str, value: float) -> None:
        """Add to a metric of the function."""
        self._world.metrics.add(self._version.place, Datum(name, value, self._spec.name, self._spec.resource, self._at))

    def count_concurrency(self, admitted: FunctionSpec) -> None:
        """Count what runs now, this invocation included."""
        at: datetime = self._at
        name, resource = self._spec.name, self._spec.resource
        data = [
            Datum("Invocations", 1, name, resource, at),
            Datum("ConcurrentExecutions", self._busy(name) + 1, name, resource, at),
        ]
        if admitted.initialization_type == PROVISIONED:
            used = self._busy(name, version=self._version.number, type=PROVISIONED) + 1
            allocated = allocated_for(self._world, self._partition, self._version)
            data += [
                Datum("ProvisionedConcurrencyInvocations", 1, name, resource, at),
                Datum("ProvisionedConcurrentExecutions", used, name, resource, at),
                Datum("ProvisionedConcurrencyUtilization", used / allocated, name, resource, at),
            ]
        elif self._function.reserved_concurrency is None:
            data.append(Datum("UnreservedConcurrentExecutions", self._pool_busy() + 1, None, None, at))
        self._world.metrics.add(self._version.place, *data)
