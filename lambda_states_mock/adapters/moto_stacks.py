"""moto's CloudFormation beside us: the Lambda resources of a template are made here, not in moto's own Lambda.

moto makes the resources of a stack one after the other, within the call. CloudFormation goes on to the next one only
when a function is ready: here too, so the clock moves by as much as a creation or an update takes.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_states_mock.adapters import worlds
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.errors import StackResourceError
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.service_errors import ServiceError
from lambda_states_mock.wire.model import lambda_model

_PARSING = "moto.cloudformation.parsing"
_PREFIX = "AWS::Lambda::"
LONGEST_WAIT = 3600  # seconds: how long CloudFormation lets a resource become ready

Properties = dict[str, Any]


def install_late(patches: Patches) -> None:
    """Make moto's stacks ours if moto's CloudFormation was imported and it was not done yet."""
    parsing: Any = sys.modules.get(_PARSING)
    if patches or parsing is None:
        return
    original = parsing.resource_class_from_type

    def resource_class_from_type(resource_type: str) -> Any:
        if resource_type.startswith(_PREFIX) and worlds.innermost() is not None:
            return _resource_class(resource_type)
        return original(resource_type)

    patches.set(parsing, "resource_class_from_type", resource_class_from_type)


class Stack:
    """The API as a stack calls it: in an account and region, and waiting for what it has asked for."""

    def __init__(self, account: str, region: str) -> None:
        world = worlds.innermost()
        assert world is not None
        self._backend = world.backend
        self._place = Place(account, region)

    def call(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call *operation* with those of *params* that it has, of the types that it wants."""
        shape: Any = lambda_model().operation_model(operation).input_shape
        known = {name: value for name, value in params.items() if name in shape.members}
        return self._backend.call(
            operation, _typed(shape, known), account=self._place.account, region=self._place.region
        )

    def settle(self, name: str, number: str = LATEST) -> None:
        """Wait until the function or version is ready. Raises StackResourceError when it fails."""
        life = self._backend.world.lives.of(self._place, name, number)
        self._backend.clock.advance_until(
            lambda: life.shown != "Pending" and life.last_update_status != "InProgress", within=LONGEST_WAIT
        )
        reason = life.state.reason if life.shown == "Failed" else life.update.reason if life.update else None
        if life.shown == "Failed" or life.last_update_status == "Failed":
            raise StackResourceError(f'function "{name}" failed: {reason.code if reason else "unknown"}')


def _typed(shape: Any, value: Any) -> Any:
    """Return *value*, of a template, as the type of *shape*: templates may write numbers and booleans as text."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {name: _typed(shape.members[name], one) for name, one in value.items() if name in shape.members}
    if shape.type_name == "list" and isinstance(value, list):
        return [_typed(shape.member, one) for one in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {str(name): _typed(shape.value, one) for name, one in value.items()}
    if isinstance(value, str) and shape.type_name in {"integer", "long"}:
        return int(value)
    if isinstance(value, str) and shape.type_name == "boolean":
        return value.lower() == "true"
    return str(value) if shape.type_name == "string" and not isinstance(value, (str, dict, list)) else value


@dataclass(frozen=True)
class Kind:
    """A type of resource: how to make and to delete one.

    Parameters:
        make: makes it from its properties, and returns the answer of the API.
        physical: what ``Ref`` is; attributes: what ``Fn::GetAtt`` knows, each a member of the answer.
        delete: deletes what the answer was for.
        update: changes it in place, with properties new and old; None where it is replaced.
    """

    make: Callable[[Stack, Properties], Mapping[str, Any]]
    physical: str
    attributes: tuple[str, ...]
    delete: Callable[[Stack, Mapping[str, Any]], object]
    update: Callable[[Stack, Properties, Properties], Mapping[str, Any]] | None = None


# -- functions


def _make_function(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    made = stack.call("CreateFunction", {**properties, "Code": _code(properties), "Tags": _tags(properties)})
    _adorn(stack, properties)
    stack.settle(properties["FunctionName"])
    return {**made, "Arn": made["FunctionArn"]}


def _update_function(stack: Stack, new: Properties, old: Properties) -> Mapping[str, Any]:
    name = new["FunctionName"]
    if new.get("Code") != old.get("Code"):
        stack.call("UpdateFunctionCode", {"FunctionName": name, **_code(new)})
        stack.settle(name)
    made = stack.call("UpdateFunctionConfiguration", new)
    _adorn(stack, new)
    stack.settle(name)
    return {**made, "Arn": made["FunctionArn"]}


def _adorn(stack: Stack, properties: Properties) -> None:
    if "ReservedConcurrentExecutions" in properties:
        stack.call("PutFunctionConcurrency", properties)
    if "RecursiveLoop" in properties:
        stack.call("PutFunctionRecursionConfig", properties)


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


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or ()}


def _delete_function(stack: Stack, made: Mapping[str, Any]) -> object:
    return stack.call("DeleteFunction", {"FunctionName": made["FunctionName"]})


# -- what belongs to functions


def _make_version(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    made = stack.call("PublishVersion", properties)
    stack.settle(made["FunctionName"], made["Version"])
    _provision(stack, made["FunctionName"], made["Version"], properties)
    return {**made, "FunctionName": made["FunctionName"], "FunctionArn": made["FunctionArn"]}


def _provision(stack: Stack, function: str, qualifier: str, properties: Properties) -> None:
    if wanted := properties.get("ProvisionedConcurrencyConfig"):
        stack.call("PutProvisionedConcurrencyConfig", {"FunctionName": function, "Qualifier": qualifier, **wanted})


def _alias_params(properties: Properties) -> Properties:
    routing = properties.get("RoutingConfig") or {}
    weights = {
        one["FunctionVersion"]: float(one["FunctionWeight"]) for one in routing.get("AdditionalVersionWeights", ())
    }
    return {**properties, "RoutingConfig": {"AdditionalVersionWeights": weights}}


def _make_alias(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    made = stack.call("CreateAlias", _alias_params(properties))
    _provision(stack, properties["FunctionName"], properties["Name"], properties)
    return {**made, "FunctionName": properties["FunctionName"]}


def _update_alias(stack: Stack, new: Properties, _old: Properties) -> Mapping[str, Any]:
    made = stack.call("UpdateAlias", _alias_params(new))
    _provision(stack, new["FunctionName"], new["Name"], new)
    return {**made, "FunctionName": new["FunctionName"]}


def _make_permission(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    statement = {"StatementId": properties["__id__"], **properties}
    stack.call("AddPermission", statement)
    return {"Id": statement["StatementId"], "FunctionName": properties["FunctionName"]}


def _make_mapping(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    made = stack.call("CreateEventSourceMapping", {**properties, "Tags": _tags(properties)})
    return {**made, "Id": made["UUID"]}


def _make_url(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    return stack.call("CreateFunctionUrlConfig", {**properties, "FunctionName": properties["TargetFunctionArn"]})


def _make_layer(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    return stack.call("PublishLayerVersion", {"LayerName": properties["__id__"], **properties})


def _make_invoke_config(stack: Stack, properties: Properties) -> Mapping[str, Any]:
    stack.call("PutFunctionEventInvokeConfig", properties)
    return {**properties, "Id": properties["__id__"]}


def _deletion(operation: str, **members: str) -> Callable[[Stack, Mapping[str, Any]], object]:
    """Return what deletes with *operation*; *members*, of its parameters, from those of the answer."""

    def delete(stack: Stack, made: Mapping[str, Any]) -> object:
        return stack.call(operation, {parameter: made[member] for parameter, member in members.items()})

    return delete


KINDS = {
    "Function": Kind(_make_function, "FunctionName", ("Arn",), _delete_function, _update_function),
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
    ),
    "Permission": Kind(
        _make_permission, "Id", ("Id",), _deletion("RemovePermission", FunctionName="FunctionName", StatementId="Id")
    ),
    "EventSourceMapping": Kind(
        _make_mapping, "Id", ("Id", "EventSourceMappingArn"), _deletion("DeleteEventSourceMapping", UUID="UUID")
    ),
    "Url": Kind(
        _make_url,
        "FunctionArn",
        ("FunctionArn", "FunctionUrl"),
        _deletion("DeleteFunctionUrlConfig", FunctionName="FunctionArn"),
    ),
    "LayerVersion": Kind(
        _make_layer,
        "LayerVersionArn",
        ("LayerVersionArn",),
        _deletion("DeleteLayerVersion", LayerName="LayerArn", VersionNumber="Version"),
    ),
    "EventInvokeConfig": Kind(
        _make_invoke_config,
        "Id",
        (),
        _deletion("DeleteFunctionEventInvokeConfig", FunctionName="FunctionName", Qualifier="Qualifier"),
    ),
}
"""The resources of ``AWS::Lambda`` that a stack can make here."""


# -- as moto sees it


class Resource:
    """A resource of a stack, in the form that moto's CloudFormation asks for; one subclass for each type."""

    kind: Kind
    attributes: tuple[str, ...] = ()
    cf_resource_type = ""
    logical_resource_id = ""

    def __init__(self, properties: Properties, made: Mapping[str, Any]) -> None:
        self.properties = properties
        self.made = made
        self.type = self.cf_resource_type

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` is."""
        return str(self.made[self.kind.physical])

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether ``Fn::GetAtt`` knows *attr*."""
        return attr in cls.attributes

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """Return what ``Fn::GetAtt`` is."""
        return self.made[attribute_name]

    def is_created(self) -> bool:
        """Tell that it is there: it was waited for."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Resource:
        """Make one."""
        properties = {**cls._named(resource_name), **cloudformation_json["Properties"], "__id__": resource_name}
        with _told(cls, resource_name):
            return cls(properties, cls.kind.make(Stack(account_id, region_name), properties))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Resource,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Resource:
        """Change one in place, or make another in its place."""
        old, stack = original_resource, Stack(account_id, region_name)
        same = old.physical_resource_id if cls.kind.physical == "FunctionName" else new_resource_name
        properties = {**cls._named(same), **cloudformation_json["Properties"], "__id__": old.properties["__id__"]}
        if properties == old.properties:
            return old
        with _told(cls, new_resource_name):
            if cls.kind.update is not None:
                return cls(properties, cls.kind.update(stack, properties, old.properties))
            cls.kind.delete(stack, old.made)
            return cls(properties, cls.kind.make(stack, properties))

    def delete(self, account: str, region: str) -> None:
        """Delete it; what is gone already is none the worse."""
        try:
            self.kind.delete(Stack(account, region), self.made)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise

    @classmethod
    def _named(cls, name: str) -> Properties:
        return {"FunctionName": name} if cls.kind.physical == "FunctionName" else {}


class _told:  # noqa: N801 - reads as a statement
    """Let what AWS refuses be told with the resource that it is about: moto's stacks have no place for it."""

    def __init__(self, cls: type[Resource], name: str) -> None:
        self._what = f"{cls.cf_resource_type} {name}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ServiceError):
            raise StackResourceError(f"{self._what}: {error.code}: {error.message}") from None


_classes: dict[str, type[Resource]] = {}


def _resource_class(resource_type: str) -> type[Resource]:
    name = resource_type.removeprefix(_PREFIX)
    kind = KINDS.get(name)
    if kind is None:
        raise StackResourceError(
            f"{resource_type} cannot be made by a stack here: lambda_states_mock makes "
            f"{', '.join(_PREFIX + known for known in KINDS)}.\n"
            "  Make it with a client of boto3 beside the stack."
        )
    if resource_type not in _classes:
        members = {"kind": kind, "attributes": kind.attributes, "cf_resource_type": resource_type}
        _classes[resource_type] = type(f"Lambda{name}", (Resource,), members)
    return _classes[resource_type]
