"""Tags of functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lambda_states_mock.operations.names import Named, reference
from lambda_states_mock.operations.world import Call, Params, View, operation
from lambda_states_mock.resources.function import Function
from lambda_states_mock.service_errors import TAGS_ON_QUALIFIED, TOO_MANY_TAGS
from lambda_states_mock.states.last_update import Event


@operation("TagResource")
def tag_resource(call: Call, params: Params) -> View:
    wanted, function = _tagged(call, params)
    call.world.lives.check_update(wanted.latest(), Event.TAG_ASKED)
    tags = {**function.tags, **params["Tags"]}
    if len(tags) > call.world.limits.tags:
        raise TOO_MANY_TAGS.error()
    _put(call, wanted, function, tags)
    return {}


@operation("UntagResource")
def untag_resource(call: Call, params: Params) -> View:
    wanted, function = _tagged(call, params)
    call.world.lives.check_update(wanted.latest(), Event.TAG_ASKED)
    gone = set(params["TagKeys"])
    _put(call, wanted, function, {key: value for key, value in function.tags.items() if key not in gone})
    return {}


@operation("ListTags")
def list_tags(call: Call, params: Params) -> View:
    _, function = _tagged(call, params)
    return {"Tags": dict(function.tags)}


def _tagged(call: Call, params: Params) -> tuple[Named, Function]:
    wanted = reference(call, params["Resource"])
    if wanted.qualifier is not None:
        raise TAGS_ON_QUALIFIED.error()
    return wanted, wanted.function()


def _put(call: Call, wanted: Named, function: Function, tags: Mapping[str, str]) -> None:
    wanted.partition.functions.put(wanted.name, replace(function, tags=MappingProxyType(dict(tags))))
    wanted.partition.put(replace(wanted.latest(), revision_id=call.world.chance.uuid()))
