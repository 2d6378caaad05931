"""Updates of a function's code and configuration. They begin here, and end on the clock."""

from __future__ import annotations

from dataclasses import replace

from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.function import (
    check_image,
    check_publish_to,
    check_snapshots,
    check_storage,
    put_version,
    same_as_published,
    version_view,
)
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.function import Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision
from lambda_states_mock.shapes.configuration import check_role, configured
from lambda_states_mock.shapes.function_code import check_package, code_from
from lambda_states_mock.states import last_update
from lambda_states_mock.states.function import FunctionEvent


@operation("UpdateFunctionConfiguration")
def update_function_configuration(call: Call, params: Params) -> View:
    wanted = call.named(params)
    latest = _changeable(call, params, wanted)
    check_image(params, is_image=latest.configuration.package_type == "Image")
    if "Runtime" not in params:
        call.service.world.runtimes.check_kept(call.operation, latest.configuration.runtime)
    configuration = configured(call, params, latest.configuration, wanted.name)
    if configuration.role != latest.configuration.role or configuration.vpc != latest.configuration.vpc:
        check_role(call, configuration, wanted.name)
    if "Layers" in params:
        check_package(call, configuration, latest.code, wanted.function().code_signing_config_arn)
    return version_view(call, _updated(call, replace(latest, configuration=configuration)))


@operation("UpdateFunctionCode")
def update_function_code(call: Call, params: Params) -> View:
    wanted = call.named(params)
    latest = _changeable(call, params, wanted)
    configuration = latest.configuration
    call.service.world.runtimes.check_kept(call.operation, configuration.runtime)
    check_publish_to(params, configuration)
    if params.get("Publish"):
        check_snapshots(call, configuration)
    code = code_from(call, params, configuration.package_type)
    check_storage(call, wanted.partition, code)
    check_package(call, configuration, code, wanted.function().code_signing_config_arn)
    if params.get("Architectures"):
        configuration = replace(configuration, architectures=tuple(params["Architectures"]))
    changed = replace(latest, code=code, configuration=configuration)
    if params.get("DryRun"):
        return version_view(call, changed)
    changed = _updated(call, changed)
    if not params.get("Publish"):
        return version_view(call, changed)
    publish_to = params.get("PublishTo")
    version = same_as_published(wanted.partition, changed, publish_to)
    if version is None:
        version = put_version(call, changed, event=FunctionEvent.PUBLISHED_WITH_CODE, publish_to=publish_to)
    return version_view(call, version)


def _changeable(call: Call, params: Params, wanted: ResolvedName) -> Version:
    wanted.function_alone()
    latest = wanted.latest()
    check_revision(params, latest.revision_id)
    call.service.lifecycles.check_change(latest, last_update.UpdateEvent.UPDATE_ASKED)
    return latest


def _updated(call: Call, changed: Version) -> Version:
    changed = replace(changed, revision_id=call.service.chance.uuid(), last_modified=call.now)
    call.service.store.at(changed.place).put(changed)
    call.service.lifecycles.begin_update(changed)
    return changed
