"""Function URLs: one for a function, one for each of its aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from lambda_states_mock.instants import iso_microseconds
from lambda_states_mock.invocation.names import ResolvedName
from lambda_states_mock.operations.registry import operation
from lambda_states_mock.resources.arn import function_reference
from lambda_states_mock.resources.function import NOTHING
from lambda_states_mock.resources.function_url_config import FunctionUrlConfig
from lambda_states_mock.service import Call, Params, View
from lambda_states_mock.service_errors import NO_FUNCTION_FOR_URL, NO_SUCH_RESOURCE, URL_EXISTS, URL_NOT_DELETED
from lambda_states_mock.shapes.checks import found
from lambda_states_mock.shapes.configuration import check_not_isolating
from lambda_states_mock.shapes.paging import page_of
from lambda_states_mock.shapes.views import given


@operation("CreateFunctionUrlConfig")
def create_function_url_config(call: Call, params: Params) -> View:
    wanted = _reachable(call, params)
    if _key(wanted) in wanted.partition.function_urls:
        raise URL_EXISTS.error(arn=wanted.arn)
    check_not_isolating(wanted.version().configuration, "A function URL")
    config = FunctionUrlConfig(
        place=wanted.place,
        function=wanted.name,
        alias=wanted.qualifier,
        id=call.service.chance.token(32),
        auth_type=params["AuthType"],
        invoke_mode=params.get("InvokeMode"),
        cors=_cors(params.get("Cors")),
        created=call.now,
        last_modified=call.now,
    )
    wanted.partition.function_urls.put(_key(wanted), config)
    return created_url_view(config)


@operation("UpdateFunctionUrlConfig")
def update_function_url_config(call: Call, params: Params) -> View:
    wanted = _reachable(call, params)
    config = _existing(wanted)
    config = replace(
        config,
        auth_type=params.get("AuthType", config.auth_type),
        invoke_mode=params.get("InvokeMode", config.invoke_mode),
        cors=_cors(params["Cors"]) if params.get("Cors") is not None else config.cors,
        last_modified=call.now,
    )
    wanted.partition.function_urls.put(_key(wanted), config)
    return {**created_url_view(config), "LastModifiedTime": iso_microseconds(config.last_modified)}


@operation("GetFunctionUrlConfig")
def get_function_url_config(call: Call, params: Params) -> View:
    return function_url_view(_existing(call.named(params)))


@operation("DeleteFunctionUrlConfig")
def delete_function_url_config(call: Call, params: Params) -> View:
    derived = function_reference(params["FunctionName"])
    if derived and derived.qualifier and params.get("Qualifier", derived.qualifier) != derived.qualifier:
        raise URL_NOT_DELETED.error()  # recorded: this one operation fails where the others refuse
    wanted = call.named(params)
    _existing(wanted)
    wanted.partition.function_urls.delete(_key(wanted))
    return {}


@operation("ListFunctionUrlConfigs")
def list_function_url_configs(call: Call, params: Params) -> View:
    wanted = call.named(params)
    if wanted.name not in wanted.partition.functions:
        raise NO_FUNCTION_FOR_URL.error()
    urls = wanted.partition.function_urls
    return page_of(call, urls, params, "FunctionUrlConfigs", function_url_view, prefix=(wanted.name,))


def _reachable(call: Call, params: Params) -> ResolvedName:
    """Return the function or alias that a URL is to lead to. Raises ResourceNotFoundException."""
    wanted = call.named(params)
    if wanted.name not in wanted.partition.functions or (wanted.qualifier and wanted.alias() is None):
        raise NO_FUNCTION_FOR_URL.error()
    return wanted


def _key(wanted: ResolvedName) -> tuple[str, str]:
    return wanted.name, wanted.qualifier or ""


def _existing(wanted: ResolvedName) -> FunctionUrlConfig:
    return found(wanted.partition.function_urls.get(_key(wanted)), NO_SUCH_RESOURCE)


def _cors(sent: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return MappingProxyType(dict(sent)) if sent else NOTHING


def created_url_view(config: FunctionUrlConfig) -> View:
    """Return a function URL as Create answers it: InvokeMode only where it was ever set."""
    view = {
        "FunctionUrl": config.url,
        "FunctionArn": config.function_arn,
        "AuthType": config.auth_type,
        "CreationTime": iso_microseconds(config.created),
        "InvokeMode": config.invoke_mode,
        "Cors": dict(config.cors) or None,
    }
    return given(view)


def function_url_view(config: FunctionUrlConfig) -> View:
    """Return a function URL as Get and List answer it."""
    return {
        **created_url_view(config),
        "InvokeMode": config.invoke_mode or "BUFFERED",
        "LastModifiedTime": iso_microseconds(config.last_modified),
    }
