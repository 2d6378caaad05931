"""Provisioned concurrency on its way to being ready, and what it leaves of the account's concurrency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from lambda_states_mock.engine.chance import Chance
from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.engine.timings import FunctionTimings
from lambda_states_mock.lifecycles.registry import LifecycleRegistry
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import Place
from lambda_states_mock.resources.function import ProvisionedConcurrency, Version
from lambda_states_mock.resources.limits import Limits
from lambda_states_mock.states.lifecycle import Reason
from lambda_states_mock.states.provisioned_concurrency import (
    INIT_FAILED,
    PROVISIONED_CONCURRENCY,
    ProvisioningEvent,
    ProvisioningState,
)
from lambda_states_mock.store import Partition

ProvisioningMachine = StateMachine[ProvisioningState, ProvisioningEvent]


class Environments(Protocol):
    """Makes the execution environments that are provisioned, and ends those that are no longer wanted."""

    def provision(self, version: Version, count: int) -> bool: ...

    def keep_provisioned(self, place: Place, name: str, versions: Collection[str]) -> None: ...


@dataclass(eq=False, slots=True)
class ProvisionedLifecycles:
    """The lifecycles of all provisioned concurrency."""

    registry: LifecycleRegistry
    timings: FunctionTimings
    chance: Chance
    limits: Limits
    environments: Environments

    def put(self, partition: Partition, config: ProvisionedConcurrency, version: Version, *, is_new: bool) -> None:
        """Let the concurrency of *config*, which is in the store already, be provided for *version*."""
        if is_new:
            self._begin(partition, config, version)
        self.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.PUT_ASKED)

    def delete(self, partition: Partition, config: ProvisionedConcurrency) -> None:
        """End *config*: in the store, its lifecycle, and the environments that were ready for it."""
        self.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.DELETE_ASKED)
        partition.provisioned.delete((config.function, config.qualifier))
        self.registry.end(PROVISIONED_CONCURRENCY, config.arn)
        self.release(partition, config.function)

    def machine(self, config: ProvisionedConcurrency) -> ProvisioningMachine:
        """Return the state machine of *config*."""
        return self.registry.of(PROVISIONED_CONCURRENCY, config.arn)

    def alias_moved(self, partition: Partition, function: str, alias: str) -> None:
        """Let the concurrency of an alias, if it has some, be allocated to the version it points to now."""
        config = partition.provisioned.get((function, alias))
        if config is not None:
            self.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.ALIAS_MOVED)

    def unreserved(self, partition: Partition, *, but: str | None = None) -> int:
        """Return what the account has left for all: neither reserved nor, for functions without that, provisioned.

        Parameters: *but*, a function that does not count.
        """
        taken = 0
        for function in partition.functions:
            if function.name != but:
                reserved = function.reserved_concurrency
                taken += reserved if reserved is not None else requested_for(partition, function.name)
        return self.limits.concurrent_executions - taken

    def allocated_for(self, partition: Partition, version: Version) -> int:
        """Return how many environments are ready for *version*, by itself or by an alias of it (recorded)."""
        return sum(
            config.allocated
            for config in configs_of(partition, version)
            if self.registry.of(PROVISIONED_CONCURRENCY, config.arn).state is ProvisioningState.READY
        )

    def _begin(self, partition: Partition, config: ProvisionedConcurrency, version: Version) -> None:
        key = (config.function, config.qualifier)

        def moved(machine: ProvisioningMachine, _before: ProvisioningState) -> None:
            current = partition.provisioned.get(key)
            if current is None or machine.state not in (ProvisioningState.READY, ProvisioningState.FAILED):
                return
            allocated = current.requested if machine.state is ProvisioningState.READY else 0
            partition.provisioned.put(key, replace(current, allocated=allocated))
            self.release(partition, current.function)
            provisioned = _version_of(partition, current)
            if provisioned is not None:  # AWS gives it a new RevisionId when the provisioning has ended (recorded)
                partition.put(replace(provisioned, revision_id=self.chance.uuid()))

        def precondition(_phase: str) -> Reason | None:
            """Make all environments ready, and return why that cannot be: the Init phase of one fails."""
            provisioned, current = _version_of(partition, config), partition.provisioned.get(key)
            if provisioned is None or current is None:
                return None
            return None if self.environments.provision(provisioned, current.requested) else INIT_FAILED

        self.registry.begin(
            PROVISIONED_CONCURRENCY,
            partition.place,
            config.arn,
            label=f"{config.function}:{config.qualifier} provisioned",
            kind=version.kind,
            timings=self.timings.of(partition.place, config.function),
            scope={"function": config.function, "version": config.qualifier},
            moved=moved,
            precondition=precondition,
        )

    def release(self, partition: Partition, function: str) -> None:
        """End the environments that were made ready for a version that is not provisioned any more."""
        kept = set()
        for config in partition.provisioned.under((function,)):
            version = _version_of(partition, config)
            if version is not None and config.allocated:
                kept.add(version.number)
        self.environments.keep_provisioned(partition.place, function, kept)


def requested_for(partition: Partition, function: str) -> int:
    """Return how many executions are to be provisioned for *function*, all versions and aliases together."""
    return sum(config.requested for config in partition.provisioned.under((function,)))


def configs_of(partition: Partition, version: Version) -> list[ProvisionedConcurrency]:
    """Return the configurations that provision *version*: its own, and those of aliases that point to it."""
    found = []
    for config in partition.provisioned.under((version.name,)):
        alias = partition.aliases.get((version.name, config.qualifier))
        if (alias.function_version if alias is not None else config.qualifier) == version.number:
            found.append(config)
    return found


def _version_of(partition: Partition, config: ProvisionedConcurrency) -> Version | None:
    alias = partition.aliases.get((config.function, config.qualifier))
    return partition.version(config.function, alias.function_version if alias is not None else config.qualifier)
