"""How asynchronous invocations are retried, and where their results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from lambda_states_mock import service_errors as texts
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import LATEST, function_reference
from lambda_states_mock.resources.event_invoke_config import EventInvokeConfig
from lambda_states_mock.resources.function import NOTHING
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import found
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.views import given

_CONDITIONS = ("OnSuccess", "OnFailure")
_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_KINDS = compile_later(r"arn:[^:]+:(sqs|sns|lambda|events|s3):.*")
"""Where results can go (invocation-async-retain-records.html); buckets take failures only, FIFO none."""


@operation("PutFunctionEventInvokeConfig")
def put_function_event_invoke_config(call: Call, params: Params) -> View:
    wanted = _configurable(call, params)
    config = EventInvokeConfig(function=wanted.name, qualifier=_key(wanted)[1], last_modified=call.now)
    return _put(call, wanted, config, params)


@operation("UpdateFunctionEventInvokeConfig")
def update_function_event_invoke_config(call: Call, params: Params) -> View:
    wanted = _configurable(call, params)
    return _put(call, wanted, _existing(wanted), params)


@operation("GetFunctionEventInvokeConfig")
def get_function_event_invoke_config(call: Call, params: Params) -> View:
    wanted = call.named(params)
    return event_invoke_config_view(wanted, _existing(wanted))


@operation("DeleteFunctionEventInvokeConfig")
def delete_function_event_invoke_config(call: Call, params: Params) -> View:
    wanted = call.named(params)
    _existing(wanted)
    wanted.partition.event_invoke_configs.delete(_key(wanted))
    return {}


@operation("ListFunctionEventInvokeConfigs")
def list_function_event_invoke_configs(call: Call, params: Params) -> View:
    wanted = call.named(params)
    found(wanted.partition.functions.get(wanted.name), texts.NO_FUNCTION_TO_CONFIGURE)

    configs, view = wanted.partition.event_invoke_configs, partial(event_invoke_config_view, wanted)
    return page_of(call, configs, params, "FunctionEventInvokeConfigs", view, prefix=(wanted.name,))


def _configurable(call: Call, params: Params) -> ResolvedName:
    """Return what is to be configured, where there is something to set and something to set it on."""
    wanted = call.named(params)
    if not any(params.get(setting) is not None for setting in _SETTINGS):
        raise texts.NOTHING_TO_CONFIGURE.error()
    found(wanted.partition.functions.get(wanted.name), texts.NO_FUNCTION_TO_CONFIGURE)
    found(wanted.alias() or wanted.partition.version(*_key(wanted)), texts.NO_FUNCTION_TO_CONFIGURE)
    return wanted


def _put(call: Call, wanted: ResolvedName, config: EventInvokeConfig, params: Params) -> View:
    destinations = config.destinations
    if params.get("DestinationConfig") is not None:
        destinations = _destinations(wanted, params["DestinationConfig"])
    config = replace(
        config,
        maximum_retry_attempts=params.get("MaximumRetryAttempts", config.maximum_retry_attempts),
        maximum_event_age=params.get("MaximumEventAgeInSeconds", config.maximum_event_age),
        destinations=destinations,
        last_modified=call.now,
    )
    wanted.partition.event_invoke_configs.put(_key(wanted), config)
    return event_invoke_config_view(wanted, config)


def _key(wanted: ResolvedName) -> tuple[str, str]:
    return wanted.name, wanted.qualifier or LATEST


def _existing(wanted: ResolvedName) -> EventInvokeConfig:
    # Recorded: whether the function or version exists makes no difference to the text.
    arn, config = wanted.place.function_arn(*_key(wanted)), wanted.partition.event_invoke_configs.get(_key(wanted))
    return found(config, texts.NO_EVENT_INVOKE_CONFIG, arn=arn)


def _destinations(wanted: ResolvedName, sent: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    found = {one: sent[one]["Destination"] for one in _CONDITIONS if (sent.get(one) or {}).get("Destination")}
    for condition, arn in found.items():
        if not _KINDS.fullmatch(arn) or arn.endswith(".fifo") or (condition == "OnSuccess" and ":s3:" in arn):
            raise texts.UNSUPPORTED_DESTINATION.error(
                on_success=_in_java("OnSuccess", found), on_failure=_in_java("OnFailure", found)
            )
        if ":lambda:" in arn:
            _check_function(wanted, arn)
    return MappingProxyType(found) if found else NOTHING


def _in_java(condition: str, found: Mapping[str, str]) -> str:
    return f"{condition}(destination={found[condition]})" if condition in found else "null"


def _check_function(wanted: ResolvedName, arn: str) -> None:
    """Raise AWS's answer where the function that results go to is the same, or is none of this place's."""
    target = function_reference(arn)
    if target is None:
        raise texts.INVALID_DESTINATION.error(arn=arn)
    if (target.account, target.region) != (wanted.place.account, wanted.place.region):
        return
    if target.name == wanted.name:
        raise texts.DESTINATION_IS_ITSELF.error()
    if target.name not in wanted.partition.functions:
        raise texts.INVALID_DESTINATION.error(arn=arn)


def event_invoke_config_view(wanted: ResolvedName, config: EventInvokeConfig) -> View:
    """Return a FunctionEventInvokeConfig; what was not set is not in it, apart from destinations."""
    view = {
        "LastModified": config.last_modified,
        "FunctionArn": wanted.place.function_arn(config.function, config.qualifier),
        "DestinationConfig": {
            condition: {"Destination": config.destinations[condition]} if condition in config.destinations else {}
            for condition in _CONDITIONS
        },
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumEventAgeInSeconds": config.maximum_event_age,
    }
    return given(view)
