"""Provisioned concurrency of versions and aliases."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.execution.initialisation import provision
from lambda_states_mock.invocation.names import ResolvedName, named
from lambda_states_mock.resources.arn import LATEST, looks_like_version
from lambda_states_mock.resources.function import Version
from lambda_states_mock.resources.provisioned_concurrency import ProvisionedConcurrency
from lambda_states_mock.service import Call, LambdaService, Params, View, operation
from lambda_states_mock.service_errors import (
    ALIAS_NOT_FOUND,
    ALIAS_PROVISIONED,
    NO_PROVISIONED_CONCURRENCY,
    PROVISIONED_ALIAS_ROUTES,
    PROVISIONED_OF_LATEST,
    PROVISIONED_ON_LATEST,
    PROVISIONED_ON_SNAP_START,
    PROVISIONED_OVER_ACCOUNT,
    PROVISIONED_OVER_RESERVED,
    PROVISIONED_OVER_UNRESERVED,
    VERSION_PROVISIONED,
)
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.states.lifecycle import Reason
from lambda_states_mock.states.provisioned_concurrency import (
    INIT_FAILED,
    PROVISIONED_CONCURRENCY,
    ProvisioningEvent,
    ProvisioningState,
)
from lambda_states_mock.store import Partition


@operation("PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(call: Call, params: Params) -> View:
    wanted = named(call, params)
    if wanted.qualifier == LATEST:
        raise PROVISIONED_ON_LATEST.error()
    version, requested = _target(wanted), params["ProvisionedConcurrentExecutions"]
    _check_alone(wanted, version)
    if version.configuration.snap_start == "PublishedVersions":
        raise PROVISIONED_ON_SNAP_START.error()
    _check_limits(call, wanted, requested)
    before = _config(wanted)
    config = ProvisionedConcurrency(
        arn=wanted.arn,
        function=wanted.name,
        qualifier=version.number if wanted.qualifier is None else wanted.qualifier,
        requested=requested,
        allocated=before.allocated if before is not None else 0,
        last_modified=call.now,
    )
    wanted.partition.provisioned.put((config.function, config.qualifier), config)
    if before is None:
        _begin_lifecycle(call.service, wanted.partition, config, version)
    call.service.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.PUT_ASKED)
    return provisioned_view(call.service, config)


@operation("GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(call: Call, params: Params) -> View:
    wanted = named(call, params)
    if wanted.qualifier == LATEST:
        raise PROVISIONED_OF_LATEST.error()
    _target(wanted)
    config = _config(wanted)
    if config is None:
        raise NO_PROVISIONED_CONCURRENCY.error()
    return provisioned_view(call.service, config)


@operation("DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(call: Call, params: Params) -> View:
    wanted = named(call, params)
    if wanted.qualifier == LATEST:
        raise PROVISIONED_OF_LATEST.error()
    _target(wanted)
    config = _config(wanted)
    if config is not None:
        call.service.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.DELETE_ASKED)
        wanted.partition.provisioned.delete((config.function, config.qualifier))
        call.service.registry.end(PROVISIONED_CONCURRENCY, config.arn)
        released(call.service, wanted.partition, config.function)
    return {}


@operation("ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(call: Call, params: Params) -> View:
    wanted = named(call, params)
    wanted.function()

    def view(config: ProvisionedConcurrency) -> View:
        return {"FunctionArn": config.arn, **provisioned_view(call.service, config)}

    return page_of(
        wanted.partition.provisioned,
        params,
        "ProvisionedConcurrencyConfigs",
        view,
        most=call.service.limits.page,
        prefix=(wanted.name,),
    )


def alias_moved(service: LambdaService, partition: Partition, function: str, alias: str) -> None:
    """Let the provisioned concurrency of an alias, if it has some, be allocated to the version it points to now."""
    config = partition.provisioned.get((function, alias))
    if config is not None:
        service.registry.fire(PROVISIONED_CONCURRENCY, config.arn, ProvisioningEvent.ALIAS_MOVED)


def released(service: LambdaService, partition: Partition, function: str) -> None:
    """End the environments of *function* that were made ready for a version that is not provisioned any more."""
    place, kept = partition.place, set()
    for config in partition.provisioned.under((function,)):
        version = _provisioned(partition, config)
        if version is not None and config.allocated:
            kept.add(version.number)
    service.pool.keep_provisioned(place.account, place.region, function, kept)


def provisioned_for(partition: Partition, function: str) -> int:
    """Return how many executions are provisioned for *function*, all versions and aliases together."""
    return sum(config.requested for config in partition.provisioned.under((function,)))


def unreserved(service: LambdaService, partition: Partition, *, apart_from: str | None = None) -> int:
    """Return what the account has left for all: neither reserved nor, for functions without that, provisioned.

    Parameters: *apart_from*, a function that does not count.
    """
    taken = 0
    for function in partition.functions:
        if function.name != apart_from:
            reserved = function.reserved_concurrency
            taken += reserved if reserved is not None else provisioned_for(partition, function.name)
    return service.limits.concurrent_executions - taken


def allocated_for(service: LambdaService, partition: Partition, version: Version) -> int:
    """Return how many environments are ready for *version*: by itself, or by an alias that points to it (recorded)."""
    if not len(partition.provisioned):
        return 0
    return sum(
        config.allocated
        for config in _of_version(partition, version)
        if service.registry.of(PROVISIONED_CONCURRENCY, config.arn).state is ProvisioningState.READY
    )


def provisioned_view(service: LambdaService, config: ProvisionedConcurrency) -> View:
    """Return a provisioned concurrency configuration; what is allocated is available, since nothing runs at rest."""
    machine = service.registry.of(PROVISIONED_CONCURRENCY, config.arn)
    view: View = {
        "RequestedProvisionedConcurrentExecutions": config.requested,
        "AvailableProvisionedConcurrentExecutions": config.allocated,
        "AllocatedProvisionedConcurrentExecutions": config.allocated,
        "Status": machine.shown,
        "LastModified": f"{config.last_modified:%Y-%m-%dT%H:%M:%S}+0000",
    }
    if machine.reason is not None:
        view["StatusReason"] = machine.reason.text
    return view


def _target(wanted: ResolvedName) -> Version:
    """Return the version meant. Raises ResourceNotFoundException in the words for an alias or for a version."""
    qualifier = wanted.qualifier or LATEST
    if not looks_like_version(qualifier) and wanted.alias() is None:
        raise ALIAS_NOT_FOUND.error(arn=wanted.arn)
    return wanted.version()


def _config(wanted: ResolvedName) -> ProvisionedConcurrency | None:
    return wanted.partition.provisioned.get((wanted.name, wanted.qualifier or LATEST))


def _of_version(partition: Partition, version: Version) -> list[ProvisionedConcurrency]:
    """Return the configurations that provision *version*: its own, and those of aliases that point to it."""
    found = []
    for config in partition.provisioned.under((version.name,)):
        alias = partition.aliases.get((version.name, config.qualifier))
        if (alias.function_version if alias is not None else config.qualifier) == version.number:
            found.append(config)
    return found


def _check_alone(wanted: ResolvedName, version: Version) -> None:
    """Raise AWS's answer where a version would be provisioned twice, or an alias routes to two versions."""
    alias = wanted.alias()
    others = [one for one in _of_version(wanted.partition, version) if one.qualifier != wanted.qualifier]
    if others:
        raise (VERSION_PROVISIONED if alias is not None else ALIAS_PROVISIONED).error()
    if alias is not None and alias.weights:
        raise PROVISIONED_ALIAS_ROUTES.error()


def _check_limits(call: Call, wanted: ResolvedName, requested: int) -> None:
    """Raise InvalidParameterValueException where *requested* exceeds what the function or the account has left."""
    partition, limits = wanted.partition, call.service.limits
    before = _config(wanted)
    mine = provisioned_for(partition, wanted.name) - (before.requested if before is not None else 0) + requested
    reserved = wanted.function().reserved_concurrency
    if reserved is not None:
        if mine > reserved:
            raise PROVISIONED_OVER_RESERVED.error()
        return
    left = unreserved(call.service, partition, apart_from=wanted.name)
    if mine > left:
        raise PROVISIONED_OVER_ACCOUNT.error(unreserved=left)
    if left - mine < limits.unreserved_minimum:
        raise PROVISIONED_OVER_UNRESERVED.error(minimum=limits.unreserved_minimum)


def _begin_lifecycle(
    service: LambdaService, partition: Partition, config: ProvisionedConcurrency, version: Version
) -> None:
    key = (config.function, config.qualifier)

    def moved(machine: StateMachine[ProvisioningState, ProvisioningEvent], _before: ProvisioningState) -> None:
        current = partition.provisioned.get(key)
        if current is None or machine.state not in (ProvisioningState.READY, ProvisioningState.FAILED):
            return
        allocated = current.requested if machine.state is ProvisioningState.READY else 0
        partition.provisioned.put(key, replace(current, allocated=allocated))
        released(service, partition, current.function)
        _revise(service, partition, current)

    service.registry.begin(
        PROVISIONED_CONCURRENCY,
        partition.place,
        config.arn,
        label=f"{config.function}:{config.qualifier} provisioned",
        kind=version.kind,
        timings=service.lifecycles.timings_of(partition.place, config.function),
        scope={"function": config.function, "version": config.qualifier},
        moved=moved,
        precondition=lambda _phase: _precondition(service, partition, config),
    )


def _precondition(service: LambdaService, partition: Partition, config: ProvisionedConcurrency) -> Reason | None:
    """Make all environments ready, and return why that cannot be: the Init phase of one fails."""
    version, current = _provisioned(partition, config), partition.provisioned.get((config.function, config.qualifier))
    if version is None or current is None or provision(service, version, current.requested):
        return None
    return INIT_FAILED


def _provisioned(partition: Partition, config: ProvisionedConcurrency) -> Version | None:
    alias = partition.aliases.get((config.function, config.qualifier))
    return partition.version(config.function, alias.function_version if alias is not None else config.qualifier)


def _revise(service: LambdaService, partition: Partition, config: ProvisionedConcurrency) -> None:
    """Give the provisioned version a new RevisionId, as AWS does when the provisioning has ended (recorded)."""
    version = _provisioned(partition, config)
    if version is not None:
        partition.put(replace(version, revision_id=service.chance.uuid()))
