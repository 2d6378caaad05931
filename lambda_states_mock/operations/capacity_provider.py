"""Capacity providers: the instances of functions with a CapacityProviderConfig, and how versions scale on them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_owner
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.instants import iso_milliseconds_with_offset
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.capacity_provider import (
    DEFAULT_INSTANCES,
    DEFAULT_SCALING,
    LEAST_ENVIRONMENTS,
    CapacityProvider,
    ScalingConfig,
    provider_arn_of,
    provider_name_of,
)
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import found, neighbour_refusal, tags_of
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.states.capacity_provider import CAPACITY_PROVIDER, ProviderEvent, ProviderState
from lambda_states_mock.states.scaling import SCALING, ScalingEvent, ScalingState

_SHOWN = ("VpcConfig", "PermissionsConfig", "KmsKeyArn", "PropagateTags", "TelemetryConfig")
_CHANGED = ("PropagateTags", "TelemetryConfig")
_MIN, _MAX = "MinExecutionEnvironments", "MaxExecutionEnvironments"
_DEFAULT: Mapping[str, int] = MappingProxyType({_MIN: LEAST_ENVIRONMENTS})


@operation("CreateCapacityProvider")
def create_capacity_provider(call: Call, params: Params) -> View:
    name, partition, limits = provider_name_of(params["CapacityProviderName"]), call.partition, call.service.limits
    tags = tags_of(call, params)
    _check_dependencies(call, params, call.place.arn(f"capacity-provider:{name}"))
    if name in partition.capacity_providers:  # (I) as of functions: what is referred to is looked at before
        raise texts.CAPACITY_PROVIDER_EXISTS.error(name=name)
    if len(partition.capacity_providers) >= limits.capacity_providers:
        raise texts.TOO_MANY_CAPACITY_PROVIDERS.error(limit=limits.capacity_providers)
    provider = CapacityProvider(
        place=call.place, name=name, settings=_settings(params), last_modified=call.now, tags=tags
    )
    partition.capacity_providers.put(name, provider)
    _begin_lifecycle(call, provider)
    return {"CapacityProvider": capacity_provider_view(call, provider)}


@operation("GetCapacityProvider")
def get_capacity_provider(call: Call, params: Params) -> View:
    return {"CapacityProvider": capacity_provider_view(call, _provider(call, params))}


@operation("UpdateCapacityProvider")
def update_capacity_provider(call: Call, params: Params) -> View:
    provider = _provider(call, params)
    call.service.registry.fire(CAPACITY_PROVIDER, provider.arn, ProviderEvent.UPDATE_ASKED)
    settings = {**provider.settings, **{member: params[member] for member in _CHANGED if member in params}}
    scaling = {**settings["CapacityProviderScalingConfig"], **(params.get("CapacityProviderScalingConfig") or {})}
    settings["CapacityProviderScalingConfig"] = scaling
    _name_log_group(settings, provider.name)
    provider = replace(provider, settings=settings, last_modified=call.now)
    call.partition.capacity_providers.put(provider.name, provider)
    return {"CapacityProvider": capacity_provider_view(call, provider)}


@operation("DeleteCapacityProvider")
def delete_capacity_provider(call: Call, params: Params) -> View:
    provider = _provider(call, params)
    if any(provider_arn_of(version.configuration) == provider.arn for version in call.partition.versions):
        raise texts.CAPACITY_PROVIDER_IN_USE.error(arn=provider.arn)
    call.service.registry.fire(CAPACITY_PROVIDER, provider.arn, ProviderEvent.DELETE_ASKED)
    return {"CapacityProvider": capacity_provider_view(call, provider)}


@operation("ListCapacityProviders")
def list_capacity_providers(call: Call, params: Params) -> View:
    state = params.get("State")

    def chosen(provider: CapacityProvider) -> bool:
        return state is None or _machine(call, provider).shown == state

    providers, view = call.partition.capacity_providers, partial(capacity_provider_view, call)
    return page_of(call, providers, params, "CapacityProviders", view, chosen=chosen)


@operation("ListFunctionVersionsByCapacityProvider")
def list_function_versions_by_capacity_provider(call: Call, params: Params) -> View:
    provider = _provider(call, params)

    def attached(version: Version) -> bool:
        return version.number != LATEST and provider_arn_of(version.configuration) == provider.arn

    def view(version: Version) -> View:
        lifecycle = call.service.lifecycles.of(version.place, version.name, version.number)
        return {"FunctionArn": version.arn, "State": lifecycle.shown}

    answer = page_of(call, call.partition.versions, params, "FunctionVersions", view, chosen=attached)
    return {"CapacityProviderArn": provider.arn, **answer}


def capacity_provider_view(call: Call, provider: CapacityProvider) -> View:
    """Return a CapacityProvider as answers have it."""
    return {
        **deepcopy(dict(provider.settings)),
        "CapacityProviderArn": provider.arn,
        "State": _machine(call, provider).shown,
        "LastModified": iso_milliseconds_with_offset(provider.last_modified),
    }


def _machine(call: Call, provider: CapacityProvider) -> StateMachine[ProviderState, ProviderEvent]:
    return call.service.registry.of(CAPACITY_PROVIDER, provider.arn)


def _provider(call: Call, params: Params) -> CapacityProvider:
    """Return the capacity provider that *params* name. Raises AWS's answer where it is another's, or is not there."""
    named = params["CapacityProviderName"]
    arn = named if ":" in named else call.place.arn(f"capacity-provider:{named}")
    if named == arn:
        check_owner(call.service.world, call.operation, arn, call.caller)
    return found(call.partition.capacity_provider(arn), texts.CAPACITY_PROVIDER_NOT_FOUND, arn=arn)


def _check_dependencies(call: Call, params: Params, arn: str) -> None:
    """Raise what AWS answers where the provider *arn* could not have instances.

    That is with types that contradict each other, without a role or without a network.
    """
    instances, vpc = params.get("InstanceRequirements") or {}, params["VpcConfig"]
    if instances.get("AllowedInstanceTypes") and instances.get("ExcludedInstanceTypes"):
        raise texts.INSTANCE_TYPES_TWICE.error()
    role = params["PermissionsConfig"]["CapacityProviderOperatorRoleArn"]
    if not call.service.neighbours.can_assume(call.place, role, arn):
        raise texts.ROLE_NOT_ASSUMABLE.error()
    try:
        call.service.neighbours.vpc_of(call.place, vpc["SubnetIds"], vpc["SecurityGroupIds"])
    except NeighbourError as error:
        raise neighbour_refusal(error) from None


def _settings(params: Params) -> dict[str, Any]:
    settings = {member: params[member] for member in _SHOWN if params.get(member)}
    _name_log_group(settings, params["CapacityProviderName"])
    settings["InstanceRequirements"] = {**DEFAULT_INSTANCES, **(params.get("InstanceRequirements") or {})}
    scaling = {**DEFAULT_SCALING, **(params.get("CapacityProviderScalingConfig") or {})}
    settings["CapacityProviderScalingConfig"] = scaling
    return settings


def _name_log_group(settings: dict[str, Any], name: str) -> None:
    """Let the log group be the documented one, where telemetry is configured without naming another."""
    telemetry = settings.get("TelemetryConfig") or {}
    if "LoggingConfig" in telemetry:
        group = {"LogGroup": f"/aws/lambda/capacity-provider/{provider_name_of(name)}"}
        settings["TelemetryConfig"] = {**telemetry, "LoggingConfig": {**group, **telemetry["LoggingConfig"]}}


def _begin_lifecycle(call: Call, provider: CapacityProvider) -> None:
    providers, registry = call.partition.capacity_providers, call.service.registry

    def moved(machine: StateMachine[ProviderState, ProviderEvent], _before: ProviderState) -> None:
        if machine.state is ProviderState.ABSENT:
            providers.delete(provider.name)
            registry.end(CAPACITY_PROVIDER, provider.arn)

    label = f"capacity provider {provider.name}"
    registry.begin(CAPACITY_PROVIDER, provider.place, provider.arn, label=label, kind="managed", moved=moved)
    registry.fire(CAPACITY_PROVIDER, provider.arn, ProviderEvent.CREATE_ASKED)


@operation("PutFunctionScalingConfig")
def put_function_scaling_config(call: Call, params: Params) -> View:
    asked = {**_DEFAULT, **(params.get("FunctionScalingConfig") or {})}
    least, most = asked[_MIN], asked.get(_MAX)
    if least == 0 and most != 0:
        raise texts.SCALING_TO_ZERO.error()
    if most is not None and most < least:
        raise texts.SCALING_RANGE.error(least=least, most=most)
    version = _managed(call, params)  # (I) what is sent is looked at before what it is for
    configs, key = call.service.store.at(version.place).scaling_configs, (version.name, version.number)
    before = configs.get(key)
    applied = before.applied if before is not None else _DEFAULT
    configs.put(key, ScalingConfig(requested=MappingProxyType(asked), applied=applied))
    machine = call.service.registry.find(SCALING, version.arn) or _begin_scaling(call, version)
    call.service.driver.fire(machine, ScalingEvent.ZERO_ASKED if most == 0 else ScalingEvent.PUT_ASKED)
    return {"FunctionState": call.service.lifecycles.of(version.place, version.name, version.number).shown}


@operation("GetFunctionScalingConfig")
def get_function_scaling_config(call: Call, params: Params) -> View:
    version = _managed(call, params)
    config = call.at(version.place).scaling_configs.get((version.name, version.number))
    view: View = {"FunctionArn": version.arn, "AppliedFunctionScalingConfig": dict(_DEFAULT)}
    if config is not None:
        view["AppliedFunctionScalingConfig"] = dict(config.applied)
        view["RequestedFunctionScalingConfig"] = dict(config.requested)
    return view


def _managed(call: Call, params: Params) -> Version:
    """Return the version meant. Raises InvalidParameterValueException where it runs on no capacity provider."""
    version = call.named(params).version()
    if provider_arn_of(version.configuration) is None:
        raise texts.NOT_ON_CAPACITY_PROVIDER.error(arn=version.arn)
    return version


def _begin_scaling(call: Call, version: Version) -> StateMachine[ScalingState, ScalingEvent]:
    service, key = call.service, (version.name, version.number)
    configs = service.store.at(version.place).scaling_configs

    def moved(machine: StateMachine[ScalingState, ScalingEvent], _before: ScalingState) -> None:
        config = configs.get(key)
        if config is not None and machine.state in (ScalingState.SCALED, ScalingState.DEACTIVATED):
            configs.put(key, replace(config, applied=config.requested))

    machine = service.registry.begin(
        SCALING,
        version.place,
        version.arn,
        label=f"{version.name}:{version.number}",
        kind="managed",
        timings=service.timings.of(version.place, version.name),
        scope={"function": version.name, "version": version.number},
        moved=moved,
    )
    service.lifecycles.scale(version, machine)
    return machine
