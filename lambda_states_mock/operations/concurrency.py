"""Reserved concurrency of functions, and provisioned concurrency of versions and aliases."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock import service_errors as texts
from lambda_states_mock.instants import iso_seconds_with_offset
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.lifecycles.provisioned_concurrency import configs_of, requested_for
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST, can_be_alias
from lambda_states_mock.resources.function import ProvisionedConcurrency, Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import found
from lambda_states_mock.shapes.configuration import check_not_isolating
from lambda_states_mock.shapes.paging import page_of


@operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, params: Params) -> View:
    wanted = call.named(params)
    function, reserved = wanted.function_alone(missing=LATEST), params["ReservedConcurrentExecutions"]  # recorded
    limits = call.service.limits
    left = call.service.provisioned.unreserved(wanted.partition, but=wanted.name)
    if left - reserved < limits.unreserved_minimum and reserved > 0:
        raise texts.UNRESERVED_TOO_SMALL.error(minimum=limits.unreserved_minimum)
    provisioned = requested_for(wanted.partition, wanted.name)
    if reserved < provisioned:
        raise texts.RESERVED_UNDER_PROVISIONED.error(reserved=reserved, provisioned=provisioned)
    wanted.partition.functions.put(wanted.name, replace(function, reserved_concurrency=reserved))
    return {"ReservedConcurrentExecutions": reserved}


@operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, params: Params) -> View:
    reserved = call.named(params).function().reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call, params: Params) -> View:
    wanted = call.named(params)
    function = wanted.function_alone(missing=LATEST)  # (I) as of Put
    wanted.partition.functions.put(wanted.name, replace(function, reserved_concurrency=None))
    return {}


@operation("PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(call: Call, params: Params) -> View:
    wanted = call.named(params)
    if wanted.qualifier == LATEST:
        raise texts.PROVISIONED_ON_LATEST.error()
    version, requested = _target(wanted), params["ProvisionedConcurrentExecutions"]
    _check_alone(wanted, version)
    alias = wanted.alias()
    if alias is not None and alias.weights:
        raise texts.PROVISIONED_ALIAS_ROUTES.error()
    if version.configuration.snap_start == "PublishedVersions":
        raise texts.PROVISIONED_ON_SNAP_START.error()
    check_not_isolating(version.configuration, "Provisioned concurrency")
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
    call.service.provisioned.put(wanted.partition, config, version, is_new=before is None)
    return _view(call, config)


@operation("GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(call: Call, params: Params) -> View:
    return _view(call, found(_config(_provisionable(call, params)), texts.NO_PROVISIONED_CONCURRENCY))


@operation("DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(call: Call, params: Params) -> View:
    wanted = _provisionable(call, params)
    config = _config(wanted)
    if config is not None:
        call.service.provisioned.delete(wanted.partition, config)
    return {}


@operation("ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.function()

    def view(config: ProvisionedConcurrency) -> View:
        return {"FunctionArn": config.arn, **_view(call, config)}

    configs = wanted.partition.provisioned
    return page_of(call, configs, params, "ProvisionedConcurrencyConfigs", view, prefix=(wanted.name,))


def _view(call: Call, config: ProvisionedConcurrency) -> View:
    """Return a provisioned concurrency configuration; what is allocated is available, since nothing runs at rest."""
    machine = call.service.provisioned.machine(config)
    view: View = {
        "RequestedProvisionedConcurrentExecutions": config.requested,
        "AvailableProvisionedConcurrentExecutions": config.allocated,
        "AllocatedProvisionedConcurrentExecutions": config.allocated,
        "Status": machine.shown,
        "LastModified": iso_seconds_with_offset(config.last_modified),
    }
    if machine.reason is not None:
        view["StatusReason"] = machine.reason.text
    return view


def _provisionable(call: Call, params: Params) -> ResolvedName:
    """Return what is named. Raises AWS's answer where it is not there, or is ``$LATEST``."""
    wanted = call.named(params)
    if wanted.qualifier == LATEST:
        raise texts.PROVISIONED_OF_LATEST.error()
    _target(wanted)
    return wanted


def _target(wanted: ResolvedName) -> Version:
    """Return the version meant. Raises ResourceNotFoundException in the words for an alias or for a version."""
    qualifier = wanted.qualifier or LATEST
    if can_be_alias(qualifier) and wanted.alias() is None:
        raise texts.ALIAS_NOT_FOUND.error(arn=wanted.arn)
    return wanted.version()


def _config(wanted: ResolvedName) -> ProvisionedConcurrency | None:
    return wanted.partition.provisioned.get((wanted.name, wanted.qualifier or LATEST))


def _check_alone(wanted: ResolvedName, version: Version) -> None:
    """Raise AWS's answer where *version* cannot be provisioned by what is *wanted*: itself, or an alias that leads, or
    is to lead, to it. It is not published (I: also behind an alias), or would be provisioned twice.
    """
    if version.number == LATEST:
        raise texts.PROVISIONED_ON_LATEST.error()
    if any(one.qualifier != wanted.qualifier for one in configs_of(wanted.partition, version)):
        raise (texts.VERSION_PROVISIONED if wanted.alias() is not None else texts.ALIAS_PROVISIONED).error()


def check_move(wanted: ResolvedName, version: Version) -> None:
    """Raise AWS's answer where an alias cannot take its provisioned concurrency, if it has some, to *version*.

    (I): what PutProvisionedConcurrencyConfig answers to an alias of that version.
    """
    if _config(wanted) is not None:
        _check_alone(wanted, version)


def _check_limits(call: Call, wanted: ResolvedName, requested: int) -> None:
    """Raise InvalidParameterValueException where *requested* exceeds what the function or the account has left."""
    partition, limits = wanted.partition, call.service.limits
    before = _config(wanted)
    mine = requested_for(partition, wanted.name) - (before.requested if before is not None else 0) + requested
    reserved = wanted.function().reserved_concurrency
    if reserved is not None:
        if mine > reserved:
            raise texts.PROVISIONED_OVER_RESERVED.error()
        return
    left = call.service.provisioned.unreserved(partition, but=wanted.name)
    if mine > left:
        raise texts.PROVISIONED_OVER_ACCOUNT.error(unreserved=left)
    if left - mine < limits.unreserved_minimum:
        raise texts.PROVISIONED_OVER_UNRESERVED.error(minimum=limits.unreserved_minimum)
