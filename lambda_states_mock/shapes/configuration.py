"""From the parameters of CreateFunction and UpdateFunctionConfiguration to a configuration that AWS would accept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_layer
from lambda_states_mock.dependencies.neighbours import NeighbourError
from lambda_states_mock.patterns import compile_later
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.resources.capacity_provider import provider_arn_of
from lambda_states_mock.resources.function import NOTHING, Configuration, Layer, Logging, VpcConfig
from lambda_states_mock.resources.layer import layer_reference
from lambda_states_mock.resources.runtime import supports_snap_start
from lambda_states_mock.service import Call, Params
from lambda_states_mock.shapes.checks import neighbour_refusal
from lambda_states_mock.shapes.managed_parts import check_parts, with_runtime, with_runtime_config
from lambda_states_mock.states.capacity_provider import CAPACITY_PROVIDER, ProviderEvent

# fmt: off
RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
})
# fmt: on
"""Variables that Lambda sets and nobody else may (configuration-envvars.html)."""

MANAGED_MEMORY = 2_048
"""MB that a function on a capacity provider has at least, and by default (I) (lambda-managed-instances.html)."""


def configured(call: Call, params: Params, base: Configuration, name: str) -> Configuration:
    """Return *base* with what *params* set. Asks the neighbours; changes nothing.

    Raises InvalidParameterValueException as AWS does, the checks in the order in which they stand here.
    """
    configuration = base
    for member, change in _CHANGES:
        if member in params:
            configuration = change(call, configuration, params[member], name)
    check_parts(params, configuration)
    if configuration.file_systems and not (configuration.vpc and configuration.vpc.subnet_ids):
        raise texts.MOUNTED_WITHOUT_VPC.error(arn=configuration.file_systems[0]["Arn"])
    _check_sizes(call, params, configuration)
    if configuration.snap_start == "PublishedVersions":
        _check_snap_start(configuration)
    for what, excluded in (
        ("SnapStart", configuration.snap_start == "PublishedVersions"),
        ("CapacityProviderConfig", configuration.capacity_provider is not None),
    ):
        if excluded:
            check_not_isolating(configuration, what)
    return configuration


def check_not_isolating(configuration: Configuration, what: str) -> None:
    """Raise AWS's answer where a function isolates its tenants, with which *what* does not go."""
    if configuration.tenancy is not None:
        raise texts.NOT_WITH_TENANCY.error(what=what)


def _check_sizes(call: Call, params: Params, configuration: Configuration) -> None:
    """Raise AWS's answer for sizes that botocore's model allows, since it has those of capacity providers."""
    is_managed = provider_arn_of(configuration) is not None
    if is_managed and configuration.memory_size < MANAGED_MEMORY:
        raise texts.VALUE_TOO_SMALL.error(member="MemorySize", limit=MANAGED_MEMORY)
    limits = call.service.limits
    for member, value, limit, is_free in (
        ("MemorySize", configuration.memory_size, limits.memory_size, is_managed),
        ("Timeout", configuration.timeout, limits.timeout, is_managed),
        # documented in the model (EphemeralStorage)
        ("EphemeralStorage", configuration.ephemeral_storage, limits.ephemeral_storage, configuration.accelerator),
    ):
        if member in params and value > limit and not is_free:
            raise texts.VALUE_TOO_LARGE.error(member=member, limit=limit)


def _check_snap_start(configuration: Configuration) -> None:
    """Raise AWS's answer for what SnapStart does not go with (snapstart.html)."""
    runtime = configuration.runtime or ""
    for what, unsupported in (
        ("ContainerImage", configuration.package_type == "Image"),
        (runtime, configuration.package_type == "Zip" and not supports_snap_start(runtime)),
        ("EFS", bool(configuration.file_systems)),
        ("EphemeralStorage of more than 512 MB", configuration.ephemeral_storage > 512),
    ):
        if unsupported:
            raise texts.NOT_WITH_SNAP_START.error(what=what)


def check_role(call: Call, configuration: Configuration, name: str) -> None:
    """Raise AWS's answer if Lambda cannot assume the role of function *name*, or the role lacks what a VPC asks for."""
    arn = call.place.function_arn(name)
    if not call.service.neighbours.can_assume(call.place, configuration.role, arn):
        raise texts.ROLE_NOT_ASSUMABLE.error()
    call.service.preconditions.check_role(call.place, configuration, name)


def _runtime(call: Call, configuration: Configuration, value: str, _name: str) -> Configuration:
    call.service.world.runtimes.check(call.operation, value)
    return with_runtime(configuration, value)


def _can_be_set(text: str) -> bool:
    """Tell whether a process can have *text* in its environment: UTF-8 without a NUL."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _environment(call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    variables = value.get("Variables") or {}
    reserved = [key for key in variables if key in RESERVED]
    if reserved:
        raise texts.RESERVED_VARIABLES.error(keys=", ".join(reserved))
    if not all(_can_be_set(text) for pair in variables.items() for text in pair):
        raise texts.VARIABLES_UNUSABLE.error()
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > call.service.limits.environment_bytes:
        raise texts.VARIABLES_TOO_LARGE.error(measured=measured)
    return replace(configuration, environment=MappingProxyType(dict(variables)))


def _layers(call: Call, configuration: Configuration, arns: Sequence[str], _name: str) -> Configuration:
    """Return *configuration* with the layer versions that *arns* name.

    Layers of other accounts are accepted. Where that account has them in this mock, their policies have to share them,
    and the function has their content; else it is without.
    Raises InvalidParameterValueException for too many, for one that is not there, and for one named twice.
    """
    if len(arns) > call.service.limits.layers:
        raise texts.TOO_MANY_LAYERS.error(limit=call.service.limits.layers)
    first: dict[str, str] = {}
    layers: list[Layer] = []
    for arn in arns:
        layers.append(_layer(call, arn))
        name = arn.rpartition(":")[0]
        if name in first:
            raise texts.LAYER_TWICE.error(first=first[name], second=arn)
        first[name] = arn
    return replace(configuration, layers=tuple(layers))


def _layer(call: Call, arn: str) -> Layer:
    reference = layer_reference(arn)
    if reference is None or reference.version is None:  # one of AWS's own
        return Layer(arn)
    if reference.region != call.place.region:
        raise texts.LAYER_IN_OTHER_REGION.error(region=call.place.region)
    account = reference.account or call.place.account
    partition = call.service.store.at(Place(account, call.place.region))
    version = partition.layer_versions.get((reference.name, -reference.version))
    if version is not None:
        if account != call.place.account:
            service, number = call.service, reference.version
            of_whom = account, reference.name, number, call.place, call.caller
            check_layer(service.world, service.store, "GetLayerVersion", *of_whom)
        return Layer(arn, version.code.size, version.code.zip, version.code.signature)
    if account == call.place.account:
        raise texts.UNKNOWN_LAYER_VERSION.error(arn=arn)
    return Layer(arn)


def _vpc(call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    subnets = tuple(value.get("SubnetIds") or ())
    groups = tuple(value.get("SecurityGroupIds") or ())
    if bool(subnets) is not bool(groups):
        raise texts.VPC_IN_PART.error()
    if not subnets:
        detached = VpcConfig((), (), "") if configuration.vpc is not None else None
        return replace(configuration, vpc=detached)
    try:
        vpc_id = call.service.neighbours.vpc_of(call.place, subnets, groups)
    except NeighbourError as error:
        raise neighbour_refusal(error) from None
    dual_stack = bool(value.get("Ipv6AllowedForDualStack", False))
    return replace(configuration, vpc=VpcConfig(subnets, groups, vpc_id, dual_stack))


_DEAD_LETTERS = compile_later(r"arn:[^:]+:(sqs|sns):.*(?<!\.fifo)")
"""Where events go that have failed: a queue or a topic, neither of them FIFO."""


def _dead_letters(_call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    # Recorded: an empty DeadLetterConfig leaves the target as it was.
    target = value.get("TargetArn", configuration.dead_letter_target)
    if target and not _DEAD_LETTERS.fullmatch(target):
        raise texts.UNSUPPORTED_DEAD_LETTERS.error(arn=target)
    return replace(configuration, dead_letter_target=target or None)


def _logging(_call: Call, configuration: Configuration, value: Mapping[str, Any], name: str) -> Configuration:
    before = configuration.logging or Logging(f"/aws/lambda/{name}")
    log_format = value.get("LogFormat", before.format)
    if log_format == before.format:
        levels = before.application_level, before.system_level
    else:  # a change to JSON gives the levels (recorded), a change to Text takes them: only JSON has any
        levels = ("INFO", "INFO") if log_format == "JSON" else (None, None)
    return replace(
        configuration,
        logging=Logging(
            value.get("LogGroup") or before.group,
            log_format,
            value.get("ApplicationLogLevel", levels[0]),
            value.get("SystemLogLevel", levels[1]),
        ),
    )


def _file_systems(
    _call: Call, configuration: Configuration, value: Sequence[Mapping[str, Any]], _name: str
) -> Configuration:
    for one in value:
        if "S3FilesConfig" in one and ":s3files:" not in one["Arn"]:
            raise texts.NOT_ON_S3_FILES.error(arn=one["Arn"])
    return replace(configuration, file_systems=tuple(MappingProxyType(dict(one)) for one in value))


def _image_config(_call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    kept = {member: content for member, content in value.items() if content}
    return replace(configuration, image_config=MappingProxyType(kept) if kept else NOTHING)


def _durable(call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    if configuration.durable is None and call.operation != "CreateFunction":
        raise texts.DURABLE_AT_CREATION.error()
    durable = {**(configuration.durable or {}), **value}
    if not durable.get("KMSKeyArn", True):  # an empty one takes the key away, as that of the function does
        del durable["KMSKeyArn"]
    if "ExecutionTimeout" not in durable:
        raise texts.EXECUTION_TIMEOUT_WANTED.error()
    return replace(configuration, durable=MappingProxyType(durable))


def _capacity_provider(call: Call, configuration: Configuration, value: Mapping[str, Any], _name: str) -> Configuration:
    configuration = replace(configuration, capacity_provider=MappingProxyType(dict(value)))
    _check_attachable(call, configuration)
    return configuration


Change = Callable[[Call, Configuration, Any, str], Configuration]


def _field(field: str, convert: Callable[[Any], Any] = lambda value: value) -> Change:
    def change(_call: Call, configuration: Configuration, value: Any, _name: str) -> Configuration:
        return replace(configuration, **{field: convert(value)})

    return change


_CHANGES: tuple[tuple[str, Change], ...] = (
    ("Runtime", _runtime),
    ("Handler", _field("handler")),
    ("Role", _field("role")),
    ("Description", _field("description")),
    ("Timeout", _field("timeout")),
    ("MemorySize", _field("memory_size")),
    ("Architectures", _field("architectures", tuple)),
    ("Environment", _environment),
    ("Layers", _layers),
    ("VpcConfig", _vpc),
    ("DeadLetterConfig", _dead_letters),
    ("TracingConfig", _field("tracing_mode", lambda value: value.get("Mode", "PassThrough"))),
    ("KMSKeyArn", _field("kms_key_arn", lambda value: value or None)),
    ("FileSystemConfigs", _file_systems),
    ("ImageConfig", _image_config),
    ("EphemeralStorage", _field("ephemeral_storage", lambda value: value["Size"])),
    ("SnapStart", _field("snap_start", lambda value: value.get("ApplyOn", "None"))),
    ("LoggingConfig", _logging),
    ("DurableConfig", _durable),
    ("CapacityProviderConfig", _capacity_provider),
    ("TenancyConfig", _field("tenancy", lambda value: MappingProxyType(dict(value)))),
    ("RuntimeConfig", lambda _call, configuration, value, _name: with_runtime_config(configuration, value)),
    ("AcceleratorConfig", _field("accelerator", lambda value: MappingProxyType(dict(value)))),
)
"""What each parameter changes. AWS names them; the order is that of the checks."""


def _check_attachable(call: Call, configuration: Configuration) -> None:
    """Raise AWS's answer where a function with *configuration* cannot use the capacity provider that it names."""
    arn, limits = provider_arn_of(configuration), call.service.limits
    if arn is None:
        return
    if call.partition.capacity_provider(arn) is None:
        raise texts.CAPACITY_PROVIDER_NOT_FOUND.error(arn=arn)
    call.service.registry.check(CAPACITY_PROVIDER, arn, ProviderEvent.ATTACH_ASKED)
    attached = [one for one in call.partition.versions if provider_arn_of(one.configuration) == arn]
    if sum(one.number != LATEST for one in attached) >= limits.versions_per_capacity_provider:
        raise texts.TOO_MANY_VERSIONS_ON_PROVIDER.error(arn=arn, limit=limits.versions_per_capacity_provider)
