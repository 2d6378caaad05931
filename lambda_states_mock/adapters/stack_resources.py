"""The resources of ``AWS::Lambda`` that a stack of CloudFormation can make here: how each is made, changed and deleted.

What CloudFormation documents of each type: which properties change in place and which need another resource, what
``Ref`` and ``Fn::GetAtt`` are, and when a resource counts as ready.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_states_mock.adapters.stack_calls import Made, Properties, Stack, tags_of
from lambda_states_mock.api_model import operation_model

ID = "__id__"
LOGICAL_ID = "__logical_id__"
STACK_ID = "__stack_id__"
"""Beside the properties of a template: a name that the stack made up, the resource's name there, and the stack."""


@dataclass(frozen=True)
class Kind:
    """A type of resource."""

    make: Callable[[Stack, Properties], Made]  # makes one from its properties, and returns the answer of the API
    physical: str  # the member of that answer that ``Ref`` is
    attributes: tuple[str, ...]  # those that ``Fn::GetAtt`` knows
    delete: Callable[[Stack, Made], object]  # deletes what the answer was for
    # Changes it in place, with properties new and old; None where each change needs another resource.
    update: Callable[[Stack, Properties, Properties, Made], Made] | None = None
    replacing: tuple[str, ...] = ()  # the properties whose change needs another resource

    def replaces(self, new: Properties, old: Properties) -> bool:
        """Tell whether another resource has to be made for the *new* properties."""
        return self.update is None or any(new.get(name) != old.get(name) for name in self.replacing)


def _deletion(operation: str, **members: str) -> Callable[[Stack, Made], object]:
    """Return what deletes with *operation*; *members*, of its parameters, from those of the answer."""

    def delete(stack: Stack, made: Made) -> object:
        given = {parameter: made[member] for parameter, member in members.items() if made.get(member)}
        return stack.call(operation, given)

    return delete


def _with_defaults(new: Properties, old: Properties, defaults: Mapping[str, Any]) -> Properties:
    """Return *new* with the default of each property that only *old* has: who takes one out wants that back."""
    return {**{name: value for name, value in defaults.items() if name in old}, **new}


# -- functions

# What a function has that its template does not speak of; API reference of CreateFunction.
_FUNCTION_DEFAULTS: Mapping[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "KMSKeyArn": "",
    "Layers": [],
    "MemorySize": 128,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}

# Properties that the API sets with an operation of their own: that one, and the one that takes them out.
_BESIDE: Mapping[str, tuple[str, str | None]] = {
    "ReservedConcurrentExecutions": ("PutFunctionConcurrency", "DeleteFunctionConcurrency"),
    "RecursiveLoop": ("PutFunctionRecursionConfig", None),
    "RuntimeManagementConfig": ("PutRuntimeManagementConfig", None),
    "CodeSigningConfigArn": ("PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig"),
}
_OF_CODE = ("Code", "Architectures")


def _make_function(stack: Stack, properties: Properties) -> Made:
    whole = {**properties, "Code": _code(properties), "Tags": tags_of(properties)}
    made = stack.begin(stack.call("CreateFunction", whole))
    _put_beside(stack, properties, {name: properties[name] for name in ("CodeSigningConfigArn",) if name in properties})
    stack.settle(properties["FunctionName"])
    return _function(made)


def _update_function(stack: Stack, new: Properties, old: Properties, made: Made) -> Made:
    name = new["FunctionName"]
    if any(new.get(one) != old.get(one) for one in _OF_CODE):
        made = stack.call("UpdateFunctionCode", {**new, **_code(new)})
        stack.settle(name)
    wanted = _with_defaults(new, old, _FUNCTION_DEFAULTS)
    members = operation_model("UpdateFunctionConfiguration").input_shape.members
    if any(wanted.get(one) != old.get(one) for one in members):
        made = stack.call("UpdateFunctionConfiguration", wanted)
        stack.settle(name)
    _put_beside(stack, new, old)
    made = _function(made)
    stack.retag(made["Arn"], new, old)
    return made


def _put_beside(stack: Stack, new: Properties, old: Properties) -> None:
    for name, (put, delete) in _BESIDE.items():
        if name in new and new[name] != old.get(name):
            nested = new[name] if isinstance(new[name], Mapping) else {}
            stack.call(put, {**new, **nested})
        elif delete is not None and name in old and name not in new:
            stack.call(delete, new)


def _function(made: Made) -> Made:
    return {"FunctionName": made["FunctionName"], "Arn": str(made.get("FunctionArn") or made["Arn"])}


def _code(properties: Properties) -> Properties:
    """Return the code as the API wants it: in a template, ZipFile is the text of ``index.py`` or ``index.js``."""
    code = dict(properties.get("Code") or {})
    if "ZipFile" in code:
        name = "index.js" if str(properties.get("Runtime", "")).startswith("nodejs") else "index.py"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), code["ZipFile"])
        code["ZipFile"] = packed.getvalue()
    return code


# -- versions and aliases


def _make_version(stack: Stack, properties: Properties) -> Made:
    made = stack.begin(stack.call("PublishVersion", properties))
    stack.settle(made["FunctionName"], made["Version"])
    _provision(stack, made["FunctionName"], made["Version"], properties)
    return made


def _provision(stack: Stack, function: str, qualifier: str, new: Properties, old: Properties | None = None) -> None:
    target = {"FunctionName": function, "Qualifier": qualifier}
    wanted, had = new.get("ProvisionedConcurrencyConfig"), (old or {}).get("ProvisionedConcurrencyConfig")
    if wanted and wanted != had:
        stack.call("PutProvisionedConcurrencyConfig", {**target, **wanted})
    if wanted:  # also where it only goes along to another version
        name = function.rpartition(":function:")[2].partition(":")[0]  # *function* may be an ARN
        stack.settle_provisioned(name, qualifier)
    elif had:
        stack.call("DeleteProvisionedConcurrencyConfig", target)


def _alias_params(properties: Properties) -> Properties:
    routing = properties.get("RoutingConfig") or {}
    given = routing.get("AdditionalVersionWeights", ())
    weights = {one["FunctionVersion"]: float(one["FunctionWeight"]) for one in given}
    return {**properties, "RoutingConfig": {"AdditionalVersionWeights": weights}}


def _make_alias(stack: Stack, properties: Properties) -> Made:
    made = stack.call("CreateAlias", _alias_params(properties))
    made = stack.begin({**made, "FunctionName": properties["FunctionName"]})
    _provision(stack, properties["FunctionName"], properties["Name"], properties)
    return made


def _update_alias(stack: Stack, new: Properties, old: Properties, _made: Made) -> Made:
    made = stack.call("UpdateAlias", _alias_params(_with_defaults(new, old, {"Description": ""})))
    _provision(stack, new["FunctionName"], new["Name"], new, old)
    return {**made, "FunctionName": new["FunctionName"]}


# -- permissions


def _make_permission(stack: Stack, properties: Properties) -> Made:
    stack.call("AddPermission", {**properties, "StatementId": properties[ID]})
    return {"Id": properties[ID], "FunctionName": properties["FunctionName"]}


def _make_layer_permission(stack: Stack, properties: Properties) -> Made:
    name, _, number = str(properties["LayerVersionArn"]).rpartition(":")
    layer = {"LayerName": name, "VersionNumber": int(number)}
    stack.call("AddLayerVersionPermission", {**properties, **layer, "StatementId": properties[ID]})
    return {"Id": properties[ID], **layer}


# -- what hangs on functions


def _make_mapping(stack: Stack, properties: Properties) -> Made:
    made = stack.call("CreateEventSourceMapping", {**properties, "Tags": tags_of(properties)})
    made = stack.begin({**made, "Id": made["UUID"]})
    stack.settle_mapping(made["EventSourceMappingArn"])
    return made


def _update_mapping(stack: Stack, new: Properties, old: Properties, made: Made) -> Made:
    defaults = {"Enabled": True, "FilterCriteria": {}, "FunctionResponseTypes": []}
    changed = {name: value for name, value in _with_defaults(new, old, defaults).items() if value != old.get(name)}
    stack.call("UpdateEventSourceMapping", {**changed, "UUID": made["UUID"]})
    stack.settle_mapping(made["EventSourceMappingArn"])
    stack.retag(made["EventSourceMappingArn"], new, old)
    return made


def _delete_mapping(stack: Stack, made: Made) -> None:
    stack.call("DeleteEventSourceMapping", made)
    stack.settle_mapping(made["EventSourceMappingArn"])


def _put_invoke_config(stack: Stack, properties: Properties) -> Made:
    stack.call("PutFunctionEventInvokeConfig", properties)
    target = {name: properties[name] for name in ("FunctionName", "Qualifier")}
    return {**target, "Id": "|".join(target.values())}


def _make_url(stack: Stack, properties: Properties) -> Made:
    return stack.call("CreateFunctionUrlConfig", {**properties, "FunctionName": properties["TargetFunctionArn"]})


def _update_url(stack: Stack, new: Properties, old: Properties, made: Made) -> Made:
    wanted = _with_defaults(new, old, {"Cors": {}, "InvokeMode": "BUFFERED"})
    changed = stack.call("UpdateFunctionUrlConfig", {**wanted, "FunctionName": new["TargetFunctionArn"]})
    return {**made, **changed}


# -- layers and code signing


def _make_layer(stack: Stack, properties: Properties) -> Made:
    made = stack.call("PublishLayerVersion", {"LayerName": properties[LOGICAL_ID], **properties})
    return {name: made[name] for name in ("LayerArn", "LayerVersionArn", "Version")}


def _signing(made: Made) -> Made:
    config = made["CodeSigningConfig"]
    return {name: config[name] for name in ("CodeSigningConfigArn", "CodeSigningConfigId")}


def _make_signing(stack: Stack, properties: Properties) -> Made:
    return _signing(stack.call("CreateCodeSigningConfig", {**properties, "Tags": tags_of(properties)}))


def _update_signing(stack: Stack, new: Properties, old: Properties, made: Made) -> Made:
    arn = made["CodeSigningConfigArn"]
    defaults = {"Description": "", "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}}
    stack.call("UpdateCodeSigningConfig", {**_with_defaults(new, old, defaults), "CodeSigningConfigArn": arn})
    stack.retag(arn, new, old)
    return made


KINDS = {
    "Function": Kind(
        _make_function,
        "FunctionName",
        ("Arn",),
        _deletion("DeleteFunction", FunctionName="FunctionName"),
        _update_function,
        replacing=("FunctionName", "PackageType", "TenancyConfig"),
    ),
    "Version": Kind(
        _make_version,
        "FunctionArn",
        ("FunctionArn", "Version"),
        _deletion("DeleteFunction", FunctionName="FunctionName", Qualifier="Version"),
    ),
    "Alias": Kind(
        _make_alias,
        "AliasArn",
        ("AliasArn",),
        _deletion("DeleteAlias", FunctionName="FunctionName", Name="Name"),
        _update_alias,
        replacing=("FunctionName", "Name"),
    ),
    "Permission": Kind(
        _make_permission, "Id", ("Id",), _deletion("RemovePermission", FunctionName="FunctionName", StatementId="Id")
    ),
    "EventSourceMapping": Kind(
        _make_mapping,
        "Id",
        ("Id", "EventSourceMappingArn"),
        _delete_mapping,
        _update_mapping,
        replacing=(
            "EventSourceArn",
            "SelfManagedEventSource",
            "SelfManagedKafkaEventSourceConfig",
            "AmazonManagedKafkaEventSourceConfig",
            "StartingPosition",
            "StartingPositionTimestamp",
        ),
    ),
    "EventInvokeConfig": Kind(
        _put_invoke_config,
        "Id",
        (),
        _deletion("DeleteFunctionEventInvokeConfig", FunctionName="FunctionName", Qualifier="Qualifier"),
        lambda stack, new, _old, _made: _put_invoke_config(stack, new),
        replacing=("FunctionName", "Qualifier"),
    ),
    "Url": Kind(
        _make_url,
        "FunctionArn",
        ("FunctionArn", "FunctionUrl"),
        _deletion("DeleteFunctionUrlConfig", FunctionName="FunctionArn"),
        _update_url,
        replacing=("TargetFunctionArn", "Qualifier"),
    ),
    "LayerVersion": Kind(
        _make_layer,
        "LayerVersionArn",
        ("LayerVersionArn",),
        _deletion("DeleteLayerVersion", LayerName="LayerArn", VersionNumber="Version"),
    ),
    "LayerVersionPermission": Kind(
        _make_layer_permission,
        "Id",
        ("Id",),
        _deletion(
            "RemoveLayerVersionPermission", LayerName="LayerName", VersionNumber="VersionNumber", StatementId="Id"
        ),
    ),
    "CodeSigningConfig": Kind(
        _make_signing,
        "CodeSigningConfigArn",
        ("CodeSigningConfigArn", "CodeSigningConfigId"),
        _deletion("DeleteCodeSigningConfig", CodeSigningConfigArn="CodeSigningConfigArn"),
        _update_signing,
    ),
}
"""By the last part of their names."""
