"""Event source mappings: which queue, stream, topic or change stream is read for which function."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import partial

from lambda_states_mock.engine.driver import StateMachine
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.event_source_mapping import EventSourceMapping, source_of
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import NO_SUCH_RESOURCE, UNRECOGNIZED_SOURCE
from lambda_states_mock.shapes import event_source as rules
from lambda_states_mock.shapes.checks import found, tags_of
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.withheld import filters_error
from lambda_states_mock.states.event_source_mapping import (
    EVENT_SOURCE_MAPPING,
    MappingEvent,
    MappingState,
    create_event,
    update_event,
)


@operation("CreateEventSourceMapping")
def create_event_source_mapping(call: Call, params: Params) -> View:
    source = source_of(params.get("EventSourceArn"), params.get("SelfManagedEventSource"))
    if source is None:
        raise UNRECOGNIZED_SOURCE.error()
    # Recorded of an unrecognized source and of an unsupported parameter: what is sent is looked at before the function.
    rules.check_supported(source, params)
    rules.check_needed(source, params)
    rules.check_access(params, is_update=False)
    rules.check_consumption(source, params, {})
    rules.check_start(source, params, call.now)
    uuid = call.service.chance.uuid()
    settings = rules.settings_of(source, params, rules.defaults_of(source), uuid)
    rules.check_batches(source, settings)
    rules.check_scaling(source, settings)
    rules.check_filters(source, params, call.service.limits.filters)
    tags = tags_of(call, params)
    wanted, version = rules.mapped_function(call, params)
    rules.check_unmapped(call, source, wanted, settings)
    rules.check_source(call, source, version)
    mapping = EventSourceMapping(
        place=call.place, uuid=uuid, source=source, function_arn=wanted.arn, settings=settings, tags=tags
    )
    call.partition.event_source_mappings.put(uuid, mapping)
    _begin_lifecycle(call, mapping, wanted.name, create_event(params.get("Enabled", True)))
    return mapping_view(call, mapping)


def _begin_lifecycle(call: Call, mapping: EventSourceMapping, function: str, event: MappingEvent) -> None:
    mappings, registry = call.partition.event_source_mappings, call.service.registry

    def moved(machine: StateMachine[MappingState, MappingEvent], _before: MappingState) -> None:
        if machine.state is MappingState.ABSENT:
            mappings.delete(mapping.uuid)
            registry.end(EVENT_SOURCE_MAPPING, mapping.arn)
        call.service.pollers.follow(mappings.get(mapping.uuid), machine)

    registry.begin(
        EVENT_SOURCE_MAPPING,
        mapping.place,
        mapping.arn,
        label=f"{mapping.source.name} -> {mapping.function}",
        kind=mapping.source.kind.name,
        timings=call.service.timings.of(mapping.place, function),
        scope={"function": function},
        moved=moved,
    )
    registry.fire(EVENT_SOURCE_MAPPING, mapping.arn, event)


@operation("GetEventSourceMapping")
def get_event_source_mapping(call: Call, params: Params) -> View:
    return mapping_view(call, _mapping(call, params))


@operation("UpdateEventSourceMapping")
def update_event_source_mapping(call: Call, params: Params) -> View:
    mapping = _mapping(call, params)
    event, registry = update_event(params.get("Enabled")), call.service.registry
    registry.check(EVENT_SOURCE_MAPPING, mapping.arn, event)
    source = mapping.source
    rules.check_supported(source, params)
    rules.check_access(params, is_update=True)
    rules.check_consumption(source, params, mapping.settings)
    settings = rules.settings_of(source, params, mapping.settings, mapping.uuid)
    rules.check_batches(source, settings)
    rules.check_scaling(source, settings)
    rules.check_filters(source, params, call.service.limits.filters)
    function_arn = mapping.function_arn
    if "FunctionName" in params:
        wanted, version = rules.mapped_function(call, params)
        rules.check_unmapped(call, source, wanted, settings, but=mapping.uuid)
        rules.check_source(call, source, version)
        function_arn = wanted.arn
    mapping = replace(mapping, settings=settings, function_arn=function_arn)
    call.partition.event_source_mappings.put(mapping.uuid, mapping)
    registry.fire(EVENT_SOURCE_MAPPING, mapping.arn, event)
    return mapping_view(call, mapping)


@operation("DeleteEventSourceMapping")
def delete_event_source_mapping(call: Call, params: Params) -> View:
    mapping = _mapping(call, params)
    call.service.registry.fire(EVENT_SOURCE_MAPPING, mapping.arn, MappingEvent.DELETE_ASKED)
    return mapping_view(call, mapping)


@operation("ListEventSourceMappings")
def list_event_source_mappings(call: Call, params: Params) -> View:
    source_arn, function = params.get("EventSourceArn"), params.get("FunctionName")
    named = call.reference(function) if function else None

    def chosen(mapping: EventSourceMapping) -> bool:
        if source_arn and mapping.source.arn != source_arn:
            return False
        if named is None:
            return True
        unqualified = named.place.function_arn(named.name)
        mine = mapping.function_arn == unqualified or mapping.function_arn.startswith(f"{unqualified}:")
        return mapping.function_arn == named.arn if named.qualifier else mine

    table, most = call.partition.event_source_mappings, call.service.limits.event_source_mappings_page
    return page_of(call, table, params, "EventSourceMappings", partial(mapping_view, call), most=most, chosen=chosen)


def _mapping(call: Call, params: Params) -> EventSourceMapping:
    return found(call.partition.event_source_mappings.get(params["UUID"]), NO_SUCH_RESOURCE)


def mapping_view(call: Call, mapping: EventSourceMapping) -> View:
    """Return an EventSourceMappingConfiguration; LastModified is also the time of the last change of state (model)."""
    machine, kind = call.service.registry.of(EVENT_SOURCE_MAPPING, mapping.arn), mapping.source.kind
    polled = call.service.pollers.of(mapping.uuid)
    view: View = {
        **deepcopy(dict(mapping.settings)),
        "UUID": mapping.uuid,
        "FunctionArn": mapping.function_arn,
        "LastModified": machine.since,
        "State": machine.shown,
        "StateTransitionReason": (polled.stopped if polled is not None else None) or kind.reason,
    }
    unreadable = filters_error(call, view.get("KMSKeyArn")) if "FilterCriteria" in view else None
    if unreadable is not None:
        del view["FilterCriteria"]
        view["FilterCriteriaError"] = unreadable
    if kind.shows_arn:
        view["EventSourceArn"] = mapping.source.arn
        view["EventSourceMappingArn"] = mapping.arn
    if kind.result is not None:
        view["LastProcessingResult"] = (polled.poller.last_result if polled is not None else None) or kind.result
    return view
