"""Aliases: names for versions, with routing weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lambda_states_mock import service_errors as texts
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.concurrency import check_move
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import LATEST
from lambda_states_mock.resources.function import Alias, Version
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import ErrorTemplate
from lambda_states_mock.shapes.checks import check_revision, found
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.views import alias_view
from lambda_states_mock.states.function import FunctionEvent


@operation("CreateAlias")
def create_alias(call: Call, params: Params) -> View:
    wanted, name, version = call.named(params), params["Name"], params["FunctionVersion"]
    arn = wanted.place.function_arn(wanted.name, name)
    weights = _checked(_routed(params), version)
    _check_versions(wanted, version, weights)
    if (wanted.name, name) in wanted.partition.aliases:
        raise texts.ALIAS_EXISTS.error(arn=arn)
    limit = call.service.limits.aliases
    if limit is not None and len(list(wanted.partition.aliases.under((wanted.name,)))) >= limit:
        raise texts.TOO_MANY_ALIASES.error(arn=wanted.place.function_arn(wanted.name), limit=limit)
    alias = Alias(
        name=name,
        function_version=version,
        revision_id=call.service.chance.uuid(),
        description=params.get("Description", ""),
        weights=weights,
    )
    wanted.partition.aliases.put((wanted.name, name), alias)
    return alias_view(arn, alias)


@operation("GetAlias")
def get_alias(call: Call, params: Params) -> View:
    _, arn, alias = _existing(call, params, texts.ALIAS_NOT_FOUND)
    return alias_view(arn, alias)


@operation("UpdateAlias")
def update_alias(call: Call, params: Params) -> View:
    wanted, arn, alias = _existing(call, params, texts.UPDATED_ALIAS_NOT_FOUND)
    check_revision(params, alias.revision_id)
    version = params.get("FunctionVersion", alias.function_version)
    moves = version != alias.function_version
    # What comes of it counts, not what is sent: moving the version onto the one that has a weight is refused.
    weights = _checked(_routed(params) if "RoutingConfig" in params else alias.weights, version)
    if "RoutingConfig" in params or "FunctionVersion" in params:
        targets = _check_versions(wanted, version, weights)
        for target in targets:
            call.service.lifecycles.check(target, FunctionEvent.ROUTE_ASKED)
        if moves:
            check_move(replace(wanted, qualifier=alias.name), targets[0])
    alias = replace(
        alias,
        function_version=version,
        weights=weights,
        description=params.get("Description", alias.description),
        revision_id=call.service.chance.uuid(),
    )
    wanted.partition.aliases.put((wanted.name, alias.name), alias)
    if moves:
        call.service.provisioned.alias_moved(wanted.partition, wanted.name, alias.name)
    return alias_view(arn, alias)


@operation("DeleteAlias")
def delete_alias(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.partition.delete_alias(wanted.name, params["Name"])  # one that is not there: 204 all the same
    call.service.registry.end_under(wanted.place.function_arn(wanted.name, params["Name"]))
    call.service.provisioned.release(wanted.partition, wanted.name)
    return {}


@operation("ListAliases")
def list_aliases(call: Call, params: Params) -> View:
    wanted = call.named(params)
    wanted.function()
    version = params.get("FunctionVersion")

    def view(alias: Alias) -> View:
        return alias_view(wanted.place.function_arn(wanted.name, alias.name), alias)

    def chosen(alias: Alias) -> bool:
        return version in (alias.function_version, *alias.weights)

    aliases, chosen_if_asked = wanted.partition.aliases, chosen if version else None
    return page_of(call, aliases, params, "Aliases", view, prefix=(wanted.name,), chosen=chosen_if_asked)


def _existing(call: Call, params: Params, missing: ErrorTemplate) -> tuple[ResolvedName, str, Alias]:
    wanted = call.named(params)
    arn = wanted.place.function_arn(wanted.name, params["Name"])
    return wanted, arn, found(wanted.partition.aliases.get((wanted.name, params["Name"])), missing, arn=arn)


def _routed(params: Params) -> Mapping[str, float]:
    weights: Mapping[str, float] = (params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return weights


def _checked(weights: Mapping[str, float], version: str) -> Mapping[str, float]:
    """Return *weights*, which share out what the alias of *version* gets. Raises what AWS refuses."""
    if len(weights) > 1:
        raise texts.TOO_MANY_ROUTES.error()
    if weights and version == LATEST:
        raise texts.LATEST_ROUTED.error()
    if version in weights:
        raise texts.ROUTED_TWICE.error(version=version)
    return MappingProxyType(dict(weights))


def _check_versions(wanted: ResolvedName, version: str, weights: Mapping[str, float]) -> list[Version]:
    """Return the versions that an alias is to lead to.

    Raises ResourceNotFoundException, and InvalidParameterValueException where two of them may not share it.
    """
    versions = [
        found(
            wanted.partition.version(wanted.name, number),
            texts.FUNCTION_NOT_FOUND,
            arn=wanted.place.function_arn(wanted.name, number),
        )
        for number in (version, *weights)
    ]
    first = versions[0].configuration
    for other in versions[1:]:
        for what, is_same in (
            ("execution role", other.configuration.role == first.role),
            ("dead-letter queue configuration", other.configuration.dead_letter_target == first.dead_letter_target),
        ):
            if not is_same:
                raise texts.OTHER_ROUTED.error(version=version, other=other.number, what=what)
    return versions
