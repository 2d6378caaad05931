"""moto's CloudFormation beside us: the Lambda and the custom resources of a template are made here, not by moto.

moto makes the resources of a stack one after the other, within the call. CloudFormation goes on to the next one only
when a function is ready. So do we: the clock moves by as much as a creation or an update takes.

moto never rolls back, changes only resources whose text in the template has changed, and deletes before it creates.
Lambda's resources behave as in AWS: what refers to a replaced resource changes as well, what is replaced or removed
from the template is deleted last, and after a failure everything is as before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lambda_states_mock.adapters import active_mocks
from lambda_states_mock.adapters.custom_resources import custom_kind
from lambda_states_mock.adapters.patching import Patches
from lambda_states_mock.adapters.stack_calls import Made, Properties, Stack
from lambda_states_mock.adapters.stack_resources import ID, KINDS, LOGICAL_ID, STACK_ID, Kind
from lambda_states_mock.errors import StackResourceError
from lambda_states_mock.service_errors import ServiceError

_MODELS = "moto.cloudformation.models"
_PREFIX = "AWS::Lambda::"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_MADE_HERE = (_PREFIX, *_CUSTOM)


def install(patches: Patches) -> None:
    """Make the Lambda resources of moto's stacks here until *patches* are restored."""
    parsing: Any = sys.modules["moto.cloudformation.parsing"]
    class_from_type, update_resources = parsing.resource_class_from_type, parsing.ResourceMap.update

    def resource_class_from_type(resource_type: str) -> Any:
        if resource_type.startswith(_MADE_HERE) and active_mocks.innermost() is not None:
            return _resource_class(resource_type)
        return class_from_type(resource_type)

    def update(self: Any, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
        if active_mocks.innermost() is None:
            update_resources(self, template, parameters)
        else:
            _Update(self, parsing, update_resources).run(template, parameters)

    patches.set(parsing, "resource_class_from_type", resource_class_from_type)
    patches.set(parsing.ResourceMap, "update", update)


# -- a resource, as moto sees it


class Resource:
    """A resource of a stack, in the form that moto's CloudFormation asks for; one subclass for each type."""

    kind: Kind
    attributes: tuple[str, ...] = ()
    cf_resource_type = ""
    logical_resource_id = ""

    def __init__(self, stack_id: str, properties: Properties, made: Made) -> None:
        self.stack_id = stack_id
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
        """Return what ``Fn::GetAtt`` is. Raises StackResourceError for what a function has not said."""
        if attribute_name not in self.made:
            raise StackResourceError(
                f"CustomResource attribute error: Vendor response doesn't contain {attribute_name} attribute in object "
                f"{self.stack_id}|{self.logical_resource_id}"
            )
        return self.made[attribute_name]

    def is_created(self) -> bool:
        """Tell that it is there: it was waited for."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **names: Any
    ) -> Resource:
        """Make one; when that fails and the stack is a new one, take the stack back."""
        stack_id, logical_id = names["StackId"], names["LogicalId"]
        properties = cls._whole(cloudformation_json, resource_name, logical_id, stack_id)
        try:
            made = cls._make(Stack(account_id, region_name), properties)
        except StackResourceError as error:
            update = _updates.get(stack_id)
            if update is None:
                _take_back_creation(_stack_of(account_id, region_name, stack_id), cls, logical_id, error)
            else:
                update.note_failure(cls, logical_id)
            raise
        resource = cls(stack_id, properties, made)
        if stack_id in _updates:
            _updates[stack_id].made.append(resource)
        return resource

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
        old, update = original_resource, _updates[original_resource.stack_id]
        same = old.physical_resource_id if cls.kind.physical == "FunctionName" else old.properties[ID]
        properties = cls._whole(cloudformation_json, same, old.properties[LOGICAL_ID], old.stack_id)
        if properties == old.properties or update.rolls_back:
            return old
        if update.failed is not None:
            raise update.failed  # moto tries again what has failed
        stack, change = Stack(account_id, region_name), cls.kind.update
        try:
            if change is None or cls.kind.replaces(properties, old.properties):
                another = cls._whole(cloudformation_json, new_resource_name, old.properties[LOGICAL_ID], old.stack_id)
                resource = cls(old.stack_id, another, cls._make(stack, another))
                update.made.append(resource)
                update.discarded.append(old)
            else:
                update.changed.append((old, properties))
                with _naming(cls, same):
                    resource = cls(old.stack_id, properties, change(stack, properties, old.properties, old.made))
        except StackResourceError as error:
            update.note_failure(cls, old.properties[LOGICAL_ID], error)
            raise
        return resource

    @classmethod
    def _make(cls, stack: Stack, properties: Properties) -> Made:
        """Make one; what does not become ready is deleted again. Raises StackResourceError."""
        try:
            with _naming(cls, properties[ID]):
                return cls.kind.make(stack, properties)
        except StackResourceError:
            if stack.begun is not None:
                cls.kind.delete(stack, stack.begun)
            raise

    def delete(self, account: str, region: str) -> None:
        """Delete it. In an update this waits until everything else is done."""
        if self.stack_id in _updates:
            _updates[self.stack_id].discarded.append(self)
        else:
            self.delete_now(account, region)

    def delete_now(self, account: str, region: str) -> None:
        """Delete it; what is gone already is none the worse."""
        try:
            self.kind.delete(Stack(account, region), self.made)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise

    @classmethod
    def _whole(cls, cloudformation_json: dict[str, Any], name: str, logical_id: str, stack_id: str) -> Properties:
        named = {"FunctionName": name} if cls.kind.physical == "FunctionName" else {}
        ours = {ID: name, LOGICAL_ID: logical_id, STACK_ID: stack_id}
        return {**named, **cloudformation_json["Properties"], **ours}


@contextmanager
def _naming(cls: type[Resource], name: str) -> Iterator[None]:
    """Name the resource in an error that AWS answers."""
    try:
        yield
    except ServiceError as error:
        raise StackResourceError(f"{cls.cf_resource_type} {name}: {error.code}: {error.message}") from None


_classes: dict[str, type[Resource]] = {}


def _resource_class(resource_type: str) -> type[Resource]:
    if resource_type not in _classes:
        name = resource_type.removeprefix(_PREFIX)
        is_custom = resource_type.startswith(_CUSTOM)
        kind = custom_kind(resource_type) if is_custom else KINDS.get(name) or _unknown(resource_type)
        members = {"kind": kind, "attributes": kind.attributes, "cf_resource_type": resource_type}
        _classes[resource_type] = type(f"Lambda{name}", (Resource,), members)
    return _classes[resource_type]


def _unknown(resource_type: str) -> Kind:
    def make(_stack: Stack, _properties: Properties) -> Made:
        raise StackResourceError(
            f"{resource_type} cannot be made by a stack here: lambda_states_mock makes "
            f"{', '.join(_PREFIX + known for known in KINDS)}.\n"
            "  Make it with a client of boto3 beside the stack."
        )

    return Kind(make, physical="", attributes=(), delete=lambda _stack, _made: None)


# -- when something fails


def _stack_of(account: str, region: str, stack_id: str) -> Any:
    """Return moto's stack."""
    return sys.modules[_MODELS].cloudformation_backends[account][region].stacks[stack_id]


def _add_event(stack: Any, what: tuple[str, str], status: str, error: BaseException) -> None:
    """Let ``describe_stack_events`` say why it went wrong. Parameters: *what*, type and name of a resource."""
    stack.events.append(_event(stack, what, status, reason=str(error)))


def _event(stack: Any, what: tuple[str, str], status: str, *, physical_id: str = "", reason: str | None = None) -> Any:
    """Return what happens to *what*, type and name of a resource."""
    resource_type, logical_id = what
    models: Any = sys.modules[_MODELS]
    event: Any = models.Event if hasattr(models, "Event") else models.FakeEvent  # before moto 5.1
    return event(
        stack_id=stack.stack_id,
        stack_name=stack.name,
        logical_resource_id=logical_id,
        physical_resource_id=physical_id,
        resource_type=resource_type,
        resource_status=status,
        resource_status_reason=reason,
        resource_properties=None,
    )


def _take_back_creation(stack: Any, cls: type[Resource], logical_id: str, error: StackResourceError) -> None:
    """Delete what a new stack has made so far."""
    _add_event(stack, (cls.cf_resource_type, logical_id), "CREATE_FAILED", error)
    _set_status(stack, "ROLLBACK_IN_PROGRESS")
    stack.resource_map.delete()
    _empty(stack)
    _set_status(stack, "ROLLBACK_COMPLETE")


def _empty(stack: Any) -> None:
    """Leave *stack* without resources and outputs: moto would make them when somebody looks."""
    stack.resource_map._resource_json_map = {}  # noqa: SLF001 - moto has no other way
    outputs: Any = type(stack.output_map)
    stack.output_map = outputs(stack.resource_map, {"Outputs": {}}, stack.stack_id)


def _set_status(stack: Any, status: str) -> None:
    stack.status = status
    event = _event(stack, ("AWS::CloudFormation::Stack", stack.name), status, physical_id=stack.stack_id)
    event.sendToSns(stack.account_id, stack.region_name, stack.notification_arns)
    stack.events.append(event)


# -- updates


class _Update:
    """An update of a stack, also of an empty one by a change set."""

    def __init__(self, resources: Any, parsing: Any, of_moto: Any) -> None:
        self.made: list[Resource] = []  # in the course of it
        self.changed: list[tuple[Resource, Properties]] = []  # in place, with the properties that were to be
        self.discarded: list[Resource] = []  # replaced or taken out of the template
        self.failed: StackResourceError | None = None  # of ours
        self.failed_at: tuple[str, str] | None = None
        self.rolls_back = False
        self._resources = resources
        self._parsing = parsing
        self._of_moto = of_moto
        region, account = resources.stack_id.split(":")[3:5]
        self._place: tuple[str, str] = (account, region)
        self._before: dict[str, Any] = dict(resources._parsed_resources)  # noqa: SLF001
        self._template: dict[str, Any] = resources._template or {"Resources": {}}  # noqa: SLF001
        self._parameters = dict(resources.input_parameters)

    def run(self, template: dict[str, Any], parameters: dict[str, Any] | None) -> None:
        """Do what moto does, and the rest; when that fails, undo it and raise what has failed."""
        stack_id = self._resources.stack_id
        if stack_id in _updates:
            self._of_moto(self._resources, template, parameters)
            return
        _updates[stack_id] = self
        try:
            self._of_moto(self._resources, template, parameters)
            self._pass_on()
        except Exception as error:
            self._undo(error)
            raise
        finally:
            del _updates[stack_id]
        for name in self._template["Resources"].keys() - template["Resources"].keys():
            self._resources._parsed_resources.pop(name, None)  # noqa: SLF001 - moto keeps it
        _delete(self._place, self._unwanted(template))

    def note_failure(self, kind: type[Resource], logical_id: str, error: StackResourceError | None = None) -> None:
        """Note which resource has failed, and with what *error* if moto would try it again."""
        self.failed_at = kind.cf_resource_type, logical_id
        self.failed = error or self.failed

    def _pass_on(self) -> None:
        """Change what refers to something that is another one now, until nothing does."""
        parsed, texts = self._resources._parsed_resources, self._resources._resource_json_map  # noqa: SLF001
        account, region = self._place
        is_changing = True
        while is_changing:
            is_changing = False
            for name in [name for name in texts if isinstance(parsed.get(name), Resource)]:
                now = self._parsing.parse_and_update_resource(name, texts[name], self._resources, account, region)
                is_changing |= now is not parsed[name]
                parsed[name] = now

    def _unwanted(self, template: Mapping[str, Any]) -> list[Resource]:
        """Return what has been discarded, without what the templates say is to stay."""

        def stays(resource: Resource) -> bool:
            name = resource.logical_resource_id
            if name in template["Resources"]:
                return bool(template["Resources"][name].get("UpdateReplacePolicy") == "Retain")
            return bool(self._template["Resources"][name].get("DeletionPolicy") == "Retain")

        return [resource for resource in self.discarded if not stays(resource)]

    def _undo(self, error: Exception) -> None:
        stack = _stack_of(*self._place, self._resources.stack_id)
        is_new = not self._template["Resources"]
        prefix = "" if is_new else "UPDATE_"
        if self.failed_at is not None:
            _add_event(stack, self.failed_at, "CREATE_FAILED" if is_new else "UPDATE_FAILED", error)
        _set_status(stack, f"{prefix}ROLLBACK_IN_PROGRESS")
        self._undo_motos()
        made = Stack(*self._place)
        for old, properties in reversed(self.changed):
            assert old.kind.update is not None
            old.made = old.kind.update(made, old.properties, properties, old.made)
        _delete(self._place, reversed(self.made))
        if is_new:
            _empty(stack)
        stack.template, stack.template_dict = json.dumps(self._template, default=str), self._template
        _set_status(stack, f"{prefix}ROLLBACK_COMPLETE")

    def _undo_motos(self) -> None:
        """Bring back the template and moto's own resources; ours, as they were, stand by."""
        self.rolls_back = True
        parsed: dict[str, Any] = self._resources._parsed_resources  # noqa: SLF001
        texts: dict[str, Any] = self._resources._resource_json_map  # noqa: SLF001
        ours = {name: one for name, one in self._before.items() if isinstance(one, Resource)}
        for name in [name for name, one in parsed.items() if isinstance(one, Resource)]:
            del parsed[name]
        for name in texts.keys() ^ self._template["Resources"].keys():
            if name not in self._template["Resources"] and name not in parsed:
                del texts[name]  # it was not made yet, or it is ours and is deleted afterwards
            elif name in self._template["Resources"] and name not in ours:
                parsed.pop(name, None)  # moto has deleted it, and keeps it
        parsed.update(ours)
        self._of_moto(self._resources, self._template, self._parameters)


_updates: dict[str, _Update] = {}
"""Those under way, by the ids of their stacks."""


def _delete(place: tuple[str, str], resources: Iterable[Resource]) -> None:
    """Delete *resources* in an order in which that is possible; what is still in use stays, as with AWS."""
    remaining, tried = list(resources), -1
    while remaining and len(remaining) != tried:
        tried = len(remaining)
        for resource in list(remaining):
            try:
                resource.delete_now(*place)
            except ServiceError:
                continue
            remaining.remove(resource)
