"""How a version scales on its capacity provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.capacity_provider import LEAST_ENVIRONMENTS, ScalingConfig, provider_arn_of
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import NOT_ON_CAPACITY_PROVIDER, SCALING_RANGE, SCALING_TO_ZERO
from lambda_states_mock.states.scaling import SCALING, ScalingEvent, ScalingState

_MIN, _MAX = "MinExecutionEnvironments", "MaxExecutionEnvironments"
_DEFAULT: Mapping[str, int] = MappingProxyType({_MIN: LEAST_ENVIRONMENTS})


@operation("PutFunctionScalingConfig")
def put_function_scaling_config(call: Call, params: Params) -> View:
    version = _managed(call, params)
    asked = {**_DEFAULT, **(params.get("FunctionScalingConfig") or {})}
    least, most = asked[_MIN], asked.get(_MAX)
    if least == 0 and most != 0:
        raise SCALING_TO_ZERO.error()
    if most is not None and most < least:
        raise SCALING_RANGE.error(least=least, most=most)
    configs, key = call.service.store.at(version.place).scaling_configs, (version.name, version.number)
    before = configs.get(key)
    applied = before.applied if before is not None else _DEFAULT
    configs.put(key, ScalingConfig(requested=MappingProxyType(asked), applied=applied))
    machine = call.service.registry.find(SCALING, version.arn) or _begin_lifecycle(call, version)
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
        raise NOT_ON_CAPACITY_PROVIDER.error(arn=version.arn)
    return version


def _begin_lifecycle(call: Call, version: Version) -> StateMachine[ScalingState, ScalingEvent]:
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
