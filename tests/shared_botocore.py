"""What botocore makes anew for each session and client, and what is the same each time: made once for all tests.

It forgets models with each session, and moto makes a new one for each mock. Nothing here changes what a client does.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import botocore.client
import botocore.hooks
import botocore.httpsession
import botocore.regions
from botocore.hooks import EventAliaser, NodeList
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel


@contextmanager
def shared() -> Iterator[None]:
    """Let all clients share what they have alike."""
    with ExitStack() as undo:
        _share_models(undo)
        _share_what_models_lead_to(undo)
        _share_names_of_events(undo)
        _copy_handlers_quickly(undo)
        _share_context_of_tls(undo)
        _load_no_certificates(undo)
        yield


def _replace(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _share_models(undo: ExitStack) -> None:
    """List and read the models once, and look through each once: they are many, and large."""
    read, listed = JSONFileLoader.load_file, Loader.list_available_services

    @cache
    def known(path: str) -> Any:
        return read(JSONFileLoader(), path)

    @cache
    def known_services(type_name: str, *folders: str) -> list[str]:
        found: list[str] = listed(Loader(extra_search_paths=[*folders], include_default_search_paths=False), type_name)
        return found

    models: dict[tuple[int, str | None], tuple[Any, ServiceModel]] = {}

    def model_of(document: Any, service_name: str | None = None) -> ServiceModel:
        key = id(document), service_name  # of no other one, since it is held
        if key not in models:
            models[key] = document, ServiceModel(document, service_name)
        return models[key][1]

    _replace(undo, JSONFileLoader, "load_file", lambda _self, path: known(path))
    _replace(undo, botocore.client, "ServiceModel", model_of)
    _replace(
        undo,
        Loader,
        "list_available_services",
        lambda self, type_name: [*known_services(type_name, *self.search_paths)],
    )


def _share_what_models_lead_to(undo: ExitStack) -> None:
    """Make the methods of a service's clients once, and the rules that say where they call."""
    creator: Any = botocore.client.ClientCreator
    regions: Any = botocore.regions
    make, make_provider = creator._create_methods, regions.EndpointProvider
    methods: dict[int, tuple[ServiceModel, dict[str, Any]]] = {}
    providers: dict[tuple[int, int, frozenset[str]], tuple[Any, Any, Any]] = {}

    def methods_of(self: Any, model: ServiceModel) -> dict[str, Any]:
        if id(model) not in methods:
            methods[id(model)] = model, make(self, model)
        return dict(methods[id(model)][1])

    def provider_of(ruleset_data: Any, partition_data: Any, excluded_params: Any = None, **more: Any) -> Any:
        key = id(ruleset_data), id(partition_data), frozenset(excluded_params or ())
        if key not in providers:
            left_out = {} if excluded_params is None else {"excluded_params": excluded_params}  # a botocore may lack it
            made = make_provider(ruleset_data=ruleset_data, partition_data=partition_data, **left_out, **more)
            providers[key] = ruleset_data, partition_data, made
        return providers[key][2]

    _replace(undo, creator, "_create_methods", methods_of)
    _replace(undo, regions, "EndpointProvider", provider_of)


def _share_names_of_events(undo: ExitStack) -> None:
    """Look each name of an event up once among the old names of services, of which there are many."""
    aliaser: Any = EventAliaser
    begin, copied = aliaser.__init__, aliaser.__copy__
    usual: dict[str, str] = {}

    def begun(self: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        begin(self, event_emitter, event_aliases)
        if event_aliases is None:
            self._alias_name_cache = usual

    def copy_of(self: Any) -> Any:
        another = copied(self)
        another._alias_name_cache = self._alias_name_cache
        return another

    _replace(undo, aliaser, "__init__", begun)
    _replace(undo, aliaser, "__copy__", copy_of)


def _copy_handlers_quickly(undo: ExitStack) -> None:
    """Copy the handlers of events, which each session and client does, without asking each list how it is copied."""

    def copy_of(self: Any, node: dict[str, Any]) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for key, value in node.items():
            if type(value) is dict:
                copied[key] = copy_of(self, value)
            elif type(value) is NodeList:
                copied[key] = NodeList([*value.first], [*value.middle], [*value.last])
            else:
                copied[key] = value
        return copied

    hooks: Any = botocore.hooks
    _replace(undo, hooks._PrefixTrie, "_recursive_copy", copy_of)


def _share_context_of_tls(undo: ExitStack) -> None:
    """Give all connections one context: no test encrypts any."""
    session: Any = botocore.httpsession.URLLib3Session
    made = cache(botocore.httpsession.create_urllib3_context)
    _replace(undo, session, "_get_ssl_context", lambda _self: made())


def _load_no_certificates(undo: ExitStack) -> None:
    """Let other clients make their contexts without the certificates of the machine: to read them takes 25 ms."""
    for name in ("load_verify_locations", "load_default_certs"):
        _replace(undo, ssl.SSLContext, name, lambda *_, **__: None)
