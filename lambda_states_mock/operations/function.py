"""Functions and their published versions: create, publish, read, list, delete."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from lambda_states_mock import service_errors as texts
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST, LATEST_PUBLISHED, can_be_alias
from lambda_states_mock.resources.capacity_provider import provider_arn_of
from lambda_states_mock.resources.code import Code
from lambda_states_mock.resources.function import Configuration, Function, Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.shapes.checks import check_revision, tags_of
from lambda_states_mock.shapes.configuration import MANAGED_MEMORY, check_role, configured
from lambda_states_mock.shapes.function_code import check_package, code_from
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.views import code_location_view, configuration_view, listed_view
from lambda_states_mock.shapes.withheld import code_error, completed, tags_error
from lambda_states_mock.states.function import FunctionEvent
from lambda_states_mock.states.last_update import UpdateEvent
from lambda_states_mock.states.scaling import SCALING
from lambda_states_mock.store import Partition


@operation("CreateFunction")
def create_function(call: Call, params: Params) -> View:
    wanted = call.named(params)
    function = _new_function(call, params, wanted)
    configuration = configured(call, params, _defaults(params), wanted.name)
    check_publish_to(params, configuration)
    check_role(call, configuration, wanted.name)
    if wanted.name in wanted.partition.functions:  # recorded: what the configuration refers to is looked at before
        raise texts.FUNCTION_EXISTS.error(name=wanted.name)
    if params.get("Publish"):
        check_snapshots(call, configuration)
    code = code_from(call, params["Code"], configuration.package_type)
    check_storage(call, wanted.partition, code)
    check_package(call, configuration, code, function.code_signing_config_arn)
    latest = Version(
        place=wanted.place,
        name=wanted.name,
        configuration=configuration,
        code=code,
        live_configuration=configuration,
        live_code=code,
        revision_id=call.service.chance.uuid(),
        last_modified=call.now,
    )
    wanted.partition.functions.put(wanted.name, function)
    wanted.partition.put(latest)
    call.service.lifecycles.create(latest)
    if not params.get("Publish"):
        return version_view(call, latest)
    version = put_version(call, latest, event=FunctionEvent.PUBLISHED_WITH_CODE, publish_to=params.get("PublishTo"))
    # Recorded: the answer describes version 1, under the unqualified ARN.
    return version_view(call, version, arn=latest.arn)


def version_view(call: Call, version: Version, *, arn: str | None = None) -> View:
    """Return the FunctionConfiguration of *version* as it is now; *arn* as it was asked for."""
    view = configuration_view(version, call.shown(version), arn=arn)
    return completed(call, version, view) if version.configuration.is_special else view


def _new_function(call: Call, params: Params, wanted: ResolvedName) -> Function:
    """Return the function that *params* ask for. Raises what AWS answers to one that it does not make."""
    if len(wanted.name) > 64:
        raise texts.NAME_TOO_LONG.error(name=wanted.name)
    is_image = params.get("PackageType", "Zip") == "Image"
    if not is_image and not ((params.get("Runtime") or params.get("RuntimeConfig")) and params.get("Handler")):
        raise texts.RUNTIME_WANTED.error()
    check_image(params, is_image=is_image)
    tags = tags_of(call, params)
    signing = params.get("CodeSigningConfigArn")
    return Function(place=wanted.place, name=wanted.name, tags=tags, code_signing_config_arn=signing)


def check_image(params: Params, *, is_image: bool) -> None:
    """Raise InvalidParameterValueException where *params* give an image what only code in a zip has.

    Documented in the model for Runtime, of creations and of updates.
    """
    if is_image and (params.get("Runtime") or params.get("Handler") or params.get("Layers")):
        raise texts.IMAGE_WITHOUT_RUNTIME.error()


def _defaults(params: Params) -> Configuration:
    defaults = Configuration(role=params["Role"], package_type=params.get("PackageType", "Zip"))
    return replace(defaults, memory_size=MANAGED_MEMORY) if params.get("CapacityProviderConfig") else defaults


def check_publish_to(params: Params, configuration: Configuration) -> None:
    """Raise AWS's answer if *params* say where to publish, and the function cannot be published there."""
    if params.get("PublishTo") and provider_arn_of(configuration) is None:
        raise texts.PUBLISHED_ON_PROVIDERS.error()


def check_snapshots(call: Call, configuration: Configuration) -> None:
    """Raise AWS's answer if a function with *configuration* cannot be published, as too many snapshots are made now."""
    if configuration.snap_start == "PublishedVersions":
        call.service.lifecycles.check_snapshots(call.place, call.service.limits.concurrent_snapshots)


def check_storage(call: Call, partition: Partition, code: Code) -> None:
    """Raise CodeStorageExceededException if *code* does not fit into the account's storage."""
    if code_storage(partition) + code.size > call.service.limits.code_storage_bytes:
        raise texts.CODE_STORAGE_EXCEEDED.error()


def code_storage(partition: Partition) -> int:
    """Return the bytes of all code in *partition*: what is deployed, what was published, and the layers."""
    return partition.versions.size + partition.layer_versions.size


def put_version(
    call: Call, latest: Version, *, event: FunctionEvent, publish_to: str | None = None, description: str | None = None
) -> Version:
    """Publish *latest* as its function's next version, whose life begins with *event*; return the version.

    *publish_to* as in the request: ``LATEST_PUBLISHED`` replaces what ``$LATEST.PUBLISHED`` was (I).
    """
    partition = call.service.store.at(latest.place)
    function = partition.functions.get(latest.name)
    if function is None:
        raise KeyError(latest.name)
    configuration = latest.configuration
    if description is not None:
        configuration = replace(configuration, description=description)
    if configuration.snap_start == "PublishedVersions":
        event = FunctionEvent.SNAPSHOT_ASKED
    elif provider_arn_of(configuration) is not None:
        event = FunctionEvent.LAUNCH_ASKED
    number, next_version = str(function.next_version), function.next_version + 1
    if publish_to:
        number, next_version = LATEST_PUBLISHED, function.next_version
        before = partition.version(latest.name, LATEST_PUBLISHED)
        if before is not None:
            call.service.lifecycles.replace(before)
            call.service.registry.end(SCALING, before.arn)
            partition.scaling_configs.delete((latest.name, LATEST_PUBLISHED))
    version = replace(
        latest,
        number=number,
        configuration=configuration,
        live_configuration=configuration,
        live_code=latest.code,
        revision_id=call.service.chance.uuid(),
        published_of=latest.configuration,
    )
    partition.put(version)
    partition.put(replace(latest, revision_id=call.service.chance.uuid()))  # recorded: publishing is a revision
    partition.functions.put(function.name, replace(function, next_version=next_version))
    call.service.lifecycles.publish(version, event)
    return version


@operation("GetFunction")
def get_function(call: Call, params: Params) -> View:
    wanted = call.named(params)
    version, function = wanted.version(), wanted.function()
    view: View = {
        "Configuration": version_view(call, version, arn=wanted.arn),
        "Code": code_location_view(version, call.now, code_error(call, version.code)),
    }
    unseen = tags_error(call, version) if call.service.world.permissions.denied else None
    if unseen is not None:
        view["TagsError"] = unseen
    elif function.tags:
        view["Tags"] = dict(function.tags)
    if function.reserved_concurrency is not None:
        view["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
    return view


@operation("GetFunctionConfiguration")
def get_function_configuration(call: Call, params: Params) -> View:
    wanted = call.named(params)
    version = wanted.version()
    return version_view(call, version, arn=wanted.arn_of(version))


@operation("ListFunctions")
def list_functions(call: Call, params: Params) -> View:
    partition, most = call.partition, call.service.limits.functions_page
    if params.get("MasterRegion"):
        if params.get("FunctionVersion") != "ALL":
            raise texts.ALL_VERSIONS_WANTED.error()
        return {"Functions": []}  # replicas of Lambda@Edge functions; there are none here
    if params.get("FunctionVersion") == "ALL":
        return page_of(call, partition.versions, params, "Functions", partial(_qualified_view, call), most=most)

    def latest_view(function: Function) -> View:
        return _listed_view(call, partition.versions[function.name, 0])

    return page_of(call, partition.functions, params, "Functions", latest_view, most=most)


def _qualified_view(call: Call, version: Version) -> View:
    """Return what a list of versions shows of *version*: its ARN is qualified, also that of ``$LATEST``."""
    return _listed_view(call, version, arn=version.place.function_arn(version.name, version.number))


def _listed_view(call: Call, version: Version, *, arn: str | None = None) -> View:
    view = listed_view(version, arn=arn)
    return completed(call, version, view) if version.configuration.is_special else view


@operation("DeleteFunction")
def delete_function(call: Call, params: Params) -> View:
    from lambda_states_mock.invocation.durable import draining  # few tests delete

    wanted = call.named(params)
    qualifier = wanted.qualifier
    if qualifier is None:
        wanted.latest()
        service = call.service
        gone = draining.delete_function(service.admission, service.registry, wanted.partition, wanted.name)
    else:
        version = _to_delete(wanted, qualifier)
        gone = version is None or draining.delete_version(
            call.service.admission, call.service.registry, wanted.partition, version
        )
    return {"StatusCode": 204 if gone else 202}  # (I) 202, while it is Deleting


def _to_delete(wanted: ResolvedName, qualifier: str) -> Version | None:
    """Return the version to be deleted; None where there is none."""
    if qualifier == LATEST:
        raise texts.LATEST_DELETION.error()
    if can_be_alias(qualifier):  # recorded, as the line above: before anything is looked up
        raise texts.ALIAS_DELETION.error()
    wanted.function()
    partition = wanted.partition
    version = partition.version(wanted.name, qualifier)
    if version is None:
        return None  # (I) it answers as for an alias or a layer version that is not there
    for alias in partition.aliases.under((wanted.name,)):
        if qualifier == alias.function_version or qualifier in alias.weights:
            raise texts.VERSION_IN_USE.error(version=qualifier, name=wanted.name, alias=alias.name)
    return version


@operation("PublishVersion")
def publish_version(call: Call, params: Params) -> View:
    wanted = call.named(params)
    latest = wanted.latest()
    check_revision(params, latest.revision_id)
    call.service.lifecycles.check_change(latest, UpdateEvent.PUBLISH_ASKED)
    check_publish_to(params, latest.configuration)
    given = params.get("CodeSha256")
    if given and given != latest.code.sha256:
        raise texts.WRONG_CODE_SHA256.error(given=given, actual=latest.code.sha256)
    publish_to = params.get("PublishTo")
    version = same_as_published(wanted.partition, latest, publish_to)
    if version is None:
        check_snapshots(call, latest.configuration)
        description = params.get("Description")
        version = put_version(
            call, latest, event=FunctionEvent.PUBLISHED, publish_to=publish_to, description=description
        )
    return version_view(call, version)


def same_as_published(partition: Partition, latest: Version, publish_to: str | None = None) -> Version | None:
    """Return the newest version that was published as *publish_to* says, if nothing has changed since."""
    newest = partition.versions.under((latest.name,))[-1]
    if publish_to or newest.number == LATEST_PUBLISHED:
        found = partition.version(latest.name, LATEST_PUBLISHED) if publish_to else None
        if found is None:
            return None
        newest = found
    same = newest.published_of == latest.configuration and newest.code.sha256 == latest.code.sha256
    return newest if same else None


@operation("ListVersionsByFunction")
def list_versions_by_function(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.function()
    versions, most = wanted.partition.versions, call.service.limits.versions_page
    view = partial(_qualified_view, call)
    return page_of(call, versions, params, "Versions", view, most=most, prefix=(wanted.name,))
