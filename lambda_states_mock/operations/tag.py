"""Tags: of functions, event source mappings, code signing configurations and capacity providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lambda_states_mock import service_errors as texts
from lambda_states_mock.dependencies.authorization import check_owner
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.quick_dataclasses import dataclass
from lambda_states_mock.resources.arn import LATEST, Place
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.shapes.checks import found
from lambda_states_mock.states.last_update import UpdateEvent
from lambda_states_mock.store import Partition, Table


@dataclass(frozen=True, slots=True)
class Taggable:
    """A kind of resource that takes tags: its *table*, the *key* there by id and ARN, the answer if it is *missing*."""

    table: Callable[[Partition], Table[str, Any]]
    missing: ErrorTemplate
    key: Callable[[str, str], str] = lambda identity, _arn: identity


TAGGABLE: Mapping[str, Taggable] = MappingProxyType(
    {
        "function": Taggable(lambda partition: partition.functions, texts.FUNCTION_NOT_FOUND),
        "event-source-mapping": Taggable(lambda partition: partition.event_source_mappings, texts.MAPPING_NOT_FOUND),
        "code-signing-config": Taggable(
            lambda partition: partition.code_signing_configs, texts.CODE_SIGNING_CONFIG_NOT_FOUND, lambda _id, arn: arn
        ),
        "capacity-provider": Taggable(
            lambda partition: partition.capacity_providers, texts.CAPACITY_PROVIDER_NOT_FOUND
        ),
    }
)
"""By the kind that an ARN names."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """One resource that was found: its *record* at *key* of *table*."""

    kind: str
    partition: Partition
    table: Table[str, Any]
    key: str
    record: Any

    def put(self, call: Call, tags: Mapping[str, str]) -> None:
        """Let *tags* be its tags; a function has a new revision then (recorded)."""
        self.table.put(self.key, replace(self.record, tags=MappingProxyType(dict(tags))))
        latest = self.partition.version(self.key, LATEST) if self.kind == "function" else None
        if latest is not None:
            self.partition.put(replace(latest, revision_id=call.service.chance.uuid()))


@operation("TagResource")
def tag_resource(call: Call, params: Params) -> View:
    if not params["Tags"]:
        raise texts.NO_TAGS.error()
    tagged = _changeable(call, params)
    tags = {**tagged.record.tags, **params["Tags"]}
    if len(tags) > call.service.limits.tags:
        raise texts.TOO_MANY_TAGS.error()
    tagged.put(call, tags)
    return {}


@operation("UntagResource")
def untag_resource(call: Call, params: Params) -> View:
    tagged, gone = _changeable(call, params), set(params["TagKeys"])
    tagged.put(call, {key: value for key, value in tagged.record.tags.items() if key not in gone})
    return {}


@operation("ListTags")
def list_tags(call: Call, params: Params) -> View:
    return {"Tags": dict(_tagged(call, params["Resource"]).record.tags)}


def _changeable(call: Call, params: Params) -> Tagged:
    """Return what is to be tagged. Raises ResourceConflictException while an update of a function is in progress."""
    tagged = _tagged(call, params["Resource"])
    latest = tagged.partition.version(tagged.key, LATEST) if tagged.kind == "function" else None
    if latest is not None:
        call.service.lifecycles.check_update(latest, UpdateEvent.TAG_ASKED)
    return tagged


def _tagged(call: Call, arn: str) -> Tagged:
    _, _, _, region, account, kind, identity = arn.split(":", 6)
    taggable = TAGGABLE.get(kind)
    if taggable is None:
        raise texts.NO_SUCH_RESOURCE.error()
    if kind == "function":
        if ":" in identity:
            raise texts.TAGS_ON_QUALIFIED.error()
        call.reference(arn)  # refuses other regions
    else:
        check_owner(call.service.world, call.operation, arn, call.caller)
    partition = call.at(Place(account, call.place.region))
    table, key = taggable.table(partition), taggable.key(identity, arn)
    record = table.get(key) if region == call.place.region else None
    return Tagged(kind, partition, table, key, found(record, taggable.missing, arn=arn))
