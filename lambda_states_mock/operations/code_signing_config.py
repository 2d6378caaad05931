"""Code signing configurations, and the functions that have one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_owner
from lambda_states_mock.instants import iso_milliseconds_with_offset
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.code_signing_config import CodeSigningConfig
from lambda_states_mock.resources.function import Function
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import found, tags_of
from lambda_states_mock.shapes.function_code import config_for_function
from lambda_states_mock.shapes.paging import page_of


@operation("CreateCodeSigningConfig")
def create_code_signing_config(call: Call, params: Params) -> View:
    tags = tags_of(call, params)
    config = CodeSigningConfig(
        place=call.place,
        id=f"csc-{call.service.chance.hex(17)}",
        profile_version_arns=tuple(params["AllowedPublishers"]["SigningProfileVersionArns"]),
        policy=_policy(params) or "Warn",
        description=params.get("Description", ""),
        last_modified=call.now,
        tags=tags,
    )
    call.partition.code_signing_configs.put(config.arn, config)
    return {"CodeSigningConfig": code_signing_config_view(config)}


@operation("GetCodeSigningConfig")
def get_code_signing_config(call: Call, params: Params) -> View:
    return {"CodeSigningConfig": code_signing_config_view(_existing(call, params))}


@operation("UpdateCodeSigningConfig")
def update_code_signing_config(call: Call, params: Params) -> View:
    config = _existing(call, params)
    publishers = params.get("AllowedPublishers")
    config = replace(
        config,
        description=params.get("Description", config.description),
        profile_version_arns=(
            tuple(publishers["SigningProfileVersionArns"]) if publishers else config.profile_version_arns
        ),
        policy=_policy(params) or config.policy,
        last_modified=call.now,
    )
    call.partition.code_signing_configs.put(config.arn, config)
    return {"CodeSigningConfig": code_signing_config_view(config)}


@operation("DeleteCodeSigningConfig")
def delete_code_signing_config(call: Call, params: Params) -> View:
    config = _existing(call, params)
    if any(map(_has(config), call.partition.functions)):
        raise texts.CODE_SIGNING_CONFIG_IN_USE.error(arn=config.arn)
    call.partition.code_signing_configs.delete(config.arn)
    return {}


@operation("ListCodeSigningConfigs")
def list_code_signing_configs(call: Call, params: Params) -> View:
    configs = call.partition.code_signing_configs
    return page_of(call, configs, params, "CodeSigningConfigs", code_signing_config_view)


@operation("ListFunctionsByCodeSigningConfig")
def list_functions_by_code_signing_config(call: Call, params: Params) -> View:
    config = _existing(call, params)
    functions = call.partition.functions
    return page_of(call, functions, params, "FunctionArns", lambda one: one.arn, chosen=_has(config))


@operation("PutFunctionCodeSigningConfig")
def put_function_code_signing_config(call: Call, params: Params) -> View:
    config = config_for_function(call, params["CodeSigningConfigArn"])  # recorded: before the function is looked for
    wanted = call.named(params)
    function = replace(wanted.function(), code_signing_config_arn=config.arn)
    wanted.partition.functions.put(wanted.name, function)
    return function_code_signing_config_view(function)


@operation("GetFunctionCodeSigningConfig")
def get_function_code_signing_config(call: Call, params: Params) -> View:
    return function_code_signing_config_view(call.named(params).function())


@operation("DeleteFunctionCodeSigningConfig")
def delete_function_code_signing_config(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.partition.functions.put(wanted.name, replace(wanted.function(), code_signing_config_arn=None))
    return {}


def _existing(call: Call, params: Params) -> CodeSigningConfig:
    arn = params["CodeSigningConfigArn"]
    check_owner(call.service.world, call.operation, arn, call.caller)
    return found(call.partition.code_signing_configs.get(arn), texts.CODE_SIGNING_CONFIG_NOT_FOUND, arn=arn)


def _policy(params: Params) -> str | None:
    return (params.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment")


def _has(config: CodeSigningConfig) -> Callable[[Function], bool]:
    return lambda function: function.code_signing_config_arn == config.arn


def code_signing_config_view(config: CodeSigningConfig) -> View:
    """Return a CodeSigningConfig."""
    return {
        "CodeSigningConfigId": config.id,
        "CodeSigningConfigArn": config.arn,
        "Description": config.description,
        "AllowedPublishers": {"SigningProfileVersionArns": list(config.profile_version_arns)},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": config.policy},
        "LastModified": iso_milliseconds_with_offset(config.last_modified),
    }


def function_code_signing_config_view(function: Function) -> View:
    """Return which code signing configuration *function* has: nothing, if it has none."""
    if function.code_signing_config_arn is None:
        return {}
    return {"CodeSigningConfigArn": function.code_signing_config_arn, "FunctionName": function.name}
